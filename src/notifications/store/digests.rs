//! The SQL of letters that hold what came in a day or a week.

use chrono::{DateTime, Utc};

use super::lists::Line;
use crate::{
    Result,
    accounts::full_name,
    db::{Conn, Tx, read, record, write},
    ids::UserId,
    notifications::Mailing,
};

record! {
    /// Somebody who gets a letter.
    #[derive(Debug, Clone)]
    pub struct Subscriber {
        pub id: UserId,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub email: String,
    }
}

impl Subscriber {
    pub fn display_name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }
}

/// Who has something to read from before a time and has not had the letter of this period, in
/// pages by id.
pub async fn due(
    conn: &mut Conn,
    digest: Mailing,
    (period, before): (&str, DateTime<Utc>),
    after: UserId,
    limit: i64,
) -> Result<Vec<Subscriber>> {
    read(
        "select u.id, u.username, u.first_name, u.last_name, u.email from \"user\" u
          where u.is_active and u.email_confirmed and u.id in (
                select n.user_id from notification n
                 where n.digest = $1 and n.delivered_at is null and n.user_id > $4
                   and not n.is_read and n.created_at < $3)
            and not exists (select 1 from notification_digest d
                 where d.user_id = u.id and d.digest = $1 and d.period = $2)
          order by u.id limit $5",
    )
    .bind(digest)
    .bind(period)
    .bind(before)
    .bind(after)
    .bind(limit)
    .all(conn)
    .await
}

/// Takes the letter of a period for this worker; `false` when another one has it.
pub async fn claim(
    tx: &mut Tx,
    user: UserId,
    digest: Mailing,
    period: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let made = write(
        "insert into notification_digest (created_at, user_id, digest, period)
         values ($1, $2, $3, $4) on conflict (user_id, digest, period) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(digest)
    .bind(period)
    .run(tx)
    .await?;
    Ok(made > 0)
}

/// What stands in a letter, one line for a group.
pub async fn lines(
    conn: &mut Conn,
    user: UserId,
    digest: Mailing,
    (before, now): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Line>> {
    read(
        "select n.id, n.created_at, n.notification_type as kind, n.priority, n.is_read, n.title,
                n.message, n.action_url, n.related_post_id, n.related_comment_id, n.related_user_id,
                p.title as post_title, u.username, u.first_name, u.last_name, u.avatar_filename,
                g.members
           from (select max(id) as id, count(*) as members from notification
                  where user_id = $1 and digest = $2 and delivered_at is null and not is_read
                    and created_at < $3 and (expires_at is null or expires_at > $4)
                  group by group_key) g
           join notification n on n.id = g.id
           left join post p on p.id = n.related_post_id
           left join \"user\" u on u.id = n.related_user_id
          order by n.id desc limit $5",
    )
    .bind(user)
    .bind(digest)
    .bind(before)
    .bind(now)
    .bind(limit)
    .all(conn)
    .await
}

/// Notes that the letter holds them.
pub async fn delivered(
    tx: &mut Tx,
    user: UserId,
    digest: Mailing,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update notification set delivered_at = $4, updated_at = $4
          where user_id = $1 and digest = $2 and delivered_at is null and created_at < $3",
    )
    .bind(user)
    .bind(digest)
    .bind(before)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Forgets letters of long ago.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    write("delete from notification_digest where created_at < $1").bind(before).run(tx).await
}
