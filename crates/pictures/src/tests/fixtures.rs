//! Real files, beside the checkout.

use std::{io::Write as _, path::PathBuf};

use image::{DynamicImage, GenericImageView};

use super::{assert_bare, clean};
use crate::{Kind, Limits, Picture, Refused, sanitise};

pub fn photo(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/fixtures/images/photos"
    ))
    .join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        // Past the capture of what passing tests print: nobody would see it otherwise.
        let line = "\nLEFT OUT: what needs shared/fixtures/images/photos, for that is not here\n";
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
    bytes
}

fn decoded(picture: &Picture) -> DynamicImage {
    let image = image::load_from_memory(&picture.bytes).unwrap();
    assert_eq!((image.width(), image.height()), (picture.width, picture.height));
    image
}

/// Seen from afar, the kept picture is the one that was sent. (Ink on paper has a test of its own,
/// and so have pictures on their heads.)
fn assert_alike(file: &[u8], kept: &DynamicImage, name: &str) {
    if name.contains("cmyk") || name.contains("upside-down") {
        return;
    }
    let afar = |image: &DynamicImage| {
        image.resize_exact(8, 8, image::imageops::FilterType::Triangle).into_rgba8()
    };
    let before = afar(&image::load_from_memory(file).unwrap());
    for (before, after) in before.pixels().zip(afar(kept).pixels()) {
        let apart = before.0.iter().zip(after.0).map(|(a, b)| a.abs_diff(b)).max();
        assert!(apart <= Some(24), "{name}: {before:?} became {after:?}");
    }
}

#[test]
fn every_fixture_is_taken_or_refused_by_name() {
    let Some(_) = photo("canola.jpg") else { return };
    for (name, kind, width, height) in [
        ("2004-07-22-DSC_0007.jpg", Kind::Jpeg, 426, 640),
        ("2004-07-22-DSC_0008.jpg", Kind::Jpeg, 426, 640),
        ("2007-06-17DSC_4173.JPG", Kind::Jpeg, 680, 1024),
        ("33772.jpg", Kind::Jpeg, 1920, 1080),
        ("a2-small.jpg", Kind::Jpeg, 400, 300),
        ("canola.jpg", Kind::Jpeg, 640, 480),
        ("codeispoetry.png", Kind::Png, 190, 15),
        ("gradient-square.jpg", Kind::Jpeg, 100, 100),
        ("one-blue-pixel-100x100.png", Kind::Png, 100, 100),
        ("sugarloaf-mountain.jpg", Kind::Jpeg, 300, 169),
        ("test-image-2.gif", Kind::Gif, 50, 50),
        ("test-image-cmyk.jpg", Kind::Jpeg, 50, 50),
        ("test-image-grayscale.jpg", Kind::Jpeg, 50, 50),
        ("test-image-large.jpg", Kind::Jpeg, 3000, 2250),
        ("test-image-large.png", Kind::Png, 1600, 1200),
        ("test-image-mime-jpg.png", Kind::Jpeg, 50, 50),
        ("test-image-no-extension", Kind::Gif, 50, 50),
        ("test-image-upside-down.jpg", Kind::Jpeg, 600, 450),
        ("test-image.gif", Kind::Gif, 50, 50),
        ("test-image.jpg", Kind::Jpeg, 50, 50),
        ("test-image.png", Kind::Png, 50, 50),
        ("test-square-150.jpg", Kind::Jpeg, 150, 150),
        ("transparent.png", Kind::Png, 10, 10),
        ("waffles.jpg", Kind::Jpeg, 600, 400),
    ] {
        let bytes = photo(name).unwrap();
        let picture = clean(&bytes).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        println!("{name}: {} B -> {} B", bytes.len(), picture.bytes.len());
        assert_eq!((picture.kind, picture.width, picture.height), (kind, width, height), "{name}");
        assert_bare(&picture, name);
        assert_alike(&bytes, &decoded(&picture), name);
        let again = clean(&picture.bytes).unwrap();
        assert_eq!((again.kind, again.width, again.height), (kind, width, height), "{name}");
    }
    for (name, what) in [
        ("test-image-lzw.tiff", "TIFF"),
        ("test-image.tiff", "TIFF"),
        ("test-image.bmp", "BMP"),
        ("test-image.ico", "ICO"),
        ("test-image.psd", "Photoshop"),
    ] {
        assert_eq!(clean(&photo(name).unwrap()), Err(Refused::Unsupported(what.into())), "{name}");
    }
}

#[test]
fn still_webp_is_kept_when_small_and_else_becomes_jpeg_or_png() {
    let Some(_) = photo("canola.jpg") else { return };
    for (name, kinds) in [
        ("webp-lossy.webp", [Kind::Jpeg, Kind::Jpeg]),
        ("webp-lossless.webp", [Kind::WebP, Kind::Png]),
        ("webp-transparent.webp", [Kind::WebP, Kind::Png]),
        ("test-image.webp", [Kind::WebP, Kind::Jpeg]),
    ] {
        let bytes = photo(name).unwrap();
        let picture = clean(&bytes).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        println!("{name}: {} B -> {:?} {} B", bytes.len(), picture.kind, picture.bytes.len());
        assert!(kinds.contains(&picture.kind), "{name} {:?}", picture.kind);
        assert_bare(&picture, name);
        let before = image::load_from_memory(&bytes).unwrap();
        let after = decoded(&picture);
        assert_eq!((before.width(), before.height()), (after.width(), after.height()), "{name}");
        if before.color().has_alpha() && before.to_rgba8().pixels().any(|p| p.0[3] < 255) {
            assert!(after.color().has_alpha(), "{name} lost its transparency");
        }
    }
}

#[test]
fn a_cmyk_photo_keeps_its_colours() {
    let (Some(cmyk), Some(rgb)) = (photo("test-image-cmyk.jpg"), photo("test-image.jpg")) else {
        return;
    };
    let (cmyk, rgb) = (decoded(&clean(&cmyk).unwrap()), decoded(&clean(&rgb).unwrap()));
    let (mut difference, mut count) = (0_u64, 0_u64);
    for (x, y, pixel) in cmyk.to_rgb8().enumerate_pixels() {
        for (a, b) in pixel.0.iter().zip(rgb.get_pixel(x, y).0) {
            difference += u64::from(a.abs_diff(b));
            count += 1;
        }
    }
    println!("mean difference {}", difference / count);
    assert!(difference / count < 40, "mean difference {}", difference / count);
}

#[test]
fn an_upside_down_photo_is_turned() {
    let Some(bytes) = photo("test-image-upside-down.jpg") else { return };
    let raw = image::load_from_memory(&bytes).unwrap().to_rgb8();
    let turned = decoded(&clean(&bytes).unwrap()).to_rgb8();
    let (width, height) = raw.dimensions();
    for (x, y) in [(10, 10), (300, 200), (590, 440)] {
        let before = raw.get_pixel(width - 1 - x, height - 1 - y).0;
        let after = turned.get_pixel(x, y).0;
        let difference: u32 = before.iter().zip(after).map(|(a, b)| u32::from(a.abs_diff(b))).sum();
        assert!(difference < 60, "{before:?} {after:?}");
    }
}

#[test]
fn large_photos_shrink_and_small_ones_do_not_grow() {
    let Some(bytes) = photo("test-image-large.jpg") else { return };
    let limits = Limits { fit_within: Some((800, 800)), ..Limits::default() };
    let picture = sanitise(&bytes, &limits).unwrap();
    assert_eq!((picture.width, picture.height), (800, 600));
    decoded(&picture);
    let small = sanitise(&photo("test-image.png").unwrap(), &limits).unwrap();
    assert_eq!((small.width, small.height), (50, 50));
}

#[test]
fn a_truncated_photo_never_panics() {
    for name in [
        "test-image.jpg",
        "canola.jpg",
        "test-square-150.jpg",
        "test-image.gif",
        "test-image.webp",
        "codeispoetry.png",
        "test-image.png",
    ] {
        let Some(bytes) = photo(name) else { return };
        for part in 0..40 {
            match clean(&bytes[..bytes.len() * part / 40]) {
                Ok(picture) => drop(decoded(&picture)),
                Err(Refused::Broken | Refused::NotAPicture) => {}
                Err(other) => panic!("{name} {part}: {other}"),
            }
        }
    }
}
