//! What is made to be shown: variants, squares, animations that stay what they are.

use std::io::Cursor;
use std::time::{Duration, Instant};

use image::codecs::webp::WebPDecoder;
use image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
};

use super::{assert_bare, clean};
use crate::{Kind, Limits, Picture, Refused, Variant, cost, sanitise, variants};

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red grows to the right, green downwards.
fn slope(width: u32, height: u32) -> RgbImage {
    let level = |at: u32, of: u32| u8::try_from(at * 255 / of).unwrap();
    RgbImage::from_fn(width, height, |x, y| Rgb([level(x, width), level(y, height), 60]))
}

fn shown(made: &[Variant]) -> Vec<(Kind, u32, u32)> {
    made.iter().map(|one| (one.kind, one.width, one.height)).collect()
}

#[test]
fn a_photo_is_shown_in_its_widths_and_never_larger() {
    let file = encoded(slope(1000, 500), ImageFormat::Jpeg);
    let picture = clean(&file).unwrap();
    let made = variants(&picture.bytes, &Limits::default()).unwrap();
    assert_eq!(
        shown(&made),
        [
            (Kind::WebP, 1000, 500),
            (Kind::WebP, 960, 480),
            (Kind::Jpeg, 960, 480),
            (Kind::WebP, 640, 320),
            (Kind::Jpeg, 640, 320),
            (Kind::WebP, 320, 160),
            (Kind::Jpeg, 320, 160),
            (Kind::WebP, 20, 10),
        ]
    );
    for one in &made {
        let Variant { kind, width, height, bytes } = one.clone();
        assert_bare(&Picture { kind, width, height, bytes: bytes.clone() }, "variant");
        let pixels = image::load_from_memory(&bytes).unwrap().to_rgb8();
        assert_eq!((pixels.width(), pixels.height()), (width, height));
        // The ghost is a hint and no more.
        let near = if width == 20 { 30 } else { 16 };
        let middle = pixels.get_pixel(width / 2, height / 2).0;
        assert!(
            middle.iter().zip([127_u8, 127, 60]).all(|(a, b)| a.abs_diff(b) < near),
            "{middle:?}"
        );
    }
}

#[test]
fn what_is_transparent_stays_so() {
    let half =
        RgbaImage::from_fn(400, 200, |x, _| Rgba([200, 10, 10, if x < 200 { 0 } else { 255 }]));
    let picture = clean(&encoded(half, ImageFormat::Png)).unwrap();
    let made = variants(&picture.bytes, &Limits::default()).unwrap();
    assert_eq!(
        shown(&made),
        [(Kind::WebP, 400, 200), (Kind::WebP, 320, 160), (Kind::WebP, 20, 10)]
    );
    let pixels = image::load_from_memory(&made[1].bytes).unwrap().to_rgba8();
    assert_eq!((pixels.get_pixel(40, 80).0[3], pixels.get_pixel(280, 80).0[3]), (0, 255));
}

#[test]
fn a_face_is_a_square_around_the_point_that_was_chosen() {
    let limits =
        |x, y| Limits { square: Some((x, y)), fit_within: Some((300, 300)), ..Limits::default() };
    let wide = encoded(slope(1200, 600), ImageFormat::Jpeg);
    for (x, red) in [(0, 64_u8), (25, 64), (50, 128), (75, 191), (100, 191)] {
        let face = sanitise(&wide, &limits(x, 50)).unwrap();
        assert_eq!((face.width, face.height), (300, 300));
        let pixels = image::load_from_memory(&face.bytes).unwrap().to_rgb8();
        let found = pixels.get_pixel(150, 150).0[0];
        assert!(found.abs_diff(red) < 8, "{x}: {found}");
    }
    let small = encoded(slope(40, 90), ImageFormat::Png);
    let face = sanitise(&small, &limits(50, 100)).unwrap();
    assert_eq!((face.width, face.height), (40, 40), "never larger");
    let large = sanitise(&wide, &limits(50, 50)).unwrap();
    let made = variants(&large.bytes, &Limits::default()).unwrap();
    let sides: Vec<_> = made.iter().map(|one| (one.kind, one.width)).collect();
    let face = [(Kind::WebP, 300), (Kind::WebP, 96), (Kind::Jpeg, 96), (Kind::WebP, 20)];
    assert_eq!(sides, face);
}

#[test]
fn an_animated_webp_stays_one() {
    let mut encoder = webpx::AnimationEncoder::with_options(60, 30, false, 3).unwrap();
    for (nth, time) in [(0_u8, 0), (1, 100), (2, 300)] {
        let frame = RgbaImage::from_pixel(60, 30, Rgba([nth * 100, 50, 50, 255]));
        encoder.add_frame_rgba(frame.as_raw(), time).unwrap();
    }
    let mut file = encoder.finish(700).unwrap();
    file.extend(b"<script>alert(1)</script>");
    for (fit_within, size) in [(None, (60, 30)), (Some((30, 30)), (30, 15))] {
        let picture = sanitise(&file, &Limits { fit_within, ..Limits::default() }).unwrap();
        assert_eq!((picture.kind, picture.width, picture.height), (Kind::WebP, size.0, size.1));
        assert_bare(&picture, "animation");
        let decoder = WebPDecoder::new(Cursor::new(&picture.bytes[..])).unwrap();
        assert!(decoder.has_animation());
        assert_eq!(decoder.dimensions(), size);
        let frames: Vec<_> = decoder.into_frames().map(Result::unwrap).collect();
        let times: Vec<_> = frames.iter().map(|frame| frame.delay().numer_denom_ms().0).collect();
        assert_eq!(times, [100, 200, 400]);
        let reds: Vec<_> = frames.iter().map(|frame| frame.buffer().get_pixel(5, 5).0[0]).collect();
        assert!(reds.iter().zip([0_u8, 100, 200]).all(|(a, b)| a.abs_diff(b) < 12), "{reds:?}");
        assert!(variants(&picture.bytes, &Limits::default()).unwrap().is_empty());
    }
    let few = Limits { max_frames: 2, ..Limits::default() };
    assert_eq!(sanitise(&file, &few), Err(Refused::TooManyFrames { limit: 2 }));
}

#[test]
fn time_and_memory_have_an_end() {
    let file = encoded(slope(1000, 500), ImageFormat::Jpeg);
    let late =
        Limits { until: Instant::now().checked_sub(Duration::from_secs(1)), ..Limits::default() };
    assert_eq!(sanitise(&file, &late), Err(Refused::TooSlow));
    assert_eq!(variants(&file, &late), Err(Refused::TooSlow));
    let needs = cost(&file, &Limits::default()).unwrap();
    assert_eq!(needs, 1_500_000);
    let less = Limits { max_alloc: needs - 1, ..Limits::default() };
    assert_eq!(sanitise(&file, &less), Err(Refused::TooManyPixels { width: 1000, height: 500 }));

    // A progressive file whose scans never end: each goes over all pixels.
    let mut scans = file.clone();
    scans.truncate(scans.len() - 2);
    for _ in 0..2_000 {
        scans.extend(b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0");
    }
    assert_eq!(clean(&scans), Err(Refused::TooSlow));
}
