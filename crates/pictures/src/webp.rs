//! WebP as libwebp writes it: with loss, and animated. (`image` writes it without loss only.)

use image::codecs::webp::WebPDecoder;
use image::metadata::LoopCount;
use image::{AnimationDecoder, DynamicImage, ImageDecoder};
use webpx::{AnimationEncoder, Encoder, StopReason};

use crate::still::resized;
use crate::{Kind, Limits, Picture, Refused};

/// Looks like the original at about two thirds of a JPEG's size.
pub const GOOD: f32 = 78.0;
/// Enough for what is shown out of focus.
pub const GHOST: f32 = 30.0;

/// How hard the encoder tries, 0 to 6. Four times the time of 2 for a twentieth of the size is no
/// bargain here.
const METHOD: u8 = 2;

/// Stops the encoder when the time is up.
struct Until<'a>(&'a Limits);

impl enough::Stop for Until<'_> {
    fn check(&self) -> Result<(), StopReason> {
        self.0.check_time().map_err(|_| StopReason::TimedOut)
    }
}

/// A picture with loss.
pub fn lossy(picture: &DynamicImage, quality: f32, limits: &Limits) -> Result<Vec<u8>, Refused> {
    let (width, height) = (picture.width(), picture.height());
    let encoded = match picture {
        DynamicImage::ImageRgb8(rgb) => {
            encode(Encoder::new_rgb(rgb, width, height), quality, limits)
        }
        other if other.color().has_alpha() => {
            encode(Encoder::new_rgba(&other.to_rgba8(), width, height), quality, limits)
        }
        other => encode(Encoder::new_rgb(&other.to_rgb8(), width, height), quality, limits),
    };
    encoded.ok_or_else(|| limits.check_time().err().unwrap_or(Refused::Broken))
}

fn encode(encoder: Encoder<'_>, quality: f32, limits: &Limits) -> Option<Vec<u8>> {
    encoder.quality(quality).method(METHOD).encode(Until(limits)).ok()
}

/// An animation, frame by frame, without anything but its frames.
pub fn animated(
    decoder: WebPDecoder<std::io::Cursor<&[u8]>>,
    frames: u32,
    limits: &Limits,
) -> Result<Picture, Refused> {
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height)?;
    if frames > limits.max_frames {
        return Err(Refused::TooManyFrames { limit: limits.max_frames });
    }
    let pixels = u64::from(width) * u64::from(height) * u64::from(frames);
    if pixels > limits.max_pixels.saturating_mul(4) {
        return Err(Refused::TooMuchAnimation { frames, width, height });
    }
    let (wide, high) = limits.shrunk(width, height).unwrap_or((width, height));
    let again = match decoder.loop_count() {
        LoopCount::Infinite => 0,
        LoopCount::Finite(times) => times.get().min(u32::from(u16::MAX)),
    };
    let mut encoder =
        AnimationEncoder::with_options(wide, high, true, again).map_err(|_| Refused::Broken)?;
    encoder.set_quality(GOOD);
    let mut time = 0_i32;
    for frame in decoder.into_frames() {
        limits.check_time()?;
        let frame = frame.map_err(|_| Refused::Broken)?;
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let picture = DynamicImage::ImageRgba8(frame.into_buffer());
        let picture =
            if (wide, high) == (width, height) { picture } else { resized(&picture, wide, high)? };
        encoder.add_frame_rgba(picture.as_bytes(), time).map_err(|_| Refused::Broken)?;
        let shown = i32::try_from(numerator / denominator.max(1)).unwrap_or(i32::MAX);
        // Longer than an hour is no animation.
        time = time.saturating_add(shown.min(3_600_000));
    }
    let bytes = encoder.finish(time).map_err(|_| Refused::Broken)?;
    Ok(Picture { kind: Kind::WebP, width: wide, height: high, bytes })
}
