//! What a batch of views adds to the sums of its days: gathered in memory, written in the order of
//! the posts, in the transaction of the rows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    source,
    store::sums::{self, Kept},
    views::{Reading, View},
};
use crate::{Result, db::Tx, ids::PostId};

/// The longest name of a source that is kept.
const NAME: usize = 100;

/// What a day of a post earned.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Sums {
    pub views: i64,
    pub unique: i64,
    pub members: i64,
    pub bounces: i64,
    pub conversions: i64,
    /// Seconds of reading, and how many views told them.
    pub seconds: i64,
    pub timed: i64,
    pub depth: f64,
    pub scrolled: i64,
    pub load_time: i64,
    pub loaded: i64,
}

/// A kind of part, and its name.
pub type Part = (&'static str, String);

/// Sums by post and day.
#[derive(Debug, Default)]
pub struct Tally {
    days: BTreeMap<(PostId, String), Sums>,
    parts: BTreeMap<(PostId, String, Part), (i64, i64)>,
}

/// The day of a time, as it is written.
pub fn date(at: DateTime<Utc>) -> String {
    at.date_naive().to_string()
}

impl Tally {
    fn day(&mut self, post: PostId, at: DateTime<Utc>) -> &mut Sums {
        self.days.entry((post, date(at))).or_default()
    }

    /// A view that was written down. `own_host` is this site's.
    pub fn view(&mut self, view: &View, (unique, bounce): (bool, bool), own_host: &str) {
        let day = self.day(view.post, view.at);
        day.views += 1;
        day.unique += i64::from(unique);
        day.members += i64::from(view.user.is_some());
        day.bounces += i64::from(bounce);
        let campaign = view.campaign.0[0].as_deref();
        let source = source::name(view.referer.as_deref(), campaign, own_host);
        let source: String = source.chars().take(NAME).collect();
        let country = view.place.country.clone().map(|code| ("country", code));
        let parts = [("device", view.agent.device.to_owned()), ("source", source)];
        for part in parts.into_iter().chain(country) {
            let sums = self.parts.entry((view.post, date(view.at), part)).or_default();
            sums.0 += 1;
            sums.1 += i64::from(unique);
        }
    }

    /// A view after which its reader went on to another page.
    pub fn went_on(&mut self, post: PostId, at: DateTime<Utc>) {
        self.day(post, at).bounces -= 1;
    }

    /// A view after which its reader did something.
    pub fn converted(&mut self, post: PostId, at: DateTime<Utc>) {
        self.day(post, at).conversions += 1;
    }

    /// A report, beside what was known before it.
    pub fn reading(&mut self, reading: &Reading, before: &Kept) {
        let day = self.day(reading.post, before.created_at);
        let seconds = reading.seconds.max(before.time_spent);
        day.seconds += seconds - before.time_spent;
        day.timed += i64::from(before.time_spent == 0 && seconds > 0);
        let depth = reading.depth.max(before.scroll_depth);
        day.depth += depth - before.scroll_depth;
        day.scrolled += i64::from(before.scroll_depth <= 0.0 && depth > 0.0);
        if let (Some(load), None) = (reading.load_time, before.page_load_time) {
            day.load_time += load;
            day.loaded += 1;
        }
    }

    /// Adds all of it to what is kept.
    pub async fn write(self, tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
        for ((post, date), added) in self.days.iter().filter(|(_, sums)| **sums != Sums::default())
        {
            sums::add_day(tx, (*post, date), added, now).await?;
        }
        for ((post, date, part), added) in &self.parts {
            sums::add_part(tx, (*post, date), part, *added, now).await?;
        }
        Ok(())
    }
}
