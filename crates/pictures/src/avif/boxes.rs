//! The boxes of an AVIF file (ISO 14496-12, 23008-12): which bytes are which picture, and what is
//! said of it. Nothing is decoded and nothing allocated but lists as long as the file says, within
//! bounds.

use crate::Refused;

/// More items or tiles than any camera writes.
const MANY: usize = 512;

/// Reads numbers in order, and complains at the end of the bytes.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Refused> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Refused::Broken)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number of so many bytes, up to eight.
    fn number(&mut self, bytes: usize) -> Result<u64, Refused> {
        if bytes > 8 {
            return Err(Refused::Broken);
        }
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn u8(&mut self) -> Result<u8, Refused> {
        Ok(self.take(1)?[0])
    }

    fn u32(&mut self) -> Result<u32, Refused> {
        u32::try_from(self.number(4)?).map_err(|_| Refused::Broken)
    }

    /// An item's number: two bytes, or four in later versions.
    fn id(&mut self, is_long: bool) -> Result<u32, Refused> {
        u32::try_from(self.number(if is_long { 4 } else { 2 })?).map_err(|_| Refused::Broken)
    }

    /// Version and flags of a full box.
    fn version(&mut self) -> Result<(u8, u64), Refused> {
        Ok((self.u8()?, self.number(3)?))
    }

    /// The next box: its kind and what it holds.
    fn next_box(&mut self) -> Result<Option<([u8; 4], Reader<'a>)>, Refused> {
        if self.0.len() < 8 {
            return Ok(None);
        }
        let size = self.number(4)?;
        let kind: [u8; 4] = self.take(4)?.try_into().map_err(|_| Refused::Broken)?;
        let length = match size {
            0 => self.0.len() as u64,
            1 => self.number(8)?.checked_sub(16).ok_or(Refused::Broken)?,
            _ => size.checked_sub(8).ok_or(Refused::Broken)?,
        };
        let length = usize::try_from(length).map_err(|_| Refused::Broken)?;
        Ok(Some((kind, Reader(self.take(length)?))))
    }
}

/// What is said of an item.
#[derive(Debug, Clone)]
pub enum Property {
    Size(u32, u32),
    /// Quarter turns against the clock.
    Turned(u8),
    /// What is exchanged: left and right, else top and bottom.
    Mirrored {
        left_right: bool,
    },
    Profile(Vec<u8>),
    /// Primaries, matrix, and whether the full range is used.
    Colours {
        primaries: u16,
        matrix: u16,
        full: bool,
    },
    /// More than eight bits.
    Deep(bool),
    Alpha,
    /// Known, and of no matter here.
    Other,
    /// Not known; a reader that must know it has to give up.
    Unknown,
}

#[derive(Debug, Default)]
pub struct Item {
    pub id: u32,
    pub kind: [u8; 4],
    in_idat: bool,
    extents: Vec<(u64, u64)>,
    pub properties: Vec<Property>,
}

/// A file's items and how they belong together.
pub struct File<'a> {
    bytes: &'a [u8],
    idat: &'a [u8],
    pub primary: u32,
    items: Vec<Item>,
    /// Kind, from, to.
    references: Vec<([u8; 4], u32, Vec<u32>)>,
}

impl<'a> File<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        let mut file =
            Self { bytes, idat: &[], primary: 0, items: Vec::new(), references: Vec::new() };
        let mut boxes = Reader(bytes);
        while let Some((kind, content)) = boxes.next_box()? {
            if &kind == b"meta" {
                file.meta(content)?;
                return Ok(file);
            }
        }
        Err(Refused::Unsupported("Animated AVIF".into()))
    }

    fn meta(&mut self, mut content: Reader<'a>) -> Result<(), Refused> {
        content.version()?;
        let mut properties = None;
        while let Some((kind, mut inner)) = content.next_box()? {
            match &kind {
                b"pitm" => {
                    let (version, _) = inner.version()?;
                    self.primary = inner.id(version > 0)?;
                }
                b"iinf" => self.infos(inner)?,
                b"iloc" => self.locations(inner)?,
                b"iref" => self.relations(inner)?,
                b"idat" => self.idat = inner.0,
                b"iprp" => properties = Some(inner),
                _ => {}
            }
        }
        self.properties(properties.ok_or(Refused::Broken)?)
    }

    fn entry(&mut self, id: u32) -> Result<&mut Item, Refused> {
        let at = match self.items.iter().position(|item| item.id == id) {
            Some(at) => at,
            None if self.items.len() >= MANY => return Err(Refused::Broken),
            None => {
                self.items.push(Item { id, ..Item::default() });
                self.items.len() - 1
            }
        };
        self.items.get_mut(at).ok_or(Refused::Broken)
    }

    fn infos(&mut self, mut inner: Reader<'a>) -> Result<(), Refused> {
        let (version, _) = inner.version()?;
        inner.number(if version == 0 { 2 } else { 4 })?;
        while let Some((kind, mut info)) = inner.next_box()? {
            let (version, _) = info.version()?;
            if &kind != b"infe" || version < 2 {
                continue;
            }
            let id = info.id(version > 2)?;
            info.number(2)?;
            self.entry(id)?.kind = info.take(4)?.try_into().map_err(|_| Refused::Broken)?;
        }
        Ok(())
    }

    fn locations(&mut self, mut inner: Reader<'a>) -> Result<(), Refused> {
        let (version, _) = inner.version()?;
        let sizes =
            [inner.u8()?, inner.u8()?].map(|byte| (usize::from(byte >> 4), usize::from(byte & 15)));
        let [(offset_size, length_size), (base_size, index_size)] = sizes;
        let index_size = if version > 0 { index_size } else { 0 };
        let count = inner.id(version > 1)?;
        for _ in 0..count {
            let id = inner.id(version > 1)?;
            let method = if version > 0 { inner.number(2)? & 15 } else { 0 };
            inner.number(2)?;
            let base = inner.number(base_size)?;
            let extents = inner.number(2)?;
            let mut places = Vec::new();
            for _ in 0..extents {
                inner.number(index_size)?;
                let offset = inner.number(offset_size)?.checked_add(base).ok_or(Refused::Broken)?;
                places.push((offset, inner.number(length_size)?));
            }
            let item = self.entry(id)?;
            item.in_idat = method == 1;
            item.extents = if method > 1 { Vec::new() } else { places };
        }
        Ok(())
    }

    fn relations(&mut self, mut inner: Reader<'a>) -> Result<(), Refused> {
        let (version, _) = inner.version()?;
        while let Some((kind, mut relation)) = inner.next_box()? {
            let from = relation.id(version > 0)?;
            let count = relation.number(2)?;
            let to = (0..count).map(|_| relation.id(version > 0)).collect::<Result<_, _>>()?;
            if self.references.len() >= MANY {
                return Err(Refused::Broken);
            }
            self.references.push((kind, from, to));
        }
        Ok(())
    }

    fn properties(&mut self, mut inner: Reader<'a>) -> Result<(), Refused> {
        let mut known = Vec::new();
        while let Some((kind, mut content)) = inner.next_box()? {
            match &kind {
                b"ipco" => {
                    while let Some((kind, property)) = content.next_box()? {
                        known.push(property_of(kind, property)?);
                    }
                }
                b"ipma" => self.associate(content, &known)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn associate(&mut self, mut content: Reader<'a>, known: &[Property]) -> Result<(), Refused> {
        let (version, flags) = content.version()?;
        let (width, essential) = if flags & 1 == 1 { (2, 0x8000) } else { (1, 0x80) };
        for _ in 0..content.u32()? {
            let id = content.id(version > 0)?;
            let count = content.u8()?;
            let item = self.entry(id)?;
            for _ in 0..count {
                let number = content.number(width)?;
                let index = usize::try_from(number & (essential - 1)).unwrap_or(0);
                let Some(index) = index.checked_sub(1) else { continue };
                match known.get(index).ok_or(Refused::Broken)? {
                    Property::Unknown if number & essential != 0 => {
                        return Err(Refused::Unsupported("AVIF files of this kind".into()));
                    }
                    property => item.properties.push(property.clone()),
                }
            }
        }
        Ok(())
    }

    pub fn item(&self, id: u32) -> Result<&Item, Refused> {
        self.items.iter().find(|item| item.id == id).ok_or(Refused::Broken)
    }

    /// What an item refers to in a certain way.
    pub fn targets(&self, kind: [u8; 4], from: u32) -> &[u32] {
        let found = self.references.iter().find(|(known, id, _)| *known == kind && *id == from);
        found.map_or(&[], |(_, _, to)| to)
    }

    /// The item that holds the transparency of another.
    pub fn alpha_of(&self, id: u32) -> Option<&Item> {
        let mut sources =
            self.references.iter().filter(|(kind, _, to)| kind == b"auxl" && to.contains(&id));
        sources.find_map(|(_, from, _)| {
            let item = self.item(*from).ok()?;
            item.properties
                .iter()
                .any(|property| matches!(property, Property::Alpha))
                .then_some(item)
        })
    }

    /// An item's bytes, its parts one after the other.
    pub fn content(&self, item: &Item) -> Result<Vec<u8>, Refused> {
        let source = if item.in_idat { self.idat } else { self.bytes };
        let mut content = Vec::new();
        for (offset, length) in &item.extents {
            let start = usize::try_from(*offset).map_err(|_| Refused::Broken)?;
            let rest = source.get(start..).ok_or(Refused::Broken)?;
            // No length: to the end.
            let length = usize::try_from(*length).map_err(|_| Refused::Broken)?;
            let length = if length == 0 { rest.len() } else { length };
            content.extend_from_slice(rest.get(..length).ok_or(Refused::Broken)?);
            // Parts may overlap; together they cannot be more than the file.
            if content.len() > source.len() {
                return Err(Refused::Broken);
            }
        }
        Ok(content)
    }
}

fn property_of(kind: [u8; 4], mut content: Reader<'_>) -> Result<Property, Refused> {
    Ok(match &kind {
        b"ispe" => {
            content.version()?;
            Property::Size(content.u32()?, content.u32()?)
        }
        b"irot" => Property::Turned(content.u8()? & 3),
        b"imir" => Property::Mirrored { left_right: content.u8()? & 1 == 1 },
        b"colr" => match content.take(4)? {
            b"nclx" => {
                let mut number = || content.number(2).map(|n| u16::try_from(n).unwrap_or(2));
                let (primaries, _transfer, matrix) = (number()?, number()?, number()?);
                Property::Colours { primaries, matrix, full: content.u8()? >> 7 == 1 }
            }
            b"prof" | b"rICC" => Property::Profile(content.0.to_vec()),
            _ => Property::Other,
        },
        b"av1C" => {
            content.number(2)?;
            Property::Deep(content.u8()? & 0x40 != 0)
        }
        b"auxC" => {
            content.version()?;
            let is_alpha = [
                b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha".as_slice(),
                b"urn:mpeg:hevc:2015:auxid:1",
            ]
            .into_iter()
            .any(|urn| content.0.starts_with(urn));
            if is_alpha { Property::Alpha } else { Property::Other }
        }
        b"pixi" | b"pasp" | b"clli" | b"mdcv" | b"lsel" | b"a1op" | b"a1lx" => Property::Other,
        _ => Property::Unknown,
    })
}
