//! What editors put first: the newest few of these posts stand in front on the home page.

use super::store;
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    events::{self, Event},
    ids::PostId,
};

/// Puts a public post first, or takes it back; says which. For those who edit everybody's posts.
pub async fn toggle(app: &App, viewer: &Viewer, id: PostId) -> Result<bool> {
    if !viewer.can(Permission::EditAllPosts) {
        return Err(Error::Forbidden);
    }
    let mut tx = app.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let post = store::by_id(&mut tx, id).await?.filter(super::Post::is_public);
    let post = post.ok_or(Error::NotFound)?;
    let featured = store::counters::toggle_featured(&mut tx, id).await?;
    let event = Event::PostFeatured { author: post.user_id, post: id, by: viewer.id, featured };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(featured)
}
