//! Deleting a comment, and having it back.

use super::{hold, put};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    comments::{
        Row, Status,
        comment::Reader,
        store::{threads::PostRef, write::Change},
    },
    events::{self, Event},
    ids::CommentId,
};

/// Deletes a comment. Where it has answers its place stays; it can be had back for a while.
pub async fn delete(app: &App, viewer: &Viewer, id: CommentId) -> Result<(PostRef, Row)> {
    let mut tx = app.db.begin().await?;
    let (post, row) = hold(&mut tx, viewer, id).await?;
    if row.status == Status::Deleted {
        // The second click: it is deleted, as was asked.
        let knows = row.user_id == viewer.id || viewer.can(Permission::DeleteAllComments);
        return if knows { Ok((post, row)) } else { Err(Error::NotFound) };
    }
    if !row.can_delete(viewer, post.user_id) {
        let sees = Reader::of(Some(viewer)).sees(&row);
        return Err(if sees { Error::Forbidden } else { Error::NotFound });
    }
    let change = Change {
        status: Status::Deleted,
        before: Some(row.status),
        deleted_at: Some(app.clock.now()),
        moderated: None,
    };
    put(app, &mut tx, &row, &change).await?;
    let event =
        Event::CommentRemoved { author: row.user_id, post: post.id, comment: id, by: viewer.id };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok((post, row))
}

/// Brings a deleted comment back as it was: its writer, and who deletes everybody's comments.
pub async fn restore(app: &App, viewer: &Viewer, id: CommentId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (post, row) = hold(&mut tx, viewer, id).await?;
    let own = row.user_id == viewer.id && viewer.can(Permission::DeleteOwnComments);
    if !own && !viewer.can(Permission::DeleteAllComments) {
        return Err(Error::NotFound);
    }
    let Some(before) = row.status_before.filter(|_| row.status == Status::Deleted) else {
        return if row.status == Status::Deleted { Err(Error::Gone) } else { Ok(()) };
    };
    let change = Change { status: before, before: None, deleted_at: None, moderated: None };
    put(app, &mut tx, &row, &change).await?;
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
