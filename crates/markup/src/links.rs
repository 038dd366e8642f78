//! What a link or an image may point to.

use url::Url;

/// What a link's address turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A place on the same page, without the `#`.
    Fragment(&'a str),
    /// An address people may follow.
    Address(&'a str),
    /// Anything else; the link's text is shown without a link.
    Refused,
}

/// Sorts an address.
pub fn target(address: &str) -> Target<'_> {
    if let Some(fragment) = address.strip_prefix('#') {
        Target::Fragment(fragment)
    } else if may_be_followed(address) {
        Target::Address(address)
    } else {
        Target::Refused
    }
}

/// http, https and mailto, and addresses on this site.
pub fn may_be_followed(address: &str) -> bool {
    match Url::parse(address) {
        Ok(url) => matches!(url.scheme(), "http" | "https" | "mailto"),
        Err(url::ParseError::RelativeUrlWithoutBase) => !seems_to_have_a_scheme(address),
        Err(_) => false,
    }
}

/// A colon before the first slash: with a character before it which one parser skips and another
/// does not, it could still be `javascript:`.
fn seems_to_have_a_scheme(address: &str) -> bool {
    address.chars().find(|c| ":/?#\\".contains(*c)) == Some(':')
        || address.starts_with(|c: char| c.is_control() || c.is_whitespace())
}

/// An address of another site's file, to which a link can be made.
pub fn is_on_the_web(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// A file people uploaded here. It is the only kind of image which is shown.
pub fn is_own_media(address: &str) -> bool {
    address.strip_prefix("/media/").is_some_and(|name| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
            && !name.split('/').any(|part| part.is_empty() || part.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_and_mail_can_be_linked() {
        for good in
            ["http://a.b", "HTTPS://a.b/?q#f", "mailto:a@b.c", "/blog", "a", "?q", "", "//a.b"]
        {
            assert_eq!(target(good), Target::Address(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:1",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:http://a",
            "feed:javascript:1",
            "irc://a",
            "tel:1",
            "http://a b/",
            "\u{3000}javascript:1",
            "\u{85}javascript:1",
            "\u{FEFF}javascript:1",
            "http://[::1",
        ] {
            assert_eq!(target(bad), Target::Refused, "{bad}");
        }
        assert_eq!(target("#a"), Target::Fragment("a"));
    }

    #[test]
    fn only_plain_paths_below_media_are_own_media() {
        assert!(is_own_media("/media/2026/ab-c_d.webp"));
        for bad in [
            "/media/",
            "/media",
            "media/a.png",
            "//media/a.png",
            "/media/../auth/logout",
            "/media//a",
            "/media/%2e%2e/a",
            "/media/a?b",
            "/media/a\\b",
            "/media/.hidden",
            "https://x/media/a.png",
        ] {
            assert!(!is_own_media(bad), "{bad}");
        }
    }
}
