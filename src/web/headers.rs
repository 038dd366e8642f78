//! The headers of every answer: security, caching, cookies, conditional requests.

use std::{hash::BuildHasher as _, sync::atomic::Ordering};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};

use super::{
    PageBytes,
    request::{RequestInfo, cookie},
};
use crate::{app::App, config::Environment};

/// No inline script or style, no foreign host (X19). Media have a policy of their own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; \
    require-trusted-types-for 'script'; trusted-types streamly";

const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    usb=(), browsing-topics=()";

/// What a handler says about keeping its answer; it overrides the rule by path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// The content of this address never changes.
    Immutable,
    /// Anybody may keep it for some seconds.
    Public(u32),
    /// Nobody may keep it.
    Never,
}

/// What the client already has.
pub struct Conditional {
    matches: Option<String>,
    since: Option<String>,
    safe: bool,
}

impl Conditional {
    pub fn of(request: &Request) -> Self {
        let text = |name: HeaderName| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Self {
            matches: text(header::IF_NONE_MATCH),
            since: text(header::IF_MODIFIED_SINCE),
            safe: matches!(*request.method(), Method::GET | Method::HEAD),
        }
    }

    fn holds(&self, response: &Response) -> bool {
        if !self.safe || response.status() != StatusCode::OK {
            return false;
        }
        let text =
            |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        if let Some(matches) = &self.matches {
            let Some(tag) = text(header::ETAG) else { return false };
            let tag = tag.trim_start_matches("W/");
            return matches
                .split(',')
                .map(str::trim)
                .any(|one| one == "*" || one.trim_start_matches("W/") == tag);
        }
        self.since.is_some() && self.since.as_deref() == text(header::LAST_MODIFIED)
    }
}

/// Puts on what every answer carries, and turns an unchanged one into 304.
pub fn finish(app: &App, info: &RequestInfo, conditional: &Conditional, response: &mut Response) {
    set_cookies(info, response);
    cache_control(info, response);
    security(app, info, response);
    if conditional.holds(response) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING] {
            response.headers_mut().remove(name);
        }
    }
}

fn set_cookies(info: &RequestInfo, response: &mut Response) {
    let mut cookies = Vec::new();
    if let Some(visit) = info.new_visit.get() {
        cookies.push(info.set_cookie(cookie::VISIT, visit, "Strict", None));
    }
    let sets_flash = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .any(|value| value.to_str().is_ok_and(|text| text.contains(cookie::FLASH)));
    if info.flash_shown.load(Ordering::Relaxed) && !sets_flash {
        cookies.push(info.clear_cookie(cookie::FLASH));
    }
    for text in cookies {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
}

fn cache_control(info: &RequestInfo, response: &mut Response) {
    let sets_cookie = response.headers().contains_key(header::SET_COOKIE);
    let caching = response.extensions().get::<Caching>().copied();
    let sensitive = ["/auth", "/admin", "/setup", "/blog/create", "/blog/mine", "/dev"]
        .iter()
        .any(|start| info.path.starts_with(start));
    let value = match caching {
        Some(Caching::Immutable) => HeaderValue::from_static("public, max-age=31536000, immutable"),
        Some(Caching::Public(seconds)) if !sets_cookie => {
            HeaderValue::from_str(&format!("public, max-age={seconds}"))
                .unwrap_or(HeaderValue::from_static("no-cache"))
        }
        Some(Caching::Never) => HeaderValue::from_static("no-store"),
        _ if response.headers().contains_key(header::CACHE_CONTROL) => return,
        _ if sets_cookie || sensitive => HeaderValue::from_static("private, no-store"),
        _ if info.is_personal() => HeaderValue::from_static("private, no-cache"),
        _ if response.status().is_success() => {
            tag(response);
            HeaderValue::from_static("public, max-age=0, must-revalidate")
        }
        _ => HeaderValue::from_static("no-cache"),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, value);
    if caching != Some(Caching::Immutable) {
        headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    }
}

/// An `ETag` made of the page's bytes. It only tells versions of one page apart, so a quick hash
/// is enough; every instance makes the same.
fn tag(response: &mut Response) {
    let Some(PageBytes(bytes)) = response.extensions_mut().remove::<PageBytes>() else { return };
    let hash = foldhash::quality::FixedState::with_seed(0).hash_one(&bytes[..]);
    let tag = format!("W/\"{hash:016x}\"");
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
}

fn security(app: &App, info: &RequestInfo, response: &mut Response) {
    let secure = app.base_url().starts_with("https://");
    let production = app.config.environment == Environment::Production;
    let private = info.path.starts_with("/auth") || info.path.starts_with("/setup");
    let headers = response.headers_mut();
    let public = &app.config.storage.public_url;
    if !public.is_empty() {
        let mut policy = POLICY.to_owned();
        for kind in ["script-src", "style-src", "img-src", "font-src"] {
            policy = policy.replace(&format!("{kind} 'self'"), &format!("{kind} 'self' {public}"));
        }
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        }
    }
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::X_FRAME_OPTIONS, "DENY");
    put(
        header::REFERRER_POLICY,
        if private { "same-origin" } else { "strict-origin-when-cross-origin" },
    );
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    put(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    if secure && production {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if let Ok(id) = HeaderValue::from_str(&info.id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

/// A path for the log: what follows a route that takes a token is hidden (R-LOG.10).
pub fn loggable_path(path: &str) -> &str {
    for start in ["/auth/confirm/", "/auth/reset-password/", "/auth/change-email/", "/setup/"] {
        if path.starts_with(start) {
            return start;
        }
    }
    path
}
