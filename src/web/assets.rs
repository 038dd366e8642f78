//! Styles, scripts, fonts and icons: embedded in the binary, under an address that holds a hash of
//! them all, so that browsers keep them for good.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{Caching, Path};

struct Asset {
    path: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of a file in `assets/`.
pub fn url(path: &str) -> String {
    format!("/assets/{TREE}/{path}")
}

pub async fn show(Path((tree, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match find(&path) {
        // Another release's page may still ask by the old hash: it gets what there is now, briefly.
        Some(asset) => answer(asset, &headers, tree == TREE),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub async fn favicon(headers: HeaderMap) -> Response {
    match find("favicon.ico").or_else(|| find("icon-180.png")).or_else(|| find("favicon.svg")) {
        Some(asset) => {
            let mut response = answer(asset, &headers, false);
            response.extensions_mut().insert(Caching::Public(86_400));
            response
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().and_then(|index| ASSETS.get(index))
}

fn answer(asset: &'static Asset, headers: &HeaderMap, current: bool) -> Response {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes =
        |name: &str| accepted.split(',').any(|one| one.trim().split(';').next() == Some(name));
    let (bytes, encoding) = match (asset.brotli, asset.gzip) {
        (Some(bytes), _) if takes("br") => (bytes, Some("br")),
        (_, Some(bytes)) if takes("gzip") => (bytes, Some("gzip")),
        _ => (asset.plain, None),
    };
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    // Pages may load them from a CDN, and scripts and fonts of another address need leave.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let anybody = HeaderValue::from_static("cross-origin");
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), anybody);
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let caching = if current { Caching::Immutable } else { Caching::Public(60) };
    response.extensions_mut().insert(caching);
    response
}
