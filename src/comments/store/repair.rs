//! The SQL that finds and mends counts of comments that differ from the rows they count.

use chrono::{DateTime, Utc};

use super::super::comment::score;
use crate::{
    Result,
    db::{Conn, Tx, read, write},
};

/// How many comments have a count that differs from its rows.
pub async fn wrong(conn: &mut Conn) -> Result<i64> {
    read(
        "select count(*) from comment c
          where c.like_count <> (select count(*) from comment_like l where l.comment_id = c.id)
             or c.report_count <> (select count(*) from report r
                                    where r.comment_id = c.id and r.closed_at is null)
             or c.reply_count <> (select count(*) from comment r
                                   where r.parent_id = c.id and r.status = 'visible')
             or c.branch_count <> (select count(*) from comment r
                                    where r.root_id = c.id and r.status = 'visible')
             or c.score <> c.like_count * $1 + c.reply_count * $2",
    )
    .bind(score(1, 0))
    .bind(score(0, 1))
    .value(conn)
    .await
}

/// Counts likes, reports and answers again; says how many comments were wrong.
pub async fn recount(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    write(
        "update comment set updated_at = $1,
                like_count = (select count(*) from comment_like l where l.comment_id = comment.id),
                report_count = (select count(*) from report r
                                 where r.comment_id = comment.id and r.closed_at is null),
                reply_count = (select count(*) from comment r
                                where r.parent_id = comment.id and r.status = 'visible'),
                branch_count = (select count(*) from comment r
                                 where r.root_id = comment.id and r.status = 'visible'),
                score = (select count(*) from comment_like l where l.comment_id = comment.id) * $2
                      + (select count(*) from comment r
                          where r.parent_id = comment.id and r.status = 'visible') * $3
          where like_count <> (select count(*) from comment_like l where l.comment_id = comment.id)
             or report_count <> (select count(*) from report r
                                  where r.comment_id = comment.id and r.closed_at is null)
             or reply_count <> (select count(*) from comment r
                                 where r.parent_id = comment.id and r.status = 'visible')
             or branch_count <> (select count(*) from comment r
                                  where r.root_id = comment.id and r.status = 'visible')
             or score <> like_count * $2 + reply_count * $3",
    )
    .bind(now)
    .bind(score(1, 0))
    .bind(score(0, 1))
    .run(tx)
    .await
}
