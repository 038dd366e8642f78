//! People in lists: followers, followed, who liked, who is suggested.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    accounts::full_name,
    db::{Conn, Read, read, record},
    ids::{PostId, UserId},
    paging::{Cursor, Direction},
};

record! {
    /// A person in a list, and since when.
    #[derive(Debug, Clone)]
    pub struct PersonRow {
        /// The row that makes them part of the list.
        pub place: i64,
        pub since: DateTime<Utc>,
        pub id: UserId,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub bio: Option<String>,
        pub avatar_filename: Option<String>,
        pub post_count: i64,
        pub follower_count: i64,
    }
}

impl PersonRow {
    pub fn name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }

    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.place, id: self.place }
    }
}

record! {
    /// Somebody by name.
    pub struct Found {
        pub id: UserId,
        pub username: String,
    }
}

/// The active person with this name.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Found>> {
    read("select id, username from \"user\" where username_key = $1 and is_active")
        .bind(username.to_lowercase())
        .optional(conn)
        .await
}

/// The person with this name, active or not.
pub async fn any_by_username(conn: &mut Conn, username: &str) -> Result<Option<UserId>> {
    let row: Option<(UserId,)> = read("select id from \"user\" where username_key = $1")
        .bind(username.to_lowercase())
        .optional(conn)
        .await?;
    Ok(row.map(|(id,)| id))
}

pub async fn follower_count(conn: &mut Conn, user: UserId) -> Result<i64> {
    read("select follower_count from \"user\" where id = $1").bind(user).value(conn).await
}

pub async fn following_count(conn: &mut Conn, user: UserId) -> Result<i64> {
    read("select following_count from \"user\" where id = $1").bind(user).value(conn).await
}

/// Makes a statement anew.
type Ask = fn() -> Read;

/// Asks one of a pair of statements, depending on the direction, for one row more than shown.
async fn part(
    conn: &mut Conn,
    (down, up): (Ask, Ask),
    (of, viewer): (i64, Option<UserId>),
    direction: Direction,
    size: usize,
) -> Result<Vec<PersonRow>> {
    let many = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    let (statement, place) = match direction {
        Direction::First => (down(), i64::MAX),
        Direction::Before(cursor) => (down(), cursor.id),
        Direction::After(cursor) => (up(), cursor.id),
    };
    // Nobody has the number 0: a visitor has blocked nobody.
    let viewer = viewer.map_or(0, |viewer| viewer.0);
    statement.bind(of).bind(place).bind(many).bind(viewer).all(conn).await
}

/// Who follows somebody, newest first (R-FOLLOW.2).
pub async fn followers(
    conn: &mut Conn,
    of: UserId,
    viewer: Option<UserId>,
    direction: Direction,
    size: usize,
) -> Result<Vec<PersonRow>> {
    let down = || {
        read(
            "select f.id as place, f.created_at as since, u.id, u.username, u.first_name,
                    u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
               from follow f join \"user\" u on u.id = f.follower_id
              where f.followed_id = $1 and f.id < $2 and u.is_active
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = u.id)
                and not exists (select 1 from user_block b where b.user_id = u.id
                                   and b.blocked_id = $4)
              order by f.id desc limit $3",
        )
    };
    let up = || {
        read(
            "select f.id as place, f.created_at as since, u.id, u.username, u.first_name,
                    u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
               from follow f join \"user\" u on u.id = f.follower_id
              where f.followed_id = $1 and f.id > $2 and u.is_active
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = u.id)
                and not exists (select 1 from user_block b where b.user_id = u.id
                                   and b.blocked_id = $4)
              order by f.id limit $3",
        )
    };
    part(conn, (down, up), (of.0, viewer), direction, size).await
}

/// Whom somebody follows, newest first.
pub async fn following(
    conn: &mut Conn,
    of: UserId,
    viewer: Option<UserId>,
    direction: Direction,
    size: usize,
) -> Result<Vec<PersonRow>> {
    let down = || {
        read(
            "select f.id as place, f.created_at as since, u.id, u.username, u.first_name,
                    u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
               from follow f join \"user\" u on u.id = f.followed_id
              where f.follower_id = $1 and f.id < $2 and u.is_active
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = u.id)
                and not exists (select 1 from user_block b where b.user_id = u.id
                                   and b.blocked_id = $4)
              order by f.id desc limit $3",
        )
    };
    let up = || {
        read(
            "select f.id as place, f.created_at as since, u.id, u.username, u.first_name,
                    u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
               from follow f join \"user\" u on u.id = f.followed_id
              where f.follower_id = $1 and f.id > $2 and u.is_active
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = u.id)
                and not exists (select 1 from user_block b where b.user_id = u.id
                                   and b.blocked_id = $4)
              order by f.id limit $3",
        )
    };
    part(conn, (down, up), (of.0, viewer), direction, size).await
}

/// Who liked a post, newest first (R-LIKE.3).
pub async fn likers(
    conn: &mut Conn,
    post: PostId,
    viewer: Option<UserId>,
    direction: Direction,
    size: usize,
) -> Result<Vec<PersonRow>> {
    let down = || {
        read(
            "select l.id as place, l.created_at as since, u.id, u.username, u.first_name,
                    u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
               from post_like l join \"user\" u on u.id = l.user_id
              where l.post_id = $1 and l.id < $2 and u.is_active
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = u.id)
                and not exists (select 1 from user_block b where b.user_id = u.id
                                   and b.blocked_id = $4)
              order by l.id desc limit $3",
        )
    };
    let up = || {
        read(
            "select l.id as place, l.created_at as since, u.id, u.username, u.first_name,
                    u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
               from post_like l join \"user\" u on u.id = l.user_id
              where l.post_id = $1 and l.id > $2 and u.is_active
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = u.id)
                and not exists (select 1 from user_block b where b.user_id = u.id
                                   and b.blocked_id = $4)
              order by l.id limit $3",
        )
    };
    part(conn, (down, up), (post.0, viewer), direction, size).await
}

/// Whom somebody blocked or muted, for the page on which both are taken back.
pub async fn shut_out(conn: &mut Conn, user: UserId, limit: i64) -> Result<Vec<(String, bool)>> {
    read(
        "select u.username, b.blocks from (
             select blocked_id as whom, id, true as blocks from user_block where user_id = $1
             union all
             select muted_id as whom, id, false as blocks from user_mute where user_id = $1
         ) b join \"user\" u on u.id = b.whom
         order by u.username_key, b.blocks limit $2",
    )
    .bind(user)
    .bind(limit)
    .all(conn)
    .await
}

/// How many follows of the people somebody follows are looked at for suggestions.
const LOOKED_AT: i64 = 20_000;

/// People that those somebody follows follow: most of them first, then the newest account
/// (R-FOLLOW.5). Nobody inactive, blocked, muted or followed already.
pub async fn suggestions(conn: &mut Conn, user: UserId, number: i64) -> Result<Vec<PersonRow>> {
    read(
        "select s.shared as place, u.created_at as since, u.id, u.username, u.first_name,
                u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
           from (select followed_id, count(*) as shared
                   from (select theirs.followed_id from follow mine
                           join follow theirs on theirs.follower_id = mine.followed_id
                          where mine.follower_id = $1 limit $3) near
                  where followed_id <> $1
                    and followed_id not in (select followed_id from follow where follower_id = $1)
                    and followed_id not in
                        (select blocked_id from user_block where user_id = $1
                         union all select user_id from user_block where blocked_id = $1
                         union all select muted_id from user_mute where user_id = $1)
                  group by followed_id) s
           join \"user\" u on u.id = s.followed_id
          where u.is_active and u.email_confirmed
          order by s.shared desc, u.created_at desc, u.id desc limit $2",
    )
    .bind(user)
    .bind(number)
    .bind(LOOKED_AT)
    .all(conn)
    .await
}

/// For who follows nobody yet: the most followed.
pub async fn most_followed(conn: &mut Conn, user: UserId, number: i64) -> Result<Vec<PersonRow>> {
    read(
        "select u.follower_count as place, u.created_at as since, u.id, u.username, u.first_name,
                u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
           from \"user\" u
          where u.id <> $1 and u.is_active and u.email_confirmed
            and not exists (select 1 from follow f where f.follower_id = $1
                               and f.followed_id = u.id)
            and not exists (select 1 from user_block b where b.user_id = $1
                               and b.blocked_id = u.id)
            and not exists (select 1 from user_block b where b.user_id = u.id
                               and b.blocked_id = $1)
            and not exists (select 1 from user_mute m where m.user_id = $1 and m.muted_id = u.id)
          order by u.follower_count desc, u.id desc limit $2",
    )
    .bind(user)
    .bind(number)
    .all(conn)
    .await
}

/// Some of those whom a member follows and who follow somebody too (R-FOLLOW.3 turned round).
pub async fn followed_by_yours(
    conn: &mut Conn,
    viewer: UserId,
    whom: UserId,
    number: i64,
) -> Result<Vec<(String,)>> {
    read(
        "select u.username from follow mine
           join follow theirs on theirs.follower_id = mine.followed_id
           join \"user\" u on u.id = mine.followed_id
          where mine.follower_id = $1 and theirs.followed_id = $2 and u.is_active
          order by theirs.id desc limit $3",
    )
    .bind(viewer)
    .bind(whom)
    .bind(number)
    .all(conn)
    .await
}

/// Whom both of two people follow (P28, R-FOLLOW.3), whom the viewer followed last first: one
/// statement.
pub async fn mutual(
    conn: &mut Conn,
    of: UserId,
    viewer: Option<UserId>,
    direction: Direction,
    size: usize,
) -> Result<Vec<PersonRow>> {
    let down = || {
        read(
            "select f.id as place, f.created_at as since, u.id, u.username, u.first_name,
                    u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
               from follow f join \"user\" u on u.id = f.followed_id
              where f.follower_id = $4 and f.id < $2 and u.is_active
                and exists (select 1 from follow o where o.follower_id = $1
                               and o.followed_id = f.followed_id)
              order by f.id desc limit $3",
        )
    };
    let up = || {
        read(
            "select f.id as place, f.created_at as since, u.id, u.username, u.first_name,
                    u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
               from follow f join \"user\" u on u.id = f.followed_id
              where f.follower_id = $4 and f.id > $2 and u.is_active
                and exists (select 1 from follow o where o.follower_id = $1
                               and o.followed_id = f.followed_id)
              order by f.id limit $3",
        )
    };
    part(conn, (down, up), (of.0, viewer), direction, size).await
}

/// Who follows somebody since a moment, newest first (R-FOLLOW.4).
pub async fn recent_followers(
    conn: &mut Conn,
    of: UserId,
    viewer: Option<UserId>,
    since: DateTime<Utc>,
    number: i64,
) -> Result<Vec<PersonRow>> {
    read(
        "select f.id as place, f.created_at as since, u.id, u.username, u.first_name,
                u.last_name, u.bio, u.avatar_filename, u.post_count, u.follower_count
           from follow f join \"user\" u on u.id = f.follower_id
          where f.followed_id = $1 and f.created_at >= $2 and u.is_active
            and u.id not in (select blocked_id from user_block where user_id = $4
                              union all select user_id from user_block where blocked_id = $4)
          order by f.created_at desc, f.id desc limit $3",
    )
    .bind(of)
    .bind(since)
    .bind(number)
    .bind(viewer.map_or(0, |viewer| viewer.0))
    .all(conn)
    .await
}
