//! Addresses as people see them who run the site: enough to recognise one's own, not to write to.

/// `ana@example.org` as `a•••@example.org`.
pub fn address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, domain)) => {
            let first: String = name.chars().take(1).collect();
            format!("{first}•••@{domain}")
        }
        None if address.is_empty() => String::new(),
        None => "•••".to_owned(),
    }
}

/// What another server said, with the addresses in it masked.
pub fn text(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if !(c.is_whitespace() || "<>,;:()[]\"'".contains(c)) {
            word.push(c);
            continue;
        }
        if word.contains('@') {
            masked.push_str(&address(&word));
        } else {
            masked.push_str(&word);
        }
        word.clear();
        masked.push(c);
    }
    masked.truncate(masked.trim_end().len());
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_and_the_rest_is_not() {
        assert_eq!(address("ana@example.org"), "a•••@example.org");
        assert_eq!(address("日@例え.jp"), "日•••@例え.jp");
        assert_eq!(address(""), "");
        assert_eq!(address("nonsense"), "•••");
        let table = [
            ("550 5.1.1 <ana@example.org>: unknown", "550 5.1.1 <a•••@example.org>: unknown"),
            ("rfc822;ana@example.org", "rfc822;a•••@example.org"),
            ("connection refused (os error 111)", "connection refused (os error 111)"),
            ("", ""),
        ];
        for (said, shown) in table {
            assert_eq!(text(said), shown);
        }
    }
}
