//! Counts of comments that differ from the rows they count: finding and mending them.

use super::store::repair as store;
use crate::{Result, app::App};

/// How many comments have a wrong count.
pub async fn wrong_counts(app: &App) -> Result<i64> {
    store::wrong(&mut app.db.conn().await?).await
}

/// Counts everything again; says how many comments were wrong.
pub async fn recount(app: &App) -> Result<u64> {
    let mut tx = app.db.begin().await?;
    let mended = store::recount(&mut tx, app.clock.now()).await?;
    tx.commit().await?;
    Ok(mended)
}
