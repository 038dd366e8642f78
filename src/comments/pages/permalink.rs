//! The address of one comment, a comment by itself, and a branch by itself.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use super::{
    item::{Around, Item},
    post_at,
};
use crate::{
    Error, Result,
    accounts::Permission,
    app::App,
    comments::{
        Row, Status,
        comment::Reader,
        store::threads::{self, BRANCH, PostRef},
        thread::{self, Step},
    },
    db::Conn,
    events,
    ids::{CommentId, EventId, PostId},
    links,
    web::{Caching, Layout, PageResult, Path, Query, Visitor, page, see_other},
};

/// `/comment/12` leads to the page of the thread on which it stands: in a long branch that is a
/// page of the branch.
pub async fn find(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<CommentId>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let reader = Reader::of(visitor.viewer());
    let mut conn = app.db.conn().await?;
    let post = threads::post_of(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let post = threads::post(&mut conn, post, reader.user).await?.ok_or(Error::NotFound)?;
    let post = post.for_reader(visitor.viewer())?;
    let row = threads::one(&mut conn, reader, id).await?.ok_or(Error::NotFound)?;
    // The place of a deleted comment is shown only where something hangs on it.
    let has_place = row.branch_count > 0 || row.reply_count > 0;
    if !reader.sees(&row) && !has_place {
        return Err(
            if row.status == Status::Deleted { Error::Gone } else { Error::NotFound }.into()
        );
    }
    let before = match row.root_id {
        Some(root) => threads::place_in_branch(&mut conn, root, reader, id).await?,
        None => 0,
    };
    let path = links::post(&post.slug);
    let target = if before >= BRANCH {
        format!("{path}/thread/{}?comment={id}#comment-{id}", row.root())
    } else {
        format!("{path}?comment={id}#comment-{id}")
    };
    Ok(see_other(&target))
}

#[derive(Template)]
#[template(path = "comments/fragment.html")]
struct Fragment {
    item: Item,
    csrf: String,
}

/// One comment as it stands in the page, for scripts: what it says, or the place that its answers
/// hang on. Whoever would find neither there is told that nothing is here.
pub async fn fragment(
    State(app): State<App>,
    visitor: Visitor,
    Path((slug, id)): Path<(String, CommentId)>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let viewer = visitor.viewer();
    let reader = Reader::of(viewer);
    let mut conn = app.db.conn().await?;
    let post = post_at(&mut conn, &slug, viewer).await?;
    let row = threads::one(&mut conn, reader, id).await?.ok_or(Error::NotFound)?;
    if row.post_id != post.id {
        return Err(Error::NotFound.into());
    }
    if !reader.sees(&row) && !has_place(&mut conn, reader, &row).await? {
        return Err(
            if row.status == Status::Deleted { Error::Gone } else { Error::NotFound }.into()
        );
    }
    drop(conn);
    let around = around(&app, &visitor, &post);
    let csrf = viewer.map(|_| visitor.layout().csrf()).unwrap_or_default();
    let mut response = page(&Fragment { item: around.one(row), csrf })?.into_response();
    response.extensions_mut().insert(Caching::Never);
    Ok(response)
}

/// Whether a page shows where a comment was that says nothing to this reader: that of the post, or
/// of its branch, when it is too far down for that.
async fn has_place(conn: &mut Conn, reader: Reader, row: &Row) -> Result<bool> {
    let root = row.root();
    let mut rows = threads::rows(conn, reader, &[root], true).await?;
    if !rows.iter().any(|one| one.id == row.id) {
        let mut ids = threads::branch(conn, root, reader, row.id, BRANCH - 1).await?;
        ids.insert(0, root);
        rows = threads::rows(conn, reader, &ids, false).await?;
    }
    Ok(thread::has_place(row.id, rows, reader))
}

fn around<'a>(app: &'a App, visitor: &'a Visitor, post: &'a PostRef) -> Around<'a> {
    let viewer = visitor.viewer();
    let allowed = viewer.is_some_and(|viewer| viewer.can(Permission::CreateComments));
    Around {
        app,
        viewer,
        slug: &post.slug,
        post_author: post.user_id,
        may_write: app.config.comments.enabled && allowed && !post.is_blocked,
    }
}

/// What may follow the address of a branch.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BranchQuery {
    /// The first comment on the page.
    from: String,
    comment: String,
}

#[derive(Template)]
#[template(path = "comments/branch.html")]
struct BranchPage {
    layout: Layout,
    post: PostId,
    /// The last event before this page was read: its stream begins there.
    last_event: EventId,
    title: String,
    post_url: String,
    steps: Vec<Step<Item>>,
    slug_path: String,
    csrf: String,
    start: Option<String>,
    next: Option<String>,
}

/// A branch that is too long for the page of the post.
pub async fn branch(
    State(app): State<App>,
    visitor: Visitor,
    Path((slug, root)): Path<(String, CommentId)>,
    Query(query): Query<BranchQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let reader = Reader::of(visitor.viewer());
    let mut conn = app.db.conn().await?;
    let post = post_at(&mut conn, &slug, visitor.viewer()).await?;
    let last_event = events::last_of_post(&mut conn, post.id).await?;
    let top = threads::one(&mut conn, reader, root).await?.ok_or(Error::NotFound)?;
    let shown = reader.sees(&top) || top.branch_count > 0;
    if top.post_id != post.id || top.root_id.is_some() || !shown {
        return Err(Error::NotFound.into());
    }
    let wanted = query.comment.parse().ok().map(CommentId);
    let from = wanted.or_else(|| query.from.parse().ok().map(CommentId)).unwrap_or(CommentId(0));
    // One place of the statement is for the comment at the top.
    let size = BRANCH - 1;
    let mut ids = threads::branch(&mut conn, root, reader, from, size + 1).await?;
    let next = ids.get(usize::try_from(size).unwrap_or(0)).copied();
    ids.truncate(usize::try_from(size).unwrap_or(0));
    let steps = steps_of(&mut conn, reader, (root, ids), wanted).await?;
    drop(conn);
    let around = around(&app, &visitor, &post);
    let path = format!("{}/thread/{root}", links::post(&post.slug));
    let page_of = BranchPage {
        layout: visitor.layout(),
        post: post.id,
        last_event,
        post_url: format!("{}#comments", links::post(&post.slug)),
        slug_path: links::post(&post.slug),
        steps: around.thread(steps),
        csrf: visitor.viewer().map(|_| visitor.layout().csrf()).unwrap_or_default(),
        start: (from != CommentId(0)).then(|| path.clone()),
        next: next.map(|id| format!("{path}?from={id}")),
        title: post.title,
    };
    Ok(page(&page_of)?.into_response())
}

async fn steps_of(
    conn: &mut Conn,
    reader: Reader,
    (root, mut ids): (CommentId, Vec<CommentId>),
    wanted: Option<CommentId>,
) -> Result<Vec<Step<thread::Node>>> {
    ids.insert(0, root);
    let rows = threads::rows(conn, reader, &ids, false).await?;
    // The reader came for the branch: nothing of it is folded, and the rest has its own link.
    let last = wanted.or(ids.last().copied());
    let steps = thread::steps(&[root], rows, reader, last);
    Ok(steps.into_iter().filter(|step| !matches!(step, Step::More { .. })).collect())
}
