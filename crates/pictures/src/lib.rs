//! Recognises, checks and re-encodes pictures people upload.
//!
//! [`sanitise`] takes the bytes of a file and gives a picture which holds pixels and nothing else:
//! no camera data, no place, no comment, no thumbnail, no second file behind the first. The type
//! is read from the bytes; names and `Content-Type` are not asked. Sizes are checked from headers
//! before anything is decoded. Everything is synchronous and pure; the caller gives it a thread.

mod animation;
mod avif;
mod colour;
pub mod letters;
mod recognise;
mod still;
mod variants;
mod webp;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use recognise::Found;
use serde::{Deserialize, Serialize};
pub use variants::{FACE, GHOST, Variant, WIDTHS, widths};

/// What a picture may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The file's size.
    pub max_bytes: usize,
    /// Width times height; for an animation, a quarter of the pixels of all frames together.
    pub max_pixels: u64,
    /// The longer side.
    pub max_side: u32,
    /// Frames of an animation.
    pub max_frames: u32,
    /// Memory for decoded pixels, in bytes.
    pub max_alloc: u64,
    /// Shrink to fit into this width and height; a smaller picture is never enlarged.
    pub fit_within: Option<(u32, u32)>,
    /// Cut to a square around this point, in hundredths of width and height.
    pub square: Option<(u8, u8)>,
    /// When to give up. Asked between steps, and while a file is read or written.
    #[serde(skip)]
    pub until: Option<Instant>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 10 * 1024 * 1024,
            max_pixels: 40_000_000,
            max_side: 12_000,
            max_frames: 300,
            max_alloc: 256 * 1024 * 1024,
            fit_within: None,
            square: None,
            until: None,
        }
    }
}

/// The kinds of picture which are taken; all but AVIF are kept and served as what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    Jpeg,
    Png,
    Gif,
    WebP,
    Avif,
}

impl Kind {
    /// For the `Content-Type` header.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
        }
    }

    /// For the file's name, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Avif => "avif",
        }
    }
}

/// A picture which is safe to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub kind: Kind,
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// Why a file was not taken, in words for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refused {
    #[error("The file is larger than {}.", megabytes(*.limit))]
    TooLarge { limit: usize },
    #[error("The file is not a picture. Please choose a JPEG, PNG, GIF, WebP or AVIF file.")]
    NotAPicture,
    #[error("{0} files cannot be used here. Please choose a JPEG, PNG, GIF, WebP or AVIF file.")]
    Unsupported(Cow<'static, str>),
    #[error("The picture has too many pixels: {width} × {height}.")]
    TooManyPixels { width: u32, height: u32 },
    #[error("The animation has more than {limit} frames.")]
    TooManyFrames { limit: u32 },
    #[error("The animation is too long for its size: {frames} frames of {width} × {height}.")]
    TooMuchAnimation { frames: u32, width: u32, height: u32 },
    #[error("The file is broken or incomplete.")]
    Broken,
    #[error("The picture takes too long to read. Please save it anew, smaller, and try again.")]
    TooSlow,
    #[error("The picture needs too much memory. Please save it anew, smaller, and try again.")]
    TooMuchMemory,
}

fn megabytes(bytes: usize) -> String {
    const MEGABYTE: usize = 1024 * 1024;
    if bytes >= MEGABYTE {
        format!("{} MB", bytes / MEGABYTE)
    } else {
        format!("{} kB", bytes.div_ceil(1024))
    }
}

/// A drawn picture as JPEG: `rgb` holds three bytes for each pixel, row by row. `None` when there
/// are more or fewer than the size says.
pub fn jpeg_of_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Option<Vec<u8>> {
    let picture = image::RgbImage::from_raw(width, height, rgb)?;
    still::jpeg(&picture.into()).ok()
}

/// Checks a file and writes it anew.
pub fn sanitise(bytes: &[u8], limits: &Limits) -> Result<Picture, Refused> {
    if bytes.len() > limits.max_bytes {
        return Err(Refused::TooLarge { limit: limits.max_bytes });
    }
    let kind = match recognise::recognise(bytes) {
        Found::Picture(kind) => kind,
        Found::Other(name) => return Err(Refused::Unsupported(name.into())),
        Found::Unknown => return Err(Refused::NotAPicture),
    };
    // A decoder which panics over a hostile file has refused it.
    catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Gif => animation::sanitise(bytes, limits),
        Kind::Jpeg | Kind::Png | Kind::WebP | Kind::Avif => still::sanitise(kind, bytes, limits),
    }))
    .unwrap_or(Err(Refused::Broken))
}

/// The memory that [`sanitise`] will need for a file, from its header, so that the caller can wait
/// until there is so much.
pub fn cost(bytes: &[u8], limits: &Limits) -> Result<u64, Refused> {
    if bytes.len() > limits.max_bytes {
        return Err(Refused::TooLarge { limit: limits.max_bytes });
    }
    let kind = match recognise::recognise(bytes) {
        Found::Picture(kind) => kind,
        Found::Other(name) => return Err(Refused::Unsupported(name.into())),
        Found::Unknown => return Err(Refused::NotAPicture),
    };
    catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Gif => animation::cost(bytes, limits),
        Kind::Jpeg | Kind::Png | Kind::WebP | Kind::Avif => still::cost(kind, bytes, limits),
    }))
    .unwrap_or(Err(Refused::Broken))
}

/// Makes the variants of a picture that [`sanitise`] wrote.
pub fn variants(bytes: &[u8], limits: &Limits) -> Result<Vec<Variant>, Refused> {
    catch_unwind(AssertUnwindSafe(|| variants::variants(bytes, limits)))
        .unwrap_or(Err(Refused::Broken))
}

impl Limits {
    /// Whether there is time left.
    fn check_time(&self) -> Result<(), Refused> {
        match self.until {
            Some(until) if Instant::now() > until => Err(Refused::TooSlow),
            _ => Ok(()),
        }
    }

    /// Checks a width and a height before anything is allocated for them.
    fn check_size(&self, width: u32, height: u32) -> Result<(), Refused> {
        if width == 0 || height == 0 {
            return Err(Refused::Broken);
        }
        let pixels = u64::from(width) * u64::from(height);
        if width.max(height) > self.max_side || pixels > self.max_pixels {
            return Err(Refused::TooManyPixels { width, height });
        }
        Ok(())
    }

    /// The size to shrink to, when the picture does not fit.
    fn shrunk(&self, width: u32, height: u32) -> Option<(u32, u32)> {
        let (most_wide, most_high) = self.fit_within?;
        if width <= most_wide && height <= most_high {
            return None;
        }
        let (w, h) = (u64::from(width), u64::from(height));
        let (mw, mh) = (u64::from(most_wide), u64::from(most_high));
        // The side which limits is filled, the other is in proportion, rounded.
        let (w, h) =
            if w * mh > h * mw { (mw, (h * mw + w / 2) / w) } else { ((w * mh + h / 2) / h, mh) };
        let side = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).max(1);
        Some((side(w), side(h)))
    }
}
