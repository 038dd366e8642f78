//! What a browser says of itself, in three words; and who is no reader at all.

/// Kind of device, browser and system: all that is kept of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent {
    pub device: &'static str,
    pub browser: &'static str,
    pub system: &'static str,
}

/// Marks of programs that fetch pages and do not read them.
const PROGRAMS: [&str; 34] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "scrape",
    "scrapy",
    "headless",
    "phantom",
    "lighthouse",
    "pagespeed",
    "preview",
    "embed",
    "facebookexternalhit",
    "whatsapp",
    "monitor",
    "uptime",
    "pingdom",
    "validator",
    "checker",
    "archive",
    "feed",
    "curl/",
    "wget/",
    "python",
    "java/",
    "go-http",
    "okhttp",
    "axios",
    "node",
    "libwww",
    "httpclient",
    "http-client",
    "ruby",
    "+http",
];

/// Marks by which a browser is known; the first that is found decides, so those that also claim to
/// be another stand before it.
const BROWSERS: [(&str, &str); 16] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("Trident/", "Internet Explorer"),
    ("MSIE ", "Internet Explorer"),
];

const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
    ("BSD", "BSD"),
];

/// What a browser's `User-Agent` says, or `None` for a program, and for who says nothing.
pub fn reader(user_agent: &str) -> Option<Agent> {
    let lower = user_agent.to_ascii_lowercase();
    if user_agent.is_empty() || PROGRAMS.iter().any(|mark| lower.contains(mark)) {
        return None;
    }
    Some(Agent {
        device: device(user_agent),
        browser: name(user_agent, &BROWSERS),
        system: name(user_agent, &SYSTEMS),
    })
}

fn device(user_agent: &str) -> &'static str {
    let has = |mark: &str| user_agent.contains(mark);
    if has("iPad") || has("Tablet") || has("Kindle") || has("Android") && !has("Mobile") {
        "tablet"
    } else if has("Mobi") || has("iPhone") || has("Android") {
        "mobile"
    } else {
        "desktop"
    }
}

fn name(user_agent: &str, known: &[(&str, &'static str)]) -> &'static str {
    known.iter().find(|(mark, _)| user_agent.contains(mark)).map_or("Other", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        let table = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                ("desktop", "Firefox", "Linux"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                ("desktop", "Edge", "Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                ("mobile", "Safari", "iOS"),
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0 Mobile/15E148 Safari/604.1",
                ("tablet", "Chrome", "iPadOS"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                ("mobile", "Chrome", "Android"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Safari/537.36",
                ("tablet", "Samsung Internet", "Android"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
                ("desktop", "Safari", "macOS"),
            ),
            ("Something/1.0", ("desktop", "Other", "Other")),
        ];
        for (text, (device, browser, system)) in table {
            assert_eq!(reader(text), Some(Agent { device, browser, system }), "{text}");
        }
    }

    #[test]
    fn programs_are_no_readers() {
        for text in [
            "",
            "curl/8.5.0",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
            "facebookexternalhit/1.1",
            "Python-urllib/3.12",
            "Feedly/1.0",
        ] {
            assert_eq!(reader(text), None, "{text}");
        }
    }
}
