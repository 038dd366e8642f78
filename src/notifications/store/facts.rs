//! What has to be known of what happened: read from the tables of other rooms.

use crate::{
    Result,
    db::{Conn, read, record},
    ids::{CommentId, PostId, UserId},
};

record! {
    /// A comment, with whom it may concern.
    #[derive(Debug, Clone)]
    pub struct CommentFacts {
        pub author: UserId,
        pub post: PostId,
        pub post_author: UserId,
        pub title: String,
        pub parent_author: Option<UserId>,
        pub status: String,
        pub content: String,
        pub reason: Option<String>,
    }
}

pub async fn comment(conn: &mut Conn, id: CommentId) -> Result<Option<CommentFacts>> {
    read(
        "select c.user_id as author, c.post_id as post, p.user_id as post_author, p.title,
                pc.user_id as parent_author, c.status, c.content, c.moderation_reason as reason
           from comment c join post p on p.id = c.post_id
           left join comment pc on pc.id = c.parent_id and pc.status = 'visible'
          where c.id = $1",
    )
    .bind(id)
    .optional(conn)
    .await
}

/// Whom a comment names, at most ten (X75).
pub async fn mentioned(conn: &mut Conn, comment: CommentId) -> Result<Vec<UserId>> {
    let rows: Vec<(UserId,)> =
        read("select user_id from comment_mention where comment_id = $1 order by user_id limit 10")
            .bind(comment)
            .all(conn)
            .await?;
    Ok(rows.into_iter().map(|(user,)| user).collect())
}

/// Writer and title of a post, and what leads to it.
pub async fn post(conn: &mut Conn, id: PostId) -> Result<Option<(UserId, String, String)>> {
    read("select user_id, title, coalesce(slug, cast(id as text)) as slug from post where id = $1")
        .bind(id)
        .optional(conn)
        .await
}

/// The same, while readers see it.
pub async fn public_post(conn: &mut Conn, id: PostId) -> Result<Option<(UserId, String, String)>> {
    read("select user_id, title, slug from public_post where id = $1").bind(id).optional(conn).await
}

/// User name, first and last name.
pub async fn name(
    conn: &mut Conn,
    id: UserId,
) -> Result<Option<(String, Option<String>, Option<String>)>> {
    read("select username, first_name, last_name from \"user\" where id = $1")
        .bind(id)
        .optional(conn)
        .await
}

/// Whether anybody follows somebody.
pub async fn has_followers(conn: &mut Conn, user: UserId) -> Result<bool> {
    let row: Option<(UserId,)> =
        read("select follower_id from follow where followed_id = $1 limit 1")
            .bind(user)
            .optional(conn)
            .await?;
    Ok(row.is_some())
}

/// Who follows somebody, in pages by id.
pub async fn followers(
    conn: &mut Conn,
    user: UserId,
    after: UserId,
    limit: i64,
) -> Result<Vec<(UserId,)>> {
    read(
        "select follower_id from follow where followed_id = $1 and follower_id > $2
          order by follower_id limit $3",
    )
    .bind(user)
    .bind(after)
    .bind(limit)
    .all(conn)
    .await
}

/// Everybody with an account in use, in pages by id.
pub async fn everybody(conn: &mut Conn, after: UserId, limit: i64) -> Result<Vec<(UserId,)>> {
    read(
        "select id from \"user\" where id > $1 and is_active and email_confirmed
          order by id limit $2",
    )
    .bind(after)
    .bind(limit)
    .all(conn)
    .await
}

/// Who reported a comment, in pages by id.
pub async fn reporters(
    conn: &mut Conn,
    comment: CommentId,
    after: UserId,
    limit: i64,
) -> Result<Vec<(UserId,)>> {
    read(
        "select user_id from report where comment_id = $1 and user_id > $2
            and closed_at is not null order by user_id limit $3",
    )
    .bind(comment)
    .bind(after)
    .bind(limit)
    .all(conn)
    .await
}

/// Whose report of a comment was closed by its deletion, in pages by id; nobody when it is back.
pub async fn reporters_until_deleted(
    conn: &mut Conn,
    comment: CommentId,
    after: UserId,
    limit: i64,
) -> Result<Vec<(UserId,)>> {
    read(
        "select r.user_id from report r join comment c on c.id = r.comment_id
          where r.comment_id = $1 and r.user_id > $2 and r.closed_at = c.deleted_at
          order by r.user_id limit $3",
    )
    .bind(comment)
    .bind(after)
    .bind(limit)
    .all(conn)
    .await
}
