//! The follows as they are read, and the influence as it is kept.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::UserId,
};

/// Active people after this one.
pub async fn people(conn: &mut Conn, after: Option<UserId>, limit: i64) -> Result<Vec<UserId>> {
    let rows: Vec<(UserId,)> = read(
        "select id from \"user\" where is_active and email_confirmed and id > $1
          order by id limit $2",
    )
    .bind(after.map_or(0, |user| user.0))
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Who follows whom, after this row.
pub async fn follows(
    conn: &mut Conn,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, UserId, UserId)>> {
    read("select id, follower_id, followed_id from follow where id > $1 order by id limit $2")
        .bind(after)
        .bind(limit)
        .all(conn)
        .await
}

/// Keeps the influence of some, from this rank on: one statement for all, which takes them as one
/// text of 20 characters for the person and 24 for the score each.
pub async fn set(tx: &mut Tx, some: &[(UserId, f64)], rank: i64, now: DateTime<Utc>) -> Result<()> {
    let mut text = String::with_capacity(some.len() * 44);
    for (user, score) in some {
        let _never_fails = write!(text, "{:>20}{score:>24.18}", user.0);
    }
    write(
        "insert into user_influence (user_id, created_at, rank, score)
         with recursive n (i) as (select 0 union all select i + 1 from n where i + 1 < cast($2 as bigint))
         select u.id, $3, cast($4 as bigint) + n.i, cast(trim(substr(cast($1 as text), n.i * 44 + 21, 24)) as double precision)
           from n join \"user\" u on u.id = cast(trim(substr(cast($1 as text), n.i * 44 + 1, 20)) as bigint)
          where true
             on conflict (user_id) do update
            set created_at = excluded.created_at, rank = excluded.rank, score = excluded.score",
    )
    .bind(text)
    .bind(i64::try_from(some.len()).unwrap_or(0))
    .bind(now)
    .bind(rank)
    .run(tx)
    .await
    .map(drop)
}

/// Takes away what an older computation said of people who are not active any more.
pub async fn forget_others(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    write("delete from user_influence where created_at < $1").bind(now).run(tx).await.map(drop)
}

record! {
    /// Somebody's influence, among how many.
    #[derive(Debug, Clone)]
    pub struct Influence {
        pub rank: i64,
        pub score: f64,
        pub people: i64,
    }
}

/// Somebody's influence, if it was computed since they came.
pub async fn of(conn: &mut Conn, user: UserId) -> Result<Option<Influence>> {
    read(
        "select rank, score, (select max(rank) from user_influence) as people
           from user_influence where user_id = $1",
    )
    .bind(user)
    .optional(conn)
    .await
}
