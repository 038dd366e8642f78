//! The SQL of exports: who asked for one, and where it lies.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{ExportId, UserId},
};

record! {
    /// An export, being made or ready.
    #[derive(Debug, Clone)]
    pub struct Export {
        pub id: ExportId,
        pub name: String,
        pub parts: i64,
        pub size_bytes: i64,
        pub ready_at: Option<DateTime<Utc>>,
        pub expires_at: DateTime<Utc>,
    }
}

/// A person's export, whatever its state.
pub async fn of(conn: &mut Conn, user: UserId) -> Result<Option<Export>> {
    read(
        "select id, name, parts, size_bytes, ready_at, expires_at from data_export
          where user_id = $1",
    )
    .bind(user)
    .optional(conn)
    .await
}

/// Notes that one is asked for; `false` when one is being made already.
pub async fn ask(
    tx: &mut Tx,
    user: UserId,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool> {
    let made = write(
        "insert into data_export (created_at, updated_at, user_id, expires_at)
         values ($1, $1, $2, $3) on conflict (user_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(until)
    .run(tx)
    .await?;
    Ok(made > 0)
}

/// Notes where it lies; `false` when nobody waits for it any more.
pub async fn ready(
    tx: &mut Tx,
    id: ExportId,
    (name, parts, size): (&str, i64, i64),
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool> {
    let changed = write(
        "update data_export
            set name = $2, parts = $3, size_bytes = $4, ready_at = $5, expires_at = $6,
                updated_at = $5
          where id = $1 and ready_at is null",
    )
    .bind(id)
    .bind(name)
    .bind(parts)
    .bind(size)
    .bind(now)
    .bind(until)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Forgets a person's export that is ready, or that nobody made in time; says where it lay.
pub async fn take_old(
    tx: &mut Tx,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<(String, i64)>> {
    write(
        "delete from data_export
          where user_id = $1 and (ready_at is not null or expires_at <= $2)
         returning name, parts",
    )
    .bind(user)
    .bind(now)
    .optional(tx)
    .await
}

/// Forgets a person's export in any state; says where it lay.
pub async fn take(tx: &mut Tx, user: UserId) -> Result<Option<(String, i64)>> {
    write("delete from data_export where user_id = $1 returning name, parts")
        .bind(user)
        .optional(tx)
        .await
}

/// Those whose time is over, some at once.
pub async fn expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<(UserId,)>> {
    read("select user_id from data_export where expires_at <= $1 order by expires_at limit 200")
        .bind(now)
        .all(conn)
        .await
}
