//! AVIF: small files made for this, and real ones beside the checkout. What the pixels should be
//! was read with libavif.

use image::{DynamicImage, GenericImageView};

use super::{assert_bare, clean, fixtures::photo};
use crate::{Kind, Limits, Refused, cost, sanitise};

const PLAIN: &[u8] = include_bytes!("avif/plain.avif");
const RED: [u8; 4] = [220, 40, 40, 255];
const BLUE: [u8; 4] = [30, 60, 200, 255];
const YELLOW: [u8; 4] = [240, 220, 60, 255];

/// The kept picture at points given in hundredths.
fn assert_pixels(
    name: &str,
    file: &[u8],
    expected: (Kind, u32, u32),
    points: &[(u32, u32, [u8; 4])],
) {
    let picture = clean(file).unwrap_or_else(|refused| panic!("{name}: {refused}"));
    assert_eq!((picture.kind, picture.width, picture.height), expected, "{name}");
    assert_bare(&picture, name);
    let shown: DynamicImage = image::load_from_memory(&picture.bytes).unwrap();
    for (x, y, wanted) in points {
        let pixel = shown.get_pixel(picture.width * x / 100, picture.height * y / 100).0;
        // Where nothing is to be seen, the colour is nobody's business.
        let parts = if wanted[3] < 8 { 3..4 } else { 0..4 };
        for part in parts {
            let apart = pixel[part].abs_diff(wanted[part]);
            assert!(apart <= 14, "{name} at {x},{y}: {pixel:?}, not {wanted:?}");
        }
    }
}

#[test]
fn an_avif_is_kept_with_its_pixels_upright() {
    let jpeg = (Kind::Jpeg, 96, 64);
    assert_pixels("plain", PLAIN, jpeg, &[(20, 20, RED), (20, 85, YELLOW), (80, 50, BLUE)]);
    let mirrored = include_bytes!("avif/mirrored.avif");
    assert_pixels("mirrored", mirrored, jpeg, &[(20, 15, YELLOW), (20, 80, RED), (80, 50, BLUE)]);
    let turned = include_bytes!("avif/turned.avif");
    let points = [(15, 20, YELLOW), (80, 20, RED), (50, 80, BLUE)];
    assert_pixels("turned", turned, (Kind::Jpeg, 64, 96), &points);
    let grey = [(50, 10, [25, 25, 25, 255]), (50, 90, [231, 231, 231, 255])];
    assert_pixels("grey", include_bytes!("avif/grey.avif"), (Kind::Jpeg, 64, 64), &grey);
    let alpha = [(50, 25, [30, 60, 200, 134]), (20, 85, YELLOW), (0, 25, [220, 40, 40, 0])];
    assert_pixels("alpha", include_bytes!("avif/alpha.avif"), (Kind::Png, 96, 64), &alpha);
}

#[test]
fn an_avif_keeps_within_limits_that_are_read_from_its_boxes() {
    let small = Limits { max_pixels: 96 * 64 - 1, ..Limits::default() };
    let refused = Err(Refused::TooManyPixels { width: 96, height: 64 });
    assert_eq!(cost(PLAIN, &small), Err(Refused::TooManyPixels { width: 96, height: 64 }));
    assert_eq!(sanitise(PLAIN, &small), refused);
    let poor = Limits { max_alloc: 50_000, ..Limits::default() };
    assert_eq!(sanitise(PLAIN, &poor), refused);
    assert!(cost(PLAIN, &Limits::default()).unwrap() >= 96 * 64 * 9);
    // A file whose boxes promise a small picture, and whose frame is another.
    let mut liar = PLAIN.to_vec();
    let at = liar.windows(4).position(|four| four == b"ispe").unwrap() + 8;
    liar[at..at + 8].copy_from_slice(&[0, 0, 0, 32, 0, 0, 0, 32]);
    assert_eq!(clean(&liar), Err(Refused::Broken));
    let huge = [0, 1, 0, 0, 0, 1, 0, 0];
    liar[at..at + 8].copy_from_slice(&huge);
    assert_eq!(clean(&liar), Err(Refused::TooManyPixels { width: 65_536, height: 65_536 }));
    let square = Limits { square: Some((0, 50)), fit_within: Some((30, 30)), ..Limits::default() };
    let face = sanitise(PLAIN, &square).unwrap();
    assert_eq!((face.width, face.height), (30, 30));
}

#[test]
fn a_broken_avif_is_refused() {
    for end in 0..PLAIN.len() {
        let answer = clean(&PLAIN[..end]);
        assert!(answer.is_err(), "{end}: {answer:?}");
    }
    // Numbers in the boxes, each spoiled. What the site itself reads of them must hold; the frame is
    // for a process that may end by it.
    let data = PLAIN.windows(4).position(|four| four == b"mdat").unwrap();
    for at in 0..data {
        for spoiled in 0..=255 {
            let mut file = PLAIN.to_vec();
            file[at] = spoiled;
            if let Ok(cost) = cost(&file, &Limits::default()) {
                assert!(cost <= 50_000_000 * 18, "{at}");
            }
        }
    }
}

#[test]
fn real_avif_files_have_the_right_pixels() {
    if photo("canola.jpg").is_none() {
        return;
    }
    let grey = [127, 127, 127, 255];
    let leaf = [100, 142, 86, 253];
    let sand = |alpha| [144, 131, 54, alpha];
    for (name, expected, points) in [
        (
            "avif-lossless.avif",
            (Kind::Jpeg, 400, 400),
            vec![(10, 10, grey), (90, 90, [249, 166, 26, 255]), (30, 60, grey)],
        ),
        (
            "avif-lossy.avif",
            (Kind::Jpeg, 400, 400),
            vec![(50, 50, [86, 56, 28, 255]), (90, 90, [107, 122, 65, 255])],
        ),
        (
            "avif-transparent.avif",
            (Kind::Png, 128, 128),
            vec![(10, 10, sand(254)), (50, 50, sand(93)), (30, 60, sand(190)), (90, 10, [0; 4])],
        ),
        (
            "avif-alpha-grid2x1.avif",
            (Kind::Png, 199, 200),
            vec![(10, 10, leaf), (50, 50, [129, 169, 122, 205]), (90, 10, [247, 247, 247, 208])],
        ),
    ] {
        assert_pixels(name, &photo(name).unwrap(), expected, &points);
    }
}
