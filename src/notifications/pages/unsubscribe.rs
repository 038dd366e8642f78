//! Leaving mails by the link that stands in them: a page with a button, and the POST that mail
//! programs send by themselves (RFC 8058). Looking at the page changes nothing.

use askama::Template;
use axum::extract::State;

use super::super::{settings, unsubscribe};
use crate::{
    Error,
    app::App,
    ids::UserId,
    web::{Layout, PageResult, Path, Visitor, page},
};

#[derive(Template)]
#[template(path = "notifications/unsubscribe.html")]
struct UnsubscribePage {
    layout: Layout,
    label: String,
    path: String,
    is_done: bool,
}

pub async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    Path((user, word, code)): Path<(UserId, String, String)>,
) -> PageResult {
    let leaving = unsubscribe::check(&app, user, &word, &code).ok_or(Error::NotFound)?;
    let layout = visitor.layout();
    let path = layout.path.clone();
    page(&UnsubscribePage { layout, label: leaving.label(), path, is_done: false })
}

pub async fn leave(
    State(app): State<App>,
    visitor: Visitor,
    Path((user, word, code)): Path<(UserId, String, String)>,
) -> PageResult {
    let leaving = unsubscribe::check(&app, user, &word, &code).ok_or(Error::NotFound)?;
    settings::leave(&app, user, leaving).await?;
    let layout = visitor.layout();
    let path = layout.path.clone();
    page(&UnsubscribePage { layout, label: leaving.label(), path, is_done: true })
}
