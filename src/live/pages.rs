//! The streams, and the word that somebody is typing.

use std::convert::Infallible;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use futures_util::stream;
use serde::Deserialize;

use super::{
    hub::{Asking, Topic},
    presence,
    reader::{self, Opening, Reader},
};
use crate::{
    Error,
    accounts::Permission,
    app::App,
    ids::{PostId, UserId},
    web::{Json, JsonError, JsonResult, Limit, Path, Query, Streaming, Visitor, event_stream},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/live", get(both))
        .route("/live/me", get(me))
        .route("/live/post/{id}", get(of_post))
        .route("/live/post/{id}/typing", post(typing))
}

/// What follows `/live?`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    post: String,
    profile: String,
    /// The last event that the page knows, for its first stream; then `Last-Event-ID` says it.
    after: String,
}

/// Everything that a page wants to know, by one connection.
async fn both(
    State(app): State<App>,
    visitor: Visitor,
    streaming: Streaming,
    Query(wanted): Query<Wanted>,
) -> JsonResult<Response> {
    let number = |text: &str| text.parse().map_err(|_| Error::NotFound);
    let page = match (wanted.post.as_str(), wanted.profile.as_str()) {
        ("", "") => None,
        ("", profile) => Some(Topic::Profile(UserId(number(profile)?))),
        (post, _) => Some(Topic::Post(PostId(number(post)?))),
    };
    open(&app, &visitor, streaming, page, wanted.after.parse().ok()).await
}

async fn me(
    State(app): State<App>,
    visitor: Visitor,
    streaming: Streaming,
) -> JsonResult<Response> {
    open(&app, &visitor, streaming, None, None).await
}

async fn of_post(
    State(app): State<App>,
    visitor: Visitor,
    streaming: Streaming,
    Path(id): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> JsonResult<Response> {
    open(&app, &visitor, streaming, Some(Topic::Post(PostId(id))), wanted.after.parse().ok()).await
}

async fn open(
    app: &App,
    visitor: &Visitor,
    streaming: Streaming,
    page: Option<Topic>,
    after: Option<i64>,
) -> JsonResult<Response> {
    visitor.may_read().await?;
    let viewer = visitor.viewer();
    let opening = Opening {
        viewer,
        token: visitor.info.cookies.session.as_deref(),
        asking: Asking {
            person: viewer.map(|viewer| (viewer.id, viewer.username.clone())),
            address: visitor.info.client,
            page,
            cut: streaming.cut,
        },
        after: streaming.last_event_id.or(after),
    };
    // Boxed: what opening needs is not kept as long as the stream.
    let reader = Box::pin(Reader::open(app, opening)).await?;
    let chunks = stream::unfold(Box::new(reader), async |mut reader| {
        let bytes = reader.next().await?;
        Some((Ok::<_, Infallible>(bytes), reader))
    });
    Ok(event_stream(Body::from_stream(chunks)))
}

/// What the page says while a comment is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TypingInput {
    is_typing: bool,
}

async fn typing(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Json(input): Json<TypingInput>,
) -> JsonResult<StatusCode> {
    let viewer = visitor.viewer().ok_or(JsonError(Error::Unauthenticated))?;
    if !viewer.can(Permission::CreateComments) {
        return Err(Error::Forbidden.into());
    }
    visitor.spend(Limit::Typing)?;
    let post = PostId(id);
    reader::may_read(&app, Some(viewer), post).await?;
    presence::types(&super::hub(&app), post, viewer.id, &viewer.username, input.is_typing);
    Ok(StatusCode::NO_CONTENT)
}
