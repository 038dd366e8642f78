//! The SQL that finds and mends counts that differ from the rows they count.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, write},
};

/// How many categories and tags have a count that differs from their public posts.
pub async fn wrong_counts(conn: &mut Conn) -> Result<i64> {
    read(
        "select (select count(*) from category c where c.post_count <> (select count(*) from post p
                  where p.category_id = c.id and p.status = 'published' and p.deleted_at is null))
              + (select count(*) from tag t where t.post_count <> (select count(*) from post_tag pt
                  join post p on p.id = pt.post_id where pt.tag_id = t.id
                   and p.status = 'published' and p.deleted_at is null))",
    )
    .value(conn)
    .await
}

/// Counts the public posts of all categories again; says how many were wrong.
pub async fn recount_categories(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update category set updated_at = $1, post_count = (select count(*) from post p
                  where p.category_id = category.id and p.status = 'published'
                    and p.deleted_at is null)
          where post_count <> (select count(*) from post p
                  where p.category_id = category.id and p.status = 'published'
                    and p.deleted_at is null)",
    )
    .bind(now)
    .run(tx)
    .await
}

/// Counts the public posts of all tags again; says how many were wrong.
pub async fn recount_tags(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update tag set updated_at = $1, post_count = (select count(*) from post_tag pt
                  join post p on p.id = pt.post_id where pt.tag_id = tag.id
                   and p.status = 'published' and p.deleted_at is null)
          where post_count <> (select count(*) from post_tag pt
                  join post p on p.id = pt.post_id where pt.tag_id = tag.id
                   and p.status = 'published' and p.deleted_at is null)",
    )
    .bind(now)
    .run(tx)
    .await
}

/// Counts likes and comments of all posts again; says how many were wrong.
pub async fn recount_posts(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update post set updated_at = $1,
                like_count = (select count(*) from post_like l where l.post_id = post.id),
                comment_count = (select count(*) from comment c
                                  where c.post_id = post.id and c.status = 'visible')
          where like_count <> (select count(*) from post_like l where l.post_id = post.id)
             or comment_count <> (select count(*) from comment c
                                   where c.post_id = post.id and c.status = 'visible')",
    )
    .bind(now)
    .run(tx)
    .await
}

/// How many posts have a count of likes or comments that differs from the rows.
pub async fn wrong_posts(conn: &mut Conn) -> Result<i64> {
    read(
        "select count(*) from post
          where like_count <> (select count(*) from post_like l where l.post_id = post.id)
             or comment_count <> (select count(*) from comment c
                                   where c.post_id = post.id and c.status = 'visible')",
    )
    .value(conn)
    .await
}
