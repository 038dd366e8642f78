//! What becomes of comments when somebody leaves for good.

use super::store::people as store;
use crate::{Result, app::App, db::Tx, ids::UserId, posts};

/// Takes what a person said and liked out of the counts, before their rows go with the account.
/// What others answered stays, below empty places; the rest goes.
pub async fn forget_person(app: &App, tx: &mut Tx, user: UserId) -> Result<()> {
    let now = app.clock.now();
    posts::store::comments::uncount_person(tx, user).await?;
    store::uncount_likes(tx, user, now).await?;
    store::uncount_replies(tx, user, now).await?;
    store::strip_answered(tx, user).await?;
    store::empty_answered(tx, user, now).await
}
