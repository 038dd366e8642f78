//! The SQL of sessions and of the devices that people are known by.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{RoleId, SessionId, UserId},
};

record! {
    /// A session with its user, as one question finds them.
    pub struct SessionRow {
        pub session_id: SessionId,
        pub user_id: UserId,
        pub username: String,
        pub email: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
        pub theme: String,
        pub unread_count: i64,
        pub role_id: Option<RoleId>,
        pub remember: bool,
        pub last_seen_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
        pub proved_at: DateTime<Utc>,
    }
}

/// The session with this hash, if it and its user are alive.
pub async fn by_token(
    conn: &mut Conn,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<SessionRow>> {
    read(
        "select s.id as session_id, u.id as user_id, u.username, u.email, u.first_name,
                u.last_name, u.avatar_filename, u.theme, u.unread_count, u.role_id, s.remember, s.last_seen_at,
                s.expires_at, s.proved_at
           from session s join \"user\" u on u.id = s.user_id
          where s.token_hash = $1 and s.expires_at > $2 and u.is_active",
    )
    .bind(token_hash)
    .bind(now)
    .optional(conn)
    .await
}

/// Notes that sessions were used; the last word of many requests.
pub async fn touch(tx: &mut Tx, session: SessionId, user: UserId, at: DateTime<Utc>) -> Result<()> {
    write("update session set last_seen_at = $2, updated_at = $2 where id = $1")
        .bind(session)
        .bind(at)
        .run(tx)
        .await?;
    write("update \"user\" set last_seen = $2, updated_at = $2 where id = $1 and last_seen < $2")
        .bind(user)
        .bind(at)
        .run(tx)
        .await?;
    Ok(())
}

/// A session to be made.
pub struct NewSession<'a> {
    pub user: UserId,
    pub token_hash: &'a str,
    pub remember: bool,
    pub expires_at: DateTime<Utc>,
    pub user_agent: &'a str,
    pub address: &'a str,
}

pub async fn insert(tx: &mut Tx, new: &NewSession<'_>, now: DateTime<Utc>) -> Result<SessionId> {
    write(
        "insert into session (created_at, updated_at, user_id, token_hash, remember, last_seen_at,
                expires_at, proved_at, user_agent, address)
         values ($1, $1, $2, $3, $4, $1, $5, $1, $6, $7) returning id",
    )
    .bind(now)
    .bind(new.user)
    .bind(new.token_hash)
    .bind(new.remember)
    .bind(new.expires_at)
    .bind(new.user_agent)
    .bind(new.address)
    .value(tx)
    .await
}

/// Gives a session another token, after its owner has typed the password again; says whether
/// it is remembered.
pub async fn renew(
    tx: &mut Tx,
    session: SessionId,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<bool>> {
    let row = write(
        "update session set token_hash = $2, proved_at = $3, last_seen_at = $3, updated_at = $3
          where id = $1 returning remember",
    )
    .bind(session)
    .bind(token_hash)
    .bind(now)
    .optional(tx)
    .await?;
    Ok(row.map(|(remember,)| remember))
}

/// Ends the session with this token.
pub async fn delete_by_token(tx: &mut Tx, token_hash: &str) -> Result<u64> {
    write("delete from session where token_hash = $1").bind(token_hash).run(tx).await
}

/// Ends one of a person's sessions.
pub async fn delete(tx: &mut Tx, user: UserId, session: SessionId) -> Result<u64> {
    write("delete from session where id = $1 and user_id = $2")
        .bind(session)
        .bind(user)
        .run(tx)
        .await
}

/// Ends all sessions of a person.
pub async fn delete_all(tx: &mut Tx, user: UserId) -> Result<u64> {
    write("delete from session where user_id = $1").bind(user).run(tx).await
}

/// Ends all sessions of a person but one.
pub async fn delete_others(tx: &mut Tx, user: UserId, kept: SessionId) -> Result<u64> {
    write("delete from session where user_id = $1 and id <> $2").bind(user).bind(kept).run(tx).await
}

record! {
    /// A session as its owner sees it.
    #[derive(Debug, Clone)]
    pub struct SessionInfo {
        pub id: SessionId,
        pub created_at: DateTime<Utc>,
        pub last_seen_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
        pub remember: bool,
        pub user_agent: String,
        pub address: String,
    }
}

/// A person's sessions, the last used first.
pub async fn of(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<SessionInfo>> {
    read(
        "select id, created_at, last_seen_at, expires_at, remember, user_agent, address
           from session where user_id = $1 and expires_at > $2
          order by last_seen_at desc, id desc limit 200",
    )
    .bind(user)
    .bind(now)
    .all(conn)
    .await
}

/// Forgets sessions that have run out.
pub async fn prune(tx: &mut Tx, now: DateTime<Utc>, idle_since: DateTime<Utc>) -> Result<u64> {
    write(
        "delete from session
          where expires_at < $1 or (last_seen_at < $2 and not remember)",
    )
    .bind(now)
    .bind(idle_since)
    .run(tx)
    .await
}

/// Whether somebody has logged in from a device before.
pub async fn device_is_known(
    conn: &mut Conn,
    user: UserId,
    token_hash: &str,
    since: DateTime<Utc>,
) -> Result<bool> {
    let row: Option<(i64,)> = read(
        "select id from known_device where user_id = $1 and token_hash = $2 and updated_at > $3",
    )
    .bind(user)
    .bind(token_hash)
    .bind(since)
    .optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Whether anybody has, so that the cookie is one that we gave.
pub async fn device_is_ours(
    conn: &mut Conn,
    token_hash: &str,
    since: DateTime<Utc>,
) -> Result<bool> {
    let row: Option<(i64,)> =
        read("select id from known_device where token_hash = $1 and updated_at > $2 limit 1")
            .bind(token_hash)
            .bind(since)
            .optional(conn)
            .await?;
    Ok(row.is_some())
}

pub async fn know_device(
    tx: &mut Tx,
    user: UserId,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into known_device (created_at, updated_at, user_id, token_hash)
         values ($1, $1, $2, $3)
         on conflict (user_id, token_hash) do update set updated_at = $1",
    )
    .bind(now)
    .bind(user)
    .bind(token_hash)
    .run(tx)
    .await?;
    Ok(())
}

/// Nobody is known by a device any more.
pub async fn forget_devices(tx: &mut Tx, user: UserId) -> Result<u64> {
    write("delete from known_device where user_id = $1").bind(user).run(tx).await
}

pub async fn prune_devices(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    write("delete from known_device where updated_at < $1").bind(before).run(tx).await
}
