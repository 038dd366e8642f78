//! The lists of a member's home.

mod postgres;
mod sqlite;

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::{
    Result,
    accounts::full_name,
    db::{Conn, read, record},
    ids::{CategoryId, PostId, UserId},
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

/// How many of the newest posts are looked at before each source is asked for its own.
const NEWEST: i64 = 200;

/// Posts of the people, categories and tags somebody follows, newest first, without those of
/// people they blocked or muted or who blocked them. Whoever follows many finds a page of them
/// among the newest posts; for the others each source is asked for its newest, so that neither
/// reads more the more posts there are.
pub async fn following(
    conn: &mut Conn,
    user: UserId,
    direction: Direction,
    size: usize,
) -> Result<Vec<CardRow>> {
    let (time, id, up) = start(direction);
    let many = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    let statement = if up {
        read(
            "select p.* from (select n.id from
                (select id, user_id, category_id, published_at from public_post
                  where (published_at, id) > ($1, $2)
                  order by published_at, id limit $5) n
              where n.user_id <> $4
                and n.user_id not in (select blocked_id from user_block where user_id = $4
                                      union all select user_id from user_block where blocked_id = $4
                                      union all select muted_id from user_mute where user_id = $4)
                and (n.user_id in (select followed_id from follow where follower_id = $4)
                     or n.category_id in (select category_id from category_follow
                                           where user_id = $4)
                     or (exists (select 1 from tag_follow where user_id = $4)
                         and exists (select 1 from post_tag pt join tag_follow t
                                         on t.tag_id = pt.tag_id and t.user_id = $4
                                      where pt.post_id = n.id)))
              order by n.published_at, n.id limit $3) found
              join public_post p on p.id = found.id
              order by p.published_at, p.id",
        )
    } else {
        read(
            "select p.* from (select n.id from
                (select id, user_id, category_id, published_at from public_post
                  where (published_at, id) < ($1, $2)
                  order by published_at desc, id desc limit $5) n
              where n.user_id <> $4
                and n.user_id not in (select blocked_id from user_block where user_id = $4
                                      union all select user_id from user_block where blocked_id = $4
                                      union all select muted_id from user_mute where user_id = $4)
                and (n.user_id in (select followed_id from follow where follower_id = $4)
                     or n.category_id in (select category_id from category_follow
                                           where user_id = $4)
                     or (exists (select 1 from tag_follow where user_id = $4)
                         and exists (select 1 from post_tag pt join tag_follow t
                                         on t.tag_id = pt.tag_id and t.user_id = $4
                                      where pt.post_id = n.id)))
              order by n.published_at desc, n.id desc limit $3) found
              join public_post p on p.id = found.id
              order by p.published_at desc, p.id desc",
        )
    };
    let found: Vec<CardRow> =
        statement.bind(time).bind(id).bind(many).bind(user).bind(NEWEST).all(conn).await?;
    if found.len() > size {
        return Ok(found);
    }
    let statement = match (conn.is_sqlite(), up) {
        (true, true) => sqlite::sources_up(),
        (true, false) => sqlite::sources_down(),
        (false, true) => postgres::sources_up(),
        (false, false) => postgres::sources_down(),
    };
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
                and p.user_id not in (select blocked_id from user_block where user_id = $4
                            union all select user_id from user_block where blocked_id = $4
                            union all select muted_id from user_mute where user_id = $4)
              order by p.published_at, p.id limit $3",
        )
    } else {
        read(
            "select * from public_post p
              where (p.published_at, p.id) < ($1, $2)
                and p.user_id not in (select blocked_id from user_block where user_id = $4
                            union all select user_id from user_block where blocked_id = $4
                            union all select muted_id from user_mute where user_id = $4)
              order by p.published_at desc, p.id desc limit $3",
        )
    };
    let many = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    statement.bind(time).bind(id).bind(many).bind(user).all(conn).await
}

record! {
    /// What choosing for somebody needs to know of a post, whoever it is.
    #[derive(Debug, Clone)]
    pub struct Candidate {
        pub id: PostId,
        pub user_id: UserId,
        pub category_id: Option<CategoryId>,
        pub published_at: DateTime<Utc>,
        pub like_count: i64,
        pub comment_count: i64,
    }
}

/// The newest public posts.
pub async fn candidates(conn: &mut Conn, number: i64) -> Result<Vec<Candidate>> {
    read(
        "select id, user_id, category_id, published_at, like_count, comment_count
           from public_post order by published_at desc, id desc limit $1",
    )
    .bind(number)
    .all(conn)
    .await
}

/// What somebody has to do with people, categories and posts.
#[derive(Debug, Default)]
pub struct Ties {
    pub followed: HashSet<i64>,
    /// Whom they shut out, or who shut them out.
    pub hidden: HashSet<i64>,
    pub categories: HashSet<i64>,
    /// Posts with a tag that they follow.
    pub tagged: HashSet<i64>,
    pub liked: HashSet<i64>,
}

/// The ties that matter to posts published since a time. Of likes these are the last so many.
pub async fn ties(
    conn: &mut Conn,
    user: UserId,
    since: DateTime<Utc>,
    number: i64,
) -> Result<Ties> {
    let rows: Vec<(i64, i64)> = read(
        "select 0 as kind, followed_id as id from follow where follower_id = $1
         union all select 1, blocked_id from user_block where user_id = $1
         union all select 1, user_id from user_block where blocked_id = $1
         union all select 1, muted_id from user_mute where user_id = $1
         union all select 2, category_id from category_follow where user_id = $1
         union all select 3, pt.post_id from tag_follow t join post_tag pt on pt.tag_id = t.tag_id
                    where t.user_id = $1 and pt.published_at >= $2
         union all select 4, l.post_id from (select post_id from post_like where user_id = $1
                                              order by id desc limit $3) l",
    )
    .bind(user)
    .bind(since)
    .bind(number)
    .all(conn)
    .await?;
    let mut ties = Ties::default();
    for (kind, id) in rows {
        let set = match kind {
            0 => &mut ties.followed,
            1 => &mut ties.hidden,
            2 => &mut ties.categories,
            3 => &mut ties.tagged,
            _ => &mut ties.liked,
        };
        set.insert(id);
    }
    Ok(ties)
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

/// What people somebody follows liked lately (R-FOLLOW.8): of each no more than their last ten.
pub async fn activity(conn: &mut Conn, user: UserId, number: i64) -> Result<Vec<Activity>> {
    let statement = if conn.is_sqlite() { sqlite::activity() } else { postgres::activity() };
    statement.bind(user).bind(number).all(conn).await
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
