//! Deleting a comment, and having it back.

use super::{hold, put};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    comments::{
        Row, Status,
        comment::Reader,
        store::{
            moderation::{self, Deletion},
            threads::PostRef,
            write::Change,
        },
    },
    events::{self, Event},
    ids::CommentId,
};

/// A comment that is deleted.
pub struct Deleted {
    pub post: PostRef,
    pub row: Row,
    /// Whether the same person may have it back.
    pub can_restore: bool,
}

/// Deletes a comment. Where it has answers its place stays; it can be had back for a while. What
/// readers reported of it is settled with that.
pub async fn delete(app: &App, viewer: &Viewer, id: CommentId) -> Result<Deleted> {
    let mut tx = app.db.begin().await?;
    let (post, row) = hold(&mut tx, viewer, id).await?;
    if row.status == Status::Deleted {
        // The second click: it is deleted, as was asked.
        let deletion = moderation::deletion(&mut tx, id).await?;
        let can_restore = may_restore(viewer, (&post, &row), &deletion);
        let knows = row.user_id == viewer.id || can_restore;
        return if knows { Ok(Deleted { post, row, can_restore }) } else { Err(Error::NotFound) };
    }
    if !row.can_delete(viewer, post.user_id) {
        let sees = Reader::of(Some(viewer)).sees(&row);
        return Err(if sees { Error::Forbidden } else { Error::NotFound });
    }
    let now = app.clock.now();
    let change = Change {
        status: Status::Deleted,
        before: Some(row.status),
        deleted_at: Some(now),
        moderated: None,
    };
    put(app, &mut tx, &row, &change).await?;
    if moderation::close_reports(&mut tx, id, viewer.id, now).await? > 0 {
        moderation::count_reports(&mut tx, id, now).await?;
    }
    let event =
        Event::CommentRemoved { author: row.user_id, post: post.id, comment: id, by: viewer.id };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Deleted { post, row, can_restore: true })
}

/// Whether somebody may have a deleted comment back: its writer and whoever wrote the post what
/// they deleted themselves, who deletes everybody's comments any.
fn may_restore(viewer: &Viewer, (post, row): (&PostRef, &Row), deletion: &Deletion) -> bool {
    let own = row.user_id == viewer.id && viewer.can(Permission::DeleteOwnComments);
    let did_it = deletion.deleted_by == Some(viewer.id);
    viewer.can(Permission::DeleteAllComments) || did_it && (own || post.user_id == viewer.id)
}

/// Brings a deleted comment back as it was, with the reports that its deletion closed.
pub async fn restore(app: &App, viewer: &Viewer, id: CommentId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (post, row) = hold(&mut tx, viewer, id).await?;
    let own = row.user_id == viewer.id;
    if !own && post.user_id != viewer.id && !viewer.can(Permission::DeleteAllComments) {
        return Err(Error::NotFound);
    }
    if row.status != Status::Deleted {
        // The second click: it is back, as was asked.
        let knows = own || Reader::of(Some(viewer)).sees(&row);
        return if knows { Ok(()) } else { Err(Error::NotFound) };
    }
    let deletion = moderation::deletion(&mut tx, id).await?;
    let (Some(before), Some(deleted_at)) = (row.status_before, deletion.deleted_at) else {
        return Err(Error::Gone);
    };
    if !may_restore(viewer, (&post, &row), &deletion) {
        return Err(if own { Error::Forbidden } else { Error::NotFound });
    }
    moderation::reopen_reports(&mut tx, id, deleted_at, now).await?;
    let change = Change { status: before, before: None, deleted_at: None, moderated: None };
    put(app, &mut tx, &row, &change).await?;
    moderation::count_reports(&mut tx, id, now).await?;
    let event = Event::CommentModerated {
        author: row.user_id,
        post: post.id,
        comment: id,
        by: viewer.id,
        was: Status::Deleted.as_str().to_owned(),
        status: before.as_str().to_owned(),
    };
    events::record(app, &mut tx, event).await?;
    tx.commit().await
}
