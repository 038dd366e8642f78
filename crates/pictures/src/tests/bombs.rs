//! Small files which ask for much.

use std::time::{Duration, Instant};

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder as _, ImageFormat, RgbImage,
    codecs::png::PngEncoder,
};

use super::clean;
use crate::{Limits, Refused, sanitise};

#[track_caller]
fn assert_refused_at_once(file: &[u8]) {
    let start = Instant::now();
    let answer = clean(file);
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
    assert!(
        matches!(
            answer,
            Err(Refused::TooManyPixels { .. }
                | Refused::TooManyFrames { .. }
                | Refused::TooMuchAnimation { .. }
                | Refused::Broken)
        ),
        "{answer:?}"
    );
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend([8, 6, 0, 0, 0]);
    file.extend([0; 1000]);
    file
}

#[test]
fn a_png_which_promises_too_much_is_refused_from_its_header() {
    for (width, height) in [(50_000, 50_000), (12_001, 1), (1, u32::MAX), (7000, 7000)] {
        assert_eq!(clean(&png(width, height)), Err(Refused::TooManyPixels { width, height }));
        assert_refused_at_once(&png(width, height));
    }
    assert_eq!(clean(&png(0, 5)), Err(Refused::Broken));
}

#[test]
fn a_jpeg_which_promises_too_much_is_refused_from_its_header() {
    for kind in [0xC0, 0xC2] {
        let mut file = vec![0xFF, 0xD8, 0xFF, kind, 0, 17, 8, 0xC3, 0x50, 0xC3, 0x50, 3];
        file.extend([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
        file.extend([0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
        file.extend([0; 1000]);
        assert_refused_at_once(&file);
    }
}

#[test]
fn a_gif_which_promises_too_much_is_refused_from_its_outline() {
    let header = |side: u16| {
        let mut file = b"GIF89a".to_vec();
        file.extend(side.to_le_bytes());
        file.extend(side.to_le_bytes());
        file.extend([0, 0, 0]);
        file
    };
    let frame = |side: u16| {
        let mut block = vec![0x2C, 0, 0, 0, 0];
        block.extend(side.to_le_bytes());
        block.extend(side.to_le_bytes());
        block.extend([0, 2, 0]);
        block
    };
    assert_refused_at_once(&[header(50_000), frame(1)].concat());
    // A small canvas with a huge frame, and ten thousand frames.
    assert_refused_at_once(&[header(10), frame(50_000)].concat());
    assert_refused_at_once(&[header(10), frame(1).repeat(10_000)].concat());
    assert_refused_at_once(&[header(6000), frame(6000).repeat(200)].concat());
}

#[test]
fn a_webp_which_promises_too_much_is_refused_from_its_header() {
    // VP8X with a canvas of 16,384 squared and nothing in it.
    let mut file = b"RIFF\x00\x01\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\xFF\x3F\0\xFF\x3F\0".to_vec();
    file.extend([0; 300]);
    assert_refused_at_once(&file);
    // VP8L of 16,384 squared.
    let mut file = b"RIFF\x00\x01\0\0WEBPVP8L\xF0\0\0\0\x2F\xFF\xFF\xFF\x0F".to_vec();
    file.extend([0; 300]);
    assert_refused_at_once(&file);
}

/// `cargo test --release -p pictures -- --ignored --show-output` prints the times.
#[test]
#[ignore = "only an optimised build says anything about time"]
fn the_largest_pictures_take_a_few_seconds() {
    let busy =
        |x: u32, y: u32| [x * y % 251, x * 7 % 253, y * 11 % 255].map(|n| u8::try_from(n).unwrap());
    let image = RgbImage::from_fn(7300, 5400, |x, y| image::Rgb(busy(x, y)));
    let image = DynamicImage::ImageRgb8(image);
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let mut file = std::io::Cursor::new(Vec::new());
        image.write_to(&mut file, format).unwrap();
        let file = file.into_inner();
        for fit_within in [None, Some((2000, 2000))] {
            let limits = Limits { max_bytes: usize::MAX, fit_within, ..Limits::default() };
            let start = Instant::now();
            let picture = sanitise(&file, &limits).unwrap();
            let took = start.elapsed();
            println!(
                "{format:?} {} B, {fit_within:?}: {} B in {took:?}",
                file.len(),
                picture.bytes.len()
            );
            assert!(took < Duration::from_secs(20));
        }
    }
}

#[test]
fn a_png_does_not_unpack_a_huge_profile() {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(vec![0; 64 << 20]).unwrap();
    encoder.write_image(&[0; 12], 2, 2, ExtendedColorType::Rgb8).unwrap();
    assert!(file.len() < 1 << 20, "{}", file.len());
    let start = Instant::now();
    assert!(clean(&file).is_ok());
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}
