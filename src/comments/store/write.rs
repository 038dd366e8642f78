//! Writing and changing one comment, and the counts that follow.

use chrono::{DateTime, Utc};

use super::super::{
    Status,
    comment::{MAX_MENTIONS, score},
};
use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{CommentId, PostId, UserId},
};

/// A comment before it is written.
pub struct NewComment<'a> {
    pub post: PostId,
    pub user: UserId,
    pub parent: Option<CommentId>,
    pub status: Status,
    pub nonce: Option<&'a str>,
    pub html: &'a str,
    pub content: &'a str,
}

/// Writes a comment at the top.
pub async fn insert(tx: &mut Tx, new: &NewComment<'_>, now: DateTime<Utc>) -> Result<CommentId> {
    write(
        "insert into comment (created_at, updated_at, post_id, user_id, status, nonce, html,
             content)
         values ($1, $1, $2, $3, $4, $5, $6, $7) returning id",
    )
    .bind(now)
    .bind(new.post)
    .bind(new.user)
    .bind(new.status)
    .bind(new.nonce)
    .bind(new.html)
    .bind(new.content)
    .value(tx)
    .await
}

/// Writes an answer; only to a comment that is seen under the same post, by somebody who has not
/// blocked whoever answers and is not blocked. `None` when there is none.
pub async fn insert_reply(
    tx: &mut Tx,
    new: &NewComment<'_>,
    now: DateTime<Utc>,
) -> Result<Option<CommentId>> {
    let row = write(
        "insert into comment (created_at, updated_at, post_id, user_id, status, nonce, html,
             content, parent_id, root_id, depth)
         select $1, $1, p.post_id, $3, $4, $5, $6, $7, p.id, coalesce(p.root_id, p.id), p.depth + 1
           from comment p
          where p.id = $8 and p.post_id = $2 and p.status = 'visible'
            and not exists (select 1 from user_block b
                             where (b.user_id = $3 and b.blocked_id = p.user_id)
                                or (b.user_id = p.user_id and b.blocked_id = $3))
         returning id",
    )
    .bind(now)
    .bind(new.post)
    .bind(new.user)
    .bind(new.status)
    .bind(new.nonce)
    .bind(new.html)
    .bind(new.content)
    .bind(new.parent)
    .optional(tx)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// What a form made before: the comment with its mark.
pub async fn made_by(
    conn: &mut Conn,
    user: UserId,
    nonce: &str,
) -> Result<Option<(CommentId, PostId, String)>> {
    read("select id, post_id, content from comment where user_id = $1 and nonce = $2")
        .bind(user)
        .bind(nonce)
        .optional(conn)
        .await
}

/// The same words in the same place by the same person a moment ago.
pub async fn said_just_now(
    conn: &mut Conn,
    new: &NewComment<'_>,
    since: DateTime<Utc>,
) -> Result<Option<CommentId>> {
    let row = read(
        "select id from comment
          where user_id = $1 and created_at > $2 and post_id = $3 and content = $4
            and coalesce(parent_id, 0) = $5 and status <> 'deleted'
          order by created_at desc limit 1",
    )
    .bind(new.user)
    .bind(since)
    .bind(new.post)
    .bind(new.content)
    .bind(new.parent.map_or(0, |id| id.0))
    .optional(conn)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// Whether others see something that this person wrote.
pub async fn is_known(conn: &mut Conn, user: UserId) -> Result<bool> {
    read("select exists (select 1 from comment where user_id = $1 and status = 'visible')")
        .bind(user)
        .value(conn)
        .await
}

/// Replaces what a comment says.
pub async fn update_text(
    tx: &mut Tx,
    id: CommentId,
    content: &str,
    html: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update comment set content = $2, html = $3, edited_at = $4, updated_at = $4
          where id = $1",
    )
    .bind(id)
    .bind(content)
    .bind(html)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// A new state of a comment, and what is to be known of how it came.
pub struct Change<'a> {
    pub status: Status,
    pub before: Option<Status>,
    pub deleted_at: Option<DateTime<Utc>>,
    /// Who decided, when and why, when a moderator did.
    pub moderated: Option<(UserId, DateTime<Utc>, &'a str)>,
}

/// Puts a comment into another state.
pub async fn set_status(
    tx: &mut Tx,
    id: CommentId,
    change: &Change<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let moderated = change.moderated;
    write(
        "update comment set status = $2, status_before = $3, deleted_at = $4,
                moderated_by = coalesce($5, moderated_by),
                moderated_at = coalesce($6, moderated_at),
                moderation_reason = coalesce($7, moderation_reason), updated_at = $8
          where id = $1",
    )
    .bind(id)
    .bind(change.status)
    .bind(change.before.map(Status::as_str))
    .bind(change.deleted_at)
    .bind(moderated.map(|(by, ..)| by))
    .bind(moderated.map(|(_, at, _)| at))
    .bind(moderated.map(|(.., why)| why))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Adds to what stands above a comment: the answers of its parent and of its branch.
pub async fn count_reply(
    tx: &mut Tx,
    parent: CommentId,
    root: CommentId,
    by: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update comment set
                reply_count = reply_count + case when id = $1 then cast($3 as bigint) else 0 end,
                score = score + case when id = $1 then cast($4 as bigint) else 0 end,
                branch_count = branch_count + case when id = $2 then cast($3 as bigint) else 0 end,
                updated_at = $5
          where id in ($1, $2)",
    )
    .bind(parent)
    .bind(root)
    .bind(by)
    .bind(score(0, by))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Likes a comment; says whether that is new.
pub async fn like(tx: &mut Tx, user: UserId, id: CommentId, now: DateTime<Utc>) -> Result<bool> {
    let made = write(
        "insert into comment_like (created_at, user_id, comment_id) values ($1, $2, $3)
         on conflict (user_id, comment_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(id)
    .run(tx)
    .await?;
    Ok(made > 0)
}

/// Takes a like back; says whether there was one.
pub async fn unlike(tx: &mut Tx, user: UserId, id: CommentId) -> Result<bool> {
    let gone = write("delete from comment_like where user_id = $1 and comment_id = $2")
        .bind(user)
        .bind(id)
        .run(tx)
        .await?;
    Ok(gone > 0)
}

/// Adds to the likes of a comment; says how many there are.
pub async fn count_like(tx: &mut Tx, id: CommentId, by: i64, now: DateTime<Utc>) -> Result<i64> {
    write(
        "update comment set like_count = like_count + $2, score = score + $3, updated_at = $4
          where id = $1 returning like_count",
    )
    .bind(id)
    .bind(by)
    .bind(score(by, 0))
    .bind(now)
    .value(tx)
    .await
}

record! {
    /// Somebody who may be named.
    #[derive(Debug, Clone)]
    pub struct Named {
        pub id: UserId,
        pub username: String,
    }
}

/// Those of these people whom a writer may name: active, and no block between the two.
pub async fn may_name(conn: &mut Conn, writer: UserId, names: &[String]) -> Result<Vec<Named>> {
    let mut statement = read(
        "select id, username from \"user\" u
          where username_key in ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11) and is_active
            and not exists (select 1 from user_block b
                             where (b.user_id = $1 and b.blocked_id = u.id)
                                or (b.user_id = u.id and b.blocked_id = $1))",
    )
    .bind(writer);
    for place in 0..MAX_MENTIONS {
        statement = statement.bind(names.get(place).map_or("", String::as_str));
    }
    statement.all(conn).await
}

/// Notes whom a comment names, in place of whom it named before; gives who is new among them. Each
/// new one counts for good, and after ten of them a comment names nobody else, however often it is
/// changed (X75).
pub async fn set_mentions(
    tx: &mut Tx,
    id: CommentId,
    people: &[UserId],
    now: DateTime<Utc>,
) -> Result<Vec<UserId>> {
    let before: Vec<(UserId,)> =
        read("select user_id from comment_mention where comment_id = $1 order by user_id limit 10")
            .bind(id)
            .all(tx)
            .await?;
    for (person,) in before.iter().filter(|(person,)| !people.contains(person)) {
        write("delete from comment_mention where comment_id = $1 and user_id = $2")
            .bind(id)
            .bind(*person)
            .run(tx)
            .await?;
    }
    let mut new: Vec<UserId> = people.to_vec();
    new.retain(|person| !before.contains(&(*person,)));
    if new.is_empty() {
        return Ok(new);
    }
    let named: i64 =
        read("select named_count from comment where id = $1").bind(id).value(tx).await?;
    new.truncate(MAX_MENTIONS.saturating_sub(usize::try_from(named).unwrap_or(MAX_MENTIONS)));
    for person in &new {
        write(
            "insert into comment_mention (created_at, comment_id, user_id) values ($1, $2, $3)
             on conflict (comment_id, user_id) do nothing",
        )
        .bind(now)
        .bind(id)
        .bind(*person)
        .run(tx)
        .await?;
    }
    write("update comment set named_count = named_count + $2, updated_at = $3 where id = $1")
        .bind(id)
        .bind(i64::try_from(new.len()).unwrap_or(0))
        .bind(now)
        .run(tx)
        .await?;
    Ok(new)
}

/// Comments that were deleted so long ago that nobody has them back, each with what it answers.
pub async fn expired(conn: &mut Conn, before: DateTime<Utc>) -> Result<Vec<(CommentId, PostId)>> {
    read(
        "select id, post_id from comment
          where deleted_at is not null and deleted_at < $1 order by deleted_at limit 100",
    )
    .bind(before)
    .all(conn)
    .await
}

/// Removes a deleted comment that has no answers, and says what it answered.
pub async fn remove(tx: &mut Tx, id: CommentId) -> Result<Option<Option<CommentId>>> {
    let row = write(
        "delete from comment
          where id = $1 and status = 'deleted'
            and not exists (select 1 from comment r where r.parent_id = $1)
         returning parent_id",
    )
    .bind(id)
    .optional(tx)
    .await?;
    Ok(row.map(|(parent,)| parent))
}

/// Empties a deleted comment that has answers: only its place stays, and nothing of it can be had
/// back.
pub async fn empty(tx: &mut Tx, id: CommentId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update comment set content = '', html = '', nonce = null, deleted_at = null,
                status_before = null, updated_at = $2
          where id = $1 and status = 'deleted'",
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Lets an emptied place be looked at again, now that an answer to it is gone.
pub async fn look_again(tx: &mut Tx, id: CommentId, at: DateTime<Utc>) -> Result<()> {
    write(
        "update comment set deleted_at = $2, updated_at = updated_at
          where id = $1 and status = 'deleted' and deleted_at is null",
    )
    .bind(id)
    .bind(at)
    .run(tx)
    .await?;
    Ok(())
}

/// Whether there are marks of forms that nobody sends again.
pub async fn has_old_marks(conn: &mut Conn, before: DateTime<Utc>) -> Result<bool> {
    read("select exists (select 1 from comment where nonce is not null and created_at < $1)")
        .bind(before)
        .value(conn)
        .await
}

/// Forgets the marks of forms that nobody sends again.
pub async fn forget_marks(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    write(
        "update comment set nonce = null, updated_at = updated_at
          where nonce is not null and created_at < $1",
    )
    .bind(before)
    .run(tx)
    .await?;
    Ok(())
}
