//! What writers, readers and the site's staff are told: who may see what, and the sums.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    source,
    store::{influence, influence::Influence, stats as store},
};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    db::Conn,
    ids::{PostId, UserId},
};

pub use super::store::stats::{Influential, PostSums, ReadingSums};

/// Sources that are shown.
const SOURCES: usize = 12;

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
}

/// R-ANALYTICS.7.
#[derive(Debug, Clone, PartialEq)]
pub struct PostAnalytics {
    pub total_views: i64,
    pub unique_views: i64,
    pub registered_views: i64,
    pub anonymous_views: i64,
    pub avg_time_spent: f64,
    pub avg_scroll_depth: f64,
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
    pub influential: Vec<Influential>,
}

/// Views of a scope in a window (R-ANALYTICS.7).
pub async fn post_analytics(
    conn: &mut Conn,
    scope: Scope,
    window: Window,
    now: DateTime<Utc>,
) -> Result<PostAnalytics> {
    let sums = store::sums(conn, scope, window.since(now)).await?;
    Ok(PostAnalytics {
        total_views: sums.total_views,
        unique_views: sums.unique_views,
        registered_views: sums.registered_views,
        anonymous_views: sums.total_views - sums.registered_views,
        avg_time_spent: rounded(sums.avg_time_spent, 2),
        avg_scroll_depth: rounded(sums.avg_scroll_depth, 4),
        period_days: window.days(),
    })
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
    let since = window.since(now);
    let mut conn = app.db.conn().await?;
    let sums = post_analytics(&mut conn, scope, window, now).await?;
    let days = filled(store::days(&mut conn, scope, since).await?, window, now);
    let devices = groups(store::devices(&mut conn, scope, since).await?);
    let countries = groups(store::countries(&mut conn, scope, since).await?);
    let found = store::sources(&mut conn, scope, since).await?;
    let (posts, influence) = match scope.post {
        Some(_) => (Vec::new(), None),
        None => (
            store::posts(&mut conn, scope, since).await?,
            influence::of(&mut conn, scope.author).await?,
        ),
    };
    let sources = by_name(app, found);
    Ok(Report { sums, days, devices, countries, sources, posts, influence })
}

/// What the staff learns of the whole site: the days that are over.
pub async fn site(app: &App, viewer: &Viewer, window: Window) -> Result<SiteReport> {
    if !viewer.can(Permission::ViewAnalytics) {
        return Err(Error::Forbidden);
    }
    let now = app.clock.now();
    let since = window.since(now).date_naive().to_string();
    let mut conn = app.db.conn().await?;
    let days = filled(store::site_days(&mut conn, &since).await?, window, now);
    Ok(SiteReport {
        views: days.iter().map(|day| day.views).sum(),
        unique: days.iter().map(|day| day.unique).sum(),
        devices: groups(store::site_devices(&mut conn, &since).await?),
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

/// Views by the name of their source, the most first.
fn by_name(app: &App, rows: Vec<(Option<String>, Option<String>, i64)>) -> Vec<(String, i64)> {
    let own = url::Url::parse(&app.base_url()).ok();
    let own = own.as_ref().and_then(url::Url::host_str).unwrap_or_default();
    let mut sums: HashMap<String, i64> = HashMap::new();
    for (referer, campaign, views) in rows {
        *sums.entry(source::name(referer.as_deref(), campaign.as_deref(), own)).or_default() +=
            views;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    sums.truncate(SOURCES);
    sums
}
