//! Where pictures are used: as faces, in posts, in comments.

use crate::{
    Result,
    db::{Conn, read, record},
    ids::{CommentId, PostId, UserId},
};

record! {
    /// A post that shows a picture.
    #[derive(Debug, Clone)]
    pub struct Use {
        pub id: PostId,
        pub title: String,
        pub is_cover: bool,
    }
}

record! {
    /// A comment that leads to a picture.
    #[derive(Debug, Clone)]
    pub struct Mention {
        pub id: CommentId,
        pub title: String,
    }
}

/// Whether a person still shows a picture anywhere: in a post, deleted ones that can be had back
/// included, in an earlier version of one or in what was typed since, in a comment, or as their face.
pub async fn is_shown(conn: &mut Conn, user: UserId, filename: &str) -> Result<bool> {
    let row: Option<(UserId,)> = read(
        "select u.id from \"user\" u
          where u.id = $1
            and (u.avatar_filename = $2
                 or exists (select 1 from post p
                             where p.user_id = u.id
                               and (p.image_filename = $2 or p.content like $3
                                    or exists (select 1 from post_draft d
                                                where d.post_id = p.id and d.fields like $3)
                                    or exists (select 1 from post_revision r
                                                where r.post_id = p.id and r.content like $3)))
                 or exists (select 1 from comment c
                             where c.user_id = u.id and c.content like $3))",
    )
    .bind(user)
    .bind(filename)
    .bind(format!("%{filename}%"))
    .optional(conn)
    .await?;
    Ok(row.is_some())
}

/// The posts of a person that show one of their pictures: as cover, in the text, or in what they
/// typed since.
pub async fn uses(conn: &mut Conn, user: UserId, filename: &str) -> Result<Vec<Use>> {
    read(
        "select p.id, p.title, coalesce(p.image_filename = $2, false) as is_cover
           from post p
          where p.user_id = $1 and p.deleted_at is null
            and (p.image_filename = $2 or p.content like $3
                 or exists (select 1 from post_draft d
                             where d.post_id = p.id and d.fields like $3))
          order by p.id desc limit 20",
    )
    .bind(user)
    .bind(filename)
    .bind(format!("%{filename}%"))
    .all(conn)
    .await
}

/// The comments of a person that lead to one of their pictures.
pub async fn mentions(conn: &mut Conn, user: UserId, filename: &str) -> Result<Vec<Mention>> {
    read(
        "select c.id, p.title from comment c join post p on p.id = c.post_id
          where c.user_id = $1 and c.status <> 'deleted' and p.deleted_at is null
            and c.content like $2
          order by c.created_at desc, c.id desc limit 20",
    )
    .bind(user)
    .bind(format!("%{filename}%"))
    .all(conn)
    .await
}
