//! What a handler reads from a request, with our own page when it cannot be read.

use std::{convert::Infallible, ops::Deref, sync::Arc};

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::{JsonError, PageError, request::RequestInfo};
use crate::{Error, app::App};

/// The request and the application: what an error page needs to look like one of ours.
#[derive(Clone)]
pub struct RequestContext {
    pub app: App,
    pub info: Arc<RequestInfo>,
}

impl RequestContext {
    pub fn error(&self, error: impl Into<Error>) -> PageError {
        PageError::new(error.into(), Some(self.clone()))
    }
}

impl FromRequestParts<App> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let info = parts.extensions.get::<Arc<RequestInfo>>().cloned();
        let info = info.unwrap_or_else(|| Arc::new(RequestInfo::unknown()));
        Ok(Self { app: app.clone(), info })
    }
}

impl From<Infallible> for PageError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A part of the path; one that does not fit is a page that does not exist.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = PageError;

    #[expect(clippy::disallowed_types, reason = "this is the wrapper")]
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let context = RequestContext::from_request_parts(parts, app).await?;
        match axum::extract::Path::<T>::from_request_parts(parts, app).await {
            Ok(path) => Ok(Self(path.0)),
            Err(_) => Err(context.error(Error::NotFound)),
        }
    }
}

/// What follows the question mark; one that cannot be read counts as none.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequestParts<App> for Query<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let mut map = serde_json::Map::new();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).take(50) {
            // PostgreSQL knows no NUL, and nobody means one.
            let value = value.replace('\0', "");
            map.entry(name.into_owned()).or_insert_with(|| value.into());
        }
        Ok(Self(T::deserialize(serde_json::Value::Object(map)).unwrap_or_default()))
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A JSON body, for the small answers that scripts on our pages ask for.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = JsonError;

    async fn from_request(request: Request, _: &App) -> Result<Self, JsonError> {
        let is_json = request
            .headers()
            .get(axum::http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("application/json"));
        if !is_json {
            return Err(Error::Unsupported("anything but application/json".into()).into());
        }
        let bytes = axum::body::to_bytes(request.into_body(), usize::MAX)
            .await
            .map_err(|_| Error::invalid("body", "The request was cut off."))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Error::invalid("body", format!("This is not the JSON expected: {error}")).into()
        })
    }
}
