//! What concerns many people: told batch by batch. A batch and the job for the next one are one
//! transaction, so a crash loses at most the batch that was under way, and repeats none.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

pub use super::digests::SendDigests;
use super::{
    Kind, NotificationTarget, Priority, digests,
    removal::{Rows, take_away},
    store::{digests as digest_store, facts, removal as store},
    telling::{self, Note, tell, tell_all},
};
use crate::{
    Result,
    app::App,
    db::Tx,
    ids::{CommentId, PostId, UserId},
    jobs::{self, Job},
    links,
    texts::Text,
};

/// How many people one batch tells.
const BATCH: i64 = 500;

/// How long it is remembered who had which letter, and what was read is kept without an expiry.
const KEEP: TimeDelta = TimeDelta::days(365);

/// Tells everybody who follows its writer of a new post.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TellFollowers {
    pub post: PostId,
    /// The last person who was told.
    pub after: UserId,
}

impl Job for TellFollowers {
    const KIND: &'static str = "tell_followers";

    async fn run(self, app: &App) -> Result<()> {
        let mut tx = app.db.begin().await?;
        let Some((author, title, slug)) = facts::public_post(&mut tx, self.post).await? else {
            return Ok(()); // Hidden or deleted meanwhile.
        };
        let Some(actor) = telling::actor(&mut tx, author).await? else { return Ok(()) };
        let people = facts::followers(&mut tx, author, self.after, BATCH).await?;
        let target = NotificationTarget::Post(self.post);
        let notes = people.iter().map(|(user,)| {
            let mut note = Note::new(*user, Kind::Post, target, format!("post:{}", self.post));
            note.actor = Some(author);
            note.title = telling::title(app, Kind::Post, target, &actor, &title);
            note.path = Some(links::post(&slug));
            note.source = "post_published";
            note
        });
        tell_all(app, &mut tx, notes.collect()).await?;
        if let Some((last,)) = people.last().filter(|_| is_full(&people)) {
            let next = Self { after: *last, ..self.clone() };
            let key = format!("tell_followers:{}:{last}", self.post);
            jobs::enqueue_once(app, &mut tx, &next, app.clock.now(), &key).await?;
        }
        tx.commit().await
    }
}

/// Tells everybody something on behalf of the site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Broadcast {
    pub batch_id: String,
    pub title: String,
    pub message: String,
    pub path: Option<String>,
    pub priority: Priority,
    pub after: UserId,
}

impl Job for Broadcast {
    const KIND: &'static str = "broadcast";

    async fn run(self, app: &App) -> Result<()> {
        let mut tx = app.db.begin().await?;
        let people = facts::everybody(&mut tx, self.after, BATCH).await?;
        let notes = people.iter().map(|(user,)| {
            let key = format!("system:{}", self.batch_id);
            let mut note = Note::new(*user, Kind::System, NotificationTarget::Nothing, key);
            note.title.clone_from(&self.title);
            note.message.clone_from(&self.message);
            note.path.clone_from(&self.path);
            note.priority = self.priority;
            note.batch_id = Some(self.batch_id.clone());
            note.source = "broadcast";
            note
        });
        tell_all(app, &mut tx, notes.collect()).await?;
        if let Some((last,)) = people.last().filter(|_| is_full(&people)) {
            let key = format!("broadcast:{}:{last}", self.batch_id);
            let next = Self { after: *last, ..self.clone() };
            jobs::enqueue_once(app, &mut tx, &next, app.clock.now(), &key).await?;
        }
        tx.commit().await
    }
}

/// Tells those who reported a comment what became of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TellReporters {
    pub comment: CommentId,
    pub stays: bool,
    /// Whether it was deleted while their reports were open; nobody decided about them then.
    #[serde(default)]
    pub is_deleted: bool,
    pub after: UserId,
}

impl TellReporters {
    /// Queues the job, if anybody reported the comment.
    pub async fn queue(app: &App, tx: &mut Tx, comment: CommentId, stays: bool) -> Result<()> {
        let job = Self { comment, stays, is_deleted: false, after: UserId(0) };
        if job.people(tx, 1).await?.is_empty() {
            return Ok(());
        }
        jobs::enqueue(app, tx, &job, app.clock.now()).await
    }

    /// Queues the job after a deletion, if it closed anybody's report.
    pub async fn queue_deleted(app: &App, tx: &mut Tx, comment: CommentId) -> Result<()> {
        let job = Self { comment, stays: false, is_deleted: true, after: UserId(0) };
        if job.people(tx, 1).await?.is_empty() {
            return Ok(());
        }
        jobs::enqueue(app, tx, &job, app.clock.now()).await
    }

    async fn people(&self, tx: &mut Tx, limit: i64) -> Result<Vec<(UserId,)>> {
        if self.is_deleted {
            facts::reporters_until_deleted(tx, self.comment, self.after, limit).await
        } else {
            facts::reporters(tx, self.comment, self.after, limit).await
        }
    }

    /// What one of them is told.
    fn note(&self, app: &App, to: UserId, facts: &facts::CommentFacts) -> Note {
        // At the post: the comment may go, and what was decided is still worth knowing.
        let target = NotificationTarget::Post(facts.post);
        let key = format!("moderation:report:{}", self.comment);
        let mut note = Note::new(to, Kind::Moderation, target, key);
        let id = if self.is_deleted { "told-report-deleted" } else { "told-report-decided" };
        let text = Text::new(app, id).with("post", &facts.title);
        note.title = text.whole();
        note.message = text.part(match (self.is_deleted, self.stays) {
            (true, _) => "closed",
            (false, true) => "stays",
            (false, false) => "gone",
        });
        if self.is_deleted {
            // It may be brought back and decided about: each is told once.
            note.unique_key.push_str(":deleted");
            note.group_key.clone_from(&note.unique_key);
        }
        // What is deleted has no address.
        note.path = (!self.is_deleted).then(|| links::comment(self.comment));
        note.source = "comment_moderated";
        note
    }
}

impl Job for TellReporters {
    const KIND: &'static str = "tell_reporters";

    async fn run(self, app: &App) -> Result<()> {
        let mut tx = app.db.begin().await?;
        let Some(facts) = facts::comment(&mut tx, self.comment).await? else { return Ok(()) };
        let people = self.people(&mut tx, BATCH).await?;
        for (user,) in &people {
            tell(app, &mut tx, &self.note(app, *user, &facts)).await?;
        }
        if let Some((last,)) = people.last().filter(|_| is_full(&people)) {
            let next = Self { after: *last, ..self };
            jobs::enqueue(app, &mut tx, &next, app.clock.now()).await?;
        }
        tx.commit().await
    }
}

/// Takes away what is told of a post that readers see no more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ForgetPost {
    pub post: PostId,
    /// Whether what moderators decided of it stays.
    pub keep_decisions: bool,
}

impl Job for ForgetPost {
    const KIND: &'static str = "forget_post";

    async fn run(self, app: &App) -> Result<()> {
        let but = self.keep_decisions.then_some(Kind::Moderation);
        loop {
            let mut tx = app.db.begin().await?;
            if facts::public_post(&mut tx, self.post).await?.is_some() {
                return Ok(()); // It is back.
            }
            let going = store::of_post(&mut tx, self.post, but).await?;
            let was_last = going.len() < store::BATCH;
            take_away(app, &mut tx, going, Rows::Kept).await?;
            tx.commit().await?;
            if was_last {
                return Ok(());
            }
        }
    }
}

fn is_full<T>(people: &[T]) -> bool {
    i64::try_from(people.len()).unwrap_or(BATCH) >= BATCH
}

/// When each regular duty ran last.
#[derive(Default)]
struct LastRun(Mutex<BTreeMap<&'static str, DateTime<Utc>>>);

fn is_time(app: &App, duty: &'static str, every: TimeDelta) -> bool {
    let now = app.clock.now();
    let state = app.state::<LastRun>();
    let mut last = state.0.lock();
    if last.get(duty).is_some_and(|last| now - *last < every) {
        return false;
    }
    last.insert(duty, now);
    true
}

/// What is looked after while the site runs: letters that are due, notifications that expired.
pub async fn tick(app: &App) -> Result<()> {
    digests::tick(app).await?;
    clean_up(app).await?;
    if is_time(app, "letters", TimeDelta::hours(1)) {
        let mut tx = app.db.begin().await?;
        digest_store::forget(&mut tx, app.clock.now() - KEEP).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Deletes what expired, and what was read long ago; says how many (R-NOTIF.7). A few batches at
/// most, the rest follows with the next tick.
pub async fn clean_up(app: &App) -> Result<usize> {
    const BATCHES: usize = 10;
    let now = app.clock.now();
    let mut removed = 0;
    for _ in 0..BATCHES {
        let going = {
            let mut conn = app.db.conn().await?;
            store::expired(&mut conn, now, now - KEEP).await?
        };
        if going.is_empty() {
            break;
        }
        removed += going.len();
        let mut tx = app.db.begin().await?;
        take_away(app, &mut tx, going, Rows::Deleted).await?;
        tx.commit().await?;
    }
    Ok(removed)
}
