//! Serving pictures: whatever a file may hold, it is shown as a picture and runs nothing (X45).

use std::ops::Range;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
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
    method: Method,
    headers: HeaderMap,
) -> PageResult<Response> {
    let asked = (&method, &headers);
    if let Some(response) = file(&app, &name, asked).await? {
        return Ok(response);
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
    let mut response = file(&app, &whole, asked).await?.ok_or(Error::NotFound)?;
    response.extensions_mut().insert(Caching::Public(60));
    Ok(response)
}

/// A file, or as much of it as is asked for: nothing else is read from where it lies.
async fn file(
    app: &App,
    name: &str,
    (method, asked): (&Method, &HeaderMap),
) -> Result<Option<Response>> {
    let mime = mime(name).ok_or(Error::NotFound)?;
    let tag = format!("\"{}\"", name.split('.').next().unwrap_or_default());
    let is_known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|tags| tags.to_str().is_ok_and(|tags| tags.contains(&*tag)));
    let sent = if is_known {
        app.files.size(name).await?.map(|_| StatusCode::NOT_MODIFIED.into_response())
    } else if method == Method::HEAD {
        app.files.size(name).await?.map(without_body)
    } else if asked.contains_key(header::RANGE) {
        part(app, name, asked, &tag).await?
    } else {
        app.files.get(name).await?.map(IntoResponse::into_response)
    };
    let Some(response) = sent else { return Ok(None) };
    dressed(response, name, mime, &tag).map(Some)
}

/// What is known of a file by its length alone.
fn without_body(total: u64) -> Response {
    [(header::CONTENT_LENGTH, total.to_string())].into_response()
}

/// The bytes that a `Range` names.
async fn part(app: &App, name: &str, asked: &HeaderMap, tag: &str) -> Result<Option<Response>> {
    let Some(total) = app.files.size(name).await? else { return Ok(None) };
    Ok(match range(asked, tag, total) {
        Asked::Whole => app.files.get(name).await?.map(IntoResponse::into_response),
        Asked::Part(part) => {
            let place = format!("bytes {}-{}/{total}", part.start, part.end - 1);
            let headers = [(header::CONTENT_RANGE, place)];
            let bytes = app.files.part(name, part).await?;
            bytes.map(|bytes| (StatusCode::PARTIAL_CONTENT, headers, bytes).into_response())
        }
        Asked::Outside => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{total}"))];
            Some((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response())
        }
    })
}

/// With the headers that every file has.
fn dressed(mut response: Response, name: &str, mime: &str, tag: &str) -> Result<Response> {
    let disposition = format!("inline; filename=\"{name}\"");
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| -> Result<()> {
        let value = HeaderValue::from_str(value)
            .map_err(|error| anyhow::anyhow!("a file name that is no header: {error}"))?;
        headers.insert(name, value);
        Ok(())
    };
    put(header::CONTENT_TYPE, mime)?;
    put(header::ETAG, tag)?;
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
    Part(Range<u64>),
    Outside,
}

/// Reads `Range` (RFC 9110, 14.2). What is not one simple range counts as none, which is allowed.
fn range(headers: &HeaderMap, tag: &str, total: u64) -> Asked {
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
        plain.then(|| digits.parse::<u64>().unwrap_or(u64::MAX))
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
