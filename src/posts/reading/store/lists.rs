//! Lists of posts. Each reads one row more than it shows, to know whether there is a next page.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Read, read, record},
    ids::{CategoryId, PostId, TagId, UserId},
    paging::{Cursor, Direction},
    posts::reading::card::CardRow,
};

/// The last moment of the year 9999, in microseconds.
const END_OF_TIME: i64 = 253_402_300_799_999_999;

/// Where a part of a list begins, and whether it goes up. The first page begins after everything
/// that can be published; a link with a time that no database knows begins at the nearest.
fn from(direction: Direction) -> (DateTime<Utc>, i64, bool) {
    let (cursor, up) = match direction {
        Direction::First => (Cursor { key: END_OF_TIME, id: i64::MAX }, false),
        Direction::Before(cursor) => (cursor, false),
        Direction::After(cursor) => (cursor, true),
    };
    let cursor = Cursor { key: cursor.key.clamp(0, END_OF_TIME), ..cursor };
    (cursor.time(), cursor.id, up)
}

fn one_more(size: usize) -> i64 {
    i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX)
}

/// Makes a statement anew.
type Ask = fn() -> Read;

/// Asks for the part of a list that a page shows: with the statement that goes down the list, or
/// the one that goes up.
async fn part(
    conn: &mut Conn,
    (down, up): (Ask, Ask),
    of: (Option<i64>, Option<i64>),
    direction: Direction,
    size: usize,
) -> Result<Vec<CardRow>> {
    let (time, id, goes_up) = from(direction);
    let mut statement = if goes_up { up() } else { down() };
    statement = statement.bind(time).bind(id).bind(one_more(size));
    for value in [of.0, of.1].into_iter().flatten() {
        statement = statement.bind(value);
    }
    statement.all(conn).await
}

/// For whom a list leaves out writers whom the reader blocked or muted, and who blocked the reader.
/// Nobody has the number 0: a visitor is shown everything.
fn shown_to(reader: Option<UserId>) -> i64 {
    reader.map_or(0, |reader| reader.0)
}

/// All public posts, newest first.
pub async fn latest(conn: &mut Conn, direction: Direction, size: usize) -> Result<Vec<CardRow>> {
    let down = || {
        read(
            "select * from public_post where (published_at, id) < ($1, $2)
              order by published_at desc, id desc limit $3",
        )
    };
    let up = || {
        read(
            "select * from public_post where (published_at, id) > ($1, $2)
              order by published_at, id limit $3",
        )
    };
    part(conn, (down, up), (None, None), direction, size).await
}

/// A category's posts, newest first, as this reader is shown them.
pub async fn in_category(
    conn: &mut Conn,
    (category, reader): (CategoryId, Option<UserId>),
    direction: Direction,
    size: usize,
) -> Result<Vec<CardRow>> {
    let down = || {
        read(
            "select * from public_post where category_id = $4 and (published_at, id) < ($1, $2)
                and user_id not in (select blocked_id from user_block where user_id = $5
                                 union all select user_id from user_block where blocked_id = $5
                                 union all select muted_id from user_mute where user_id = $5)
              order by published_at desc, id desc limit $3",
        )
    };
    let up = || {
        read(
            "select * from public_post where category_id = $4 and (published_at, id) > ($1, $2)
                and user_id not in (select blocked_id from user_block where user_id = $5
                                 union all select user_id from user_block where blocked_id = $5
                                 union all select muted_id from user_mute where user_id = $5)
              order by published_at, id limit $3",
        )
    };
    part(conn, (down, up), (Some(category.0), Some(shown_to(reader))), direction, size).await
}

/// A writer's posts, newest first.
pub async fn by_author(
    conn: &mut Conn,
    author: UserId,
    direction: Direction,
    size: usize,
) -> Result<Vec<CardRow>> {
    let down = || {
        read(
            "select * from public_post where user_id = $4 and (published_at, id) < ($1, $2)
              order by published_at desc, id desc limit $3",
        )
    };
    let up = || {
        read(
            "select * from public_post where user_id = $4 and (published_at, id) > ($1, $2)
              order by published_at, id limit $3",
        )
    };
    part(conn, (down, up), (Some(author.0), None), direction, size).await
}

/// A tag's posts, newest first, as this reader is shown them: by the time that `post_tag` keeps for
/// this order. Visitors have statements of their own: PostgreSQL takes half of the posts to be left
/// out by the set, and for that many it would rather sort.
pub async fn tagged(
    conn: &mut Conn,
    (tag, reader): (TagId, Option<UserId>),
    direction: Direction,
    size: usize,
) -> Result<Vec<CardRow>> {
    let (down, up): (Ask, Ask) = if reader.is_none() {
        (
            || {
                read(
                    "select p.* from post_tag pt, public_post p
                      where p.id = pt.post_id and pt.tag_id = $4
                        and (pt.published_at, pt.post_id) < ($1, $2)
                      order by pt.published_at desc, pt.post_id desc limit $3",
                )
            },
            || {
                read(
                    "select p.* from post_tag pt, public_post p
                      where p.id = pt.post_id and pt.tag_id = $4
                        and (pt.published_at, pt.post_id) > ($1, $2)
                      order by pt.published_at, pt.post_id limit $3",
                )
            },
        )
    } else {
        (
            || {
                read(
                    "select p.* from post_tag pt, public_post p
                      where p.id = pt.post_id and pt.tag_id = $4
                        and (pt.published_at, pt.post_id) < ($1, $2)
                        and p.user_id not in (
                            select blocked_id from user_block where user_id = $5
                             union all select user_id from user_block where blocked_id = $5
                             union all select muted_id from user_mute where user_id = $5)
                      order by pt.published_at desc, pt.post_id desc limit $3",
                )
            },
            || {
                read(
                    "select p.* from post_tag pt, public_post p
                      where p.id = pt.post_id and pt.tag_id = $4
                        and (pt.published_at, pt.post_id) > ($1, $2)
                        and p.user_id not in (
                            select blocked_id from user_block where user_id = $5
                             union all select user_id from user_block where blocked_id = $5
                             union all select muted_id from user_mute where user_id = $5)
                      order by pt.published_at, pt.post_id limit $3",
                )
            },
        )
    };
    part(conn, (down, up), (Some(tag.0), reader.map(|reader| reader.0)), direction, size).await
}

/// What stands in front of the home page, as this reader is shown it: the newest posts that editors
/// chose; while there are none, the most liked of all time. `is_featured` tells which they are.
/// Whether there are any decides how many liked ones are looked for: asked in their condition, it
/// would be asked of every post there is.
pub async fn front(conn: &mut Conn, reader: Option<UserId>, number: i64) -> Result<Vec<CardRow>> {
    let mut rows: Vec<CardRow> = read(
        "select p.*
           from (select id from (
                   select id from public_post c
                    where is_featured
                      and (cast($2 as bigint) = 0
                         or (not exists (select 1 from user_block b
                                          where b.user_id = $2 and b.blocked_id = c.user_id)
                             and not exists (select 1 from user_block b
                                              where b.user_id = c.user_id and b.blocked_id = $2)
                             and not exists (select 1 from user_mute b
                                              where b.user_id = $2 and b.muted_id = c.user_id)))
                    order by published_at desc, id desc limit $1) chosen
                 union all
                 select id from (
                   select id from public_post l
                    where like_count > 0
                      and (cast($2 as bigint) = 0
                         or (not exists (select 1 from user_block b
                                          where b.user_id = $2 and b.blocked_id = l.user_id)
                             and not exists (select 1 from user_block b
                                              where b.user_id = l.user_id and b.blocked_id = $2)
                             and not exists (select 1 from user_mute b
                                              where b.user_id = $2 and b.muted_id = l.user_id)))
                    order by like_count desc, id desc
                    limit case when exists (
                        select 1 from public_post c
                         where is_featured
                           and (cast($2 as bigint) = 0
                              or (not exists (select 1 from user_block b
                                               where b.user_id = $2 and b.blocked_id = c.user_id)
                                  and not exists (select 1 from user_block b
                                                   where b.user_id = c.user_id and b.blocked_id = $2)
                                  and not exists (select 1 from user_mute b
                                                   where b.user_id = $2 and b.muted_id = c.user_id)))
                        ) then 0 else $1 end) liked) f
           join public_post p on p.id = f.id",
    )
    .bind(number)
    .bind(shown_to(reader))
    .all(conn)
    .await?;
    rows.sort_by_key(|row| {
        let (count, at) =
            if row.is_featured { (0, Some(row.published_at)) } else { (row.like_count, None) };
        std::cmp::Reverse((count, at, row.id))
    });
    Ok(rows)
}

record! {
    /// A line of the list of popular posts.
    #[derive(Debug, Clone)]
    pub struct Popular {
        pub slug: String,
        pub title: String,
        pub like_count: i64,
        pub author_username: String,
        pub author_first_name: Option<String>,
        pub author_last_name: Option<String>,
    }
}

/// The most liked of the newest hundred, as this reader is shown them: as quick among a million
/// posts as among ten. Only those that are shown are read whole.
pub async fn popular(conn: &mut Conn, reader: Option<UserId>, number: i64) -> Result<Vec<Popular>> {
    read(
        "select p.slug, p.title, p.like_count, p.author_username, p.author_first_name,
                p.author_last_name
           from (select id
                   from (select id, user_id, like_count, published_at from public_post
                          order by published_at desc, id desc limit 100) newest
                  where like_count > 0
                    and user_id not in (
                        select blocked_id from user_block where user_id = $2
                         union all select user_id from user_block where blocked_id = $2
                         union all select muted_id from user_mute where user_id = $2)
                  order by like_count desc, published_at desc, id desc limit $1) best
           join public_post p on p.id = best.id
          order by p.like_count desc, p.published_at desc, p.id desc",
    )
    .bind(number)
    .bind(shown_to(reader))
    .all(conn)
    .await
}

/// The most liked of all time, without writers whom the reader blocked or muted, or who blocked the
/// reader.
pub async fn most_liked(
    conn: &mut Conn,
    reader: Option<UserId>,
    number: i64,
) -> Result<Vec<Popular>> {
    read(
        "select p.slug, p.title, p.like_count, p.author_username, p.author_first_name,
                p.author_last_name
           from public_post p
          where p.like_count > 0
            and not exists (select 1 from user_block b
                 where b.user_id = $1 and b.blocked_id = p.user_id)
            and not exists (select 1 from user_block b
                 where b.user_id = p.user_id and b.blocked_id = $1)
            and not exists (select 1 from user_mute m
                 where m.user_id = $1 and m.muted_id = p.user_id)
          order by p.like_count desc, p.id desc limit $2",
    )
    .bind(shown_to(reader))
    .bind(number)
    .all(conn)
    .await
}

/// What else the writer of a post wrote lately.
pub async fn more_by_author(
    conn: &mut Conn,
    author: UserId,
    not: PostId,
    number: i64,
) -> Result<Vec<CardRow>> {
    read(
        "select id, user_id, category_id, published_at, is_featured, edited_at, like_count,
                comment_count, word_count, slug, title, meta_description, excerpt, image_filename,
                image_alt, image_width, image_height, author_username, author_first_name,
                author_last_name, author_avatar, category_name, category_slug
           from public_post
          where user_id = $1 and id <> $2
          order by published_at desc, id desc limit $3",
    )
    .bind(author)
    .bind(not)
    .bind(number)
    .all(conn)
    .await
}

/// What others wrote lately in the same category, as this reader is shown it.
pub async fn related(
    conn: &mut Conn,
    category: CategoryId,
    (not_by, reader): (UserId, Option<UserId>),
    number: i64,
) -> Result<Vec<CardRow>> {
    read(
        "select id, user_id, category_id, published_at, is_featured, edited_at, like_count,
                comment_count, word_count, slug, title, meta_description, excerpt, image_filename,
                image_alt, image_width, image_height, author_username, author_first_name,
                author_last_name, author_avatar, category_name, category_slug
           from public_post
          where category_id = $1 and user_id <> $2
            and (cast($4 as bigint) = 0
                 or (not exists (select 1 from user_block b
                                  where b.user_id = $4 and b.blocked_id = public_post.user_id)
                     and not exists (select 1 from user_block b
                                      where b.user_id = public_post.user_id and b.blocked_id = $4)
                     and not exists (select 1 from user_mute b
                                      where b.user_id = $4 and b.muted_id = public_post.user_id)))
          order by published_at desc, id desc limit $3",
    )
    .bind(category)
    .bind(not_by)
    .bind(number)
    .bind(shown_to(reader))
    .all(conn)
    .await
}

record! {
    /// Somebody whose posts one may want to read.
    #[derive(Debug, Clone)]
    pub struct Writer {
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
        pub post_count: i64,
    }
}

/// Who wrote most.
pub async fn writers(conn: &mut Conn, number: i64) -> Result<Vec<Writer>> {
    read(
        "select username, first_name, last_name, avatar_filename, post_count from \"user\"
          where is_active and email_confirmed and post_count > 0
          order by post_count desc, id desc limit $1",
    )
    .bind(number)
    .all(conn)
    .await
}
