//! Work on comments that nobody waits for.

use chrono::{DateTime, TimeDelta};

use super::store::write as store;
use crate::{Result, app::App, ids::CommentId, posts};

/// Removes deleted comments whose time to be had back is over, and forgets the marks of old forms.
pub async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    let before = now - app.config.comments.undo.delta();
    let expired = store::expired(&mut app.db.conn().await?, before).await?;
    for (comment, post) in expired {
        let mut tx = app.db.begin().await?;
        posts::store::lock(&mut tx, post).await?;
        purge(app, &mut tx, comment).await?;
        tx.commit().await?;
    }
    let day_ago = now - TimeDelta::days(1);
    if !store::has_old_marks(&mut app.db.conn().await?, day_ago).await? {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    store::forget_marks(&mut tx, day_ago).await?;
    tx.commit().await
}

/// Removes one, or leaves its empty place where it has answers.
async fn purge(app: &App, tx: &mut crate::db::Tx, comment: CommentId) -> Result<()> {
    match store::remove(tx, comment).await? {
        // What it answered may be an empty place that nothing hangs on any more.
        Some(Some(parent)) => store::look_again(tx, parent, DateTime::UNIX_EPOCH).await,
        Some(None) => Ok(()),
        None => store::empty(tx, comment, app.clock.now()).await,
    }
}
