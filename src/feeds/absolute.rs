//! Texts as they leave the site: addresses made whole, characters that XML does not know removed.

/// Rendered HTML with whole addresses: `/media/x` and `#h-notes` mean nothing in a feed reader.
///
/// The renderer writes attributes in double quotes and `&`, `<` in text as entities, so that a tag
/// begins at every `<`, and attributes can be told from text that only looks like one.
pub fn html(html: &str, site: &str, page: &str) -> String {
    let mut out = String::with_capacity(html.len() + 256);
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = end_of_tag(rest);
        tag(&mut out, &rest[..end], site, page);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Where the tag at the beginning ends: at the first `>` outside quotes.
fn end_of_tag(text: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn tag(out: &mut String, tag: &str, site: &str, page: &str) {
    let mut rest = tag;
    while let Some(quote) = rest.find('"') {
        let (name, value) = rest.split_at(quote + 1);
        out.push_str(name);
        let value_end = value.find('"').unwrap_or(value.len());
        let is_address = name.ends_with(" href=\"") || name.ends_with(" src=\"");
        if is_address {
            if value.starts_with('#') {
                out.push_str(page);
            } else if value.starts_with('/') && !value.starts_with("//") {
                out.push_str(site);
            }
        }
        let end = (value_end + 1).min(value.len());
        if name.ends_with(" srcset=\"") {
            out.push_str(&value[..end].replace("/media/", &format!("{site}/media/")));
        } else {
            out.push_str(&value[..end]);
        }
        rest = &value[end..];
    }
    out.push_str(rest);
}

/// A text without the characters that XML 1.0 forbids even when they are escaped.
pub fn xml(text: &str) -> String {
    text.chars()
        .filter(|letter| {
            matches!(letter, '\t' | '\n' | '\r')
                || (*letter >= ' ' && !matches!(letter, '\u{fffe}' | '\u{ffff}'))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_whole_and_text_stays() {
        let table = [
            (r#"<a href="/x">/x</a>"#, r#"<a href="https://s/x">/x</a>"#),
            (r##"<a href="#h-a">a</a>"##, r#"<a href="https://s/p#h-a">a</a>"#),
            (r#"<img alt="a > b" src="/m.jpg">"#, r#"<img alt="a > b" src="https://s/m.jpg">"#),
            (r#"<a href="//x">x</a>"#, r#"<a href="//x">x</a>"#),
            (r#"<a href="https://x/">x</a>"#, r#"<a href="https://x/">x</a>"#),
            (r#"<code>&lt;a href="/x"&gt;</code>"#, r#"<code>&lt;a href="/x"&gt;</code>"#),
            (r#"<p title=" href=">"/x"</p>"#, r#"<p title=" href=">"/x"</p>"#),
            ("ü < ", "ü < "),
            ("<a href=\"/", "<a href=\"https://s/"),
        ];
        for (text, expected) in table {
            assert_eq!(html(text, "https://s", "https://s/p"), expected);
        }
    }

    #[test]
    fn control_characters_go() {
        assert_eq!(
            xml("a\u{0}\u{8}b\u{b}\t\n\u{1f}\u{fffe}c\u{ffff}é\u{1f600}"),
            "ab\t\ncé\u{1f600}"
        );
    }
}
