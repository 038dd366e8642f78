//! The addresses of what has a page, as they stand in links: encoded, without the site.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

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

fn part(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, PART)
}

/// `/blog/post/a-week-on-the-river`.
pub fn post(slug: &str) -> String {
    format!("/blog/post/{}", part(slug))
}

/// `/comment/12`: leads to wherever the comment stands now.
pub fn comment(id: crate::ids::CommentId) -> String {
    format!("/comment/{id}")
}

/// `/blog/category/travel`.
pub fn category(slug: &str) -> String {
    format!("/blog/category/{}", part(slug))
}

/// `/blog/tag/rivers`.
pub fn tag(slug: &str) -> String {
    format!("/blog/tag/{}", part(slug))
}

/// `/user/ana`.
pub fn user(username: &str) -> String {
    format!("/user/{}", part(username))
}

/// A value in a query: `rivers+and+lakes`.
pub fn query(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_part_of_the_address() {
        assert_eq!(post("a/b?c#d e\"<f>"), "/blog/post/a%2Fb%3Fc%23d%20e%22%3Cf%3E");
        assert_eq!(post("東京"), "/blog/post/%E6%9D%B1%E4%BA%AC");
        assert_eq!(query("a&b c"), "a%26b+c");
    }
}
