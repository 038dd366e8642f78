//! What trends: posts by what they earned lately, and through them writers and tags.
//!
//! The lists are computed beside the requests, on a schedule, hour by hour from indexes alone, and
//! kept in small tables; a page reads fifty rows of one.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::store::trending as store;
use crate::{
    Result,
    app::App,
    db::{Conn, Tx, text_enum},
    ids::PostId,
};

text_enum! {
    /// A list: what is read right now, what earned most in a day, a week, a month, and what was
    /// read most and liked most in a week (R-TREND.4, .5).
    pub enum List {
        Hot = "hot",
        Day = "day",
        Week = "week",
        Month = "month",
        Read = "read",
        Liked = "liked",
    }
}

/// Places of a list that are kept. A page shows fifty; the others step in for posts that stopped
/// being public, and for those that a reader does not want to see.
const KEPT: i64 = 200;

/// Candidates that are looked at to fill the places.
const TRIED: usize = 1_000;

/// Writers and tags that are kept.
const BESIDE: i64 = 50;

/// Over how many hours "hot now" looks, and how many views it takes (P18).
pub const HOT_HOURS: u32 = 24;
pub const HOT_LEAST: i64 = 5;

/// What a post earned.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Earned {
    pub likes: i64,
    pub comments: i64,
    pub views: i64,
}

/// What a post earned in a window, and its score.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Standing {
    pub earned: Earned,
    pub score: f64,
}

impl List {
    pub const WINDOWS: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The list of a window in days; anything else is a week.
    pub fn of_days(days: &str) -> Self {
        match days {
            "1" => Self::Day,
            "30" => Self::Month,
            _ => Self::Week,
        }
    }

    pub const fn days(self) -> u32 {
        match self {
            Self::Hot | Self::Day => 1,
            Self::Week | Self::Read | Self::Liked => 7,
            Self::Month => 30,
        }
    }

    /// After how many hours what was earned counts half.
    pub const fn half_life(self) -> u32 {
        match self {
            Self::Hot | Self::Day => 6,
            Self::Week | Self::Read | Self::Liked => 48,
            Self::Month => 240,
        }
    }

    /// How old the list may become.
    pub const fn every(self) -> TimeDelta {
        match self {
            Self::Hot | Self::Day => TimeDelta::minutes(10),
            Self::Week | Self::Read | Self::Liked => TimeDelta::minutes(30),
            Self::Month => TimeDelta::hours(2),
        }
    }
}

/// **The formula** of trending (R-TREND.1, Q.51): a like counts 3, a comment 2, a unique view 1, and
/// all of it half for every half-life that has passed since. `hours` are whole hours.
pub fn score(earned: Earned, hours: u32, list: List) -> f64 {
    let weight = 3 * earned.likes + 2 * earned.comments + earned.views;
    float(weight) * 0.5_f64.powf(f64::from(hours) / f64::from(list.half_life()))
}

/// **The formula** of "hot now" (R-TREND.3, P18): unique views an hour.
pub fn rate(views: i64, hours: u32) -> f64 {
    float(views) / f64::from(hours.max(1))
}

/// Counts are far below 2^52.
fn float(number: i64) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

/// What each post earned in the window before `now`, and its score.
pub async fn standings(
    conn: &mut Conn,
    list: List,
    now: DateTime<Utc>,
) -> Result<HashMap<PostId, Standing>> {
    let mut found: HashMap<PostId, Standing> = HashMap::new();
    for hours in 0..list.days() * 24 {
        let until = now - TimeDelta::hours(i64::from(hours));
        let span = (until - TimeDelta::hours(1), until);
        let mut add = |post: PostId, earned: Earned| {
            let standing = found.entry(post).or_default();
            standing.earned.likes += earned.likes;
            standing.earned.comments += earned.comments;
            standing.earned.views += earned.views;
            standing.score += score(earned, hours, list);
        };
        for (post, views) in store::views(conn, span).await? {
            add(post, Earned { views, ..Earned::default() });
        }
        for (post, likes) in store::likes(conn, span).await? {
            add(post, Earned { likes, ..Earned::default() });
        }
        for (post, comments) in store::comments(conn, span).await? {
            add(post, Earned { comments, ..Earned::default() });
        }
        // SQLite answers in place: others get their turn between two hours.
        tokio::task::yield_now().await;
    }
    Ok(found)
}

/// Posts by views an hour over the last hours, the quickest first (P18).
pub async fn hot(
    conn: &mut Conn,
    now: DateTime<Utc>,
    hours: u32,
    limit: usize,
) -> Result<Vec<(PostId, Standing)>> {
    let mut views: HashMap<PostId, i64> = HashMap::new();
    for hour in 0..i64::from(hours) {
        let until = now - TimeDelta::hours(hour);
        for (post, number) in store::views(conn, (until - TimeDelta::hours(1), until)).await? {
            *views.entry(post).or_default() += number;
        }
        tokio::task::yield_now().await;
    }
    let standings = views
        .into_iter()
        .filter(|(_, views)| *views >= HOT_LEAST)
        .map(|(post, views)| {
            let earned = Earned { views, ..Earned::default() };
            (post, Standing { earned, score: rate(views, hours) })
        })
        .collect();
    Ok(ordered(standings, limit))
}

/// The best first, and of two equal ones the younger.
fn ordered(mut all: Vec<(PostId, Standing)>, limit: usize) -> Vec<(PostId, Standing)> {
    all.sort_by(|one, other| {
        other.1.score.total_cmp(&one.1.score).then_with(|| other.0.cmp(&one.0))
    });
    all.truncate(limit);
    all
}

/// The posts that earned most of one thing.
fn most(
    all: &HashMap<PostId, Standing>,
    of: fn(&Earned) -> i64,
    limit: usize,
) -> Vec<(PostId, Standing)> {
    let some = all.iter().map(|(post, standing)| {
        (*post, Standing { earned: standing.earned, score: float(of(&standing.earned)) })
    });
    ordered(some.filter(|(_, standing)| standing.score > 0.0).collect(), limit)
}

/// Computes a list anew; with that of a week what was read and liked most in it.
pub async fn compute(app: &App, list: List) -> Result<()> {
    let now = app.clock.now();
    let mut conn = app.db.conn().await?;
    let mut lists = Vec::new();
    if list == List::Hot {
        lists.push((list, hot(&mut conn, now, HOT_HOURS, TRIED).await?));
    } else {
        let all = standings(&mut conn, list, now).await?;
        if list == List::Week {
            lists.push((List::Read, most(&all, |earned| earned.views, TRIED)));
            lists.push((List::Liked, most(&all, |earned| earned.likes, TRIED)));
        }
        lists.push((list, ordered(all.into_iter().collect(), TRIED)));
    }
    drop(conn);
    let mut tx = app.db.begin().await?;
    for (list, best) in lists {
        store::clear(&mut tx, list).await?;
        place(&mut tx, list, &best).await?;
    }
    store::place_writers(&mut tx, list, BESIDE).await?;
    store::place_tags(&mut tx, list, BESIDE).await?;
    super::store::keeping::ran(&mut tx, list.as_str(), now).await?;
    tx.commit().await
}

/// Gives the places to the best that are public.
async fn place(tx: &mut Tx, list: List, best: &[(PostId, Standing)]) -> Result<()> {
    let mut rank = 1;
    for (post, standing) in best {
        if rank > KEPT {
            break;
        }
        if store::place(tx, list, rank, (*post, standing)).await? {
            rank += 1;
        }
    }
    Ok(())
}
