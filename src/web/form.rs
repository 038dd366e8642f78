//! Forms: fields and files, read once, turned into a typed input.

use std::sync::Arc;

use axum::{
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts as _, Multipart, Request},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{PageError, csrf};
use crate::{Error, app::App};

/// The most fields a form may have (X54).
const MAX_FIELDS: usize = 100;

/// What a form sent: `Form<PostInput>`. Fields that are missing take their default; a field that
/// is sent twice, or that the input does not know, is refused (X32).
pub struct Form<T> {
    pub input: T,
    pub files: Vec<Upload>,
}

/// A file as it was sent. Its name and kind are the sender's words and decide nothing.
#[derive(Debug, Clone)]
pub struct Upload {
    pub field: String,
    pub name: String,
    pub bytes: Bytes,
}

/// The fields of one request, in order.
#[derive(Debug, Default, Clone)]
pub struct Fields {
    texts: Vec<(String, String)>,
    files: Vec<Upload>,
}

impl Fields {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.iter().find(|(field, _)| field == name).map(|(_, text)| text.as_str())
    }

    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub fn without_files(&self) -> Self {
        Self { texts: self.texts.clone(), files: Vec::new() }
    }

    fn input<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let mut map = serde_json::Map::new();
        for (name, text) in self.texts.iter().filter(|(name, _)| name != csrf::FIELD) {
            if map.insert(name.clone(), text.clone().into()).is_some() {
                return Err(Error::invalid("form", format!("The field {name} was sent twice.")));
            }
        }
        T::deserialize(serde_json::Value::Object(map)).map_err(|error| {
            tracing::debug!(error = %error, "a form with unknown fields");
            Error::Unsupported("a form with fields that this page does not have".into())
        })
    }
}

pub fn is_multipart(headers: &HeaderMap) -> bool {
    kind(headers).starts_with("multipart/form-data")
}

fn kind(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Reads the fields of a form; `None` when the body is none.
pub async fn fields(headers: &HeaderMap, body: &Bytes) -> Result<Option<Fields>, Error> {
    let kind = kind(headers);
    let fields = if kind.starts_with("application/x-www-form-urlencoded") {
        let texts: Vec<_> = url::form_urlencoded::parse(body)
            .take(MAX_FIELDS + 1)
            .map(|(name, text)| (name.into_owned(), normalise(&text)))
            .collect();
        Fields { texts, files: Vec::new() }
    } else if is_multipart(headers) {
        multipart(headers, body).await?
    } else {
        return Ok(None);
    };
    if fields.texts.len() + fields.files.len() > MAX_FIELDS {
        return Err(Error::invalid("form", "The form has too many fields."));
    }
    Ok(Some(fields))
}

async fn multipart(headers: &HeaderMap, body: &Bytes) -> Result<Fields, Error> {
    let bad = || Error::invalid("form", "The form could not be read.");
    let mut request = Request::new(axum::body::Body::from(body.clone()));
    *request.headers_mut() = headers.clone();
    // The body is here already, within our own limit; axum's would be 2 MB.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| bad())?;
    let mut fields = Fields::default();
    while let Some(part) = multipart.next_field().await.map_err(|_| bad())? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|_| bad())?;
        match file_name {
            // A file field that was left empty comes as a file without name and content.
            Some(file) if file.is_empty() && bytes.is_empty() => {}
            Some(file) => fields.files.push(Upload { field: name, name: file, bytes }),
            None => fields.texts.push((name, normalise(&String::from_utf8_lossy(&bytes)))),
        }
        if fields.texts.len() + fields.files.len() > MAX_FIELDS {
            return Err(Error::invalid("form", "The form has too many fields."));
        }
    }
    Ok(fields)
}

/// Browsers end lines with CR LF; texts are kept with LF. NUL cannot be kept at all.
fn normalise(text: &str) -> String {
    if !text.contains(['\r', '\0']) {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let (mut parts, _) = request.into_parts();
        let fields = parts.extensions.remove::<Arc<Fields>>();
        let context = super::RequestContext::from_request_parts(&mut parts, app).await?;
        let Some(fields) = fields else {
            return Err(context.error(Error::Unsupported("anything but a form".into())));
        };
        let input = fields.input().map_err(|error| context.error(error))?;
        Ok(Self { input, files: fields.files.clone() })
    }
}
