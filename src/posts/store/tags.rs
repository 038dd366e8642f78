//! The SQL of categories and tags, with the counts of public posts in their rows.

use chrono::{DateTime, Utc};

use super::super::post::Tag;
use crate::{
    Error, Result,
    db::{Conn, Tx, read, record, write},
    ids::{CategoryId, PostId, TagId, UserId},
};

record! {
    /// A category as a choice.
    #[derive(Debug, Clone)]
    pub struct CategoryChoice {
        pub id: CategoryId,
        pub name: String,
    }
}

/// All categories by name. There are never many: an editor makes each by hand.
pub async fn categories(conn: &mut Conn) -> Result<Vec<CategoryChoice>> {
    read("select id, name from category order by name limit 500").all(conn).await
}

pub async fn category_exists(conn: &mut Conn, id: CategoryId) -> Result<bool> {
    let row: Option<(CategoryId,)> =
        read("select id from category where id = $1").bind(id).optional(conn).await?;
    Ok(row.is_some())
}

/// The tags of a post, in the order of their names.
pub async fn of_post(conn: &mut Conn, post: PostId) -> Result<Vec<(TagId, String)>> {
    read(
        "select t.id, t.name from post_tag pt join tag t on t.id = pt.tag_id
          where pt.post_id = $1 order by t.name",
    )
    .bind(post)
    .all(conn)
    .await
}

/// The tag with this address, made if it is not there.
pub async fn ensure(tx: &mut Tx, tag: &Tag, now: DateTime<Utc>) -> Result<TagId> {
    write(
        "insert into tag (created_at, updated_at, name, slug) values ($1, $1, $2, $3)
         on conflict (slug) do nothing",
    )
    .bind(now)
    .bind(&tag.name)
    .bind(&tag.slug)
    .run(tx)
    .await?;
    let row: Option<(TagId,)> =
        read("select id from tag where slug = $1").bind(&tag.slug).optional(tx).await?;
    row.map(|(id,)| id).ok_or(Error::Conflict)
}

/// Ties a tag to a post.
pub async fn attach(tx: &mut Tx, post: PostId, tag: TagId) -> Result<()> {
    write(
        "insert into post_tag (post_id, tag_id, published_at)
         select id, $2, published_at from post where id = $1 on conflict do nothing",
    )
    .bind(post)
    .bind(tag)
    .run(tx)
    .await?;
    Ok(())
}

/// Unties a tag from a post.
pub async fn detach(tx: &mut Tx, post: PostId, tag: TagId) -> Result<()> {
    write("delete from post_tag where post_id = $1 and tag_id = $2")
        .bind(post)
        .bind(tag)
        .run(tx)
        .await?;
    Ok(())
}

/// Copies the post's date to its tags, which lists by tag are ordered by.
pub async fn date(tx: &mut Tx, post: PostId) -> Result<()> {
    write(
        "update post_tag set published_at = (select published_at from post where id = $1)
          where post_id = $1",
    )
    .bind(post)
    .run(tx)
    .await?;
    Ok(())
}

/// Adds to the number of a category's public posts.
pub async fn count_category(
    tx: &mut Tx,
    category: CategoryId,
    by: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    write("update category set post_count = post_count + $2, updated_at = $3 where id = $1")
        .bind(category)
        .bind(by)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Adds to the number of public posts of each of a post's tags.
pub async fn count_tags(tx: &mut Tx, post: PostId, by: i64, now: DateTime<Utc>) -> Result<()> {
    write(
        "update tag set post_count = post_count + $2, updated_at = $3
          where id in (select tag_id from post_tag where post_id = $1)",
    )
    .bind(post)
    .bind(by)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes all posts of somebody who leaves for good out of the counts of categories and tags.
pub async fn forget_author(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update category set updated_at = $2, post_count = post_count - (
                select count(*) from post p where p.category_id = category.id and p.user_id = $1
                   and p.status = 'published' and p.deleted_at is null)
          where id in (select category_id from post where user_id = $1)",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await?;
    write(
        "update tag set updated_at = $2, post_count = post_count - (
                select count(*) from post_tag pt join post p on p.id = pt.post_id
                 where pt.tag_id = tag.id and p.user_id = $1
                   and p.status = 'published' and p.deleted_at is null)
          where id in (select pt.tag_id from post_tag pt join post p on p.id = pt.post_id
                        where p.user_id = $1)",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
