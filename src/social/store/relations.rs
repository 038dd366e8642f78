//! Who blocked and who muted whom.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::UserId,
};

/// Whether one of two people has blocked the other.
pub async fn is_blocked(conn: &mut Conn, one: UserId, other: UserId) -> Result<bool> {
    let row: Option<(i64,)> = read(
        "select id from user_block where user_id = $1 and blocked_id = $2
         union all
         select id from user_block where user_id = $2 and blocked_id = $1 limit 1",
    )
    .bind(one)
    .bind(other)
    .optional(conn)
    .await?;
    Ok(row.is_some())
}

record! {
    /// How two people stand to each other, seen by one of them.
    #[derive(Debug, Clone, Copy, Default)]
    pub struct Between {
        /// One has blocked the other.
        pub has_blocked: bool,
        /// One is blocked by the other.
        pub is_blocked: bool,
        pub has_muted: bool,
    }
}

/// How somebody stands to somebody else.
pub async fn between(conn: &mut Conn, user: UserId, other: UserId) -> Result<Between> {
    let row: Option<Between> = read(
        "select exists (select 1 from user_block where user_id = $1 and blocked_id = $2)
                    as has_blocked,
                exists (select 1 from user_block where user_id = $2 and blocked_id = $1)
                    as is_blocked,
                exists (select 1 from user_mute where user_id = $1 and muted_id = $2)
                    as has_muted",
    )
    .bind(user)
    .bind(other)
    .optional(conn)
    .await?;
    Ok(row.unwrap_or_default())
}

pub async fn block(tx: &mut Tx, user: UserId, whom: UserId, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into user_block (created_at, user_id, blocked_id) values ($1, $2, $3)
         on conflict (user_id, blocked_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(whom)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes a block back; says whether there was one.
pub async fn unblock(tx: &mut Tx, user: UserId, whom: UserId) -> Result<bool> {
    let gone = write("delete from user_block where user_id = $1 and blocked_id = $2")
        .bind(user)
        .bind(whom)
        .run(tx)
        .await?;
    Ok(gone > 0)
}

pub async fn mute(tx: &mut Tx, user: UserId, whom: UserId, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into user_mute (created_at, user_id, muted_id) values ($1, $2, $3)
         on conflict (user_id, muted_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(whom)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes muting back; says whether there was any.
pub async fn unmute(tx: &mut Tx, user: UserId, whom: UserId) -> Result<bool> {
    let gone = write("delete from user_mute where user_id = $1 and muted_id = $2")
        .bind(user)
        .bind(whom)
        .run(tx)
        .await?;
    Ok(gone > 0)
}
