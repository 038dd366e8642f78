//! Answers without an end: who may have one, and how it is sent.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::Response,
};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Caching, JsonError, csrf};
use crate::{Error, app::App};

/// Ends a connection, however slowly its client reads.
#[derive(Clone)]
pub(super) struct Cut(pub Arc<Notify>);

/// A request for a stream of events, made by a page of ours (X76): a stream carries what is the
/// member's own, and no other site may open one with the member's cookies.
pub struct Streaming {
    pub cut: Option<Arc<Notify>>,
    pub last_event_id: Option<i64>,
}

impl FromRequestParts<App> for Streaming {
    type Rejection = JsonError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, JsonError> {
        let request = Request::from_parts(parts.clone(), Body::empty());
        if csrf::sender(app, &request) == csrf::Sender::Foreign {
            return Err(JsonError(Error::Forbidden));
        }
        let last = parts.headers.get("last-event-id");
        Ok(Self {
            cut: parts.extensions.get::<Cut>().map(|cut| Arc::clone(&cut.0)),
            last_event_id: last.and_then(|id| id.to_str().ok()?.parse().ok()),
        })
    }
}

/// The body of a stream on its way out.
#[derive(Clone)]
struct Streamed(Arc<Mutex<Option<Body>>>);

/// The answer; no proxy may keep it or wait for its end.
///
/// It passes the layers without its body: compression would leave it as it is, and keep six KiB of
/// room with each.
pub fn event_stream(body: Body) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response.extensions_mut().insert(Caching::Never);
    response.extensions_mut().insert(Streamed(Arc::new(Mutex::new(Some(body)))));
    response
}

/// Gives a stream its body back, behind all layers.
pub(super) fn release(response: &mut Response) {
    let Some(Streamed(kept)) = response.extensions_mut().remove() else { return };
    if let Some(body) = kept.lock().take() {
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = body;
    }
}
