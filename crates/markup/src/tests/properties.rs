use proptest::prelude::*;

use super::dom::assert_safe;
use crate::{excerpt, render, render_comment, sanitise, slugify};

/// Text with much Markdown in it.
fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "# ",
            "## ",
            "> ",
            "> [!TIP]\n> ",
            "- ",
            "1. ",
            "- [x] ",
            "```rust\n",
            "```\n",
            "~~~js\n",
            "| a | b |\n|---|:-:|\n| 1 | 2 |\n",
            "[^1]",
            "\n[^1]: ",
            "![",
            "](",
            "](/media/a.png \"t\")",
            "[",
            "]",
            ")",
            "(",
            "<",
            ">",
            "</",
            "<script>",
            "<b>",
            "<!--",
            "-->",
            "<svg><style>",
            "`",
            "``",
            "*",
            "**",
            "_",
            "~~",
            "\n",
            "\n\n",
            "    ",
            "\t",
            "\\",
            "&amp;",
            "&#0;",
            "&lt;",
            "http://a.b/?c=d&e=f",
            "www.a.b",
            "a@b.c",
            "javascript:alert(1)",
            "#a",
            "[a](#a)",
            "\"",
            "'",
            "---\n",
            "===\n",
            "|",
            ":",
            "\u{202E}",
            "\u{0}",
            "\r",
            "שלום",
            "سلام",
            "你好",
            "\u{301}",
        ])
        .prop_map(str::to_owned),
        "[a-z ]{1,8}",
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_renders_to_safe_html(source in any::<String>()) {
        assert_safe(render(&source).html.as_str(), &source);
        assert_safe(render_comment(&source).html.as_str(), &source);
    }

    #[test]
    fn any_markdown_renders_to_safe_html(source in markdown()) {
        for rendered in [render(&source), render_comment(&source)] {
            let html = rendered.html;
            assert_safe(html.as_str(), &source);
            prop_assert_eq!(sanitise(html.as_str()), html);
        }
    }

    #[test]
    fn any_html_is_the_same_sanitised_twice(source in markdown()) {
        let once = sanitise(&source);
        assert_safe(once.as_str(), &source);
        prop_assert_eq!(sanitise(once.as_str()), once);
    }

    #[test]
    fn every_slug_is_fit_for_an_address(title in any::<String>()) {
        let slug = slugify(&title);
        prop_assert!(!slug.is_empty() && slug.len() < 200, "{slug}");
        prop_assert!(!slug.chars().all(char::is_numeric));
        prop_assert!(!slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--"), "{slug}");
        prop_assert!(!slug.contains(|c: char| c.is_whitespace() || c.is_control() || (c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-')), "{slug}");
        prop_assert_eq!(slug.to_lowercase(), slug.clone());
        prop_assert_eq!(slugify(&slug), slug);
    }

    #[test]
    fn an_excerpt_is_never_too_long(text in any::<String>(), max in 0_usize..200) {
        prop_assert!(excerpt(&text, max).chars().count() <= max + 1);
    }
}
