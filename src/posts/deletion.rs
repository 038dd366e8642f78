//! Deleting a post, having it back, and publishing one whose time has come.

use super::{Post, store, visibility};
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    events::{self, Event},
    ids::PostId,
};

/// Deletes a post; it can be had back for a while.
pub async fn delete(app: &App, viewer: &Viewer, id: PostId) -> Result<Post> {
    let mut tx = app.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let post = store::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !post.can_delete(viewer) {
        return Err(if post.is_public() { Error::Forbidden } else { Error::NotFound });
    }
    let now = app.clock.now();
    visibility::leave(app, &mut tx, &post).await?;
    if store::mark_deleted(&mut tx, id, now).await? {
        let event = Event::PostDeleted { author: post.user_id, post: id, by: viewer.id };
        events::record(app, &mut tx, event).await?;
    }
    tx.commit().await?;
    Ok(post)
}

/// Brings a deleted post back as it was.
pub async fn restore(app: &App, viewer: &Viewer, id: PostId) -> Result<Post> {
    let mut tx = app.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let post = store::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !post.can_delete(viewer) {
        return Err(Error::NotFound);
    }
    if store::unmark_deleted(&mut tx, id, app.clock.now()).await? {
        let back = store::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        visibility::enter(app, &mut tx, &back).await?;
        let event = Event::PostRestored { author: post.user_id, post: id };
        events::record(app, &mut tx, event).await?;
    }
    tx.commit().await?;
    Ok(post)
}

/// Publishes a scheduled post whose time has come: once, whoever and how many ask.
pub async fn publish_scheduled(app: &App, id: PostId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if let Some(author) = store::publish_due(&mut tx, id, app.clock.now()).await? {
        let post = store::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        visibility::enter(app, &mut tx, &post).await?;
        let event = Event::PostPublished { author, post: id, scheduled: true };
        events::record(app, &mut tx, event).await?;
    }
    tx.commit().await
}
