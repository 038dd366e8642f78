//! Where to go after the login: only to a page of this site (V33, X49).

/// The path to go to, or `/` for anything that is not plainly one of ours. The address is parsed
/// the way a browser does, not compared by its beginning.
pub fn safe(next: &str) -> &str {
    if is_safe(next) { next } else { "/" }
}

fn is_safe(next: &str) -> bool {
    // Browsers drop tabs and line ends and take `\` for `/`; nobody means them.
    let plain =
        next.len() <= 2_000 && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !plain || !next.starts_with('/') {
        return false;
    }
    let Ok(base) = url::Url::parse("http://our.invalid/") else { return false };
    let Ok(url) = base.join(next) else { return false };
    let ours = url.origin() == base.origin()
        && url.username().is_empty()
        && url.password().is_none()
        && !url.path().starts_with("//");
    // A coded slash is decoded by some proxies, so it counts as one.
    let decoded = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    ours && !decoded.starts_with("//")
        && !decoded.contains(['\\', '\r', '\n', '\t', '\0'])
        && !url.path().starts_with("/auth/log")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_away() {
        let good = [
            "/",
            "/blog/post/hello",
            "/blog/post/%E4%B8%96",
            "/blog/search?q=a&page=2#top",
            "/auth/settings",
            "/blog/search?q=http://example.org/",
        ];
        for next in good {
            assert_eq!(safe(next), next);
        }
        let bad = [
            "",
            " ",
            "blog",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/%09/evil.example",
            "/%2f/evil.example",
            "/%2F%2Fevil.example",
            "/%5cevil.example",
            "/%5C/evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/%2e//evil.example",
            "https://evil.example",
            "https:evil.example",
            "http:/evil.example",
            "HTTPS://evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "@evil.example",
            "//user@evil.example",
            "/\r\nSet-Cookie: a=b",
            "/%0d%0aSet-Cookie:a=b",
            "/\u{2044}evil.example",
            "\u{ff0f}\u{ff0f}evil.example",
            "/\u{0}/evil.example",
            " //evil.example",
            "\t//evil.example",
            "/auth/login",
            "/auth/logout",
        ];
        for next in bad {
            assert_eq!(safe(next), "/", "{next:?}");
        }
        assert_eq!(safe(&format!("/{}", "a".repeat(3_000))), "/");
    }
}
