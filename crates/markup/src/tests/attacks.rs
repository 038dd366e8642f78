use super::dom::assert_safe;
use super::fixture;
use crate::{render, render_comment, sanitise};

fn assert_harmless(source: &str) {
    assert_safe(render(source).html.as_str(), source);
    assert_safe(render_comment(source).html.as_str(), source);
    assert_safe(sanitise(source).as_str(), source);
}

/// A payload where a person could put it.
fn assert_harmless_everywhere(payload: &str) {
    let line = payload.replace(['\n', '\r'], " ");
    for source in [
        payload.to_owned(),
        format!("[a]({line})"),
        format!("[a](<{line}>)"),
        format!("![{line}](/media/a.png \"{line}\")"),
        format!("![{line}](<{line}>)"),
        format!("[a](http://a.b \"{line}\")"),
        format!("# {line}"),
        format!("| {line} |\n|---|\n| {line} |"),
        format!("```{line}\n{payload}\n```"),
        format!("`{line}`"),
        format!("[^{line}]\n\n[^{line}]: {line}"),
        format!("> [!NOTE] {line}\n> {line}"),
        format!("[a]: {line} '{line}'\n\n[a]"),
        format!("<{line}>"),
    ] {
        assert_harmless(&source);
    }
}

#[test]
fn no_payload_of_the_markdown_corpus_survives() {
    let Some(corpus) = fixture("xss/Markdown-XSS-Payloads.txt") else { return };
    assert_harmless(&corpus);
    let payloads: Vec<&str> = corpus.lines().filter(|line| !line.trim().is_empty()).collect();
    payloads.iter().copied().for_each(assert_harmless_everywhere);
    println!("{} payloads", payloads.len());
}

#[test]
fn no_payload_of_the_dompurify_corpus_survives() {
    let Some(corpus) = fixture("xss/dompurify-expect.json") else { return };
    let cases: Vec<serde_json::Value> = serde_json::from_str(&corpus).unwrap();
    let payloads: Vec<&str> = cases.iter().filter_map(|case| case["payload"].as_str()).collect();
    payloads.iter().copied().for_each(assert_harmless_everywhere);
    assert!(payloads.len() > 100, "{}", payloads.len());
    println!("{} payloads", payloads.len());
}

#[test]
fn no_payload_of_the_cheat_sheet_survives() {
    let Some(corpus) = fixture("xss/ha.ckers-xssAttacks.xml") else { return };
    let payloads: Vec<String> = corpus
        .split("<code>")
        .skip(1)
        .filter_map(|part| part.split("</code>").next())
        .map(|code| {
            code.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&amp;", "&")
        })
        .collect();
    for payload in &payloads {
        assert_harmless_everywhere(payload);
    }
    assert!(payloads.len() > 50, "{}", payloads.len());
    println!("{} payloads", payloads.len());
}

#[test]
fn mutations_which_fooled_other_sanitisers_do_nothing() {
    for payload in [
        "<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror=alert(1)></style>",
        "<svg><animate attributeName=href values=javascript:alert(1) /><a id=x><text>x",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<table><td><select><noscript><img title=\"</select></noscript><script>1</script>\">",
        "<input type=image src=x onerror=alert(1)><input name=body>",
        "<a href=\"java&#x0A;script:alert(1)\" onclick=alert(1) target=_blank rel=opener>x</a>",
        "<img src=\"/media/a.png\" onerror=alert(1) srcset=\"http://evil/ 2x\" style=\"x:y\">",
        "<p id=\"getElementById\" class=\"btn admin hl-x\" style=\"position:fixed\">x</p>",
        "<section aria-labelledby=\"username\" id=\"fn-a b\">x</section>",
        "<li dir=\"expression(1)\"><pre tabindex=\"99\">x</pre><div role=\"dialog\">x</div>",
    ] {
        assert_harmless_everywhere(payload);
    }
}

#[test]
fn raw_html_is_shown_as_it_was_typed() {
    let shown = render("<script>alert(1)</script>\n\nAn <b onclick=x>inline</b> one").html;
    assert!(shown.as_str().contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{shown}");
    assert!(shown.as_str().contains("An &lt;b onclick=x&gt;inline&lt;/b&gt; one"), "{shown}");
}

#[test]
fn what_is_not_allowed_is_dropped_when_html_is_sanitised() {
    assert_eq!(sanitise("a<script>b</script><b>c</b><p onclick=d>e").as_str(), "ac<p>e</p>");
}
