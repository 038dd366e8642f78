//! What somebody typed into the search field: words, and filters such as `author:ana`.

/// The longest question that is read, in characters.
const MAX: usize = 200;

/// How many words are looked for one by one; what follows is looked for as it stands.
const WORDS: usize = 4;

/// A question, taken apart.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// What was typed, cut to what is read.
    pub text: String,
    pub words: Vec<String>,
    pub author: String,
    pub tag: String,
    pub category: String,
}

impl SearchQuery {
    pub fn parse(text: &str) -> Self {
        let text: String = text.chars().filter(|letter| !letter.is_control()).take(MAX).collect();
        let mut query = Self { text: text.trim().to_owned(), ..Self::default() };
        for word in text.split_whitespace() {
            let filter = word.split_once(':').filter(|(_, value)| !value.is_empty());
            match filter {
                Some(("author", name)) => {
                    name.trim_start_matches('@').clone_into(&mut query.author);
                }
                Some(("tag", name)) => name.clone_into(&mut query.tag),
                Some(("category", name)) => name.clone_into(&mut query.category),
                _ if query.words.len() == WORDS => {
                    if let Some(last) = query.words.last_mut() {
                        last.push(' ');
                        last.push_str(word);
                    }
                }
                _ => query.words.push(word.to_owned()),
            }
        }
        query
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && !self.has_filter()
    }

    fn has_filter(&self) -> bool {
        [&self.author, &self.tag, &self.category].iter().any(|filter| !filter.is_empty())
    }

    /// Two patterns for each word: in small letters, and for databases that only know the case of
    /// ASCII, as the word stands at the beginning of a sentence.
    pub fn patterns(&self) -> [(String, String); WORDS] {
        let mut words = self.words.iter();
        std::array::from_fn(|_| match words.next() {
            Some(word) => (pattern(&word.to_lowercase()), pattern(&capitalised(word))),
            None => ("%".to_owned(), "%".to_owned()),
        })
    }

    /// The pattern for a person's name: all words as they stand.
    pub fn name_pattern(&self) -> Option<(String, String)> {
        if self.words.is_empty() || self.has_filter() {
            return None;
        }
        let name = self.words.join(" ");
        let name = name.trim_start_matches('@');
        (!name.is_empty()).then(|| (pattern(&name.to_lowercase()), pattern(&capitalised(name))))
    }
}

/// `50%` as a pattern that finds exactly these characters anywhere (V2).
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// ASCII in small letters, as the database makes them; another first letter as a capital.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if !first.is_ascii() => {
            first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
        }
        _ => word.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_taken_out() {
        let query = SearchQuery::parse("slow rivers author:@ana tag:canoe category:travel note:x");
        assert_eq!(query.words, ["slow", "rivers", "note:x"]);
        assert_eq!((query.author.as_str(), query.tag.as_str()), ("ana", "canoe"));
        assert_eq!(query.category, "travel");
        assert!(SearchQuery::parse("  \u{0}\n ").is_empty());
        assert!(!SearchQuery::parse("tag:x").is_empty());
        assert_eq!(SearchQuery::parse("a b c d e f").words, ["a", "b", "c", "d e f"]);
        assert_eq!(SearchQuery::parse(&"ä".repeat(999)).text.chars().count(), MAX);
    }

    #[test]
    fn wildcards_stand_for_themselves() {
        for (text, expected) in [("%", "%\\%%"), ("_", "%\\_%"), ("\\", "%\\\\%"), ("a", "%a%")] {
            assert_eq!(pattern(text), expected);
        }
        assert_eq!(SearchQuery::parse("ИВАН").patterns()[0], ("%иван%".into(), "%Иван%".into()));
        assert_eq!(SearchQuery::parse("").patterns()[3], ("%".into(), "%".into()));
    }
}
