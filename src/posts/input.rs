//! From what was typed to values: lines, tags, addresses, times.

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use unicode_normalization::UnicodeNormalization as _;

use super::post::Tag;
use crate::ids::CategoryId;

const MAX_TAGS: usize = 10;
const MAX_TAG: usize = 50;
const MAX_URL: usize = 512;

/// One line of text in one form: composed, without control characters or room at the ends.
pub fn clean_line(text: &str) -> String {
    let line: String = text
        .nfc()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !is_trick(*c))
        .collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that turn text around or hide in it; in one line they only deceive (V29).
fn is_trick(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether a text shows anything: spaces, marks that join or turn, and fillers alone do not.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    })
}

/// A line that may be missing, of so many characters at most.
pub fn short(text: &str, max: usize, what: &str) -> Result<Option<String>, String> {
    let text = clean_line(text);
    if text.chars().count() > max {
        return Err(format!("{what} has more than {max} characters."));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// The category that a choice names; nothing chosen is none.
pub fn category(text: &str) -> Result<Option<CategoryId>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim().parse().map(|id| Some(CategoryId(id))).map_err(|_| "There is no such category.")
}

/// Tags separated by commas, each once.
pub fn tags(text: &str) -> Result<Vec<Tag>, String> {
    let mut tags: Vec<Tag> = Vec::new();
    for name in text.split([',', '\n', '、', '،']) {
        let name = clean_line(name.trim().trim_start_matches('#'));
        if is_blank(&name) {
            continue;
        }
        if name.chars().count() > MAX_TAG {
            return Err(format!("A tag may have {MAX_TAG} characters at most."));
        }
        let slug = markup::slugify(&name);
        if !tags.iter().any(|tag| tag.slug == slug) {
            tags.push(Tag { name, slug });
        }
    }
    if tags.len() > MAX_TAGS {
        return Err(format!("{} tags are too many; {MAX_TAGS} are the most.", tags.len()));
    }
    Ok(tags)
}

/// A whole address of the web, or nothing.
pub fn web_address(text: &str) -> Result<Option<String>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let good = text.len() <= MAX_URL
        && url::Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && url.username().is_empty()
        });
    if good {
        Ok(Some(text.to_owned()))
    } else {
        Err("This must be a whole address, beginning with https://")
    }
}

/// Reads what a browser's field for date and time sends (UTC), or a time with its zone.
pub fn time(text: &str) -> Result<Option<DateTime<Utc>>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let with_zone = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok();
    with_zone
        .or_else(|| {
            ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
                .iter()
                .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
                .map(|time| time.and_utc())
        })
        // Feeds, forms and PostgreSQL know no more years than these.
        .filter(|time| (1..=9999).contains(&time.year()))
        .map(Some)
        .ok_or("This is no time; write it like 2026-11-24T09:00.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_split_cleaned_and_told_apart() {
        let names = |text: &str| -> Vec<String> {
            tags(text).unwrap().into_iter().map(|tag| tag.name).collect()
        };
        assert_eq!(
            names("rivers, #canoe,,  slow travel , Rivers"),
            ["rivers", "canoe", "slow travel"]
        );
        assert_eq!(names("日本語、العربية"), ["日本語", "العربية"]);
        assert!(names(" , ").is_empty());
        assert!(tags(&"x".repeat(51)).is_err());
        assert!(tags("a,b,c,d,e,f,g,h,i,j,k").is_err());
    }

    #[test]
    fn only_web_addresses_are_canonical() {
        assert_eq!(web_address(" "), Ok(None));
        assert!(web_address("https://example.org/a?b").is_ok());
        for bad in
            ["javascript:alert(1)", "//x", "example.org", "https://", "https://a@b/", "data:,x"]
        {
            assert!(web_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_line_loses_what_deceives() {
        assert_eq!(clean_line(" a\u{202e}b\tc\r\nd  e\u{0} "), "ab c d e");
        assert_eq!(clean_line("e\u{301}"), "é");
        assert_eq!(clean_line("👨‍👩‍👧"), "👨‍👩‍👧");
    }

    #[test]
    fn times_come_with_and_without_zone() {
        let expected = DateTime::from_timestamp(1_795_510_800, 0).unwrap();
        for text in ["2026-11-24T09:00", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00+01:00"] {
            assert_eq!(time(text), Ok(Some(expected)), "{text}");
        }
        for bad in ["tomorrow", "+262142-01-01T00:00", "-0044-03-15T12:00"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
