//! SQLite, called in place: many readers, one writer with grouped commits.
//!
//! A statement on a page takes microseconds, a hop to another thread and back about a hundred
//! (`docs/decisions/0001-sqlite-in-place.md`), so statements run where they are asked. What waits
//! for the disk, the commit, runs on the blocking pool.
//!
//! Grouped commits: each transaction is a savepoint inside one outer transaction. Who finishes
//! asks, once for all, for a commit; that request queues behind the writers that already wait, so
//! they join the group, and everyone is answered after the one `fsync`.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Settings, Synchronous, guarded::Guarded};
use crate::error::{Error, Result};

pub struct Sqlite {
    path: PathBuf,
    settings: Settings,
    idle: Arc<Mutex<Vec<Guarded>>>,
    permits: Arc<Semaphore>,
    writer: Arc<tokio::sync::Mutex<Writer>>,
    broken: Arc<AtomicBool>,
}

struct Writer {
    guarded: Guarded,
    /// Whether the outer transaction has begun.
    open: bool,
    /// Whether somebody already queues for the commit.
    commit_asked: bool,
    /// Who waits for the commit.
    waiting: Vec<oneshot::Sender<std::result::Result<(), Failure>>>,
}

#[derive(Clone, Copy)]
enum Failure {
    DiskFull,
    Other,
}

impl Sqlite {
    pub fn open(path: &Path, settings: &Settings) -> Result<Self> {
        let conn = Connection::open(path)?;
        // Another process may be switching the journal at this very moment.
        conn.busy_timeout(Duration::from_secs(10))?;
        conn.pragma_update(None, "journal_mode", "wal")?;
        conn.busy_timeout(Duration::ZERO)?;
        conn.pragma_update(
            None,
            "synchronous",
            match settings.synchronous {
                Synchronous::Full => "full",
                Synchronous::Normal => "normal",
                Synchronous::Off => "off",
            },
        )?;
        let writer = Writer {
            guarded: Guarded::new(conn, settings.statement_timeout.max(Duration::from_mins(1)))?,
            open: false,
            commit_asked: false,
            waiting: Vec::new(),
        };
        Ok(Self {
            path: path.to_owned(),
            settings: settings.clone(),
            idle: Arc::default(),
            permits: Arc::new(Semaphore::new(settings.connections.max(2))),
            writer: Arc::new(tokio::sync::Mutex::new(writer)),
            broken: Arc::default(),
        })
    }

    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    pub fn pool_status(&self) -> (usize, usize) {
        let used = self.settings.connections.max(2) - self.permits.available_permits();
        (self.idle.lock().len() + used, used)
    }

    pub async fn reader(&self) -> Result<Reader> {
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => tokio::time::timeout(
                self.settings.acquire_timeout,
                Arc::clone(&self.permits).acquire_owned(),
            )
            .await
            .map_err(|_| Error::Unavailable)?
            .map_err(|_| Error::Unavailable)?,
        };
        let idle = self.idle.lock().pop();
        let guarded = match idle {
            Some(guarded) => guarded,
            None => {
                let conn = Connection::open(&self.path)?;
                conn.busy_timeout(Duration::from_secs(1))?;
                conn.pragma_update(None, "query_only", true)?;
                Guarded::new(conn, self.settings.statement_timeout)?
            }
        };
        let limit = self.settings.statement_timeout;
        let idle = Arc::clone(&self.idle);
        Ok(Reader { guarded: Some(guarded), limit, is_held: false, idle, _permit: permit })
    }

    pub async fn begin(&self) -> Result<WriteTx> {
        let lock = Arc::clone(&self.writer).lock_owned();
        let guard = tokio::time::timeout(self.settings.acquire_timeout.max(MIN_WRITER_WAIT), lock)
            .await
            .map_err(|_| Error::Unavailable)?;
        let mut tx = WriteTx {
            guard: Some(guard),
            writer: Arc::clone(&self.writer),
            broken: Arc::clone(&self.broken),
            savepoint: false,
        };
        tx.open().await?;
        Ok(tx)
    }
}

/// Writers wait for each other's commits, so they are more patient than readers.
const MIN_WRITER_WAIT: Duration = Duration::from_secs(5);

/// A reader's connection; it goes back to the others when dropped.
pub struct Reader {
    guarded: Option<Guarded>,
    /// The limit that the next who borrows the connection finds.
    limit: Duration,
    /// Whether all statements belong to one transaction.
    is_held: bool,
    idle: Arc<Mutex<Vec<Guarded>>>,
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    /// The same with a limit of its own for each statement.
    pub fn within(mut self, limit: Duration) -> Self {
        if let Some(guarded) = &mut self.guarded {
            guarded.limit = limit.min(self.limit);
        }
        self
    }

    /// The same with one state of the file for all statements, and one lock.
    pub fn held(mut self) -> Result<Self> {
        self.conn()?.run("begin", &[])?;
        self.is_held = true;
        Ok(self)
    }

    pub fn conn(&self) -> Result<&Guarded> {
        self.guarded.as_ref().ok_or(Error::Unavailable)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(mut guarded) = self.guarded.take() {
            guarded.limit = self.limit;
            if self.is_held
                && let Err(error) = guarded.run("commit", &[])
            {
                // The connection is closed instead of being lent again.
                tracing::error!(error = %error, "a transaction that only read did not end");
                return;
            }
            self.idle.lock().push(guarded);
        }
    }
}

/// One transaction among those of a group.
pub struct WriteTx {
    guard: Option<OwnedMutexGuard<Writer>>,
    writer: Arc<tokio::sync::Mutex<Writer>>,
    broken: Arc<AtomicBool>,
    savepoint: bool,
}

impl WriteTx {
    pub fn conn(&self) -> Result<&Guarded> {
        self.guard.as_ref().map(|writer| &writer.guarded).ok_or(Error::Unavailable)
    }

    /// Begins the outer transaction if need be, waiting for other processes, and the savepoint.
    async fn open(&mut self) -> Result<()> {
        let writer = self.guard.as_mut().ok_or(Error::Unavailable)?;
        if writer.open && writer.guarded.conn.is_autocommit() {
            writer.commit(&self.broken); // SQLite gave the group up: tell those who wait for it.
        }
        let mut pause = Duration::from_millis(1);
        let give_up = Instant::now() + MIN_WRITER_WAIT;
        while !writer.open {
            match writer.guarded.start().execute_batch("begin immediate") {
                Ok(()) => writer.open = true,
                Err(error)
                    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                        && Instant::now() < give_up =>
                {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(50));
                }
                Err(error) => return Err(error.into()),
            }
        }
        writer.guarded.start().execute_batch("savepoint one")?;
        self.savepoint = true;
        Ok(())
    }

    /// Ends the savepoint and waits until the group it belongs to is on the disk.
    pub async fn commit(&mut self) -> Result<()> {
        let Some(mut guard) = self.guard.take() else { return Err(Error::Unavailable) };
        if let Err(error) = guard.guarded.start().execute_batch("release one") {
            self.guard = Some(guard);
            return Err(error.into());
        }
        self.savepoint = false;
        let (sender, receiver) = oneshot::channel();
        guard.waiting.push(sender);
        self.ask_for_commit(guard);
        match receiver.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Failure::DiskFull)) => Err(Error::StorageFull),
            Ok(Err(Failure::Other)) | Err(_) => {
                Err(anyhow::anyhow!("the commit did not reach the disk").into())
            }
        }
    }

    /// Lets the next writer in, and has the group committed after those who wait already.
    #[expect(clippy::disallowed_methods, reason = "if the process dies here, nobody was answered")]
    fn ask_for_commit(&self, mut guard: OwnedMutexGuard<Writer>) {
        if std::mem::replace(&mut guard.commit_asked, true) {
            return;
        }
        drop(guard);
        let writer = Arc::clone(&self.writer);
        let broken = Arc::clone(&self.broken);
        tokio::spawn(async move {
            let mut guard = writer.lock_owned().await;
            let done = tokio::task::spawn_blocking(move || guard.commit(&broken)).await;
            if let Err(error) = done {
                tracing::error!(error = %error, "the commit was cut off");
            }
        });
    }
}

impl Writer {
    /// Commits the group and answers everyone in it.
    fn commit(&mut self, broken: &AtomicBool) {
        self.commit_asked = false;
        let result = if self.guarded.conn.is_autocommit() && !self.waiting.is_empty() {
            Err(Failure::Other) // SQLite gave the transaction up by itself: disk full, I/O error.
        } else {
            self.commit_now(broken)
        };
        self.open = false;
        for waiting in self.waiting.drain(..) {
            if waiting.send(result).is_err() {
                // Who asked has gone away; what was written stays written.
            }
        }
    }

    fn commit_now(&mut self, broken: &AtomicBool) -> std::result::Result<(), Failure> {
        if !self.open {
            return Ok(());
        }
        let Err(error) = self.guarded.start().execute_batch("commit") else {
            broken.store(false, Ordering::Relaxed);
            return Ok(());
        };
        tracing::error!(error = %error, "a commit failed");
        let full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
        // After a failed write to the disk nothing is certain until one has succeeded again.
        broken.store(!full, Ordering::Relaxed);
        if !self.guarded.conn.is_autocommit()
            && let Err(error) = self.guarded.start().execute_batch("rollback")
        {
            tracing::error!(error = %error, "a rollback failed");
        }
        Err(if full { Failure::DiskFull } else { Failure::Other })
    }
}

impl Drop for WriteTx {
    fn drop(&mut self) {
        let Some(guard) = self.guard.take() else { return };
        if self.savepoint
            && !guard.guarded.conn.is_autocommit()
            && let Err(error) = guard.guarded.start().execute_batch("rollback to one; release one")
        {
            tracing::error!(error = %error, "a rollback failed");
        }
        // The outer transaction may be open for others, or for nobody: end it either way.
        if guard.open && tokio::runtime::Handle::try_current().is_ok() {
            self.ask_for_commit(guard);
        }
    }
}
