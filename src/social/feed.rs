//! What a member's home shows: for you, following, latest.

use chrono::{DateTime, Utc};

use super::store::feed::{self, Candidate};
use crate::{
    Result,
    db::Conn,
    ids::{PostId, UserId},
    posts::reading::card::CardRow,
};

/// How many of the newest posts are looked at. Older ones are found by their topics and writers.
const CANDIDATES: i64 = 300;

/// How many are chosen.
const CHOSEN: usize = 10;

/// How much a post may interest somebody. Attention counts as in trending (a like 3, a comment 2),
/// by its logarithm, so that ten times the likes are one step more; a followed writer is worth
/// three such steps and a followed topic two; and all halves with each day and a half of age.
/// What somebody has liked they have read: it counts a tenth.
pub fn score(post: &Candidate, now: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts and seconds are far below 2^52")]
    let (attention, hours) = (
        (3 * post.like_count + 2 * post.comment_count) as f64,
        (now - post.published_at).num_seconds().max(0) as f64 / 3600.0,
    );
    let near = if post.by_followed { 3.0 } else { 0.0 } + if post.in_topic { 2.0 } else { 0.0 };
    let read = if post.liked { 0.1 } else { 1.0 };
    (1.0 + (1.0 + attention).log10() + near) * 0.5_f64.powf(hours / 36.0) * read
}

/// The posts for somebody, best first; of two with the same score the newer.
pub async fn for_you(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<CardRow>> {
    let candidates = feed::candidates(conn, user, CANDIDATES).await?;
    let ids = choose(&candidates, now);
    let mut rows = feed::cards(conn, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

fn choose(candidates: &[Candidate], now: DateTime<Utc>) -> Vec<PostId> {
    let mut scored: Vec<(f64, &Candidate)> =
        candidates.iter().map(|post| (score(post, now), post)).collect();
    scored.sort_by(|(a, one), (b, other)| {
        b.total_cmp(a).then((other.published_at, other.id).cmp(&(one.published_at, one.id)))
    });
    scored.iter().take(CHOSEN).map(|(_, post)| post.id).collect()
}
