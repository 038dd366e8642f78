//! Text on its way into a page.
//!
//! Hardly any of it holds something that has to be escaped, and telling so for a stretch of bytes
//! at once is many times quicker than looking at each. What has to be escaped is askama's work.

use std::fmt::{Result, Write};

use askama::filters::Escaper;

/// So many bytes are looked at together.
const STRETCH: usize = 32;

/// How pages escape what they are given; `askama.toml` names it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Html;

impl Escaper for Html {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> Result {
        let mut rest = text;
        loop {
            let plain = plain_start(rest);
            if plain == rest.len() {
                return dest.write_str(rest);
            }
            let (plain, other) = rest.split_at(plain);
            dest.write_str(plain)?;
            let (piece, after) = other.split_at(other.floor_char_boundary(STRETCH));
            askama::filters::Html.write_escaped_str(&mut dest, piece)?;
            rest = after;
        }
    }
}

/// Whether a byte is one of those that askama escapes.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    special[b'"' as usize] = true;
    special[b'&' as usize] = true;
    special[b'\'' as usize] = true;
    special[b'<' as usize] = true;
    special[b'>' as usize] = true;
    special
};

/// How many bytes from the start are surely plain: all, or some stretches.
fn plain_start(text: &str) -> usize {
    let (stretches, rest) = text.as_bytes().as_chunks::<STRETCH>();
    for (nth, stretch) in stretches.iter().enumerate() {
        // Without a way out in the middle, the compiler looks at many bytes in one step.
        let is_special = stretch
            .iter()
            .fold(false, |found, byte| found | matches!(byte, b'"' | b'&' | b'\'' | b'<' | b'>'));
        if is_special {
            return text.floor_char_boundary(nth * STRETCH);
        }
    }
    if rest.iter().any(|byte| SPECIAL[usize::from(*byte)]) {
        return text.floor_char_boundary(text.len() - rest.len());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str, by: impl Escaper) -> String {
        let mut out = String::new();
        by.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[test]
    fn each_special_letter_is_escaped_wherever_it_stands() {
        for special in ['"', '&', '\'', '<', '>'] {
            for before in 0..3 * STRETCH {
                for filler in ["x", "é", "東"] {
                    let text = format!("{}{special}{filler}", filler.repeat(before));
                    let found = escaped(&text, Html);
                    assert!(!found.contains(special) || special == '&', "{text}");
                    assert_eq!(found, escaped(&text, askama::filters::Html));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_escaped_as_askama_does(text in "([a-z ]{0,40}|[\"&'<>]|\\PC{0,5}){0,12}") {
            prop_assert_eq!(escaped(&text, Html), escaped(&text, askama::filters::Html));
        }
    }
}
