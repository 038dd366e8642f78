//! GIF: frames keep their palettes and times, so nothing is lost; only a picture which must
//! shrink gets new palettes.

use std::borrow::Cow;
use std::io::Cursor;
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, Encoder, Frame, MemoryLimit, Repeat};
use image::codecs::gif::{GifDecoder, GifEncoder, Repeat as Again};
use image::{AnimationDecoder, DynamicImage, ImageDecoder};

use crate::still::resized;
use crate::{Kind, Limits, Picture, Refused};

/// How hard to look for a frame's best colours: 1 is best and slow, 30 is quick.
const SPEED: i32 = 10;

/// Reads every frame within the limits and writes them anew.
pub fn sanitise(bytes: &[u8], limits: &Limits) -> Result<Picture, Refused> {
    let outline = Outline::of(bytes, limits)?;
    let (width, height) = (u32::from(outline.width), u32::from(outline.height));
    match limits.shrunk(width, height) {
        Some(size) => shrunk(bytes, size, &outline, limits),
        None => as_it_is(bytes, &outline, limits),
    }
}

/// The memory a GIF needs: its canvas, a frame, and what is written.
pub fn cost(bytes: &[u8], limits: &Limits) -> Result<u64, Refused> {
    let outline = Outline::of(bytes, limits)?;
    let canvas = u64::from(outline.width) * u64::from(outline.height);
    Ok(12 * canvas + 2 * bytes.len() as u64)
}

/// What can be known without decoding a frame.
struct Outline {
    width: u16,
    height: u16,
    frames: u32,
    /// How often it starts again; nothing when it is shown once.
    repeat: Option<u16>,
}

/// The extension which says how often, after its introducer.
const LOOP: &[u8] = b"\xFF\x0BNETSCAPE2.0\x03\x01";

impl Outline {
    fn of(bytes: &[u8], limits: &Limits) -> Result<Self, Refused> {
        let mut reader = Reader { bytes, at: 6 };
        let (width, height) = (reader.number()?, reader.number()?);
        let (wide, high) = (u32::from(width), u32::from(height));
        limits.check_size(wide, high)?;
        let flags = reader.byte()?;
        reader.skip(2 + palette_bytes(flags));
        let (mut frames, mut pixels, mut repeat) = (0, 0, None);
        loop {
            match reader.byte() {
                Ok(0x21) => {
                    repeat = repeat.or(reader.repeat());
                    reader.skip(1);
                    reader.skip_blocks();
                }
                Ok(0x2C) => {
                    reader.skip(4);
                    let (w, h) = (u32::from(reader.number()?), u32::from(reader.number()?));
                    limits.check_size(w, h)?;
                    frames += 1;
                    if frames > limits.max_frames {
                        return Err(Refused::TooManyFrames { limit: limits.max_frames });
                    }
                    pixels += u64::from(w) * u64::from(h);
                    let flags = reader.byte()?;
                    reader.skip(palette_bytes(flags) + 1);
                    reader.skip_blocks();
                }
                // The end, or a place where the decoder will complain.
                Ok(_) | Err(_) => break,
            }
        }
        if frames == 0 {
            return Err(Refused::Broken);
        }
        let canvas = u64::from(wide) * u64::from(high) * u64::from(frames);
        let shown = if limits.shrunk(wide, high).is_some() { canvas } else { pixels };
        if shown > limits.max_pixels.saturating_mul(4) {
            return Err(Refused::TooMuchAnimation { frames, width: wide, height: high });
        }
        Ok(Self { width, height, frames, repeat })
    }
}

fn palette_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, Refused> {
        let byte = self.bytes.get(self.at).copied().ok_or(Refused::Broken)?;
        self.at += 1;
        Ok(byte)
    }

    fn number(&mut self) -> Result<u16, Refused> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    /// What a loop extension at this place says; 0 is for ever.
    fn repeat(&self) -> Option<u16> {
        match self.bytes.get(self.at..)?.strip_prefix(LOOP)? {
            [low, high, ..] => Some(u16::from_le_bytes([*low, *high])),
            _ => None,
        }
    }

    fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    fn skip_blocks(&mut self) {
        while let Ok(length @ 1..) = self.byte() {
            self.skip(usize::from(length));
        }
    }
}

fn as_it_is(bytes: &[u8], outline: &Outline, limits: &Limits) -> Result<Picture, Refused> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(match NonZeroU64::new(limits.max_alloc) {
        Some(most) => MemoryLimit::Bytes(most),
        None => MemoryLimit::Unlimited,
    });
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(|_| Refused::Broken)?;
    let encoded = copy_frames(&mut decoder, outline, limits)
        .map_err(|_| limits.check_time().err().unwrap_or(Refused::Broken))?;
    Ok(Picture {
        kind: Kind::Gif,
        width: u32::from(outline.width),
        height: u32::from(outline.height),
        bytes: encoded,
    })
}

fn copy_frames(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    outline: &Outline,
    limits: &Limits,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, outline.width, outline.height, &palette)?;
    match outline.repeat {
        Some(0) => encoder.set_repeat(Repeat::Infinite)?,
        Some(count) => encoder.set_repeat(Repeat::Finite(count))?,
        None => {}
    }
    let mut frames = 0;
    while let Some(frame) = decoder.read_next_frame()? {
        limits.check_time()?;
        let copy = Frame {
            delay: frame.delay,
            dispose: frame.dispose,
            transparent: frame.transparent,
            needs_user_input: false,
            top: frame.top,
            left: frame.left,
            width: frame.width,
            height: frame.height,
            interlaced: false,
            palette: frame.palette.clone(),
            buffer: Cow::Borrowed(&frame.buffer),
        };
        encoder.write_frame(&copy)?;
        frames += 1;
    }
    if frames != outline.frames {
        return Err("fewer frames than the file promised".into());
    }
    drop(encoder);
    Ok(bytes)
}

fn shrunk(
    bytes: &[u8],
    (width, height): (u32, u32),
    outline: &Outline,
    limits: &Limits,
) -> Result<Picture, Refused> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(|_| Refused::Broken)?;
    let mut decoder_limits = image::Limits::default();
    decoder_limits.max_alloc = Some(limits.max_alloc);
    decoder.set_limits(decoder_limits).map_err(|_| Refused::Broken)?;
    let mut written = Vec::new();
    {
        let mut encoder = GifEncoder::new_with_speed(&mut written, SPEED);
        if let Some(count) = outline.repeat {
            let repeat = if count == 0 { Again::Infinite } else { Again::Finite(count) };
            encoder.set_repeat(repeat).map_err(|_| Refused::Broken)?;
        }
        for frame in decoder.into_frames() {
            limits.check_time()?;
            let frame = frame.map_err(|_| Refused::Broken)?;
            let delay = frame.delay();
            let picture = DynamicImage::ImageRgba8(frame.into_buffer());
            let smaller = resized(&picture, width, height)?.into_rgba8();
            let frame = image::Frame::from_parts(smaller, 0, 0, delay);
            encoder.encode_frame(frame).map_err(|_| Refused::Broken)?;
        }
    }
    Ok(Picture { kind: Kind::Gif, width, height, bytes: written })
}
