//! Sums of days, and the end of single views.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, write},
};

/// When each regular computation ran last.
pub async fn runs(conn: &mut Conn) -> Result<Vec<(String, DateTime<Utc>)>> {
    read("select name, updated_at from analytics_run").all(conn).await
}

/// Notes that a computation ran.
pub async fn ran(tx: &mut Tx, name: &str, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into analytics_run (name, created_at, updated_at) values ($1, $2, $2)
         on conflict (name) do update set updated_at = excluded.updated_at",
    )
    .bind(name)
    .bind(now)
    .run(tx)
    .await
    .map(drop)
}

/// The last day that was added up.
pub async fn last_sum(conn: &mut Conn) -> Result<Option<String>> {
    let row = read(
        "select date from analytics_summary where metric_type = 'views' order by date desc limit 1",
    )
    .optional(conn)
    .await?;
    Ok(row.map(|(date,)| date))
}

/// When the first view was written down.
pub async fn first_view(conn: &mut Conn) -> Result<Option<DateTime<Utc>>> {
    let row =
        read("select created_at from post_view where is_unique_view order by created_at limit 1")
            .optional(conn)
            .await?;
    Ok(row.map(|(time,)| time))
}

/// Adds up a day of the whole site: unique views as the value, all views as the count.
pub async fn sum_site(
    tx: &mut Tx,
    date: &str,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into analytics_summary (created_at, updated_at, date, metric_type, metric_key,
                metric_value, count)
         select $2, $2, $1, 'views', 'site',
                (select count(*) from post_view
                  where is_unique_view = true and created_at >= $3 and created_at < $4),
                (select count(*) from post_view
                  where is_unique_view = true and created_at >= $3 and created_at < $4)
              + (select count(*) from post_view
                  where is_unique_view = false and created_at >= $3 and created_at < $4)
          where true
             on conflict (date, metric_type, metric_key) do update
            set metric_value = excluded.metric_value, count = excluded.count,
                updated_at = excluded.updated_at",
    )
    .bind(date)
    .bind(now)
    .bind(from)
    .bind(to)
    .run(tx)
    .await
    .map(drop)
}

/// Devices of a day with their views and distinct sessions.
pub async fn devices(
    conn: &mut Conn,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<(String, i64, i64)>> {
    read(
        "select coalesce(device_type, 'unknown'), count(*), count(distinct session_id)
           from (select device_type, session_id from post_view
                  where is_unique_view = true and created_at >= $1 and created_at < $2
                 union all
                 select device_type, session_id from post_view
                  where is_unique_view = false and created_at >= $1 and created_at < $2) v
          group by coalesce(device_type, 'unknown') order by 2 desc limit 20",
    )
    .bind(from)
    .bind(to)
    .all(conn)
    .await
}

/// Countries of a day with their views and distinct sessions; none unless a proxy names them.
pub async fn countries(
    conn: &mut Conn,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<(String, i64, i64)>> {
    read(
        "select country_code, count(*), count(distinct session_id) from post_view
          where country_code is not null and created_at >= $1 and created_at < $2
          group by country_code order by 2 desc limit 300",
    )
    .bind(from)
    .bind(to)
    .all(conn)
    .await
}

/// Keeps what a name of a kind had in a day: distinct sessions as the value, views as the count.
pub async fn sum_part(
    tx: &mut Tx,
    (date, kind): (&str, &str),
    (name, views, sessions): &(String, i64, i64),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into analytics_summary (created_at, updated_at, date, metric_type, metric_key,
                metric_value, count)
         values ($1, $1, $2, $3, $4, cast(cast($5 as bigint) as double precision), $6)
             on conflict (date, metric_type, metric_key) do update
            set metric_value = excluded.metric_value, count = excluded.count,
                updated_at = excluded.updated_at",
    )
    .bind(now)
    .bind(date)
    .bind(kind)
    .bind(name)
    .bind(*sessions)
    .bind(*views)
    .run(tx)
    .await
    .map(drop)
}

/// Forgets some addresses from before a time; says of how many views.
pub async fn forget_addresses(
    tx: &mut Tx,
    before: DateTime<Utc>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<u64> {
    write(
        "update post_view set ip_address = null, updated_at = $3
          where id in (select id from post_view
                        where ip_address is not null and created_at < $1
                        order by created_at limit $2)",
    )
    .bind(before)
    .bind(limit)
    .bind(now)
    .run(tx)
    .await
}

/// Removes some views from before a time; says how many.
pub async fn remove_old(
    tx: &mut Tx,
    unique: bool,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64> {
    write(
        "delete from post_view
          where id in (select id from post_view where is_unique_view = $1 and created_at < $2
                        order by created_at limit $3)",
    )
    .bind(unique)
    .bind(before)
    .bind(limit)
    .run(tx)
    .await
}
