//! The SQL of the list: unread first, the newest first, one line for a group.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, read, record},
    ids::{CommentId, NotificationId, PostId, UserId},
    notifications::{Kind, Priority},
    paging::Direction,
};

record! {
    /// A line of the list.
    #[derive(Debug, Clone)]
    pub struct Line {
        pub id: NotificationId,
        pub created_at: DateTime<Utc>,
        pub kind: Kind,
        pub priority: Priority,
        pub is_read: bool,
        pub title: String,
        pub message: String,
        pub action_url: Option<String>,
        pub related_post_id: Option<PostId>,
        pub related_comment_id: Option<CommentId>,
        pub related_user_id: Option<UserId>,
        pub post_title: Option<String>,
        pub username: Option<String>,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
        /// How many stand under this one, with it; 101 is "many".
        pub members: i64,
    }
}

/// One page of somebody's list, and a row more.
pub async fn page(
    conn: &mut Conn,
    user: UserId,
    only_unread: bool,
    direction: Direction,
    (now, limit): (DateTime<Utc>, i64),
) -> Result<Vec<Line>> {
    let (is_read, id) = match direction {
        Direction::First => (false, i64::MAX),
        Direction::Before(cursor) | Direction::After(cursor) => (cursor.key > 0, cursor.id),
    };
    let statement = if matches!(direction, Direction::After(_)) {
        read(
            "select n.id, n.created_at, n.notification_type as kind, n.priority, n.is_read,
                    n.title, n.message, n.action_url, n.related_post_id, n.related_comment_id,
                    n.related_user_id, p.title as post_title, u.username, u.first_name,
                    u.last_name, u.avatar_filename,
                    (select count(*) from (select 1 as one from notification m
                       where m.user_id = n.user_id and m.group_key = n.group_key
                         and m.is_read = n.is_read and m.delivery_method = 'web'
                         and m.group_key <> '' limit 101) g) as members
               from notification n
               left join post p on p.id = n.related_post_id
               left join \"user\" u on u.id = n.related_user_id
              where n.user_id = $1 and n.delivery_method = 'web' and n.is_head
                and (n.is_read < $2 or (n.is_read = $2 and n.id > $3))
                and (not $4 or not n.is_read)
                and (n.expires_at is null or n.expires_at > $5)
                and not exists (select 1 from notification m
                     where m.user_id = n.user_id and m.group_key = n.group_key
                       and m.is_read = n.is_read and m.is_head and m.delivery_method = 'web'
                       and m.id > n.id and m.group_key <> '')
              order by n.is_read desc, n.id limit $6",
        )
    } else {
        read(
            "select n.id, n.created_at, n.notification_type as kind, n.priority, n.is_read,
                    n.title, n.message, n.action_url, n.related_post_id, n.related_comment_id,
                    n.related_user_id, p.title as post_title, u.username, u.first_name,
                    u.last_name, u.avatar_filename,
                    (select count(*) from (select 1 as one from notification m
                       where m.user_id = n.user_id and m.group_key = n.group_key
                         and m.is_read = n.is_read and m.delivery_method = 'web'
                         and m.group_key <> '' limit 101) g) as members
               from notification n
               left join post p on p.id = n.related_post_id
               left join \"user\" u on u.id = n.related_user_id
              where n.user_id = $1 and n.delivery_method = 'web' and n.is_head
                and (n.is_read > $2 or (n.is_read = $2 and n.id < $3))
                and (not $4 or not n.is_read)
                and (n.expires_at is null or n.expires_at > $5)
                and not exists (select 1 from notification m
                     where m.user_id = n.user_id and m.group_key = n.group_key
                       and m.is_read = n.is_read and m.is_head and m.delivery_method = 'web'
                       and m.id > n.id and m.group_key <> '')
              order by n.is_read, n.id desc limit $6",
        )
    };
    statement
        .bind(user)
        .bind(is_read)
        .bind(id)
        .bind(only_unread)
        .bind(now)
        .bind(limit)
        .all(conn)
        .await
}

/// How many are unread and not expired, counted by their rows.
pub async fn count_unread(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<i64> {
    read(
        "select count(*) from notification
          where user_id = $1 and not is_read and delivery_method = 'web'
            and (expires_at is null or expires_at > $2)",
    )
    .bind(user)
    .bind(now)
    .value(conn)
    .await
}
