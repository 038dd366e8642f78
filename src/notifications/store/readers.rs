//! The SQL of those who are told: whether they want to, and how.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    accounts::full_name,
    db::{Conn, Tx, read, record, write},
    ids::UserId,
    notifications::{Choice, Kind, Mailing},
};

record! {
    /// Somebody who may be told of something.
    #[derive(Debug, Clone)]
    pub struct Reader {
        pub id: UserId,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub email: String,
        pub email_confirmed: bool,
        pub web: Option<bool>,
        pub mailing: Option<Mailing>,
    }
}

impl Reader {
    pub fn display_name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }
}

/// A person with an account in use, unless they and who did it keep away from each other.
pub async fn reader(
    conn: &mut Conn,
    id: UserId,
    actor: Option<UserId>,
    kind: Kind,
) -> Result<Option<Reader>> {
    read(
        "select u.id, u.username, u.first_name, u.last_name, u.email, u.email_confirmed, s.web,
                s.email as mailing
           from \"user\" u
           left join notification_setting s on s.user_id = u.id and s.kind = $3
          where u.id = $1 and u.is_active
            and not exists (select 1 from user_block b
                             where b.user_id = u.id and b.blocked_id = $2)
            and not exists (select 1 from user_block b
                             where b.user_id = $2 and b.blocked_id = u.id)
            and not exists (select 1 from user_mute m where m.user_id = u.id and m.muted_id = $2)",
    )
    .bind(id)
    .bind(actor)
    .bind(kind)
    .optional(conn)
    .await
}

/// Everything somebody chose.
pub async fn choices(conn: &mut Conn, user: UserId) -> Result<Vec<(Kind, bool, Mailing)>> {
    read("select kind, web, email from notification_setting where user_id = $1 order by kind")
        .bind(user)
        .all(conn)
        .await
}

pub async fn choose(
    tx: &mut Tx,
    user: UserId,
    kind: Kind,
    choice: Choice,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into notification_setting (created_at, updated_at, user_id, kind, web, email)
         values ($1, $1, $2, $3, $4, $5)
         on conflict (user_id, kind) do update
            set web = excluded.web, email = excluded.email, updated_at = excluded.updated_at",
    )
    .bind(now)
    .bind(user)
    .bind(kind)
    .bind(choice.web)
    .bind(choice.mailing)
    .run(tx)
    .await?;
    Ok(())
}

/// Puts what waits for a letter where the new choice wants it.
pub async fn move_waiting(
    tx: &mut Tx,
    user: UserId,
    kind: Kind,
    digest: Option<Mailing>,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update notification set digest = $3, updated_at = $4
          where user_id = $1 and notification_type = $2 and digest is not null
            and delivered_at is null",
    )
    .bind(user)
    .bind(kind)
    .bind(digest.map(Mailing::as_str))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
