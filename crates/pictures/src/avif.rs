//! AVIF, read only: the container here, in safe code; the pixels by `re_rav1d`, which is dav1d in
//! Rust. What is kept of it is a JPEG, or a PNG when it can be seen through.

mod boxes;
mod planes;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage, imageops};

use self::boxes::{File, Item, Property};
use self::planes::Colours;
use crate::{Limits, Refused, colour, still};

/// More tiles than any camera writes.
const TILES: usize = 256;

/// A picture of a file, or its transparency: one part, or tiles side by side.
struct Layer {
    width: u32,
    height: u32,
    columns: u32,
    /// The numbers of items, each with its size.
    parts: Vec<(u32, u32, u32)>,
    colours: Option<Colours>,
    is_deep: bool,
}

/// What the boxes say, checked against the limits.
struct Outline<'a> {
    file: File<'a>,
    colour: Layer,
    alpha: Option<Layer>,
    is_premultiplied: bool,
    orientation: Orientation,
    profile: Option<Vec<u8>>,
    is_p3: bool,
}

/// The memory that decoding needs: the planes and what the decoder keeps beside them, then pixels.
pub fn cost(bytes: &[u8], limits: &Limits) -> Result<u64, Refused> {
    Ok(Outline::of(bytes, limits)?.cost(limits))
}

/// Decodes to eight bits, in sRGB, upright, and no larger than asked for.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DynamicImage, Refused> {
    let outline = Outline::of(bytes, limits)?;
    if outline.cost(limits) > limits.max_alloc {
        let (width, height) = (outline.colour.width, outline.colour.height);
        return Err(Refused::TooManyPixels { width, height });
    }
    let picture = outline.colour.pixels(&outline.file, limits)?;
    let picture = match &outline.alpha {
        Some(alpha) => {
            with_alpha(&picture, &alpha.levels(&outline.file, limits)?, outline.is_premultiplied)?
        }
        None => DynamicImage::ImageRgb8(picture),
    };
    let picture = still::finish(picture, outline.orientation, outline.profile.as_deref(), limits)?;
    Ok(if outline.is_p3 { colour::from_p3(picture) } else { picture })
}

impl<'a> Outline<'a> {
    fn of(bytes: &'a [u8], limits: &Limits) -> Result<Self, Refused> {
        let file = File::read(bytes)?;
        let primary = file.item(file.primary)?;
        let colour = Layer::of(&file, primary, limits)?;
        let alpha = match file.alpha_of(primary.id) {
            Some(alpha) => Some(Layer::of(&file, alpha, limits)?),
            None => Layer::of_tiles(&file, primary, &colour)?,
        };
        if alpha.as_ref().is_some_and(|it| (it.width, it.height) != (colour.width, colour.height)) {
            return Err(Refused::Broken);
        }
        let (mut turns, mut mirror, mut profile, mut primaries) = (0, None, None, 2);
        for property in &primary.properties {
            match property {
                Property::Turned(quarters) => turns = *quarters,
                Property::Mirrored { left_right } => mirror = Some(*left_right),
                Property::Profile(bytes) => profile = Some(bytes.clone()),
                Property::Colours { primaries: named, .. } => primaries = *named,
                _ => {}
            }
        }
        let is_premultiplied = !file.targets(*b"prem", primary.id).is_empty();
        Ok(Self {
            is_premultiplied,
            orientation: orientation(turns, mirror),
            is_p3: profile.is_none() && primaries == 12,
            colour,
            alpha,
            profile,
            file,
        })
    }

    fn cost(&self, limits: &Limits) -> u64 {
        let pixels = u64::from(self.colour.width) * u64::from(self.colour.height);
        let planes = if self.colour.is_deep { 12 } else { 7 };
        let shown = if self.alpha.is_some() { 3 + 4 + 1 } else { 3 };
        let cut = if limits.square.is_some() { 3 } else { 0 };
        pixels * (planes + shown + cut)
    }
}

/// The upright position: first the turn against the clock, then the mirror.
fn orientation(turns: u8, mirror: Option<bool>) -> Orientation {
    use Orientation as To;
    let [plain, left_right, top_bottom] = match turns {
        0 => [To::NoTransforms, To::FlipHorizontal, To::FlipVertical],
        1 => [To::Rotate270, To::Rotate270FlipH, To::Rotate90FlipH],
        2 => [To::Rotate180, To::FlipVertical, To::FlipHorizontal],
        _ => [To::Rotate90, To::Rotate90FlipH, To::Rotate270FlipH],
    };
    match mirror {
        None => plain,
        Some(true) => left_right,
        Some(false) => top_bottom,
    }
}

fn size_of(item: &Item) -> Result<(u32, u32), Refused> {
    let size = |property: &Property| match property {
        Property::Size(width, height) => Some((*width, *height)),
        _ => None,
    };
    item.properties.iter().find_map(size).ok_or(Refused::Broken)
}

impl Layer {
    fn of(file: &File<'_>, item: &Item, limits: &Limits) -> Result<Self, Refused> {
        match &item.kind {
            b"av01" => {
                let (width, height) = size_of(item)?;
                limits.check_size(width, height)?;
                let mut layer = Self { width, height, columns: 1, ..Self::empty() };
                layer.add(item)?;
                Ok(layer)
            }
            b"grid" => Self::grid(file, item, limits),
            _ => Err(Refused::Unsupported("AVIF files of this kind".into())),
        }
    }

    fn grid(file: &File<'_>, item: &Item, limits: &Limits) -> Result<Self, Refused> {
        let content = file.content(item)?;
        let number = |at: usize, length: usize| {
            let digits = content.get(at..at + length).ok_or(Refused::Broken)?;
            Ok(digits.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)))
        };
        // A version, flags, then one less than the rows and columns, then the size.
        let length = if number(1, 1)? & 1 == 0 { 2 } else { 4 };
        let (rows, columns) = (number(2, 1)? + 1, number(3, 1)? + 1);
        let (width, height) = (number(4, length)?, number(4 + length, length)?);
        limits.check_size(width, height)?;
        let tiles = file.targets(*b"dimg", item.id);
        if tiles.len() as u64 != u64::from(rows * columns) || tiles.len() > TILES {
            return Err(Refused::Broken);
        }
        let mut layer = Self { width, height, columns, ..Self::empty() };
        for tile in tiles {
            let tile = file.item(*tile)?;
            if &tile.kind != b"av01" {
                return Err(Refused::Broken);
            }
            layer.add(tile)?;
        }
        layer.check_tiles(rows, limits)?;
        Ok(layer)
    }

    /// The transparency of a grid whose tiles have theirs each.
    fn of_tiles(file: &File<'_>, item: &Item, colour: &Self) -> Result<Option<Self>, Refused> {
        let tiles = file.targets(*b"dimg", item.id);
        let alphas: Vec<_> = tiles.iter().filter_map(|tile| file.alpha_of(*tile)).collect();
        if alphas.is_empty() || alphas.len() != tiles.len() {
            return Ok(None);
        }
        let (width, height, columns) = (colour.width, colour.height, colour.columns);
        let mut layer = Self { width, height, columns, ..Self::empty() };
        for alpha in alphas {
            layer.add(alpha)?;
        }
        let sizes =
            |layer: &Self| -> Vec<_> { layer.parts.iter().map(|it| (it.1, it.2)).collect() };
        if sizes(&layer) == sizes(colour) { Ok(Some(layer)) } else { Err(Refused::Broken) }
    }

    fn empty() -> Self {
        Self { width: 0, height: 0, columns: 1, parts: Vec::new(), colours: None, is_deep: false }
    }

    fn add(&mut self, item: &Item) -> Result<(), Refused> {
        let (width, height) = size_of(item)?;
        for property in &item.properties {
            match property {
                Property::Deep(deep) => self.is_deep |= deep,
                Property::Colours { matrix, full, .. } => {
                    self.colours = Some(Colours { matrix: *matrix, full: *full });
                }
                _ => {}
            }
        }
        self.parts.push((item.id, width, height));
        Ok(())
    }

    /// All tiles are of one size, and together they cover the picture and hardly more.
    fn check_tiles(&self, rows: u32, limits: &Limits) -> Result<(), Refused> {
        let (_, width, height) = self.parts.first().ok_or(Refused::Broken)?;
        limits.check_size(*width, *height)?;
        let covers = |tile: u32, count: u32, whole: u32| {
            let all = u64::from(tile) * u64::from(count);
            all >= u64::from(whole) && all - u64::from(tile) < u64::from(whole)
        };
        let same = self.parts.iter().all(|(_, w, h)| (w, h) == (width, height));
        if same && covers(*width, self.columns, self.width) && covers(*height, rows, self.height) {
            Ok(())
        } else {
            Err(Refused::Broken)
        }
    }

    fn place(&self, nth: usize, width: u32, height: u32) -> (i64, i64) {
        let nth = u32::try_from(nth).unwrap_or(0);
        let (column, row) = (nth % self.columns, nth / self.columns);
        (i64::from(column) * i64::from(width), i64::from(row) * i64::from(height))
    }

    fn pixels(&self, file: &File<'_>, limits: &Limits) -> Result<RgbImage, Refused> {
        let mut whole = RgbImage::new(0, 0);
        for (nth, (id, width, height)) in self.parts.iter().enumerate() {
            let content = file.content(file.item(*id)?)?;
            let tile = planes::rgb(content, (*width, *height), self.colours, limits)?;
            if self.parts.len() == 1 {
                return Ok(tile);
            }
            if nth == 0 {
                whole = RgbImage::new(self.width, self.height);
            }
            let (x, y) = self.place(nth, *width, *height);
            imageops::replace(&mut whole, &tile, x, y);
        }
        Ok(whole)
    }

    fn levels(&self, file: &File<'_>, limits: &Limits) -> Result<GrayImage, Refused> {
        let mut whole = GrayImage::new(self.width, self.height);
        for (nth, (id, width, height)) in self.parts.iter().enumerate() {
            let content = file.content(file.item(*id)?)?;
            let tile = planes::levels(content, (*width, *height), limits)?;
            let (x, y) = self.place(nth, *width, *height);
            imageops::replace(&mut whole, &tile, x, y);
        }
        Ok(whole)
    }
}

fn with_alpha(
    picture: &RgbImage,
    alpha: &GrayImage,
    is_premultiplied: bool,
) -> Result<DynamicImage, Refused> {
    let mut pixels = Vec::with_capacity(picture.len() / 3 * 4);
    for (pixel, level) in picture.pixels().zip(alpha.pixels()) {
        let level = level.0[0];
        let full = |part: u8| match level {
            0 => 0,
            _ if is_premultiplied => {
                let part = u32::from(part) * 255 / u32::from(level);
                u8::try_from(part).unwrap_or(255)
            }
            _ => part,
        };
        let [r, g, b] = pixel.0.map(full);
        pixels.extend([r, g, b, level]);
    }
    image::RgbaImage::from_raw(picture.width(), picture.height(), pixels)
        .map(DynamicImage::ImageRgba8)
        .ok_or(Refused::Broken)
}
