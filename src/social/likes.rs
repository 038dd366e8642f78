//! Liking posts and keeping them for later. One like a person and post; the counter in the post's
//! row changes in the same transaction.

use super::store;
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    db::Tx,
    events::{self, Event},
    ids::{PostId, UserId},
    posts,
};

/// What became of a click on the heart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Liked {
    pub liked: bool,
    pub like_count: i64,
}

/// Likes a post, or takes the like back (R-LIKE.1).
pub async fn toggle(app: &App, viewer: &Viewer, post: PostId) -> Result<Liked> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    posts::store::lock(&mut tx, post).await?;
    let author = readable(&mut tx, viewer, post).await?;
    let liked = store::likes::insert(&mut tx, viewer.id, post, now).await?;
    let by = if liked {
        1
    } else {
        -i64::try_from(store::likes::delete(&mut tx, viewer.id, post).await?).unwrap_or(0)
    };
    let like_count = posts::store::counters::count_likes(&mut tx, post, by).await?;
    let event = if liked {
        Event::PostLiked { user: viewer.id, author, post }
    } else {
        Event::PostUnliked { user: viewer.id, author, post }
    };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Liked { liked, like_count })
}

/// Keeps a post on the reader's own list, or takes it off; says which.
pub async fn toggle_bookmark(app: &App, viewer: &Viewer, post: PostId) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    // What was kept can be taken off, even when it is not public any more.
    let kept = if store::bookmarks::delete(&mut tx, viewer.id, post).await? {
        false
    } else {
        readable(&mut tx, viewer, post).await?;
        store::bookmarks::insert(&mut tx, viewer.id, post, app.clock.now()).await?
    };
    tx.commit().await?;
    Ok(kept)
}

/// The author of a post that is public and whose author has nothing to do with a block.
async fn readable(tx: &mut Tx, viewer: &Viewer, post: PostId) -> Result<UserId> {
    let author = store::likes::author_of_public(tx, post).await?.ok_or(Error::NotFound)?;
    if store::relations::is_blocked(tx, viewer.id, author).await? {
        // Who has to see it all the same may read it, and no more.
        return Err(if viewer.sees_past_blocks() { Error::Forbidden } else { Error::NotFound });
    }
    Ok(author)
}
