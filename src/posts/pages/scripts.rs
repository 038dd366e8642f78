//! What the editor's script asks for: preview and autosave. The form works without either.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use super::super::{
    Fields,
    autosave::{self, Autosaved, Outcome},
    rendering,
};
use crate::{
    Error,
    accounts::Permission,
    app::App,
    ids::PostId,
    web::{Json, JsonResult, Limit, Path, SignedIn, view},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewInput {
    content: String,
}

/// The text as readers will see it, by the renderer that will make it.
pub async fn preview(
    State(app): State<App>,
    visitor: Result<SignedIn, crate::web::PageError>,
    Json(input): Json<PreviewInput>,
) -> JsonResult<Response> {
    let visitor = visitor.map_err(|_| Error::Unauthenticated)?;
    if !visitor.viewer.can(Permission::CreatePosts) {
        return Err(Error::Forbidden.into());
    }
    visitor.spend(Limit::Preview)?;
    if input.content.len() > app.config.limits.post_content.0 {
        return Err(Error::TooLarge(app.config.limits.post_content.0).into());
    }
    let rendered = rendering::render(&app, &input.content).await?;
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((kind, rendered.html.into_string()).into_response())
}

/// What the script sends: the form's fields, and the version they started from.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutosaveInput {
    title: String,
    content: String,
    category_id: String,
    tags: String,
    meta_description: String,
    slug: String,
    canonical_url: String,
    cover_alt: String,
    scheduled_at: String,
    version: i64,
    /// The mark of the form, so that a post is begun once.
    nonce: String,
    // What the form carries besides, and an autosave leaves alone.
    remove_cover: String,
    cover_file: String,
    image: String,
}

impl AutosaveInput {
    fn fields(&self) -> Fields {
        // Scripts send line ends as they are; forms are brought to LF before they come here.
        let text = |text: &String| text.replace("\r\n", "\n").replace('\0', "");
        Fields {
            title: text(&self.title),
            content: text(&self.content),
            category_id: text(&self.category_id),
            tags: text(&self.tags),
            meta_description: text(&self.meta_description),
            slug: text(&self.slug),
            canonical_url: text(&self.canonical_url),
            cover_alt: text(&self.cover_alt),
            scheduled_at: text(&self.scheduled_at),
        }
    }
}

/// The first save of a post that is not there yet.
pub async fn begin(
    State(app): State<App>,
    visitor: Result<SignedIn, crate::web::PageError>,
    Json(input): Json<AutosaveInput>,
) -> JsonResult<Response> {
    let visitor = visitor.map_err(|_| Error::Unauthenticated)?;
    visitor.spend(Limit::Post)?;
    let saved = autosave::begin(&app, &visitor.viewer, &input.fields(), &input.nonce).await?;
    Ok(json(StatusCode::OK, &answer(&saved)))
}

pub async fn autosave(
    State(app): State<App>,
    visitor: Result<SignedIn, crate::web::PageError>,
    Path(id): Path<PostId>,
    Json(input): Json<AutosaveInput>,
) -> JsonResult<Response> {
    let visitor = visitor.map_err(|_| Error::Unauthenticated)?;
    visitor.spend(Limit::Save)?;
    let outcome = autosave::save(&app, &visitor.viewer, id, &input.fields(), input.version).await?;
    Ok(match outcome {
        Outcome::Saved(saved) => json(StatusCode::OK, &answer(&saved)),
        Outcome::Conflict(copy) => json(
            StatusCode::CONFLICT,
            &serde_json::json!({
                "code": "conflict",
                "version": copy.version,
                "title": copy.fields.title,
                "content": copy.fields.content,
                "saved_at": view::iso(copy.saved_at),
                "saved_by": copy.saved_by,
            }),
        ),
    })
}

fn answer(saved: &Autosaved) -> serde_json::Value {
    let edit = format!("/blog/post/{}/edit", saved.id);
    serde_json::json!({
        "post_id": saved.id,
        "version": saved.version,
        "saved_at": view::iso(saved.saved_at),
        "edit_url": edit,
        "action": edit,
        "autosave_url": format!("/blog/post/{}/autosave", saved.id),
    })
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
