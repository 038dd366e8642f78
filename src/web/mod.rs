//! The web: routes, who is asking, how answers and errors look.

mod assets;
mod cdn;
mod client;
mod csrf;
mod error;
mod escape;
mod extract;
mod form;
mod headers;
mod health;
mod layout;
mod limits;
mod request;
mod resend;
mod server;
mod stream;
pub mod view;
mod visitor;
mod words;

#[cfg(test)]
mod tests;

use askama::Template;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use tower_http::compression::{
    CompressionLayer, CompressionLevel,
    predicate::{NotForContentType, Predicate as _, SizeAbove},
};

pub use self::{
    error::{JsonError, JsonResult, PageError, PageResult},
    escape::Html,
    extract::{Json, Path, Query, RequestContext},
    form::{Form, Upload},
    headers::Caching,
    layout::{Flash, Layout, LayoutUser},
    limits::Limit,
    request::{RequestInfo, cookie},
    server::serve,
    stream::{Streaming, event_stream},
    visitor::{Proved, SignedIn, Visitor},
};
use crate::{app::App, rooms};

/// Everything that answers requests.
pub fn router(app: App) -> Router {
    let compress = SizeAbove::new(1_000)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE)
        .and(NotForContentType::const_new("font/"));
    rooms::pages()
        .route("/assets/{tree}/{*path}", get(assets::show))
        .route("/favicon.ico", get(assets::favicon))
        .merge(health::router())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(axum::middleware::from_fn_with_state(app.clone(), csrf::protect))
        .layer(axum::middleware::from_fn_with_state(app.clone(), cdn::layer))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compress))
        .layer(axum::middleware::from_fn_with_state(app.clone(), request::wrap))
        .with_state(app)
}

/// A rendered page.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    html: String,
}

/// Room for nearly every page, so that it is not moved while it grows.
const PAGE: usize = 32 * 1024;

/// Renders a page.
pub fn page(template: &impl Template) -> PageResult {
    let mut html = String::with_capacity(PAGE);
    template.render_into(&mut html)?;
    Ok(Page { status: StatusCode::OK, html })
}

impl Page {
    /// The same page with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same page as the answer to a form with mistakes in it.
    pub fn unprocessable(self) -> Response {
        self.with_status(StatusCode::UNPROCESSABLE_ENTITY).into_response()
    }
}

/// The bytes of a page, kept beside the response so that an `ETag` can be made of them.
#[derive(Clone)]
struct PageBytes(Bytes);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let bytes = Bytes::from(self.html);
        let mut response = (self.status, bytes.clone()).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        response.extensions_mut().insert(PageBytes(bytes));
        response
    }
}

/// A redirect after a form was taken: 303, so that the browser asks with GET.
pub fn see_other(path: &str) -> Response {
    redirect(StatusCode::SEE_OTHER, path)
}

/// The lasting address of what was asked for: 301.
pub fn moved(path: &str) -> Response {
    redirect(StatusCode::MOVED_PERMANENTLY, path)
}

fn redirect(status: StatusCode, path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(location) => (status, [(header::LOCATION, location)]).into_response(),
        Err(_) => see_other("/"),
    }
}
