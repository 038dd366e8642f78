//! A browser in words, for the list of one's sessions.

use crate::texts::{Catalogue, Text};

/// Browser and system, as far as the browser says so: `Firefox`, `Windows`.
pub fn parts(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let browser = name(
        user_agent,
        &[
            ("Edg/", "Edge"),
            ("EdgA/", "Edge"),
            ("OPR/", "Opera"),
            ("SamsungBrowser/", "Samsung Internet"),
            ("Vivaldi/", "Vivaldi"),
            ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
            ("CriOS/", "Chrome"),
            ("Chrome/", "Chrome"),
            ("Version/", "Safari"),
            ("curl/", "curl"),
        ],
    );
    let system = name(
        user_agent,
        &[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Mac OS X", "Mac"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
        ],
    );
    (browser, system)
}

/// Which of the two are known, as the text `device` asks.
pub fn known(browser: Option<&str>, system: Option<&str>) -> &'static str {
    match (browser, system) {
        (Some(_), Some(_)) => "both",
        (Some(_), None) => "browser",
        (None, Some(_)) => "system",
        (None, None) => "none",
    }
}

/// `Firefox on Windows`, `A browser on a Mac`: on pages.
pub fn words(texts: &Catalogue, user_agent: &str) -> String {
    let (browser, system) = parts(user_agent);
    Text::of(texts, "device")
        .in_english()
        .with("known", known(browser, system))
        .with("browser", browser.unwrap_or_default())
        .with("system", system.unwrap_or_default())
        .whole()
}

fn name(user_agent: &str, known: &[(&str, &'static str)]) -> Option<&'static str> {
    known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named() {
        let table = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on an iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("Mozilla/5.0 (Windows NT 10.0)", "A browser on Windows"),
            ("", "An unknown browser"),
        ];
        let texts = Catalogue::english().unwrap();
        for (user_agent, expected) in table {
            assert_eq!(words(&texts, user_agent), expected);
        }
    }
}
