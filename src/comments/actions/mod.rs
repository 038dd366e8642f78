//! What people do with comments: one function a verb, each with a transaction of its own.

mod likes;
mod moderate;
mod remove;
mod report;
mod write;

pub use self::{
    likes::{Liked, like},
    moderate::moderate,
    remove::{Deleted, delete, restore},
    report::report,
    write::{Written, allow_edit, create, edit},
};
use super::{
    Row, Status,
    comment::Reader,
    store::{
        self,
        threads::{self, PostRef},
    },
};
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    db::{Conn, Tx},
    ids::{CommentId, PostId},
    posts,
};

/// A comment under a public post, held for the rest of the transaction: first the row of the
/// post, so that whoever acts under the same post waits.
async fn hold(tx: &mut Tx, viewer: &Viewer, id: CommentId) -> Result<(PostRef, Row)> {
    let post = threads::post_of(tx, id).await?.ok_or(Error::NotFound)?;
    posts::store::lock(tx, post).await?;
    find(tx, viewer, post, id).await
}

/// A comment under a post that everybody may read, and the post.
async fn find(
    conn: &mut Conn,
    viewer: &Viewer,
    post: PostId,
    id: CommentId,
) -> Result<(PostRef, Row)> {
    let post = threads::post(conn, post, viewer.id).await?.ok_or(Error::NotFound)?;
    let row = threads::one(conn, Reader::of(Some(viewer)), id).await?.ok_or(Error::NotFound)?;
    // One's own words can be taken back from wherever they are.
    let post = if row.user_id == viewer.id { post } else { post.for_reader(Some(viewer))? };
    Ok((post, row))
}

/// The same for a page that only shows it.
pub async fn look(app: &App, viewer: &Viewer, id: CommentId) -> Result<(PostRef, Row)> {
    let mut conn = app.db.conn().await?;
    let post = threads::post_of(&mut conn, id).await?.ok_or(Error::NotFound)?;
    find(&mut conn, viewer, post, id).await
}

/// What a comment says, as it was written, for whoever may change it.
pub async fn source(app: &App, viewer: &Viewer, row: &Row) -> Result<String> {
    allow_edit(app, viewer, row)?;
    threads::content(&mut app.db.conn().await?, row.id).await
}

/// Puts a comment into another state, and the counts above it with it.
async fn put(app: &App, tx: &mut Tx, row: &Row, change: &store::write::Change<'_>) -> Result<()> {
    let now = app.clock.now();
    let by = i64::from(change.status == Status::Visible) - i64::from(row.status == Status::Visible);
    count(app, tx, row, by).await?;
    store::write::set_status(tx, row.id, change, now).await
}

/// Adds a comment to the counts of its post, of what it answers and of its branch, or takes it
/// out. The post comes first: events are numbered in the order in which its row is held.
async fn count(app: &App, tx: &mut Tx, row: &Row, by: i64) -> Result<()> {
    if by == 0 {
        return Ok(());
    }
    posts::store::comments::count(tx, row.post_id, by).await?;
    if let Some(parent) = row.parent_id {
        store::write::count_reply(tx, parent, row.root(), by, app.clock.now()).await?;
    }
    Ok(())
}
