//! Finding by date without walking: every public post has a key for the decade, the year, the month
//! and the day on which it was published, and a span of time is a few dozen of them.

use chrono::{Datelike as _, NaiveDate};

/// The keys of a day: `e202 y2026 m202603 d20260305`.
pub fn keys(day: NaiveDate) -> String {
    let (year, month) = (day.year(), day.month());
    format!(
        "e{:03} y{year:04} m{year:04}{month:02} d{year:04}{month:02}{:02}",
        year / 10,
        day.day()
    )
}

/// The keys of this month and the one before it.
pub fn recent(today: NaiveDate) -> [String; 2] {
    let before = today.checked_sub_months(chrono::Months::new(1)).unwrap_or(today);
    [today, before].map(|day| format!("m{:04}{:02}", day.year(), day.month()))
}

/// The keys that hold every day from `since` up to `before`, without it, and no other day. Nothing
/// is published after `today`. A span without a day has a key that no post has.
pub fn covering(
    since: Option<NaiveDate>,
    before: Option<NaiveDate>,
    today: NaiveDate,
) -> Vec<String> {
    // Open ends are drawn to the beginning of a decade, where one key says most.
    let first = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default();
    let end = NaiveDate::from_ymd_opt(today.year() / 10 * 10 + 10, 1, 1).unwrap_or(today);
    let mut day = since.map_or(first, |since| since.max(first));
    let before = before.map_or(end, |before| before.min(end));
    let mut keys = Vec::new();
    while day < before {
        let (year, month) = (day.year(), day.month());
        let starts_month = day.day() == 1;
        let starts_year = starts_month && month == 1;
        let decade = NaiveDate::from_ymd_opt(year + 10, 1, 1)
            .filter(|next| starts_year && year % 10 == 0 && *next <= before);
        let whole_year =
            NaiveDate::from_ymd_opt(year + 1, 1, 1).filter(|next| starts_year && *next <= before);
        let whole_month = day
            .checked_add_months(chrono::Months::new(1))
            .filter(|next| starts_month && *next <= before);
        let (key, next) = match (decade, whole_year, whole_month) {
            (Some(next), ..) => (format!("e{:03}", year / 10), Some(next)),
            (None, Some(next), _) => (format!("y{year:04}"), Some(next)),
            (None, None, Some(next)) => (format!("m{year:04}{month:02}"), Some(next)),
            (None, None, None) => (format!("d{year:04}{month:02}{:02}", day.day()), day.succ_opt()),
        };
        keys.push(key);
        let Some(next) = next else { break };
        day = next;
    }
    if keys.is_empty() {
        keys.push("e000".to_owned());
    }
    keys
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_span_is_a_few_keys() {
        let today = day(2026, 5, 4);
        assert_eq!(recent(day(2026, 1, 31)), ["m202601", "m202512"]);
        assert_eq!(keys(day(2026, 3, 5)), "e202 y2026 m202603 d20260305");
        let span = |since, before| covering(since, before, today).join(" ");
        assert_eq!(span(None, None), "e197 e198 e199 e200 e201 e202");
        assert_eq!(span(None, Some(day(2000, 1, 1))), "e197 e198 e199");
        assert_eq!(
            span(Some(day(2025, 11, 29)), Some(day(2026, 2, 2))),
            "d20251129 d20251130 m202512 m202601 d20260201"
        );
        assert_eq!(span(Some(day(2027, 1, 1)), Some(day(2026, 1, 1))), "e000");
        assert_eq!(span(Some(day(9000, 1, 1)), None), "e000");
        let longest = span(Some(day(1971, 1, 2)), Some(day(2029, 12, 31)));
        assert!(longest.split(' ').count() < 110, "{longest}");
    }

    proptest! {
        #[test]
        fn the_keys_hold_the_span_and_nothing_else(
            since in 0_i64..25_000, length in 0_i64..9_000, asked in 0_i64..25_000,
        ) {
            let at = |days| day(1965, 1, 1) + TimeDelta::days(days);
            let (since, before, asked) = (at(since), at(since + length), at(asked));
            let covering = covering(Some(since), Some(before), day(2060, 1, 1));
            let own = keys(asked);
            let held = own.split(' ').filter(|key| covering.iter().any(|one| one == key)).count();
            let inside = asked >= since && asked < before && asked.year() >= 1970;
            prop_assert_eq!(held, usize::from(inside));
        }
    }
}
