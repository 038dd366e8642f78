use super::dom::assert_safe;
use super::fixture;
use crate::{Rendered, excerpt, reading_minutes, render_with, sanitise};

/// An article without its front matter, its picture uploaded.
fn article(name: &str) -> Option<Rendered> {
    let source = fixture(&format!("markdown/articles/{name}"))?;
    let body = source.splitn(3, "---\n").nth(2).unwrap().replace("](river-1.jpg", "](/media/r.jpg");
    let rendered = render_with(&body, &|_| Some((1600, 900)));
    assert_safe(rendered.html.as_str(), name);
    assert_eq!(sanitise(rendered.html.as_str()), rendered.html);
    Some(rendered)
}

#[test]
fn the_article_with_every_kind_of_block_renders() {
    let Some(rendered) = article("1-a-week-on-the-river.md") else { return };
    let html = rendered.html.as_str();
    for part in [
        "<figure><img src=\"/media/r.jpg\" alt=\"The boat on its trailer, still dry\" width=\"1600\" height=\"900\"",
        "<figcaption dir=\"auto\">Still dry</figcaption>",
        "<th scope=\"col\" class=\"right\" dir=\"auto\">Weight (kg)</th>",
        "<del>no</del> once",
        "aria-label=\"Done\"> Water filter",
        "<div class=\"alert alert-tip\" role=\"note\">",
        "<h3 id=\"h-the-soup\"",
        "<code class=\"language-python\"><span class=\"hl-storage",
        "href=\"https://example.com/gauges?id=41&amp;unit=m\"",
        "1 &lt; 2 &amp;&amp; 3 &gt; 2",
        "<hr>",
        "It was right about that one. <a class=\"footnote-back\"",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    let levels: Vec<u8> = rendered.headings.iter().map(|heading| heading.level).collect();
    assert_eq!(levels, [2, 3, 2, 2]);
    assert_eq!(rendered.images, ["/media/r.jpg"]);
    assert!(excerpt(&rendered.text, 150).starts_with("It rained on the first morning, which"));
    assert!((200..600).contains(&rendered.words), "{}", rendered.words);
}

#[test]
fn the_article_in_many_scripts_renders() {
    let Some(rendered) = article("2-five-scripts-one-page.md") else { return };
    let html = rendered.html.as_str();
    for part in [
        "<h2 id=\"h-العربية-تُكتب-من-اليمين-إلى-اليسار\" dir=\"auto\">",
        "<ul dir=\"rtl\">",
        "<strong>重要：</strong>",
        "👨‍👩‍👧‍👦",
        "e\u{301} = é",
        "zero width: a\u{200B}b, soft hy\u{AD}phen",
        "<em>Crème brûlée à l’ancienne</em>",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn every_link_in_the_long_article_leads_to_a_heading() {
    let Some(rendered) = article("3-the-long-one.md") else { return };
    let html = rendered.html.as_str();
    let links = html.matches("href=\"#section-").count();
    assert_eq!(links, 0, "links to sections that do not exist");
    assert!(html.matches("href=\"#h-section-").count() > rendered.headings.len());
    assert!(reading_minutes(rendered.words) > 30);
}
