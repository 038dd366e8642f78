//! What writers, readers and the site's staff are told: who may see what, and the sums.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::store::{
    influence,
    influence::Influence,
    stats::{self as store, DaySums},
};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    db::Conn,
    ids::{PostId, UserId},
};

pub use super::store::stats::{Influential, PostSums, ReadingSums};

/// Devices, countries and sources that are shown.
const DEVICES: i64 = 10;
const COUNTRIES: i64 = 20;
const SOURCES: i64 = 12;

/// People in the list of the most influential.
const INFLUENTIAL: i64 = 20;

/// Whose views: all posts of a writer, or one of them.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    pub author: UserId,
    pub post: Option<PostId>,
}

/// A window of days that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window(i64);

impl Window {
    pub const ALL: [Self; 3] = [Self(7), Self(30), Self(90)];

    /// 7, 30 or 90 days; anything else is 30.
    pub fn of_days(days: &str) -> Self {
        Self::ALL.into_iter().find(|window| window.0.to_string() == days).unwrap_or(Self(30))
    }

    pub fn days(self) -> i64 {
        self.0
    }

    fn since(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - TimeDelta::days(self.0)
    }

    /// The first of its days, the last being today.
    fn first(self, now: DateTime<Utc>) -> String {
        (now - TimeDelta::days(self.0 - 1)).date_naive().to_string()
    }
}

/// R-ANALYTICS.7, and of R-ANALYTICS.2 what it amounts to: the share of unique views after which the
/// reader looked at no other page, views after which a member liked or answered, and how long the
/// page took to stand there, in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct PostAnalytics {
    pub total_views: i64,
    pub unique_views: i64,
    pub registered_views: i64,
    pub anonymous_views: i64,
    pub avg_time_spent: f64,
    pub avg_scroll_depth: f64,
    pub bounce_rate: f64,
    pub conversions: i64,
    pub avg_load_time: f64,
    pub period_days: i64,
}

/// A day with its views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    pub views: i64,
    pub unique: i64,
}

/// A kind of something, with views and distinct sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub views: i64,
    pub readers: i64,
}

/// All that a writer is shown.
#[derive(Debug)]
pub struct Report {
    pub sums: PostAnalytics,
    pub days: Vec<Day>,
    pub devices: Vec<Group>,
    pub countries: Vec<Group>,
    pub sources: Vec<(String, i64)>,
    pub posts: Vec<PostSums>,
    pub influence: Option<Influence>,
}

/// What the site's staff is shown.
#[derive(Debug)]
pub struct SiteReport {
    pub views: i64,
    pub unique: i64,
    pub days: Vec<Day>,
    pub devices: Vec<Group>,
    pub countries: Vec<Group>,
    pub influential: Vec<Influential>,
}

/// Views of a scope in the days of a window (R-ANALYTICS.7).
pub async fn post_analytics(
    conn: &mut Conn,
    scope: Scope,
    window: Window,
    now: DateTime<Utc>,
) -> Result<PostAnalytics> {
    Ok(summed(&store::days(conn, scope, &window.first(now)).await?, window))
}

fn summed(days: &[DaySums], window: Window) -> PostAnalytics {
    let sum = |of: fn(&DaySums) -> i64| days.iter().map(of).sum::<i64>();
    let share = |part: f64, whole: i64| if whole > 0 { part / float(whole) } else { 0.0 };
    let (views, members) = (sum(|day| day.views), sum(|day| day.member_views));
    let unique_views = sum(|day| day.unique_views);
    let depth = days.iter().map(|day| day.depth).sum();
    PostAnalytics {
        total_views: views,
        unique_views,
        registered_views: members,
        anonymous_views: views - members,
        avg_time_spent: rounded(share(float(sum(|day| day.seconds)), sum(|day| day.timed)), 2),
        avg_scroll_depth: rounded(share(depth, sum(|day| day.scrolled)), 4),
        bounce_rate: rounded(share(float(sum(|day| day.bounces)), unique_views), 4),
        conversions: sum(|day| day.conversions),
        avg_load_time: rounded(share(float(sum(|day| day.load_time)), sum(|day| day.loaded)), 0),
        period_days: window.days(),
    }
}

/// Counts stay far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^52, which no count reaches")]
fn float(number: i64) -> f64 {
    number as f64
}

fn rounded(number: f64, digits: i32) -> f64 {
    let factor = 10_f64.powi(digits);
    (number * factor).round() / factor
}

/// What somebody learns of all posts of theirs.
pub async fn own(app: &App, viewer: &Viewer, window: Window) -> Result<Report> {
    report(app, Scope { author: viewer.id, post: None }, window).await
}

/// What somebody learns of a post: of their own, or with the permission of any. For others it is
/// not there.
pub async fn of_post(
    app: &App,
    viewer: &Viewer,
    post: PostId,
    window: Window,
) -> Result<(String, Report)> {
    let mut conn = app.db.conn().await?;
    let (author, title) = store::owner(&mut conn, post).await?.ok_or(Error::NotFound)?;
    drop(conn);
    if author != viewer.id && !viewer.can(Permission::ViewAnalytics) {
        return Err(Error::NotFound);
    }
    Ok((title, report(app, Scope { author, post: Some(post) }, window).await?))
}

async fn report(app: &App, scope: Scope, window: Window) -> Result<Report> {
    let now = app.clock.now();
    let since = window.first(now);
    let mut conn = app.db.conn().await?;
    let rows = store::days(&mut conn, scope, &since).await?;
    let devices = groups(store::parts(&mut conn, scope, &since, ("device", DEVICES)).await?);
    let countries = groups(store::parts(&mut conn, scope, &since, ("country", COUNTRIES)).await?);
    let sources = store::parts(&mut conn, scope, &since, ("source", SOURCES)).await?;
    let sources = sources.into_iter().map(|(name, views, _)| (name, views)).collect();
    let (posts, influence) = match scope.post {
        Some(_) => (Vec::new(), None),
        None => (
            store::posts(&mut conn, scope, &since).await?,
            influence::of(&mut conn, scope.author).await?,
        ),
    };
    let sums = summed(&rows, window);
    let days = rows.into_iter().map(|day| (day.date, day.views, day.unique_views)).collect();
    let days = filled(days, window, now);
    Ok(Report { sums, days, devices, countries, sources, posts, influence })
}

/// What the staff learns of the whole site: the days that are over.
pub async fn site(app: &App, viewer: &Viewer, window: Window) -> Result<SiteReport> {
    if !viewer.can(Permission::ViewAnalytics) {
        return Err(Error::Forbidden);
    }
    let now = app.clock.now();
    let since = window.first(now);
    let mut conn = app.db.conn().await?;
    let days = filled(store::site_days(&mut conn, &since).await?, window, now);
    Ok(SiteReport {
        views: days.iter().map(|day| day.views).sum(),
        unique: days.iter().map(|day| day.unique).sum(),
        devices: groups(store::site_parts(&mut conn, "device", &since).await?),
        countries: groups(store::site_parts(&mut conn, "country", &since).await?),
        influential: store::influential(&mut conn, INFLUENTIAL).await?,
        days,
    })
}

/// What somebody read themselves (R-ANALYTICS.8).
pub async fn reading(app: &App, viewer: &Viewer, window: Window) -> Result<ReadingSums> {
    let since = window.since(app.clock.now());
    store::reading(&mut app.db.conn().await?, viewer.id, since).await
}

impl ReadingSums {
    /// Seconds for each post that was read, to two digits.
    pub fn avg_time_per_post(&self) -> f64 {
        let number = |number: i64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        rounded(number(self.total_reading_time) / number(self.unique_posts_read.max(1)), 2)
    }
}

fn groups(rows: Vec<(String, i64, i64)>) -> Vec<Group> {
    rows.into_iter().map(|(name, views, readers)| Group { name, views, readers }).collect()
}

/// Every day of the window up to today, also those without a view.
fn filled(rows: Vec<(String, i64, i64)>, window: Window, now: DateTime<Utc>) -> Vec<Day> {
    let known: HashMap<String, (i64, i64)> =
        rows.into_iter().map(|(date, views, unique)| (date, (views, unique))).collect();
    let today = now.date_naive();
    (0..window.days())
        .rev()
        .map(|back| {
            let date = today - TimeDelta::days(back);
            let (views, unique) = known.get(&date.to_string()).copied().unwrap_or_default();
            Day { date, views, unique }
        })
        .collect()
}
