//! The SQL of what people think of comments in the demonstration.

use chrono::{DateTime, Utc};

use super::Span;
use crate::{
    Result,
    comments::score,
    db::{Tx, write},
};

/// A third of the comments is liked by one to four people other than their writers.
pub async fn insert_likes(
    tx: &mut Tx,
    posts: Span,
    people: Span,
    at: DateTime<Utc>,
) -> Result<u64> {
    write(
        "insert into comment_like (created_at, comment_id, user_id)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < 4)
         select $1, c.id, cast($4 as bigint)
                + (c.user_id - cast($4 as bigint) + 1
                   + (c.id * 31 + n.i * 37) % (cast($5 as bigint) - 1)) % cast($5 as bigint)
           from comment c join n on n.i <= c.id % 5
          where c.post_id between $2 and $3 and c.id % 3 = 0
         on conflict (user_id, comment_id) do nothing",
    )
    .bind(at)
    .bind(posts.first)
    .bind(posts.last)
    .bind(people.first)
    .bind(people.last - people.first + 1)
    .run(tx)
    .await
}

/// Counts what comments were given.
pub async fn count(tx: &mut Tx, posts: Span, now: DateTime<Utc>) -> Result<()> {
    write(
        "update comment set updated_at = $3,
                like_count = (select count(*) from comment_like l where l.comment_id = comment.id),
                reply_count = (select count(*) from comment r where r.parent_id = comment.id),
                branch_count = (select count(*) from comment r where r.root_id = comment.id),
                score = $4 * (select count(*) from comment_like l where l.comment_id = comment.id)
                      + $5 * (select count(*) from comment r where r.parent_id = comment.id)
          where post_id between $1 and $2",
    )
    .bind(posts.first)
    .bind(posts.last)
    .bind(now)
    .bind(score(1, 0))
    .bind(score(0, 1))
    .run(tx)
    .await?;
    Ok(())
}
