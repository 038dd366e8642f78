//! Just enough reading of pages for tests: tags, attributes, and the text between.

/// The attributes of every start tag with this name.
pub fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}");
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(&open) {
        rest = &rest[at + open.len()..];
        if rest.starts_with(|next: char| next.is_whitespace() || next == '>' || next == '/') {
            let end = end_of_tag(rest);
            found.push(&rest[..end]);
            rest = &rest[end..];
        }
    }
    found
}

/// Where the tag closes: a `>` within quotes does not count.
fn end_of_tag(rest: &str) -> usize {
    let mut quote = None;
    for (at, next) in rest.char_indices() {
        match (quote, next) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(next),
            (Some(open), next) if open == next => quote = None,
            _ => {}
        }
    }
    rest.len()
}

/// The value of an attribute in what [`tags`] found, with its entities resolved.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(at) = rest.find(name) {
        let before = rest[..at].chars().next_back();
        rest = &rest[at + name.len()..];
        if !before.is_none_or(char::is_whitespace) {
            continue;
        }
        let Some(value) = rest.trim_start().strip_prefix('=') else { continue };
        let value = value.trim_start();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
            _ => value.split(char::is_whitespace).next(),
        };
        return value.map(unescape);
    }
    None
}

/// The value of the first input field with this name.
pub fn input(html: &str, name: &str) -> Option<String> {
    let named = |tag: &&str| attribute(tag, "name").as_deref() == Some(name);
    let tag = tags(html, "input").into_iter().find(named)?;
    Some(attribute(tag, "value").unwrap_or_default())
}

/// Every address on a page that leads somewhere on the same site, without its fragment.
pub fn links(html: &str) -> Vec<String> {
    let mut links: Vec<_> = tags(html, "a")
        .into_iter()
        .filter_map(|tag| attribute(tag, "href"))
        .map(|link| link.split('#').next().unwrap_or_default().to_owned())
        .filter(|link| link.starts_with('/') && !link.starts_with("//"))
        .collect();
    links.sort();
    links.dedup();
    links
}

/// Resolves the entities that templates write.
pub fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_whatever_the_order_of_its_attributes() {
        let html =
            r#"<input type=hidden value="a&amp;b" data-name="x" name="csrf_token"><a href="/x#y">"#;
        assert_eq!(input(html, "csrf_token").as_deref(), Some("a&b"));
        assert_eq!(input(html, "other"), None);
        assert_eq!(links(html), ["/x"]);
    }

    #[test]
    fn a_bracket_within_quotes_does_not_end_a_tag() {
        let tags = tags(r#"<a title="1 > 0" href=/q>x</a><article>"#, "a");
        assert_eq!(tags.len(), 1);
        assert_eq!(attribute(tags[0], "href").as_deref(), Some("/q"));
    }
}
