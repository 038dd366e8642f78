//! The text of a post without its markup, from the HTML that the renderer made and the post keeps.

/// How much of a text is indexed, in bytes: a tsvector holds a megabyte, and words take about three
/// times their text in it. Beyond this a text is cut; the post is saved all the same.
pub const MOST: usize = 160_000;

/// What a reader reads of this HTML, with a line break where a block ends.
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len().min(MOST));
    let mut rest = html;
    while !rest.is_empty() && text.len() < MOST {
        let Some(at) = rest.find(['<', '&']) else {
            text.push_str(rest);
            break;
        };
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(tag) = rest.strip_prefix('<') {
            let end = tag.find('>').unwrap_or(tag.len());
            if is_block(&tag[..end]) && !text.ends_with(char::is_whitespace) {
                text.push('\n');
            }
            rest = tag.get(end + 1..).unwrap_or_default();
        } else {
            let (letter, length) = entity(rest);
            text.push(letter);
            rest = &rest[length..];
        }
    }
    cut(&mut text);
    text
}

fn cut(text: &mut String) {
    if text.len() > MOST {
        let mut end = MOST;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}

fn is_block(tag: &str) -> bool {
    let name: String = tag
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    !matches!(
        name.as_str(),
        "a" | "b"
            | "i"
            | "em"
            | "strong"
            | "span"
            | "code"
            | "del"
            | "s"
            | "sub"
            | "sup"
            | "mark"
            | "u"
            | "ins"
            | "abbr"
            | "cite"
            | "q"
            | "small"
            | "kbd"
    )
}

/// The letter that an entity stands for, and how long it is written.
fn entity(text: &str) -> (char, usize) {
    let end = text.bytes().take(12).position(|byte| byte == b';');
    let Some(end) = end else { return ('&', 1) };
    let name = &text[1..end];
    let letter = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => name.strip_prefix('#').and_then(|number| {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            };
            code.and_then(char::from_u32).filter(|letter| *letter != '\0')
        }),
    };
    letter.map_or(('&', 1), |letter| (letter, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_left_out() {
        for (html, expected) in [
            ("<p>One <em>t</em>wo</p><p>three</p>", "\nOne two\nthree\n"),
            ("a &amp; b &lt;c&gt; &#39;d&#x27; &nope; &", "a & b <c> 'd' &nope; &"),
            ("<img src=x alt=\"y\">z", "\nz"),
            ("<broken", "\n"),
            ("&#0;&#xffffffff;é&ééééééé;", "&#0;&#xffffffff;é&ééééééé;"),
        ] {
            assert_eq!(plain(html), expected, "{html}");
        }
        assert!(plain(&"語".repeat(MOST)).len() <= MOST);
    }
}
