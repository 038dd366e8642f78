//! Faces for people without a picture: one or two letters on a colour, drawn here, with strokes of
//! our own instead of a font. What is no Latin letter and no digit is shown as a person.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{GrayImage, Rgb, RgbImage};

use crate::Refused;

/// A letter is ten units wide and fourteen high.
const WIDTH: f32 = 10.0;
const HEIGHT: f32 = 14.0;
const GAP: f32 = 4.5;
/// Half of a stroke's width.
const PEN: f32 = 1.05;
/// How much of the picture's side a letter is high.
const SHARE: f32 = 0.34;

/// Points of lines, `;` between lines; a line that begins with `~` is bent around its corners.
fn strokes(letter: char) -> &'static str {
    match letter {
        'A' => "0,14 5,0 10,14;1.8,9.3 8.2,9.3",
        'B' => {
            "1,0 1,14;~1,0 5,0 9.2,0 9.2,6.6 5,6.6 1,6.6;~1,6.6 5.5,6.6 10,6.6 10,14 5.5,14 1,14"
        }
        'C' => "~9.8,2.6 7.8,0 0,-1 0,7 0,15 7.8,14 9.8,11.4",
        'D' => "1,0 1,14;~1,0 4,0 10.5,0 10.5,7 10.5,14 4,14 1,14",
        'E' => "9,0 1,0 1,14 9,14;1,7 8,7",
        'F' => "9,0 1,0 1,14;1,7 8,7",
        'G' => "~9.6,2.6 7.8,0 0,-1 0,7 0,15 8,14.5 9.6,11.2;9.6,11.2 9.6,7.6 5.6,7.6",
        'H' => "1,0 1,14;9,0 9,14;1,7 9,7",
        'I' => "5,0 5,14",
        'J' => "8,0 8,8;~8,8 8,14 4.5,14 1,14 1,10.5",
        'K' => "1,0 1,14;9,0 1,8.2;3.8,5.4 9.5,14",
        'L' => "1,0 1,14 9,14",
        'M' => "0,14 0,0 5,9 10,0 10,14",
        'N' => "1,14 1,0 9,14 9,0",
        'O' => "~5,0 10.5,0 10.5,7 10.5,14 5,14 -0.5,14 -0.5,7 -0.5,0 5,0",
        'P' => "1,0 1,14;~1,0 5,0 9.7,0 9.7,7.6 5,7.6 1,7.6",
        'Q' => "~5,0 10.5,0 10.5,7 10.5,14 5,14 -0.5,14 -0.5,7 -0.5,0 5,0;6,10 10,14.6",
        'R' => "1,0 1,14;~1,0 5,0 9.7,0 9.7,7.6 5,7.6 1,7.6;5.2,7.6 9.5,14",
        'S' => "~9,2.4 7.5,0 5,0 1,0 1,3.5 1,6.4 5,7 9.5,7.6 9.5,10.5 9.5,14 5,14 2,14 0.5,11.4",
        'T' => "0,0 10,0;5,0 5,14",
        'U' => "1,0 1,8;~1,8 1,14 5,14 9,14 9,8;9,8 9,0",
        'V' => "0,0 5,14 10,0",
        'W' => "-1,0 2,14 5,3 8,14 11,0",
        'X' => "0.5,0 9.5,14;9.5,0 0.5,14",
        'Y' => "0,0 5,7 10,0;5,7 5,14",
        'Z' => "1,0 9,0 1,14 9,14",
        '0' => "~5,0 9.4,0 9.4,7 9.4,14 5,14 0.6,14 0.6,7 0.6,0 5,0",
        '1' => "2,3 5.5,0 5.5,14",
        '2' => "~1,3.6 1,0 5,0 9,0 9,4 9,6.4 1,14;1,14 9.2,14",
        '3' => "~1,1.8 2.5,0 5,0 9,0 9,6.5 4.5,6.5;~4.5,6.5 9.7,6.5 9.7,14 4.5,14 2,14 0.5,11.5",
        '4' => "7,14 7,0 0,10 10,10",
        '5' => "9,0 2,0 1.5,6.5;~1.5,6.5 4,5 9.7,5 9.7,14 4.5,14 2,14 0.5,12",
        '6' => "~8,0 1,3 0.5,9.5 0.5,14 5,14 9.5,14 9.5,6.4 5,6.4 1.8,6.4 0.7,9.4",
        '7' => "1,0 9,0 4,14",
        '8' => "~5,0 9,0 9,6.5 5,6.5 1,6.5 1,0 5,0;~5,6.5 10,6.5 10,14 5,14 0,14 0,6.5 5,6.5",
        '9' => "~2,14 9,11 9.5,4.5 9.5,0 5,0 0.5,0 0.5,7.6 5,7.6 8.2,7.6 9.3,4.6",
        _ => {
            "~5,-0.5 9,-0.5 9,3.2 9,7 5,7 1,7 1,3.2 1,-0.5 5,-0.5;~-1.5,14 -1.5,9.6 5,9.6 11.5,9.6 11.5,14"
        }
    }
}

/// Whether a letter can be drawn as itself.
pub fn is_drawn(letter: char) -> bool {
    letter.is_ascii_uppercase() || letter.is_ascii_digit()
}

/// The colour of a hue in degrees: even lightness, so that white reads on each; the colour that
/// pages write as `oklch(.5 .095 hue)`.
pub fn colour(hue: u16) -> [u8; 3] {
    let angle = f32::from(hue % 360).to_radians();
    let (green_red, blue_yellow) = (0.095 * angle.cos(), 0.095 * angle.sin());
    let cone = |first: f32, second: f32| {
        let root = 0.5 + first * green_red + second * blue_yellow;
        root * root * root
    };
    let cones =
        [cone(0.396_338, 0.215_804), cone(-0.105_561, -0.063_854), cone(-0.089_484, -1.291_49)];
    let linear = [
        [4.076_74, -3.307_71, 0.230_97],
        [-1.268_44, 2.609_76, -0.341_32],
        [-0.004_196, -0.703_419, 1.707_61],
    ];
    linear.map(|row| {
        let sum: f32 = row.iter().zip(cones).map(|(share, cone)| share * cone).sum();
        let sum = sum.clamp(0.0, 1.0);
        level(if sum <= 0.003_130_8 { 12.92 * sum } else { 1.055 * sum.powf(1.0 / 2.4) - 0.055 })
    })
}

/// A share of light as a byte.
fn level(x: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let byte = (x.clamp(0.0, 1.0) * 255.0).round() as u8;
    byte
}

/// A square PNG: up to two letters, in white, on the colour of a hue.
pub fn letters(text: &str, hue: u16, side: u32) -> Result<Vec<u8>, Refused> {
    let side = side.clamp(16, 512);
    let unit = side_of(side) * SHARE / HEIGHT;
    let mut mask = GrayImage::new(side, side);
    for line in lines(text) {
        let line: Vec<_> =
            line.iter().map(|point| point.map(|n| n * unit + side_of(side) / 2.0)).collect();
        for ends in line.windows(2) {
            stroke(&mut mask, ends[0], ends[1], PEN * unit);
        }
    }
    let ground = colour(hue);
    let picture = RgbImage::from_fn(side, side, |x, y| {
        let ink = u32::from(mask.get_pixel(x, y).0[0]);
        let mix = |ground: u8| (u32::from(ground) * (255 - ink) + 255 * ink + 127) / 255;
        Rgb(ground.map(|part| u8::try_from(mix(part)).unwrap_or(255)))
    });
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Sub);
    picture.write_with_encoder(encoder).map_err(|_| Refused::Broken)?;
    Ok(bytes)
}

/// Draws a line with round ends; only the pixels around it are looked at.
fn stroke(mask: &mut GrayImage, a: [f32; 2], b: [f32; 2], pen: f32) {
    let side = mask.width();
    let reach = |axis: usize| {
        let low = (a[axis].min(b[axis]) - pen - 1.0).clamp(0.0, side_of(side));
        let high = (a[axis].max(b[axis]) + pen + 2.0).clamp(0.0, side_of(side));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let reach = low as u32..high as u32;
        reach
    };
    for y in reach(1) {
        for x in reach(0) {
            let ink = level(pen - distance([centre(x), centre(y)], a, b) + 0.5);
            let pixel = mask.get_pixel_mut(x, y);
            pixel.0[0] = pixel.0[0].max(ink);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 512")]
fn side_of(side: u32) -> f32 {
    side as f32
}

fn centre(pixel: u32) -> f32 {
    side_of(pixel) + 0.5
}

/// All lines of a text in units, around its middle.
fn lines(text: &str) -> Vec<Vec<[f32; 2]>> {
    let letters: Vec<char> = text.chars().take(2).collect();
    let mut left = match letters.len() {
        2 => -WIDTH - GAP / 2.0,
        _ => -WIDTH / 2.0,
    };
    let mut lines = Vec::new();
    for letter in letters {
        for line in strokes(letter).split(';') {
            let (bent, points) = line.strip_prefix('~').map_or((false, line), |line| (true, line));
            let points = points.split(' ').filter_map(|point| {
                let (x, y) = point.split_once(',')?;
                Some([x.parse::<f32>().ok()? + left, y.parse::<f32>().ok()? - HEIGHT / 2.0])
            });
            let points: Vec<_> = points.collect();
            lines.push(if bent { bend(bend(bend(points))) } else { points });
        }
        left += WIDTH + GAP;
    }
    lines
}

/// Cuts each corner at a quarter of its sides; three times over it is a curve.
fn bend(points: Vec<[f32; 2]>) -> Vec<[f32; 2]> {
    let between =
        |a: [f32; 2], b: [f32; 2], t: f32| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        return points;
    };
    let mut bent = vec![first];
    for ends in points.windows(2) {
        bent.push(between(ends[0], ends[1], 0.25));
        bent.push(between(ends[0], ends[1], 0.75));
    }
    bent.push(last);
    bent
}

/// How far a point is from a line between two others.
fn distance(p: [f32; 2], a: [f32; 2], b: [f32; 2]) -> f32 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p[0] - a[0] - along * dx).hypot(p[1] - a[1] - along * dy)
}
