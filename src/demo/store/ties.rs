//! The SQL of what people keep, which topics they follow and whom they keep away from in the
//! demonstration. All by their numbers: the same people make the same.

use chrono::{DateTime, Utc};

use super::Span;
use crate::{
    Result,
    db::{Tx, write},
};

/// How many posts the most diligent of them keeps.
const KEPT: i64 = 8;

/// All of it for some of the people.
pub async fn fill(
    tx: &mut Tx,
    some: Span,
    (all, posts): (Span, Span),
    at: DateTime<Utc>,
) -> Result<()> {
    insert_bookmarks(tx, some, posts, at).await?;
    insert_topics(tx, some, at).await?;
    insert_distance(tx, some, all, at).await?;
    Ok(())
}

/// Everybody keeps up to eight posts for later.
async fn insert_bookmarks(tx: &mut Tx, some: Span, posts: Span, at: DateTime<Utc>) -> Result<u64> {
    write(
        "insert into bookmark (created_at, user_id, post_id)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $6)
         select $1, u.id, cast($4 as bigint) + (u.id * 17 + n.i * 61) % cast($5 as bigint)
           from \"user\" u join n on n.i <= u.id % ($6 + 1) where u.id between $2 and $3
         on conflict (user_id, post_id) do nothing",
    )
    .bind(at)
    .bind(some.first)
    .bind(some.last)
    .bind(posts.first)
    .bind(posts.last - posts.first + 1)
    .bind(KEPT)
    .run(tx)
    .await
}

/// Every third follows a category, every second a tag or two.
async fn insert_topics(tx: &mut Tx, some: Span, at: DateTime<Utc>) -> Result<u64> {
    let categories = write(
        "insert into category_follow (created_at, user_id, category_id)
         select $1, u.id, c.id from \"user\" u join category c on (c.id + u.id) % 9 = 0
          where u.id between $2 and $3 and u.id % 3 = 0
         on conflict (user_id, category_id) do nothing",
    )
    .bind(at)
    .bind(some.first)
    .bind(some.last)
    .run(tx)
    .await?;
    let tags = write(
        "insert into tag_follow (created_at, user_id, tag_id)
         select $1, u.id, t.id from \"user\" u join tag t on (t.id * 7 + u.id) % 41 < 2
          where u.id between $2 and $3 and u.id % 2 = 0
         on conflict (user_id, tag_id) do nothing",
    )
    .bind(at)
    .bind(some.first)
    .bind(some.last)
    .run(tx)
    .await?;
    Ok(categories + tags)
}

/// Every fiftieth has blocked somebody whom they do not follow and who does not follow them, every
/// thirtieth has muted somebody.
async fn insert_distance(tx: &mut Tx, some: Span, all: Span, at: DateTime<Utc>) -> Result<u64> {
    let blocks = write(
        "insert into user_block (created_at, user_id, blocked_id)
         select $1, user_id, other from (
             select u.id as user_id, cast($4 as bigint)
                    + (u.id - cast($4 as bigint) + 1 + (u.id * 19) % (cast($5 as bigint) - 1))
                      % cast($5 as bigint) as other
               from \"user\" u where u.id between $2 and $3
                and (u.id - cast($4 as bigint)) % 50 = 7) pair
          where not exists (select 1 from follow f
                             where f.follower_id = pair.user_id and f.followed_id = pair.other)
            and not exists (select 1 from follow f
                             where f.follower_id = pair.other and f.followed_id = pair.user_id)
         on conflict (user_id, blocked_id) do nothing",
    )
    .bind(at)
    .bind(some.first)
    .bind(some.last)
    .bind(all.first)
    .bind(all.last - all.first + 1)
    .run(tx)
    .await?;
    let mutes = write(
        "insert into user_mute (created_at, user_id, muted_id)
         select $1, u.id, cast($4 as bigint)
                + (u.id - cast($4 as bigint) + 1 + (u.id * 23) % (cast($5 as bigint) - 1))
                  % cast($5 as bigint)
           from \"user\" u where u.id between $2 and $3
            and (u.id - cast($4 as bigint)) % 30 = 11
         on conflict (user_id, muted_id) do nothing",
    )
    .bind(at)
    .bind(some.first)
    .bind(some.last)
    .bind(all.first)
    .bind(all.last - all.first + 1)
    .run(tx)
    .await?;
    Ok(blocks + mutes)
}
