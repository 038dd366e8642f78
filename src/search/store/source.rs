//! The SQL of searching that is the same on both databases.

use chrono::{DateTime, Utc};

use super::{super::words::VERSION, Asked, Hit, Names, Source};
use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::{CategoryId, PostId, TagId, UserId},
};

/// What is indexed of a post, whatever its state.
pub async fn source(conn: &mut Conn, post: PostId) -> Result<Option<Source>> {
    read(
        "select p.user_id, p.category_id, p.title, p.meta_description, p.html, u.username,
                u.first_name, u.last_name, c.name as category_name,
                (p.status = 'published' and p.deleted_at is null) as is_public,
                p.published_at
           from post p join \"user\" u on u.id = p.user_id
           left join category c on c.id = p.category_id
          where p.id = $1",
    )
    .bind(post)
    .optional(conn)
    .await
}

pub async fn tags_of(conn: &mut Conn, post: PostId) -> Result<Vec<(TagId, String)>> {
    read(
        "select t.id, t.name from post_tag pt join tag t on t.id = pt.tag_id
          where pt.post_id = $1 order by t.id limit 100",
    )
    .bind(post)
    .all(conn)
    .await
}

pub async fn names_of(conn: &mut Conn, user: UserId) -> Result<Option<Names>> {
    read("select username, first_name, last_name from \"user\" where id = $1")
        .bind(user)
        .optional(conn)
        .await
}

/// How many posts, or people, are looked through by one statement: as many as a cold disk reads in
/// a fraction of the time that a statement may take.
const WINDOW: i64 = 5000;

/// The number of the last post of the window after a number; nothing when none is left.
pub async fn post_window(conn: &mut Conn, after: i64) -> Result<Option<i64>> {
    read("select max(id) from (select id from post where id > $1 order by id limit $2) w")
        .bind(after)
        .bind(WINDOW)
        .value(conn)
        .await
}

/// The same for people.
pub async fn people_window(conn: &mut Conn, after: i64) -> Result<Option<i64>> {
    read("select max(id) from (select id from \"user\" where id > $1 order by id limit $2) w")
        .bind(after)
        .bind(WINDOW)
        .value(conn)
        .await
}

/// Posts after a number and up to another that are not indexed as they should be.
pub async fn stale_posts(
    conn: &mut Conn,
    (after, last): (i64, i64),
    most: i64,
) -> Result<Vec<(PostId,)>> {
    read(
        "select p.id from post p left join search_post s on s.post_id = p.id
          where p.id > $1 and p.id <= $2 and (s.post_id is null or s.index_version < $3)
          order by p.id limit $4",
    )
    .bind(after)
    .bind(last)
    .bind(VERSION)
    .bind(most)
    .all(conn)
    .await
}

/// People after a number and up to another who are not indexed as they should be.
pub async fn stale_people(
    conn: &mut Conn,
    (after, last): (i64, i64),
    most: i64,
) -> Result<Vec<(UserId,)>> {
    read(
        "select u.id from \"user\" u left join search_name s on s.user_id = u.id
          where u.id > $1 and u.id <= $2 and (s.id is null or s.index_version < $3)
          order by u.id limit $4",
    )
    .bind(after)
    .bind(last)
    .bind(VERSION)
    .bind(most)
    .all(conn)
    .await
}

/// Posts that are indexed by older rules or under a former name.
pub async fn outdated_posts(conn: &mut Conn, most: i64) -> Result<Vec<(PostId,)>> {
    read(
        "select post_id from search_post where index_version < $1
          order by index_version, post_id limit $2",
    )
    .bind(VERSION)
    .bind(most)
    .all(conn)
    .await
}

/// Holds what is indexed of a post until the end of the transaction: a name that changes
/// meanwhile outdates the index after it was made, never before.
pub async fn hold_post(tx: &mut Tx, post: PostId, now: DateTime<Utc>) -> Result<()> {
    write("update search_post set updated_at = $2 where post_id = $1")
        .bind(post)
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}

/// Whether anything is indexed by older rules, or nothing at all is indexed of people that are
/// there. Each half reads the end of an index; what is missing one by one is counted by [`missing`].
pub async fn is_outdated(conn: &mut Conn) -> Result<bool> {
    read(
        "select exists (select 1 from search_post where index_version < $1)
             or exists (select 1 from search_name where index_version < $1)
             or ((select max(id) from post) is not null
                 and (select max(post_id) from search_post) is null)
             or ((select max(id) from \"user\") is not null
                 and (select max(id) from search_name) is null)",
    )
    .bind(VERSION)
    .value(conn)
    .await
}

/// How many posts and people are not indexed as they should be.
pub async fn missing(conn: &mut Conn) -> Result<i64> {
    read(
        "select (select count(*) from post p left join search_post s on s.post_id = p.id
                  where s.post_id is null or s.index_version < $1)
              + (select count(*) from \"user\" u left join search_name s on s.user_id = u.id
                  where s.id is null or s.index_version < $1)",
    )
    .bind(VERSION)
    .value(conn)
    .await
}

/// Notes that the posts of somebody are indexed under a former name; says how many.
pub async fn outdate_posts_of(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update search_post set index_version = 0, updated_at = $2
          where post_id in (select id from post where user_id = $1)",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await
}

/// Empties the index, to be made anew.
pub async fn forget_everything(tx: &mut Tx) -> Result<()> {
    write("delete from search_post").run(tx).await?;
    write("delete from search_name").run(tx).await?;
    Ok(())
}

/// Public posts between two dates, newest first.
pub async fn dated(conn: &mut Conn, asked: &Asked<'_>, most: i64) -> Result<Vec<Hit>> {
    const LAST: i64 = 253_402_300_799_999_999;
    let last = DateTime::from_timestamp_micros(LAST).unwrap_or_default();
    read(
        "select p.*, '' as names from public_post p
          where p.published_at < $1 and p.published_at >= $2
            and not exists (select 1 from user_block b
                             where (b.user_id = $3 and b.blocked_id = p.user_id)
                                or (b.user_id = p.user_id and b.blocked_id = $3))
            and not exists (select 1 from user_mute m
                             where m.user_id = $3 and m.muted_id = p.user_id)
          order by p.published_at desc, p.id desc limit $4",
    )
    .bind(asked.before.unwrap_or(last))
    .bind(asked.since.unwrap_or_default())
    .bind(asked.viewer)
    .bind(most)
    .all(conn)
    .await
}

/// The indexed texts of some posts; 0 stands for no post.
pub async fn bodies(conn: &mut Conn, posts: &[PostId]) -> Result<Vec<(PostId, String)>> {
    let mut statement = read(
        "select post_id, body from search_post
          where post_id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                            $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)",
    );
    for place in 0..30 {
        statement = statement.bind(posts.get(place).copied().unwrap_or(PostId(0)));
    }
    statement.all(conn).await
}

/// The person with this user name whom this viewer may find.
pub async fn author(
    conn: &mut Conn,
    username: &str,
    viewer: Option<UserId>,
) -> Result<Option<UserId>> {
    let row: Option<(UserId,)> = read(
        "select u.id from \"user\" u
          where u.username_key = $1 and u.is_active and u.email_confirmed
            and not exists (select 1 from user_block b
                             where (b.user_id = $2 and b.blocked_id = u.id)
                                or (b.user_id = u.id and b.blocked_id = $2))
            and not exists (select 1 from user_mute m
                             where m.user_id = $2 and m.muted_id = u.id)",
    )
    .bind(username.to_lowercase())
    .bind(viewer)
    .optional(conn)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// The number of a tag with public posts, and of a category, by their addresses.
pub async fn topic(
    conn: &mut Conn,
    tag: &str,
    category: &str,
) -> Result<(Option<TagId>, Option<CategoryId>)> {
    read(
        "select (select id from tag where slug = $1 and post_count > 0),
                (select id from category where slug = $2)",
    )
    .bind(tag)
    .bind(category)
    .one(conn)
    .await
}
