//! Which of the posts that were found comes first, and the part of a text that shows why.
//!
//! The databases find, this decides: the order is the same on both, and it is all in one function.

use super::words::{Term, Word, words};

/// What is looked at of a post.
pub struct Texts<'a> {
    pub title: &'a str,
    /// Writer, tags and category.
    pub names: &'a str,
    pub summary: &'a str,
    pub body: &'a str,
}

/// A piece of a text, and whether it is what was asked for. Templates print both as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub text: String,
    pub marked: bool,
}

/// How much a word counts in each place; in the text itself it counts up to this, the more often
/// it stands there and the shorter the text is.
const TITLE: f64 = 10.0;
const NAMES: f64 = 5.0;
const SUMMARY: f64 = 3.0;
const BODY: f64 = 2.0;

/// What a word that only begins as asked counts.
const BEGINS: f64 = 0.6;

/// A text of usual length, in words.
const USUAL: f64 = 600.0;

/// How well a post answers. The same for the same texts, always.
pub fn score(terms: &[Term], texts: &Texts<'_>) -> f64 {
    let (title, names) = (words(texts.title), words(texts.names));
    let (summary, body) = (words(texts.summary), words(texts.body));
    let mut score = 0.0;
    let mut in_title = 0;
    for term in terms {
        let best = |words: &[Word]| {
            found(term, words).map(|exact| if exact { 1.0 } else { BEGINS }).fold(0.0, f64::max)
        };
        let title = best(&title);
        in_title += usize::from(title > 0.0);
        score += TITLE * title + NAMES * best(&names) + SUMMARY * best(&summary);
        let often = f64::from(u32::try_from(found(term, &body).take(1_000).count()).unwrap_or(0));
        let length = f64::from(u32::try_from(body.len()).unwrap_or(u32::MAX)) / USUAL;
        score += BODY * often / (often + 0.4 + 0.8 * length);
    }
    let whole = Term {
        words: terms.iter().flat_map(|term| term.words.iter().cloned()).collect(),
        open: terms.last().is_some_and(|term| term.open),
        pairs: false,
    };
    if terms.len() > 1 || whole.words.len() > 1 {
        // Words that stand together were meant together.
        score += if found(&whole, &title).next().is_some() { 8.0 } else { 0.0 };
        score += if found(&whole, &summary).next().is_some() { 2.0 } else { 0.0 };
        score += if found(&whole, &body).next().is_some() { 3.0 } else { 0.0 };
    }
    if in_title == terms.len() && !title.is_empty() {
        // The less else the title says, the more it is what was asked for.
        let share = whole.words.len().min(title.len()) * 100 / title.len();
        score += 0.06 * f64::from(u32::try_from(share).unwrap_or(0));
    }
    score
}

/// Where a term stands among words: for each place, whether it stands there as asked.
fn found<'a>(term: &'a Term, words: &'a [Word]) -> impl Iterator<Item = bool> + 'a {
    places(term, words).map(|(_, exact)| exact)
}

fn places<'a>(term: &'a Term, words: &'a [Word]) -> impl Iterator<Item = (usize, bool)> + 'a {
    let length = term.words.len().max(1);
    words.windows(length).enumerate().filter_map(move |(at, window)| {
        let mut exact = true;
        for (index, (word, asked)) in window.iter().zip(&term.words).enumerate() {
            if word.text == *asked {
                continue;
            }
            let last = index + 1 == term.words.len();
            if !(last && term.open && word.text.starts_with(asked.as_str())) {
                return None;
            }
            exact = false;
        }
        (!term.words.is_empty()).then_some((at, exact))
    })
}

/// A text with what was asked for marked.
pub fn marked(text: &str, terms: &[Term]) -> Vec<Segment> {
    let words = words(text);
    segments(text, &spans(&words, terms), (0, text.len()))
}

/// About `letters` characters of a text, around the place with most of what was asked for; none
/// when nothing of it is in there.
pub fn excerpt(text: &str, terms: &[Term], letters: usize) -> Option<Vec<Segment>> {
    let words = words(text);
    let mut hits: Vec<(usize, usize, usize)> = Vec::new();
    for (number, term) in terms.iter().enumerate() {
        for (at, _) in places(term, &words).take(500) {
            let last = at + term.words.len().max(1) - 1;
            hits.push((words[at].start, words[last].end, number));
        }
    }
    hits.sort_unstable();
    let around = letters * 2 / 3;
    let mut best: Option<(usize, usize)> = None;
    for (at, (start, ..)) in hits.iter().enumerate() {
        let mut seen: Vec<usize> = hits[at..]
            .iter()
            .take_while(|(_, end, _)| *end <= start + around)
            .map(|(.., number)| *number)
            .take(100)
            .collect();
        seen.sort_unstable();
        seen.dedup();
        if best.is_none_or(|(most, _)| seen.len() > most) {
            best = Some((seen.len(), *start));
        }
    }
    let (_, place) = best?;
    let window = window(text, place, letters);
    let spans: Vec<(usize, usize)> = merge(hits.into_iter().map(|(start, end, _)| (start, end)));
    let mut found = segments(text, &spans, window);
    if window.0 > 0 {
        found.insert(0, Segment { text: "… ".to_owned(), marked: false });
    }
    if window.1 < text.len() {
        found.push(Segment { text: " …".to_owned(), marked: false });
    }
    Some(found)
}

/// A part of the text that begins and ends between words, where there are spaces.
fn window(text: &str, place: usize, letters: usize) -> (usize, usize) {
    let before = text[..place].char_indices().rev().take(letters / 3).last();
    let mut start = before.map_or(place, |(at, _)| at);
    if start > 0
        && let Some((at, space)) =
            text[start..place].char_indices().find(|(_, c)| c.is_whitespace())
    {
        start += at + space.len_utf8();
    }
    let mut end =
        text[start..].char_indices().nth(letters).map_or(text.len(), |(at, _)| start + at);
    if end < text.len()
        && let Some(at) = text[place..end].rfind(char::is_whitespace).filter(|at| *at > 0)
    {
        end = place + at;
    }
    (start, end)
}

fn spans(words: &[Word], terms: &[Term]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for term in terms {
        for (at, _) in places(term, words).take(500) {
            let last = at + term.words.len().max(1) - 1;
            spans.push((words[at].start, words[last].end));
        }
    }
    spans.sort_unstable();
    merge(spans.into_iter())
}

/// Spans in order, those that touch or overlap made one.
fn merge(spans: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (start, end) in spans {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

fn segments(text: &str, spans: &[(usize, usize)], (from, to): (usize, usize)) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut push = |part: &str, marked| {
        if !part.is_empty() {
            found.push(Segment { text: part.to_owned(), marked });
        }
    };
    let mut at = from;
    for (start, end) in spans.iter().filter(|(start, end)| *start < to && *end > from) {
        let (start, end) = ((*start).max(at), (*end).min(to));
        push(&text[at..start], false);
        push(&text[start..end], true);
        at = end;
    }
    push(&text[at..to.max(at)], false);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::query::SearchQuery;

    fn terms(text: &str) -> Vec<Term> {
        SearchQuery::parse(text).terms
    }

    fn shown(segments: &[Segment]) -> String {
        segments
            .iter()
            .map(|part| if part.marked { format!("[{}]", part.text) } else { part.text.clone() })
            .collect()
    }

    #[test]
    fn the_title_counts_more_than_the_text() {
        let texts = |title, body| Texts { title, names: "", summary: "", body };
        let asked = terms("river soup");
        let in_title = score(&asked, &texts("River soup", "nothing"));
        let in_both = score(&asked, &texts("A river", "soup soup soup"));
        let in_body = score(&asked, &texts("Nothing", "river soup river soup"));
        assert!(in_title > in_both && in_both > in_body && in_body > 0.0);
    }

    #[test]
    fn what_was_asked_for_is_marked() {
        assert_eq!(
            shown(&marked("The Straße, <b>x</b>", &terms("strasse"))),
            "The [Straße], <b>x</b>"
        );
        assert_eq!(shown(&marked("Riverside", &terms("riv"))), "[Riverside]");
        assert_eq!(shown(&marked("搜索标点应当", &terms("标点"))), "搜索[标点]应当");
        assert_eq!(shown(&marked("plain", &terms("other"))), "plain");
    }

    #[test]
    fn an_excerpt_shows_where_most_of_it_stands() {
        let text = format!("soup {} river and soup {}", "word ".repeat(200), "word ".repeat(200));
        let found = shown(&excerpt(&text, &terms("river soup"), 100).unwrap());
        assert!(found.contains("[river] and [soup]"), "{found}");
        assert!(found.starts_with("… ") && found.ends_with(" …") && found.chars().count() < 130);
        assert_eq!(excerpt("nothing", &terms("river"), 100), None);
    }

    proptest! {
        #[test]
        fn marking_changes_no_letter(text in "\\PC{0,200}", asked in "\\PC{0,20}") {
            let terms = terms(&asked);
            let whole: String = marked(&text, &terms).iter().map(|part| part.text.as_str()).collect();
            prop_assert_eq!(whole, text.clone());
            drop(excerpt(&text, &terms, 40));
        }
    }
}
