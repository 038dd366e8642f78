//! Influence: whose word reaches far, by who follows whom (S10.11, Q.50).
//!
//! Somebody is influential whom influential people follow. That is `PageRank` over the follows of
//! active people: with N people and damping d = 0.85,
//!
//! `influence(p) = (1 − d) / N + d · (Σ influence(f) / follows(f) + lost / N)`
//!
//! summed over the followers f of p, where `follows(f)` is how many f follows and `lost` is the
//! influence of those who follow nobody, shared out to all. The sum over everybody is 1.

use std::collections::HashMap;

use super::store::influence as store;
use crate::{Result, app::App, ids::UserId};

pub const DAMPING: f64 = 0.85;

/// Rounds at most; with this damping the error is below [`CLOSE`] long before.
const ROUNDS: usize = 200;

/// When two rounds differ by less than this in all, they are the same.
const CLOSE: f64 = 1e-10;

/// Rows of a bulk statement.
const CHUNK: usize = 500;

/// Rows that are read at once.
const PAGE: i64 = 10_000;

/// **The formula**: the influence of `people` persons, numbered from 0, by pairs of follower and
/// followed.
pub fn pagerank(people: usize, follows: &[(u32, u32)]) -> Vec<f64> {
    if people == 0 {
        return Vec::new();
    }
    let number = f64::from(u32::try_from(people).unwrap_or(u32::MAX));
    let mut followed_by_each = vec![0_u32; people];
    for (follower, _) in follows {
        followed_by_each[*follower as usize] += 1;
    }
    let mut now = vec![1.0 / number; people];
    let mut next = vec![0.0; people];
    let mut share = vec![0.0; people];
    for _ in 0..ROUNDS {
        let mut lost = 0.0;
        for ((share, score), follows) in share.iter_mut().zip(&now).zip(&followed_by_each) {
            if *follows == 0 {
                lost += score;
            } else {
                *share = score / f64::from(*follows);
            }
        }
        next.fill((1.0 - DAMPING) / number + DAMPING * lost / number);
        for (follower, followed) in follows {
            next[*followed as usize] += DAMPING * share[*follower as usize];
        }
        let change: f64 = now.iter().zip(&next).map(|(one, other)| (one - other).abs()).sum();
        std::mem::swap(&mut now, &mut next);
        if change < CLOSE {
            break;
        }
    }
    now
}

/// Computes everybody's influence anew.
pub async fn compute(app: &App) -> Result<()> {
    let now = app.clock.now();
    let (people, follows) = graph(app).await?;
    let ranked = tokio::task::spawn_blocking(move || {
        let scores = pagerank(people.len(), &follows);
        let mut ranked: Vec<(UserId, f64)> = people.into_iter().zip(scores).collect();
        ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        ranked
    })
    .await?;
    let mut rank = 1;
    for some in ranked.chunks(CHUNK) {
        // Chunk by chunk, so that other writers get their turn between.
        let mut tx = app.db.begin().await?;
        store::set(&mut tx, some, rank, now).await?;
        tx.commit().await?;
        rank += i64::try_from(some.len()).unwrap_or(0);
    }
    let mut tx = app.db.begin().await?;
    store::forget_others(&mut tx, now).await?;
    super::store::keeping::ran(&mut tx, super::jobs::INFLUENCE, now).await?;
    tx.commit().await
}

/// Active people, and who follows whom among them, by their place in the list of people.
async fn graph(app: &App) -> Result<(Vec<UserId>, Vec<(u32, u32)>)> {
    let mut conn = app.db.conn().await?;
    let mut people: Vec<UserId> = Vec::new();
    loop {
        let some = store::people(&mut conn, people.last().copied(), PAGE).await?;
        if some.is_empty() {
            break;
        }
        people.extend(some);
        tokio::task::yield_now().await;
    }
    let places: HashMap<UserId, u32> = people.iter().copied().zip(0..).collect();
    let mut follows = Vec::new();
    let mut last = 0;
    loop {
        let some = store::follows(&mut conn, last, PAGE).await?;
        let Some((id, _, _)) = some.last() else { break };
        last = *id;
        follows.extend(some.iter().filter_map(|(_, follower, followed)| {
            Some((*places.get(follower)?, *places.get(followed)?))
        }));
        tokio::task::yield_now().await;
    }
    Ok((people, follows))
}
