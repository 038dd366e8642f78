//! Numbers beside the bell that differ from the rows they count: finding and mending them.

use crate::{
    Result,
    accounts::store::counts as store,
    app::App,
    events::{self, Event},
    ids::UserId,
};

/// How many people are looked at before the next are asked for.
const BATCH: i64 = 500;

/// How many people have a wrong count.
pub async fn wrong_counts(app: &App) -> Result<i64> {
    store::wrong_unread(&mut app.db.conn().await?).await
}

/// Counts again where the count is wrong; says for how many people. Each is a transaction that
/// holds the person's row first, as all do that change notifications: the site may be running.
pub async fn recount(app: &App) -> Result<u64> {
    let (mut after, mut mended) = (UserId(0), 0);
    loop {
        let people = {
            let mut conn = app.db.conn().await?;
            store::with_wrong_unread(&mut conn, after, BATCH).await?
        };
        let Some((last,)) = people.last() else { return Ok(mended) };
        after = *last;
        for (user,) in people {
            let mut tx = app.db.begin().await?;
            store::lock(&mut tx, user).await?;
            let Some(unread) = store::recount_unread(&mut tx, user, app.clock.now()).await? else {
                continue;
            };
            events::record(app, &mut tx, Event::NotificationsChanged { user, unread }).await?;
            tx.commit().await?;
            mended += 1;
        }
    }
}
