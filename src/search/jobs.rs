//! Indexing what was there before the index, or before its rules changed: a few at a time, by a
//! leased job that goes on where the last one stopped.

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{index, store};
use crate::{
    Result,
    app::App,
    jobs::{self, Job},
};

/// How many posts or people one job takes.
const BATCH: usize = 200;

/// Indexes people, then posts.
#[derive(Debug, Serialize, Deserialize)]
pub struct IndexPeople {
    pub after: i64,
}

/// Indexes posts after a number.
#[derive(Debug, Serialize, Deserialize)]
pub struct IndexPosts {
    pub after: i64,
}

/// Indexes posts anew whose writer has another name by now.
#[derive(Debug, Serialize, Deserialize)]
pub struct IndexOutdated {}

impl Job for IndexPeople {
    const KIND: &'static str = "index_people";

    async fn run(self, app: &App) -> Result<()> {
        let last = index::index_people(app, self.after, BATCH).await?;
        let mut tx = app.db.begin().await?;
        let now = app.clock.now();
        if let Some(after) = last {
            jobs::enqueue(app, &mut tx, &Self { after }, now).await?;
        }
        tx.commit().await
    }
}

impl Job for IndexPosts {
    const KIND: &'static str = "index_posts";

    async fn run(self, app: &App) -> Result<()> {
        let Some(after) = index::index_posts(app, self.after, BATCH).await? else { return Ok(()) };
        let mut tx = app.db.begin().await?;
        jobs::enqueue(app, &mut tx, &Self { after }, app.clock.now()).await?;
        tx.commit().await
    }
}

impl Job for IndexOutdated {
    const KIND: &'static str = "index_outdated_posts";

    async fn run(self, app: &App) -> Result<()> {
        if !index::index_outdated(app, BATCH).await? {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        jobs::enqueue(app, &mut tx, &self, app.clock.now()).await?;
        tx.commit().await
    }
}

/// When this process put the index of names together.
#[derive(Default)]
struct Settled(Mutex<Option<DateTime<Utc>>>);

/// Once a day, and soon after the start: puts the index of names together.
pub async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    let settled = app.state::<Settled>();
    if settled.0.lock().is_some_and(|last| now - last < TimeDelta::days(1)) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    store::settle_names(&mut tx).await?;
    tx.commit().await?;
    *settled.0.lock() = Some(now);
    Ok(())
}

/// At the start: asks for what is missing, once for all instances. What changes later is indexed in
/// the transaction of its cause, so that only an index of older rules, or none, has to be completed.
pub async fn begin(app: &App) -> Result<()> {
    let outdated = {
        let mut conn = app.db.conn().await?;
        index::is_outdated(&mut conn).await?
    };
    if outdated {
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        jobs::enqueue_once(app, &mut tx, &IndexPeople { after: 0 }, now, "index_people").await?;
        jobs::enqueue_once(app, &mut tx, &IndexPosts { after: 0 }, now, "index_posts").await?;
        tx.commit().await?;
        tracing::info!("the search index is looked through and completed");
    }
    Ok(())
}
