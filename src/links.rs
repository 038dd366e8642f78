//! The addresses of what has a page, as they stand in links: encoded, without the site; and those
//! of faces.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;

/// What a part of a path cannot hold as it is.
const PART: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An address whose last part is this text. Mostly nothing in it has to be encoded.
fn under(start: &str, text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return [start, text].concat();
    }
    let part = std::borrow::Cow::from(utf8_percent_encode(text, PART));
    [start, &part].concat()
}

/// `/blog/post/a-week-on-the-river`.
pub fn post(slug: &str) -> String {
    under("/blog/post/", slug)
}

/// `/comment/12`: leads to wherever the comment stands now.
pub fn comment(id: crate::ids::CommentId) -> String {
    ["/comment/", &id.0.to_string()].concat()
}

/// `/blog/category/travel`.
pub fn category(slug: &str) -> String {
    under("/blog/category/", slug)
}

/// `/blog/tag/rivers`.
pub fn tag(slug: &str) -> String {
    under("/blog/tag/", slug)
}

/// `/user/ana`.
pub fn user(username: &str) -> String {
    under("/user/", username)
}

/// A value in a query: `rivers+and+lakes`.
pub fn query(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// One or two letters for a face without a picture.
pub fn initials(name: &str) -> String {
    let mut words =
        name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    let letters = first.into_iter().chain(last).flat_map(char::to_uppercase).take(2);
    let mut text = String::with_capacity(8);
    text.extend(letters);
    if text.is_empty() { "?".to_owned() } else { text }
}

/// The colour of a face: the same for the same name, 0 to 359 degrees.
pub fn hue(name: &str) -> u16 {
    let sum =
        name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    u16::try_from(sum % 360).unwrap_or(0)
}

/// The address of the face that Streamly draws for somebody: a PNG that never changes, for whoever
/// wants a picture and cannot draw letters as pages do.
pub fn letters_url(name: &str, username: &str) -> String {
    let latin = |letter: char| {
        let base = std::iter::once(letter).nfd().next().unwrap_or(letter).to_ascii_uppercase();
        pictures::letters::is_drawn(base).then_some(base)
    };
    let letters: Option<String> = initials(name).chars().map(latin).collect();
    format!("/avatar/{}/{}.png", hue(username) / 10, letters.as_deref().unwrap_or("_"))
}

/// A person's picture, else the drawn letters.
pub fn face_url(filename: Option<&str>, name: &str, username: &str) -> String {
    filename.map_or_else(|| letters_url(name, username), media_url)
}

/// Where a stored picture is served.
pub fn media_url(filename: &str) -> String {
    format!("/media/{filename}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_face_has_an_address_of_its_own() {
        for (name, letters) in
            [("Ana Kovač", "AK"), ("Česká", "C"), ("7 seas", "7S"), ("東京 都", "_"), ("", "_")]
        {
            let url = letters_url(name, "ana");
            assert_eq!(url, format!("/avatar/{}/{letters}.png", hue("ana") / 10), "{name}");
        }
        assert_eq!(face_url(Some("ab.jpg"), "Ana", "ana"), "/media/ab.jpg");
    }

    #[test]
    fn initials_are_letters_of_any_script() {
        let table = [
            ("Ana Kovač", "AK"),
            ("ada", "A"),
            ("  ", "?"),
            ("Иван Петров", "ИП"),
            ("李 明", "李明"),
            ("Jean Luc de la Tour", "JT"),
            ("(x) y", "XY"),
        ];
        for (name, expected) in table {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn nothing_leaves_its_part_of_the_address() {
        assert_eq!(post("a/b?c#d e\"<f>"), "/blog/post/a%2Fb%3Fc%23d%20e%22%3Cf%3E");
        assert_eq!(post("東京"), "/blog/post/%E6%9D%B1%E4%BA%AC");
        assert_eq!(query("a&b c"), "a%26b+c");
    }
}
