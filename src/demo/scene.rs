//! Covers: hills under a sky, drawn by a few sine waves. Nobody holds rights in them.

use super::dice::Dice;
use crate::{Result, app::App};

/// A picture that was drawn and stored.
#[derive(Clone)]
pub struct Cover {
    pub filename: String,
    pub alt: String,
    pub bytes: i64,
}

pub const WIDTH: u32 = 1_280;
pub const HEIGHT: u32 = 800;

type Colour = [f32; 3];

/// A time of day: the sky above and at the horizon, the sun, the farthest and the nearest hill.
struct Light {
    name: &'static str,
    high: Colour,
    low: Colour,
    sun: Colour,
    far: Colour,
    near: Colour,
}

const LIGHTS: [Light; 6] = [
    Light {
        name: "in the morning",
        high: [136., 176., 214.],
        low: [250., 222., 196.],
        sun: [255., 244., 220.],
        far: [156., 170., 190.],
        near: [44., 62., 74.],
    },
    Light {
        name: "at noon",
        high: [74., 138., 200.],
        low: [214., 232., 240.],
        sun: [255., 255., 244.],
        far: [142., 178., 176.],
        near: [36., 84., 66.],
    },
    Light {
        name: "in the evening",
        high: [94., 74., 122.],
        low: [246., 160., 108.],
        sun: [255., 214., 150.],
        far: [150., 100., 118.],
        near: [46., 30., 52.],
    },
    Light {
        name: "by night",
        high: [16., 20., 44.],
        low: [54., 70., 108.],
        sun: [236., 238., 246.],
        far: [48., 62., 96.],
        near: [10., 14., 28.],
    },
    Light {
        name: "in autumn",
        high: [170., 190., 200.],
        low: [244., 228., 196.],
        sun: [255., 240., 210.],
        far: [196., 160., 112.],
        near: [104., 52., 30.],
    },
    Light {
        name: "in snow",
        high: [150., 174., 198.],
        low: [236., 238., 242.],
        sun: [255., 252., 246.],
        far: [214., 222., 230.],
        near: [112., 132., 152.],
    },
];

const PLACES: [&str; 4] = ["Hills", "A valley", "Ridges", "A far range"];

/// Draws and stores so many covers.
pub fn covers(app: &App, seed: u64, number: usize) -> Result<Vec<Cover>> {
    let runtime = tokio::runtime::Handle::current();
    (0..number)
        .map(|at| {
            let mut dice = Dice::new(seed, 2, at);
            let light = &LIGHTS[at % LIGHTS.len()];
            let pixels = draw(light, &mut dice);
            let jpeg = pictures::jpeg_of_rgb(WIDTH, HEIGHT, pixels)
                .ok_or_else(|| anyhow::anyhow!("a drawn picture could not be written"))?;
            let bytes = i64::try_from(jpeg.len()).unwrap_or(i64::MAX);
            Ok(Cover {
                filename: runtime.block_on(app.files.put(jpeg.into(), "jpg"))?,
                alt: format!("{} {}", dice.pick(&PLACES), light.name),
                bytes,
            })
        })
        .collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a pixel's place and colour are small numbers"
)]
fn draw(light: &Light, dice: &mut Dice) -> Vec<u8> {
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    let hills: Vec<Vec<f32>> = (0..5).map(|hill| outline(hill, dice)).collect();
    let sun = (dice.between(width / 5, width * 4 / 5) as f32, dice.between(140, 320) as f32);
    let radius = dice.between(38, 64) as f32;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        let depth = (y as f32 / (height as f32 * 0.72)).min(1.0);
        let sky = mixed(light.high, light.low, depth);
        for x in 0..width {
            let hill = hills.iter().rposition(|outline| outline[x] <= y as f32);
            let colour = match hill {
                Some(hill) => {
                    let near = (hill as f32 + 1.0) / hills.len() as f32;
                    let ground = mixed(light.far, light.near, near);
                    // Mist gathers at the foot of a hill.
                    let below = (y as f32 - hills[hill][x]) / 420.0;
                    mixed(ground, light.low, below.min(0.35) * (1.0 - near))
                }
                None => {
                    let (dx, dy) = (x as f32 - sun.0, y as f32 - sun.1);
                    let distance = (dx * dx + dy * dy).sqrt();
                    let edge = ((distance - radius) / 3.0).clamp(0.0, 1.0);
                    let glow = (1.0 - distance / 520.0).max(0.0).powi(3) * 0.55;
                    mixed(light.sun, mixed(sky, light.sun, glow), edge)
                }
            };
            pixels.extend(colour.map(|part| part.clamp(0.0, 255.0) as u8));
        }
    }
    pixels
}

/// Where a hill ends, from left to right: a broad wave with smaller ones on it.
#[expect(clippy::cast_precision_loss, reason = "a pixel's place is a small number")]
fn outline(hill: usize, dice: &mut Dice) -> Vec<f32> {
    let base = 330.0 + 105.0 * hill as f32;
    let waves: Vec<(f32, f32, f32)> =
        [(1.3, 70.0), (3.1, 30.0), (7.3, 11.0), (19.0, 4.0), (43.0, 1.6)]
            .into_iter()
            .map(|(rate, size)| {
                let rate = rate * (0.8 + dice.below(40) as f32 / 100.0);
                (rate, size, dice.below(628) as f32 / 100.0)
            })
            .collect();
    (0..WIDTH)
        .map(|x| {
            let place = x as f32 / WIDTH as f32 * std::f32::consts::TAU / 2.0;
            base + waves
                .iter()
                .map(|(rate, size, shift)| (place * rate + shift).sin() * size)
                .sum::<f32>()
        })
        .collect()
}

fn mixed(one: Colour, other: Colour, share: f32) -> Colour {
    std::array::from_fn(|at| one[at] + (other[at] - one[at]) * share)
}
