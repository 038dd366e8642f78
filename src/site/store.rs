//! The SQL of messages to the site.

use chrono::{DateTime, Utc};

use super::Message;
use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::UserId,
};

/// Keeps a message, unless the same one came today already.
pub async fn insert(
    tx: &mut Tx,
    message: &Message,
    user: Option<UserId>,
    address: &str,
    now: DateTime<Utc>,
) -> Result<Option<i64>> {
    let row = write(
        "insert into contact_message (created_at, updated_at, user_id, name, email, message,
                address, digest)
         values ($1, $1, $2, $3, $4, $5, $6, $7) on conflict (digest) do nothing returning id",
    )
    .bind(now)
    .bind(user)
    .bind(&message.name)
    .bind(&message.email)
    .bind(&message.text)
    .bind(address)
    .bind(message.digest(now))
    .optional(tx)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// The addresses of everybody who administers the site.
pub async fn administrators(conn: &mut Conn) -> Result<Vec<(UserId, String)>> {
    read(
        "select distinct u.id, u.email from \"user\" u
           join role_permissions rp on rp.role_id = u.role_id
           join permission p on p.id = rp.permission_id
          where p.name = 'admin_access' and u.is_active and u.email_confirmed order by u.id",
    )
    .all(conn)
    .await
}

/// Forgets from where old messages came; says of how many.
pub async fn forget_addresses(
    tx: &mut Tx,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64> {
    write(
        "update contact_message set address = '', updated_at = $2
          where created_at < $1 and address <> ''",
    )
    .bind(before)
    .bind(now)
    .run(tx)
    .await
}

/// Whether there is an old message whose origin is still known.
pub async fn has_old_addresses(conn: &mut Conn, before: DateTime<Utc>) -> Result<bool> {
    let row: Option<(i64,)> =
        read("select id from contact_message where created_at < $1 and address <> '' limit 1")
            .bind(before)
            .optional(conn)
            .await?;
    Ok(row.is_some())
}
