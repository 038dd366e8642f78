//! The CommonMark and GFM example suites. Our additions (ids, directions, anchors, other heading
//! levels, links we refuse) are undone on both sides before the trees are compared.

use std::fmt::Write;

use comrak::nodes::NodeValue;
use markup5ever_rcdom::{Handle, NodeData};

use super::{dom, fixture};
use crate::{Dialect, highlight, links, parse, render};

struct Example {
    number: usize,
    source: String,
    expected: String,
}

fn examples(suite: &str) -> Vec<Example> {
    let fence = "`".repeat(32);
    let mut found = Vec::new();
    let mut lines = suite.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with(&format!("{fence} example")) || line.contains("disabled") {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
        let dot = block.iter().position(|line| *line == ".").unwrap();
        let part = |lines: &[&str]| {
            let mut text = lines.join("\n").replace('→', "\t");
            text.push('\n');
            text
        };
        let (source, expected) = (part(&block[..dot]), part(&block[dot + 1..]));
        found.push(Example { number: found.len() + 1, source, expected });
    }
    found
}

fn has_raw_html(source: &str) -> bool {
    let arena = comrak::Arena::new();
    let root = comrak::parse_document(&arena, source, &parse::options(Dialect::Article));
    root.descendants()
        .any(|node| matches!(node.data().value, NodeValue::HtmlBlock(_) | NodeValue::HtmlInline(_)))
}

/// A tree as text, without what we add and without what we refuse.
fn normalised(html: &str, links: bool) -> String {
    let dom = dom::parse(html);
    let mut out = String::new();
    let root = dom::root(&dom);
    let children = root.children.borrow().clone();
    for node in &children {
        write_node(node, links, &mut out);
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    words.join(" ").replace("> <", "><").replace(" <", "<").replace("> ", ">")
}

fn write_node(node: &Handle, links: bool, out: &mut String) {
    if let NodeData::Text { contents } = &node.data {
        let text = contents.borrow().to_string();
        out.push_str(&text.replace('<', "&lt;").replace('>', "&gt;"));
    }
    let Some(name) = dom::name(node) else { return };
    let attribute = |key| dom::attribute(node, key);
    let class = attribute("class").unwrap_or_default();
    let name = match name.as_str() {
        "a" if class == "anchor" => return,
        "img" => return write_image(node, out),
        "input" => return out.push_str(if attribute("checked").is_some() { "[x]" } else { "[ ]" }),
        "a" if !links => return write_children(node, links, out),
        "a" => {
            let href = attribute("href").unwrap_or_default();
            if !href.starts_with('#') && !links::may_be_followed(&href) {
                return write_children(node, links, out);
            }
            let title = attribute("title").map(|title| format!(" title={title:?}"));
            let _ = write!(out, "<a href={:?}{}>", href, title.unwrap_or_default());
            if dom::text(node) != decoded(&href) {
                write_children(node, links, out);
            }
            return out.push_str("</a>");
        }
        "div" | "span" => return write_children(node, links, out),
        "figcaption" => return,
        "figure" => "p".to_owned(),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if node.children.borrow().is_empty() => return,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "heading".to_owned(),
        "th" => "td".to_owned(),
        _ => name,
    };
    let _ = write!(out, "<{name}");
    for (key, value) in dom::attributes(node) {
        let language = value.strip_prefix("language-").and_then(highlight::language);
        let shown = match (key.as_str(), value.as_str(), language) {
            ("class", _, Some(language)) => language,
            ("class", "left" | "center" | "right", None) | ("align" | "start", _, _) => value,
            _ => continue,
        };
        let _ = write!(out, " {shown}");
    }
    out.push('>');
    write_children(node, links, out);
    let _ = write!(out, "</{name}>");
}

/// A link that says nothing is made to say its address.
fn decoded(href: &str) -> String {
    percent_encoding::percent_decode_str(href).decode_utf8_lossy().into_owned()
}

fn write_children(node: &Handle, links: bool, out: &mut String) {
    let children = node.children.borrow().clone();
    for child in &children {
        write_node(child, links, out);
    }
}

fn write_image(node: &Handle, out: &mut String) {
    let src = dom::attribute(node, "src").unwrap_or_default();
    let alt = dom::attribute(node, "alt").unwrap_or_default();
    if links::is_own_media(&src) {
        let _ = write!(out, "<img src={src:?} alt={alt:?}>");
    } else if links::is_on_the_web(&src) {
        let _ = write!(out, "<a href={src:?}>{alt}</a>");
    } else {
        out.push_str(&alt.replace('<', "&lt;").replace('>', "&gt;"));
    }
}

/// Runs a suite and gives how many examples passed and how many need raw HTML.
fn run(name: &str, skip: &[usize]) -> Option<(usize, usize)> {
    let suite = fixture(&format!("markdown/{name}"))?;
    let (mut passed, mut skipped, mut failed) = (0, 0, Vec::new());
    for example in examples(&suite) {
        let Example { number, source, expected } = example;
        // Images are tried as our own, too.
        let (source, expected) = if expected.contains("<img") {
            (source.replace("/url", "/media/url"), expected.replace("/url", "/media/url"))
        } else {
            (source, expected)
        };
        if skip.contains(&number) || has_raw_html(&source) {
            skipped += 1;
            continue;
        }
        let html = render(&source).html.into_string();
        // Ours links bare addresses, which the suite of CommonMark alone does not.
        let links = expected.contains("<a");
        let (ours, theirs) = (normalised(&html, links), normalised(&expected, links));
        if ours == theirs {
            passed += 1;
        } else {
            failed.push(format!(
                "{number}: {source:?}\n  ours   {ours}\n  theirs {theirs}\n  {html}"
            ));
        }
    }
    println!("{name}: {passed} passed, {skipped} skipped, {} failed", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    Some((passed, skipped))
}

#[test]
fn every_commonmark_example_without_raw_html_passes() {
    if let Some((passed, skipped)) = run("commonmark-spec-0.31.txt", &[]) {
        assert!(passed + skipped >= 652, "{passed} + {skipped}");
    }
}

#[test]
fn the_gfm_tables_pass() {
    // The third is pulldown-cmark's own reading of a pipe in code; GFM's is in the next suite.
    run("gfm_table.txt", &[3]);
}

#[test]
fn the_gfm_strikethrough_examples_pass() {
    run("gfm_strikethrough.txt", &[]);
}

#[test]
fn the_gfm_task_lists_pass() {
    run("gfm_tasklist.txt", &[]);
}

#[test]
fn the_gfm_specification_passes() {
    run("gfm-spec.txt", &[]);
}

#[test]
fn the_gfm_extensions_pass() {
    // 19 links a domain of emoji, which the sanitiser's reader of addresses refuses; 20 expects
    // nothing but that it ends; 23 compares the mark-up around footnotes, which is our own.
    run("gfm-extensions.txt", &[19, 20, 23]);
}
