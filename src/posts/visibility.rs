//! What changes when a post becomes public or stops being so: the counts in the rows of its
//! writer, its category and its tags, always in the transaction of the change.

use super::{Post, store};
use crate::{Result, accounts, app::App, db::Tx, ids::UserId};

/// Takes a post that was public out of the counts.
pub async fn leave(app: &App, tx: &mut Tx, post: &Post) -> Result<()> {
    if post.is_public() { count(app, tx, post, -1).await } else { Ok(()) }
}

/// Adds a post that is public now to the counts.
pub async fn enter(app: &App, tx: &mut Tx, post: &Post) -> Result<()> {
    store::tags::date(tx, post.id).await?;
    if post.is_public() { count(app, tx, post, 1).await } else { Ok(()) }
}

/// Takes all posts of somebody who leaves for good out of the counts.
pub async fn forget_author(app: &App, tx: &mut Tx, author: UserId) -> Result<()> {
    store::tags::forget_author(tx, author, app.clock.now()).await
}

async fn count(app: &App, tx: &mut Tx, post: &Post, by: i64) -> Result<()> {
    let now = app.clock.now();
    if let Some(category) = post.category_id {
        store::tags::count_category(tx, category, by, now).await?;
    }
    store::tags::count_tags(tx, post.id, by, now).await?;
    accounts::store::users::count_posts(tx, post.user_id, by, now).await
}
