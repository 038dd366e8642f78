//! The database: SQLite or PostgreSQL, chosen by the URL, behind one small face.
//!
//! Reads take a [`Conn`], writes take a [`Tx`]: a write outside a transaction does not compile.
//! SQL is written once, in the subset both databases share, with `$1` parameters. Rooms use
//! [`read`], [`write`](fn@write) and `record!`; only this folder knows which engine answers.

mod error;
mod guarded;
mod migrate;
mod postgres;
mod row;
mod sql;
mod sqlite;
#[cfg(test)]
mod tests;

use std::{
    cell::Cell,
    ops::{Deref, DerefMut},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

#[cfg(test)]
pub(crate) use self::migrate::fingerprint as migrations_fingerprint;
pub(crate) use self::row::{id, record, text_enum};
pub use self::{
    migrate::{Migration, MigrationState, migrations},
    row::{Columns, Field, Record, Row},
    sql::{Read, Value, Write, read, write},
};
use crate::error::{Error, Result};

/// How to reach the database, and how patient to be with it.
#[derive(Debug, Clone)]
pub struct Settings {
    pub target: Target,
    /// Connections at most: PostgreSQL's pool, SQLite's readers.
    pub connections: usize,
    /// How long a request waits for a connection before it is told to come back later.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
    /// How long a PostgreSQL connection lives at most.
    pub max_lifetime: Duration,
    /// Whether a PostgreSQL connection is tried before it is lent (pre-ping).
    pub test_before_acquire: bool,
    /// SQLite's `synchronous`.
    pub synchronous: Synchronous,
}

/// Where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file, made when it is not there.
    Sqlite(PathBuf),
    /// A `postgres://` address. It may hold a password: never log it.
    Postgres(String),
}

/// When SQLite waits for the disk. Only `Full` loses nothing in a power cut (`quality.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    Full,
    Normal,
    Off,
}

/// The database of one application; clones share it.
#[derive(Clone)]
pub struct Db(Engine);

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// A connection, good for reading. It goes back to its pool when dropped.
pub struct Conn(Inner);

enum Inner {
    Sqlite(sqlite::Reader),
    SqliteTx(sqlite::WriteTx),
    Postgres(postgres::Client),
}

/// A transaction, good for reading and writing; rolled back unless committed.
pub struct Tx {
    conn: Conn,
    after_commit: Vec<Box<dyn FnOnce() + Send>>,
}

impl Db {
    /// Opens the database, and makes an SQLite file that is not there.
    pub async fn connect(settings: &Settings) -> Result<Self> {
        Ok(Self(match &settings.target {
            Target::Sqlite(path) => Engine::Sqlite(Arc::new(sqlite::Sqlite::open(path, settings)?)),
            Target::Postgres(url) => {
                Engine::Postgres(Arc::new(postgres::Postgres::connect(url, settings).await?))
            }
        }))
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Engine::Sqlite(_))
    }

    /// A connection to read with, or [`Error::Unavailable`] after the acquire timeout.
    pub async fn conn(&self) -> Result<Conn> {
        Ok(Conn(match &self.0 {
            Engine::Sqlite(db) => Inner::Sqlite(db.reader().await?),
            Engine::Postgres(db) => Inner::Postgres(db.client().await?),
        }))
    }

    /// A connection for a page that asks much. On SQLite all its statements see one state of the
    /// file, which is locked and unlocked once for all of them; whoever writes meanwhile is not
    /// kept waiting, but what they write is not seen. Give it back before anything slow is done.
    pub async fn snapshot(&self) -> Result<Conn> {
        Ok(Conn(match &self.0 {
            Engine::Sqlite(db) => Inner::Sqlite(db.reader().await?.held()?),
            Engine::Postgres(db) => Inner::Postgres(db.client().await?),
        }))
    }

    /// A connection whose statements may take no longer than this.
    pub async fn hurried(&self, limit: Duration) -> Result<Conn> {
        Ok(Conn(match &self.0 {
            Engine::Sqlite(db) => Inner::Sqlite(db.reader().await?.within(limit)),
            Engine::Postgres(db) => {
                let mut client = db.client().await?;
                client.begin_within(limit).await?;
                Inner::Postgres(client)
            }
        }))
    }

    /// A transaction to write with.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match &self.0 {
            Engine::Sqlite(db) => Inner::SqliteTx(db.begin().await?),
            Engine::Postgres(db) => {
                let mut client = db.client().await?;
                client.begin().await?;
                Inner::Postgres(client)
            }
        };
        Ok(Tx { conn: Conn(inner), after_commit: Vec::new() })
    }

    /// Whether the database answers and has not failed to store something.
    pub async fn check(&self) -> Result<()> {
        if let Engine::Sqlite(db) = &self.0
            && db.is_broken()
        {
            return Err(Error::Unavailable);
        }
        let mut conn = self.conn().await?;
        read("select 1").value::<i64>(&mut conn).await.map(drop)
    }

    /// What an operator should know about how the database is set, in words.
    pub async fn warnings(&self) -> Result<Vec<String>> {
        match &self.0 {
            Engine::Sqlite(_) => Ok(Vec::new()),
            Engine::Postgres(db) => db.client().await?.durability_warnings().await,
        }
    }

    /// Lends statistics for health and metrics: connections open and in use.
    pub fn pool_status(&self) -> (usize, usize) {
        match &self.0 {
            Engine::Sqlite(db) => db.pool_status(),
            Engine::Postgres(db) => db.pool_status(),
        }
    }
}

impl Conn {
    /// Which database answers: for the statements that have to differ.
    pub fn is_sqlite(&self) -> bool {
        !matches!(self.0, Inner::Postgres(_))
    }
}

impl Tx {
    /// Makes everything since `begin` durable; returns only after it is.
    pub async fn commit(mut self) -> Result<()> {
        match &mut self.conn.0 {
            Inner::SqliteTx(tx) => tx.commit().await?,
            Inner::Postgres(client) => client.commit().await?,
            Inner::Sqlite(_) => unreachable!("only `begin` makes a Tx"),
        }
        for act in std::mem::take(&mut self.after_commit) {
            act();
        }
        Ok(())
    }

    /// Does something as soon as the commit has succeeded, and never otherwise.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(act));
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

tokio::task_local! {
    static STATEMENTS: Cell<u32>;
}

/// Runs a future and says how many statements it ran on the database. A count around this one
/// gets them too.
pub async fn counting<F: Future>(future: F) -> (F::Output, u32) {
    let (output, number) = STATEMENTS
        .scope(Cell::new(0), async {
            let output = future.await;
            (output, STATEMENTS.with(Cell::get))
        })
        .await;
    if STATEMENTS.try_with(|count| count.set(count.get() + number)).is_err() {
        // Nobody counts around this one.
    }
    (output, number)
}

/// How many statements the surrounding [`counting`] has seen so far.
pub fn statements_so_far() -> u32 {
    STATEMENTS.try_with(Cell::get).unwrap_or(0)
}

fn count_statement() {
    if STATEMENTS.try_with(|count| count.set(count.get() + 1)).is_err() {
        // Outside a request nobody counts.
    }
}
