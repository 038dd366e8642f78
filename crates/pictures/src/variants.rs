//! The sizes in which a kept picture is shown: made once, from the file that `sanitise` wrote.

use std::io::Cursor;

use image::DynamicImage;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;

use crate::still::{decode, is_opaque, jpeg, resized};
use crate::{Kind, Limits, Refused, recognise, webp};

/// The widths that are made of larger pictures; the widest is also the widest that is kept.
pub const WIDTHS: [u32; 5] = [320, 640, 960, 1280, 1920];

/// The side of a small face.
pub const FACE: u32 = 96;

/// The width of the blurred picture that stands there while the real one loads.
pub const GHOST: u32 = 20;

/// Another size or kind of a kept picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    pub kind: Kind,
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// The widths in which a picture so wide is shown, smallest first; its own is the last.
pub fn widths(own: u32) -> impl Iterator<Item = u32> {
    WIDTHS.into_iter().filter(move |width| *width < own).chain(std::iter::once(own))
}

/// Makes every variant of a kept picture: WebP in all widths, JPEG beside it when the picture is
/// one, and the ghost. An animation has none: it would lose what it is.
pub fn variants(bytes: &[u8], limits: &Limits) -> Result<Vec<Variant>, Refused> {
    let picture = match recognise::recognise(bytes) {
        recognise::Found::Picture(Kind::Jpeg) => {
            decode(JpegDecoder::new(Cursor::new(bytes)).map_err(|_| Refused::Broken)?, 0, limits)?
        }
        recognise::Found::Picture(Kind::Png) => {
            decode(PngDecoder::new(Cursor::new(bytes)).map_err(|_| Refused::Broken)?, 0, limits)?
        }
        recognise::Found::Picture(Kind::WebP) => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|_| Refused::Broken)?;
            if decoder.has_animation() {
                return Ok(Vec::new());
            }
            decode(decoder, 0, limits)?
        }
        _ => return Ok(Vec::new()),
    };
    let is_jpeg = bytes.starts_with(b"\xFF\xD8");
    let own = picture.width();
    let square = own == picture.height();
    let mut made = Vec::new();
    // From large to small, each from the one before: a tenth of the time of beginning anew.
    let mut now = opaque(picture);
    let mut wanted: Vec<u32> = widths(own).collect();
    if square && own > FACE {
        wanted.push(FACE);
    }
    if own > GHOST {
        wanted.push(GHOST);
    }
    wanted.sort_unstable_by(|a, b| b.cmp(a));
    for width in wanted {
        limits.check_time()?;
        if width < now.width() {
            now = resized(&now, width, height_at(&now, width))?;
        }
        let quality = if width == GHOST { webp::GHOST } else { webp::GOOD };
        made.push(Variant {
            kind: Kind::WebP,
            width,
            height: now.height(),
            bytes: webp::lossy(&now, quality, limits)?,
        });
        if is_jpeg && width != own && width != GHOST {
            let bytes = jpeg(&now)?;
            made.push(Variant { kind: Kind::Jpeg, width, height: now.height(), bytes });
        }
    }
    Ok(made)
}

fn height_at(picture: &DynamicImage, width: u32) -> u32 {
    let (w, h) = (u64::from(picture.width()), u64::from(picture.height()));
    let height = (h * u64::from(width) + w / 2) / w.max(1);
    u32::try_from(height).unwrap_or(u32::MAX).max(1)
}

/// Without a channel that says nothing.
fn opaque(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageRgba8(_) | DynamicImage::ImageLumaA8(_) if is_opaque(&picture) => {
            DynamicImage::ImageRgb8(picture.into_rgb8())
        }
        other => other,
    }
}
