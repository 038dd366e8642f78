//! The SQL of what a post earned in a day.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    analytics::{
        tally::{Part, Sums},
        views::{Converted, Reading},
    },
    db::{Conn, Tx, read, record, write},
    ids::PostId,
};

/// Adds to the sums of a day; a post that is gone meanwhile has none.
pub async fn add_day(
    tx: &mut Tx,
    (post, date): (PostId, &str),
    added: &Sums,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into post_view_day (post_id, date, created_at, updated_at, views, unique_views,
                member_views, bounces, conversions, seconds, timed, depth, scrolled, load_time,
                loaded)
         select p.id, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
           from post p where p.id = $1
             on conflict (post_id, date) do update
            set updated_at = excluded.updated_at,
                views = post_view_day.views + excluded.views,
                unique_views = post_view_day.unique_views + excluded.unique_views,
                member_views = post_view_day.member_views + excluded.member_views,
                bounces = post_view_day.bounces + excluded.bounces,
                conversions = post_view_day.conversions + excluded.conversions,
                seconds = post_view_day.seconds + excluded.seconds,
                timed = post_view_day.timed + excluded.timed,
                depth = post_view_day.depth + excluded.depth,
                scrolled = post_view_day.scrolled + excluded.scrolled,
                load_time = post_view_day.load_time + excluded.load_time,
                loaded = post_view_day.loaded + excluded.loaded",
    )
    .bind(post)
    .bind(date)
    .bind(now)
    .bind(added.views)
    .bind(added.unique)
    .bind(added.members)
    .bind(added.bounces)
    .bind(added.conversions)
    .bind(added.seconds)
    .bind(added.timed)
    .bind(added.depth)
    .bind(added.scrolled)
    .bind(added.load_time)
    .bind(added.loaded)
    .run(tx)
    .await
    .map(drop)
}

/// Adds to the sums of a part of a day. Forty names of a kind are kept apart, so that nobody fills
/// the table with made-up ones.
pub async fn add_part(
    tx: &mut Tx,
    (post, date): (PostId, &str),
    (kind, name): &Part,
    (views, unique): (i64, i64),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into post_view_part (post_id, date, kind, name, created_at, updated_at, views,
                unique_views)
         select p.id, cast($2 as text), cast($3 as text),
                case when exists (select 1 from post_view_part k
                                   where k.post_id = $1 and k.date = cast($2 as text)
                                     and k.kind = cast($3 as text) and k.name = cast($4 as text))
                       or (select count(*) from post_view_part k
                            where k.post_id = $1 and k.date = cast($2 as text)
                              and k.kind = cast($3 as text)) < 40
                     then cast($4 as text) else 'Other' end,
                $5, $5, $6, $7
           from post p where p.id = $1
             on conflict (post_id, date, kind, name) do update
            set updated_at = excluded.updated_at,
                views = post_view_part.views + excluded.views,
                unique_views = post_view_part.unique_views + excluded.unique_views",
    )
    .bind(post)
    .bind(date)
    .bind(*kind)
    .bind(name)
    .bind(now)
    .bind(views)
    .bind(unique)
    .run(tx)
    .await
    .map(drop)
}

record! {
    /// What is known of a reader's last view of a post.
    #[derive(Debug, Clone)]
    pub struct Kept {
        pub id: i64,
        pub created_at: DateTime<Utc>,
        pub time_spent: i64,
        pub scroll_depth: f64,
        pub page_load_time: Option<i64>,
    }
}

/// A reader's last view of a post.
pub async fn kept(conn: &mut Conn, session: &str, post: PostId) -> Result<Option<Kept>> {
    read(
        "select id, created_at, time_spent, scroll_depth, page_load_time from post_view
          where session_id = $1 and post_id = $2 order by id desc limit 1",
    )
    .bind(session)
    .bind(post)
    .optional(conn)
    .await
}

/// Keeps the longest time and the farthest place of a view (R-ANALYTICS.6), the first time that its
/// page took to load, and the last page that its reader went on to.
pub async fn keep_reading(tx: &mut Tx, view: i64, reading: &Reading) -> Result<()> {
    write(
        "update post_view set updated_at = $6,
                time_spent = case when time_spent < $2 then $2 else time_spent end,
                scroll_depth = case when scroll_depth < $3 then $3 else scroll_depth end,
                page_load_time = coalesce(page_load_time, $4),
                exit_page = coalesce($5, exit_page)
          where id = $1",
    )
    .bind(view)
    .bind(reading.seconds)
    .bind(reading.depth)
    .bind(reading.load_time)
    .bind(reading.exit_page.as_deref())
    .bind(reading.at)
    .run(tx)
    .await
    .map(drop)
}

/// Notes that somebody went on who had looked at one page only: which views were no bounce.
pub async fn went_on(
    tx: &mut Tx,
    session: &str,
    now: DateTime<Utc>,
) -> Result<Vec<(PostId, DateTime<Utc>)>> {
    write(
        "update post_view set is_bounce = false, updated_at = $2
          where session_id = $1 and is_bounce returning post_id, created_at",
    )
    .bind(session)
    .bind(now)
    .all(tx)
    .await
}

/// Notes what a member did after reading, at their last view of the post within a day, unless they
/// did something before. Says when the view was.
pub async fn convert(tx: &mut Tx, done: &Converted) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = write(
        "update post_view set conversion_type = $3, updated_at = $4
          where conversion_type is null and id = (
                select v.id from post_view v
                 where v.user_id = $1 and v.post_id = $2 and v.created_at > $5
                 order by v.created_at desc limit 1)
         returning created_at",
    )
    .bind(done.user)
    .bind(done.post)
    .bind(done.kind)
    .bind(done.at)
    .bind(done.at - chrono::TimeDelta::days(1))
    .optional(tx)
    .await?;
    Ok(row.map(|(at,)| at))
}
