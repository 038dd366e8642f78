//! The pages of comments: the section below a post, writing and changing, reporting, moderating.

mod change;
mod desk;
pub mod item;
mod permalink;
pub mod said;
pub mod section;
mod write;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::store::threads::{self, PostRef};
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    db::Conn,
    ids::{CommentId, PostId, UserId},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/blog/post/{slug}", post(write::create))
        .route("/blog/post/{slug}/comment", get(write::new).post(write::create))
        .route("/blog/post/{slug}/comments/{id}", get(permalink::fragment))
        .route("/blog/post/{slug}/thread/{id}", get(permalink::branch))
        .route("/blog/comment/{id}/delete", get(change::ask_delete).post(change::delete))
        .route("/comment/{id}", get(permalink::find))
        .route("/comments/{id}/edit", get(write::change).post(write::update))
        .route("/comments/{id}/delete", get(change::ask_delete).post(change::delete))
        .route("/comments/{id}/restore", post(change::restore))
        .route("/comments/{id}/like", post(change::like))
        .route("/comments/{id}/likes", get(change::likes))
        .route("/comments/{id}/report", get(change::ask_report).post(change::report))
        .route("/comments/{id}/moderate", post(desk::moderate))
        .route("/moderation/comments", get(desk::index).post(desk::decide))
        .route("/moderation/comments/{id}", get(desk::show))
}

/// A form that is only a button.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Nothing {}

/// Where a comment is found.
pub fn address(id: CommentId) -> String {
    format!("/comment/{id}")
}

/// Whether a script asks, which shows the change itself.
fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"))
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The post with this slug or number, if everybody may read it and no block keeps this reader away.
async fn post_at(conn: &mut Conn, slug: &str, viewer: Option<&Viewer>) -> Result<PostRef> {
    let id = match threads::post_with_slug(conn, slug).await? {
        Some(id) => id,
        None => PostId(slug.parse().map_err(|_| Error::NotFound)?),
    };
    let reader = viewer.map_or(UserId(0), |viewer| viewer.id);
    threads::post(conn, id, reader).await?.ok_or(Error::NotFound)?.for_reader(viewer)
}
