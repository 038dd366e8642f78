//! Who follows whom, which categories and which tags.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::{CategoryId, TagId, UserId},
};

/// Adds a follow, unless it is there; says whether it was added.
pub async fn insert(tx: &mut Tx, who: UserId, whom: UserId, now: DateTime<Utc>) -> Result<bool> {
    let added = write(
        "insert into follow (created_at, updated_at, follower_id, followed_id)
         values ($1, $1, $2, $3) on conflict (follower_id, followed_id) do nothing",
    )
    .bind(now)
    .bind(who)
    .bind(whom)
    .run(tx)
    .await?;
    Ok(added > 0)
}

/// Takes a follow away; says whether there was one.
pub async fn delete(tx: &mut Tx, who: UserId, whom: UserId) -> Result<bool> {
    let gone = write("delete from follow where follower_id = $1 and followed_id = $2")
        .bind(who)
        .bind(whom)
        .run(tx)
        .await?;
    Ok(gone > 0)
}

/// Takes all follows of and by somebody away who leaves.
pub async fn delete_all(tx: &mut Tx, user: UserId) -> Result<()> {
    write("delete from follow where follower_id = $1 or followed_id = $1")
        .bind(user)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn category_exists(conn: &mut Conn, id: CategoryId) -> Result<bool> {
    let row: Option<(CategoryId,)> =
        read("select id from category where id = $1").bind(id).optional(conn).await?;
    Ok(row.is_some())
}

pub async fn tag_exists(conn: &mut Conn, id: TagId) -> Result<bool> {
    let row: Option<(TagId,)> =
        read("select id from tag where id = $1").bind(id).optional(conn).await?;
    Ok(row.is_some())
}

/// How many categories somebody follows.
pub async fn categories_followed(conn: &mut Conn, user: UserId) -> Result<i64> {
    read("select count(*) from category_follow where user_id = $1").bind(user).value(conn).await
}

/// How many tags somebody follows.
pub async fn tags_followed(conn: &mut Conn, user: UserId) -> Result<i64> {
    read("select count(*) from tag_follow where user_id = $1").bind(user).value(conn).await
}

pub async fn insert_category(
    tx: &mut Tx,
    user: UserId,
    id: CategoryId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let added = write(
        "insert into category_follow (created_at, user_id, category_id) values ($1, $2, $3)
         on conflict (user_id, category_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(id)
    .run(tx)
    .await?;
    Ok(added > 0)
}

pub async fn delete_category(tx: &mut Tx, user: UserId, id: CategoryId) -> Result<bool> {
    let gone = write("delete from category_follow where user_id = $1 and category_id = $2")
        .bind(user)
        .bind(id)
        .run(tx)
        .await?;
    Ok(gone > 0)
}

pub async fn insert_tag(tx: &mut Tx, user: UserId, id: TagId, now: DateTime<Utc>) -> Result<bool> {
    let added = write(
        "insert into tag_follow (created_at, user_id, tag_id) values ($1, $2, $3)
         on conflict (user_id, tag_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(id)
    .run(tx)
    .await?;
    Ok(added > 0)
}

pub async fn delete_tag(tx: &mut Tx, user: UserId, id: TagId) -> Result<bool> {
    let gone = write("delete from tag_follow where user_id = $1 and tag_id = $2")
        .bind(user)
        .bind(id)
        .run(tx)
        .await?;
    Ok(gone > 0)
}

/// Whether somebody follows somebody.
pub async fn is_following(conn: &mut Conn, who: UserId, whom: UserId) -> Result<bool> {
    let row: Option<(i64,)> =
        read("select id from follow where follower_id = $1 and followed_id = $2")
            .bind(who)
            .bind(whom)
            .optional(conn)
            .await?;
    Ok(row.is_some())
}

/// Whether somebody follows a category.
pub async fn follows_category(conn: &mut Conn, user: UserId, id: CategoryId) -> Result<bool> {
    let row: Option<(i64,)> =
        read("select id from category_follow where user_id = $1 and category_id = $2")
            .bind(user)
            .bind(id)
            .optional(conn)
            .await?;
    Ok(row.is_some())
}

/// Whether somebody follows a tag.
pub async fn follows_tag(conn: &mut Conn, user: UserId, id: TagId) -> Result<bool> {
    let row: Option<(i64,)> = read("select id from tag_follow where user_id = $1 and tag_id = $2")
        .bind(user)
        .bind(id)
        .optional(conn)
        .await?;
    Ok(row.is_some())
}
