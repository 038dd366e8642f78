//! What every request goes through: an id, the client's address, limits, time, the log, headers.

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{client, error, headers, stream};
use crate::{
    app::App,
    db,
    ids::{SessionId, UserId},
};

/// The longest address that is answered, in bytes.
const MAX_URI: usize = 8 * 1024;

/// What is known of a request before anybody looks at who asks.
#[derive(Debug)]
pub struct RequestInfo {
    pub id: String,
    pub method: Method,
    pub path: String,
    pub query: Option<String>,
    pub client: IpAddr,
    /// Whether a trusted proxy handed it on, so that what it adds can be believed.
    pub by_proxy: bool,
    pub user_agent: String,
    pub cookies: Cookies,
    /// Who asks, once somebody has looked.
    pub user: OnceLock<UserId>,
    pub session: OnceLock<SessionId>,
    /// A visit cookie that has to be set, because a form was shown.
    pub(super) new_visit: OnceLock<String>,
    /// Whether waiting messages were shown and can be forgotten.
    pub(super) flash_shown: AtomicBool,
    /// Whether the answer depends on who asks.
    pub(super) personal: AtomicBool,
    pub(super) secure_cookies: bool,
}

/// The cookies that mean something to us.
#[derive(Debug, Default)]
pub struct Cookies {
    pub session: Option<String>,
    pub visit: Option<String>,
    pub device: Option<String>,
    pub flash: Option<String>,
    pub theme: Option<String>,
}

/// The names of our cookies, without `__Host-`.
pub mod cookie {
    pub const SESSION: &str = "streamly_session";
    pub const VISIT: &str = "streamly_visit";
    pub const DEVICE: &str = "streamly_device";
    pub const FLASH: &str = "streamly_flash";
    pub const THEME: &str = "streamly_theme";
}

impl RequestInfo {
    /// A `Set-Cookie` value in our form: `__Host-`, Secure, HttpOnly (X14).
    pub fn set_cookie(
        &self,
        name: &str,
        value: &str,
        same_site: &str,
        max_age: Option<u64>,
    ) -> String {
        let (prefix, secure) = if self.secure_cookies { ("__Host-", "; Secure") } else { ("", "") };
        let age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        format!("{prefix}{name}={value}; Path=/{secure}; HttpOnly; SameSite={same_site}{age}")
    }

    /// A `Set-Cookie` value that removes a cookie.
    pub fn clear_cookie(&self, name: &str) -> String {
        self.set_cookie(name, "", "Lax", Some(0))
    }

    /// The address and the query, as a link back to here.
    pub fn here(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

impl Cookies {
    fn read(headers: &HeaderMap, secure: bool) -> Self {
        let mut cookies = Self::default();
        for header in headers.get_all(header::COOKIE) {
            let Ok(text) = header.to_str() else { continue };
            for pair in text.split(';') {
                let Some((name, value)) = pair.trim().split_once('=') else { continue };
                let name = if secure { name.strip_prefix("__Host-") } else { Some(name) };
                let place = match name {
                    Some(cookie::SESSION) => &mut cookies.session,
                    Some(cookie::VISIT) => &mut cookies.visit,
                    Some(cookie::DEVICE) => &mut cookies.device,
                    Some(cookie::FLASH) => &mut cookies.flash,
                    Some(cookie::THEME) => &mut cookies.theme,
                    _ => continue,
                };
                if place.is_none() && !value.is_empty() && value.len() <= 2_000 {
                    *place = Some(value.to_owned());
                }
            }
        }
        cookies
    }
}

/// The outermost layer.
pub async fn wrap(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let info = Arc::new(inspect(&app, &request));
    request.extensions_mut().insert(Arc::clone(&info));
    tracing::debug!(target: "streamly::requests", request_id = info.id, method = %info.method,
        path = headers::loggable_path(&info.path), remote_addr = %info.client, "request_start");
    let conditional = headers::Conditional::of(&request);
    let refusal = refuse(&app, &info, &request);
    let work = async {
        match refusal {
            Some(response) => response,
            None => answer(&app, &info, request, next).await,
        }
    };
    let (mut response, statements) = db::counting(work).await;
    headers::finish(&app, &info, &conditional, &mut response);
    log(&info, &response, started, statements);
    stream::release(&mut response);
    response
}

fn inspect(app: &App, request: &Request) -> RequestInfo {
    let headers = request.headers();
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
    let secure = !app.config.server.insecure_http;
    RequestInfo {
        id: uuid::Uuid::new_v4().to_string(),
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().map(str::to_owned),
        client: client::address(&app.config.server.trusted_proxies, peer, headers),
        by_proxy: app.config.server.trusted_proxies.contains(peer.to_canonical()),
        user_agent: headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(|text| text.chars().take(255).collect())
            .unwrap_or_default(),
        cookies: Cookies::read(headers, secure),
        user: OnceLock::new(),
        session: OnceLock::new(),
        new_visit: OnceLock::new(),
        flash_shown: AtomicBool::new(false),
        personal: AtomicBool::new(false),
        secure_cookies: secure,
    }
}

/// What is not answered at all: an address that is too long, a host that is not ours.
fn refuse(app: &App, info: &RequestInfo, request: &Request) -> Option<Response> {
    if request.uri().to_string().len() > MAX_URI {
        return Some(error::bare(app, info, StatusCode::URI_TOO_LONG));
    }
    // Any other coding than `chunked` would be taken for the body itself (X56).
    let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    if codings.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        let mut response = error::bare(app, info, StatusCode::BAD_REQUEST);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return Some(response);
    }
    if info.path.starts_with("/health") || client::host_is_ours(app, request) {
        return None;
    }
    Some(error::bare(app, info, StatusCode::MISDIRECTED_REQUEST))
}

/// Runs the request to its end: a panic becomes a 500, a slow one a 503.
async fn answer(app: &App, info: &Arc<RequestInfo>, request: Request, next: Next) -> Response {
    use futures_util::FutureExt as _;
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    match work.await {
        Ok(response) => error::dress(app, info, response).await,
        Err(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            tracing::error!(target: "streamly::requests", request_id = info.id,
                exception_type = "panic", exception_message = text, "request_error");
            error::bare(app, info, StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn log(info: &RequestInfo, response: &Response, started: Instant, statements: u32) {
    let status = response.status().as_u16();
    let duration_ms = (started.elapsed().as_secs_f64() * 100_000.0).round() / 100.0;
    let path = headers::loggable_path(&info.path);
    let content_length = response
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    let user_id = info.user.get().map(|user| user.0);
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(target: "streamly::requests", request_id = info.id,
                method = %info.method, path, status_code = status, duration_ms, content_length,
                remote_addr = %info.client, user_id, user_agent = info.user_agent, statements,
                "request_end")
        };
    }
    match status {
        500.. => line!(error),
        400..=499 => line!(warn),
        _ => line!(info),
    }
}

impl RequestInfo {
    /// Stands in where no request was seen, as in a router without our outer layer.
    pub(super) fn unknown() -> Self {
        Self {
            id: String::new(),
            method: Method::GET,
            path: String::new(),
            query: None,
            client: IpAddr::from([0, 0, 0, 0]),
            by_proxy: false,
            user_agent: String::new(),
            cookies: Cookies::default(),
            user: OnceLock::new(),
            session: OnceLock::new(),
            new_visit: OnceLock::new(),
            flash_shown: AtomicBool::new(false),
            personal: AtomicBool::new(true),
            secure_cookies: true,
        }
    }

    pub(super) fn is_personal(&self) -> bool {
        self.personal.load(Ordering::Relaxed)
    }

    pub(super) fn set_personal(&self) {
        self.personal.store(true, Ordering::Relaxed);
    }
}

/// For answers that need no page.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
