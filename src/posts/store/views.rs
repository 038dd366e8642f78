//! The count of a post's unique views. The rows are written by the room `analytics`.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::PostId,
};

/// Adds to the number of unique views. A look at a post is no change of it: `updated_at` stays.
pub async fn count(tx: &mut Tx, post: PostId, by: i64) -> Result<()> {
    write("update post set view_count = view_count + $2, updated_at = updated_at where id = $1")
        .bind(post)
        .bind(by)
        .run(tx)
        .await
        .map(drop)
}

/// How many posts count fewer views than there are rows. More is no mistake: old rows are removed.
pub async fn too_few(conn: &mut Conn) -> Result<i64> {
    read(
        "select count(*) from post where view_count < (select count(*) from post_view v
                where v.post_id = post.id and v.is_unique_view)",
    )
    .value(conn)
    .await
}

/// Raises the count of such posts to the number of their rows; says of how many.
pub async fn raise(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update post set updated_at = $1, view_count = (select count(*) from post_view v
                where v.post_id = post.id and v.is_unique_view)
          where view_count < (select count(*) from post_view v
                where v.post_id = post.id and v.is_unique_view)",
    )
    .bind(now)
    .run(tx)
    .await
}
