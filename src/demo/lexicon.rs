//! The texts in `text/`: sentences with places for words, and the words.

use std::collections::BTreeMap;

use super::dice::Dice;

/// What one file holds: lines by section, and blocks such as tables and code.
pub struct Lexicon {
    lines: BTreeMap<&'static str, Vec<&'static str>>,
    blocks: Vec<Block>,
}

/// A table, or code in a language.
#[derive(Clone)]
pub struct Block {
    /// Empty for a table.
    pub language: &'static str,
    pub text: String,
}

impl Lexicon {
    pub fn parse(text: &'static str) -> Self {
        let mut lexicon = Self { lines: BTreeMap::new(), blocks: Vec::new() };
        let mut section = "";
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = name;
                let language = match name.split_once(' ') {
                    Some(("code", language)) => language,
                    _ => "",
                };
                if name == "table" || !language.is_empty() {
                    lexicon.blocks.push(Block { language, text: String::new() });
                }
            } else if section == "table" || section.starts_with("code ") {
                if let Some(block) = lexicon.blocks.last_mut() {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            } else if !line.is_empty() {
                let section = section.strip_prefix("word ").unwrap_or(section);
                lexicon.lines.entry(section).or_default().push(line);
            }
        }
        lexicon
    }

    /// The lines of a section.
    pub fn all(&self, section: &str) -> &[&'static str] {
        self.lines.get(section).map_or(&[], Vec::as_slice)
    }

    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}

/// A subject with its own words, on top of those that all share.
pub struct Domain {
    /// The slug of its category.
    pub slug: &'static str,
    pub own: Lexicon,
}

/// Everything there is to say.
pub struct Library {
    pub common: Lexicon,
    pub domains: Vec<Domain>,
}

impl Library {
    pub fn open() -> Self {
        let domain = |slug, text| Domain { slug, own: Lexicon::parse(text) };
        Self {
            common: Lexicon::parse(include_str!("text/common.txt")),
            domains: vec![
                domain("technology", include_str!("text/technology.txt")),
                domain("travel", include_str!("text/travel.txt")),
                domain("food", include_str!("text/food.txt")),
                domain("lifestyle", include_str!("text/lifestyle.txt")),
                domain("health", include_str!("text/health.txt")),
            ],
        }
    }

    /// A sentence with words in its places: `{a tool}` becomes `a parser`, `{Town}` `Porto`.
    pub fn say(&self, domain: &Domain, dice: &mut Dice, template: &str) -> String {
        let mut text = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (place, after) = after.split_once('}').unwrap_or((after, ""));
            self.put(&mut text, domain, dice, place);
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn put(&self, text: &mut String, domain: &Domain, dice: &mut Dice, place: &str) {
        let capital = place.chars().next().is_some_and(char::is_uppercase);
        let name = place.to_lowercase();
        let (article, name) = match name.split_once(' ') {
            Some((article @ ("a" | "the"), name)) => (article, name.to_owned()),
            _ => ("", name),
        };
        let words = match domain.own.all(&name) {
            [] => self.common.all(&name),
            own => own,
        };
        if words.is_empty() {
            return;
        }
        let word = dice.pick(words);
        let article = match article {
            "a" if word.starts_with(['a', 'e', 'i', 'o', 'u']) => "an ",
            "a" => "a ",
            "the" if word.starts_with("the ") => "",
            "the" => "the ",
            _ => "",
        };
        let said = format!("{article}{word}");
        if capital { text.push_str(&capitalised(&said)) } else { text.push_str(&said) }
    }
}

/// A text with a capital letter first.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
