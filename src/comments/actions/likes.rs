//! Liking a comment: once a person, and the count equals the rows.

use super::hold;
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    comments::{Status, store},
    events::{self, Event},
    ids::CommentId,
};

/// How it stands after the click.
#[derive(Debug, Clone, Copy)]
pub struct Liked {
    pub is_liked: bool,
    pub count: i64,
}

/// Likes a comment or takes the like back; without `wanted`, whichever it is not now. One's own
/// words are not liked by oneself.
pub async fn like(
    app: &App,
    viewer: &Viewer,
    id: CommentId,
    wanted: Option<bool>,
) -> Result<Liked> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (post, row) = hold(&mut tx, viewer, id).await?;
    if row.status != Status::Visible || row.is_unwanted || post.is_blocked {
        return Err(Error::NotFound);
    }
    if row.user_id == viewer.id {
        return Err(Error::Forbidden);
    }
    let wanted = wanted.unwrap_or(!row.is_liked);
    let changed = if wanted {
        store::write::like(&mut tx, viewer.id, id, now).await?
    } else {
        store::write::unlike(&mut tx, viewer.id, id).await?
    };
    if !changed {
        return Ok(Liked { is_liked: wanted, count: row.like_count });
    }
    let by = if wanted { 1 } else { -1 };
    let count = store::write::count_like(&mut tx, id, by, now).await?;
    let (user, author, post, comment) = (viewer.id, row.user_id, post.id, id);
    let event = if wanted {
        Event::CommentLiked { user, author, post, comment, like_count: count }
    } else {
        Event::CommentUnliked { user, author, post, comment, like_count: count }
    };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Liked { is_liked: wanted, count })
}
