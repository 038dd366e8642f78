//! The pages of accounts: the doors (join, log in, lost password) and the settings.

mod door;
mod join;
mod leave;
mod lost;
mod settings;

use askama::Template;
use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use super::{
    next,
    sessions::{Browser, DEVICE_LIFE, Opened, Renewed},
};
use crate::{
    app::App,
    web::{Layout, PageError, Visitor, cookie, page},
};

/// All addresses under `/auth`, the set-up, the appearance, and the flat paths of old.
pub fn router() -> Router<App> {
    Router::new()
        .merge(door::router())
        .merge(join::router())
        .merge(lost::router())
        .merge(settings::router())
        .merge(leave::router())
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NextQuery {
    next: String,
}

impl NextQuery {
    /// The path if it is one of ours and worth naming, else nothing.
    fn path(&self) -> &str {
        worth_naming(&self.next)
    }
}

fn worth_naming(path: &str) -> &str {
    match next::safe(path) {
        "/" => "",
        path => path,
    }
}

/// What a session wants to know of the browser.
fn browser(visitor: &Visitor) -> Browser {
    Browser {
        session: visitor.info.cookies.session.clone(),
        device: visitor.info.cookies.device.clone(),
        user_agent: visitor.info.user_agent.clone(),
        address: visitor.truncated_address(),
    }
}

fn add_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn session_cookie(app: &App, visitor: &Visitor, token: &str, remember: bool) -> String {
    let age = remember.then_some(app.config.accounts.session_remember.0);
    visitor.info.set_cookie(cookie::SESSION, token, "Lax", age)
}

fn device_cookie(visitor: &Visitor, token: &str) -> String {
    let age = u64::try_from(DEVICE_LIFE.num_seconds()).unwrap_or(0);
    visitor.info.set_cookie(cookie::DEVICE, token, "Strict", Some(age))
}

/// Gives the browser its new session.
fn enter(app: &App, visitor: &Visitor, opened: &Opened, mut response: Response) -> Response {
    let session = session_cookie(app, visitor, &opened.token, opened.remember);
    add_cookie(&mut response, &session);
    add_cookie(&mut response, &device_cookie(visitor, &opened.device));
    response
}

/// Gives the browser the new token of its session.
fn renewed(app: &App, visitor: &Visitor, renewed: &Renewed, mut response: Response) -> Response {
    add_cookie(&mut response, &session_cookie(app, visitor, &renewed.token, renewed.remember));
    response
}

/// What happened, and what to do next.
#[derive(Template)]
#[template(path = "accounts/message.html")]
struct MessagePage<'a> {
    layout: Layout,
    title: &'a str,
    text: &'a str,
    link: Option<(&'a str, &'a str)>,
}

/// A page that says something.
fn message(
    visitor: &Visitor,
    status: StatusCode,
    (title, text): (&str, &str),
    link: Option<(&str, &str)>,
) -> Result<Response, PageError> {
    let page = page(&MessagePage { layout: visitor.layout(), title, text, link })?;
    Ok(page.with_status(status).into_response())
}

/// A page with one button.
#[derive(Template)]
#[template(path = "accounts/button.html")]
struct ButtonPage<'a> {
    layout: Layout,
    title: &'a str,
    text: &'a str,
    action: &'a str,
    button: &'a str,
}

/// One e-mail address.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EmailForm {
    email: String,
}
