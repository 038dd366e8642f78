use super::dom;
use crate::{Rendered, render, render_comment, render_with};

fn html(source: &str) -> String {
    render(source).html.into_string()
}

#[track_caller]
fn assert_has(source: &str, part: &str) {
    let html = html(source);
    assert!(html.contains(part), "{part}\nis not in\n{html}");
}

#[test]
fn headings_begin_at_the_second_level_and_leave_none_out() {
    for (source, levels) in [
        ("# a\n## b\n### c", vec![2, 3, 4]),
        ("## a\n### b\n## c", vec![2, 3, 2]),
        ("### a", vec![2]),
        ("#### a\n## b\n##### c", vec![2, 2, 3]),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", vec![2, 3, 4, 5, 6, 6]),
    ] {
        let headings = render(source).headings;
        assert_eq!(headings.iter().map(|h| h.level).collect::<Vec<_>>(), levels, "{source}");
    }
}

#[test]
fn headings_have_ids_of_their_own_and_a_link() {
    let rendered = render("## Crème *brûlée*\n## Crème brûlée\n## 你好\n## 🎉\n## 2026\n##");
    let ids: Vec<&str> = rendered.headings.iter().map(|h| h.id.as_str()).collect();
    assert_eq!(
        ids,
        ["h-creme-brulee", "h-creme-brulee-1", "h-你好", "h-section", "h-section-2026"]
    );
    assert_eq!(rendered.headings[0].text, "Crème brûlée");
    let first = "<h2 id=\"h-creme-brulee\" dir=\"auto\">Crème <em>brûlée</em><a class=\"anchor\" \
                 href=\"#h-creme-brulee\" aria-label=\"Link to this section\" \
                 rel=\"nofollow ugc noopener\">#</a></h2>";
    assert!(rendered.html.as_str().starts_with(first), "{}", rendered.html);
}

#[test]
fn ids_stay_different_when_a_heading_is_named_like_a_number_of_another() {
    let rendered = render("# a\n# a-1\n# a\n# a\n# a-1");
    let mut ids: Vec<String> = rendered.headings.into_iter().map(|h| h.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5, "{ids:?}");
}

#[test]
fn links_to_headings_find_them_under_every_usual_name() {
    let headings = "\n## What’s new in Crème?\n\n## Section 32: the end\n\n## Section 3: it\n";
    for (fragment, id) in [
        ("what-s-new-in-creme", "h-what-s-new-in-creme"),
        ("whats-new-in-crème", "h-what-s-new-in-creme"),
        ("h-what-s-new-in-creme", "h-what-s-new-in-creme"),
        ("What%E2%80%99s-new-in-cr%C3%A8me", "h-what-s-new-in-creme"),
        ("section-32", "h-section-32-the-end"),
        ("section-3", "h-section-3-it"),
        ("nowhere", "nowhere"),
    ] {
        assert_has(&format!("[x](#{fragment})\n{headings}"), &format!("<a href=\"#{id}\""));
    }
}

#[test]
fn links_are_followed_only_to_the_web_and_mail() {
    assert_has(
        "[a](http://b.c 'd')",
        "<a href=\"http://b.c\" title=\"d\" rel=\"nofollow ugc noopener\">a</a>",
    );
    assert_has("<a@b.c>", "<a href=\"mailto:a@b.c\"");
    assert_has("www.example.org", "<a href=\"http://www.example.org\"");
    assert_has("[a](javascript:alert(1))", "<p dir=\"auto\">a</p>");
    assert_has("[a](data:text/html,b)", "<p dir=\"auto\">a</p>");
    assert_has("[](/b)", ">/b</a>");
    assert_has("[![](/media/a.png)](/b)", "<a href=\"/b\" aria-label=\"/b\" rel=");
}

#[test]
fn only_own_images_are_shown() {
    let size = |src: &str| (src == "/media/a.png").then_some((640, 480));
    let Rendered { html, images, text, .. } =
        render_with("An ![old \"boat\"](/media/a.png) and ![](/media/b.png)", &size);
    assert_eq!(
        html.as_str(),
        "<p dir=\"auto\">An <img src=\"/media/a.png\" alt=\"old &quot;boat&quot;\" width=\"640\" \
         height=\"480\" loading=\"lazy\" decoding=\"async\"> and <img src=\"/media/b.png\" alt=\"\" \
         loading=\"lazy\" decoding=\"async\"></p>\n"
    );
    assert_eq!(images, ["/media/a.png", "/media/b.png"]);
    assert_eq!(text, "An old \"boat\" and");
    assert_has(
        "![a *b*](https://c.d/e.png)",
        "<a href=\"https://c.d/e.png\" rel=\"nofollow ugc noopener\">a b</a>",
    );
    assert_has("![](https://c.d/e.png)", ">https://c.d/e.png</a>");
    assert_has(
        "[![a](https://c.d/e.png)](https://f.g)",
        "<a href=\"https://f.g\" rel=\"nofollow ugc noopener\">a</a>",
    );
    assert_has("![a](b.png)", "<p dir=\"auto\">a</p>");
    assert_has("![a](/media/../auth/logout)", "<p dir=\"auto\">a</p>");
    assert_has("![a](data:image/png;base64,AAAA)", "<p dir=\"auto\">a</p>");
}

#[test]
fn an_image_with_a_title_and_nothing_else_is_a_figure() {
    assert_has(
        "![Boat](/media/a.jpg \"Still <dry>\")",
        "<figure><img src=\"/media/a.jpg\" alt=\"Boat\" loading=\"lazy\" decoding=\"async\">\
         <figcaption dir=\"auto\">Still &lt;dry&gt;</figcaption></figure>",
    );
    assert_has("![Boat](/media/a.jpg \"Dry\") there", "title=\"Dry\"");
    assert_eq!(render("![Boat](/media/a.jpg \"Dry\")").text, "Boat\nDry");
}

#[test]
fn tables_scroll_and_have_names() {
    let html = html("| a | b |\n|:-|-:|\n| 1 | |\n\n| | c |\n|-|:-:|\n");
    assert!(html.starts_with(
        "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"Table 1\">\n<table dir=\"ltr\">\n\
         <thead>\n<tr>\n<th scope=\"col\" class=\"left\" dir=\"auto\">a</th>\n"
    ), "{html}");
    assert!(html.contains("<td class=\"right\"></td>") && html.contains("aria-label=\"Table 2\""));
    assert!(
        html.contains("<td></td>\n<th scope=\"col\" class=\"center\" dir=\"auto\">c</th>"),
        "{html}"
    );
}

#[test]
fn task_lists_have_boxes_with_names() {
    let html = html("- [x] a\n- [ ] b");
    assert!(html.contains("<li class=\"task\" dir=\"auto\"><input type=\"checkbox\" checked=\"\" disabled=\"\" aria-label=\"Done\"> a</li>"), "{html}");
    assert!(
        html.contains("<input type=\"checkbox\" disabled=\"\" aria-label=\"To do\"> b"),
        "{html}"
    );
}

#[test]
fn alerts_say_what_they_are() {
    let html = html("> [!TIP]\n> Pack *light*.");
    let expected = "<div class=\"alert alert-tip\" role=\"note\">\n<p class=\"alert-title\" dir=\"auto\">\
                    Tip</p>\n<p dir=\"auto\">Pack <em>light</em>.</p>\n</div>\n";
    assert_eq!(html, expected);
}

#[test]
fn footnotes_lead_there_and_back() {
    let html = html("a[^x] b[^x] [c[^y]](/d)\n\n[^x]: One.\n[^y]: - Two\n[^z]: Three");
    assert!(
        html.contains("<sup class=\"footnote-ref\"><a href=\"#fn-1\" id=\"fn-ref-1-1\""),
        "{html}"
    );
    assert!(html.contains("c<sup class=\"footnote-ref\" id=\"fn-ref-2-1\">2</sup></a>"), "{html}");
    assert!(
        html.contains(
            "<li id=\"fn-1\"><p dir=\"auto\">One. <a class=\"footnote-back\" href=\"#fn-ref-1-1\""
        ),
        "{html}"
    );
    assert!(html.contains("href=\"#fn-ref-1-2\"") && !html.contains("Three"), "{html}");
    // Every link on the page leads somewhere, and every id is there once.
    let tree = dom::parse(&html);
    let nodes = dom::all(&dom::root(&tree));
    let mut ids: Vec<String> = nodes.iter().filter_map(|n| dom::attribute(n, "id")).collect();
    for href in nodes.iter().filter_map(|n| dom::attribute(n, "href")) {
        if let Some(fragment) = href.strip_prefix('#') {
            assert!(ids.iter().any(|id| id == fragment), "{fragment} in {html}");
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn code_is_coloured_with_few_classes() {
    let html = html("```rust,ignore\nfn main() { let x = \"<&\"; } // 1\n```");
    assert!(html.starts_with("<pre tabindex=\"0\" dir=\"ltr\"><code class=\"language-rust\"><span class=\"hl-storage hl-type\">fn</span> <span class=\"hl-entity hl-name hl-function\">main</span>() {"), "{html}");
    assert!(html.contains("<span class=\"hl-string hl-quoted\">\"&lt;&amp;\"</span>"), "{html}");
    assert_has("```\n<b>\n```", "<code>&lt;b&gt;\n</code>");
    assert_has("```nolanguage\n<b>\n```", "<code class=\"language-nolanguage\">&lt;b&gt;\n</code>");
    assert_has("```\"><script>\nx\n```", "<code>x\n</code>");
    let long = format!("```rust\n{}\n```", "let x = 1;\n".repeat(10_000));
    assert!(!render(&long).html.as_str().contains("<span"));
}

#[test]
fn text_from_the_right_turns_its_containers() {
    assert_has("> שלום", "<blockquote dir=\"rtl\">\n<p dir=\"auto\">");
    assert_has("- פריט", "<ul dir=\"rtl\">\n<li dir=\"auto\">");
    assert_has("1. 1\n\n   سلام", "<ol dir=\"rtl\">\n<li dir=\"rtl\">");
    assert_has("> a", "<blockquote dir=\"ltr\">");
    assert_has("> 1", "<blockquote dir=\"auto\">");
}

#[test]
fn quotes_are_left_as_they_are() {
    assert_eq!(html("\"a\" -- 'b'..."), "<p dir=\"auto\">\"a\" -- 'b'...</p>\n");
}

#[test]
fn the_text_has_a_line_for_each_block() {
    let rendered = render(
        "# A *b*\n\nc\nd\\\ne\n\n- f\n- g\n\n| h | i |\n|---|---|\n| j | k |\n\n```\nl\n```\n\nm[^n] <b>\n\n[^n]: o",
    );
    assert_eq!(rendered.text, "A b\nc d\ne\nf\ng\nh\ni\nj\nk\nl\nm <b>\no");
    assert_eq!(rendered.words, 15);
    assert_eq!(render(""), Rendered::default());
}

#[test]
fn a_comment_is_simpler() {
    let comment = |source| render_comment(source).html.into_string();
    assert_eq!(
        comment("# A\nb *c*"),
        "<p dir=\"auto\"><strong>A</strong></p>\n<p dir=\"auto\">b <em>c</em></p>\n"
    );
    assert_eq!(
        comment("![a](/media/b.png) ![c](https://d.e/f.png)"),
        "<p dir=\"auto\">a <a href=\"https://d.e/f.png\" rel=\"nofollow ugc noopener\">c</a></p>\n"
    );
    for source in ["| a |\n|---|\n| b |", "a[^1]\n\n[^1]: b", "- [x] a", "> [!TIP]\n> a", "## a"] {
        let html = comment(source);
        for part in ["<table", "<section", "<input", "class=", "id=", "<h"] {
            assert!(!html.contains(part), "{part} in {html}");
        }
    }
    assert!(render_comment("# A").headings.is_empty());
}

#[test]
fn stored_html_comes_back_as_it_was() {
    let html = render("*a*").html;
    assert_eq!(crate::SafeHtml::from_stored(html.clone().into_string()), html);
    assert_eq!(html.to_string(), html.as_str());
}

#[test]
fn people_are_named_in_comments() {
    let source =
        "@ana and **@Bo-b**, `@eve`, me@example.org, [@in_link](https://e.org), @xy, @ana!";
    let rendered = crate::render_comment_with(source, &|name| {
        name.eq_ignore_ascii_case("ana").then(|| format!("/user/{name}"))
    });
    assert_eq!(rendered.mentions, ["ana", "Bo-b"]);
    let html = rendered.html.as_str();
    assert_eq!(
        html.matches("<a href=\"/user/ana\" rel=\"nofollow ugc noopener\">@ana</a>").count(),
        2
    );
    assert!(
        html.contains("<strong>@Bo-b</strong>") && html.contains("<code>@eve</code>"),
        "{html}"
    );
    assert!(rendered.text.starts_with("@ana and @Bo-b"), "{}", rendered.text);
    assert!(render("@ana").mentions.is_empty());
}
