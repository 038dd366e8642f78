//! The SQL of the outbox.

pub mod deliveries;
pub mod lists;

use chrono::{DateTime, Utc};

use super::{actions::Written, worker::Taker};
use crate::{
    Result,
    db::{Conn, Tx, read, record, text_enum, write},
    ids::{MailId, UserId},
};

text_enum! {
    /// How far a mail has come.
    pub enum Status {
        Queued = "queued",
        Sending = "sending",
        Sent = "sent",
        Delivered = "delivered",
        Bounced = "bounced",
        Complained = "complained",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

record! {
    /// A mail in the outbox.
    #[derive(Debug, Clone)]
    pub struct Mail {
        pub id: MailId,
        pub created_at: DateTime<Utc>,
        pub kind: String,
        pub recipient: String,
        pub reply_to: Option<String>,
        pub subject: String,
        pub text_body: String,
        pub html_body: String,
        pub message_id: String,
        pub list_unsubscribe: Option<String>,
        pub status: Status,
        pub tries: i64,
        pub next_try_at: DateTime<Utc>,
        pub sent_at: Option<DateTime<Utc>>,
        pub last_error: Option<String>,
        /// How often a worker died while it was sending the mail.
        pub interruptions: i64,
    }
}

record! {
    /// A mail in a list, without its text.
    #[derive(Debug, Clone)]
    pub struct Line {
        pub id: MailId,
        pub created_at: DateTime<Utc>,
        pub kind: String,
        pub recipient: String,
        pub subject: String,
        pub status: Status,
        pub tries: i64,
        pub next_try_at: DateTime<Utc>,
        pub last_error: Option<String>,
    }
}

/// Adds a mail to the queue.
pub(super) async fn insert(
    tx: &mut Tx,
    written: &Written<'_>,
    now: DateTime<Utc>,
) -> Result<MailId> {
    let mail = written.mail;
    write(
        "insert into outgoing_mail (created_at, updated_at, user_id, kind, recipient, reply_to,
                subject, text_body, html_body, message_id, list_unsubscribe, next_try_at)
         values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $1) returning id",
    )
    .bind(now)
    .bind(mail.user)
    .bind(mail.kind)
    .bind(&mail.to)
    .bind(mail.reply_to.clone())
    .bind(&written.subject)
    .bind(&written.text)
    .bind(&written.html)
    .bind(&written.message_id)
    .bind(mail.unsubscribe.clone())
    .value(tx)
    .await
}

/// Whether something can be sent now.
pub async fn is_due(conn: &mut Conn, taker: Taker, now: DateTime<Utc>) -> Result<bool> {
    let statement = match taker {
        Taker::Any => read(
            "select id from outgoing_mail
              where next_try_at <= $1
                and (status = 'queued' or (status = 'sending' and leased_until < $1)) limit 1",
        ),
        Taker::Urgent => read(
            "select id from outgoing_mail
              where next_try_at <= $1 and status in ('queued', 'sending')
                and list_unsubscribe is null
                and (status = 'queued' or leased_until < $1) limit 1",
        ),
    };
    let due: Option<(MailId,)> = statement.bind(now).optional(conn).await?;
    Ok(due.is_some())
}

/// Takes the mail that has waited longest, for one worker alone until `until`. A mail whose last
/// try was not brought to its end gets `interrupted` as its last error.
pub async fn lease(
    tx: &mut Tx,
    taker: Taker,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    interrupted: &str,
) -> Result<Option<Mail>> {
    let next: Option<(MailId,)> = match taker {
        Taker::Any => read(
            "select id from outgoing_mail
              where next_try_at <= $1
                and (status = 'queued' or (status = 'sending' and leased_until < $1))
              order by next_try_at, id limit 1",
        ),
        Taker::Urgent => read(
            "select id from outgoing_mail
              where next_try_at <= $1 and status in ('queued', 'sending')
                and list_unsubscribe is null
                and (status = 'queued' or leased_until < $1)
              order by next_try_at, id limit 1",
        ),
    }
    .bind(now)
    .optional(tx)
    .await?;
    let Some((next,)) = next else { return Ok(None) };
    write(
        "update outgoing_mail
            set status = 'sending', leased_until = $2, tries = tries + 1, updated_at = $1,
                interruptions = interruptions + case when status = 'sending' then 1 else 0 end,
                last_error = case when status = 'sending' then cast($3 as text)
                                  else last_error end
          where id = $4
            and (status = 'queued' or (status = 'sending' and leased_until < $1))
         returning id, created_at, kind, recipient, reply_to, subject, text_body, html_body,
                   message_id, list_unsubscribe, status, tries, next_try_at, sent_at, last_error,
                   interruptions",
    )
    .bind(now)
    .bind(until)
    .bind(interrupted)
    .bind(next)
    .optional(tx)
    .await
}

/// Notes that a server has taken the mail, and keeps its text only where a developer reads it:
/// it may hold links that let their holder in. Word of its fate may have been quicker, and stays.
pub async fn sent(
    tx: &mut Tx,
    mail: &Mail,
    (relay, keep): (&str, bool),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update outgoing_mail
            set status = case when status = 'sending' then 'sent' else status end,
                last_error = case when status = 'sending' then null else last_error end,
                sent_at = $1, leased_until = null, relay = $5,
                text_body = case when $4 then text_body else '' end,
                html_body = case when $4 then html_body else '' end, updated_at = $1
          where id = $2 and tries = $3
            and status in ('sending', 'delivered', 'bounced', 'complained')",
    )
    .bind(now)
    .bind(mail.id)
    .bind(mail.tries)
    .bind(keep)
    .bind(relay)
    .run(tx)
    .await?;
    Ok(())
}

/// Puts a mail back into the queue as if it had not been taken.
pub async fn postpone(
    tx: &mut Tx,
    mail: &Mail,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update outgoing_mail
            set status = 'queued', leased_until = null, tries = tries - 1, next_try_at = $4,
                updated_at = $1
          where id = $2 and status = 'sending' and tries = $3",
    )
    .bind(now)
    .bind(mail.id)
    .bind(mail.tries)
    .bind(until)
    .run(tx)
    .await?;
    Ok(())
}

/// Notes why the mail was not taken, and when it is tried again: `None` is never.
pub async fn refused(
    tx: &mut Tx,
    mail: &Mail,
    (again, reason): (Option<DateTime<Utc>>, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    let status = if again.is_some() { Status::Queued } else { Status::Failed };
    write(
        "update outgoing_mail
            set status = $4, leased_until = null, last_error = $5, next_try_at = $6,
                updated_at = $1
          where id = $2 and status = 'sending' and tries = $3",
    )
    .bind(now)
    .bind(mail.id)
    .bind(mail.tries)
    .bind(status)
    .bind(reason)
    .bind(again.unwrap_or(now))
    .run(tx)
    .await?;
    Ok(())
}

/// One mail, whole.
pub async fn by_id(conn: &mut Conn, id: MailId) -> Result<Mail> {
    read(
        "select id, created_at, kind, recipient, reply_to, subject, text_body, html_body,
                message_id, list_unsubscribe, status, tries, next_try_at, sent_at, last_error,
                interruptions
           from outgoing_mail where id = $1",
    )
    .bind(id)
    .one(conn)
    .await
}

/// The newest mails, whatever became of them.
pub async fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<Line>> {
    read(
        "select id, created_at, kind, recipient, subject, status, tries, next_try_at, last_error
           from outgoing_mail order by id desc limit $1",
    )
    .bind(limit)
    .all(conn)
    .await
}

/// The newest mails that have not been sent.
pub async fn unsent(conn: &mut Conn, limit: i64) -> Result<Vec<Line>> {
    read(
        "select id, created_at, kind, recipient, subject, status, tries, next_try_at, last_error
           from outgoing_mail where status in ('queued', 'sending', 'failed')
          order by id desc limit $1",
    )
    .bind(limit)
    .all(conn)
    .await
}

/// How many mails have come how far.
pub async fn counts(conn: &mut Conn) -> Result<Vec<(Status, i64)>> {
    read("select status, count(*) from outgoing_mail group by status order by status")
        .all(conn)
        .await
}

/// Puts what was given up back into the queue: not what may have arrived, of which a person decides
/// one by one, nor what is blank or goes to an address that wants no such mail.
pub async fn retry_failed(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update outgoing_mail set status = 'queued', tries = 0, last_error = null,
                next_try_at = $1, updated_at = $1
          where status = 'failed' and interruptions = 0 and recipient <> '' and text_body <> ''
            and (list_unsubscribe is null
                 or not exists (select 1 from mail_suppression s
                                 where s.email_key = lower(outgoing_mail.recipient)))",
    )
    .bind(now)
    .run(tx)
    .await
}

/// Puts one mail that was given up or cancelled back into the queue; blank ones stay.
pub async fn resend(tx: &mut Tx, id: MailId, now: DateTime<Utc>) -> Result<bool> {
    let changed = write(
        "update outgoing_mail set status = 'queued', tries = 0, last_error = null,
                next_try_at = $1, updated_at = $1
          where id = $2 and status in ('failed', 'cancelled') and recipient <> ''
            and text_body <> ''",
    )
    .bind(now)
    .bind(id)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Takes one mail out of the queue.
pub async fn cancel(tx: &mut Tx, id: MailId, now: DateTime<Utc>) -> Result<bool> {
    let changed = write(
        "update outgoing_mail set status = 'cancelled', leased_until = null, updated_at = $1
          where id = $2 and (status in ('queued', 'failed')
                             or (status = 'sending' and leased_until < $1))",
    )
    .bind(now)
    .bind(id)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Blanks a person's mails, and cancels those that wait.
pub async fn forget_user(tx: &mut Tx, user: UserId, email: &str, now: DateTime<Utc>) -> Result<()> {
    write(
        "update outgoing_mail
            set recipient = '', reply_to = null, subject = '', text_body = '', html_body = '',
                list_unsubscribe = null, last_error = null, leased_until = null, updated_at = $1,
                status = case when status in ('queued', 'sending') then 'cancelled'
                              else status end
          where user_id = $2 or recipient = $3",
    )
    .bind(now)
    .bind(user)
    .bind(email)
    .run(tx)
    .await?;
    Ok(())
}

/// Deletes mails about which nothing will change any more.
pub async fn delete_old(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    write(
        "delete from outgoing_mail
          where created_at < $1 and status not in ('queued', 'sending')",
    )
    .bind(before)
    .run(tx)
    .await
}
