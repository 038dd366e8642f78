//! Counts that differ from the rows they count: finding and mending them.

use super::store::{repair as store, views};
use crate::{Result, accounts::store::users, app::App};

/// How many categories, tags, posts and people have a wrong count.
pub async fn wrong_counts(app: &App) -> Result<i64> {
    let mut conn = app.db.conn().await?;
    Ok(store::wrong_counts(&mut conn).await?
        + store::wrong_posts(&mut conn).await?
        + views::too_few(&mut conn).await?
        + users::wrong_counts(&mut conn).await?)
}

/// Counts everything again; says how many rows were wrong.
pub async fn recount(app: &App) -> Result<u64> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let mended = store::recount_categories(&mut tx, now).await?
        + store::recount_tags(&mut tx, now).await?
        + store::recount_posts(&mut tx, now).await?
        + views::raise(&mut tx, now).await?
        + users::recount_posts(&mut tx, now).await?;
    tx.commit().await?;
    Ok(mended)
}
