//! One connection to SQLite: its settings, the clock of its statements, and what it remembers.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, ToSql, types::ToSqlOutput};

use super::{Columns, Record, Row, Value, row::format_time};
use crate::error::Result;

/// A connection whose statements end at a deadline.
pub struct Guarded {
    pub conn: Connection,
    deadline: Arc<AtomicU64>,
    pub limit: Duration,
    known: RefCell<KnownColumns>,
}

/// Where the columns of statements stand that were answered before, by the addresses and lengths
/// of a statement's text and of the names that are wanted of it. `None` when that may change under
/// it, because it takes all columns of something that a migration can make anew.
type KnownColumns = HashMap<[usize; 4], Option<Arc<Columns>>, foldhash::fast::RandomState>;

/// What each connection keeps of the file, in KiB by being negative. It is little because the
/// system keeps the file too; a mapping of it would be counted once for each connection.
const CACHE: i64 = -8_000;

impl Guarded {
    pub fn new(mut conn: Connection, limit: Duration) -> Result<Self> {
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
        Ok(Self { conn, deadline, limit, known: RefCell::default() })
    }

    /// The rows that a statement answers with.
    pub fn rows<T: Record>(&self, text: &'static str, values: &[Value]) -> Result<Vec<T>> {
        let mut statement = self.start().prepare_cached(text)?;
        bind(&mut statement, values)?;
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        let mut columns = None;
        while let Some(row) = rows.next()? {
            // The first step may have found a changed schema and read the statement anew.
            let columns = match &columns {
                Some(columns) => columns,
                None => columns.insert(self.columns::<T>(text, row.as_ref())?),
            };
            found.push(T::from_row(&Row::Sqlite(row), columns)?);
        }
        Ok(found)
    }

    /// Runs a statement, and says how many rows it changed.
    pub fn run(&self, text: &'static str, values: &[Value]) -> Result<u64> {
        let mut statement = self.start().prepare_cached(text)?;
        bind(&mut statement, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    fn columns<T: Record>(
        &self,
        text: &'static str,
        statement: &rusqlite::Statement<'_>,
    ) -> Result<Arc<Columns>> {
        let wanted = T::columns().unwrap_or_default();
        let key = [text.as_ptr().addr(), text.len(), wanted.as_ptr().addr(), wanted.len()];
        let known = self.known.borrow().get(&key).map(Option::as_ref).map(|c| c.map(Arc::clone));
        if let Some(Some(columns)) = known {
            return Ok(columns);
        }
        let names: Vec<&str> = (0..statement.column_count())
            .map(|at| statement.column_name(at).map_or("", |name| name))
            .collect();
        let found = Arc::new(Columns::find::<T>(&names)?);
        if known.is_none() {
            let is_settled = !text.contains("select *") && !text.contains(".*");
            self.known.borrow_mut().insert(key, is_settled.then(|| Arc::clone(&found)));
        }
        Ok(found)
    }
    /// The connection, with the clock of its next statement started.
    pub fn start(&self) -> &Connection {
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
