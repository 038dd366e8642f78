//! Letters that are drawn.

use std::collections::HashSet;

use crate::{Kind, Limits, letters, sanitise};

/// Relative luminance, as WCAG has it.
fn luminance(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = rgb.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[test]
fn white_letters_read_on_every_colour() {
    for hue in 0..360 {
        let contrast = 1.05 / (luminance(letters::colour(hue)) + 0.05);
        assert!(contrast >= 4.5, "{hue}: {contrast:.2}");
    }
    assert_eq!(letters::colour(725), letters::colour(5));
}

#[test]
fn every_letter_is_a_picture_of_its_own() {
    let mut seen = HashSet::new();
    for letter in ('A'..='Z').chain('0'..='9').chain(['?']) {
        assert_eq!(letters::is_drawn(letter), letter != '?');
        let png = letters::letters(&letter.to_string(), 210, 96).unwrap();
        assert!(png.len() < 4_096, "{letter}: {} B", png.len());
        assert!(seen.insert(png), "{letter} looks like another");
    }
    let [one, again, other, hue] = [("AK", 7), ("AK", 7), ("KA", 7), ("AK", 17)]
        .map(|(text, hue)| letters::letters(text, hue, 300).unwrap());
    assert_eq!(one, again);
    assert!(one != other && one != hue);
    let picture = sanitise(&one, &Limits::default()).unwrap();
    assert_eq!((picture.kind, picture.width, picture.height), (Kind::Png, 300, 300));
}
