//! Who liked a comment, and what becomes of comments when somebody leaves for good.

use chrono::{DateTime, Utc};

use super::super::comment::score;
use crate::{
    Result,
    accounts::full_name,
    db::{Conn, Tx, read, record, write},
    ids::{CommentId, UserId},
    paging::{Cursor, Direction},
};

record! {
    /// Somebody who likes a comment.
    #[derive(Debug, Clone)]
    pub struct Liker {
        pub like_id: i64,
        pub id: UserId,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
    }
}

impl Liker {
    pub fn display_name(&self) -> String {
        full_name(&self.username, self.first_name.as_deref(), self.last_name.as_deref())
    }

    pub fn cursor(&self) -> Cursor {
        Cursor { key: 0, id: self.like_id }
    }
}

/// Who likes a comment, the newest first; without those this reader has nothing to do with.
pub async fn likers(
    conn: &mut Conn,
    (id, reader): (CommentId, UserId),
    direction: Direction,
    size: usize,
) -> Result<Vec<Liker>> {
    let limit = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    let (statement, place) = match direction {
        Direction::After(cursor) => (
            read(
                "select l.id as like_id, u.id, u.username, u.first_name, u.last_name, u.avatar_filename
                   from comment_like l join \"user\" u on u.id = l.user_id
                  where l.comment_id = $1 and l.id > $2 and u.is_active
                    and not exists (select 1 from user_block b
                         where (b.user_id = $3 and b.blocked_id = u.id)
                            or (b.user_id = u.id and b.blocked_id = $3))
                  order by l.id limit $4",
            ),
            cursor.id,
        ),
        Direction::First | Direction::Before(_) => (
            read(
                "select l.id as like_id, u.id, u.username, u.first_name, u.last_name, u.avatar_filename
                   from comment_like l join \"user\" u on u.id = l.user_id
                  where l.comment_id = $1 and l.id < $2 and u.is_active
                    and not exists (select 1 from user_block b
                         where (b.user_id = $3 and b.blocked_id = u.id)
                            or (b.user_id = u.id and b.blocked_id = $3))
                  order by l.id desc limit $4",
            ),
            match direction {
                Direction::Before(cursor) => cursor.id,
                _ => i64::MAX,
            },
        ),
    };
    statement.bind(id).bind(place).bind(reader).bind(limit).all(conn).await
}

/// Takes a person's likes out of the counts.
pub async fn uncount_likes(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update comment set like_count = like_count - 1, score = score - $2, updated_at = $3
          where id in (select comment_id from comment_like where user_id = $1)",
    )
    .bind(user)
    .bind(score(1, 0))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes a person's visible answers out of the counts of what they answer.
pub async fn uncount_replies(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update comment set updated_at = $3,
                reply_count = reply_count - (select count(*) from comment r
                     where r.parent_id = comment.id and r.user_id = $1 and r.status = 'visible'),
                score = score - $2 * (select count(*) from comment r
                     where r.parent_id = comment.id and r.user_id = $1 and r.status = 'visible')
          where id in (select parent_id from comment
                        where user_id = $1 and status = 'visible' and parent_id is not null)",
    )
    .bind(user)
    .bind(score(0, 1))
    .bind(now)
    .run(tx)
    .await?;
    write(
        "update comment set updated_at = $2,
                branch_count = branch_count - (select count(*) from comment r
                     where r.root_id = comment.id and r.user_id = $1 and r.status = 'visible')
          where id in (select root_id from comment
                        where user_id = $1 and status = 'visible' and root_id is not null)",
    )
    .bind(user)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// What belongs to a person's answered comments: likes, reports, whom they name.
pub async fn strip_answered(tx: &mut Tx, user: UserId) -> Result<()> {
    write(
        "delete from comment_like where comment_id in (select c.id from comment c
            where c.user_id = $1
              and exists (select 1 from comment r where r.parent_id = c.id))",
    )
    .bind(user)
    .run(tx)
    .await?;
    write(
        "delete from report where comment_id in (select c.id from comment c
            where c.user_id = $1
              and exists (select 1 from comment r where r.parent_id = c.id))",
    )
    .bind(user)
    .run(tx)
    .await?;
    write(
        "delete from comment_mention where comment_id in (select c.id from comment c
            where c.user_id = $1
              and exists (select 1 from comment r where r.parent_id = c.id))",
    )
    .bind(user)
    .run(tx)
    .await?;
    Ok(())
}

/// Makes a person's answered comments empty places that belong to the post, so that what others
/// answered does not go with the account.
pub async fn empty_answered(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update comment set user_id = (select p.user_id from post p where p.id = comment.post_id),
                status = 'deleted', status_before = null, content = '', html = '', nonce = null,
                edited_at = null, deleted_at = $3, moderated_by = null, moderated_at = null,
                moderation_reason = null, like_count = 0, report_count = 0,
                score = reply_count * $2, updated_at = $3
          where user_id = $1
            and exists (select 1 from comment r where r.parent_id = comment.id)",
    )
    .bind(user)
    .bind(score(0, 1))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
