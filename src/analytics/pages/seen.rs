//! Where views come in: a post was shown, a page reports how far one read.

use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
};
use serde::Deserialize;

use super::super::{
    agent,
    place::Place,
    reader::{self, Reader},
    source::{self, Campaign},
    views::{self, Entry, Reading, View},
};
use crate::{
    Error, Result,
    app::App,
    ids::{PostId, UserId},
    web::{Form, Limit, PageResult, Visitor},
};

/// The longest time on a page that is believed, in seconds.
const LONGEST: i64 = 4 * 3_600;

/// The longest time to load a page that is believed, in milliseconds.
const SLOWEST: i64 = 300_000;

/// Notes that a public post was shown, unless this is nobody whose reading counts: a program, a
/// browser that fetches ahead, the author, somebody who does not want to be counted. Says with what
/// the page may report. Nothing that goes wrong here harms the page.
pub async fn seen(
    app: &App,
    visitor: &Visitor,
    headers: &HeaderMap,
    (post, author): (PostId, UserId),
) -> Option<String> {
    match note(app, visitor, headers, (post, author)).await {
        Ok(ticket) => ticket,
        Err(error) => {
            tracing::warn!(error = ?error, "a view was not counted");
            None
        }
    }
}

/// Where the reader is, when a trusted proxy says so.
fn place(app: &App, by_proxy: bool, headers: &HeaderMap) -> Place {
    if !by_proxy {
        return Place::default();
    }
    Place::of(&app.config.analytics, |name| {
        headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    })
}

async fn note(
    app: &App,
    visitor: &Visitor,
    headers: &HeaderMap,
    (post, author): (PostId, UserId),
) -> Result<Option<String>> {
    let info = &visitor.info;
    let user = visitor.viewer().map(|viewer| viewer.id);
    let wanted = app.config.analytics.enabled && info.method == Method::GET;
    if !wanted || user == Some(author) || is_fetched_ahead(headers) || wants_privacy(headers) {
        return Ok(None);
    }
    let Some(agent) = agent::reader(&info.user_agent) else { return Ok(None) };
    let who = match user {
        Some(user) => Reader::Member(user),
        None => Reader::Stranger { address: info.client, user_agent: &info.user_agent },
    };
    let session = reader::session(app, who).await?;
    let now = app.clock.now();
    let ticket = reader::ticket(app, &session, post, now);
    // Somebody who loads the page again and again fills no table.
    if Limit::View.spend(app, &session).is_ok() {
        let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
        let view = View {
            at: now,
            post,
            user,
            address: reader::address(app, info.client, visitor.truncated_address()).await?,
            agent,
            place: place(app, info.by_proxy, headers),
            referer: referer.and_then(source::referer),
            campaign: Campaign::of(info.query.as_deref().unwrap_or_default()),
            session,
        };
        views::push(app, Entry::View(Box::new(view)));
    }
    Ok(Some(ticket))
}

/// Whether a browser fetches the page before anybody wants to see it.
fn is_fetched_ahead(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| {
        headers
            .get(*name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("prefetch") || value.contains("preview"))
    })
}

/// Do-Not-Track or Global Privacy Control.
fn wants_privacy(headers: &HeaderMap) -> bool {
    ["dnt", "sec-gpc"].iter().any(|name| headers.get(*name).is_some_and(|value| value == "1"))
}

/// What a page reports when it is left.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    ticket: String,
    seconds: String,
    depth: String,
    /// Milliseconds until the page stood there; empty when the browser does not say.
    load: String,
    /// The page that was opened by a link; empty when none was.
    exit: String,
}

/// `POST /blog/read`, sent by `assets/js/reading.js` (R-ANALYTICS.6).
pub async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    Form { input, .. }: Form<Report>,
) -> PageResult<StatusCode> {
    let (session, post) = reader::read_ticket(&app, &input.ticket).ok_or(Error::NotFound)?;
    let (seconds, depth) = (input.seconds.parse::<i64>().ok(), input.depth.parse::<f64>().ok());
    let seconds = seconds.filter(|seconds| *seconds >= 0);
    let depth = depth.filter(|depth| (0.0..=1.0).contains(depth));
    let (Some(seconds), Some(depth)) = (seconds, depth) else {
        return Err(Error::invalid("seconds", "Seconds from 0 on, and a depth from 0 to 1.").into());
    };
    if app.config.analytics.enabled && !wants_privacy(&headers) {
        let seconds = seconds.min(LONGEST);
        let load_time = input.load.parse().ok().filter(|time| (0..=SLOWEST).contains(time));
        let exit_page = source::referer(&input.exit);
        let at = app.clock.now();
        let reading = Reading { at, post, session, seconds, depth, load_time, exit_page };
        views::push(&app, Entry::Reading(reading));
    }
    Ok(StatusCode::NO_CONTENT)
}
