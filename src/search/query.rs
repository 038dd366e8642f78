//! What somebody typed into the search field: words, "phrases", -words to leave out, and filters
//! such as `author:ana`.

use chrono::NaiveDate;

use super::words::{Term, terms};

/// The longest question, in characters (X53).
pub const LONGEST: usize = 200;

/// How many things a question may ask for; what follows is not looked for.
const TERMS: usize = 12;

const FILTERS: [&str; 5] = ["author", "tag", "category", "before", "after"];

/// A question, taken apart.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// What was typed.
    pub text: String,
    pub terms: Vec<Term>,
    pub without: Vec<Term>,
    pub author: String,
    pub tag: String,
    pub category: String,
    pub before: Option<NaiveDate>,
    pub after: Option<NaiveDate>,
    /// The filters, each with the question that is left without it.
    pub chips: Vec<Chip>,
    /// What could not be understood, in words.
    pub mistakes: Vec<String>,
    /// Whether the question is longer than one may be.
    pub too_long: bool,
}

/// A filter that can be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    pub label: String,
    pub rest: String,
}

/// A piece of the question: as typed, its filter, its text.
struct Piece<'a> {
    typed: &'a str,
    filter: Option<&'static str>,
    negative: bool,
    quoted: bool,
    value: &'a str,
}

impl SearchQuery {
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let too_long = text.chars().count() > LONGEST;
        let text: String = text
            .chars()
            .take(LONGEST)
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect();
        let mut query = Self { text: text.trim().to_owned(), too_long, ..Self::default() };
        let pieces = pieces(&text);
        for piece in &pieces {
            query.take(piece);
        }
        // The last word is still being typed.
        if let (Some(term), Some(piece)) = (query.terms.last_mut(), pieces.last())
            && !piece.quoted
            && !piece.negative
            && piece.filter.is_none()
        {
            let is_long = term.words.last().is_some_and(|word| word.chars().count() > 1);
            term.open |= is_long && !term.pairs;
        }
        query.chips = chips(&pieces);
        query
    }

    fn take(&mut self, piece: &Piece<'_>) {
        let value = piece.value.trim();
        match piece.filter {
            Some("author") => value.trim_start_matches('@').clone_into(&mut self.author),
            Some("tag") => value.trim_start_matches('#').clone_into(&mut self.tag),
            Some("category") => value.clone_into(&mut self.category),
            Some(filter) => match date(value, filter == "after") {
                Some(date) if filter == "before" => self.before = Some(date),
                Some(date) => self.after = Some(date),
                None => self.mistakes.push(format!(
                    "“{filter}:{value}” is no date. Write it as {filter}:2026-03-31, {filter}:2026-03 or {filter}:2026."
                )),
            },
            None if piece.negative => self.without.extend(terms(value)),
            None => self.add(terms(value)),
        }
    }

    fn add(&mut self, terms: Vec<Term>) {
        for term in terms {
            if self.terms.len() < TERMS && !self.terms.contains(&term) {
                self.terms.push(term);
            }
        }
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && !self.has_filter()
    }

    pub fn has_filter(&self) -> bool {
        self.before.is_some()
            || self.after.is_some()
            || [&self.author, &self.tag, &self.category].iter().any(|filter| !filter.is_empty())
    }

    /// The same question with one word put in another's place.
    #[must_use]
    pub fn replaced(&self, typed: &str, meant: &str) -> Self {
        let mut query = self.clone();
        for word in query.terms.iter_mut().flat_map(|term| &mut term.words) {
            if word == typed {
                meant.clone_into(word);
            }
        }
        let mut text = String::with_capacity(self.text.len());
        let mut end = 0;
        for word in super::words::words(&self.text) {
            if word.text == typed {
                text.push_str(&self.text[end..word.start]);
                text.push_str(meant);
                end = word.end;
            }
        }
        text.push_str(&self.text[end..]);
        query.text = text;
        query
    }
}

/// The question without each of its filters.
fn chips(pieces: &[Piece<'_>]) -> Vec<Chip> {
    let mut chips = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Some(filter) = piece.filter else { continue };
        let rest: Vec<&str> = pieces
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, piece)| piece.typed)
            .collect();
        chips.push(Chip {
            label: format!("{filter}: {}", piece.value.trim()),
            rest: rest.join(" "),
        });
    }
    chips
}

/// Splits at spaces, except within quotes.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (negative, after_sign) = match rest.strip_prefix('-') {
            Some(after) if after.starts_with(|c: char| c.is_alphanumeric() || c == '"') => {
                (true, after)
            }
            _ => (false, rest),
        };
        let named = FILTERS.iter().find_map(|filter| {
            let value = after_sign.strip_prefix(filter)?.strip_prefix(':')?;
            let filled = value.starts_with(|c: char| !c.is_whitespace());
            (filled && !negative).then_some((*filter, value))
        });
        let (filter, value) = match named {
            Some((filter, value)) => (Some(filter), value),
            None => (None, after_sign),
        };
        let quoted = value.strip_prefix('"').and_then(|inner| inner.split_once('"'));
        let (value, left, quoted) = match quoted {
            Some((inner, left)) => (inner, left, true),
            None => {
                let end = value.find(char::is_whitespace).unwrap_or(value.len());
                (&value[..end], &value[end..], false)
            }
        };
        let typed = rest[..rest.len() - left.len()].trim_end();
        pieces.push(Piece { typed, filter, negative, quoted, value });
        rest = left.trim_start();
    }
    pieces
}

/// `2026-03-31`, `2026-03`, `2026`: the first day of it. `after` means the end of the time named.
fn date(text: &str, end: bool) -> Option<NaiveDate> {
    let parts: Vec<&str> = text.split('-').collect();
    if parts.len() > 3 || parts[0].len() != 4 {
        return None;
    }
    if parts.iter().any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let number = |at: usize| parts.get(at).map_or(Some(1), |part| part.parse::<u32>().ok());
    let year = parts[0].parse().ok().filter(|year| (1970..=9998).contains(year))?;
    let first = NaiveDate::from_ymd_opt(year, number(1)?, number(2)?)?;
    if !end {
        return Some(first);
    }
    match parts.len() {
        3 => first.succ_opt(),
        2 => first.checked_add_months(chrono::Months::new(1)),
        _ => first.checked_add_months(chrono::Months::new(12)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(text: &str) -> Vec<String> {
        SearchQuery::parse(text).terms.iter().map(|term| term.words.join(" ")).collect()
    }

    #[test]
    fn filters_are_taken_out() {
        let query = SearchQuery::parse(
            "slow rivers author:@ana tag:#canoe category:\"slow travel\" note:x",
        );
        assert_eq!(asked(&query.text), ["slow", "rivers", "note x"]);
        assert_eq!((query.author.as_str(), query.tag.as_str()), ("ana", "canoe"));
        assert_eq!(query.category, "slow travel");
        assert_eq!(query.chips.len(), 3);
        assert_eq!(query.chips[0].rest, "slow rivers tag:#canoe category:\"slow travel\" note:x");
        assert!(SearchQuery::parse("  \u{0}\n ").is_empty());
        assert!(!SearchQuery::parse("tag:x").is_empty());
        assert!(SearchQuery::parse(&"ä".repeat(201)).too_long);
        assert!(!SearchQuery::parse(&"ä".repeat(200)).too_long);
    }

    #[test]
    fn phrases_and_words_to_leave_out() {
        let query = SearchQuery::parse("\"upper lock\" soup -rain -\"big rain\" - -- -%");
        assert_eq!(asked(&query.text), ["upper lock", "soup"]);
        assert_eq!(query.without.len(), 2);
        assert_eq!(asked("\"never closed"), ["never", "closed"]);
    }

    #[test]
    fn only_the_last_word_may_go_on() {
        let open = |text: &str| {
            SearchQuery::parse(text).terms.iter().map(|term| term.open).collect::<Vec<_>>()
        };
        assert_eq!(open("slow riv"), [false, true]);
        assert_eq!(open("slow \"riv\""), [false, false]);
        assert_eq!(open("slow author:ana"), [false]);
        assert_eq!(open("标点"), [false]);
        assert_eq!(open("猫"), [true]);
        assert_eq!(open("a"), [false]);
    }

    #[test]
    fn dates_are_read_or_refused() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        assert_eq!(SearchQuery::parse("before:2026-03-05").before, day(2026, 3, 5));
        assert_eq!(SearchQuery::parse("before:2026").before, day(2026, 1, 1));
        assert_eq!(SearchQuery::parse("after:2026-12").after, day(2027, 1, 1));
        assert_eq!(SearchQuery::parse("after:2026-03-05").after, day(2026, 3, 6));
        for wrong in [
            "2026-13",
            "2026-02-30",
            "yesterday",
            "26",
            "2026-1-1-1",
            "20260101",
            "9999-12-31",
            "-1",
        ] {
            let query = SearchQuery::parse(&format!("after:{wrong}"));
            assert_eq!(query.mistakes.len(), 1, "{wrong}");
            assert_eq!(query.after, None);
        }
    }

    #[test]
    fn a_word_can_be_put_right() {
        let query = SearchQuery::parse("Slow RIVR author:ana").replaced("rivr", "river");
        assert_eq!(query.text, "Slow river author:ana");
        assert_eq!(query.terms[1].words, ["river"]);
    }

    proptest! {
        #[test]
        fn no_question_is_too_strange(text in "([\\PC]|[%_\\\\\"*:^() -]|NEAR\\(|author:|before:|\"){0,80}") {
            let query = SearchQuery::parse(&text);
            prop_assert!(query.terms.len() <= TERMS);
            for chip in &query.chips {
                SearchQuery::parse(&chip.rest);
            }
        }
    }
}
