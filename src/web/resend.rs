//! Forms that could not be taken as they came, shown again with everything that was typed.

use std::sync::Arc;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    Layout, Visitor, csrf,
    error::{bare, foreign},
    form::Fields,
    page,
    request::RequestInfo,
    words::words,
};
use crate::app::App;

#[derive(Template)]
#[template(path = "errors/resend.html")]
struct ResendPage<'a> {
    layout: Layout,
    title: &'a str,
    text: &'a str,
    action: &'a str,
    fields: Vec<(&'a str, &'a str)>,
    needs_login: bool,
}

/// A form whose token does not fit this browser any more: shown again, ready to be sent.
///
/// Logging out in another tab takes the cookies away, so the browser's word that one of our pages
/// sent it counts as much as a cookie does.
pub async fn stale_form(
    app: &App,
    info: &Arc<RequestInfo>,
    fields: Option<&Fields>,
    sender: csrf::Sender,
) -> Response {
    let has_cookie = info.cookies.session.is_some() || info.cookies.visit.is_some();
    let Some(fields) = fields.filter(|_| has_cookie || sender == csrf::Sender::Ours) else {
        return foreign(app, info).await;
    };
    let text = "Since this form was opened you have logged in or out, or it was opened long ago. \
                Nothing was changed. Here is what you typed: look at it, and send it again.";
    resend(app, info, StatusCode::FORBIDDEN, ("This form is out of date", text), fields, false)
        .await
}

/// Somebody's session ended while they were typing: nothing is lost.
pub async fn login_to_send(app: &App, info: &Arc<RequestInfo>, fields: &Fields) -> Response {
    let text = "Your session has ended. Nothing is lost: log in again in a new tab, come back \
                here, and send it.";
    resend(app, info, StatusCode::UNAUTHORIZED, ("Log in again", text), fields, true).await
}

/// Fields that take no thought to fill in again, or that a page fills in itself.
const NO_WORK: [&str; 9] =
    ["username", "email", "remember", "next", "ticket", "nonce", "version", "status", "theme"];

/// Whether a refused form holds something that somebody would miss. What was wrong in the form
/// itself is said by its own page.
pub fn is_worth_keeping(status: StatusCode, fields: &Fields) -> bool {
    let by_the_form =
        matches!(status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE);
    !by_the_form
        && fields.texts().any(|(name, text)| {
            name != csrf::FIELD
                && !name.contains("password")
                && !NO_WORK.contains(&name)
                && !text.trim().is_empty()
        })
}

/// A form that was refused for a reason outside of it: too often, deleted meanwhile, not allowed
/// any more. What was typed is shown, to be sent again or copied.
pub async fn refused(
    app: &App,
    info: &Arc<RequestInfo>,
    (status, text, retry): (StatusCode, String, Option<HeaderValue>),
    fields: &Fields,
) -> Response {
    let text = format!("{text} Nothing that you typed is lost; here it is.");
    let heading = (words(status).0, text.as_str());
    let mut response = resend(app, info, status, heading, fields, false).await;
    if let Some(retry) = retry {
        response.headers_mut().insert(header::RETRY_AFTER, retry);
    }
    response
}

async fn resend(
    app: &App,
    info: &Arc<RequestInfo>,
    status: StatusCode,
    (title, text): (&str, &str),
    fields: &Fields,
    needs_login: bool,
) -> Response {
    let Ok(visitor) = Visitor::find(app, info).await else { return bare(app, info, status) };
    let fields = fields
        .texts()
        .filter(|(name, _)| *name != csrf::FIELD && !name.contains("password"))
        .collect();
    let layout = visitor.layout();
    let page = page(&ResendPage { layout, title, text, action: &info.path, fields, needs_login });
    match page {
        Ok(page) => page.with_status(status).into_response(),
        Err(_) => bare(app, info, status),
    }
}
