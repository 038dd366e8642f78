//! The SQL of one-time links. Only the hash of a token is here.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    accounts::tokens::Purpose,
    db::{Conn, Tx, read, record, write},
    ids::UserId,
};

record! {
    /// What a link is good for.
    #[derive(Debug, Clone)]
    pub struct TokenRow {
        pub user_id: Option<UserId>,
        pub email: Option<String>,
        pub created_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
        pub used_at: Option<DateTime<Utc>>,
    }
}

/// A link to be made.
pub struct NewToken<'a> {
    pub user: Option<UserId>,
    pub purpose: Purpose,
    pub token_hash: &'a str,
    pub email: Option<&'a str>,
    pub expires_at: DateTime<Utc>,
}

pub async fn insert(tx: &mut Tx, new: &NewToken<'_>, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into user_token (created_at, updated_at, user_id, purpose, token_hash, email,
                expires_at)
         values ($1, $1, $2, $3, $4, $5, $6)",
    )
    .bind(now)
    .bind(new.user)
    .bind(new.purpose)
    .bind(new.token_hash)
    .bind(new.email)
    .bind(new.expires_at)
    .run(tx)
    .await?;
    Ok(())
}

/// What a link is good for, without using it.
pub async fn find(conn: &mut Conn, purpose: Purpose, token_hash: &str) -> Result<Option<TokenRow>> {
    read(
        "select user_id, email, created_at, expires_at, used_at from user_token
          where token_hash = $1 and purpose = $2",
    )
    .bind(token_hash)
    .bind(purpose)
    .optional(conn)
    .await
}

/// Uses a link up; of many who try at once, one finds it good.
pub async fn consume(
    tx: &mut Tx,
    purpose: Purpose,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<TokenRow>> {
    write(
        "update user_token set used_at = $3, updated_at = $3
          where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3
         returning user_id, email, created_at, expires_at, used_at",
    )
    .bind(token_hash)
    .bind(purpose)
    .bind(now)
    .optional(tx)
    .await
}

/// Makes a person's links for one purpose void.
pub async fn void(tx: &mut Tx, user: UserId, purpose: Purpose, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update user_token set used_at = $3, updated_at = $3
          where user_id = $1 and purpose = $2 and used_at is null",
    )
    .bind(user)
    .bind(purpose)
    .bind(now)
    .run(tx)
    .await
}

/// Makes all links of a person void.
pub async fn void_all(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update user_token set used_at = $2, updated_at = $2
          where user_id = $1 and used_at is null",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await
}

/// Forgets set-up links made before a time.
pub async fn delete_setup(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    write("delete from user_token where purpose = 'setup' and created_at <= $1")
        .bind(before)
        .run(tx)
        .await
}

/// Forgets links that ran out before a time.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    write("delete from user_token where expires_at < $1").bind(before).run(tx).await
}
