//! What streams read. Nothing is written here.

use crate::{
    Result,
    db::{Conn, read, record},
    events::Event,
    ids::{EventId, PostId, UserId},
};

record! {
    /// A row of `event`, as it was written.
    #[derive(Debug, Clone)]
    pub struct News {
        pub id: EventId,
        pub data: String,
    }
}

record! {
    /// What is counted of a public post.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Standing {
        pub like_count: i64,
        pub comment_count: i64,
    }
}

record! {
    /// What is counted of a member, and the last event about them.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Me {
        pub unread_count: i64,
        pub follower_count: i64,
        pub following_count: i64,
        pub last_event: i64,
    }
}

record! {
    /// What is counted of somebody's follows.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Follows {
        pub follower_count: i64,
        pub following_count: i64,
    }
}

impl News {
    /// The event, unless a newer release wrote it.
    pub fn event(&self) -> Option<Event> {
        serde_json::from_str(&self.data).ok()
    }
}

/// What happened to a post after an event, the oldest first. Events of one post are committed in
/// the order of their numbers, because each is recorded under the lock of the post's row.
pub async fn of_post(conn: &mut Conn, post: PostId, after: i64, limit: i64) -> Result<Vec<News>> {
    read("select id, data from event where post_id = $1 and id > $2 order by id limit $3")
        .bind(post)
        .bind(after)
        .bind(limit)
        .all(conn)
        .await
}

/// How a post stands; `None` when it is not public.
pub async fn standing(conn: &mut Conn, post: PostId) -> Result<Option<Standing>> {
    read("select like_count, comment_count from public_post where id = $1")
        .bind(post)
        .optional(conn)
        .await
}

/// Whether a block between a member and the writer of a post keeps the one from the other.
pub async fn is_kept_from(conn: &mut Conn, post: PostId, user: UserId) -> Result<bool> {
    read(
        "select exists (select 1 from post p join user_block b
                            on (b.user_id = $2 and b.blocked_id = p.user_id)
                            or (b.user_id = p.user_id and b.blocked_id = $2)
                         where p.id = $1)",
    )
    .bind(post)
    .bind(user)
    .value(conn)
    .await
}

/// Whether one of two people has blocked the other.
pub async fn are_apart(conn: &mut Conn, one: UserId, other: UserId) -> Result<bool> {
    read(
        "select exists (select 1 from user_block b
                         where (b.user_id = $1 and b.blocked_id = $2)
                            or (b.user_id = $2 and b.blocked_id = $1))",
    )
    .bind(one)
    .bind(other)
    .value(conn)
    .await
}

/// How a member stands.
pub async fn me(conn: &mut Conn, user: UserId) -> Result<Option<Me>> {
    read(
        "select unread_count, follower_count, following_count,
                coalesce((select max(id) from event where target_user_id = $1), 0) as last_event
           from \"user\" where id = $1",
    )
    .bind(user)
    .optional(conn)
    .await
}

/// How many follow somebody and are followed by them; `None` when nobody may see it.
pub async fn follows(conn: &mut Conn, user: UserId) -> Result<Option<Follows>> {
    read("select follower_count, following_count from \"user\" where id = $1 and is_active")
        .bind(user)
        .optional(conn)
        .await
}

/// The last event of all.
pub async fn last(conn: &mut Conn) -> Result<EventId> {
    read("select coalesce(max(id), 0) from event").value(conn).await
}

/// All events after one, the oldest first.
pub async fn all(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<News>> {
    read("select id, data from event where id > $1 order by id limit $2")
        .bind(after)
        .bind(limit)
        .all(conn)
        .await
}

/// Of whom a member is told nothing: those blocked either way, and those they muted.
pub async fn hidden(conn: &mut Conn, user: UserId, limit: i64) -> Result<Vec<(UserId,)>> {
    read(
        "select blocked_id from user_block where user_id = $1
         union select user_id from user_block where blocked_id = $1
         union select muted_id from user_mute where user_id = $1
         limit $2",
    )
    .bind(user)
    .bind(limit)
    .all(conn)
    .await
}
