//! Where a reader is, as far as a proxy in front of the site says so. Streamly asks nobody and keeps
//! no table of addresses: a country and a city are known only where the operator names the headers
//! in which a trusted proxy tells them (`analytics.country_header`, `analytics.city_header`).

use percent_encoding::percent_decode_str;

use crate::config::Analytics;

/// The longest name of a city, in characters (R-ANALYTICS.1).
const CITY: usize = 100;

/// A country by its two letters (ISO 3166-1) and a city.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    pub country: Option<String>,
    pub city: Option<String>,
}

impl Place {
    /// What the headers of these names say; only for requests that a trusted proxy handed on.
    pub fn of<'a>(settings: &Analytics, header: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text = |name: &str| if name.is_empty() { None } else { header(name) };
        Self {
            country: text(&settings.country_header).and_then(country),
            city: text(&settings.city_header).and_then(city),
        }
    }
}

/// `XX` stands for "not known" and `T1` for Tor with those who send such headers.
fn country(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_code && code != "XX").then_some(code)
}

fn city(text: &str) -> Option<String> {
    let name = percent_decode_str(text.trim()).decode_utf8().ok()?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(CITY).collect();
    (!name.trim().is_empty()).then(|| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_country_is_one() {
        for (text, expected) in
            [("de", Some("DE")), (" CH ", Some("CH")), ("XX", None), ("T1", None), ("", None)]
        {
            assert_eq!(country(text).as_deref(), expected, "{text}");
        }
        for wrong in ["DEU", "D", "<b", "日本", "d1"] {
            assert_eq!(country(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_city_is_a_short_text() {
        assert_eq!(city("S%C3%A3o Paulo").as_deref(), Some("São Paulo"));
        assert_eq!(city("Zürich").as_deref(), Some("Zürich"));
        assert_eq!(city(&"x".repeat(500)).unwrap().len(), CITY);
        for nothing in ["", "  ", "%00%0A", "%FF"] {
            assert_eq!(city(nothing), None, "{nothing}");
        }
    }
}
