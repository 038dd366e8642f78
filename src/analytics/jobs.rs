//! What analytics does on a schedule. One instance does it: the one that leases the job.

use std::collections::HashMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{influence, keeping, reader, store, trending, trending::List, views};
use crate::{
    Result,
    app::App,
    jobs::{self, Job},
};

/// The names under which runs are noted, besides those of the lists.
pub(super) const INFLUENCE: &str = "influence";
pub(super) const KEEPING: &str = "keeping";

/// How often influence is computed, and views are looked after.
const INFLUENCE_EVERY: TimeDelta = TimeDelta::hours(6);
const KEEPING_EVERY: TimeDelta = TimeDelta::hours(1);

/// Computes a list of what trends.
#[derive(Debug, Serialize, Deserialize)]
pub struct ComputeTrending {
    pub list: List,
}

impl Job for ComputeTrending {
    const KIND: &'static str = "compute_trending";

    async fn run(self, app: &App) -> Result<()> {
        trending::compute(app, self.list).await
    }
}

/// Computes everybody's influence.
#[derive(Debug, Serialize, Deserialize)]
pub struct ComputeInfluence;

impl Job for ComputeInfluence {
    const KIND: &'static str = "compute_influence";

    async fn run(self, app: &App) -> Result<()> {
        influence::compute(app).await
    }
}

/// Adds up the days that are over, and removes what has been kept long enough.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeepViews;

impl Job for KeepViews {
    const KIND: &'static str = "keep_views";

    async fn run(self, app: &App) -> Result<()> {
        keeping::add_up(app).await?;
        keeping::forget_addresses(app).await?;
        keeping::remove_old(app).await?;
        reader::forget_salts(app).await
    }
}

/// Writes waiting views, and queues what is due.
pub async fn tick(app: &App) -> Result<()> {
    views::flush(app).await?;
    let now = app.clock.now();
    let runs: HashMap<String, _> = {
        let mut conn = app.db.conn().await?;
        store::keeping::runs(&mut conn).await?.into_iter().collect()
    };
    let is_due = |name: &str, every| runs.get(name).is_none_or(|last| now - *last >= every);
    let lists: Vec<List> = [List::Hot, List::Day, List::Week, List::Month]
        .into_iter()
        .filter(|list| is_due(list.as_str(), list.every()))
        .collect();
    let (influence, keeping) = (is_due(INFLUENCE, INFLUENCE_EVERY), is_due(KEEPING, KEEPING_EVERY));
    if lists.is_empty() && !influence && !keeping {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for list in lists {
        let key = format!("trending:{}", list.as_str());
        jobs::enqueue_once(app, &mut tx, &ComputeTrending { list }, now, &key).await?;
    }
    if influence {
        jobs::enqueue_once(app, &mut tx, &ComputeInfluence, now, INFLUENCE).await?;
    }
    if keeping {
        jobs::enqueue_once(app, &mut tx, &KeepViews, now, KEEPING).await?;
    }
    tx.commit().await
}
