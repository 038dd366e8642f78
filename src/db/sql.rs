//! One statement: its text, its values, and the ways to run it.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{Conn, Field, Inner, Record, Tx};
use crate::error::{Error, Result};

/// A statement slower than this is written to the log.
const SLOW: Duration = Duration::from_millis(100);

/// A question: `read("select …").bind(id).one(conn)`.
pub fn read(text: &'static str) -> Read {
    Read(Statement { text, values: Vec::new() })
}

/// A change: `write("insert …").bind(id).run(tx)`. It needs a transaction.
pub fn write(text: &'static str) -> Write {
    Write(Statement { text, values: Vec::new() })
}

/// A question that has not been asked yet.
pub struct Read(Statement);

/// A change that has not been made yet.
pub struct Write(Statement);

struct Statement {
    text: &'static str,
    values: Vec<Value>,
}

/// A parameter.
#[derive(Debug, Clone)]
pub enum Value {
    Int(Option<i64>),
    Float(Option<f64>),
    Bool(Option<bool>),
    Text(Option<String>),
    Time(Option<DateTime<Utc>>),
}

impl Read {
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.0.values.push(value.into());
        self
    }

    pub async fn all<T: Record>(self, conn: &mut Conn) -> Result<Vec<T>> {
        self.0.rows(conn).await
    }

    pub async fn optional<T: Record>(self, conn: &mut Conn) -> Result<Option<T>> {
        Ok(self.0.rows(conn).await?.into_iter().next())
    }

    /// The one row, or [`Error::NotFound`].
    pub async fn one<T: Record>(self, conn: &mut Conn) -> Result<T> {
        self.optional(conn).await?.ok_or(Error::NotFound)
    }

    /// The one value of the one row, or [`Error::NotFound`].
    pub async fn value<T: Field + Send>(self, conn: &mut Conn) -> Result<T> {
        Ok(self.one::<(T,)>(conn).await?.0)
    }
}

impl Write {
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.0.values.push(value.into());
        self
    }

    /// Changes rows, and says how many.
    pub async fn run(self, tx: &mut Tx) -> Result<u64> {
        self.0.run(tx).await
    }

    /// The rows that `returning` names.
    pub async fn all<T: Record>(self, tx: &mut Tx) -> Result<Vec<T>> {
        self.0.rows(tx).await
    }

    /// The row that `returning` names, unless `on conflict do nothing` did nothing.
    pub async fn optional<T: Record>(self, tx: &mut Tx) -> Result<Option<T>> {
        Ok(self.0.rows(tx).await?.into_iter().next())
    }

    /// The one value that `returning` names, or [`Error::NotFound`].
    pub async fn value<T: Field + Send>(self, tx: &mut Tx) -> Result<T> {
        Ok(self.optional::<(T,)>(tx).await?.ok_or(Error::NotFound)?.0)
    }
}

impl Statement {
    async fn rows<T: Record>(self, conn: &mut Conn) -> Result<Vec<T>> {
        let timer = Timer::start(self.text);
        let rows = match &mut conn.0 {
            Inner::Sqlite(reader) => reader.conn()?.rows(self.text, &self.values),
            Inner::SqliteTx(tx) => tx.conn()?.rows(self.text, &self.values),
            Inner::Postgres(client) => client.rows(self.text, &self.values).await,
        };
        timer.stop();
        rows
    }

    async fn run(self, conn: &mut Conn) -> Result<u64> {
        let timer = Timer::start(self.text);
        let changed = match &mut conn.0 {
            Inner::Sqlite(reader) => reader.conn()?.run(self.text, &self.values),
            Inner::SqliteTx(tx) => tx.conn()?.run(self.text, &self.values),
            Inner::Postgres(client) => client.run(self.text, &self.values).await,
        };
        timer.stop();
        changed
    }
}

struct Timer {
    text: &'static str,
    started: Instant,
}

impl Timer {
    fn start(text: &'static str) -> Self {
        super::count_statement();
        Self { text, started: Instant::now() }
    }

    fn stop(self) {
        let took = self.started.elapsed();
        if took > SLOW {
            let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(statement = self.text, duration_ms = millis, "slow statement");
        }
    }
}

macro_rules! value_from {
    ($type:ty, $variant:ident, |$name:ident| $convert:expr) => {
        impl From<$type> for Value {
            fn from($name: $type) -> Self {
                Self::$variant(Some($convert))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value.map(|$name| $convert))
            }
        }
    };
}

value_from!(i64, Int, |value| value);
value_from!(u32, Int, |value| i64::from(value));
value_from!(f64, Float, |value| value);
value_from!(bool, Bool, |value| value);
value_from!(String, Text, |value| value);
value_from!(&str, Text, |value| value.to_owned());
value_from!(&String, Text, |value| value.clone());
value_from!(DateTime<Utc>, Time, |value| value);
