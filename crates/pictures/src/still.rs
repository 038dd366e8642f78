//! JPEG, PNG, WebP and AVIF: one picture a file.

use std::io::Cursor;

use fast_image_resize::Resizer;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder};

use crate::{Kind, Limits, Picture, Refused, avif, colour, webp};

const JPEG_QUALITY: u8 = 85;

/// What a PNG may unpack before its pixels: a row of them, and a colour profile. Real profiles have
/// up to some hundred kilobytes; a file of 200 kB can hold one of 200 MB.
const PNG_HEADER: u64 = 4 << 20;

/// Decodes a picture within the limits and writes it anew.
pub fn sanitise(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<Picture, Refused> {
    let picture = match kind {
        Kind::Png => {
            let (width, height) = png_size(bytes)?;
            limits.check_size(width, height)?;
            let mut header = decoder_limits(limits);
            header.max_alloc = Some(PNG_HEADER);
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), header);
            decode(decoder.map_err(|_| Refused::Broken)?, 0, limits)?
        }
        Kind::WebP => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|_| Refused::Broken)?;
            if decoder.has_animation() {
                return webp::animated(decoder, webp_frames(bytes), limits);
            }
            let (width, height) = decoder.dimensions();
            decode(decoder, webp_extra(width, height), limits)?
        }
        Kind::Avif => avif::decode(bytes, limits)?,
        Kind::Jpeg | Kind::Gif => {
            let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(|_| Refused::Broken)?;
            let (width, height) = decoder.dimensions();
            check_scans(bytes, u64::from(width) * u64::from(height))?;
            decode(decoder, jpeg_extra(bytes, width, height), limits)?
        }
    };
    let (kind, encoded) = encode(kind, &picture, bytes.len())?;
    Ok(Picture { kind, width: picture.width(), height: picture.height(), bytes: encoded })
}

/// The size in a PNG's header, read before a decoder sees the file.
fn png_size(bytes: &[u8]) -> Result<(u32, u32), Refused> {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4).ok_or(Refused::Broken)?;
        four.try_into().map(u32::from_be_bytes).map_err(|_| Refused::Broken)
    };
    if bytes.get(12..16) != Some(b"IHDR") {
        return Err(Refused::Broken);
    }
    Ok((number(16)?, number(20)?))
}

/// Whether a JPEG is progressive: the kind of its first frame header.
fn is_progressive(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[marker, kind, high, low]) = bytes.get(at..at + 4) {
        match (marker, kind) {
            (0xFF, 0xC2 | 0xC6 | 0xCA | 0xCE) => return true,
            (0xFF, 0xC0 | 0xC1 | 0xDA) => return false,
            (0xFF, 0xFF) => at += 1,
            (0xFF, _) => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            // Filler between segments.
            _ => at += 1,
        }
    }
    false
}

/// How many pixels the scans of a progressive JPEG may touch together: forty times a photograph of
/// twelve megapixels takes some seconds. Real files have about ten scans.
const SCANNED: u64 = 500_000_000;

/// Refuses a JPEG whose many scans would each go over many pixels.
fn check_scans(bytes: &[u8], pixels: u64) -> Result<(), Refused> {
    let scans = bytes.windows(2).filter(|two| *two == b"\xFF\xDA").count() as u64;
    if scans > 16 && scans.saturating_mul(pixels) > SCANNED {
        Err(Refused::TooSlow)
    } else {
        Ok(())
    }
}

/// How many frames the chunks of a WebP announce.
fn webp_frames(bytes: &[u8]) -> u32 {
    let mut frames = 0;
    let mut at = 12_usize;
    while let Some(head) = bytes.get(at..at.saturating_add(8)) {
        frames += u32::from(head.starts_with(b"ANMF"));
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        at = at.saturating_add(8).saturating_add(length).saturating_add(length & 1);
    }
    frames
}

fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut decoder = image::Limits::default();
    decoder.max_image_width = Some(limits.max_side);
    decoder.max_image_height = Some(limits.max_side);
    decoder.max_alloc = Some(limits.max_alloc);
    decoder
}

/// The memory that decoding takes at most, from what the header says: the pixels, what the decoder
/// keeps beside them, and the copies that are made before the picture is small.
fn needs(decoder: &impl ImageDecoder, extra: u64, limits: &Limits) -> u64 {
    let pixels = decoder.total_bytes();
    let color = decoder.color_type();
    let deep = u16::from(color.bytes_per_pixel()) > 2 * u16::from(color.channel_count()) - 1;
    let narrow = if deep { pixels / 2 } else { pixels };
    let copies = if deep { narrow } else { 0 }
        + if color.has_alpha() { narrow } else { 0 }
        + if limits.square.is_some() { narrow } else { 0 };
    pixels.saturating_add(copies).saturating_add(extra)
}

/// The memory a picture needs, without decoding it.
pub fn cost(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<u64, Refused> {
    let broken = |_| Refused::Broken;
    match kind {
        Kind::Png => {
            let (width, height) = png_size(bytes)?;
            limits.check_size(width, height)?;
            let depth = u64::from(*bytes.get(24).ok_or(Refused::Broken)?);
            let color = *bytes.get(25).ok_or(Refused::Broken)?;
            let channels = if color == 0 { 1 } else { 4 };
            let pixels = u64::from(width) * u64::from(height);
            Ok(pixels * channels * if depth == 16 { 4 } else { 2 })
        }
        Kind::WebP => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(broken)?;
            let (width, height) = decoder.dimensions();
            limits.check_size(width, height)?;
            Ok(needs(&decoder, webp_extra(width, height), limits))
        }
        Kind::Avif => avif::cost(bytes, limits),
        Kind::Jpeg | Kind::Gif => {
            let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(broken)?;
            let (width, height) = decoder.dimensions();
            limits.check_size(width, height)?;
            Ok(needs(&decoder, jpeg_extra(bytes, width, height), limits))
        }
    }
}

/// A progressive file is kept as coefficients of two bytes until its end.
fn jpeg_extra(bytes: &[u8], width: u32, height: u32) -> u64 {
    if is_progressive(bytes) { 6 * u64::from(width) * u64::from(height) } else { 0 }
}

/// Planes of brightness and colour, or the transforms of a file without loss.
fn webp_extra(width: u32, height: u32) -> u64 {
    4 * u64::from(width) * u64::from(height)
}

/// Decodes to eight bits, in sRGB, upright, and no larger than asked for.
pub fn decode(
    mut decoder: impl ImageDecoder,
    extra: u64,
    limits: &Limits,
) -> Result<DynamicImage, Refused> {
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height)?;
    if needs(&decoder, extra, limits) > limits.max_alloc {
        return Err(Refused::TooManyPixels { width, height });
    }
    decoder.set_limits(decoder_limits(limits)).map_err(|_| Refused::Broken)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default();
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| Refused::Broken)?;
    limits.check_time()?;
    finish(eight_bits(picture), orientation, profile.as_deref(), limits)
}

/// What follows decoding: cut, shrunk, in sRGB, and upright.
pub fn finish(
    picture: DynamicImage,
    orientation: Orientation,
    profile: Option<&[u8]>,
    limits: &Limits,
) -> Result<DynamicImage, Refused> {
    let picture = cut(picture, orientation, limits);
    let picture = shrink(picture, orientation, limits)?;
    let mut picture = colour::to_srgb(picture, profile);
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn eight_bits(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLumaA8(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgba8(_) => picture,
        DynamicImage::ImageLuma16(_) => DynamicImage::ImageLuma8(picture.into_luma8()),
        DynamicImage::ImageLumaA16(_) => DynamicImage::ImageLumaA8(picture.into_luma_alpha8()),
        _ if picture.color().has_alpha() => DynamicImage::ImageRgba8(picture.into_rgba8()),
        _ => DynamicImage::ImageRgb8(picture.into_rgb8()),
    }
}

/// Cuts a square out around the point that was chosen, as near to it as the edges allow.
fn cut(picture: DynamicImage, orientation: Orientation, limits: &Limits) -> DynamicImage {
    let Some((x, y)) = limits.square else { return picture };
    let (width, height) = (picture.width(), picture.height());
    let side = width.min(height);
    let (x, y) = unturned(orientation, (x.min(100), y.min(100)));
    let start = |length: u32, hundredths: u8| {
        let centre = u64::from(length) * u64::from(hundredths) / 100;
        let start = centre.saturating_sub(u64::from(side / 2)).min(u64::from(length - side));
        u32::try_from(start).unwrap_or(0)
    };
    picture.crop_imm(start(width, x), start(height, y), side, side)
}

/// Where a point of the upright picture lies in the file's.
fn unturned(orientation: Orientation, (x, y): (u8, u8)) -> (u8, u8) {
    let (right, down) = (100 - x, 100 - y);
    match orientation {
        Orientation::NoTransforms => (x, y),
        Orientation::FlipHorizontal => (right, y),
        Orientation::FlipVertical => (x, down),
        Orientation::Rotate180 => (right, down),
        Orientation::Rotate90 => (y, right),
        Orientation::Rotate270 => (down, x),
        Orientation::Rotate90FlipH => (y, x),
        Orientation::Rotate270FlipH => (down, right),
    }
}

/// Shrinks before turning, while a picture on its side is still measured on its side.
fn shrink(
    picture: DynamicImage,
    orientation: Orientation,
    limits: &Limits,
) -> Result<DynamicImage, Refused> {
    let (width, height) = (picture.width(), picture.height());
    let size = if on_its_side(orientation) {
        limits.shrunk(height, width).map(|(width, height)| (height, width))
    } else {
        limits.shrunk(width, height)
    };
    match size {
        Some((width, height)) => resized(&picture, width, height),
        None => Ok(picture),
    }
}

/// The picture at another size.
pub fn resized(picture: &DynamicImage, width: u32, height: u32) -> Result<DynamicImage, Refused> {
    let mut smaller = DynamicImage::new(width, height, picture.color());
    Resizer::new().resize(picture, &mut smaller, None).map_err(|_| Refused::Broken)?;
    Ok(smaller)
}

fn on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// Writes a picture in its own kind; an AVIF, and a WebP which would grow without loss, as JPEG or
/// PNG.
fn encode(kind: Kind, picture: &DynamicImage, before: usize) -> Result<(Kind, Vec<u8>), Refused> {
    match kind {
        Kind::Jpeg | Kind::Gif => Ok((Kind::Jpeg, jpeg(picture)?)),
        Kind::Avif if is_opaque(picture) => Ok((Kind::Jpeg, jpeg(picture)?)),
        Kind::Png | Kind::Avif => Ok((Kind::Png, png(picture)?)),
        Kind::WebP => {
            let lossless = lossless(picture)?;
            if lossless.len() <= before + before / 2 {
                Ok((Kind::WebP, lossless))
            } else if is_opaque(picture) {
                Ok((Kind::Jpeg, jpeg(picture)?))
            } else {
                Ok((Kind::Png, png(picture)?))
            }
        }
    }
}

pub fn is_opaque(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageRgba8(rgba) => rgba.pixels().all(|pixel| pixel.0[3] == 255),
        DynamicImage::ImageLumaA8(gray) => gray.pixels().all(|pixel| pixel.0[1] == 255),
        _ => true,
    }
}

pub fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    let written = match picture {
        DynamicImage::ImageLuma8(gray) => encoder.encode_image(gray),
        DynamicImage::ImageRgb8(rgb) => encoder.encode_image(rgb),
        other => encoder.encode_image(&other.to_rgb8()),
    };
    written.map(|()| bytes).map_err(|_| Refused::Broken)
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    picture.write_with_encoder(encoder).map(|()| bytes).map_err(|_| Refused::Broken)
}

fn lossless(picture: &DynamicImage) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    picture.write_with_encoder(encoder).map(|()| bytes).map_err(|_| Refused::Broken)
}
