//! The SQL that adds notifications and marks them.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{CommentId, NotificationId, PostId, UserId},
    notifications::{Delivery, Kind, Mailing, Priority},
};

/// A notification to be kept.
pub struct New<'a> {
    pub user: UserId,
    pub title: &'a str,
    pub message: &'a str,
    pub kind: Kind,
    pub priority: Priority,
    pub expires_at: DateTime<Utc>,
    pub post: Option<PostId>,
    pub comment: Option<CommentId>,
    pub actor: Option<UserId>,
    pub delivery: Delivery,
    pub delivered_at: Option<DateTime<Utc>>,
    pub digest: Option<Mailing>,
    pub action_url: Option<&'a str>,
    pub source: &'a str,
    pub batch_id: Option<&'a str>,
    pub group_key: &'a str,
    pub unique_key: &'a str,
}

/// Adds one, unless the person was told already. The category is the kind (R-NOTIF.3).
pub async fn insert(
    tx: &mut Tx,
    new: &New<'_>,
    now: DateTime<Utc>,
) -> Result<Option<NotificationId>> {
    let row = write(
        "insert into notification (created_at, updated_at, user_id, title, message,
                notification_type, category, priority, expires_at, related_post_id,
                related_comment_id, related_user_id, delivery_method, delivered_at, digest,
                action_url, source, batch_id, group_key, unique_key)
         values ($1, $1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                $17, $18)
         on conflict (user_id, unique_key) do nothing returning id",
    )
    .bind(now)
    .bind(new.user)
    .bind(new.title)
    .bind(new.message)
    .bind(new.kind)
    .bind(new.priority)
    .bind(new.expires_at)
    .bind(new.post)
    .bind(new.comment)
    .bind(new.actor)
    .bind(new.delivery)
    .bind(new.delivered_at)
    .bind(new.digest.map(Mailing::as_str))
    .bind(new.action_url)
    .bind(new.source)
    .bind(new.batch_id)
    .bind(new.group_key)
    .bind(new.unique_key)
    .optional(tx)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// Makes one the head of its group: the older unread ones are not any more.
pub async fn lead(
    tx: &mut Tx,
    user: UserId,
    group_key: &str,
    head: NotificationId,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update notification set is_head = false, updated_at = $4
          where user_id = $1 and group_key = $2 and not is_read and is_head and id <> $3",
    )
    .bind(user)
    .bind(group_key)
    .bind(head)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Makes the newest of a group its head, after another one went.
pub async fn promote(
    tx: &mut Tx,
    user: UserId,
    group_key: &str,
    is_read: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update notification set is_head = true, updated_at = $4
          where id = (select id from notification
                       where user_id = $1 and group_key = $2 and is_read = $3
                         and delivery_method = 'web' order by id desc limit 1)",
    )
    .bind(user)
    .bind(group_key)
    .bind(is_read)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Puts one that left the page back there; says whether it was read, `None` when it is there.
pub async fn bring_back(
    tx: &mut Tx,
    user: UserId,
    unique_key: &str,
    now: DateTime<Utc>,
) -> Result<Option<bool>> {
    let row = write(
        "update notification set delivery_method = 'web', is_head = true, updated_at = $3
          where user_id = $1 and unique_key = $2 and delivery_method = 'email'
         returning is_read",
    )
    .bind(user)
    .bind(unique_key)
    .bind(now)
    .optional(tx)
    .await?;
    Ok(row.map(|(is_read,)| is_read))
}

record! {
    /// What an act on somebody's notification needs to know.
    #[derive(Debug, Clone)]
    pub struct Held {
        pub id: NotificationId,
        pub group_key: String,
        pub is_read: bool,
        pub action_url: Option<String>,
    }
}

/// One's own notification, as the page shows it.
pub async fn own(conn: &mut Conn, user: UserId, id: NotificationId) -> Result<Held> {
    read(
        "select id, group_key, is_read, action_url from notification
          where id = $1 and user_id = $2 and delivery_method = 'web'",
    )
    .bind(id)
    .bind(user)
    .one(conn)
    .await
}

/// Marks one, and those that stand under it, as read; says how many.
pub async fn mark_read(tx: &mut Tx, user: UserId, held: &Held, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update notification set is_read = true, read_at = $4, updated_at = $4
          where user_id = $1 and not is_read and delivery_method = 'web'
            and (id = $2 or (group_key = $3 and group_key <> ''))",
    )
    .bind(user)
    .bind(held.id)
    .bind(&held.group_key)
    .bind(now)
    .run(tx)
    .await
}

/// Marks one, and those that stand under it, as unread; says how many.
pub async fn mark_unread(
    tx: &mut Tx,
    user: UserId,
    held: &Held,
    now: DateTime<Utc>,
) -> Result<u64> {
    write(
        "update notification set is_read = false, read_at = null, updated_at = $4
          where user_id = $1 and is_read and delivery_method = 'web'
            and (id = $2 or (group_key = $3 and group_key <> ''))",
    )
    .bind(user)
    .bind(held.id)
    .bind(&held.group_key)
    .bind(now)
    .run(tx)
    .await
}

/// Marks everything of somebody as read, in one statement; says how many (P34).
pub async fn mark_all_read(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update notification set is_read = true, read_at = $2, updated_at = $2
          where user_id = $1 and not is_read and delivery_method = 'web'",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await
}

/// Notes that somebody followed one to what it is about.
pub async fn clicked(tx: &mut Tx, id: NotificationId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update notification set clicked_at = $2, click_count = click_count + 1, updated_at = $2
          where id = $1",
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
