use crate::text::count_words;
use crate::{excerpt, reading_minutes};

#[test]
fn an_excerpt_ends_at_a_space() {
    for (text, max, cut) in [
        ("", 10, ""),
        ("short", 10, "short"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 7, "one two…"),
        ("one two, three", 9, "one two…"),
        ("one\n\n  two\tthree", 9, "one two…"),
        ("unbreakable", 4, "unbr…"),
        ("a unbreakableandlong", 12, "a unbreakabl…"),
        ("吾輩は猫である。名前はまだ無い", 7, "吾輩は猫である…"),
        ("x 👨‍👩‍👧‍👦 y z", 4, "x…"),
        ("e\u{301}e\u{301}e\u{301}", 3, "e\u{301}…"),
        ("anything", 0, "…"),
    ] {
        assert_eq!(excerpt(text, max), cut, "{text:?} {max}");
    }
}

#[test]
fn words_are_counted_in_every_script() {
    for (text, words) in [
        ("", 0),
        ("one two  three\nfour", 4),
        ("— & !", 0),
        ("don't stop 24/7", 3),
        ("汉字与标点", 3),
        ("用 Rust 写", 3),
        ("เป็นมนุษย์", 2),
        ("שלום עולם", 2),
    ] {
        assert_eq!(count_words(text), words, "{text}");
    }
}

#[test]
fn reading_takes_at_least_a_minute() {
    for (words, minutes) in [(0, 1), (99, 1), (299, 1), (300, 2), (1000, 5), (u32::MAX, 21_474_836)]
    {
        assert_eq!(reading_minutes(words), minutes, "{words}");
    }
}
