//! The number of visible comments that stands in a post's row. The room `comments` asks for it.

use crate::{
    Result,
    db::{Tx, write},
    ids::{PostId, UserId},
};

/// Adds to the visible comments of a post. Readers were given no other text, so its times stay.
pub async fn count(tx: &mut Tx, post: PostId, by: i64) -> Result<()> {
    write(
        "update post set comment_count = comment_count + $2, updated_at = updated_at
          where id = $1",
    )
    .bind(post)
    .bind(by)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes all visible comments of somebody who leaves for good out of the counts.
pub async fn uncount_person(tx: &mut Tx, user: UserId) -> Result<()> {
    write(
        "update post set updated_at = updated_at, comment_count = comment_count -
                (select count(*) from comment c
                  where c.post_id = post.id and c.user_id = $1 and c.status = 'visible')
          where id in (select post_id from comment where user_id = $1 and status = 'visible')",
    )
    .bind(user)
    .run(tx)
    .await?;
    Ok(())
}
