//! The counts in a post's row, changed in the transaction of what they count, and its place of
//! honour.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Tx, write},
    ids::{PostId, UserId},
};

/// Changes the number of likes, and says what it is now. The post itself is not newer for it.
pub async fn count_likes(tx: &mut Tx, post: PostId, by: i64) -> Result<i64> {
    write(
        "update post set like_count = like_count + $2, updated_at = updated_at
          where id = $1 returning like_count",
    )
    .bind(post)
    .bind(by)
    .value(tx)
    .await
}

/// Holds the posts that somebody has liked or commented on.
pub async fn hold_of_person(tx: &mut Tx, user: UserId) -> Result<()> {
    write(
        "update post set updated_at = updated_at
          where id in (select post_id from post_like where user_id = $1
                       union select post_id from comment where user_id = $1
                       union select c.post_id from comment_like l
                               join comment c on c.id = l.comment_id where l.user_id = $1)",
    )
    .bind(user)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes the likes of somebody who leaves out of the counts.
pub async fn forget_likes(tx: &mut Tx, user: UserId) -> Result<()> {
    write(
        "update post set like_count = like_count - 1, updated_at = updated_at
          where id in (select post_id from post_like where user_id = $1)",
    )
    .bind(user)
    .run(tx)
    .await?;
    Ok(())
}

/// Makes the number of likes equal to the rows again; says how many posts were wrong.
pub async fn recount_likes(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update post set updated_at = $1,
                like_count = (select count(*) from post_like l where l.post_id = post.id)
          where like_count <> (select count(*) from post_like l where l.post_id = post.id)",
    )
    .bind(now)
    .run(tx)
    .await
}

/// Puts a post first, or takes it back; says which. The post itself is not newer for it.
pub async fn toggle_featured(tx: &mut Tx, post: PostId) -> Result<bool> {
    write(
        "update post set is_featured = not is_featured, updated_at = updated_at
          where id = $1 returning is_featured",
    )
    .bind(post)
    .value(tx)
    .await
}
