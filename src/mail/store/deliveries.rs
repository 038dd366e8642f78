//! The SQL of what became of mails, and of addresses that get no optional mail.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::MailId,
};

/// A mail's number and recipient.
pub async fn recipient_by_id(conn: &mut Conn, id: MailId) -> Result<Option<(MailId, String)>> {
    read("select id, recipient from outgoing_mail where id = $1").bind(id).optional(conn).await
}

/// The same by the name that the mail carries.
pub async fn recipient_by_message_id(
    conn: &mut Conn,
    name: &str,
) -> Result<Option<(MailId, String)>> {
    read("select id, recipient from outgoing_mail where message_id = $1")
        .bind(name)
        .optional(conn)
        .await
}

/// Adds a report, unless the same is there already.
pub async fn insert(
    tx: &mut Tx,
    mail: MailId,
    (kind, detail, key): (&str, &str, &str),
    now: DateTime<Utc>,
) -> Result<bool> {
    let row: Option<(i64,)> = write(
        "insert into mail_event (created_at, mail_id, kind, detail, provider_key)
         values ($1, $2, $3, $4, $5) on conflict (provider_key) do nothing returning id",
    )
    .bind(now)
    .bind(mail)
    .bind(kind)
    .bind(detail)
    .bind(key)
    .optional(tx)
    .await?;
    Ok(row.is_some())
}

/// Notes the fate in the mail's row. Reports come in any order: a bounce is not undone by a
/// delivery that was reported late, and a complaint by nothing. A report of a mail that waits for
/// another try, or was given up, is of a try that was cut off: it did arrive, and is not sent again.
/// The text goes when it will not be sent any more, unless it is to be kept.
pub async fn set_fate(
    tx: &mut Tx,
    mail: MailId,
    (fate, detail, keep): (&str, &str, bool),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update outgoing_mail
            set status = case when cast($3 as text) = 'deferred' then status
                              else cast($3 as text) end,
                delivered_at = case when cast($3 as text) = 'delivered' then $1
                                    else delivered_at end,
                last_error = case when cast($3 as text) = 'delivered' then last_error
                                  else cast($4 as text) end,
                text_body = case when $5 or cast($3 as text) = 'deferred' then text_body
                                 else '' end,
                html_body = case when $5 or cast($3 as text) = 'deferred' then html_body
                                 else '' end,
                updated_at = $1
          where id = $2
            and (status in ('sent', 'sending', 'delivered')
                 or (status in ('queued', 'failed') and cast($3 as text) <> 'deferred')
                 or (status = 'bounced' and cast($3 as text) = 'complained'))",
    )
    .bind(now)
    .bind(mail)
    .bind(fate)
    .bind(detail)
    .bind(keep)
    .run(tx)
    .await?;
    Ok(())
}

/// Stops optional mail to an address.
pub async fn suppress(
    tx: &mut Tx,
    address: &str,
    (reason, detail): (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into mail_suppression (created_at, updated_at, email_key, reason, detail)
         values ($1, $1, $2, $3, $4)
         on conflict (email_key) do update set reason = excluded.reason,
             detail = excluded.detail, updated_at = excluded.updated_at",
    )
    .bind(now)
    .bind(address)
    .bind(reason)
    .bind(detail)
    .run(tx)
    .await?;
    Ok(())
}

/// Lets optional mail go to an address again; says whether it was stopped.
pub async fn allow(tx: &mut Tx, address: &str) -> Result<bool> {
    let gone =
        write("delete from mail_suppression where email_key = $1").bind(address).run(tx).await?;
    Ok(gone > 0)
}

/// Whether an address gets no optional mail.
pub async fn is_suppressed(conn: &mut Conn, address: &str) -> Result<bool> {
    let row: Option<(i64,)> = read("select id from mail_suppression where email_key = $1")
        .bind(address)
        .optional(conn)
        .await?;
    Ok(row.is_some())
}

record! {
    /// An address that gets no optional mail, and why.
    #[derive(Debug, Clone)]
    pub struct Suppression {
        pub id: i64,
        pub created_at: DateTime<Utc>,
        pub email_key: String,
        pub reason: String,
        pub detail: String,
    }
}

/// The addresses stopped last.
pub async fn suppressions(conn: &mut Conn, limit: i64) -> Result<Vec<Suppression>> {
    read(
        "select id, created_at, email_key, reason, detail from mail_suppression
          order by created_at desc, id desc limit $1",
    )
    .bind(limit)
    .all(conn)
    .await
}
