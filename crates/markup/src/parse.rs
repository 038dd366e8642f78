//! Which Markdown is understood, and which characters reach the parser.

use std::borrow::Cow;

use comrak::options::{Extension, Options};

use crate::Dialect;

/// The parser's options for a dialect. Nothing else reads comrak's options: the HTML is written
/// by our own writer.
pub fn options(dialect: Dialect) -> Options<'static> {
    let article = dialect == Dialect::Article;
    Options {
        extension: Extension {
            strikethrough: true,
            autolink: true,
            cjk_friendly_emphasis: true,
            table: article,
            tasklist: article,
            footnotes: article,
            alerts: article,
            ..Extension::default()
        },
        ..Options::default()
    }
}

/// A line may open so many quotations. The parser takes a time which grows with the square of it.
const MAX_QUOTES: usize = 100;

/// Replaces characters which no HTML document may contain (controls other than tab and line ends,
/// and code points that are no characters), and lets no line open too many quotations.
pub fn clean_source(source: &str) -> Cow<'_, str> {
    let mut source = Cow::Borrowed(source);
    if source.contains(forbidden) {
        source = Cow::Owned(source.replace(forbidden, "\u{FFFD}"));
    }
    if source.split(['\n', '\r']).any(|line| one_quote_too_many(line).is_some()) {
        source = Cow::Owned(with_fewer_quotes(&source));
    }
    source
}

/// The place of the first quotation mark which goes too deep.
fn one_quote_too_many(line: &str) -> Option<usize> {
    line.bytes()
        .enumerate()
        .take_while(|(_, b)| b"> \t-+*.)".contains(b) || b.is_ascii_digit())
        .filter(|(_, b)| *b == b'>')
        .nth(MAX_QUOTES)
        .map(|(place, _)| place)
}

fn with_fewer_quotes(source: &str) -> String {
    let mut result = String::with_capacity(source.len() + 64);
    for line in source.split_inclusive(['\n', '\r']) {
        match one_quote_too_many(line) {
            Some(place) => {
                result.push_str(&line[..place]);
                result.push('\\');
                result.push_str(&line[place..]);
            }
            None => result.push_str(line),
        }
    }
    result
}

fn forbidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{FDD0}'..='\u{FDEF}')
        || (u32::from(c) & 0xFFFE) == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_opens_no_more_than_a_hundred_quotations() {
        let deep = format!("a\n- {}b\n>c", "> ".repeat(150));
        let expected = format!("a\n- {}\\{}b\n>c", "> ".repeat(100), "> ".repeat(50));
        assert_eq!(clean_source(&deep), expected);
        let fine = ">".repeat(100);
        assert_eq!(clean_source(&fine), fine);
    }

    #[test]
    fn control_characters_do_not_reach_the_page() {
        assert_eq!(clean_source("a\tb\r\nc"), "a\tb\r\nc");
        assert_eq!(clean_source("a\0b\u{1b}[1m\u{FFFE}"), "a\u{FFFD}b\u{FFFD}[1m\u{FFFD}");
    }
}
