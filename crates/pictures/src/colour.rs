//! Colours as every screen understands them.

use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// A larger profile is for printers, or is not a profile.
const MAX_PROFILE: usize = 64 * 1024;

/// Converts the pixels from a picture's own colour profile to sRGB, so that the profile need not
/// be kept. A profile that cannot be used is ignored, as browsers do.
pub fn to_srgb(picture: DynamicImage, profile: Option<&[u8]>) -> DynamicImage {
    let Some(profile) = profile.filter(|bytes| bytes.len() <= MAX_PROFILE) else { return picture };
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return picture };
    let converted = match &picture {
        DynamicImage::ImageRgb8(rgb) => convert(&profile, DataColorSpace::Rgb, Layout::Rgb, rgb)
            .and_then(|raw| RgbImage::from_raw(rgb.width(), rgb.height(), raw))
            .map(DynamicImage::ImageRgb8),
        DynamicImage::ImageRgba8(rgba) => {
            convert(&profile, DataColorSpace::Rgb, Layout::Rgba, rgba)
                .and_then(|raw| RgbaImage::from_raw(rgba.width(), rgba.height(), raw))
                .map(DynamicImage::ImageRgba8)
        }
        DynamicImage::ImageLuma8(gray) => {
            convert_gray(&profile, gray).map(DynamicImage::ImageLuma8)
        }
        _ => None,
    };
    converted.unwrap_or(picture)
}

/// Converts from Display P3, the wide colours of telephones, which AVIF names by number.
pub fn from_p3(picture: DynamicImage) -> DynamicImage {
    let profile = ColorProfile::new_display_p3();
    let converted = match &picture {
        DynamicImage::ImageRgb8(rgb) => convert(&profile, DataColorSpace::Rgb, Layout::Rgb, rgb)
            .and_then(|raw| RgbImage::from_raw(rgb.width(), rgb.height(), raw))
            .map(DynamicImage::ImageRgb8),
        DynamicImage::ImageRgba8(rgba) => {
            convert(&profile, DataColorSpace::Rgb, Layout::Rgba, rgba)
                .and_then(|raw| RgbaImage::from_raw(rgba.width(), rgba.height(), raw))
                .map(DynamicImage::ImageRgba8)
        }
        _ => None,
    };
    converted.unwrap_or(picture)
}

fn convert(
    profile: &ColorProfile,
    space: DataColorSpace,
    layout: Layout,
    pixels: &[u8],
) -> Option<Vec<u8>> {
    if profile.color_space != space {
        return None;
    }
    let srgb = ColorProfile::new_srgb();
    let transform =
        profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default()).ok()?;
    let mut converted = vec![0; pixels.len()];
    transform.transform(pixels, &mut converted).ok()?;
    Some(converted)
}

/// Grey needs a table of 256 values, not a transform of each pixel.
fn convert_gray(profile: &ColorProfile, gray: &GrayImage) -> Option<GrayImage> {
    if profile.color_space != DataColorSpace::Gray {
        return None;
    }
    let levels: Vec<u8> = (0..=255).collect();
    let srgb = ColorProfile::new_srgb();
    let transform = profile
        .create_transform_8bit(Layout::Gray, &srgb, Layout::Rgb, TransformOptions::default())
        .ok()?;
    let mut rgb = vec![0; 3 * levels.len()];
    transform.transform(&levels, &mut rgb).ok()?;
    let converted = gray.iter().map(|level| rgb[3 * usize::from(*level)]).collect();
    GrayImage::from_raw(gray.width(), gray.height(), converted)
}
