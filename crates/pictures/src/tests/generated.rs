//! Pictures made here, so that these tests need no files.

use std::io::Cursor;

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::png::PngEncoder;
use image::{
    AnimationDecoder, Delay, DynamicImage, Frame, ImageBuffer, ImageEncoder, ImageFormat, Rgb,
    RgbImage, Rgba, RgbaImage,
};

use super::{assert_bare, clean};
use crate::{Kind, Limits, Picture, Refused, sanitise};

fn bytes(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn pixels(picture: &Picture) -> DynamicImage {
    image::load_from_memory(&picture.bytes).unwrap()
}

/// 64 × 32 with another colour in each quarter.
fn quarters() -> RgbImage {
    RgbImage::from_fn(64, 32, |x, y| match (x < 32, y < 16) {
        (true, true) => Rgb([250, 10, 10]),
        (false, true) => Rgb([10, 250, 10]),
        (true, false) => Rgb([10, 10, 250]),
        (false, false) => Rgb([250, 250, 10]),
    })
}

/// A JPEG with an EXIF orientation.
fn with_orientation(orientation: u8) -> Vec<u8> {
    let plain = bytes(&DynamicImage::ImageRgb8(quarters()), ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    let mut file = plain[..2].to_vec();
    file.extend([0xFF, 0xE1]);
    file.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    file.extend(exif);
    file.extend(&plain[2..]);
    file
}

#[test]
fn every_orientation_is_applied() {
    let (red, green, blue, yellow) = ("red", "green", "blue", "yellow");
    for (orientation, corners) in [
        (1, [red, green, blue, yellow]),
        (2, [green, red, yellow, blue]),
        (3, [yellow, blue, green, red]),
        (4, [blue, yellow, red, green]),
        (5, [red, blue, green, yellow]),
        (6, [blue, red, yellow, green]),
        (7, [yellow, green, blue, red]),
        (8, [green, yellow, red, blue]),
    ] {
        for fit_within in [None, Some((32, 32))] {
            let limits = Limits { fit_within, ..Limits::default() };
            let picture = sanitise(&with_orientation(orientation), &limits).unwrap();
            assert_bare(&picture, "orientation");
            let (width, height) = (picture.width, picture.height);
            let upright = if orientation < 5 { (64, 32) } else { (32, 64) };
            let shrunk = if orientation < 5 { (32, 16) } else { (16, 32) };
            let expected = if fit_within.is_some() { shrunk } else { upright };
            assert_eq!((width, height), expected, "{orientation}");
            let image = pixels(&picture).to_rgb8();
            let found =
                [(4, 4), (width - 4, 4), (4, height - 4), (width - 4, height - 4)].map(|(x, y)| {
                    match image.get_pixel(x, y).0.map(|level| level > 128) {
                        [true, false, false] => red,
                        [false, true, false] => green,
                        [false, false, true] => blue,
                        [true, true, false] => yellow,
                        other => panic!("{other:?}"),
                    }
                });
            assert_eq!(found, corners, "{orientation}");
        }
    }
}

#[test]
fn sixteen_bits_become_eight() {
    let deep =
        ImageBuffer::from_fn(8, 8, |x, _| Rgba([u16::try_from(x).unwrap() * 8000, 0, 0, 40_000]));
    let picture = clean(&bytes(&DynamicImage::ImageRgba16(deep), ImageFormat::Png)).unwrap();
    assert_eq!(picture.bytes[24], 8, "bits a channel");
    assert_eq!(pixels(&picture).color(), image::ColorType::Rgba8);
}

#[test]
fn what_is_written_behind_or_inside_a_picture_is_gone() {
    let image = DynamicImage::ImageRgb8(quarters());
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let mut file = bytes(&image, format);
        file.extend(b"<html><script>alert(1)</script>PK\x03\x04");
        let picture = clean(&file).unwrap();
        assert_bare(&picture, "polyglot");
        assert!(!picture.bytes.ends_with(b"PK\x03\x04"));
    }
    // GIF and JavaScript at once: the width reads as the beginning of a comment.
    let mut polyglot = b"GIF89a/*".to_vec();
    polyglot.extend(&bytes(&image, ImageFormat::Gif)[8..]);
    polyglot.extend(b"*/=1;alert(1);<script");
    if let Ok(picture) = clean(&polyglot) {
        assert_bare(&picture, "GIF and JavaScript");
    }
    // A comment in the GIF itself.
    let plain = bytes(&image, ImageFormat::Gif);
    let after_palette = 13 + if plain[10] & 0x80 == 0 { 0 } else { 3 << ((plain[10] & 7) + 1) };
    let mut commented = plain[..after_palette].to_vec();
    commented.extend(b"\x21\xFE\x07<script\0");
    commented.extend(&plain[after_palette..]);
    assert_bare(&clean(&commented).unwrap(), "GIF comment");
}

#[test]
fn no_metadata_of_a_png_survives() {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(vec![7; 3000]).unwrap();
    encoder.set_exif_metadata(b"II*\0NIKON".to_vec()).unwrap();
    let image = quarters();
    encoder.write_image(image.as_raw(), 64, 32, image::ExtendedColorType::Rgb8).unwrap();
    assert!(file.windows(4).any(|part| part == b"iCCP"));
    let picture = clean(&file).unwrap();
    assert_bare(&picture, "PNG");
    assert_eq!(pixels(&picture).to_rgb8(), image);
}

#[test]
fn a_wide_colour_profile_is_applied_and_dropped() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(profile).unwrap();
    let orange = RgbImage::from_pixel(8, 8, Rgb([200, 120, 80]));
    encoder.write_image(orange.as_raw(), 8, 8, image::ExtendedColorType::Rgb8).unwrap();
    let picture = clean(&file).unwrap();
    assert_bare(&picture, "Display P3");
    let [r, g, b] = pixels(&picture).to_rgb8().get_pixel(4, 4).0;
    assert!(r > 205 && g < 120 && b < 80, "{r} {g} {b}");
}

fn animation(frames: u32, repeat: Option<Repeat>) -> Vec<u8> {
    let mut file = Vec::new();
    {
        let mut encoder = GifEncoder::new_with_speed(&mut file, 30);
        if let Some(repeat) = repeat {
            encoder.set_repeat(repeat).unwrap();
        }
        for number in 0..frames {
            let level = u8::try_from(number % 200).unwrap();
            let image = RgbaImage::from_pixel(40, 20, Rgba([level, 100, 100, 255]));
            let delay = Delay::from_numer_denom_ms(70, 1);
            encoder.encode_frame(Frame::from_parts(image, 0, 0, delay)).unwrap();
        }
    }
    file
}

#[test]
fn an_animation_stays_one() {
    for (repeat, says) in [
        (Some(Repeat::Infinite), &b"NETSCAPE2.0\x03\x01\0\0"[..]),
        (Some(Repeat::Finite(3)), &b"NETSCAPE2.0\x03\x01\x03\0"[..]),
        (None, &b""[..]),
    ] {
        for fit_within in [None, Some((20, 20))] {
            let limits = Limits { fit_within, ..Limits::default() };
            let picture = sanitise(&animation(12, repeat), &limits).unwrap();
            let size = if fit_within.is_some() { (20, 10) } else { (40, 20) };
            assert_eq!((picture.kind, picture.width, picture.height), (Kind::Gif, size.0, size.1));
            let decoder = GifDecoder::new(Cursor::new(&picture.bytes)).unwrap();
            let frames = decoder.into_frames().collect_frames().unwrap();
            assert_eq!(frames.len(), 12);
            assert_eq!(frames[3].delay(), Delay::from_numer_denom_ms(70, 1));
            assert_eq!(frames[3].buffer().get_pixel(5, 5).0[0].abs_diff(3), 0);
            let found = picture.bytes.windows(says.len().max(1)).any(|part| part == says);
            assert_eq!(found, !says.is_empty());
        }
    }
}

#[test]
fn too_many_frames_are_refused() {
    assert_eq!(clean(&animation(301, None)), Err(Refused::TooManyFrames { limit: 300 }));
    let limits = Limits { max_pixels: 1000, ..Limits::default() };
    let refused = Refused::TooMuchAnimation { frames: 6, width: 40, height: 20 };
    assert_eq!(sanitise(&animation(6, None), &limits), Err(refused));
}

#[test]
fn other_files_are_refused_by_name() {
    for (file, name) in [
        (&b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"[..], "SVG"),
        (b"\xEF\xBB\xBF  <?xml version=\"1.0\"?>\n<!-- x --><svg/>", "SVG"),
        (b"<\0s\0v\0g\0>\0", "SVG"),
        (b"<!DOCTYPE html><p>", "HTML"),
        (b"\n<script>alert(1)</script>", "HTML"),
        (b"<?xml version=\"1.0\"?><x/>", "XML"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b"\0\0\0\x20ftypheic", "HEIC"),
        (b"\0\0\0\x10ftypavis\0\0\0\0", "Animated AVIF"),
        (b"\0\0\0\x20ftypisom", "Video"),
    ] {
        assert_eq!(clean(file), Err(Refused::Unsupported(name.into())));
    }
    for file in
        [&b""[..], b"#!/bin/sh\nrm -rf /", b"\xFF\xD8", b"GIF", b"RIFF\0\0\0\0WAVE", b"\x7FELF"]
    {
        assert_eq!(clean(file), Err(Refused::NotAPicture));
    }
    for file in [
        &b"GIF89a"[..],
        b"GIF89a=1;alert(1)//",
        b"\x89PNG\r\n\x1A\n<html>",
        b"\xFF\xD8\xFF<script>",
    ] {
        assert!(
            matches!(clean(file), Err(Refused::Broken | Refused::TooManyPixels { .. })),
            "{:?}",
            clean(file)
        );
    }
}

#[test]
fn what_is_said_to_people_is_clear() {
    assert_eq!(
        Refused::Unsupported("SVG".into()).to_string(),
        "SVG files cannot be used here. Please choose a JPEG, PNG, GIF, WebP or AVIF file."
    );
    assert_eq!(Refused::TooLarge { limit: 10 << 20 }.to_string(), "The file is larger than 10 MB.");
    assert_eq!(
        Refused::TooLarge { limit: 500 << 10 }.to_string(),
        "The file is larger than 500 kB."
    );
    let limits = Limits { max_bytes: 3, ..Limits::default() };
    assert_eq!(sanitise(b"abcd", &limits), Err(Refused::TooLarge { limit: 3 }));
}
