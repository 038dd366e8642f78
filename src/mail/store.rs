//! The SQL of the outbox.

use chrono::{DateTime, Utc};

use super::Outgoing;
use crate::{
    Result,
    db::{Tx, write},
    ids::{MailId, UserId},
};

/// Adds a mail to the queue.
pub async fn insert(tx: &mut Tx, mail: &Outgoing, now: DateTime<Utc>) -> Result<MailId> {
    write(
        "insert into outgoing_mail (created_at, updated_at, user_id, kind, recipient, reply_to,
                subject, text_body, html_body, message_id, next_try_at)
         values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $1) returning id",
    )
    .bind(now)
    .bind(mail.user)
    .bind(mail.kind)
    .bind(&mail.to)
    .bind(mail.reply_to.clone())
    .bind(&mail.subject)
    .bind(mail.content.paragraphs.join("\n\n"))
    .bind("")
    .bind(uuid::Uuid::new_v4().to_string())
    .value(tx)
    .await
}

/// Takes address and text out of every mail to a person.
pub async fn forget_user(
    tx: &mut Tx,
    user: UserId,
    email: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update outgoing_mail
            set recipient = 'deleted', reply_to = null, subject = '', text_body = '',
                html_body = '', last_error = null, updated_at = $3,
                status = case when status in ('queued', 'sending') then 'cancelled' else status end
          where user_id = $1 or lower(recipient) = lower($2)",
    )
    .bind(user)
    .bind(email)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
