//! What mails and notifications say, in the language of the site: `locales/en.ftl`, and before it
//! the operator's file of the setting `site.texts` (decision 0035).

mod check;
#[cfg(test)]
mod tests;

use std::{fmt, path::Path};

use chrono::{DateTime, Datelike as _, Utc};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::{CharacterDirection, LanguageIdentifier};

use crate::{
    app::App,
    config::{Config, Seconds},
};

/// Every text there is, in English.
pub const ENGLISH: &str = include_str!("../locales/en.ftl");

type Bundle = FluentBundle<FluentResource>;

/// The texts of one site.
pub struct Catalogue {
    own: Option<Bundle>,
    english: Bundle,
    /// What every text may call the site.
    site: String,
}

impl Catalogue {
    /// Reads the operator's file, if there is one. It may say only what Streamly says, with the
    /// same gaps; whatever is wrong with it is said here and not in a mail.
    pub fn load(config: &Config) -> anyhow::Result<Self> {
        let english = bundle("en", ENGLISH)?;
        let file = &config.site.texts;
        let own = match file.as_str() {
            "" => None,
            file => {
                let own = read(Path::new(file), &config.site.language)
                    .map_err(|error| anyhow::anyhow!("site.texts: {file}: {error}"))?;
                Some(own)
            }
        };
        Ok(Self { own, english, site: config.site.name.clone() })
    }

    /// Nothing but English.
    #[cfg(test)]
    pub fn english() -> anyhow::Result<Self> {
        Ok(Self { own: None, english: bundle("en", ENGLISH)?, site: "Streamly".to_owned() })
    }

    /// In which language mails are, that of the site when its texts are there, and whether it is
    /// written from right to left.
    pub fn language<'a>(&self, site: &'a str) -> (&'a str, bool) {
        let Some(own) = &self.own else { return ("en", false) };
        let is_rtl = |language: &LanguageIdentifier| {
            language.character_direction() == CharacterDirection::RTL
        };
        (site, own.locales.iter().any(is_rtl))
    }

    /// A message, or a part of it, with its gaps filled; what the operator's file does not have is
    /// said in English.
    fn say(&self, message: &Text<'_>, part: Option<&str>) -> String {
        let own = self.own.iter().filter(|_| !message.in_english);
        let id = message.id;
        for bundle in own.chain([&self.english]) {
            if let Some(said) = say(bundle, id, part, &message.gaps) {
                return said;
            }
        }
        tracing::error!(id, part, "there is no such text");
        debug_assert!(false, "there is no text {id} {part:?}, or a gap of it is not filled");
        id.to_owned()
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").field("own", &self.own.is_some()).finish_non_exhaustive()
    }
}

fn read(file: &Path, language: &str) -> anyhow::Result<Bundle> {
    let text = std::fs::read_to_string(file)?;
    check::check(&text, ENGLISH)?;
    bundle(language, &text)
}

fn bundle(language: &str, text: &str) -> anyhow::Result<Bundle> {
    let language: LanguageIdentifier =
        language.parse().map_err(|error| anyhow::anyhow!("{language}: {error}"))?;
    let resource = FluentResource::try_new(text.to_owned())
        .map_err(|(_, errors)| anyhow::anyhow!("{}", check::first(text, &errors)))?;
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Mail programs show the marks that would keep a name of another direction apart.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    Ok(bundle)
}

fn say(bundle: &Bundle, id: &str, part: Option<&str>, gaps: &FluentArgs<'_>) -> Option<String> {
    let message = bundle.get_message(id)?;
    let pattern = match part {
        Some(part) => message.get_attribute(part)?.value(),
        None => message.value()?,
    };
    let mut errors = Vec::new();
    let said = bundle.format_pattern(pattern, Some(gaps), &mut errors).into_owned();
    if let Some(error) = errors.first() {
        tracing::error!(id, part, %error, "a text cannot be said");
        return None;
    }
    Some(said)
}

/// One message of the catalogue, with what stands in its gaps.
pub struct Text<'a> {
    catalogue: &'a Catalogue,
    id: &'static str,
    gaps: FluentArgs<'static>,
    in_english: bool,
}

impl<'a> Text<'a> {
    pub fn new(app: &'a App, id: &'static str) -> Self {
        Self::of(&app.texts, id)
    }

    /// The same, where nothing but the catalogue is at hand.
    pub fn of(catalogue: &'a Catalogue, id: &'static str) -> Self {
        let text = Self { catalogue, id, gaps: FluentArgs::new(), in_english: false };
        text.with("site", &catalogue.site)
    }

    /// Says it in English, for a page that is in English.
    #[must_use]
    pub fn in_english(mut self) -> Self {
        self.in_english = true;
        self
    }

    /// Fills a gap with text, which is never read as Fluent.
    #[must_use]
    pub fn with(mut self, gap: &'static str, text: &str) -> Self {
        self.gaps.set(gap, FluentValue::from(text.to_owned()));
        self
    }

    /// Fills a gap with a number, by which plural forms are chosen.
    #[must_use]
    pub fn count(mut self, gap: &'static str, number: i64) -> Self {
        self.gaps.set(gap, number);
        self
    }

    /// Fills the gaps of `date` and `moment`.
    #[must_use]
    pub fn at(self, at: DateTime<Utc>) -> Self {
        self.with("day", &at.day().to_string())
            .count("month", at.month().into())
            .with("year", &at.year().to_string())
            .with("clock", &at.format("%H:%M").to_string())
    }

    /// Fills the gaps of `time`: whole days from two on, else whole hours or minutes, rounded up.
    #[must_use]
    pub fn lasting(self, time: Seconds) -> Self {
        const HOUR: u64 = 3600;
        const DAY: u64 = 24 * HOUR;
        let (number, unit) = match time.0 {
            seconds if seconds >= 2 * DAY && seconds.is_multiple_of(DAY) => (seconds / DAY, "day"),
            seconds if seconds >= HOUR => (seconds.div_ceil(HOUR), "hour"),
            seconds => (seconds.div_ceil(60), "minute"),
        };
        self.count("number", i64::try_from(number).unwrap_or(i64::MAX)).with("unit", unit)
    }

    /// What the message itself says.
    pub fn whole(&self) -> String {
        self.catalogue.say(self, None)
    }

    /// What a part of it says.
    pub fn part(&self, part: &str) -> String {
        self.catalogue.say(self, Some(part))
    }

    /// What several parts say, in their order.
    pub fn parts(&self, parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| self.part(part)).collect()
    }
}

/// `24 hours`, `1 hour`, `30 minutes`, `14 days`: on pages.
pub fn time_in_words(app: &App, time: Seconds) -> String {
    Text::of(&app.texts, "time").in_english().lasting(time).whole()
}
