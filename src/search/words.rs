//! Words: how a text is cut and folded before it is stored, and a question before it is asked. Both
//! databases are given these words and cut nothing themselves, so both find the same.
//!
//! A word is a run of letters and digits, in small letters and without accents. Chinese, Japanese,
//! Korean and other scripts that put no spaces between words are cut into overlapping pairs.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Changes whenever the words of a text change, or where they are kept; what was indexed by an older
/// one is indexed again.
pub const VERSION: i64 = 3;

/// The longest word that is kept, in characters.
const LONGEST: usize = 64;

/// A word and where it stands in the text it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub start: usize,
    pub end: usize,
}

/// One thing that is asked for: words that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub words: Vec<String>,
    /// Whether the last word may go on.
    pub open: bool,
    /// Whether the words are pairs of letters of a script without spaces.
    pub pairs: bool,
}

/// A run of one kind, folded: the text of each folded letter with the place it comes from.
struct Run {
    unspaced: bool,
    start: usize,
    end: usize,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::with_capacity(text.len() / 6);
    for run in runs(text) {
        let folded = fold(&text[run.start..run.end]);
        if run.unspaced {
            pairs(text, &run, &folded, &mut found);
        } else if !folded.is_empty() {
            let text = cut(folded);
            found.push(Word { text, start: run.start, end: run.end });
        }
    }
    found
}

/// A text as the index holds it: its words with spaces between them.
pub fn folded(text: &str) -> String {
    let words = words(text);
    let mut line = String::with_capacity(text.len());
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word.text);
    }
    line
}

/// What is asked for by a piece of a question that was typed without a space in it, or in quotes.
pub fn terms(text: &str) -> Vec<Term> {
    let mut found: Vec<Term> = Vec::new();
    let mut joins = false;
    for run in runs(text) {
        let folded = fold(&text[run.start..run.end]);
        if folded.is_empty() {
            continue;
        }
        if run.unspaced {
            let letters: Vec<char> = folded.chars().collect();
            let words = match letters.as_slice() {
                [one] => vec![one.to_string()],
                several => several.windows(2).map(|pair| pair.iter().collect()).collect(),
            };
            // A single letter is the beginning of a pair.
            found.push(Term { words, open: letters.len() == 1, pairs: true });
            joins = false;
            continue;
        }
        match found.last_mut().filter(|_| joins) {
            Some(term) => term.words.push(cut(folded)),
            None => found.push(Term { words: vec![cut(folded)], open: false, pairs: false }),
        }
        joins = true;
    }
    found
}

fn pairs(text: &str, run: &Run, folded: &str, found: &mut Vec<Word>) {
    let letters: Vec<char> = folded.chars().collect();
    let places: Vec<(usize, usize)> = text[run.start..run.end]
        .char_indices()
        .map(|(at, letter)| (run.start + at, run.start + at + letter.len_utf8()))
        .collect();
    let place = |at: usize| {
        // Where folding changed the number of letters, the whole run is the place.
        if places.len() == letters.len() { places[at] } else { (run.start, run.end) }
    };
    for at in 0..letters.len() {
        let next = (at + 1).min(letters.len() - 1);
        let text = letters[at..=next].iter().collect();
        found.push(Word { text, start: place(at).0, end: place(next).1 });
    }
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut open: Option<Run> = None;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        let goes_on = is_combining_mark(letter) || is_ignored(letter);
        let belongs = letter.is_alphanumeric();
        match &mut open {
            Some(run) if goes_on && !is_unspaced(letter) => run.end = end,
            Some(run) if (belongs || goes_on) && run.unspaced == is_unspaced(letter) => {
                run.end = end;
            }
            _ => {
                runs.extend(open.take());
                if belongs {
                    open = Some(Run { unspaced: is_unspaced(letter), start: at, end });
                }
            }
        }
    }
    runs.extend(open);
    runs
}

/// Small letters, compatible forms, no accents.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut plain = String::with_capacity(text.len());
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        match letter {
            letter if is_accent(letter) || is_ignored(letter) => {}
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            'ø' => plain.push('o'),
            'ð' | 'đ' => plain.push('d'),
            'ł' => plain.push('l'),
            'ı' => plain.push('i'),
            'ς' => plain.push('σ'),
            letter if letter.is_alphanumeric() || is_combining_mark(letter) => plain.push(letter),
            _ => {}
        }
    }
    plain.nfc().collect()
}

fn cut(word: String) -> String {
    match word.char_indices().nth(LONGEST) {
        Some((at, _)) => word[..at].to_owned(),
        None => word,
    }
}

/// Marks that one leaves out when typing in a hurry. The vowel signs of Indic scripts are none.
fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// What is not seen: soft hyphens, joiners, variation selectors.
fn is_ignored(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}')
}

/// Scripts that put no spaces between words, and Korean, whose words grow endings.
fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}'
        | '\u{3130}'..='\u{318f}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut_up(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn text_is_folded_as_people_type_it() {
        for (text, expected) in [
            ("Straße STRASSE", "strasse strasse"),
            ("Kovač", "kovac"),
            ("e\u{301}te\u{301} \u{e9}t\u{e9}", "ete ete"),
            ("İstanbul ISTANBUL ıslak", "istanbul istanbul islak"),
            ("ＡＢＣ１２", "abc12"),
            ("ﬁne Ørsted Łódź Œuvre", "fine orsted lodz oeuvre"),
            ("Ёлка ЙОД Щастя", "елка иод щастя"),
            ("ΟΔΟΣ οδος", "οδοσ οδοσ"),
            ("شُكْرًا أحمد", "شكرا احمد"),
            ("שָׁלוֹם", "שלום"),
            ("हिन्दी", "हिन्दी"),
            ("don't ex\u{ad}ample x-ray 3.2", "don t example x ray 3 2"),
            ("% _ \\ \" * ( : ^ - 'x'", "x"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        assert_eq!(cut_up("标点应当"), ["标点", "点应", "应当", "当"]);
        assert_eq!(cut_up("吾輩は猫"), ["吾輩", "輩は", "は猫", "猫"]);
        assert_eq!(cut_up("한국어 책을"), ["한국", "국어", "어", "책을", "을"]);
        assert_eq!(cut_up("ｶﾞﾗｽ がらす"), ["ガラ", "ラス", "ス", "がら", "らす", "す"]);
        assert_eq!(cut_up("iPhone手机"), ["iphone", "手机", "机"]);
    }

    #[test]
    fn a_question_asks_for_what_the_index_holds() {
        let term = |words: &[&str], open| Term {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            open,
            pairs: !words[0].is_ascii(),
        };
        assert_eq!(terms("标点应"), [term(&["标点", "点应"], false)]);
        assert_eq!(terms("猫"), [term(&["猫"], true)]);
        assert_eq!(terms("don't"), [term(&["don", "t"], false)]);
        assert_eq!(terms("手机iPhone"), [term(&["手机"], false), term(&["iphone"], false)]);
        assert!(terms("\"*(:^-%_\\").is_empty());
    }

    #[test]
    fn a_word_knows_its_place() {
        let text = "Über die Straße: 标点应";
        for word in words(text) {
            assert_eq!(fold(&text[word.start..word.end]), word.text);
        }
        assert_eq!(words(&"ä".repeat(500))[0].text.chars().count(), LONGEST);
    }

    proptest! {
        #[test]
        fn nothing_but_letters_and_digits_comes_out(text in "\\PC{0,60}") {
            for word in words(&text) {
                prop_assert!(!word.text.is_empty());
                prop_assert!(word.text.chars().all(|c| c.is_alphanumeric() || is_combining_mark(c)), "{word:?}");
                prop_assert!(text.is_char_boundary(word.start) && text.is_char_boundary(word.end));
            }
            // Folding what is folded changes nothing.
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
