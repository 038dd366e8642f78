//! Files that nobody has any more.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{actions::Shelves, store};
use crate::{Result, app::App, jobs::Job};

/// How long a file may lie without a row: its upload may still be under way.
const GRACE: TimeDelta = TimeDelta::hours(24);

/// How often the sweep goes through all files.
const EVERY: TimeDelta = TimeDelta::hours(1);

/// Removes the file of a picture that was deleted, unless somebody else has the same.
#[derive(Serialize, Deserialize)]
pub struct RemoveFile {
    pub filename: String,
}

impl Job for RemoveFile {
    const KIND: &'static str = "remove_file";

    async fn run(self, app: &App) -> Result<()> {
        let shelves = app.state::<Shelves>();
        let _shelf = shelves.0.write().await;
        let mut conn = app.db.conn().await?;
        if store::is_kept(&mut conn, &self.filename).await? {
            return Ok(());
        }
        drop(conn);
        let files = app.files.clone();
        tokio::task::spawn_blocking(move || files.remove(&self.filename)).await?
    }
}

/// When the sweep ran last.
#[derive(Default)]
struct LastSweep(Mutex<Option<DateTime<Utc>>>);

/// Sweeps, when it is time to.
pub async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    {
        let state = app.state::<LastSweep>();
        let mut last = state.0.lock();
        if last.is_some_and(|last| now - last < EVERY) {
            return Ok(());
        }
        *last = Some(now);
    }
    sweep(app).await.map(drop)
}

/// Removes files that no row speaks of: uploads that were cut off, pictures of people who are
/// gone. Says how many (V31).
pub async fn sweep(app: &App) -> Result<usize> {
    let before = app.clock.now() - GRACE;
    let files = app.files.clone();
    let shelves = tokio::task::spawn_blocking(move || {
        files.remove_leftovers(before)?;
        files.shelves()
    })
    .await??;
    let mut removed = 0;
    for shelf in shelves {
        removed += sweep_shelf(app, shelf, before).await?;
    }
    if removed > 0 {
        tracing::info!(removed, "files without a picture were removed");
    }
    Ok(removed)
}

async fn sweep_shelf(app: &App, shelf: String, before: DateTime<Utc>) -> Result<usize> {
    let files = app.files.clone();
    let folder = shelf.clone();
    let names =
        tokio::task::spawn_blocking(move || files.untouched_since(&folder, before)).await??;
    if names.is_empty() {
        return Ok(0);
    }
    let shelves = app.state::<Shelves>();
    let _shelf = shelves.0.write().await;
    let mut conn = app.db.conn().await?;
    let kept: HashSet<String> =
        store::on_shelf(&mut conn, &shelf).await?.into_iter().map(|(name,)| name).collect();
    drop(conn);
    let files = app.files.clone();
    tokio::task::spawn_blocking(move || {
        // Asked again: somebody may have stored one of them since.
        let names = files.untouched_since(&shelf, before)?;
        let orphans: Vec<_> = names.iter().filter(|name| !kept.contains(*name)).collect();
        for name in &orphans {
            files.remove(name)?;
        }
        Ok(orphans.len())
    })
    .await?
}
