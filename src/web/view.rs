//! Small things that templates say: dates, initials, numbers.

use std::borrow::Borrow;

use chrono::{DateTime, Datelike, Timelike as _, Utc};

pub use crate::links::{face_url, hue, initials, media_url};

/// `2026-11-23T16:55:57Z`, for `<time datetime>`.
pub fn iso(time: impl Borrow<DateTime<Utc>>) -> String {
    let time = time.borrow().naive_utc();
    if !(1_000..=9_999).contains(&time.year()) {
        return time.and_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    }
    let mut text = String::with_capacity(20);
    push(&mut text, time.year().unsigned_abs());
    for (mark, number) in [
        ('-', time.month()),
        ('-', time.day()),
        ('T', time.hour()),
        (':', time.minute()),
        (':', time.second()),
    ] {
        text.push(mark);
        push_two(&mut text, number);
    }
    text.push('Z');
    text
}

/// `23 Nov 2026`; the page's script shows it in the reader's own time.
pub fn day(time: impl Borrow<DateTime<Utc>>) -> String {
    let time = time.borrow().naive_utc();
    let mut text = String::with_capacity(24);
    push(&mut text, time.day());
    text.push(' ');
    text.push_str(month(&time));
    text.push(' ');
    if time.year() < 0 {
        text.push('-');
    }
    push(&mut text, time.year().unsigned_abs());
    text
}

/// `23 Nov 2026, 16:55 UTC`.
pub fn minute(time: impl Borrow<DateTime<Utc>>) -> String {
    let time = time.borrow();
    let mut text = day(time);
    let time = time.naive_utc();
    text.push_str(", ");
    push_two(&mut text, time.hour());
    text.push(':');
    push_two(&mut text, time.minute());
    text.push_str(" UTC");
    text
}

fn push(text: &mut String, number: u32) {
    if number >= 10 {
        push(text, number / 10);
    }
    text.push(digit(number));
}

fn push_two(text: &mut String, number: u32) {
    text.push(digit(number / 10));
    text.push(digit(number));
}

/// The last digit of a number.
fn digit(number: u32) -> char {
    char::from_digit(number % 10, 10).unwrap_or('0')
}

/// A page says dozens of dates: this is several times as quick as a pattern read each time.
fn month(time: &impl Datelike) -> &'static str {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.get(time.month0() as usize).copied().unwrap_or_default()
}

/// The `srcset` of a picture as WebP.
pub fn webp_set(address: impl AsRef<str>, width: impl std::fmt::Display) -> Option<String> {
    markup::shown::webp(address.as_ref(), width.to_string().parse().ok()?)
}

/// The `srcset` of a photograph as JPEG.
pub fn jpeg_set(address: impl AsRef<str>, width: impl std::fmt::Display) -> Option<String> {
    markup::shown::jpeg(address.as_ref(), width.to_string().parse().ok()?)
}

/// A face no larger than a line of text.
pub fn small_face(address: impl AsRef<str>) -> Option<String> {
    markup::shown::small(address.as_ref(), pictures::FACE)
}

/// What stands in a photograph's place while it loads. What can be seen through has none.
pub fn ghost(address: impl AsRef<str>) -> Option<String> {
    let address = address.as_ref();
    markup::shown::small(address, pictures::GHOST)
        .filter(|_| markup::shown::jpeg(address, 1).is_some())
}

/// `1,204`.
pub fn thousands(number: i64) -> String {
    let digits = number.to_string();
    if digits.len() <= 3 {
        return digits;
    }
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 post`, `2 posts`.
pub fn plural(number: i64, one: &str, many: &str) -> String {
    let mut text = thousands(number);
    text.push(' ');
    text.push_str(if number == 1 { one } else { many });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_patterns_say_them() {
        for seconds in [0, 951_782_399, 1_700_000_000, 1_785_499_259, 4_102_444_799] {
            let time = DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(day(time), time.format("%-d %b %Y").to_string());
            assert_eq!(minute(time), time.format("%-d %b %Y, %H:%M UTC").to_string());
            assert_eq!(iso(time), time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
    }

    #[test]
    fn the_widths_that_are_named_are_the_widths_that_are_made() {
        assert_eq!(markup::shown::WIDTHS, pictures::WIDTHS);
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_204, "1,204"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(thousands(number), expected);
        }
    }
}
