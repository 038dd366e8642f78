//! How an error is answered: with a page for people, with problem JSON (RFC 9457) for scripts.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    Layout, Page, RequestContext, Visitor, assets, page,
    request::{self, RequestInfo},
    words::{in_words, size_in_words, words},
};
use crate::{Error, app::App};

pub type PageResult<T = Page> = Result<T, PageError>;
pub type JsonResult<T> = Result<T, JsonError>;

/// An error that is answered with a page.
pub struct PageError {
    error: Error,
}

/// An error that is answered with problem JSON.
pub struct JsonError(pub Error);

/// Marks an answer to somebody who has to log in first.
#[derive(Clone)]
pub struct NeedsLogin;

/// Marks an answer whose page is still to be made, by a layer that knows the visitor.
#[derive(Clone)]
struct NeedsPage(StatusCode);

impl PageError {
    pub fn new(error: Error, _context: Option<RequestContext>) -> Self {
        Self { error }
    }
}

impl<E: Into<Error>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self { error: error.into() }
    }
}

impl<E: Into<Error>> From<E> for JsonError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        answer(&self.error, None)
    }
}

impl IntoResponse for JsonError {
    fn into_response(self) -> Response {
        let status = report(&self.0);
        let (code, message) = code_and_message(&self.0);
        let mut body = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "code": code,
            "error": code,
            "message": message,
        });
        if let Error::Invalid(errors) = &self.0 {
            body["errors"] = serde_json::json!(errors);
        }
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string())
                .into_response();
        retry_after(&self.0, &mut response);
        response
    }
}

/// The word for programs and the sentence for people.
fn code_and_message(error: &Error) -> (&'static str, String) {
    match error {
        Error::NotFound => ("not_found", "There is nothing here.".to_owned()),
        Error::Gone => ("gone", "This was removed.".to_owned()),
        Error::Unauthenticated => ("unauthenticated", "Log in first.".to_owned()),
        Error::ProofNeeded => ("proof_needed", "Type your password again first.".to_owned()),
        Error::Forbidden => ("forbidden", "You are not allowed to do this.".to_owned()),
        Error::Invalid(errors) => (
            "validation_error",
            errors.iter().next().map_or_else(String::new, |(_, message)| message.to_owned()),
        ),
        Error::Refused(why) => ("bad_request", why.clone().into_owned()),
        Error::Conflict => ("conflict", "Somebody else saved a newer version.".to_owned()),
        Error::TooMany(wait) => {
            ("rate_limit_exceeded", format!("Too often. Try again in {}.", in_words(*wait)))
        }
        Error::TooLarge(limit) => {
            ("too_large", format!("That is larger than the {} allowed.", size_in_words(*limit)))
        }
        Error::Unsupported(what) => ("unsupported", format!("Not taken here: {what}.")),
        Error::Unavailable => ("unavailable", "Busy just now. Try again in a moment.".to_owned()),
        Error::StorageFull => ("storage_full", "The disk of this site is full.".to_owned()),
        Error::Internal(_) => ("internal", "Something went wrong on our side.".to_owned()),
    }
}

/// The status that says it, after writing down what only we should read.
fn report(error: &Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Gone => StatusCode::GONE,
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::ProofNeeded | Error::Forbidden => StatusCode::FORBIDDEN,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Refused(_) => StatusCode::BAD_REQUEST,
        Error::Conflict => StatusCode::CONFLICT,
        Error::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Error::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Error::Internal(error) => {
            tracing::error!(error = format!("{error:#}"), "internal error");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// An error without its page yet; [`dress`] makes that where visitor and layout are at hand.
pub fn answer(error: &Error, info: Option<&RequestInfo>) -> Response {
    if let Error::Unauthenticated = error {
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        response.extensions_mut().insert(NeedsLogin);
        return response;
    }
    if let Error::ProofNeeded = error {
        let mut response = StatusCode::FORBIDDEN.into_response();
        response.extensions_mut().insert(NeedsProof);
        return response;
    }
    let status = report(error);
    let mut response = status.into_response();
    response.extensions_mut().insert(NeedsPage(status));
    if let Error::Invalid(errors) = error {
        let text = errors.iter().map(|(_, message)| message).collect::<Vec<_>>().join(" ");
        response.extensions_mut().insert(Explanation(text));
    }
    if let Error::Refused(why) = error {
        response.extensions_mut().insert(Explanation(why.clone().into_owned()));
    }
    if let Error::TooLarge(limit) = error {
        let text = format!("What you sent is larger than the {} allowed.", size_in_words(*limit));
        response.extensions_mut().insert(Explanation(text));
    }
    retry_after(error, &mut response);
    if let Some(info) = info {
        tracing::debug!(request_id = info.id, %status, "refused");
    }
    response
}

/// Marks an answer to somebody who has to type the password again.
#[derive(Clone)]
pub struct NeedsProof;

/// What exactly was wrong, for the page.
#[derive(Clone)]
struct Explanation(String);

fn retry_after(error: &Error, response: &mut Response) {
    let seconds = match error {
        Error::TooMany(wait) => wait.as_secs() + 1,
        Error::Unavailable => 2,
        Error::StorageFull => 60,
        _ => return,
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage<'a> {
    layout: Layout,
    status: u16,
    title: &'a str,
    text: &'a str,
    next: &'a str,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "errors/bare.html")]
struct BarePage<'a> {
    status: u16,
    title: &'a str,
    text: &'a str,
    request_id: &'a str,
    site_name: &'a str,
    style_url: &'a str,
}

/// Gives an answer that was left without a page its page, or sends on to the login.
pub async fn dress(app: &App, info: &Arc<RequestInfo>, response: Response) -> Response {
    let extensions = response.extensions();
    if extensions.get::<NeedsLogin>().is_some() {
        return to_login(info, "/auth/login");
    }
    if extensions.get::<NeedsProof>().is_some() {
        return to_login(info, "/auth/prove");
    }
    let Some(NeedsPage(status)) = extensions.get::<NeedsPage>().cloned() else { return response };
    let retry = response.headers().get(header::RETRY_AFTER).cloned();
    let text = explain(&response, status);
    let mut dressed = render(app, info, status, text.as_deref()).await;
    if let Some(retry) = retry {
        dressed.headers_mut().insert(header::RETRY_AFTER, retry);
    }
    dressed
}

/// What exactly was wrong, where there is more to say than the status does.
fn explain(response: &Response, status: StatusCode) -> Option<String> {
    if let Some(Explanation(text)) = response.extensions().get::<Explanation>() {
        return Some(text.clone());
    }
    let seconds = response.headers().get(header::RETRY_AFTER)?;
    if status != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let seconds = seconds.to_str().ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let wait = in_words(std::time::Duration::from_secs(seconds));
    Some(format!("That was too often for one visitor. You can try again in {wait}."))
}

/// Status and sentence of an answer that still lacks its page.
pub fn refusal(response: &Response) -> Option<(StatusCode, String)> {
    let NeedsPage(status) = response.extensions().get::<NeedsPage>()?;
    let text = explain(response, *status).unwrap_or_else(|| words(*status).1.to_owned());
    Some((*status, text))
}

/// Where somebody who has to log in goes, and how to come back.
fn to_login(info: &RequestInfo, login: &str) -> Response {
    let here = if info.method == axum::http::Method::GET { info.here() } else { String::new() };
    let mut target = login.to_owned();
    if !here.is_empty() && here != "/" {
        let next: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
        target = format!("{login}?next={next}");
    }
    super::see_other(&target)
}

async fn render(
    app: &App,
    info: &Arc<RequestInfo>,
    status: StatusCode,
    text: Option<&str>,
) -> Response {
    if status.is_server_error() {
        return bare(app, info, status);
    }
    let Ok(visitor) = Visitor::find(app, info).await else { return bare(app, info, status) };
    let (title, what, next) = words(status);
    let page = page(&ErrorPage {
        layout: visitor.layout(),
        status: status.as_u16(),
        title,
        text: text.unwrap_or(what),
        next,
        request_id: &info.id,
    });
    match page {
        Ok(page) => page.with_status(status).into_response(),
        Err(_) => bare(app, info, status),
    }
}

/// The page for one status.
pub async fn page_for(app: &App, info: &Arc<RequestInfo>, status: StatusCode) -> Response {
    render(app, info, status, None).await
}

/// The page for one error.
pub async fn page_of(app: &App, info: &Arc<RequestInfo>, error: &Error) -> Response {
    dress(app, info, answer(error, Some(info))).await
}

/// The same for a person, problem JSON for a script that asks for it.
pub async fn for_reader(
    app: &App,
    info: &Arc<RequestInfo>,
    headers: &HeaderMap,
    error: Error,
) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.starts_with("application/json")) {
        return JsonError(error).into_response();
    }
    page_of(app, info, &error).await
}

/// A page that needs nothing but memory.
pub fn bare(app: &App, info: &RequestInfo, status: StatusCode) -> Response {
    let (title, text, _) = words(status);
    let style_url = assets::url("style.css");
    let site_name = &app.config.site.name;
    let bare = BarePage {
        status: status.as_u16(),
        title,
        text,
        request_id: &info.id,
        site_name,
        style_url: &style_url,
    };
    let mut response = match page(&bare) {
        Ok(page) => page.with_status(status).into_response(),
        Err(_) => request::plain(status, "Something went wrong."),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}

/// A request that another site made, or a program without our token.
pub async fn foreign(app: &App, info: &Arc<RequestInfo>) -> Response {
    let text = "The request did not come from a page of this site, or your browser did not send \
                the cookie that belongs to it. Nothing was changed. Open the page again, allow \
                cookies for this site, and try once more.";
    render(app, info, StatusCode::FORBIDDEN, Some(text)).await
}

pub async fn not_found(State(app): State<App>, context: RequestContext) -> Response {
    page_for(&app, &context.info, StatusCode::NOT_FOUND).await
}

pub async fn method_not_allowed(State(app): State<App>, context: RequestContext) -> Response {
    page_for(&app, &context.info, StatusCode::METHOD_NOT_ALLOWED).await
}
