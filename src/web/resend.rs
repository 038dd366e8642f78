//! Forms that could not be taken as they came, shown again with everything that was typed.

use std::sync::Arc;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use super::{
    Layout, Visitor, csrf,
    error::{bare, foreign},
    form::Fields,
    page,
    request::RequestInfo,
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
pub async fn stale_form(app: &App, info: &Arc<RequestInfo>, fields: Option<&Fields>) -> Response {
    let Some(fields) =
        fields.filter(|_| info.cookies.session.is_some() || info.cookies.visit.is_some())
    else {
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
