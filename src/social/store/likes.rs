//! Who liked which post.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::{PostId, UserId},
};

/// The author of a post that everybody may read.
pub async fn author_of_public(conn: &mut Conn, post: PostId) -> Result<Option<UserId>> {
    let row: Option<(UserId,)> =
        read("select user_id from public_post where id = $1").bind(post).optional(conn).await?;
    Ok(row.map(|(user,)| user))
}

/// Adds a like, unless it is there; says whether it was added.
pub async fn insert(tx: &mut Tx, user: UserId, post: PostId, now: DateTime<Utc>) -> Result<bool> {
    let added = write(
        "insert into post_like (created_at, updated_at, user_id, post_id)
         values ($1, $1, $2, $3) on conflict (user_id, post_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(post)
    .run(tx)
    .await?;
    Ok(added > 0)
}

/// Takes a like away; says how many there were: one or none.
pub async fn delete(tx: &mut Tx, user: UserId, post: PostId) -> Result<u64> {
    write("delete from post_like where user_id = $1 and post_id = $2")
        .bind(user)
        .bind(post)
        .run(tx)
        .await
}

/// Takes all likes of somebody away who leaves.
pub async fn delete_all(tx: &mut Tx, user: UserId) -> Result<()> {
    write("delete from post_like where user_id = $1").bind(user).run(tx).await?;
    Ok(())
}

/// What a member has done with a post and its author: liked, kept, follows the author; and whether
/// one of the two has blocked the other.
pub async fn mine(
    conn: &mut Conn,
    user: UserId,
    post: PostId,
    author: UserId,
) -> Result<(bool, bool, bool, bool)> {
    let row: Option<(bool, bool, bool, bool)> = read(
        "select exists (select 1 from post_like where user_id = $1 and post_id = $2),
                exists (select 1 from bookmark where user_id = $1 and post_id = $2),
                exists (select 1 from follow where follower_id = $1 and followed_id = $3),
                exists (select 1 from user_block where user_id = $1 and blocked_id = $3)
                or exists (select 1 from user_block where user_id = $3 and blocked_id = $1)",
    )
    .bind(user)
    .bind(post)
    .bind(author)
    .optional(conn)
    .await?;
    Ok(row.unwrap_or_default())
}
