//! Letters: what came in a day or a week, in one mail. Everybody gets a letter at most once for
//! each period, however many instances run, and none when there is nothing in it.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Mailing, mails,
    store::digests::{self as store, Subscriber},
};
use crate::{
    Result,
    app::App,
    ids::UserId,
    jobs::{self, Job},
    mail,
};

/// The hour at which letters go out, UTC; the weekly one on Mondays.
const HOUR: i64 = 7;

/// How many people one job writes to.
const BATCH: i64 = 100;

/// How many lines a letter has.
const LINES: i64 = 20;

/// Since when the current period runs, and what it is called.
pub(super) fn period(digest: Mailing, now: DateTime<Utc>) -> (DateTime<Utc>, String) {
    let day = (now - TimeDelta::hours(HOUR)).date_naive();
    let day = if digest == Mailing::Weekly {
        day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()))
    } else {
        day
    };
    let start = day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(HOUR);
    (start, day.format("%F").to_string())
}

/// Writes the letters of one period, some people at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendDigests {
    pub digest: Mailing,
    pub period: String,
    pub before: DateTime<Utc>,
    pub after: UserId,
}

impl Job for SendDigests {
    const KIND: &'static str = "send_digests";

    async fn run(self, app: &App) -> Result<()> {
        let people = {
            let mut conn = app.db.conn().await?;
            let of = (self.period.as_str(), self.before);
            store::due(&mut conn, self.digest, of, self.after, BATCH).await?
        };
        for person in &people {
            self.send(app, person).await?;
        }
        let Some(last) = people.last() else { return Ok(()) };
        let mut tx = app.db.begin().await?;
        let next = Self { after: last.id, ..self.clone() };
        let key = format!("digests:{}:{}:{}", self.digest.as_str(), self.period, last.id);
        jobs::enqueue_once(app, &mut tx, &next, app.clock.now(), &key).await?;
        tx.commit().await
    }
}

impl SendDigests {
    async fn send(&self, app: &App, person: &Subscriber) -> Result<()> {
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        if !store::claim(&mut tx, person.id, self.digest, &self.period, now).await? {
            return Ok(());
        }
        let times = (self.before, now);
        let lines = store::lines(&mut tx, person.id, self.digest, times, LINES + 1).await?;
        if !lines.is_empty() {
            let most = usize::try_from(LINES).unwrap_or_default();
            let letter = mails::digest(app, person, self.digest, &lines, most);
            mail::queue(app, &mut tx, letter).await?;
        }
        store::delivered(&mut tx, person.id, self.digest, self.before, now).await?;
        tx.commit().await
    }
}

/// Queues the letters of the day and of the week when somebody is to get one.
pub async fn tick(app: &App) -> Result<()> {
    for digest in [Mailing::Daily, Mailing::Weekly] {
        let (before, period) = period(digest, app.clock.now());
        let is_due = {
            let mut conn = app.db.conn().await?;
            let due = store::due(&mut conn, digest, (&period, before), UserId(0), 1).await?;
            !due.is_empty()
        };
        if is_due {
            let key = format!("digests:{}:{period}", digest.as_str());
            let job = SendDigests { digest, period, before, after: UserId(0) };
            let mut tx = app.db.begin().await?;
            jobs::enqueue_once(app, &mut tx, &job, app.clock.now(), &key).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}
