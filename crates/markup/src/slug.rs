//! Slugs: the part of an address which a person can read.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// A slug is shorter than this.
const MAX_BYTES: usize = 200;

/// A title as a slug: Latin, Greek and Cyrillic become ASCII, other letters stay, and everything
/// else becomes a hyphen. Never empty, never only digits, and shorter than 200 bytes.
pub fn slugify(title: &str) -> String {
    slug_or(title, "post")
}

/// A title as a slug; `fallback` when nothing is left, and before digits alone.
pub fn slug_or(title: &str, fallback: &str) -> String {
    let mut slug = cut(&hyphenated(title));
    if slug.is_empty() {
        fallback.clone_into(&mut slug);
    } else if slug.chars().all(char::is_numeric) && !fallback.is_empty() {
        slug = cut(&format!("{fallback}-{slug}"));
    }
    slug
}

fn hyphenated(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for c in title.nfc() {
        if is_a_form(c) {
            let plain: String = c.nfkc().collect();
            plain.to_lowercase().chars().for_each(|c| push(&mut slug, c));
        } else {
            c.to_lowercase().for_each(|c| push(&mut slug, c));
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug.nfc().collect()
}

fn push(slug: &mut String, c: char) {
    if c.is_ascii_alphanumeric() {
        slug.push(c.to_ascii_lowercase());
    } else if becomes_ascii(c) {
        let letters = deunicode::deunicode_char(c).unwrap_or_default();
        slug.extend(
            letters.chars().filter(char::is_ascii_alphanumeric).map(|l| l.to_ascii_lowercase()),
        );
    } else if is_combining_mark(c) {
        // A mark belongs to the letter before it; over an ASCII letter it is only an accent.
        if slug.ends_with(|before: char| !before.is_ascii()) {
            slug.push(c);
        }
    } else if c.is_alphanumeric() {
        slug.push(c);
    } else if !invisible(c) && !slug.is_empty() && !slug.ends_with('-') {
        slug.push('-');
    }
}

/// Ligatures, full width, superscript and other forms of letters which have a plain one. Others
/// stay: the plain form of a Thai vowel, say, is two characters no keyboard makes.
fn is_a_form(c: char) -> bool {
    matches!(c,
        '\u{AA}' | '\u{B2}' | '\u{B3}' | '\u{B9}'..='\u{BE}' | '\u{2070}'..='\u{209C}'
        | '\u{2100}'..='\u{218F}' | '\u{2460}'..='\u{24FF}' | '\u{FB00}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FFEF}' | '\u{1D400}'..='\u{1D7FF}')
}

/// Letters of the scripts which are readable in ASCII.
fn becomes_ascii(c: char) -> bool {
    c.is_alphabetic()
        && matches!(c,
            '\u{AA}'..='\u{2AF}' | '\u{370}'..='\u{3FF}' | '\u{400}'..='\u{52F}'
            | '\u{1C80}'..='\u{1C8F}' | '\u{1E00}'..='\u{1FFF}' | '\u{2C60}'..='\u{2C7F}'
            | '\u{2DE0}'..='\u{2DFF}' | '\u{A640}'..='\u{A69F}' | '\u{A720}'..='\u{A7FF}')
}

/// Soft hyphens, joiners and direction marks: not seen, so no reason for a hyphen.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

fn cut(slug: &str) -> String {
    if slug.len() < MAX_BYTES {
        return slug.to_owned();
    }
    let mut end = 0;
    let mut word_end = 0;
    for (start, grapheme) in slug.grapheme_indices(true) {
        if start >= MAX_BYTES {
            break;
        }
        end = start;
        if grapheme == "-" {
            word_end = start;
        }
    }
    // A grapheme may be longer than a whole slug: letters with hundreds of marks.
    while end == 0 || !slug.is_char_boundary(end) {
        end = if end == 0 { MAX_BYTES - 1 } else { end - 1 };
    }
    let end = if word_end * 2 >= end { word_end } else { end };
    slug[..end].trim_end_matches('-').to_owned()
}
