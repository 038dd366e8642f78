//! The SQL of addresses, present and former.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::PostId,
};

/// Whether another post has, or had, this slug.
pub async fn is_taken(conn: &mut Conn, slug: &str, own: Option<PostId>) -> Result<bool> {
    let own = own.unwrap_or(PostId(0));
    let row: Option<(i64,)> = read(
        "select id from post where slug = $1 and id <> $2
         union all select post_id from post_slug where slug = $1 and post_id <> $2 limit 1",
    )
    .bind(slug)
    .bind(own)
    .optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Keeps a former address.
pub async fn remember(tx: &mut Tx, post: PostId, slug: &str, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into post_slug (created_at, updated_at, post_id, slug) values ($1, $1, $2, $3)
         on conflict (slug) do nothing",
    )
    .bind(now)
    .bind(post)
    .bind(slug)
    .run(tx)
    .await?;
    Ok(())
}

/// Forgets a former address that is the present one again.
pub async fn reclaim(tx: &mut Tx, post: PostId, slug: &str) -> Result<()> {
    write("delete from post_slug where post_id = $1 and slug = $2")
        .bind(post)
        .bind(slug)
        .run(tx)
        .await?;
    Ok(())
}
