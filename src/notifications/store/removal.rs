//! The SQL that takes notifications away. What is to go is read first, so that the people's rows
//! can be held in order before anything is deleted.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{CommentId, NotificationId, PostId, UserId},
    notifications::Kind,
};

/// How many are taken away at once.
pub const BATCH: usize = 500;

record! {
    /// A notification that goes.
    #[derive(Debug, Clone)]
    pub struct Going {
        pub id: NotificationId,
        pub user_id: UserId,
    }
}

record! {
    /// What a notification was that is gone.
    #[derive(Debug, Clone)]
    pub struct Gone {
        pub user_id: UserId,
        pub group_key: String,
        pub is_read: bool,
        pub is_head: bool,
        pub on_page: bool,
    }
}

/// What was told with this key and is not read: on the page, or waiting for a letter. What was only
/// mailed cannot be taken back.
pub async fn unread_with_key(conn: &mut Conn, user: UserId, key: &str) -> Result<Vec<Going>> {
    read(
        "select id, user_id from notification
          where user_id = $1 and unique_key = $2 and not is_read
            and (delivery_method = 'web' or delivered_at is null)",
    )
    .bind(user)
    .bind(key)
    .all(conn)
    .await
}

/// What is told of a comment, but what moderators decided of it: on the page, or waiting for a
/// letter. The head of a group comes last, so that it is not handed on from row to row.
pub async fn of_comment(conn: &mut Conn, comment: CommentId) -> Result<Vec<Going>> {
    read(
        "select id, user_id from notification
          where related_comment_id = $1 and notification_type <> 'moderation'
            and (delivery_method = 'web' or (delivered_at is null and not is_read))
          order by user_id, id limit 500",
    )
    .bind(comment)
    .all(conn)
    .await
}

/// What moderators decided of a comment.
pub async fn decisions_of(conn: &mut Conn, comment: CommentId) -> Result<Vec<Going>> {
    read(
        "select id, user_id from notification
          where related_comment_id = $1 and notification_type = 'moderation'
          order by user_id, id limit 500",
    )
    .bind(comment)
    .all(conn)
    .await
}

/// What is told of a post, but perhaps not one kind of it: on the page, or waiting for a letter.
pub async fn of_post(conn: &mut Conn, post: PostId, but: Option<Kind>) -> Result<Vec<Going>> {
    read(
        "select id, user_id from notification
          where related_post_id = $1 and notification_type <> coalesce($2, '')
            and (delivery_method = 'web' or (delivered_at is null and not is_read))
          order by user_id, id limit 500",
    )
    .bind(post)
    .bind(but.map(Kind::as_str))
    .all(conn)
    .await
}

/// What one person is told of another: on the page, or waiting for a letter.
pub async fn between(conn: &mut Conn, user: UserId, other: UserId) -> Result<Vec<Going>> {
    read(
        "select id, user_id from notification where related_user_id = $2 and user_id = $1
            and (delivery_method = 'web' or (delivered_at is null and not is_read))
          order by id limit 500",
    )
    .bind(user)
    .bind(other)
    .all(conn)
    .await
}

/// What others are told of somebody, their posts and comments, and what hangs on these: all that
/// goes with the account.
pub async fn about_person(conn: &mut Conn, user: UserId) -> Result<Vec<Going>> {
    read(
        "select id, user_id from notification where user_id <> $1 and id in (
             select id from notification where related_user_id = $1
             union
             select n.id from notification n join post p on p.id = n.related_post_id
              where p.user_id = $1
             union
             select n.id from (
                 with recursive going (id) as (
                     select id from comment where user_id = $1
                     union
                     select c.id from comment c join going g on c.parent_id = g.id)
                 select id from going) g
              cross join notification n where n.related_comment_id = g.id)
          order by user_id limit 500",
    )
    .bind(user)
    .all(conn)
    .await
}

/// What nobody needs to read any more.
pub async fn expired(
    conn: &mut Conn,
    now: DateTime<Utc>,
    old: DateTime<Utc>,
) -> Result<Vec<Going>> {
    let mut going: Vec<Going> = read(
        "select id, user_id from notification
          where expires_at is not null and expires_at <= $1 order by expires_at limit 500",
    )
    .bind(now)
    .all(conn)
    .await?;
    if going.is_empty() {
        going = read(
            "select id, user_id from notification
              where expires_at is null and is_read and created_at < $1
              order by created_at limit 500",
        )
        .bind(old)
        .all(conn)
        .await?;
    }
    Ok(going)
}

pub async fn delete(tx: &mut Tx, id: NotificationId) -> Result<Option<Gone>> {
    write(
        "delete from notification where id = $1
         returning user_id, group_key, is_read, is_head, delivery_method = 'web' as on_page",
    )
    .bind(id)
    .optional(tx)
    .await
}

/// Takes one off the page that was mailed, or was read and may come back. Its row stays, so that no
/// second mail can follow, and it comes back as it was. `None` for all others.
pub async fn withdraw(tx: &mut Tx, id: NotificationId, now: DateTime<Utc>) -> Result<Option<Gone>> {
    write(
        "update notification set delivery_method = 'email', is_head = false, updated_at = $2
          where id = $1 and delivery_method = 'web'
            and (delivered_at is not null
                 or (is_read and notification_type in ('comment', 'reply', 'mention', 'post')))
         returning user_id, group_key, is_read, true as is_head, true as on_page",
    )
    .bind(id)
    .bind(now)
    .optional(tx)
    .await
}

/// The others that stand under one.
pub async fn same_group(
    conn: &mut Conn,
    user: UserId,
    (id, group_key, is_read): (NotificationId, &str, bool),
) -> Result<Vec<Going>> {
    read(
        "select id, user_id from notification
          where user_id = $1 and is_read = $4 and delivery_method = 'web'
            and (id = $2 or (group_key = $3 and group_key <> ''))
          order by id limit 500",
    )
    .bind(user)
    .bind(id)
    .bind(group_key)
    .bind(is_read)
    .all(conn)
    .await
}
