//! How long views are kept, and what stays of them: the sums of each day (R-ANALYTICS.4).

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::{jobs::KEEPING, store::keeping as store};
use crate::{Result, app::App};

/// Rows that are changed in one transaction.
const BATCH: i64 = 1_000;

/// Batches of one run: the next run goes on.
const BATCHES: usize = 200;

/// Days that are added up in one run.
const DAYS: usize = 31;

/// Adds up the days that are over and were not yet: those since the last sum, or since the first
/// view that there is.
pub async fn add_up(app: &App) -> Result<()> {
    let now = app.clock.now();
    let today = midnight(now);
    let mut conn = app.db.conn().await?;
    let next = match store::last_sum(&mut conn).await? {
        Some(date) => date
            .parse::<chrono::NaiveDate>()
            .ok()
            .map(|date| date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1)),
        None => store::first_view(&mut conn).await?.map(midnight),
    };
    drop(conn);
    let mut day = next.unwrap_or(today);
    for _ in 0..DAYS {
        if day >= today {
            break;
        }
        let span = (day, day + TimeDelta::days(1));
        // Counted before the transaction, so that no writer waits for it.
        let mut conn = app.db.conn().await?;
        let devices = store::devices(&mut conn, span).await?;
        let countries = store::countries(&mut conn, span).await?;
        drop(conn);
        let date = day.date_naive().to_string();
        let mut tx = app.db.begin().await?;
        store::sum_site(&mut tx, &date, span, now).await?;
        for (kind, rows) in [("device", devices), ("country", countries)] {
            for row in &rows {
                store::sum_part(&mut tx, (&date, kind), row, now).await?;
            }
        }
        tx.commit().await?;
        day += TimeDelta::days(1);
        tokio::task::yield_now().await;
    }
    let mut tx = app.db.begin().await?;
    store::ran(&mut tx, KEEPING, now).await?;
    tx.commit().await
}

fn midnight(time: DateTime<Utc>) -> DateTime<Utc> {
    time.date_naive().and_time(NaiveTime::MIN).and_utc()
}

/// Forgets from which addresses views came some days ago, whatever was kept of them.
pub async fn forget_addresses(app: &App) -> Result<()> {
    let now = app.clock.now();
    let before = now - TimeDelta::days(i64::from(app.config.analytics.keep_addresses));
    for _ in 0..BATCHES {
        let mut tx = app.db.begin().await?;
        let changed = store::forget_addresses(&mut tx, before, BATCH, now).await?;
        tx.commit().await?;
        if changed == 0 {
            break;
        }
    }
    Ok(())
}

/// Removes views that have been kept long enough. The counts of their posts stay: they say how
/// many readers there ever were.
pub async fn remove_old(app: &App) -> Result<()> {
    let keep = i64::from(app.config.analytics.keep_views);
    let before = midnight(app.clock.now()) - TimeDelta::days(keep);
    for unique in [true, false] {
        for _ in 0..BATCHES {
            let mut tx = app.db.begin().await?;
            let removed = store::remove_old(&mut tx, unique, before, BATCH).await?;
            tx.commit().await?;
            if removed == 0 {
                break;
            }
        }
    }
    Ok(())
}
