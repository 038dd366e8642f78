//! The SQL of the slow-down after failed logins.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, write},
};

/// Counts one try before it is made, so that tries at the same time cannot outrun the count, and
/// says how many there were; `None` while tries have to wait. It begins anew when nothing was
/// tried since `quiet_since`. A pause beyond `latest_end` was set by a clock that was wrong.
pub async fn charge(
    tx: &mut Tx,
    key: &str,
    now: DateTime<Utc>,
    (quiet_since, latest_end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<i64>> {
    let row = write(
        "insert into login_throttle (created_at, updated_at, account_key, failures,
                window_started_at)
         values ($1, $1, $2, 1, $1)
         on conflict (account_key) do update set
                failures = case when login_throttle.window_started_at < $3
                                 and (login_throttle.blocked_until is null
                                      or login_throttle.blocked_until < $3)
                                then 1 else login_throttle.failures + 1 end,
                window_started_at = case when login_throttle.window_started_at < $3
                                          and (login_throttle.blocked_until is null
                                               or login_throttle.blocked_until < $3)
                                         then $1 else login_throttle.window_started_at end,
                updated_at = $1
          where login_throttle.blocked_until is null or login_throttle.blocked_until <= $1
             or login_throttle.blocked_until > $4
         returning failures",
    )
    .bind(now)
    .bind(key)
    .bind(quiet_since)
    .bind(latest_end)
    .optional(tx)
    .await?;
    Ok(row.map(|(failures,)| failures))
}

/// Lets nobody try before a time.
pub async fn block(tx: &mut Tx, key: &str, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    write("update login_throttle set blocked_until = $2, updated_at = $3 where account_key = $1")
        .bind(key)
        .bind(until)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Until when tries have to wait.
pub async fn blocked_until(conn: &mut Conn, key: &str) -> Result<Option<DateTime<Utc>>> {
    let row = read("select blocked_until from login_throttle where account_key = $1")
        .bind(key)
        .optional::<(Option<DateTime<Utc>>,)>(conn)
        .await?;
    Ok(row.and_then(|(until,)| until))
}

/// Forgets what was counted, after the right password or a reset.
pub async fn clear(tx: &mut Tx, key: &str) -> Result<()> {
    write("delete from login_throttle where account_key = $1").bind(key).run(tx).await?;
    Ok(())
}

pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    write("delete from login_throttle where updated_at < $1").bind(before).run(tx).await
}
