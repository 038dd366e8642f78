//! Plain text: what a node says, how many words that is, and its beginning.

use comrak::nodes::{Node, NodeValue};
use unicode_segmentation::UnicodeSegmentation;

const WORDS_A_MINUTE: u32 = 200;

/// What a node says, without markup. Footnote numbers are left out.
pub fn plain(node: Node<'_>) -> String {
    let mut text = String::new();
    for child in node.descendants() {
        match child.data().value {
            NodeValue::Text(ref literal) => text.push_str(literal),
            NodeValue::Code(ref code) => text.push_str(&code.literal),
            NodeValue::HtmlInline(ref literal) => text.push_str(literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// What a heading says, on one line.
pub fn heading_text(node: Node<'_>) -> String {
    collapse(&plain(node))
}

fn collapse(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The beginning of a text in at most `max_chars` characters and an ellipsis, cut at a space; in
/// scripts which write without spaces, between two letters. A short text comes back whole.
pub fn excerpt(text: &str, max_chars: usize) -> String {
    if text.len() <= max_chars && is_plain_line(text) {
        return text.to_owned();
    }
    if let Some(begin) = text.get(..max_chars + 2)
        && is_plain_line(begin)
    {
        // The usual text of a list: each byte is a character, and the last one stands alone.
        let (line, rest) = begin.split_at(max_chars);
        let last_space = line.rfind(' ').map(|at| (at, at));
        return cut(line.to_owned(), last_space, rest.starts_with(' '));
    }
    let mut line = String::new();
    let mut chars = 0;
    let mut last_space = None;
    for grapheme in Graphemes::of(text) {
        let length = grapheme.chars().count();
        if chars + length > max_chars {
            return cut(line, last_space, grapheme == " ");
        }
        if grapheme == " " {
            last_space = Some((line.len(), chars));
        }
        line.push_str(grapheme);
        chars += length;
    }
    line
}

/// Whether a text is of ASCII alone, with single spaces between its words: the usual one in a list.
fn is_plain_line(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && text.trim().len() == text.len()
        && !text.contains("  ")
}

fn cut(mut line: String, last_space: Option<(usize, usize)>, at_a_word_end: bool) -> String {
    let chars = line.chars().count();
    if let Some((bytes, before)) = last_space
        && !at_a_word_end
        && before * 2 >= chars
    {
        line.truncate(bytes);
    }
    let end = line.trim_end_matches(|c: char| c.is_whitespace() || ",;:".contains(c)).len();
    line.truncate(end);
    line.push('…');
    line
}

/// The graphemes of a text in which every run of white space is one space.
struct Graphemes<'a> {
    rest: &'a str,
    next: Option<&'a str>,
    begun: bool,
}

impl<'a> Graphemes<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text.trim(), next: None, begun: false }
    }

    /// Takes the next grapheme of the text itself.
    fn grapheme(&mut self) -> Option<&'a str> {
        let length = match self.rest.as_bytes() {
            // Two letters of ASCII never belong together, but for CR LF: no need to look them up.
            [first, second, ..] if first.is_ascii() && second.is_ascii() && *first != b'\r' => 1,
            _ => self.rest.graphemes(true).next()?.len(),
        };
        let (grapheme, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(grapheme)
    }
}

impl<'a> Iterator for Graphemes<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if let Some(kept) = self.next.take() {
            return Some(kept);
        }
        let mut space = false;
        loop {
            let grapheme = self.grapheme()?;
            if grapheme.chars().all(char::is_whitespace) {
                space = true;
            } else if space && self.begun {
                self.next = Some(grapheme);
                return Some(" ");
            } else {
                self.begun = true;
                return Some(grapheme);
            }
        }
    }
}

/// How many words a text has. Chinese and Japanese count two characters for a word, the scripts
/// of South-East Asia which also write without spaces count five.
pub fn count_words(text: &str) -> u32 {
    let words: usize = text.split_whitespace().map(words_of).sum();
    u32::try_from(words).unwrap_or(u32::MAX)
}

fn words_of(run: &str) -> usize {
    if run.is_ascii() {
        return usize::from(run.bytes().any(|b| b.is_ascii_alphanumeric()));
    }
    let (mut east, mut south, mut other) = (0_usize, 0_usize, false);
    for c in run.chars() {
        match c {
            '\u{3040}'..='\u{30FF}'
            | '\u{3400}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFF}' => east += 1,
            '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' => {
                south += 1;
            }
            _ => other |= c.is_alphanumeric(),
        }
    }
    east.div_ceil(2) + south.div_ceil(5) + usize::from(other)
}

/// How many minutes it takes to read so many words, at least one.
pub fn reading_minutes(words: u32) -> u32 {
    (words.saturating_add(WORDS_A_MINUTE / 2) / WORDS_A_MINUTE).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What belongs together with its neighbours, or seems to.
    const PIECES: [&str; 14] =
        ["a", "Z", " ", "\r", "\n", "\t", "é", "\u{301}", "\u{200d}", "👩", "🇦", "🇧", "क्ष", "ि"];

    proptest! {
        #[test]
        fn the_quick_way_finds_the_same_graphemes(
            pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30),
        ) {
            let text = pieces.concat();
            let mut quick = Graphemes::of(&text);
            let found: Vec<&str> = std::iter::from_fn(|| quick.grapheme()).collect();
            prop_assert_eq!(found, text.trim().graphemes(true).collect::<Vec<_>>());
        }
    }
}
