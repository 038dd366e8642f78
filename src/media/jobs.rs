//! The sizes in which pictures are shown, and files that nobody has any more.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::{
    actions::Shelves,
    decoder::Work,
    store,
    workshop::{self, Piece},
};
use crate::{Result, app::App, ids::MediaId, jobs::Job, storage};

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
        remove(app, &self.filename).await
    }
}

/// The same for the files of somebody who is gone.
#[derive(Serialize, Deserialize)]
pub struct RemoveFiles {
    pub filenames: Vec<String>,
}

impl Job for RemoveFiles {
    const KIND: &'static str = "remove_files";

    async fn run(self, app: &App) -> Result<()> {
        for filename in &self.filenames {
            remove(app, filename).await?;
        }
        Ok(())
    }
}

async fn remove(app: &App, filename: &str) -> Result<()> {
    let shelves = app.state::<Shelves>();
    let _shelf = shelves.0.write().await;
    let mut conn = app.db.conn().await?;
    if store::is_kept(&mut conn, filename).await? {
        return Ok(());
    }
    let variants = store::variants(&mut conn, filename).await?;
    drop(conn);
    for (name,) in variants {
        app.files.remove(&name).await?;
    }
    let mut tx = app.db.begin().await?;
    store::forget_variants(&mut tx, filename).await?;
    tx.commit().await?;
    take_away(app, filename).await.map(drop)
}

/// Removes the file of a picture; `false` when it is back. The lock of [`Shelves`] holds in one
/// process: on another instance somebody may have found the file, not stored it again, and written
/// their row before it was gone.
async fn take_away(app: &App, filename: &str) -> Result<bool> {
    let bytes = app.files.get(filename).await?;
    app.files.remove(filename).await?;
    let mut conn = app.db.conn().await?;
    match bytes {
        Some(bytes) if store::is_kept(&mut conn, filename).await? => {
            app.files.put_named(filename, bytes).await?;
            Ok(false)
        }
        _ => Ok(true),
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
    tokio::task::spawn_blocking(move || files.remove_leftovers(before)).await??;
    let shelves = app.files.shelves().await?;
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
    if app.files.untouched_since(&shelf, before).await?.is_empty() {
        return Ok(0);
    }
    let shelves = app.state::<Shelves>();
    let _shelf = shelves.0.write().await;
    let mut tx = app.db.begin().await?;
    store::forget_orphans(&mut tx, &shelf).await?;
    let kept: HashSet<String> = store::on_shelf(&mut tx, &shelf)
        .await?
        .into_iter()
        .filter_map(|(name,)| Some(name.split_once('.')?.0.to_owned()))
        .collect();
    tx.commit().await?;
    // Asked again: somebody may have stored one of them since.
    let mut removed = 0;
    let parts_before = before - GRACE;
    let old_parts: HashSet<String> =
        app.files.untouched_since(&shelf, parts_before).await?.into_iter().collect();
    for name in app.files.untouched_since(&shelf, before).await? {
        // Parts of an export are fetched for a day, and then removed by whoever made them; what
        // is left of those that were broken off goes a day later.
        if name.ends_with(storage::PART) && !old_parts.contains(&name) {
            continue;
        }
        // A variant is kept as long as its picture is.
        if name.get(..40).is_some_and(|hash| kept.contains(hash)) {
            continue;
        }
        let is_picture = name.as_bytes().get(40) == Some(&b'.') && !name.ends_with(storage::PART);
        if !is_picture {
            app.files.remove(&name).await?;
            removed += 1;
        } else if take_away(app, &name).await? {
            removed += 1;
        }
    }
    Ok(removed)
}

/// Grows when variants are made in another way; those of before are then made again.
const RECIPE: i64 = 1;

/// Told when a picture came in whose variants are to be made.
#[derive(Default)]
pub(super) struct Waiting(pub Notify);

/// Makes variants as pictures come in, as long as the site runs. One after the other, and beside
/// the other jobs, so that a hundred photographs hold up no mail.
pub async fn work(app: App) {
    const PAUSE: Duration = Duration::from_secs(15);
    let waiting = app.state::<Waiting>();
    let mut after = MediaId(0);
    loop {
        match make_next(&app, after).await {
            Ok(Some(_)) => continue,
            // Those that could not be made are tried again after the pause.
            Ok(None) => after = MediaId(0),
            Err((at, error)) => {
                tracing::warn!(error = ?error, media = at.0, "variants could not be made");
                if at > after {
                    after = at;
                    continue;
                }
            }
        }
        tokio::select! {
            () = waiting.0.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Makes the variants of one picture; `None` when all are made.
pub async fn make_next(
    app: &App,
    after: MediaId,
) -> std::result::Result<Option<MediaId>, (MediaId, crate::Error)> {
    let next = async {
        let mut conn = app.db.conn().await?;
        store::without_variants(&mut conn, RECIPE, after).await
    };
    let Some((id, filename)) = next.await.map_err(|error| (after, error))? else {
        return Ok(None);
    };
    make(app, &filename).await.map_err(|error| (id, error))?;
    Ok(Some(id))
}

async fn make(app: &App, filename: &str) -> Result<()> {
    let made = match app.files.get(filename).await? {
        Some(bytes) => variants(app, bytes).await?,
        None => {
            tracing::warn!(filename, "the file of a picture is missing");
            Vec::new()
        }
    };
    // Not before: nobody who removes or uploads should wait for a decoder.
    let shelves = app.state::<Shelves>();
    let _shelf = shelves.0.read().await;
    if !store::is_kept(&mut app.db.conn().await?, filename).await? {
        return Ok(());
    }
    let hash = filename.split('.').next().unwrap_or_default();
    let mut rows = Vec::with_capacity(made.len());
    for variant in made {
        let name = format!("{hash}-{}.{}", variant.width, variant.kind.extension());
        let (width, height, mime) = (variant.width, variant.height, variant.kind.mime());
        let size = i64::try_from(variant.bytes.len()).unwrap_or(i64::MAX);
        let content = storage::hash(&variant.bytes);
        app.files.put_named(&name, variant.bytes.into()).await?;
        rows.push((name, mime, width, height, size, content));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::forget_variants(&mut tx, filename).await?;
    for (name, mime, width, height, size_bytes, hash) in &rows {
        let shown = store::Shown {
            name,
            mime,
            width: *width,
            height: *height,
            size_bytes: *size_bytes,
            hash,
        };
        store::add_variant(&mut tx, filename, &shown, now).await?;
    }
    store::set_variants(&mut tx, filename, RECIPE, now).await?;
    tx.commit().await
}

async fn variants(app: &App, bytes: bytes::Bytes) -> Result<Vec<pictures::Picture>> {
    let limits = pictures::Limits {
        max_bytes: usize::MAX,
        max_alloc: app.config.media.decode_memory.0 as u64,
        ..pictures::Limits::default()
    };
    let cost = pictures::cost(&bytes, &limits).unwrap_or(limits.max_alloc);
    let piece = Piece { work: Work::Variants, bytes, limits };
    let made = workshop::later(app, cost, piece).await?;
    Ok(made.unwrap_or_else(|refused| {
        // It stays as it is, in one size.
        tracing::warn!(refused = %refused, "a picture has no variants");
        Vec::new()
    }))
}
