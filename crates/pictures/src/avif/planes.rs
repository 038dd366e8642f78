//! From AV1 to pixels of eight bits.

use image::{GrayImage, RgbImage};
use re_rav1d::dav1d::pixel::{MatrixCoefficients, YUVRange};
use re_rav1d::dav1d::{
    Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Plane, Settings,
};

use crate::{Limits, Refused};

/// How brightness and colours are to be read, as the container says it.
#[derive(Debug, Clone, Copy)]
pub struct Colours {
    pub matrix: u16,
    pub full: bool,
}

/// Decodes the one frame of an item, which must be of the size that the container says.
fn frame(content: Vec<u8>, size: (u32, u32), limits: &Limits) -> Result<Picture, Refused> {
    limits.check_time()?;
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_frame_size_limit(size.0.saturating_mul(size.1));
    let mut decoder = Decoder::with_settings(&settings).map_err(|_| Refused::Broken)?;
    match decoder.send_data(content, None, None, None) {
        Ok(()) | Err(Error::Again) => {}
        Err(_) => return Err(Refused::Broken),
    }
    let picture = decoder.get_picture().map_err(|_| Refused::Broken)?;
    limits.check_time()?;
    if (picture.width(), picture.height()) == size { Ok(picture) } else { Err(Refused::Broken) }
}

/// Rows of samples of one or two bytes.
struct Samples {
    plane: Plane,
    stride: usize,
    deep: bool,
}

impl Samples {
    fn of(picture: &Picture, component: PlanarImageComponent) -> Self {
        Self {
            plane: picture.plane(component),
            stride: usize::try_from(picture.stride(component)).unwrap_or(0),
            deep: picture.bit_depth() > 8,
        }
    }

    fn row(&self, y: u32) -> &[u8] {
        let start = usize::try_from(y).unwrap_or(0).saturating_mul(self.stride);
        self.plane.get(start..).unwrap_or_default()
    }

    fn at(&self, row: &[u8], x: u32) -> f32 {
        let x = usize::try_from(x).unwrap_or(0);
        let sample = if self.deep {
            row.get(2 * x..2 * x + 2).map_or(0, |two| u16::from_ne_bytes([two[0], two[1]]))
        } else {
            row.get(x).copied().map_or(0, u16::from)
        };
        f32::from(sample)
    }
}

/// Shares of red and blue in brightness.
fn shares(colours: Option<Colours>, picture: &Picture) -> Result<Option<(f32, f32)>, Refused> {
    let matrix = match colours.map(|colours| colours.matrix) {
        Some(matrix) => matrix,
        None => match picture.matrix_coefficients() {
            MatrixCoefficients::Identity => 0,
            MatrixCoefficients::BT709 => 1,
            MatrixCoefficients::BT470M => 4,
            MatrixCoefficients::ST240M => 7,
            MatrixCoefficients::BT2020NonConstantLuminance => 9,
            _ => 6,
        },
    };
    Ok(Some(match matrix {
        0 => return Ok(None),
        1 => (0.2126, 0.0722),
        2 | 5 | 6 => (0.299, 0.114),
        4 => (0.30, 0.11),
        7 => (0.212, 0.087),
        9 => (0.2627, 0.0593),
        _ => return Err(Refused::Unsupported("AVIF files with colours of this kind".into())),
    }))
}

/// Where black and white lie, and how far colours reach.
struct Range {
    black: f32,
    white: f32,
    middle: f32,
    reach: f32,
}

impl Range {
    fn of(picture: &Picture, full: bool) -> Self {
        let bits = i32::try_from(picture.bit_depth()).unwrap_or(8).clamp(8, 16);
        let step = 2_f32.powi(bits - 8);
        let most = 256.0 * step - 1.0;
        let middle = 128.0 * step;
        if full {
            Self { black: 0.0, white: most, middle, reach: most }
        } else {
            Self { black: 16.0 * step, white: 219.0 * step, middle, reach: 224.0 * step }
        }
    }

    fn light(&self, sample: f32) -> f32 {
        (sample - self.black) / self.white
    }

    fn tint(&self, sample: f32) -> f32 {
        (sample - self.middle) / self.reach
    }

    /// Red, green and blue of brightness and two colours.
    fn colour(&self, samples: [f32; 3], shares: Option<(f32, f32)>) -> [u8; 3] {
        let [light, to_blue, to_red] = samples;
        // Green, blue and red as they are.
        let Some((red_share, blue_share)) = shares else {
            return [to_red, light, to_blue].map(|sample| level(self.light(sample)));
        };
        let light = self.light(light);
        let red = light + 2.0 * (1.0 - red_share) * self.tint(to_red);
        let blue = light + 2.0 * (1.0 - blue_share) * self.tint(to_blue);
        let rest = light - red_share * red - blue_share * blue;
        let green = rest / (1.0 - red_share - blue_share);
        [red, green, blue].map(level)
    }
}

fn level(x: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let byte = (x.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    byte
}

/// An item as red, green and blue.
pub fn rgb(
    content: Vec<u8>,
    (width, height): (u32, u32),
    colours: Option<Colours>,
    limits: &Limits,
) -> Result<RgbImage, Refused> {
    let picture = frame(content, (width, height), limits)?;
    let full = colours.map_or(picture.color_range() == YUVRange::Full, |colours| colours.full);
    let range = Range::of(&picture, full);
    let y_plane = Samples::of(&picture, PlanarImageComponent::Y);
    let layout = picture.pixel_layout();
    let mut pixels = Vec::with_capacity(3 * (width * height) as usize);
    if layout == PixelLayout::I400 {
        for y in 0..height {
            let row = y_plane.row(y);
            pixels.extend((0..width).flat_map(|x| [level(range.light(y_plane.at(row, x))); 3]));
        }
        return RgbImage::from_raw(width, height, pixels).ok_or(Refused::Broken);
    }
    let [u_plane, v_plane] =
        [PlanarImageComponent::U, PlanarImageComponent::V].map(|it| Samples::of(&picture, it));
    let (across, down) = match layout {
        PixelLayout::I420 => (1, 1),
        PixelLayout::I422 => (1, 0),
        _ => (0, 0),
    };
    let shares = shares(colours, &picture)?;
    for y in 0..height {
        let (row, u_row, v_row) = (y_plane.row(y), u_plane.row(y >> down), v_plane.row(y >> down));
        for x in 0..width {
            let samples = [
                y_plane.at(row, x),
                u_plane.at(u_row, x >> across),
                v_plane.at(v_row, x >> across),
            ];
            pixels.extend(range.colour(samples, shares));
        }
    }
    RgbImage::from_raw(width, height, pixels).ok_or(Refused::Broken)
}

/// An item's brightness alone, which is how transparency is kept.
pub fn levels(
    content: Vec<u8>,
    (width, height): (u32, u32),
    limits: &Limits,
) -> Result<GrayImage, Refused> {
    let picture = frame(content, (width, height), limits)?;
    let range = Range::of(&picture, picture.color_range() == YUVRange::Full);
    let plane = Samples::of(&picture, PlanarImageComponent::Y);
    let mut pixels = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        let row = plane.row(y);
        pixels.extend((0..width).map(|x| level(range.light(plane.at(row, x)))));
    }
    GrayImage::from_raw(width, height, pixels).ok_or(Refused::Broken)
}
