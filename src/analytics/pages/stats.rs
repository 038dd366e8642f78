//! `/blog/stats`: what writers, readers and the site's staff learn of views.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use super::{
    super::{
        stats::{self, Group, PostSums, ReadingSums, Report, Window},
        store::influence::Influence,
    },
    chart::Chart,
};
use crate::{
    accounts::{Permission, full_name},
    app::App,
    ids::PostId,
    links,
    posts::reading::card::Named,
    web::{Caching, Layout, Page, PageResult, Path, Query, SignedIn, page, view},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StatsQuery {
    days: String,
}

/// A link of the row of windows.
struct Tab {
    name: String,
    url: String,
    is_current: bool,
}

/// A figure with its name.
struct Tile {
    name: &'static str,
    figure: String,
}

/// A row of a small table.
struct Line {
    name: String,
    views: String,
    readers: String,
}

#[derive(Template)]
#[template(path = "analytics/stats.html")]
struct StatsPage {
    layout: Layout,
    heading: String,
    is_post: bool,
    sees_site: bool,
    tabs: Vec<Tab>,
    tiles: Vec<Tile>,
    chart: Chart,
    devices: Vec<Line>,
    countries: Vec<Line>,
    sources: Vec<(String, String)>,
    posts: Vec<(PostId, String, String, String)>,
    influence: Option<(String, String, String)>,
}

fn tabs(path: &str, current: Window) -> Vec<Tab> {
    Window::ALL
        .map(|window| Tab {
            name: format!("{} days", window.days()),
            url: format!("{path}?days={}", window.days()),
            is_current: window == current,
        })
        .into()
}

fn lines(groups: Vec<Group>) -> Vec<Line> {
    groups
        .into_iter()
        .map(|group| Line {
            name: group.name,
            views: view::thousands(group.views),
            readers: view::thousands(group.readers),
        })
        .collect()
}

/// `2 min 5 s`.
fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.0} s");
    }
    format!("{:.0} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
}

fn tiles(sums: &stats::PostAnalytics) -> Vec<Tile> {
    [
        ("Views", view::thousands(sums.total_views)),
        ("Unique views", view::thousands(sums.unique_views)),
        ("By members", view::thousands(sums.registered_views)),
        ("By visitors", view::thousands(sums.anonymous_views)),
        ("Average time", duration(sums.avg_time_spent)),
        ("Average depth", format!("{:.1} %", sums.avg_scroll_depth * 100.0)),
        ("Looked at nothing else", format!("{:.1} %", sums.bounce_rate * 100.0)),
        ("Liked or answered", view::thousands(sums.conversions)),
        ("Page stood there after", format!("{:.1} s", sums.avg_load_time / 1_000.0)),
    ]
    .map(|(name, figure)| Tile { name, figure })
    .into()
}

fn influence(influence: &Influence) -> (String, String, String) {
    (
        view::thousands(influence.rank),
        view::thousands(influence.people),
        format!("{:.6}", influence.score),
    )
}

impl StatsPage {
    fn of(
        visitor: &SignedIn,
        report: Report,
        window: Window,
        post: Option<(PostId, String)>,
    ) -> Self {
        let path = match &post {
            Some((id, _)) => format!("/blog/stats/{id}"),
            None => "/blog/stats".to_owned(),
        };
        let row = |post: PostSums| {
            let title = if post.title.is_empty() { "Untitled".to_owned() } else { post.title };
            (post.id, title, view::thousands(post.views), view::thousands(post.unique_views))
        };
        Self {
            layout: visitor.layout(),
            is_post: post.is_some(),
            heading: post.map_or_else(|| "Your readers".to_owned(), |(_, title)| title),
            sees_site: visitor.viewer.can(Permission::ViewAnalytics),
            tabs: tabs(&path, window),
            tiles: tiles(&report.sums),
            chart: Chart::of(&report.days),
            devices: lines(report.devices),
            countries: lines(report.countries),
            sources: report
                .sources
                .into_iter()
                .map(|(name, views)| (name, view::thousands(views)))
                .collect(),
            posts: report.posts.into_iter().map(row).collect(),
            influence: report.influence.as_ref().map(influence),
        }
    }
}

/// Nobody keeps what is only for one person.
fn private(page: Page) -> Response {
    let mut response = page.into_response();
    response.extensions_mut().insert(Caching::Never);
    response
}

pub async fn own(
    State(app): State<App>,
    visitor: SignedIn,
    query: Query<StatsQuery>,
) -> PageResult<Response> {
    let window = Window::of_days(&query.days);
    let report = stats::own(&app, &visitor.viewer, window).await?;
    Ok(private(page(&StatsPage::of(&visitor, report, window, None))?))
}

pub async fn of_post(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<PostId>,
    query: Query<StatsQuery>,
) -> PageResult<Response> {
    let window = Window::of_days(&query.days);
    let (title, report) = stats::of_post(&app, &visitor.viewer, id, window).await?;
    Ok(private(page(&StatsPage::of(&visitor, report, window, Some((id, title))))?))
}

#[derive(Template)]
#[template(path = "analytics/site.html")]
struct SitePage {
    layout: Layout,
    tabs: Vec<Tab>,
    tiles: Vec<Tile>,
    chart: Chart,
    devices: Vec<Line>,
    countries: Vec<Line>,
    people: Vec<(String, Named, String, String)>,
}

pub async fn site(
    State(app): State<App>,
    visitor: SignedIn,
    query: Query<StatsQuery>,
) -> PageResult<Response> {
    let window = Window::of_days(&query.days);
    let report = stats::site(&app, &visitor.viewer, window).await?;
    let people = report.influential.into_iter().map(|person| {
        let (first, last) = (person.first_name.as_deref(), person.last_name.as_deref());
        let name = full_name(&person.username, first, last);
        (
            view::thousands(person.rank),
            Named { name, url: links::user(&person.username) },
            view::thousands(person.follower_count),
            format!("{:.6}", person.score),
        )
    });
    Ok(private(page(&SitePage {
        layout: visitor.layout(),
        tabs: tabs("/blog/stats/site", window),
        tiles: vec![
            Tile { name: "Views", figure: view::thousands(report.views) },
            Tile { name: "Unique views", figure: view::thousands(report.unique) },
        ],
        chart: Chart::of(&report.days),
        devices: lines(report.devices),
        countries: lines(report.countries),
        people: people.collect(),
    })?))
}

#[derive(Template)]
#[template(path = "analytics/reading.html")]
struct ReadingPage {
    layout: Layout,
    tabs: Vec<Tab>,
    tiles: Vec<Tile>,
    is_on: bool,
    keep_days: u32,
}

pub async fn reading(
    State(app): State<App>,
    visitor: SignedIn,
    query: Query<StatsQuery>,
) -> PageResult<Response> {
    let window = Window::of_days(&query.days);
    let sums = stats::reading(&app, &visitor.viewer, window).await?;
    Ok(private(page(&ReadingPage {
        layout: visitor.layout(),
        tabs: tabs("/blog/stats/reading", window),
        tiles: reading_tiles(&sums),
        is_on: app.config.analytics.enabled,
        keep_days: app.config.analytics.keep_views,
    })?))
}

fn reading_tiles(sums: &ReadingSums) -> Vec<Tile> {
    [
        ("Times you opened a post", view::thousands(sums.total_views)),
        ("Posts you read", view::thousands(sums.unique_posts_read)),
        ("Time you read", duration(seconds(sums.total_reading_time))),
        ("Time for a post", duration(sums.avg_time_per_post())),
    ]
    .map(|(name, figure)| Tile { name, figure })
    .into()
}

fn seconds(number: i64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
