//! Telling the moderators of a comment.

use super::hold;
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    comments::{
        Reason, Status,
        comment::note,
        store::{moderation, threads::PostRef},
    },
    events::{self, Event},
    ids::CommentId,
};

/// Reports a comment, once a person; `false` when this person had done so before.
pub async fn report(
    app: &App,
    viewer: &Viewer,
    id: CommentId,
    (reason, said): (&str, &str),
) -> Result<(PostRef, bool)> {
    let reason = Reason::from_word(reason)
        .ok_or_else(|| Error::invalid("reason", "Say what is wrong with it."))?;
    let said = note(said)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (post, row) = hold(&mut tx, viewer, id).await?;
    if row.status != Status::Visible {
        return Err(Error::NotFound);
    }
    if row.user_id == viewer.id {
        return Err(Error::Forbidden);
    }
    if !moderation::report(&mut tx, (viewer.id, id), reason, &said, now).await? {
        return Ok((post, false));
    }
    moderation::count_reports(&mut tx, id, now).await?;
    let event = Event::CommentReported { by: viewer.id, post: post.id, comment: id };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok((post, true))
}
