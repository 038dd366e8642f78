//! The SQL of the outbox as those see it who run the site: lists, and one mail with its fate.

use chrono::{DateTime, Utc};

use super::{Line, Status};
use crate::{
    Result,
    db::{Conn, read, record},
    ids::MailId,
    mail::store::deliveries::Suppression,
    paging::Direction,
};

record! {
    /// A mail without its text: that is for the recipient alone.
    #[derive(Debug, Clone)]
    pub struct Detail {
        pub id: MailId,
        pub created_at: DateTime<Utc>,
        pub kind: String,
        pub recipient: String,
        pub subject: String,
        pub message_id: String,
        pub status: Status,
        pub tries: i64,
        pub next_try_at: DateTime<Utc>,
        pub leased_until: Option<DateTime<Utc>>,
        pub sent_at: Option<DateTime<Utc>>,
        pub delivered_at: Option<DateTime<Utc>>,
        pub relay: Option<String>,
        pub last_error: Option<String>,
        pub interruptions: i64,
        pub has_text: bool,
    }
}

/// One page of the outbox and a row more: all of it, or the mails in one state.
pub async fn page(
    conn: &mut Conn,
    only: Option<Status>,
    direction: Direction,
    limit: i64,
) -> Result<Vec<Line>> {
    let id = match direction {
        Direction::First => i64::MAX,
        Direction::Before(cursor) | Direction::After(cursor) => cursor.id,
    };
    let is_back = matches!(direction, Direction::After(_));
    let statement = match (only, is_back) {
        (None, false) => read(
            "select id, created_at, kind, recipient, subject, status, tries, next_try_at,
                    last_error
               from outgoing_mail where id < $1 order by id desc limit $2",
        ),
        (None, true) => read(
            "select id, created_at, kind, recipient, subject, status, tries, next_try_at,
                    last_error
               from outgoing_mail where id > $1 order by id limit $2",
        ),
        (Some(_), false) => read(
            "select id, created_at, kind, recipient, subject, status, tries, next_try_at,
                    last_error
               from outgoing_mail where id < $1 and status = $3 order by id desc limit $2",
        ),
        (Some(_), true) => read(
            "select id, created_at, kind, recipient, subject, status, tries, next_try_at,
                    last_error
               from outgoing_mail where id > $1 and status = $3 order by id limit $2",
        ),
    };
    let statement = statement.bind(id).bind(limit);
    match only {
        Some(status) => statement.bind(status).all(conn).await,
        None => statement.all(conn).await,
    }
}

/// How many mails are in a state, counted as far as `most`.
pub async fn count(conn: &mut Conn, status: Status, most: i64) -> Result<i64> {
    read(
        "select count(*) from
           (select 1 as one from outgoing_mail where status = $1 limit $2) counted",
    )
    .bind(status)
    .bind(most)
    .value(conn)
    .await
}

/// One mail.
pub async fn detail(conn: &mut Conn, id: MailId) -> Result<Option<Detail>> {
    read(
        "select id, created_at, kind, recipient, subject, message_id, status, tries, next_try_at,
                leased_until, sent_at, delivered_at, relay, last_error, interruptions,
                text_body <> '' as has_text
           from outgoing_mail where id = $1",
    )
    .bind(id)
    .optional(conn)
    .await
}

/// What was reported of one mail: when, what, why.
pub async fn reports(conn: &mut Conn, id: MailId) -> Result<Vec<(DateTime<Utc>, String, String)>> {
    read(
        "select created_at, kind, detail from mail_event where mail_id = $1
          order by id desc limit 100",
    )
    .bind(id)
    .all(conn)
    .await
}

/// Mails that were sent again because a worker died over them: they may have come twice.
pub async fn interrupted(conn: &mut Conn, limit: i64) -> Result<Vec<Line>> {
    read(
        "select id, created_at, kind, recipient, subject, status, tries, next_try_at, last_error
           from outgoing_mail where interruptions > 0 order by id desc limit $1",
    )
    .bind(limit)
    .all(conn)
    .await
}

/// One page of the addresses that get no optional mail, and a row more.
pub async fn suppressed(
    conn: &mut Conn,
    direction: Direction,
    limit: i64,
) -> Result<Vec<Suppression>> {
    let statement = match direction {
        Direction::First => read(
            "select id, created_at, email_key, reason, detail from mail_suppression
              where id < $1 order by id desc limit $2",
        )
        .bind(i64::MAX),
        Direction::Before(cursor) => read(
            "select id, created_at, email_key, reason, detail from mail_suppression
              where id < $1 order by id desc limit $2",
        )
        .bind(cursor.id),
        Direction::After(cursor) => read(
            "select id, created_at, email_key, reason, detail from mail_suppression
              where id > $1 order by id limit $2",
        )
        .bind(cursor.id),
    };
    statement.bind(limit).all(conn).await
}

/// One of them.
pub async fn suppression(conn: &mut Conn, id: i64) -> Result<Option<Suppression>> {
    read("select id, created_at, email_key, reason, detail from mail_suppression where id = $1")
        .bind(id)
        .optional(conn)
        .await
}
