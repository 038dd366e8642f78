//! Jobs: work that happens after the answer, queued in the transaction that asks for it.
//!
//! Owns: `job`. A worker leases a job; when the process dies the lease ends and another worker
//! takes it, so a job may run twice and must not mind.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;

use crate::{
    Error, Result,
    app::App,
    db::{Tx, read, record, write},
    ids::JobId,
    rooms,
};

/// A piece of work that may be done twice without harm.
pub trait Job: Serialize + DeserializeOwned + Send {
    const KIND: &'static str;

    fn run(self, app: &App) -> impl Future<Output = Result<()>> + Send;
}

/// How often a job is tried before it is put aside.
const TRIES: i64 = 8;

/// How long a worker keeps a job to itself, and after what part of that it says that it is still
/// at it.
const LEASE: TimeDelta = TimeDelta::minutes(5);
const RENEWAL: Duration = Duration::from_mins(2);

/// Which jobs a worker takes. An instance has one of each, so that what takes minutes, like the
/// archive of a large account, never holds up what somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    Any,
    Quick,
}

/// Queues a job for a time.
pub async fn enqueue<J: Job>(app: &App, tx: &mut Tx, job: &J, at: DateTime<Utc>) -> Result<()> {
    insert(app, tx, job, at, None).await
}

/// The same, unless a job with this key already waits.
pub async fn enqueue_once<J: Job>(
    app: &App,
    tx: &mut Tx,
    job: &J,
    at: DateTime<Utc>,
    key: &str,
) -> Result<()> {
    insert(app, tx, job, at, Some(key)).await
}

async fn insert<J: Job>(
    app: &App,
    tx: &mut Tx,
    job: &J,
    at: DateTime<Utc>,
    key: Option<&str>,
) -> Result<()> {
    write(
        "insert into job (created_at, updated_at, kind, payload, run_at, unique_key)
         values ($1, $1, $2, $3, $4, $5) on conflict (unique_key) do nothing",
    )
    .bind(app.clock.now())
    .bind(J::KIND)
    .bind(serde_json::to_string(job)?)
    .bind(at)
    .bind(key)
    .run(tx)
    .await?;
    let app = app.clone();
    tx.after_commit(move || app.work.notify_waiters());
    Ok(())
}

/// Runs one job from its row.
pub async fn run<J: Job>(app: &App, payload: &str) -> Result<()> {
    serde_json::from_str::<J>(payload)?.run(app).await
}

record! {
    struct Leased {
        id: JobId,
        kind: String,
        payload: String,
        tries: i64,
    }
}

/// Runs the oldest job that is due and that this worker takes, if there is one.
pub async fn run_next(app: &App, worker: Worker) -> Result<bool> {
    let now = app.clock.now();
    let [slow, slower, slowest] = rooms::SLOW_JOBS;
    let mut conn = app.db.conn().await?;
    // Asked first, so that who has nothing to do writes nothing.
    let due = read(
        "select id from job
          where failed_at is null and run_at <= $1
            and (leased_until is null or leased_until < $1)
            and ($2 or kind not in ($3, $4, $5))
          limit 1",
    )
    .bind(now)
    .bind(worker == Worker::Any)
    .bind(slow)
    .bind(slower)
    .bind(slowest)
    .optional::<(JobId,)>(&mut conn)
    .await?;
    drop(conn);
    if due.is_none() {
        return Ok(false);
    }
    let Some(job) = lease(app, worker, now).await? else { return Ok(false) };
    let outcome = tokio::select! {
        outcome = rooms::run_job(app, &job.kind, &job.payload) => outcome,
        () = keep(app, job.id) => return Ok(true),
    };
    let mut tx = app.db.begin().await?;
    match outcome {
        Ok(()) => {
            write("delete from job where id = $1").bind(job.id).run(&mut tx).await?;
        }
        Err(error) => put_back(app, &mut tx, &job, &error).await?,
    }
    tx.commit().await?;
    Ok(true)
}

/// Keeps a job that takes longer than its lease from being taken by somebody else. Ends only when
/// somebody has: then this worker is not the one to say what came of it.
async fn keep(app: &App, job: JobId) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        match renew(app, job).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(job = job.0, error = ?error, "a lease was not renewed"),
        }
    }
}

async fn renew(app: &App, job: JobId) -> Result<bool> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let rows = write(
        "update job set leased_until = $2, updated_at = $1 where id = $3 and leased_until >= $1",
    )
    .bind(now)
    .bind(now + LEASE)
    .bind(job)
    .run(&mut tx)
    .await?;
    tx.commit().await?;
    Ok(rows > 0)
}

async fn lease(app: &App, worker: Worker, now: DateTime<Utc>) -> Result<Option<Leased>> {
    let [slow, slower, slowest] = rooms::SLOW_JOBS;
    let mut tx = app.db.begin().await?;
    let job: Option<Leased> = write(
        "update job set leased_until = $2, tries = tries + 1, updated_at = $1
          where id = (select id from job
                       where failed_at is null and run_at <= $1
                         and (leased_until is null or leased_until < $1)
                         and ($3 or kind not in ($4, $5, $6))
                       order by run_at, id limit 1)
            and (leased_until is null or leased_until < $1)
         returning id, kind, payload, tries",
    )
    .bind(now)
    .bind(now + LEASE)
    .bind(worker == Worker::Any)
    .bind(slow)
    .bind(slower)
    .bind(slowest)
    .optional(&mut tx)
    .await?;
    tx.commit().await?;
    Ok(job)
}

/// Tries again later, or puts the job aside for a person to look at.
async fn put_back(app: &App, tx: &mut Tx, job: &Leased, error: &Error) -> Result<()> {
    let now = app.clock.now();
    let failed = job.tries >= TRIES || matches!(error, Error::NotFound | Error::Invalid(_));
    if failed {
        tracing::error!(job = job.id.0, kind = job.kind, error = ?error, "a job failed for good");
    } else {
        tracing::warn!(job = job.id.0, kind = job.kind, error = ?error, "a job failed, and is tried again");
    }
    let seconds = 2_i64.saturating_pow(u32::try_from(job.tries).unwrap_or(20).min(12)) * 5;
    write(
        "update job set leased_until = null, run_at = $2, failed_at = $3, last_error = $4,
                updated_at = $1
          where id = $5",
    )
    .bind(now)
    .bind(now + TimeDelta::seconds(seconds))
    .bind(failed.then_some(now))
    .bind(format!("{error:#}"))
    .bind(job.id)
    .run(tx)
    .await?;
    Ok(())
}

/// How many jobs were put aside.
pub async fn failed(app: &App) -> Result<i64> {
    let mut conn = app.db.conn().await?;
    read("select count(*) from job where failed_at is not null").value(&mut conn).await
}

/// Works until the process is told to stop: jobs as they come due. One that is under way then is
/// brought to its end.
pub async fn work(app: App, worker: Worker, mut stopped: watch::Receiver<bool>) {
    const PAUSE: Duration = Duration::from_secs(1);
    while !*stopped.borrow() {
        let woken = app.work.notified();
        match run_next(&app, worker).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(error = ?error, "the queue cannot be read"),
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    }
}

#[cfg(test)]
mod tests;
