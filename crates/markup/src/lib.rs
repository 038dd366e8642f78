//! Markdown to safe HTML, and the small text tools which belong to it.
//!
//! [`render`] takes what a person wrote and gives [`Rendered`]: HTML which went through an
//! allow-list, the same as plain text, and the headings. The crate knows nothing of Streamly; it
//! reads no clock, no file and no database, and the same source always gives the same answer.
//!
//! What may come out is written in one place, `sanitise.rs`; the classes for the style sheet are
//! listed there too.

mod direction;
mod highlight;
mod links;
mod outline;
mod parse;
mod sanitise;
pub mod shown;
mod slug;
mod text;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use sanitise::sanitise;
pub use slug::slugify;
pub use text::{excerpt, reading_minutes};

/// The version of the renderer's output, stored beside rendered HTML. It grows when the output
/// changes, so that stored HTML can be made again.
pub const VERSION: i64 = 2;

/// HTML that went through the allow-list; the only type templates print unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Takes back HTML which [`render`] made and the database kept. Never give it anything else.
    pub fn from_stored(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML, to be stored.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A heading of an article, for its table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 2 to 6, as in the HTML: the page's own title is the only `h1`.
    pub level: u8,
    /// The `id` in the HTML, with its prefix `h-`.
    pub id: String,
    /// What it says, without markup.
    pub text: String,
}

/// What [`render`] made of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The article as HTML.
    pub html: SafeHtml,
    /// The article as plain text, a line for each block: for search, excerpts, word counts.
    pub text: String,
    /// Its headings in order.
    pub headings: Vec<Heading>,
    /// How many words a reader reads.
    pub words: u32,
    /// The `src` of own images shown, each once, in order.
    pub images: Vec<String>,
    /// The names after an `@` in a comment, each once, in order, as they were typed.
    pub mentions: Vec<String>,
}

/// What a source may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Article,
    Comment,
}

/// Renders an article: CommonMark with tables, footnotes, strikethrough, task lists, alerts,
/// autolinks and highlighted code.
pub fn render(source: &str) -> Rendered {
    render_with(source, &|_| None)
}

/// Renders an article and asks `media` for the width and height of each own image, so that the
/// page keeps its place while images load.
pub fn render_with(source: &str, media: &dyn Fn(&str) -> Option<(u32, u32)>) -> Rendered {
    build(source, Dialect::Article, Asked { media, person: &|_| None })
}

/// Renders a comment: as an article, but headings become strong lines, images become links or
/// their text, and tables, footnotes, task lists and alerts stay as they were typed.
pub fn render_comment(source: &str) -> Rendered {
    render_comment_with(source, &|_| None)
}

/// Renders a comment and asks `person` for the address of whoever is named after an `@`; without
/// one the name stays text.
pub fn render_comment_with(source: &str, person: &dyn Fn(&str) -> Option<String>) -> Rendered {
    build(source, Dialect::Comment, Asked { media: &|_| None, person })
}

/// What the renderer asks of whoever calls it.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// Width and height of an own image.
    media: &'a dyn Fn(&str) -> Option<(u32, u32)>,
    /// The address of a person who is named.
    person: &'a dyn Fn(&str) -> Option<String>,
}

fn build(source: &str, dialect: Dialect, asked: Asked<'_>) -> Rendered {
    let source = parse::clean_source(source);
    let arena = comrak::Arena::new();
    let root = comrak::parse_document(&arena, &source, &parse::options(dialect));
    let outline = match dialect {
        Dialect::Article => outline::Outline::of(root),
        Dialect::Comment => outline::Outline::default(),
    };
    let written = writer::write(root, dialect, &outline, asked);
    let words = text::count_words(&written.text);
    Rendered {
        html: sanitise(&written.html),
        text: written.text,
        headings: outline.into_headings(),
        words,
        images: written.images,
        mentions: written.mentions,
    }
}
