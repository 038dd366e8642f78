//! Views on their way into the database: a bounded queue in memory, written many at a time.
//!
//! A request only puts its view into the queue. The writer takes what has come within a second, in
//! one transaction: rows, then the counters of their posts, in the order of the posts, so that two
//! instances never wait for each other. What is taken leaves the queue after the commit, so a
//! writer that is stopped half-way loses nothing; a process that is killed loses a second or two.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{agent::Agent, place::Place, source::Campaign, store, tally::Tally};
use crate::{
    Error, Result,
    app::App,
    events::Event,
    ids::{PostId, UserId},
    posts,
};

/// One look at a post.
#[derive(Debug, Clone)]
pub struct View {
    pub at: DateTime<Utc>,
    pub post: PostId,
    pub user: Option<UserId>,
    pub session: String,
    pub address: Option<String>,
    pub agent: Agent,
    pub place: Place,
    pub referer: Option<String>,
    pub campaign: Campaign,
}

/// How long somebody read and how far.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub at: DateTime<Utc>,
    pub post: PostId,
    pub session: String,
    pub seconds: i64,
    pub depth: f64,
    /// Milliseconds until the page stood there.
    pub load_time: Option<i64>,
    /// The page that was opened by a link, without what follows a question mark.
    pub exit_page: Option<String>,
}

/// What a member did with a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    pub at: DateTime<Utc>,
    pub post: PostId,
    pub user: UserId,
    pub kind: &'static str,
}

/// What waits in the queue.
#[derive(Debug, Clone)]
pub enum Entry {
    View(Box<View>),
    Reading(Reading),
    Converted(Converted),
}

/// Views that may wait; about 4 MB of them.
const ROOM: usize = 10_000;

/// Views written in one transaction.
const BATCH: usize = 500;

/// How long the writer gathers.
const GATHER: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Queue {
    waiting: Mutex<VecDeque<Entry>>,
    /// One writer at a time, so that a report stays behind its view.
    writing: tokio::sync::Mutex<()>,
    come: Notify,
    dropped: AtomicU64,
}

/// Puts something into the queue, and never waits: what finds no room is dropped and counted.
pub fn push(app: &App, entry: Entry) {
    let queue = app.state::<Queue>();
    let mut waiting = queue.waiting.lock();
    if waiting.len() < ROOM {
        waiting.push_back(entry);
        drop(waiting);
        queue.come.notify_one();
    } else {
        queue.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// How many views were lost, because too many came or the database refused them.
pub fn dropped(app: &App) -> u64 {
    app.state::<Queue>().dropped.load(Ordering::Relaxed)
}

/// Writes what waits, as long as the site runs.
pub async fn work(app: App) {
    let queue = app.state::<Queue>();
    let mut told = 0;
    loop {
        queue.come.notified().await;
        tokio::time::sleep(GATHER).await;
        if let Err(error) = flush(&app).await {
            tracing::warn!(error = ?error, "views cannot be written yet");
            tokio::time::sleep(GATHER).await;
            queue.come.notify_one();
        }
        let dropped = dropped(&app);
        if dropped > told {
            tracing::warn!(dropped = dropped - told, "views were dropped");
            told = dropped;
        }
    }
}

/// Writes all that waits. What the database cannot take now stays in the queue; what it refuses
/// for good is tried alone, and dropped.
pub async fn flush(app: &App) -> Result<()> {
    let queue = app.state::<Queue>();
    let _writer = queue.writing.lock().await;
    loop {
        let batch: Vec<Entry> = queue.waiting.lock().iter().take(BATCH).cloned().collect();
        if batch.is_empty() {
            return Ok(());
        }
        match write(app, &batch).await {
            Ok(()) => {}
            Err(Error::Unavailable | Error::StorageFull) => return Err(Error::Unavailable),
            Err(error) => {
                tracing::warn!(error = ?error, "views are written one by one");
                one_by_one(app, &queue, &batch).await;
            }
        }
        queue.waiting.lock().drain(..batch.len());
    }
}

async fn one_by_one(app: &App, queue: &Queue, batch: &[Entry]) {
    for entry in batch {
        if let Err(error) = write(app, std::slice::from_ref(entry)).await {
            tracing::debug!(error = ?error, "a view was dropped");
            queue.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Notes what an event says somebody did after reading (R-ANALYTICS.2). Who is not counted has no
/// view at which it could be noted.
pub fn happened(app: &App, event: &Event, at: DateTime<Utc>) {
    let (post, user, kind) = match event {
        Event::PostLiked { user, post, .. } => (*post, *user, "like"),
        Event::CommentAdded { author, post, .. } => (*post, *author, "comment"),
        _ => return,
    };
    if app.config.analytics.enabled {
        push(app, Entry::Converted(Converted { at, post, user, kind }));
    }
}

/// One transaction: rows first, then the counters, both in the order of the posts.
async fn write(app: &App, batch: &[Entry]) -> Result<()> {
    let mut ordered: Vec<&Entry> = batch.iter().collect();
    // The sort keeps what belongs to one post and reader in the order in which it came.
    ordered.sort_by_key(|entry| match entry {
        Entry::View(view) => (view.post, view.session.as_str()),
        Entry::Reading(reading) => (reading.post, reading.session.as_str()),
        // After the view of the same post, whoever's it is.
        Entry::Converted(done) => (done.post, "~"),
    });
    let url = url::Url::parse(&app.base_url()).ok();
    let own_host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
    let now = app.clock.now();
    let mut fresh = BTreeMap::<PostId, i64>::new();
    let mut tally = Tally::default();
    let mut tx = app.db.begin().await?;
    let pages = pages(batch);
    for session in pages.keys() {
        for (post, at) in store::sums::went_on(&mut tx, session, now).await? {
            tally.went_on(post, at);
        }
    }
    for entry in ordered {
        match entry {
            Entry::View(view) => {
                let alone = pages.get(view.session.as_str()) == Some(&1);
                if let Some(bounce) = store::views::insert_unique(&mut tx, view, alone).await? {
                    *fresh.entry(view.post).or_default() += 1;
                    tally.view(view, (true, bounce), own_host);
                } else if store::views::insert_repeated(&mut tx, view).await? {
                    tally.view(view, (false, false), own_host);
                }
            }
            Entry::Reading(reading) => {
                let kept = store::sums::kept(&mut tx, &reading.session, reading.post).await?;
                if let Some(kept) = kept {
                    store::sums::keep_reading(&mut tx, kept.id, reading).await?;
                    tally.reading(reading, &kept);
                }
            }
            Entry::Converted(done) => {
                if let Some(at) = store::sums::convert(&mut tx, done).await? {
                    tally.converted(done.post, at);
                }
            }
        }
    }
    for (post, number) in fresh {
        posts::store::views::count(&mut tx, post, number).await?;
    }
    tally.write(&mut tx, now).await?;
    tx.commit().await
}

/// How many pages each reader of a batch looked at in it, in the order of the readers.
fn pages(batch: &[Entry]) -> BTreeMap<&str, usize> {
    let mut pages = BTreeMap::new();
    for entry in batch {
        if let Entry::View(view) = entry {
            *pages.entry(view.session.as_str()).or_default() += 1;
        }
    }
    pages
}
