//! Logging in, proving who one is, logging out.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::Deserialize;

use super::{ButtonPage, NextQuery, browser, enter, message, renewed, worth_naming};
use crate::{
    Error,
    accounts::{
        actions::{self, LoginInput, Outcome, Return},
        next,
    },
    app::App,
    error::FieldErrors,
    web::{
        Flash, Form, Layout, Limit, PageResult, Query, RequestContext, SignedIn, Visitor, cookie,
        moved, page, see_other, view,
    },
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/auth/login", get(show_login).post(log_in))
        .route("/auth/come-back", axum::routing::post(come_back))
        .route("/auth/prove", get(show_prove).post(prove))
        .route("/auth/logout", get(show_logout).post(log_out))
        .route("/login", get(old_path))
        .route("/logout", get(old_path))
        .route("/register", get(old_path))
        .route("/profile", get(old_path))
}

/// The flat paths of the first version (R-ROUTE.50).
async fn old_path(context: RequestContext) -> Response {
    moved(&format!("/auth{}", context.info.here()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LoginForm {
    username: String,
    password: String,
    remember: String,
    next: String,
}

impl LoginForm {
    fn remembers(&self) -> bool {
        is_on(&self.remember)
    }
}

/// Whether a box was ticked, in the words that browsers and programs use.
fn is_on(value: &str) -> bool {
    !matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false" | "off" | "no" | "n")
}

#[derive(Template)]
#[template(path = "accounts/login.html")]
struct LoginPage<'a> {
    layout: Layout,
    form: LoginForm,
    errors: FieldErrors,
    next: &'a str,
    registration: bool,
}

async fn show_login(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<NextQuery>,
) -> PageResult<Response> {
    if visitor.viewer().is_some() {
        return Ok(see_other(next::safe(&query.next)));
    }
    let page = LoginPage {
        layout: visitor.layout(),
        form: LoginForm::default(),
        errors: FieldErrors::default(),
        next: query.path(),
        registration: app.config.accounts.registration,
    };
    Ok(crate::web::page(&page)?.into_response())
}

async fn log_in(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<NextQuery>,
    Form { input: mut form, .. }: Form<LoginForm>,
) -> PageResult<Response> {
    if form.next.is_empty() {
        form.next = query.next;
    }
    if visitor.viewer().is_some() {
        return Ok(see_other(next::safe(&form.next)));
    }
    Limit::Login.spend(&app, &visitor.address())?;
    if form.username.trim().is_empty() || form.password.is_empty() {
        return refuse(&app, &visitor, form, missing());
    }
    let input =
        LoginInput { name: &form.username, password: &form.password, remember: form.remembers() };
    match actions::log_in(&app, &input, &browser(&visitor)).await {
        Ok(Outcome::In(opened)) => {
            Ok(enter(&app, &visitor, &opened, see_other(next::safe(&form.next))))
        }
        Ok(Outcome::Unconfirmed) => message(&visitor, StatusCode::FORBIDDEN, UNCONFIRMED, RESEND),
        Ok(Outcome::LockedOut) => message(&visitor, StatusCode::FORBIDDEN, LOCKED_OUT, CONTACT),
        Ok(Outcome::MayReturn(offer)) => show_return(&visitor, offer, &form),
        Err(error) => refuse(&app, &visitor, form, error),
    }
}

const UNCONFIRMED: (&str, &str) = (
    "Confirm your address first",
    "The password is right. Before you come in, follow the link in the mail that we have sent you. \
     If you cannot find it, look among the spam, or have it sent again.",
);
const RESEND: Option<(&str, &str)> = Some(("Send the link again", "/auth/resend-confirmation"));
const LOCKED_OUT: (&str, &str) = (
    "This account is closed",
    "The password is right, but the account has been closed by the people who run this site. Write \
     to them if you think that this is a mistake.",
);
const CONTACT: Option<(&str, &str)> = Some(("Write to us", "/contact"));

fn missing() -> Error {
    Error::invalid("login", "Type your name (or e-mail address) and your password.")
}

/// The form again, with what was wrong; never with the password.
fn refuse(app: &App, visitor: &Visitor, form: LoginForm, error: Error) -> PageResult<Response> {
    let (status, errors) = login_errors(&error).ok_or(error)?;
    let target = form.next.clone();
    let page = page(&LoginPage {
        layout: visitor.layout(),
        form,
        errors: errors.0,
        next: worth_naming(&target),
        registration: app.config.accounts.registration,
    })?;
    Ok(with_wait(page.with_status(status).into_response(), errors.1))
}

/// What is shown at the form: a mistake, or how long to wait.
fn login_errors(error: &Error) -> Option<(StatusCode, (FieldErrors, Option<u64>))> {
    match error {
        Error::Invalid(errors) => Some((StatusCode::UNPROCESSABLE_ENTITY, (errors.clone(), None))),
        Error::TooMany(wait) => {
            let seconds = wait.as_secs() + 1;
            let wait = if seconds > 90 {
                format!("{} minutes", seconds.div_ceil(60))
            } else {
                format!("{seconds} seconds")
            };
            let mut errors = FieldErrors::default();
            errors.add(
                "login",
                format!(
                    "There were many wrong passwords. Please wait {wait}, or choose a new \
                     password by mail: then you need not wait."
                ),
            );
            Some((StatusCode::TOO_MANY_REQUESTS, (errors, Some(seconds))))
        }
        _ => None,
    }
}

fn with_wait(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[derive(Template)]
#[template(path = "accounts/return.html")]
struct ReturnPage<'a> {
    layout: Layout,
    on: Option<String>,
    offer: Return,
    remember: bool,
    next: &'a str,
}

fn show_return(visitor: &Visitor, offer: Return, form: &LoginForm) -> PageResult<Response> {
    let page = page(&ReturnPage {
        layout: visitor.layout(),
        on: offer.delete_after.map(view::day),
        offer,
        remember: form.remembers(),
        next: worth_naming(&form.next),
    })?;
    Ok(page.into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ReturnForm {
    ticket: String,
    remember: String,
    next: String,
}

async fn come_back(
    State(app): State<App>,
    visitor: Visitor,
    Form { input: form, .. }: Form<ReturnForm>,
) -> PageResult<Response> {
    Limit::Login.spend(&app, &visitor.address())?;
    let remember = is_on(&form.remember);
    match actions::come_back(&app, &form.ticket, remember, &browser(&visitor)).await {
        Ok(opened) => {
            let flash = Flash::success("Welcome back. Your account is open again.");
            let response = visitor.redirect_with(next::safe(&form.next), &flash);
            Ok(enter(&app, &visitor, &opened, response))
        }
        Err(Error::Gone) => {
            let text = "The offer is some minutes old, or was taken already. Log in once more.";
            message(&visitor, StatusCode::GONE, ("Too late", text), Some(("Log in", "/auth/login")))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "accounts/prove.html")]
struct ProvePage<'a> {
    layout: Layout,
    errors: FieldErrors,
    next: &'a str,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ProveForm {
    password: String,
    next: String,
}

async fn show_prove(visitor: SignedIn, Query(query): Query<NextQuery>) -> PageResult {
    let errors = FieldErrors::default();
    page(&ProvePage { layout: visitor.layout(), errors, next: query.path() })
}

async fn prove(
    State(app): State<App>,
    visitor: SignedIn,
    Form { input: form, .. }: Form<ProveForm>,
) -> PageResult<Response> {
    Limit::Login.spend(&app, &visitor.address())?;
    match actions::prove(&app, &visitor.viewer, &form.password).await {
        Ok(again) => Ok(renewed(&app, &visitor, &again, see_other(next::safe(&form.next)))),
        Err(error) => {
            let (status, errors) = login_errors(&error).ok_or(error)?;
            let next = worth_naming(&form.next);
            let page = page(&ProvePage { layout: visitor.layout(), errors: errors.0, next })?;
            Ok(with_wait(page.with_status(status).into_response(), errors.1))
        }
    }
}

async fn show_logout(visitor: Visitor) -> PageResult<Response> {
    if visitor.viewer().is_none() {
        return Ok(see_other("/"));
    }
    let page = page(&ButtonPage {
        layout: visitor.layout(),
        title: "Log out?",
        text: "You are logged out on this device only.",
        action: "/auth/logout",
        button: "Log out",
    })?;
    Ok(page.into_response())
}

async fn log_out(State(app): State<App>, visitor: Visitor) -> PageResult<Response> {
    if let Some(viewer) = visitor.viewer() {
        actions::log_out(&app, viewer).await?;
    }
    let flash = Flash::success("You are logged out. See you soon.");
    let mut response = visitor.redirect_with("/", &flash);
    super::add_cookie(&mut response, &visitor.info.clear_cookie(cookie::SESSION));
    super::add_cookie(&mut response, &visitor.info.clear_cookie(cookie::VISIT));
    // Not "cookies": the one that this device is known by has to stay, or a stranger could slow
    // its owner down (X08); the session's is cleared above, and its row is gone.
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}
