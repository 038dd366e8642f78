//! Where a reader came from.

/// The longest address of a page that is kept.
const LONGEST: usize = 512;

/// The longest campaign word that is kept.
const WORD: usize = 100;

/// The address that led here as it is kept: host and path, without what follows a question mark,
/// without names and passwords. Anything that is no web address is nothing.
pub fn referer(text: &str) -> Option<String> {
    let mut url = url::Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.as_str().chars().take(LONGEST).collect())
}

/// The words of a campaign in a query: source, medium, campaign, term, content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Campaign(pub [Option<String>; 5]);

impl Campaign {
    const NAMES: [&str; 5] =
        ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

    pub fn of(query: &str) -> Self {
        let mut found = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).take(50) {
            let Some(at) = Self::NAMES.iter().position(|known| *known == name) else { continue };
            let value: String = value.chars().filter(|c| !c.is_control()).take(WORD).collect();
            let value = value.trim();
            if found.0[at].is_none() && !value.is_empty() {
                found.0[at] = Some(value.to_owned());
            }
        }
        found
    }
}

/// What a source is called in a list: the campaign's word, else the host, else how one comes
/// without either.
pub fn name(referer: Option<&str>, campaign: Option<&str>, own_host: &str) -> String {
    if let Some(campaign) = campaign {
        return campaign.to_owned();
    }
    let url = referer.and_then(|text| url::Url::parse(text).ok());
    match url.as_ref().and_then(url::Url::host_str) {
        None => "Direct".to_owned(),
        Some(host) if host == own_host => "This site".to_owned(),
        Some(host) => host.strip_prefix("www.").unwrap_or(host).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_host_and_path_are_kept() {
        let table = [
            ("https://news.example/item?id=7#top", Some("https://news.example/item")),
            ("https://ana:secret@news.example/", Some("https://news.example/")),
            ("javascript:alert(1)", None),
            ("android-app://com.example", None),
            ("nonsense", None),
        ];
        for (text, kept) in table {
            assert_eq!(referer(text).as_deref(), kept, "{text}");
        }
        let long = format!("https://a.example/{}", "x".repeat(2_000));
        assert_eq!(referer(&long).unwrap().len(), 512);
    }

    #[test]
    fn campaigns_are_read_once_and_cut() {
        let long = "y".repeat(500);
        let query = format!("utm_source=mail&utm_source=other&utm_term={long}&utm_medium=%00+&x=1");
        let Campaign([source, medium, campaign, term, content]) = Campaign::of(&query);
        assert_eq!(source.as_deref(), Some("mail"));
        assert_eq!((medium, campaign, content), (None, None, None));
        assert_eq!(term.unwrap().len(), 100);
    }

    #[test]
    fn sources_have_names() {
        let name = |referer, campaign| name(referer, campaign, "here.example");
        assert_eq!(name(None, None), "Direct");
        assert_eq!(name(Some("https://here.example/blog/"), None), "This site");
        assert_eq!(name(Some("https://www.news.example/a"), None), "news.example");
        assert_eq!(name(Some("https://www.news.example/a"), Some("letter")), "letter");
    }
}
