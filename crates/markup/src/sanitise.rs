//! The allow-list: every element, attribute and class which may stand in [`SafeHtml`].
//!
//! Classes for the style sheet: `anchor` (link inside a heading), `table` (scrolling box around a
//! table), `left center right` (cells), `task` (list item with a check box), `alert` with
//! `alert-note alert-tip alert-important alert-warning alert-caution`, `alert-title`,
//! `footnotes` (section), `footnote-ref` (sup), `footnote-back` (link), `language-*` (code) and
//! the `hl-*` which `highlight.rs` lists.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use crate::{SafeHtml, links, shown};

/// Every element.
pub const ELEMENTS: &[&str] = &[
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "input",
    "li",
    "ol",
    "p",
    "picture",
    "pre",
    "section",
    "source",
    "span",
    "strong",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Attributes of any element; their values are checked in [`value`].
pub const ANYWHERE: &[&str] = &["class", "dir", "id"];

/// Attributes of one element; `rel` of links is always set here and never taken over.
pub const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["aria-label", "href", "title"]),
    ("div", &["aria-label", "role", "tabindex"]),
    ("img", &["alt", "decoding", "height", "loading", "sizes", "src", "srcset", "title", "width"]),
    ("input", &["aria-label", "checked", "disabled", "type"]),
    ("ol", &["start"]),
    ("pre", &["tabindex"]),
    ("section", &["aria-labelledby"]),
    ("source", &["sizes", "srcset", "type"]),
    ("th", &["scope"]),
];

/// What every link carries.
pub const REL: &str = "nofollow ugc noopener";

const CLASSES: &[&str] = &[
    "anchor",
    "alert",
    "alert-caution",
    "alert-important",
    "alert-note",
    "alert-tip",
    "alert-title",
    "alert-warning",
    "center",
    "footnote-back",
    "footnote-ref",
    "footnotes",
    "left",
    "right",
    "table",
    "task",
];
const CLASS_PREFIXES: &[&str] = &["hl-", "language-"];
const ID_PREFIXES: &[&str] = &["h-", "fn-"];

static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.iter().copied().collect())
        .clean_content_tags(HashSet::from(["script", "style", "svg", "math", "iframe"]))
        .generic_attributes(ANYWHERE.iter().copied().collect())
        .tag_attributes(
            ATTRIBUTES.iter().map(|(tag, list)| (*tag, list.iter().copied().collect())).collect(),
        )
        .set_tag_attribute_values(HashMap::from([(
            "input",
            HashMap::from([("type", "checkbox"), ("disabled", "")]),
        )]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some(REL))
        .strip_comments(true)
        .attribute_filter(value);
    builder
});

/// Keeps of an HTML fragment what the allow-list allows. The renderer's own output passes
/// unchanged; everything else loses what it should not have.
pub fn sanitise(html: &str) -> SafeHtml {
    SafeHtml(ALLOWED.clean(html).to_string())
}

/// The value an attribute may keep.
fn value<'v>(element: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let good = match attribute {
        "class" => return classes(value),
        "id" | "aria-labelledby" => is_id(value),
        "dir" => matches!(value, "auto" | "ltr" | "rtl"),
        "href" => links::may_be_followed(value),
        "src" => element == "img" && links::is_own_media(value),
        "role" => matches!(value, "region" | "note"),
        "tabindex" => value == "0",
        "scope" => value == "col",
        "srcset" => shown::is_set(value),
        "sizes" => value == shown::SIZES,
        "type" if element == "source" => value == "image/webp",
        "loading" => value == "lazy",
        "decoding" => value == "async",
        "height" | "start" | "width" => {
            value.len() <= 10 && value.bytes().all(|b| b.is_ascii_digit())
        }
        _ => true,
    };
    good.then_some(Cow::Borrowed(value))
}

fn is_id(value: &str) -> bool {
    ID_PREFIXES.iter().any(|prefix| value.len() > prefix.len() && value.starts_with(prefix))
        && !value.contains(char::is_whitespace)
}

fn classes(value: &str) -> Option<Cow<'_, str>> {
    let good = value.split(' ').all(is_class);
    if good {
        return Some(Cow::Borrowed(value));
    }
    let kept: Vec<&str> = value.split_whitespace().filter(|class| is_class(class)).collect();
    (!kept.is_empty()).then(|| Cow::Owned(kept.join(" ")))
}

fn is_class(class: &str) -> bool {
    CLASSES.contains(&class)
        || CLASS_PREFIXES.iter().any(|prefix| {
            class.strip_prefix(prefix).is_some_and(|rest| {
                !rest.is_empty()
                    && rest.bytes().all(|b| {
                        b.is_ascii_lowercase() || b.is_ascii_digit() || b"-+#_".contains(&b)
                    })
            })
        })
}
