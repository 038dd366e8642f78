//! The headings of an article: their levels, their ids, and how a link finds one.

use std::collections::{BTreeMap, HashMap};

use comrak::nodes::{Node, NodeValue};
use percent_encoding::percent_decode_str;

use crate::slug::slug_or;
use crate::{Heading, text};

/// Before every heading's id, so that no heading can be called what a script looks for.
pub const PREFIX: &str = "h-";

/// All headings, and an index for `#fragment` links.
#[derive(Debug, Default)]
pub struct Outline {
    headings: Vec<Heading>,
    /// From a fragment's key to the place in `headings`.
    keys: BTreeMap<String, usize>,
}

impl Outline {
    /// Reads the headings of a document.
    pub fn of(root: Node<'_>) -> Self {
        let found: Vec<(u8, String)> = root
            .descendants()
            .filter_map(|node| match node.data().value {
                NodeValue::Heading(ref heading) => Some((heading.level, text::heading_text(node))),
                _ => None,
            })
            .collect();
        let top = found.iter().map(|(level, _)| *level).min().unwrap_or(1);
        let mut outline = Self::default();
        let mut ids = Ids::default();
        let mut before = 1;
        for (level, text) in found {
            let level = (level + 2 - top).clamp(2, (before + 1).min(6));
            before = level;
            outline.add(level, text, &mut ids);
        }
        outline
    }

    fn add(&mut self, level: u8, text: String, ids: &mut Ids) {
        let slug = ids.unique(slug_or(&text, "section"));
        self.keys.entry(key(&slug)).or_insert(self.headings.len());
        self.headings.push(Heading { level, id: format!("{PREFIX}{slug}"), text });
    }

    /// The heading at a place in the document's order.
    pub fn heading(&self, place: usize) -> Option<&Heading> {
        self.headings.get(place)
    }

    /// The id a fragment means: the heading's name as we, GitHub or a person would write it, or
    /// else the first heading which begins with it.
    pub fn find(&self, fragment: &str) -> Option<&str> {
        let decoded = percent_decode_str(fragment).decode_utf8_lossy();
        let wanted = key(&slug_or(decoded.trim_start_matches(PREFIX), ""));
        if wanted.is_empty() {
            return None;
        }
        let place = self.keys.get(&wanted).or_else(|| self.beginning_with(&decoded))?;
        self.heading(*place).map(|heading| heading.id.as_str())
    }

    fn beginning_with(&self, fragment: &str) -> Option<&usize> {
        let wanted = format!("{}{}-", PREFIX, slug_or(fragment.trim_start_matches(PREFIX), ""));
        let start = key(&wanted[PREFIX.len()..]);
        self.keys
            .range(start.clone()..)
            .take_while(|(found, _)| found.starts_with(&start))
            .map(|(_, place)| place)
            .find(|place| self.headings[**place].id.starts_with(&wanted))
    }

    /// The headings, for the reader of the result.
    pub fn into_headings(self) -> Vec<Heading> {
        self.headings.into_iter().filter(|heading| !heading.text.is_empty()).collect()
    }
}

/// "what-s-new", "whats-new" and "Whats New" mean the same heading.
fn key(slug: &str) -> String {
    slug.replace('-', "")
}

/// Hands out each id once.
#[derive(Default)]
struct Ids {
    used: HashMap<String, u32>,
}

impl Ids {
    fn unique(&mut self, slug: String) -> String {
        let mut count = self.used.get(&slug).copied().unwrap_or(0);
        let mut id = slug.clone();
        while self.used.contains_key(&id) {
            count += 1;
            id = format!("{slug}-{count}");
        }
        self.used.insert(slug, count);
        self.used.entry(id.clone()).or_insert(0);
        id
    }
}
