//! What a post was before: the list of its revisions, one compared with the one before it, and
//! the way back.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::{
    super::{
        RevisionKind, actions,
        revisions::{self, Line, LineKind},
        store::{self, drafts::RevisionRow},
    },
    editor::Nothing,
};
use crate::{
    Error,
    app::App,
    ids::{PostId, RevisionId},
    web::{Flash, Form, Layout, Limit, PageResult, Path, Query, SignedIn, page, view},
};

/// Revisions on one page.
const SIZE: i64 = 50;

/// Which page of the list: the revisions before a version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HistoryQuery {
    before: String,
}

#[derive(Template)]
#[template(path = "posts/revisions.html")]
struct HistoryPage {
    layout: Layout,
    id: PostId,
    title: String,
    revisions: Vec<RevisionRow>,
    older: Option<String>,
}

pub async fn index(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<PostId>,
    query: Query<HistoryQuery>,
) -> PageResult {
    let before = query.before.parse().unwrap_or(i64::MAX);
    let mut conn = app.db.conn().await?;
    let post = store::by_id(&mut conn, id).await?.ok_or(Error::NotFound)?;
    actions::allow_edit(&post, &visitor.viewer)?;
    let revisions = store::drafts::revisions(&mut conn, id, before, SIZE).await?;
    let full = revisions.len() == usize::try_from(SIZE).unwrap_or_default();
    let older = revisions
        .last()
        .filter(|last| full && last.version > 1)
        .map(|last| format!("/blog/post/{id}/revisions?before={}", last.version));
    page(&HistoryPage { layout: visitor.layout(), id, title: post.title, revisions, older })
}

#[derive(Template)]
#[template(path = "posts/revision.html")]
struct RevisionPage {
    layout: Layout,
    id: PostId,
    revision: RevisionId,
    version: i64,
    title: String,
    when: String,
    when_iso: String,
    titles: Option<(String, String)>,
    lines: Vec<Line>,
    is_first: bool,
    is_newest: bool,
}

pub async fn show(
    State(app): State<App>,
    visitor: SignedIn,
    Path((id, revision)): Path<(PostId, RevisionId)>,
) -> PageResult {
    let (post, revision, before) = {
        let mut conn = app.db.conn().await?;
        revisions::load(&mut conn, &visitor.viewer, id, revision).await?
    };
    let is_first = before.is_none();
    let (old_title, old) = before.map(|before| (before.title, before.content)).unwrap_or_default();
    let new = revision.content.clone();
    let lines = tokio::task::spawn_blocking(move || revisions::compare(&old, &new)).await?;
    let changed_title = !is_first && old_title != revision.title;
    page(&RevisionPage {
        layout: visitor.layout(),
        id,
        revision: revision.id,
        version: revision.version,
        when: view::minute(revision.updated_at),
        when_iso: view::iso(revision.updated_at),
        titles: changed_title.then(|| (old_title, revision.title.clone())),
        is_newest: revision.content == post.content && revision.title == post.title,
        title: revision.title,
        lines,
        is_first,
    })
}

pub async fn restore(
    State(app): State<App>,
    visitor: SignedIn,
    Path((id, revision)): Path<(PostId, RevisionId)>,
    _form: Form<Nothing>,
) -> PageResult<Response> {
    visitor.spend(Limit::Save)?;
    let saved = revisions::restore(&app, &visitor.viewer, id, revision).await?;
    let text = format!("“{}” is as it was then. The text before that is kept, too.", saved.title);
    let target = format!("/blog/post/{id}/edit");
    Ok(visitor.redirect_with(&target, &Flash::success(text)))
}
