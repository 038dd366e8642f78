//! What moderators decide, and take back.

use super::{hold, put};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    comments::{
        Decision, Row, Status,
        comment::note,
        store::{moderation, write::Change},
    },
    db::Tx,
    events::{self, Event},
    ids::CommentId,
};

/// Decides about a comment; `false` when it stood like that already. A decision closes the open
/// reports, and undoing it opens those again.
pub async fn moderate(
    app: &App,
    viewer: &Viewer,
    id: CommentId,
    (decision, why): (Decision, &str),
) -> Result<bool> {
    if !viewer.can(Permission::ModerateComments) {
        return Err(Error::Forbidden);
    }
    let why = note(why)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (post, row) = hold(&mut tx, viewer, id).await?;
    if row.status == Status::Deleted {
        return Err(Error::Gone);
    }
    let Some(status) = wanted(&row, decision) else { return Ok(false) };
    if decision == Decision::Undo {
        undo_reports(&mut tx, &row, now).await?;
    } else {
        moderation::close_reports(&mut tx, id, viewer.id, now).await?;
    }
    let before = (decision != Decision::Undo).then_some(row.status);
    let moderated = Some((viewer.id, now, why.as_str()));
    put(app, &mut tx, &row, &Change { status, before, deleted_at: None, moderated }).await?;
    moderation::count_reports(&mut tx, id, now).await?;
    let event = Event::CommentModerated {
        author: row.user_id,
        post: post.id,
        comment: id,
        by: viewer.id,
        was: row.status.as_str().to_owned(),
        status: status.as_str().to_owned(),
    };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(true)
}

/// What a comment is to become; `None` when nothing would change.
fn wanted(row: &Row, decision: Decision) -> Option<Status> {
    let status = match decision {
        Decision::Approve => Status::Visible,
        Decision::Hide => Status::Hidden,
        Decision::Spam => Status::Spam,
        Decision::Undo => return row.status_before.filter(|_| row.moderated_at.is_some()),
    };
    (status != row.status || row.report_count > 0).then_some(status)
}

async fn undo_reports(tx: &mut Tx, row: &Row, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    match row.moderated_at {
        Some(decided_at) => moderation::reopen_reports(tx, row.id, decided_at, now).await,
        None => Ok(()),
    }
}
