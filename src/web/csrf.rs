//! Nobody makes a member's browser act for them: every request that changes something must come
//! from our own pages (layer 1, X16) and carry the token of this browser's session (layer 2, X17).
//!
//! The body of such a request is read here, within limits of size and time, so that no handler can
//! forget the check; and when a form turns out to be out of date, what was typed is shown again.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use base64::Engine as _;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use subtle::ConstantTimeEq as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    client, error,
    form::{self, Fields},
    limits::Limit,
    request::RequestInfo,
    resend,
};
use crate::{Error, Result as Outcome, app::App, config::Environment};

/// The name of the hidden field.
pub const FIELD: &str = "csrf_token";

/// Addresses to which a page reports when it is left (`navigator.sendBeacon`). They take no token
/// of the session, which may be older than the page: the browser's own word that one of our pages
/// sends it is asked for instead. What is reported there is signed by itself.
const BEACONS: [&str; 1] = ["/blog/read"];

const MASK: usize = 16;

/// What programs of others send, without a browser and so without a token: each such request
/// carries a signature of its own, which its handler checks.
const SIGNED: [&str; 2] = ["/mail/events/sendgrid", "/mail/events/mailgun"];

/// The token for forms shown to this browser: an HMAC over its session (or visit) cookie, masked
/// with random bytes so that compressed pages do not give it away (BREACH).
pub fn token(app: &App, info: &RequestInfo) -> String {
    let secret = match (&info.cookies.session, &info.cookies.visit) {
        (Some(cookie), _) | (None, Some(cookie)) => cookie.clone(),
        (None, None) => {
            let visit = info.new_visit.get_or_init(|| app.random.token().unwrap_or_default());
            visit.clone()
        }
    };
    let Ok(mask) = app.random.bytes::<MASK>() else { return String::new() };
    let code = code(app, &secret);
    let mut bytes = mask.to_vec();
    bytes.extend(code.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn code(app: &App, secret: &str) -> [u8; 32] {
    app.keys.sign("csrf", &[secret])
}

/// Whether a token was made for one of this browser's cookies.
fn is_good(app: &App, info: &RequestInfo, token: &str) -> bool {
    let Ok(bytes) = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token) else {
        return false;
    };
    if bytes.len() != MASK + 32 {
        return false;
    }
    let (mask, masked) = bytes.split_at(MASK);
    let unmasked: Vec<u8> = masked.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b).collect();
    // Who is logged in shows forms made for the session; the visit cookie is for everyone else.
    let cookie = info.cookies.session.as_ref().or(info.cookies.visit.as_ref());
    cookie.is_some_and(|cookie| bool::from(code(app, cookie).ct_eq(&unmasked)))
}

/// The layer in front of every handler.
pub async fn protect(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(info) = request.extensions().get::<Arc<RequestInfo>>().cloned() else {
        return error::answer(&Error::Forbidden, None);
    };
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return run(&app, &info, request, next, None).await;
    }
    if !matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE) {
        // No route knows these; the router says which methods there are.
        return next.run(request).await;
    }
    let sender = sender(&app, &request);
    let is_signed = SIGNED.contains(&request.uri().path());
    let is_by_link = is_by_link(&request) || is_signed;
    if sender == Sender::Foreign && !is_by_link {
        tracing::warn!(request_id = info.id, event = "csrf_refused", "a request from another site");
        return error::foreign(&app, &info).await;
    }
    let key = client::principal(info.client);
    let is_beacon = sender == Sender::Ours && BEACONS.contains(&request.uri().path());
    let limit = match (is_beacon, is_signed) {
        (true, _) => Limit::Beacon,
        // A provider sends one request for each mail of a digest to thousands.
        (_, true) => Limit::ReportOfMail,
        _ => Limit::Other,
    };
    if let Err(refusal) = limit.spend(&app, &key) {
        return error::for_reader(&app, &info, request.headers(), refusal).await;
    }
    let (parts, body) = request.into_parts();
    let (body, _room) = match read_body(&app, &parts.headers, body).await {
        Ok(read) => read,
        Err(Unread::Refused(error)) => {
            return close(error::for_reader(&app, &info, &parts.headers, error).await);
        }
        Err(Unread::TooSlow) => {
            return close(error::page_for(&app, &info, StatusCode::REQUEST_TIMEOUT).await);
        }
    };
    let fields = match form::fields(&parts.headers, &body).await {
        Ok(fields) => fields,
        Err(error) => return error::page_of(&app, &info, &error).await,
    };
    let token = match parts.headers.get("x-csrftoken") {
        Some(value) => value.to_str().unwrap_or_default().to_owned(),
        None => {
            fields.as_ref().and_then(|fields| fields.text(FIELD)).unwrap_or_default().to_owned()
        }
    };
    if !is_beacon && !is_by_link && !is_good(&app, &info, &token) {
        tracing::warn!(request_id = info.id, event = "csrf_stale", "a form token does not fit");
        return resend::stale_form(&app, &info, fields.as_ref(), sender).await;
    }
    // Files are with the fields by now, and need not be kept twice.
    let body = if form::is_multipart(&parts.headers) { Body::empty() } else { Body::from(body) };
    let mut request = Request::from_parts(parts, body);
    let kept = fields.as_ref().map(Fields::without_files);
    if let Some(fields) = fields {
        request.extensions_mut().insert(Arc::new(fields));
    }
    run(&app, &info, request, next, kept.as_ref()).await
}

/// Whether a mail program leaves a kind of mail (RFC 8058): it has no cookie and has seen no form.
/// What it may do, and for whom, is signed in the address, and nothing else of the request counts.
fn is_by_link(request: &Request) -> bool {
    *request.method() == Method::POST
        && request.uri().path().starts_with("/notifications/unsubscribe/")
}

/// Runs the handler in its time, and keeps what was typed by somebody whose session has ended.
async fn run(
    app: &App,
    info: &Arc<RequestInfo>,
    request: Request,
    next: Next,
    kept: Option<&Fields>,
) -> Response {
    let limit = app.config.server.request_timeout.duration();
    let Ok(response) = tokio::time::timeout(limit, next.run(request)).await else {
        return error::bare(app, info, StatusCode::SERVICE_UNAVAILABLE);
    };
    let Some(fields) = kept else { return response };
    if response.extensions().get::<error::NeedsLogin>().is_some() {
        return resend::login_to_send(app, info, fields).await;
    }
    if let Some((status, text)) = error::refusal(&response)
        && resend::is_worth_keeping(status, fields)
    {
        let retry = response.headers().get(header::RETRY_AFTER).cloned();
        return resend::refused(app, info, (status, text, retry), fields).await;
    }
    response
}

/// What a request says of the page that sent it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// A page of this site, by a browser's own word.
    Ours,
    /// It says nothing, as programs do: the token decides.
    Unknown,
    Foreign,
}

/// Layer 1: the browser's own word on where the request comes from. A browser says it once; who
/// says it twice hopes that two readers believe different words.
pub(super) fn sender(app: &App, request: &Request) -> Sender {
    let said = |name: &str| {
        let mut values = request.headers().get_all(name).iter();
        let first = values.next().map(|value| value.to_str().unwrap_or("?"));
        if values.next().is_some() { Some("?") } else { first }
    };
    let site = said("sec-fetch-site");
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Sender::Foreign;
    }
    match said("origin").or_else(|| said("referer").filter(|_| site.is_none())) {
        Some(origin) if client::origin_is_ours(app, request, origin) => Sender::Ours,
        Some(_) => Sender::Foreign,
        None if site == Some("same-origin") => Sender::Ours,
        None => Sender::Unknown,
    }
}

/// Why a body was not read.
enum Unread {
    Refused(Error),
    TooSlow,
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Reads the whole body: no more than allowed for its kind, and not slower than 1 KiB a second
/// after the first ten (X54).
async fn read_body(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Unread> {
    let limits = &app.config.limits;
    let limit = if form::is_multipart(headers) { limits.upload_body.0 } else { limits.body.0 };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit.saturating_mul(HEARD_OUT)) {
        return Err(Error::TooLarge(limit).into());
    }
    let testing = app.config.environment == Environment::Testing;
    let grace = Duration::from_secs(if testing { 2 } else { 10 });
    let started = tokio::time::Instant::now();
    let mut body = body;
    let mut read = BytesMut::new();
    let mut length = 0_usize;
    let mut room: Option<OwnedSemaphorePermit> = None;
    let mut lost: Option<Error> =
        announced.filter(|length| *length > limit).map(|_| Error::TooLarge(limit));
    loop {
        let allowed = grace + Duration::from_millis(length as u64 * 1000 / 1024);
        let frame = tokio::time::timeout_at(started + allowed, body.frame())
            .await
            .map_err(|_| Unread::TooSlow)?;
        let Some(frame) = frame else {
            return lost.map_or_else(|| Ok((read.freeze(), room)), |error| Err(error.into()));
        };
        let frame = frame.map_err(|error| {
            tracing::debug!(error = %error, "a body was cut off");
            Error::invalid("body", "The request was cut off.")
        })?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > limit.saturating_mul(HEARD_OUT) {
            return Err(Error::TooLarge(limit).into());
        }
        if length > limit {
            lost = Some(Error::TooLarge(limit));
        }
        let taken = room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = length.saturating_sub(SMALL).div_ceil(1024).saturating_sub(taken);
        if lost.is_none() && make_room(app, &mut room, more).is_err() {
            lost = Some(Error::Unavailable);
        }
        if lost.is_some() {
            // The rest is read and thrown away: a browser that is cut off while it sends sees no
            // answer, and cannot say what was wrong.
            (read, room) = (BytesMut::new(), None);
        } else {
            read.extend_from_slice(&data);
        }
    }
}

/// How many times more than is allowed is read before whoever sends it is cut off.
const HEARD_OUT: usize = 4;

/// What a body may hold before it is counted: forms are small, and are never sent away.
const SMALL: usize = 64 * 1024;

/// The memory for bodies that are being read or worked on, in KiB.
#[derive(Default)]
struct Intake(OnceLock<Arc<Semaphore>>);

/// Takes so many KiB for a body. Who finds none left is told to come back: waiting with half a body
/// in memory would help nobody.
fn make_room(app: &App, room: &mut Option<OwnedSemaphorePermit>, more: usize) -> Outcome<()> {
    let Some(more) = u32::try_from(more).ok().filter(|more| *more > 0) else { return Ok(()) };
    let intake = app.state::<Intake>();
    let kilobytes = app.config.media.upload_memory.0 / 1024;
    let memory = Arc::clone(intake.0.get_or_init(|| Arc::new(Semaphore::new(kilobytes))));
    let taken = memory.try_acquire_many_owned(more).map_err(|_| Error::Unavailable)?;
    match room {
        Some(room) => room.merge(taken),
        None => *room = Some(taken),
    }
    Ok(())
}

/// What was not read cannot be followed by another request.
fn close(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    response.into_response()
}
