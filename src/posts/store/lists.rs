//! The SQL of the writer's own list.

use chrono::{DateTime, Utc};

use super::super::Status;
use crate::{
    Result,
    db::{Conn, read, record},
    ids::{PostId, UserId},
    paging::PageDirection,
};

record! {
    /// A post in its writer's list.
    #[derive(Debug, Clone)]
    pub struct OwnPost {
        pub id: PostId,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub published_at: Option<DateTime<Utc>>,
        pub scheduled_at: Option<DateTime<Utc>>,
        pub deleted_at: Option<DateTime<Utc>>,
        pub status: Status,
        pub slug: Option<String>,
        pub title: String,
        pub word_count: i64,
        pub view_count: i64,
        pub like_count: i64,
        pub comment_count: i64,
        pub has_draft: bool,
    }
}

/// Which of one's posts to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    All,
    Only(Status),
    Deleted,
}

/// A writer's posts by the time they were begun, newest first.
pub async fn own(
    conn: &mut Conn,
    user: UserId,
    show: Show,
    direction: PageDirection,
    limit: i64,
) -> Result<Vec<OwnPost>> {
    let status = match show {
        Show::Only(status) => Some(status.as_str()),
        Show::All | Show::Deleted => None,
    };
    let (statement, cursor) = match direction {
        PageDirection::After(cursor) => (
            read(
                "select p.id, p.created_at, p.updated_at, p.published_at, p.scheduled_at,
                        p.deleted_at, p.status, p.slug, p.title, p.word_count, p.view_count,
                        p.like_count, p.comment_count,
                        exists (select 1 from post_draft d where d.post_id = p.id) as has_draft
                   from post p
                  where p.user_id = $1 and (p.deleted_at is not null) = $2
                    and (cast($3 as text) is null or p.status = $3)
                    and (p.created_at, p.id) > ($4, $5)
                  order by p.created_at, p.id limit $6",
            ),
            Some(cursor),
        ),
        PageDirection::First | PageDirection::Before(_) => (
            read(
                "select p.id, p.created_at, p.updated_at, p.published_at, p.scheduled_at,
                        p.deleted_at, p.status, p.slug, p.title, p.word_count, p.view_count,
                        p.like_count, p.comment_count,
                        exists (select 1 from post_draft d where d.post_id = p.id) as has_draft
                   from post p
                  where p.user_id = $1 and (p.deleted_at is not null) = $2
                    and (cast($3 as text) is null or p.status = $3)
                    and (p.created_at, p.id) < ($4, $5)
                  order by p.created_at desc, p.id desc limit $6",
            ),
            match direction {
                PageDirection::Before(cursor) => Some(cursor),
                _ => None,
            },
        ),
    };
    let (time, id) = match cursor {
        Some(cursor) => (cursor.time(), cursor.id),
        None => (far_future(), i64::MAX),
    };
    statement
        .bind(user)
        .bind(show == Show::Deleted)
        .bind(status)
        .bind(time)
        .bind(id)
        .bind(limit)
        .all(conn)
        .await
}

/// After every post: the year 9999, which both databases can hold.
fn far_future() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default()
}
