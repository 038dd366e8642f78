//! People, without what is theirs alone: no address, no hash, no time of the last visit, only whether they are online.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    accounts::{Person, full_name},
    db::{Conn, read, record},
    ids::UserId,
    paging::{Cursor, Direction},
};

record! {
    /// Somebody in the list of writers.
    #[derive(Debug, Clone)]
    pub struct Writer {
        pub id: UserId,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub bio: Option<String>,
        pub avatar_filename: Option<String>,
        pub post_count: i64,
    }
}

impl Writer {
    pub fn display_name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }

    /// The writer's place in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.post_count, id: self.id.0 }
    }

    /// The place in a list by age.
    pub fn by_age(&self) -> Cursor {
        Cursor { key: self.id.0, id: self.id.0 }
    }
}

/// Everybody with public posts, who wrote most first; without those whom the reader blocked or
/// muted, and who blocked the reader.
pub async fn writers(
    conn: &mut Conn,
    reader: Option<UserId>,
    direction: Direction,
    size: usize,
) -> Result<Vec<Writer>> {
    let one_more = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    let (statement, cursor) = match direction {
        Direction::After(cursor) => (
            read(
                "select id, username, first_name, last_name, bio, avatar_filename, post_count
                   from \"user\"
                  where is_active and email_confirmed and post_count > 0
                    and (post_count, id) > ($1, $2)
                    and id not in (select blocked_id from user_block where user_id = $4
                                    union all select user_id from user_block
                                               where blocked_id = $4
                                    union all select muted_id from user_mute where user_id = $4)
                  order by post_count, id limit $3",
            ),
            cursor,
        ),
        Direction::First | Direction::Before(_) => (
            read(
                "select id, username, first_name, last_name, bio, avatar_filename, post_count
                   from \"user\"
                  where is_active and email_confirmed and post_count > 0
                    and (post_count, id) < ($1, $2)
                    and id not in (select blocked_id from user_block where user_id = $4
                                    union all select user_id from user_block
                                               where blocked_id = $4
                                    union all select muted_id from user_mute where user_id = $4)
                  order by post_count desc, id desc limit $3",
            ),
            match direction {
                Direction::Before(cursor) => cursor,
                _ => Cursor { key: i64::MAX, id: i64::MAX },
            },
        ),
    };
    // Nobody has the number 0: a visitor is shown everybody.
    let reader = reader.map_or(0, |reader| reader.0);
    statement.bind(cursor.key).bind(cursor.id).bind(one_more).bind(reader).all(conn).await
}

/// So many of those seen last are listed.
const SEEN: i64 = 500;

/// Who else was seen since then, the newest account first: without those who do not show it, and
/// those who have nothing to do with the viewer. In this order because a place in the list must
/// not tell when somebody was here.
pub async fn online(
    conn: &mut Conn,
    (viewer, since): (UserId, DateTime<Utc>),
    direction: Direction,
    size: usize,
) -> Result<Vec<Writer>> {
    let one_more = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    let (statement, place) = match direction {
        Direction::After(cursor) => (
            read(
                "select u.id, u.username, u.first_name, u.last_name, u.bio, u.avatar_filename,
                        u.post_count
                   from (select id from \"user\" where is_active and last_seen >= $2
                          order by last_seen desc limit $3) seen
                   join \"user\" u on u.id = seen.id
                  where u.id > $4 and u.id <> $1 and u.email_confirmed and u.show_online
                    and not exists (select 1 from user_block b
                                     where b.user_id = $1 and b.blocked_id = u.id)
                    and not exists (select 1 from user_block b
                                     where b.user_id = u.id and b.blocked_id = $1)
                  order by u.id limit $5",
            ),
            cursor.id,
        ),
        Direction::First | Direction::Before(_) => (
            read(
                "select u.id, u.username, u.first_name, u.last_name, u.bio, u.avatar_filename,
                        u.post_count
                   from (select id from \"user\" where is_active and last_seen >= $2
                          order by last_seen desc limit $3) seen
                   join \"user\" u on u.id = seen.id
                  where u.id < $4 and u.id <> $1 and u.email_confirmed and u.show_online
                    and not exists (select 1 from user_block b
                                     where b.user_id = $1 and b.blocked_id = u.id)
                    and not exists (select 1 from user_block b
                                     where b.user_id = u.id and b.blocked_id = $1)
                  order by u.id desc limit $5",
            ),
            match direction {
                Direction::Before(cursor) => cursor.id,
                _ => i64::MAX,
            },
        ),
    };
    statement.bind(viewer).bind(since).bind(SEEN).bind(place).bind(one_more).all(conn).await
}

/// The active person with this name, in whatever case it is typed.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Person>> {
    read(
        "select id, created_at, username, first_name, last_name, bio, location, website,
                avatar_filename, post_count, follower_count, following_count
           from \"user\" where username_key = $1 and is_active",
    )
    .bind(username.to_lowercase())
    .optional(conn)
    .await
}
