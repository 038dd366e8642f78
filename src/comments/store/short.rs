//! A thread that fits on one page with all its branches, read by one statement.
//!
//! All of it comes along, so whom an answer answers is found among the rows. Visitors are most of
//! those who read, and half of what a row holds is nothing to them: they have a statement of their
//! own.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::super::{
    Status,
    comment::{Reader, Row},
};
use crate::{
    Result,
    db::{Conn, read, record},
    ids::{CommentId, PostId, UserId},
};

record! {
    /// What a visitor is shown of a comment.
    struct Open {
        id: CommentId,
        created_at: DateTime<Utc>,
        user_id: UserId,
        parent_id: Option<CommentId>,
        root_id: Option<CommentId>,
        depth: i64,
        status: Status,
        edited_at: Option<DateTime<Utc>>,
        like_count: i64,
        branch_count: i64,
        score: i64,
        html: String,
        username: String,
        first_name: Option<String>,
        last_name: Option<String>,
        avatar_filename: Option<String>,
        is_active: bool,
    }
}

/// All comments of a post as a reader sees them, in the order in which they were written. When there
/// are more than `limit`, they are any of them: too many for this way of reading.
pub async fn thread(conn: &mut Conn, post: PostId, reader: Reader, limit: i64) -> Result<Vec<Row>> {
    let mut rows = if reader.is_visitor() {
        open(conn, post, limit).await?.into_iter().map(|row| row.of(post)).collect()
    } else {
        whole(conn, post, reader, limit).await?
    };
    // It is a handful: the database would copy each whole row to put them in order.
    rows.sort_unstable_by_key(|row| row.id);
    name_parents(&mut rows);
    Ok(rows)
}

async fn open(conn: &mut Conn, post: PostId, limit: i64) -> Result<Vec<Open>> {
    read(
        "select c.id, c.created_at, c.user_id, c.parent_id, c.root_id, c.depth, c.status,
                c.edited_at, c.like_count, c.branch_count, c.score, c.html,
                u.username, u.first_name, u.last_name, u.avatar_filename, u.is_active
           from comment c
           join \"user\" u on u.id = c.user_id
          where c.post_id = $1
            and (c.status = 'visible' or c.branch_count > 0 or c.reply_count > 0)
          limit $2",
    )
    .bind(post)
    .bind(limit)
    .all(conn)
    .await
}

async fn whole(conn: &mut Conn, post: PostId, reader: Reader, limit: i64) -> Result<Vec<Row>> {
    read(
        "select c.id, c.created_at, c.post_id, c.user_id, c.parent_id, c.root_id, c.depth, c.status,
                c.edited_at, c.like_count, c.reply_count, c.branch_count, c.score, c.report_count,
                c.status_before, c.moderated_at, c.moderation_reason, c.html,
                u.username, u.first_name, u.last_name, u.avatar_filename, u.is_active,
                case when u.show_online then u.last_seen end as last_seen,
                null as parent_username, m.username as moderator,
                exists (select 1 from comment_like l
                         where l.comment_id = c.id and l.user_id = $1) as is_liked,
                (exists (select 1 from user_block b
                          where b.user_id = $1 and b.blocked_id = c.user_id)
                 or exists (select 1 from user_block b
                             where b.user_id = c.user_id and b.blocked_id = $1)
                 or exists (select 1 from user_mute b
                             where b.user_id = $1 and b.muted_id = c.user_id)) as is_unwanted,
                false as is_parent_unwanted
           from comment c
           join \"user\" u on u.id = c.user_id
           left join \"user\" m on m.id = c.moderated_by
          where c.post_id = $3
            and (c.status = 'visible' or c.branch_count > 0 or c.reply_count > 0
                 or (c.status <> 'deleted' and ($2 or c.user_id = $1)))
          limit $4",
    )
    .bind(reader.user)
    .bind(reader.moderates)
    .bind(post)
    .bind(limit)
    .all(conn)
    .await
}

/// Notes in each answer whom it answers.
fn name_parents(rows: &mut [Row]) {
    let places: HashMap<CommentId, usize> =
        rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
    for at in 0..rows.len() {
        let parent = rows[at].parent_id.and_then(|id| places.get(&id));
        if let Some(parent) = parent.map(|parent| &rows[*parent]) {
            let (name, unwanted) = (parent.username.clone(), parent.is_unwanted);
            rows[at].parent_username = Some(name);
            rows[at].is_parent_unwanted = unwanted;
        }
    }
}

impl Open {
    fn of(self, post: PostId) -> Row {
        Row {
            id: self.id,
            created_at: self.created_at,
            post_id: post,
            user_id: self.user_id,
            parent_id: self.parent_id,
            root_id: self.root_id,
            depth: self.depth,
            status: self.status,
            edited_at: self.edited_at,
            like_count: self.like_count,
            reply_count: 0,
            branch_count: self.branch_count,
            score: self.score,
            report_count: 0,
            status_before: None,
            moderated_at: None,
            moderation_reason: None,
            html: self.html,
            username: self.username,
            first_name: self.first_name,
            last_name: self.last_name,
            avatar_filename: self.avatar_filename,
            is_active: self.is_active,
            last_seen: None,
            parent_username: None,
            moderator: None,
            is_liked: false,
            is_unwanted: false,
            is_parent_unwanted: false,
        }
    }
}
