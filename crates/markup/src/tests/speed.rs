//! Input made to be slow. The bound is for an optimised build; without optimisation the same
//! inputs run at a tenth of the size, to show that they end.
//! `cargo test --release -p markup speed -- --show-output --test-threads=1` prints the times.

use std::time::{Duration, Instant};

use super::fixture;
use crate::{render, render_comment};

const SCALE: usize = if cfg!(debug_assertions) { 10 } else { 1 };

/// A bound for an optimised build; a debug build, maybe on a busy machine, gets thirty times it.
fn seconds(count: u64) -> Duration {
    Duration::from_secs(if cfg!(debug_assertions) { 30 * count } else { count })
}

fn timed(name: &str, source: &str, bound: Duration) {
    let start = Instant::now();
    let rendered = render(source);
    let took = start.elapsed();
    let start = Instant::now();
    render_comment(source);
    let comment = start.elapsed();
    let html = rendered.html.as_str().len();
    println!("{name}: {} B -> {html} B, {took:?}, as a comment {comment:?}", source.len());
    assert!(took < bound && comment < bound, "{name} took {took:?} and {comment:?}");
}

fn pathological(n: usize) -> Vec<(&'static str, String)> {
    let links =
        |n: usize| (0..n).fold(String::new(), |all, i| all + &format!("[a{i}](http://a.b/{i}) "));
    vec![
        ("nested quotes", ">".repeat(n)),
        (
            "nested quotes with lazy lines",
            format!("{}a\n{}", "> ".repeat(n / 2), "b\n".repeat(n / 4)),
        ),
        ("quotes and lists in turn", "> - ".repeat(n / 4)),
        ("lists, then quotes", format!("{}{}", "- ".repeat(50), ">".repeat(n))),
        ("quotes on many lines", format!("{}\n", ">".repeat(90)).repeat(n / 91)),
        ("open brackets", "[".repeat(n)),
        ("nested brackets", format!("{}a{}", "[".repeat(n / 2), "]".repeat(n / 2))),
        ("nested images", format!("{}a{}", "![".repeat(n / 4), "](b)".repeat(n / 4))),
        ("nested strong", format!("{}a{}", "*a **a ".repeat(n / 14), " a** a*".repeat(n / 14))),
        ("open emphasis", "*a _b ".repeat(n / 6)),
        ("tildes", "~~a ~b ".repeat(n / 7)),
        ("nested lists", "+ ".repeat(n / 2)),
        ("deep lists", (0..n / 500).fold(String::new(), |all, i| all + &"  ".repeat(i) + "- a\n")),
        ("backticks", (1..(n / 50)).map(|i| "`".repeat(i % 400) + "a").collect::<String>()),
        ("links", links(n / 20)),
        ("50k links", links(n / 2)),
        ("autolinks", "http://a.b ".repeat(n / 11)),
        ("nested html", "<a ".repeat(n / 3)),
        ("comments", "<!-- a ".repeat(n / 7)),
        (
            "a table of many columns",
            format!("{}\n{}\n{}", "|a".repeat(n / 5), "|-".repeat(n / 5), "|\n".repeat(n / 5)),
        ),
        ("a table of many rows", format!("|a|b|\n|-|-|\n{}", "|c|d|\n".repeat(n / 6))),
        ("many tables", "|a|\n|-|\n\n".repeat(n / 9)),
        (
            "footnotes",
            (0..n / 12).fold(String::new(), |all, i| all + &format!("[^{i}]\n\n[^{i}]: a\n\n")),
        ),
        ("references to one footnote", format!("[^1]: a\n\n{}", "[^1] ".repeat(n / 5))),
        (
            "reference definitions",
            (0..n / 20).fold(String::new(), |all, i| all + &format!("[a{i}]: /b\n\n[a{i}]\n")),
        ),
        ("equal headings", "# a\n".repeat(n / 4)),
        (
            "headings like numbers",
            (0..n / 8).fold(String::new(), |all, i| all + &format!("# a-{i}\n# a\n")),
        ),
        ("links to headings", format!("{}{}", "# a b\n".repeat(n / 12), "[a](#a) ".repeat(n / 16))),
        ("alerts", "> [!TIP]\n".repeat(n / 9)),
        ("entities", "&lt;&amp;&#x41;".repeat(n / 15)),
        ("escapes", "\\*\\_\\[".repeat(n / 6)),
        ("quotes in code", format!("```js\n{}\n```", "'\"`(".repeat(n / 4))),
        ("code of one line", format!("```js\n{}\n```", "a(b[c{".repeat(n / 6))),
        ("code of many lines", format!("```php\n{}\n```", "<?php \"$a\n".repeat(n / 10))),
        ("combining marks", format!("# a{}", "\u{301}".repeat(n / 2))),
        ("spaces", " ".repeat(n) + "a"),
    ]
}

#[test]
fn time_grows_with_the_length_of_the_input() {
    for n in [50_000, 100_000] {
        for (name, source) in pathological(n / SCALE) {
            timed(&format!("{n} {name}"), &source, seconds(1));
        }
    }
}

#[test]
fn two_megabytes_render_in_bounded_time() {
    let bound = seconds(3);
    let size = 2_000_000 / SCALE;
    let paragraph = "Some *words* and `code` with a [link](http://a.b/c), **strong** ones.\n\n";
    timed("2 MB of paragraphs", &paragraph.repeat(size / paragraph.len()), bound);
    let code =
        format!("```rust\n{}```\n\n", "fn a(b: u32) -> String { format!(\"{b}\") }\n".repeat(700));
    timed("2 MB of code", &code.repeat(size / code.len() + 1), bound);
    if let Some(article) = fixture("markdown/articles/3-the-long-one.md") {
        timed("2 MB of the long article", &article.repeat(size / article.len() + 1), bound);
        timed("the long article", &article, bound);
    }
}
