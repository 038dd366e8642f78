//! Serving pictures: whatever a file may hold, it is shown as a picture and runs nothing (X45).

use std::ops::Range;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use crate::{
    Error, Result,
    app::App,
    media::store,
    storage::mime,
    web::{Caching, PageResult, Path},
};

pub async fn show(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> PageResult<Response> {
    let kind = mime(&name).ok_or(Error::NotFound)?;
    if let Some(bytes) = app.files.get(&name).await? {
        return Ok(answer(&name, kind, bytes, &headers)?);
    }
    // A size that is not made yet, or is none of ours: the picture itself, for a minute.
    let (hash, width) = name.split_once('-').ok_or(Error::NotFound)?;
    let width = width.split('.').next().and_then(|digits| digits.parse::<u32>().ok());
    if !width.is_some_and(|width| (1..=1_920).contains(&width)) {
        return Err(Error::NotFound.into());
    }
    let mut conn = app.db.conn().await?;
    let (whole,) = store::by_hash(&mut conn, hash).await?.ok_or(Error::NotFound)?;
    drop(conn);
    let kind = mime(&whole).ok_or(Error::NotFound)?;
    let bytes = app.files.get(&whole).await?.ok_or(Error::NotFound)?;
    let mut response = answer(&whole, kind, bytes, &headers)?;
    response.extensions_mut().insert(Caching::Public(60));
    Ok(response)
}

fn answer(
    name: &str,
    mime: &'static str,
    bytes: bytes::Bytes,
    asked: &HeaderMap,
) -> Result<Response> {
    let tag = format!("\"{}\"", name.split('.').next().unwrap_or_default());
    let total = bytes.len();
    let mut response = match range(asked, &tag, total) {
        Asked::Whole => bytes.into_response(),
        Asked::Part(part) => {
            let place = format!("bytes {}-{}/{total}", part.start, part.end - 1);
            let headers = [(header::CONTENT_RANGE, place)];
            (StatusCode::PARTIAL_CONTENT, headers, bytes.slice(part)).into_response()
        }
        Asked::Outside => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{total}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()
        }
    };
    let disposition = format!("inline; filename=\"{name}\"");
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| -> Result<()> {
        let value = HeaderValue::from_str(value)
            .map_err(|error| anyhow::anyhow!("a file name that is no header: {error}"))?;
        headers.insert(name, value);
        Ok(())
    };
    put(header::CONTENT_TYPE, mime)?;
    put(header::ETAG, &tag)?;
    put(header::ACCEPT_RANGES, "bytes")?;
    put(header::CONTENT_DISPOSITION, &disposition)?;
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff")?;
    put(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")?;
    // Feed readers show pictures on their own pages.
    put(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin")?;
    // What stands in a sandbox may not ask for a browsing context of its own.
    put(HeaderName::from_static("cross-origin-opener-policy"), "unsafe-none")?;
    response.extensions_mut().insert(Caching::Immutable);
    Ok(response)
}

/// Which bytes somebody wants.
#[derive(Debug, PartialEq)]
enum Asked {
    Whole,
    Part(Range<usize>),
    Outside,
}

/// Reads `Range` (RFC 9110, 14.2). What is not one simple range counts as none, which is allowed.
fn range(headers: &HeaderMap, tag: &str, total: usize) -> Asked {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // Whoever has the file already is told so by the layer around us.
    if headers.contains_key(header::IF_NONE_MATCH)
        || text(header::IF_RANGE).is_some_and(|condition| condition != tag)
    {
        return Asked::Whole;
    }
    let Some(wanted) = text(header::RANGE).and_then(|text| text.strip_prefix("bytes=")) else {
        return Asked::Whole;
    };
    let Some((first, last)) = wanted.split_once('-') else { return Asked::Whole };
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<usize>().unwrap_or(usize::MAX))
    };
    let part = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(total),
        (Some(first), None) if last.is_empty() => first..total,
        (None, Some(length)) if first.is_empty() => total.saturating_sub(length)..total,
        _ => return Asked::Whole,
    };
    if part.start < part.end { Asked::Part(part) } else { Asked::Outside }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_simple_range_is_understood() {
        let table = [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=2-5", Asked::Part(2..6)),
            ("bytes=2-", Asked::Part(2..10)),
            ("bytes=2-99", Asked::Part(2..10)),
            ("bytes=2-99999999999999999999999", Asked::Part(2..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("bytes=10-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=5-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("lines=1-2", Asked::Whole),
        ];
        for (text, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, text.parse().unwrap());
            assert_eq!(range(&headers, "\"a\"", 10), expected, "{text}");
            headers.insert(header::IF_RANGE, "\"b\"".parse().unwrap());
            assert_eq!(range(&headers, "\"a\"", 10), Asked::Whole, "{text} of another version");
        }
    }
}
