//! Which way a block reads.
//!
//! `dir="auto"` looks only at text which is not inside another element with `dir`, so it does
//! nothing for a quotation or a list of paragraphs: their bar and bullets would be on the wrong
//! side in Arabic and Hebrew. For those the writer looks for the first letter itself.

use comrak::nodes::{Node, NodeValue};

/// How far to look for a letter.
const MAX_NODES: usize = 200;
const MAX_CHARS: usize = 400;

/// The value of a container's `dir`.
pub fn of(node: Node<'_>) -> &'static str {
    for child in node.descendants().take(MAX_NODES) {
        if let NodeValue::Text(ref text) = child.data().value
            && let Some(letter) = text.chars().take(MAX_CHARS).find(|c| c.is_alphabetic())
        {
            return if reads_from_the_right(letter) { "rtl" } else { "ltr" };
        }
    }
    "auto"
}

fn reads_from_the_right(letter: char) -> bool {
    matches!(letter,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}
