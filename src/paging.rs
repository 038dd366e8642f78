//! Pages of a list by key: the link to the next page names the last row, so the 100,000th page
//! costs what the first does, and nothing is shown twice when something is added meanwhile.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The place of a row in a list ordered by time (or another number) and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub key: i64,
    pub id: i64,
}

impl Cursor {
    pub fn at(time: DateTime<Utc>, id: i64) -> Self {
        Self { key: time.timestamp_micros(), id }
    }

    /// The key as a time. No row is older than the first day of Unix time or younger than the year
    /// 9999, and a made-up link may name times that PostgreSQL does not know.
    pub fn time(self) -> DateTime<Utc> {
        const LAST: i64 = 253_402_300_799_999_999;
        DateTime::from_timestamp_micros(self.key.clamp(0, LAST)).unwrap_or_default()
    }

    /// `1795449357123456-42`, as it stands in a link.
    pub fn text(self) -> String {
        format!("{}-{}", self.key, self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (key, id) = text.rsplit_once('-')?;
        Some(Self { key: key.parse().ok()?, id: id.parse().ok()? })
    }
}

/// Which page is asked for: the one before or after a row. What cannot be read is the first page.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct PagingQuery {
    pub before: String,
    pub after: String,
}

/// Which way to go through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    First,
    /// Further down the list: older, smaller.
    Before(Cursor),
    /// Back up the list.
    After(Cursor),
}

impl PagingQuery {
    pub fn direction(&self) -> Direction {
        if let Some(cursor) = Cursor::parse(&self.before) {
            return Direction::Before(cursor);
        }
        Cursor::parse(&self.after).map_or(Direction::First, Direction::After)
    }
}

/// The links below a list.
#[derive(Debug, Default, Clone)]
pub struct Paging {
    pub newer: Option<String>,
    pub older: Option<String>,
}

impl Paging {
    /// Cuts the extra row off that was asked for to see whether there is more, puts the rows in
    /// reading order, and makes the links. `address` ends in `?` or `&`.
    pub fn cut<T>(
        rows: &mut Vec<T>,
        size: usize,
        direction: Direction,
        address: &str,
        cursor: impl Fn(&T) -> Cursor,
    ) -> Self {
        let more = rows.len() > size;
        rows.truncate(size);
        if matches!(direction, Direction::After(_)) {
            rows.reverse();
        }
        let (newer, older) = match direction {
            Direction::First => (false, more),
            Direction::Before(_) => (true, more),
            Direction::After(_) => (more, true),
        };
        let link = |word: &str, row: Option<&T>| {
            row.map(|row| format!("{address}{word}={}", cursor(row).text()))
        };
        Self {
            newer: if newer { link("after", rows.first()) } else { None },
            older: if older { link("before", rows.last()) } else { None },
        }
    }

    pub fn is_empty(&self) -> bool {
        self.newer.is_none() && self.older.is_none()
    }
}

pub use Direction as PageDirection;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_a_link() {
        for (key, id) in [(0, 1), (-5, 7), (i64::MAX, i64::MAX)] {
            let cursor = Cursor { key, id };
            assert_eq!(Cursor::parse(&cursor.text()), Some(cursor));
        }
        for nonsense in ["", "-", "1", "a-b", "1-", "9999999999999999999999-1"] {
            assert_eq!(Cursor::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_made_up_cursor_names_a_time_that_every_database_knows() {
        for key in [i64::MIN, -8_330_000_000_000_000_000, -1, i64::MAX] {
            let time = Cursor { key, id: 1 }.time();
            assert!((1970..=9999).contains(&chrono::Datelike::year(&time)), "{key}: {time}");
        }
    }

    #[test]
    fn links_lead_both_ways() {
        let cursor = |row: &i64| Cursor { key: *row, id: *row };
        let mut rows = vec![9, 8, 7];
        let first = Paging::cut(&mut rows, 2, Direction::First, "/x?", cursor);
        assert_eq!(rows, [9, 8]);
        assert_eq!((first.newer, first.older), (None, Some("/x?before=8-8".to_owned())));
        let mut rows = vec![8, 9];
        let back = Paging::cut(&mut rows, 2, Direction::After(cursor(&7)), "/x?", cursor);
        assert_eq!(rows, [9, 8]);
        assert_eq!((back.newer, back.older), (None, Some("/x?before=8-8".to_owned())));
    }
}
