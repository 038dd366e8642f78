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
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rusqlite::{Connection, ToSql, types::ToSqlOutput};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Columns, Record, Row, Settings, Synchronous, Value, row::format_time};
use crate::error::{Error, Result};

pub struct Sqlite {
    path: PathBuf,
    settings: Settings,
    idle: Arc<Mutex<Vec<Guarded>>>,
    permits: Arc<Semaphore>,
    writer: Arc<tokio::sync::Mutex<Writer>>,
    broken: Arc<AtomicBool>,
}

/// A connection whose statements end at a deadline.
struct Guarded {
    conn: Connection,
    deadline: Arc<AtomicU64>,
    limit: Duration,
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
        Ok(Reader { guarded: Some(guarded), idle: Arc::clone(&self.idle), _permit: permit })
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

/// What each connection keeps of the file, in KiB by being negative. It is little because the
/// system keeps the file too; a mapping of it would be counted once for each connection.
const CACHE: i64 = -2_000;

/// Writers wait for each other's commits, so they are more patient than readers.
const MIN_WRITER_WAIT: Duration = Duration::from_secs(5);

impl Guarded {
    fn new(mut conn: Connection, limit: Duration) -> Result<Self> {
        // Without this, a partial index makes SQLite plan a statement anew for every value bound
        // to it: ten times the cost of running it.
        conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "temp_store", "memory")?;
        conn.pragma_update(None, "cache_size", CACHE)?;
        conn.set_prepared_statement_cache_capacity(256);
        let deadline = Arc::new(AtomicU64::new(u64::MAX));
        let seen = Arc::clone(&deadline);
        conn.progress_handler(20_000, Some(move || millis() > seen.load(Ordering::Relaxed)))?;
        Ok(Self { conn, deadline, limit })
    }

    /// The connection, with the clock of its next statement started.
    fn start(&self) -> &Connection {
        let limit = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
        self.deadline.store(millis().saturating_add(limit), Ordering::Relaxed);
        &self.conn
    }
}

/// Milliseconds since the first call, from the monotonic clock.
fn millis() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A reader's connection; it goes back to the others when dropped.
pub struct Reader {
    guarded: Option<Guarded>,
    idle: Arc<Mutex<Vec<Guarded>>>,
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    pub fn conn(&self) -> Result<&Connection> {
        self.guarded.as_ref().map(Guarded::start).ok_or(Error::Unavailable)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(guarded) = self.guarded.take() {
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
    pub fn conn(&self) -> Result<&Connection> {
        self.guard.as_ref().map(|writer| writer.guarded.start()).ok_or(Error::Unavailable)
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

pub fn rows<T: Record>(conn: &Connection, text: &'static str, values: &[Value]) -> Result<Vec<T>> {
    let mut statement = conn.prepare_cached(text)?;
    bind(&mut statement, values)?;
    let columns = {
        let names: Vec<&str> = (0..statement.column_count())
            .map(|at| statement.column_name(at).map_or("", |name| name))
            .collect();
        Columns::find::<T>(&names)?
    };
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(T::from_row(&Row::Sqlite(row), &columns)?);
    }
    Ok(found)
}

pub fn run(conn: &Connection, text: &'static str, values: &[Value]) -> Result<u64> {
    let mut statement = conn.prepare_cached(text)?;
    bind(&mut statement, values)?;
    Ok(statement.raw_execute()? as u64)
}

/// `$1` is a name to SQLite, and gets its number by where it first stands.
fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value]) -> Result<()> {
    const NAMES: [&str; 64] = [
        "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14",
        "$15", "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24", "$25", "$26", "$27",
        "$28", "$29", "$30", "$31", "$32", "$33", "$34", "$35", "$36", "$37", "$38", "$39", "$40",
        "$41", "$42", "$43", "$44", "$45", "$46", "$47", "$48", "$49", "$50", "$51", "$52", "$53",
        "$54", "$55", "$56", "$57", "$58", "$59", "$60", "$61", "$62", "$63", "$64",
    ];
    if values.len() > NAMES.len() {
        return Err(anyhow::anyhow!("a statement with {} values", values.len()).into());
    }
    for (value, name) in values.iter().zip(NAMES) {
        if let Some(index) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::{Value as Owned, ValueRef};
        Ok(match self {
            Self::Int(Some(value)) => ToSqlOutput::Owned(Owned::Integer(*value)),
            Self::Float(Some(value)) => ToSqlOutput::Owned(Owned::Real(*value)),
            Self::Bool(Some(value)) => ToSqlOutput::Owned(Owned::Integer(i64::from(*value))),
            Self::Text(Some(value)) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Time(Some(value)) => ToSqlOutput::Owned(Owned::Text(format_time(*value))),
            _ => ToSqlOutput::Owned(Owned::Null),
        })
    }
}
