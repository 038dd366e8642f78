//! The faces that Streamly draws for people without a picture: made from their address alone.

use axum::{
    http::{HeaderName, header},
    response::{IntoResponse as _, Response},
};

use crate::{
    Error,
    web::{Caching, PageResult, Path},
};

/// The side of a drawn face, that of an uploaded one.
const SIDE: u32 = 300;

/// `/avatar/21/AK.png`: the hue in tens of degrees, and one or two letters or digits; `_` is a
/// person.
pub async fn show(Path((hue, name)): Path<(u16, String)>) -> PageResult<Response> {
    let letters = name.strip_suffix(".png").ok_or(Error::NotFound)?.to_owned();
    let drawn = letters == "_"
        || (matches!(letters.len(), 1 | 2) && letters.chars().all(pictures::letters::is_drawn));
    if hue >= 36 || !drawn {
        return Err(Error::NotFound.into());
    }
    let draw = move || pictures::letters::letters(&letters, hue * 10, SIDE);
    let png = tokio::task::spawn_blocking(draw)
        .await
        .map_err(Error::from)?
        .map_err(|refused| Error::from(anyhow::anyhow!(refused)))?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        // Feed readers and mail programs show it on pages of their own.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    let mut response = (headers, png).into_response();
    response.extensions_mut().insert(Caching::Immutable);
    Ok(response)
}
