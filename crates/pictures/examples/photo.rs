//! How long a photograph takes on one core: `cargo run --release -p pictures --example photo [FILE]`.
//! Without a file, one of twelve megapixels is drawn.

use std::time::Instant;

use pictures::{Limits, jpeg_of_rgb, sanitise, variants};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = match std::env::args().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => drawn(),
    };
    let limits =
        Limits { max_bytes: usize::MAX, fit_within: Some((1920, 1920)), ..Limits::default() };
    let start = Instant::now();
    let kept = sanitise(&file, &limits)?;
    let kept_after = start.elapsed();
    let made = variants(&kept.bytes, &limits)?;
    let all_after = start.elapsed();
    let mut report = format!(
        "{} kB in; kept {} x {}, {} kB, after {kept_after:.0?}; {} variants after {all_after:.0?}\n",
        file.len() / 1024,
        kept.width,
        kept.height,
        kept.bytes.len() / 1024,
        made.len(),
    );
    for one in &made {
        let line =
            format!("{:>5} {:>5} {:?} {} B\n", one.width, one.height, one.kind, one.bytes.len());
        report.push_str(&line);
    }
    std::io::Write::write_all(&mut std::io::stdout(), report.as_bytes())?;
    Ok(())
}

/// 4000 x 3000 with detail everywhere, as a camera's grain has it.
fn drawn() -> Vec<u8> {
    let (width, height) = (4000_u32, 3000_u32);
    let mut seed = 1_u32;
    let mut pixels = Vec::with_capacity(36_000_000);
    for y in 0..height {
        for x in 0..width {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = seed >> 28;
            let wave = (x / 7) ^ (y / 5);
            for colour in [x * 200 / width, y * 200 / height, wave & 127] {
                pixels.push(u8::try_from(colour + grain).unwrap_or(u8::MAX));
            }
        }
    }
    jpeg_of_rgb(width, height, pixels).unwrap_or_default()
}
