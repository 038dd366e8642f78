//! What a member's home shows: for you, following, latest.

use chrono::{DateTime, Utc};

use super::store::feed::{self, Candidate, Ties};
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

/// So many of their last likes tell what somebody has read.
const LIKES: i64 = 300;

/// How much a post may interest somebody. Attention counts as in trending (a like 3, a comment 2),
/// by its logarithm, so that ten times the likes are one step more; a followed writer is worth
/// three such steps and a followed topic two; and all halves with each day and a half of age.
/// What somebody has liked they have read: it counts a tenth.
pub fn score(post: &Candidate, ties: &Ties, now: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts and seconds are far below 2^52")]
    let (attention, hours) = (
        (3 * post.like_count + 2 * post.comment_count) as f64,
        (now - post.published_at).num_seconds().max(0) as f64 / 3600.0,
    );
    let in_topic = post.category_id.is_some_and(|id| ties.categories.contains(&id.0))
        || ties.tagged.contains(&post.id.0);
    let by_followed = ties.followed.contains(&post.user_id.0);
    let near = if by_followed { 3.0 } else { 0.0 } + if in_topic { 2.0 } else { 0.0 };
    let read = if ties.liked.contains(&post.id.0) { 0.1 } else { 1.0 };
    (1.0 + (1.0 + attention).log10() + near) * 0.5_f64.powf(hours / 36.0) * read
}

/// The posts for somebody, best first; of two with the same score the newer. None of their own,
/// and nobody's whom they shut out.
pub async fn for_you(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<CardRow>> {
    let mut candidates = feed::candidates(conn, CANDIDATES).await?;
    let Some(oldest) = candidates.last() else { return Ok(Vec::new()) };
    let ties = feed::ties(conn, user, oldest.published_at, LIKES).await?;
    candidates.retain(|post| post.user_id != user && !ties.hidden.contains(&post.user_id.0));
    let ids = choose(&candidates, &ties, now);
    let mut rows = feed::cards(conn, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

fn choose(candidates: &[Candidate], ties: &Ties, now: DateTime<Utc>) -> Vec<PostId> {
    let mut scored: Vec<(f64, &Candidate)> =
        candidates.iter().map(|post| (score(post, ties, now), post)).collect();
    scored.sort_by(|(a, one), (b, other)| {
        b.total_cmp(a).then((other.published_at, other.id).cmp(&(one.published_at, one.id)))
    });
    scored.iter().take(CHOSEN).map(|(_, post)| post.id).collect()
}
