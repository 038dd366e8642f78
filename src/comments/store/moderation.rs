//! Reports, the moderators' list, and what was decided.

use chrono::{DateTime, Utc};

use super::{super::Reason, threads::PLACES};
use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{CommentId, PostId, UserId},
    paging::{Cursor, Direction},
};

/// Notes a report; `false` when this person has reported it before.
pub async fn report(
    tx: &mut Tx,
    (user, id): (UserId, CommentId),
    reason: Reason,
    note: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let made = write(
        "insert into report (created_at, updated_at, user_id, comment_id, reason, note)
         values ($1, $1, $2, $3, $4, $5) on conflict (user_id, comment_id) do nothing",
    )
    .bind(now)
    .bind(user)
    .bind(id)
    .bind(reason)
    .bind(note)
    .run(tx)
    .await?;
    Ok(made > 0)
}

/// Whether this person has reported it.
pub async fn has_reported(conn: &mut Conn, user: UserId, id: CommentId) -> Result<bool> {
    read("select exists (select 1 from report where user_id = $1 and comment_id = $2)")
        .bind(user)
        .bind(id)
        .value(conn)
        .await
}

/// Closes what was reported of a comment; says how many reports were open.
pub async fn close_reports(
    tx: &mut Tx,
    id: CommentId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<u64> {
    write(
        "update report set closed_by = $2, closed_at = $3, updated_at = $3
          where comment_id = $1 and closed_at is null",
    )
    .bind(id)
    .bind(by)
    .bind(now)
    .run(tx)
    .await
}

/// Opens again what a decision or a deletion at this time closed.
pub async fn reopen_reports(
    tx: &mut Tx,
    id: CommentId,
    decided_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update report set closed_by = null, closed_at = null, updated_at = $3
          where comment_id = $1 and closed_at = $2",
    )
    .bind(id)
    .bind(decided_at)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Counts the open reports of a comment.
pub async fn count_reports(tx: &mut Tx, id: CommentId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update comment set updated_at = $2, report_count =
                (select count(*) from report r where r.comment_id = $1 and r.closed_at is null)
          where id = $1",
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

record! {
    /// A place in one of the moderators' lists, and the post.
    #[derive(Debug, Clone)]
    pub struct Place {
        pub id: CommentId,
        pub moderated_at: Option<DateTime<Utc>>,
        pub slug: String,
        pub title: String,
        pub author_id: UserId,
    }
}

/// What waits for a decision, what has waited longest first. Nothing is decided of what is deleted.
pub async fn waiting(conn: &mut Conn, direction: Direction, limit: i64) -> Result<Vec<Place>> {
    let (statement, id) = match direction {
        Direction::After(cursor) => (
            read(
                "select c.id, c.moderated_at, p.slug, p.title, p.user_id as author_id
                   from comment c join public_post p on p.id = c.post_id
                  where (c.status = 'pending' or c.report_count > 0) and c.status <> 'deleted'
                    and c.id < $1
                  order by c.id desc limit $2",
            ),
            cursor.id,
        ),
        Direction::First | Direction::Before(_) => (
            read(
                "select c.id, c.moderated_at, p.slug, p.title, p.user_id as author_id
                   from comment c join public_post p on p.id = c.post_id
                  where (c.status = 'pending' or c.report_count > 0) and c.status <> 'deleted'
                    and c.id > $1
                  order by c.id limit $2",
            ),
            match direction {
                Direction::Before(cursor) => cursor.id,
                _ => 0,
            },
        ),
    };
    statement.bind(id).bind(limit).all(conn).await
}

/// What was decided, the last decision first.
pub async fn decided(conn: &mut Conn, direction: Direction, limit: i64) -> Result<Vec<Place>> {
    let (statement, cursor) = match direction {
        Direction::After(cursor) => (
            read(
                "select c.id, c.moderated_at, p.slug, p.title, p.user_id as author_id
                   from comment c join public_post p on p.id = c.post_id
                  where c.moderated_at is not null and c.status <> 'deleted'
                    and (c.moderated_at, c.id) > ($1, $2)
                  order by c.moderated_at, c.id limit $3",
            ),
            cursor,
        ),
        Direction::First | Direction::Before(_) => (
            read(
                "select c.id, c.moderated_at, p.slug, p.title, p.user_id as author_id
                   from comment c join public_post p on p.id = c.post_id
                  where c.moderated_at is not null and c.status <> 'deleted'
                    and (c.moderated_at, c.id) < ($1, $2)
                  order by c.moderated_at desc, c.id desc limit $3",
            ),
            match direction {
                Direction::Before(cursor) => cursor,
                _ => Cursor { key: i64::MAX, id: i64::MAX },
            },
        ),
    };
    statement.bind(cursor.time()).bind(cursor.id).bind(limit).all(conn).await
}

record! {
    /// When a comment was deleted, and by whom.
    #[derive(Debug, Clone)]
    pub struct Deletion {
        /// `None` when its words are gone for good.
        pub deleted_at: Option<DateTime<Utc>>,
        /// `None` also for somebody whose account is gone.
        pub deleted_by: Option<UserId>,
    }
}

/// How a deleted comment was deleted. Who did it is told by the event: it was written in the same
/// transaction, and later than the time in the row, so only what was deleted on the whole site
/// since then is looked through.
pub async fn deletion(conn: &mut Conn, id: CommentId) -> Result<Deletion> {
    read(
        "select c.deleted_at,
                (select e.user_id from event e
                  where e.kind = 'comment_removed' and e.created_at >= c.deleted_at
                    and e.data like $2
                  order by e.created_at desc, e.id desc limit 1) as deleted_by
           from comment c where c.id = $1",
    )
    .bind(id)
    .bind(format!("%\"comment\":{id},%"))
    .one(conn)
    .await
}

record! {
    /// What a reader said against a comment.
    #[derive(Debug, Clone)]
    pub struct ReportRow {
        pub comment_id: CommentId,
        pub created_at: DateTime<Utc>,
        pub reason: Reason,
        pub note: String,
        pub username: Option<String>,
        pub is_open: bool,
    }
}

/// What was said against these comments, the newest first; a few hundred at most.
pub async fn reports(conn: &mut Conn, ids: &[CommentId]) -> Result<Vec<ReportRow>> {
    let mut statement = read(
        "select r.comment_id, r.created_at, r.reason, r.note, u.username,
                r.closed_at is null as is_open
           from report r left join \"user\" u on u.id = r.user_id
          where r.comment_id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                                $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
                                $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38,
                                $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50)
          order by r.id desc limit 500",
    );
    for place in 0..PLACES {
        statement = statement.bind(ids.get(place).map_or(0, |id| id.0));
    }
    statement.all(conn).await
}

record! {
    /// Something that happened to a comment.
    #[derive(Debug, Clone)]
    pub struct Happened {
        pub created_at: DateTime<Utc>,
        pub kind: String,
        pub data: String,
        pub username: Option<String>,
    }
}

/// What happened to a comment, from the events of its post; the last fifty things.
pub async fn history(conn: &mut Conn, post: PostId, id: CommentId) -> Result<Vec<Happened>> {
    read(
        "select e.created_at, e.kind, e.data, u.username
           from event e left join \"user\" u on u.id = e.user_id
          where e.post_id = $1
            and e.kind in ('comment_added', 'comment_changed', 'comment_removed',
                           'comment_moderated', 'comment_reported')
            and (e.data like $2 or e.data like $3)
          order by e.id desc limit 50",
    )
    .bind(post)
    .bind(format!("%\"comment\":{id},%"))
    .bind(format!("%\"comment\":{id}}}%"))
    .all(conn)
    .await
}
