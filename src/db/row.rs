//! Rows: how a column of either database becomes a value, and a row a struct.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::types::ValueRef;

use crate::error::Result;

/// One row of an answer.
pub enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

/// Where a record's columns stand in an answer, once for all its rows; `None` when they stand in
/// the order in which they are wanted.
pub struct Columns(Option<Vec<usize>>);

impl Columns {
    /// Finds the columns of `T` among the names of the answer.
    pub fn find<T: Record>(names: &[&str]) -> Result<Self> {
        let Some(wanted) = T::columns() else { return Ok(Self(None)) };
        // Mostly they stand in the same order: each is looked for behind the one before.
        let mut next = 0;
        let places = wanted
            .iter()
            .map(|column| {
                let at = (next..names.len())
                    .chain(0..next)
                    .find(|at| names[*at] == *column)
                    .ok_or_else(|| anyhow::anyhow!("the answer has no column `{column}`"))?;
                next = at + 1;
                Ok(at)
            })
            .collect::<Result<Vec<_>>>()?;
        let is_in_order = places.iter().enumerate().all(|(nth, place)| nth == *place);
        Ok(Self((!is_in_order).then_some(places)))
    }

    /// The place in the answer of the record's `nth` column.
    pub fn at(&self, nth: usize) -> usize {
        match &self.0 {
            Some(places) => places.get(nth).copied().unwrap_or(usize::MAX),
            None => nth,
        }
    }
}

/// What a row can become: a struct made with `record!`, or a tuple by position.
pub trait Record: Sized + Send {
    /// The columns by name; `None` takes them by position.
    fn columns() -> Option<&'static [&'static str]>;

    fn from_row(row: &Row<'_>, columns: &Columns) -> Result<Self>;
}

/// What a column can become.
pub trait Field: Sized {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self>;

    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self>;
}

impl Row<'_> {
    pub fn get<T: Field>(&self, at: usize) -> Result<T> {
        match self {
            Self::Sqlite(row) => T::from_sqlite(row.get_ref(at)?),
            Self::Postgres(row) => T::from_postgres(row, at),
        }
    }
}

fn unexpected(wanted: &str, value: ValueRef<'_>) -> crate::Error {
    anyhow::anyhow!("wanted {wanted}, the column holds {}", value.data_type()).into()
}

impl Field for i64 {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        match value {
            ValueRef::Integer(value) => Ok(value),
            other => Err(unexpected("an integer", other)),
        }
    }

    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        if *row.columns()[at].type_() == tokio_postgres::types::Type::INT4 {
            return Ok(i64::from(row.try_get::<_, i32>(at)?));
        }
        Ok(row.try_get(at)?)
    }
}

impl Field for f64 {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        match value {
            ValueRef::Real(value) => Ok(value),
            #[expect(clippy::cast_precision_loss, reason = "SQLite stores whole reals as integers")]
            ValueRef::Integer(value) => Ok(value as f64),
            other => Err(unexpected("a number", other)),
        }
    }

    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        Ok(row.try_get(at)?)
    }
}

impl Field for bool {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        match value {
            ValueRef::Integer(value) => Ok(value != 0),
            other => Err(unexpected("a boolean", other)),
        }
    }

    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        Ok(row.try_get(at)?)
    }
}

impl Field for String {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        match value {
            ValueRef::Text(bytes) => Ok(std::str::from_utf8(bytes)
                .map_err(|error| anyhow::anyhow!("text that is not UTF-8: {error}"))?
                .to_owned()),
            other => Err(unexpected("text", other)),
        }
    }

    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        Ok(row.try_get(at)?)
    }
}

impl Field for DateTime<Utc> {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        match value {
            ValueRef::Text(bytes) => parse_time(bytes)
                .ok_or_else(|| anyhow::anyhow!("a time that cannot be read").into()),
            other => Err(unexpected("a time", other)),
        }
    }

    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        Ok(row.try_get(at)?)
    }
}

impl<T: Field> Field for Option<T> {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        if matches!(value, ValueRef::Null) { Ok(None) } else { T::from_sqlite(value).map(Some) }
    }

    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        if is_null(row, at) { Ok(None) } else { T::from_postgres(row, at).map(Some) }
    }
}

/// Whether a PostgreSQL column is null, whatever its type.
fn is_null(row: &tokio_postgres::Row, at: usize) -> bool {
    struct Anything;
    impl<'a> tokio_postgres::types::FromSql<'a> for Anything {
        fn from_sql(
            _: &tokio_postgres::types::Type,
            _: &'a [u8],
        ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
            Ok(Self)
        }

        fn accepts(_: &tokio_postgres::types::Type) -> bool {
            true
        }
    }
    matches!(row.try_get::<_, Option<Anything>>(at), Ok(None))
}

/// How a time is written into an SQLite column: fixed width, so that text order is time order.
pub(super) fn format_time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// Reads `2026-11-23T16:55:57.000000Z`, the one form [`format_time`] writes.
fn parse_time(bytes: &[u8]) -> Option<DateTime<Utc>> {
    fn number(digits: &[u8]) -> Option<u32> {
        digits.iter().try_fold(0, |sum: u32, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
        })
    }
    if bytes.len() != 27 || bytes[26] != b'Z' {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(number(&bytes[0..4])?).ok()?,
        number(&bytes[5..7])?,
        number(&bytes[8..10])?,
    )?;
    let time = date.and_hms_micro_opt(
        number(&bytes[11..13])?,
        number(&bytes[14..16])?,
        number(&bytes[17..19])?,
        number(&bytes[20..26])?,
    )?;
    Some(time.and_utc())
}

macro_rules! tuple_record {
    ($($name:ident at $index:literal),+) => {
        impl<$($name: Field + Send),+> Record for ($($name,)+) {
            fn columns() -> Option<&'static [&'static str]> {
                None
            }

            fn from_row(row: &Row<'_>, columns: &Columns) -> Result<Self> {
                Ok(($(row.get::<$name>(columns.at($index))?,)+))
            }
        }
    };
}

tuple_record!(A at 0);
tuple_record!(A at 0, B at 1);
tuple_record!(A at 0, B at 1, C at 2);
tuple_record!(A at 0, B at 1, C at 2, D at 3);

/// A struct whose fields are columns of the same names: `record! { pub struct Post { … } }`.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$field_meta:meta])* $field_visibility:vis $field:ident: $type:ty),* $(,)?
        }
    ) => {
        $(#[$meta])*
        $visibility struct $name {
            $($(#[$field_meta])* $field_visibility $field: $type,)*
        }

        impl $crate::db::Record for $name {
            fn columns() -> Option<&'static [&'static str]> {
                Some(&[$(stringify!($field)),*])
            }

            fn from_row(
                row: &$crate::db::Row<'_>,
                columns: &$crate::db::Columns,
            ) -> $crate::Result<Self> {
                let mut next = 0..;
                let mut place = || columns.at(next.next().unwrap_or(usize::MAX));
                Ok(Self { $($field: row.get(place())?,)* })
            }
        }
    };
}

/// An identifier of one kind of row: `id!(PostId)`.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize,
            serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl From<$name> for $crate::db::Value {
            fn from(id: $name) -> Self {
                Self::Int(Some(id.0))
            }
        }

        impl From<Option<$name>> for $crate::db::Value {
            fn from(id: Option<$name>) -> Self {
                Self::Int(id.map(|id| id.0))
            }
        }

        impl $crate::db::Field for $name {
            fn from_sqlite(value: rusqlite::types::ValueRef<'_>) -> $crate::Result<Self> {
                i64::from_sqlite(value).map(Self)
            }

            fn from_postgres(row: &tokio_postgres::Row, at: usize) -> $crate::Result<Self> {
                i64::from_postgres(row, at).map(Self)
            }
        }

        // Pages hold many numbers: this way they need no formatter.
        impl askama::FastWritable for $name {
            fn write_into(
                &self,
                dest: &mut dyn std::fmt::Write,
                values: &dyn askama::Values,
            ) -> askama::Result<()> {
                self.0.write_into(dest, values)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

/// An enum kept as text: `text_enum! { pub enum Status { Draft = "draft", … } }`.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        $visibility enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// The word in the database, in forms and in the API.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The value with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl From<$name> for $crate::db::Value {
            fn from(value: $name) -> Self {
                Self::Text(Some(value.as_str().to_owned()))
            }
        }

        impl $crate::db::Field for $name {
            fn from_sqlite(value: rusqlite::types::ValueRef<'_>) -> $crate::Result<Self> {
                let word = String::from_sqlite(value)?;
                Self::from_word(&word).ok_or_else(|| {
                    anyhow::anyhow!("`{word}` is no {}", stringify!($name)).into()
                })
            }

            fn from_postgres(row: &tokio_postgres::Row, at: usize) -> $crate::Result<Self> {
                let word = String::from_postgres(row, at)?;
                Self::from_word(&word).ok_or_else(|| {
                    anyhow::anyhow!("`{word}` is no {}", stringify!($name)).into()
                })
            }
        }
    };
}

pub(crate) use {id, record, text_enum};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_survives_sqlite_to_the_microsecond() {
        for micros in [0, 1, 999_999, 1_795_449_357_123_456] {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            assert_eq!(parse_time(format_time(time).as_bytes()), Some(time));
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "2026-11-23", "2026-13-23T16:55:57.000000Z", "2026-11-23T16:55:57.00000xZ"]
        {
            assert_eq!(parse_time(text.as_bytes()), None, "{text}");
        }
    }
}
