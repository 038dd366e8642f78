//! What the days of posts earned, counted from the views of the demonstration.

use crate::{
    Result,
    db::{Tx, write},
};

use super::Span;

/// Counts the days of some posts, by kind of device too.
pub async fn count_days(tx: &mut Tx, posts: Span) -> Result<()> {
    write(
        "insert into post_view_day (post_id, date, created_at, updated_at, views, unique_views,
                member_views, seconds, timed, depth, scrolled)
         select post_id, substr(cast(created_at as text), 1, 10), min(created_at),
                min(created_at), count(*), count(case when is_unique_view then 1 end),
                count(user_id), cast(sum(time_spent) as bigint), count(nullif(time_spent, 0)),
                sum(scroll_depth), count(nullif(scroll_depth, 0.0))
           from post_view where post_id between $1 and $2
          group by post_id, substr(cast(created_at as text), 1, 10)
             on conflict do nothing",
    )
    .bind(posts.first)
    .bind(posts.last)
    .run(tx)
    .await?;
    write(
        "insert into post_view_part (post_id, date, kind, name, created_at, updated_at, views,
                unique_views)
         select post_id, substr(cast(created_at as text), 1, 10), 'device',
                coalesce(device_type, 'unknown'), min(created_at), min(created_at), count(*),
                count(case when is_unique_view then 1 end)
           from post_view where post_id between $1 and $2
          group by post_id, substr(cast(created_at as text), 1, 10),
                coalesce(device_type, 'unknown')
             on conflict do nothing",
    )
    .bind(posts.first)
    .bind(posts.last)
    .run(tx)
    .await
    .map(drop)
}
