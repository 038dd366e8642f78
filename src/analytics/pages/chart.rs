//! Bars of days, drawn by the server.

use super::super::stats::Day;
use crate::web::view;

/// The drawing's own measure.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 160;

/// A bar.
#[derive(Debug)]
pub struct Bar {
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
}

/// What `analytics/chart.html` shows: bars for eyes, rows for everybody.
#[derive(Debug)]
pub struct Chart {
    pub bars: Vec<Bar>,
    pub rows: Vec<(String, String, String)>,
    pub first: String,
    pub last: String,
    pub most: String,
    pub width: i64,
    pub height: i64,
}

impl Chart {
    pub fn of(days: &[Day]) -> Self {
        let most = days.iter().map(|day| day.views).max().unwrap_or(0);
        let slot = WIDTH / i64::try_from(days.len().max(1)).unwrap_or(1);
        let bars = days
            .iter()
            .zip(0..)
            .filter(|(day, _)| day.views > 0)
            .map(|(day, at)| {
                // A day with views is seen, however few they are beside another's.
                let height = (day.views.saturating_mul(HEIGHT) / most.max(1)).max(2);
                Bar { x: at * slot, y: HEIGHT - height, width: (slot - 2).max(2), height }
            })
            .collect();
        let name = |day: &Day| day.date.format("%-d %b %Y").to_string();
        Self {
            bars,
            rows: days
                .iter()
                .rev()
                .map(|day| (name(day), view::thousands(day.views), view::thousands(day.unique)))
                .collect(),
            first: days.first().map(name).unwrap_or_default(),
            last: days.last().map(name).unwrap_or_default(),
            most: view::plural(most, "view", "views"),
            width: slot * i64::try_from(days.len()).unwrap_or(0),
            height: HEIGHT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_drawing_and_none_leaves_it() {
        let start = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let days: Vec<Day> = [0, 1, 1_000_000, 7]
            .into_iter()
            .zip(start.iter_days())
            .map(|(views, date)| Day { date, views, unique: views })
            .collect();
        let chart = Chart::of(&days);
        assert_eq!(chart.bars.len(), 3);
        assert_eq!(chart.bars[1].height, HEIGHT);
        for bar in &chart.bars {
            assert!(bar.height >= 2 && bar.y >= 0 && bar.y + bar.height == HEIGHT);
            assert!(bar.x + bar.width <= chart.width);
        }
        assert!(Chart::of(&[]).bars.is_empty());
    }
}
