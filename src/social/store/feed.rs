//! The lists of a member's home.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    accounts::full_name,
    db::{Conn, read, record},
    ids::{PostId, UserId},
    paging::{Cursor, Direction},
    posts::reading::card::CardRow,
};

/// The last moment of the year 9999, in microseconds.
const END_OF_TIME: i64 = 253_402_300_799_999_999;

/// Where a part of a list begins, and whether it goes up.
fn start(direction: Direction) -> (DateTime<Utc>, i64, bool) {
    let (cursor, up) = match direction {
        Direction::First => (Cursor { key: END_OF_TIME, id: i64::MAX }, false),
        Direction::Before(cursor) => (cursor, false),
        Direction::After(cursor) => (cursor, true),
    };
    (cursor.time(), cursor.id, up)
}

/// Posts of the people, categories and tags somebody follows, newest first, without those of
/// people they blocked or muted or who blocked them.
pub async fn following(
    conn: &mut Conn,
    user: UserId,
    direction: Direction,
    size: usize,
) -> Result<Vec<CardRow>> {
    let (time, id, up) = start(direction);
    let statement = if up {
        read(
            "select * from public_post p
              where (p.published_at, p.id) > ($1, $2)
                and (p.user_id in (select followed_id from follow where follower_id = $4)
                     or p.category_id in (select category_id from category_follow
                                           where user_id = $4)
                     or exists (select 1 from post_tag pt join tag_follow tf
                                    on tf.tag_id = pt.tag_id and tf.user_id = $4
                                 where pt.post_id = p.id))
                and p.user_id <> $4
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = p.user_id)
                and not exists (select 1 from user_block b where b.user_id = p.user_id
                                   and b.blocked_id = $4)
                and not exists (select 1 from user_mute m where m.user_id = $4
                                   and m.muted_id = p.user_id)
              order by p.published_at, p.id limit $3",
        )
    } else {
        read(
            "select * from public_post p
              where (p.published_at, p.id) < ($1, $2)
                and (p.user_id in (select followed_id from follow where follower_id = $4)
                     or p.category_id in (select category_id from category_follow
                                           where user_id = $4)
                     or exists (select 1 from post_tag pt join tag_follow tf
                                    on tf.tag_id = pt.tag_id and tf.user_id = $4
                                 where pt.post_id = p.id))
                and p.user_id <> $4
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = p.user_id)
                and not exists (select 1 from user_block b where b.user_id = p.user_id
                                   and b.blocked_id = $4)
                and not exists (select 1 from user_mute m where m.user_id = $4
                                   and m.muted_id = p.user_id)
              order by p.published_at desc, p.id desc limit $3",
        )
    };
    let many = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    statement.bind(time).bind(id).bind(many).bind(user).all(conn).await
}

/// The newest posts, without those of people somebody blocked or muted or who blocked them.
pub async fn latest(
    conn: &mut Conn,
    user: UserId,
    direction: Direction,
    size: usize,
) -> Result<Vec<CardRow>> {
    let (time, id, up) = start(direction);
    let statement = if up {
        read(
            "select * from public_post p
              where (p.published_at, p.id) > ($1, $2)
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = p.user_id)
                and not exists (select 1 from user_block b where b.user_id = p.user_id
                                   and b.blocked_id = $4)
                and not exists (select 1 from user_mute m where m.user_id = $4
                                   and m.muted_id = p.user_id)
              order by p.published_at, p.id limit $3",
        )
    } else {
        read(
            "select * from public_post p
              where (p.published_at, p.id) < ($1, $2)
                and not exists (select 1 from user_block b where b.user_id = $4
                                   and b.blocked_id = p.user_id)
                and not exists (select 1 from user_block b where b.user_id = p.user_id
                                   and b.blocked_id = $4)
                and not exists (select 1 from user_mute m where m.user_id = $4
                                   and m.muted_id = p.user_id)
              order by p.published_at desc, p.id desc limit $3",
        )
    };
    let many = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    statement.bind(time).bind(id).bind(many).bind(user).all(conn).await
}

record! {
    /// What choosing for somebody needs to know of a post.
    #[derive(Debug, Clone)]
    pub struct Candidate {
        pub id: PostId,
        pub published_at: DateTime<Utc>,
        pub like_count: i64,
        pub comment_count: i64,
        pub by_followed: bool,
        pub in_topic: bool,
        pub liked: bool,
    }
}

/// The newest posts that could interest somebody: not their own, nobody's they shut out.
pub async fn candidates(conn: &mut Conn, user: UserId, number: i64) -> Result<Vec<Candidate>> {
    read(
        "select p.id, p.published_at, p.like_count, p.comment_count,
                exists (select 1 from follow f where f.follower_id = $1
                           and f.followed_id = p.user_id) as by_followed,
                exists (select 1 from category_follow c where c.user_id = $1
                           and c.category_id = p.category_id)
                or exists (select 1 from post_tag pt join tag_follow t on t.tag_id = pt.tag_id
                               and t.user_id = $1 where pt.post_id = p.id) as in_topic,
                exists (select 1 from post_like l where l.user_id = $1
                           and l.post_id = p.id) as liked
           from (select id, user_id, category_id, published_at, like_count, comment_count
                   from public_post order by published_at desc, id desc limit $2) p
          where p.user_id <> $1
            and not exists (select 1 from user_block b where b.user_id = $1
                               and b.blocked_id = p.user_id)
            and not exists (select 1 from user_block b where b.user_id = p.user_id
                               and b.blocked_id = $1)
            and not exists (select 1 from user_mute m where m.user_id = $1
                               and m.muted_id = p.user_id)",
    )
    .bind(user)
    .bind(number)
    .all(conn)
    .await
}

/// Some public posts by their numbers, at most ten, in no order.
pub async fn cards(conn: &mut Conn, ids: &[PostId]) -> Result<Vec<CardRow>> {
    let mut statement =
        read("select * from public_post where id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    for place in 0..10 {
        statement = statement.bind(ids.get(place).map_or(0, |id| id.0));
    }
    statement.all(conn).await
}

record! {
    /// A like of somebody one follows.
    #[derive(Debug, Clone)]
    pub struct Activity {
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub slug: String,
        pub title: String,
    }
}

impl Activity {
    pub fn name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }
}

/// What people somebody follows liked lately (R-FOLLOW.8).
pub async fn activity(conn: &mut Conn, user: UserId, number: i64) -> Result<Vec<Activity>> {
    read(
        "select u.username, u.first_name, u.last_name, p.slug, p.title
           from (select l.id, l.user_id, l.post_id from follow f
                   join post_like l on l.user_id = f.followed_id
                  where f.follower_id = $1 order by l.id desc limit 50) l
           join \"user\" u on u.id = l.user_id and u.is_active
           join public_post p on p.id = l.post_id
          where p.user_id <> $1
            and not exists (select 1 from user_block b where b.user_id = $1
                               and b.blocked_id = p.user_id)
            and not exists (select 1 from user_block b where b.user_id = p.user_id
                               and b.blocked_id = $1)
            and not exists (select 1 from user_mute m where m.user_id = $1
                               and m.muted_id in (p.user_id, l.user_id))
          order by l.id desc limit $2",
    )
    .bind(user)
    .bind(number)
    .all(conn)
    .await
}

/// A place in the list of posts that somebody liked.
pub struct LikedPost {
    pub place: i64,
    pub post: CardRow,
}

impl LikedPost {
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.place, id: self.place }
    }
}

/// Public posts that somebody liked, liked last first (R-LIKE.3); one row more than asked for.
pub async fn liked_by(
    conn: &mut Conn,
    user: UserId,
    viewer: Option<UserId>,
    direction: Direction,
    size: usize,
) -> Result<Vec<LikedPost>> {
    let many = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    let (statement, place) = match direction {
        Direction::After(cursor) => (
            read(
                "select l.id, l.post_id from post_like l join public_post p on p.id = l.post_id
                  where l.user_id = $1 and l.id > $2
                    and not exists (select 1 from user_block b where b.user_id = $4
                                       and b.blocked_id = p.user_id)
                    and not exists (select 1 from user_block b where b.user_id = p.user_id
                                       and b.blocked_id = $4)
                  order by l.id limit $3",
            ),
            cursor.id,
        ),
        Direction::First | Direction::Before(_) => (
            read(
                "select l.id, l.post_id from post_like l join public_post p on p.id = l.post_id
                  where l.user_id = $1 and l.id < $2
                    and not exists (select 1 from user_block b where b.user_id = $4
                                       and b.blocked_id = p.user_id)
                    and not exists (select 1 from user_block b where b.user_id = p.user_id
                                       and b.blocked_id = $4)
                  order by l.id desc limit $3",
            ),
            if let Direction::Before(cursor) = direction { cursor.id } else { i64::MAX },
        ),
    };
    let places: Vec<(i64, PostId)> = statement
        .bind(user)
        .bind(place)
        .bind(many)
        .bind(viewer.map_or(0, |viewer| viewer.0))
        .all(conn)
        .await?;
    let mut found = Vec::with_capacity(places.len());
    for some in places.chunks(10) {
        let ids: Vec<PostId> = some.iter().map(|(_, id)| *id).collect();
        let rows = cards(conn, &ids).await?;
        found.extend(some.iter().filter_map(|(place, id)| {
            let post = rows.iter().find(|row| row.id == *id)?.clone();
            Some(LikedPost { place: *place, post })
        }));
    }
    Ok(found)
}
