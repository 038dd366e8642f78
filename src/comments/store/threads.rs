//! Reading threads: which comments stand on a page, and what they are.

use chrono::{DateTime, Utc};

use super::super::{
    Sort,
    comment::{Reader, Row},
};
use crate::{
    Error, Result,
    accounts::Viewer,
    db::{Conn, read, record},
    ids::{CommentId, PostId, UserId},
    paging::{Cursor, Direction},
};

/// The most comments at the top of one page: so many places the statement has.
pub const PLACES: usize = 50;

/// So many answers of one branch come with the comment at its top.
pub const BRANCH: i64 = 50;

record! {
    /// A comment at the top, by its place.
    #[derive(Debug, Clone)]
    pub struct Top {
        pub id: CommentId,
        pub created_at: DateTime<Utc>,
        pub score: i64,
    }
}

impl Top {
    pub fn cursor(&self, sort: Sort) -> Cursor {
        match sort {
            Sort::Best => Cursor { key: self.score, id: self.id.0 },
            Sort::Oldest | Sort::Newest => Cursor::at(self.created_at, self.id.0),
        }
    }
}

record! {
    /// A post under which somebody may read comments.
    #[derive(Debug, Clone)]
    pub struct PostRef {
        pub id: PostId,
        pub user_id: UserId,
        pub slug: String,
        pub title: String,
        pub comment_count: i64,
        /// Whether its writer and this reader have nothing to do with each other.
        pub is_blocked: bool,
    }
}

impl PostRef {
    /// The post, unless a block keeps this reader from it.
    pub fn for_reader(self, viewer: Option<&Viewer>) -> Result<Self> {
        let sees = viewer.is_some_and(Viewer::sees_past_blocks);
        if self.is_blocked && !sees { Err(Error::NotFound) } else { Ok(self) }
    }
}

/// The post, if everybody may read it.
pub async fn post(conn: &mut Conn, id: PostId, reader: UserId) -> Result<Option<PostRef>> {
    read(
        "select p.id, p.user_id, p.slug, p.title, p.comment_count,
                exists (select 1 from user_block b
                         where (b.user_id = $2 and b.blocked_id = p.user_id)
                            or (b.user_id = p.user_id and b.blocked_id = $2)) as is_blocked
           from public_post p where p.id = $1",
    )
    .bind(id)
    .bind(reader)
    .optional(conn)
    .await
}

/// The number of the post with this slug.
pub async fn post_with_slug(conn: &mut Conn, slug: &str) -> Result<Option<PostId>> {
    let row = read("select id from post where slug = $1").bind(slug).optional(conn).await?;
    Ok(row.map(|(id,)| id))
}

/// The post that a comment belongs to, whatever the state of either.
pub async fn post_of(conn: &mut Conn, id: CommentId) -> Result<Option<PostId>> {
    let row = read("select post_id from comment where id = $1").bind(id).optional(conn).await?;
    Ok(row.map(|(id,)| id))
}

/// Comments at the top of a post's thread, from a place on.
pub async fn tops(
    conn: &mut Conn,
    (post, reader): (PostId, Reader),
    sort: Sort,
    direction: Direction,
    limit: i64,
) -> Result<Vec<Top>> {
    let back = matches!(direction, Direction::After(_));
    let rising = (sort == Sort::Oldest) != back;
    let cursor = match direction {
        Direction::Before(cursor) | Direction::After(cursor) => cursor,
        Direction::First if rising => Cursor { key: 0, id: 0 },
        Direction::First => Cursor { key: i64::MAX, id: i64::MAX },
    };
    let statement = match (sort, rising) {
        (Sort::Best, true) => read(
            "select id, created_at, score from comment
                  where post_id = $3 and depth = 0 and (score, id) > ($4, $5)
                    and (status = 'visible' or branch_count > 0
                         or (status <> 'deleted' and ($2 or user_id = $1)))
                  order by score, id limit $6",
        ),
        (Sort::Best, false) => read(
            "select id, created_at, score from comment
                  where post_id = $3 and depth = 0 and (score, id) < ($4, $5)
                    and (status = 'visible' or branch_count > 0
                         or (status <> 'deleted' and ($2 or user_id = $1)))
                  order by score desc, id desc limit $6",
        ),
        (_, true) => read(
            "select id, created_at, score from comment
                  where post_id = $3 and depth = 0 and (created_at, id) > ($4, $5)
                    and (status = 'visible' or branch_count > 0
                         or (status <> 'deleted' and ($2 or user_id = $1)))
                  order by created_at, id limit $6",
        ),
        (_, false) => read(
            "select id, created_at, score from comment
                  where post_id = $3 and depth = 0 and (created_at, id) < ($4, $5)
                    and (status = 'visible' or branch_count > 0
                         or (status <> 'deleted' and ($2 or user_id = $1)))
                  order by created_at desc, id desc limit $6",
        ),
    };
    let statement = statement.bind(reader.user).bind(reader.moderates).bind(post);
    let statement = match sort {
        Sort::Best => statement.bind(cursor.key),
        Sort::Oldest | Sort::Newest => statement.bind(cursor.time()),
    };
    statement.bind(cursor.id).bind(limit).all(conn).await
}

/// The place of the comment at the top of the branch that holds a comment.
pub async fn top_of(conn: &mut Conn, post: PostId, id: CommentId) -> Result<Option<Top>> {
    read(
        "select r.id, r.created_at, r.score from comment c
           join comment r on r.id = coalesce(c.root_id, c.id)
          where c.id = $1 and c.post_id = $2",
    )
    .bind(id)
    .bind(post)
    .optional(conn)
    .await
}

/// Comments of one branch below its top, from a number on.
pub async fn branch(
    conn: &mut Conn,
    root: CommentId,
    reader: Reader,
    from: CommentId,
    limit: i64,
) -> Result<Vec<CommentId>> {
    let rows = read(
        "select id from comment
          where root_id = $3 and id >= $4
            and (status = 'visible' or reply_count > 0
                 or (status <> 'deleted' and ($2 or user_id = $1)))
          order by id limit $5",
    )
    .bind(reader.user)
    .bind(reader.moderates)
    .bind(root)
    .bind(from)
    .bind(limit)
    .all::<(CommentId,)>(conn)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many comments of a branch stand before one, as far as that matters.
pub async fn place_in_branch(
    conn: &mut Conn,
    root: CommentId,
    reader: Reader,
    id: CommentId,
) -> Result<i64> {
    read(
        "select count(*) from (select 1 from comment
          where root_id = $3 and id < $4
            and (status = 'visible' or reply_count > 0
                 or (status <> 'deleted' and ($2 or user_id = $1)))
          order by id limit $5) before",
    )
    .bind(reader.user)
    .bind(reader.moderates)
    .bind(root)
    .bind(id)
    .bind(BRANCH)
    .value(conn)
    .await
}

/// These comments as a reader sees them and, when `branches` is set, the first answers below
/// each; in the order in which they were written. One statement, however many there are.
pub async fn rows(
    conn: &mut Conn,
    reader: Reader,
    ids: &[CommentId],
    branches: bool,
) -> Result<Vec<Row>> {
    let mut statement = read(
        "select c.id, c.created_at, c.post_id, c.user_id, c.parent_id, c.root_id, c.depth, c.status,
                c.edited_at, c.like_count, c.reply_count, c.branch_count, c.score, c.report_count,
                c.status_before, c.moderated_at, c.moderation_reason, c.html,
                u.username, u.first_name, u.last_name, u.avatar_filename, u.is_active,
                case when u.show_online then u.last_seen end as last_seen,
                v.username as parent_username,
                m.username as moderator,
                case when cast($1 as bigint) = 0 then false
                     else exists (select 1 from comment_like l
                                   where l.comment_id = c.id and l.user_id = $1) end as is_liked,
                case when cast($1 as bigint) = 0 then false
                     else exists (select 1 from user_block b
                                   where b.user_id = $1 and b.blocked_id = c.user_id)
                       or exists (select 1 from user_block b
                                   where b.user_id = c.user_id and b.blocked_id = $1)
                       or exists (select 1 from user_mute b
                                   where b.user_id = $1 and b.muted_id = c.user_id)
                     end as is_unwanted,
                case when cast($1 as bigint) = 0 or p.id is null then false
                     else exists (select 1 from user_block b
                                   where b.user_id = $1 and b.blocked_id = p.user_id)
                       or exists (select 1 from user_block b
                                   where b.user_id = p.user_id and b.blocked_id = $1)
                       or exists (select 1 from user_mute b
                                   where b.user_id = $1 and b.muted_id = p.user_id)
                     end as is_parent_unwanted
           from (select id from comment
                  where id in ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                                $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,
                                $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46,
                                $47, $48, $49, $50, $51, $52, $53, $54)
                 union all
                 select x.id from comment t join comment x on x.root_id = t.id
                  where $3 and t.id in ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                                $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,
                                $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46,
                                $47, $48, $49, $50, $51, $52, $53, $54)
                    and (x.status = 'visible' or x.reply_count > 0
                             or (x.status <> 'deleted' and ($2 or x.user_id = $1)))
                    and x.id <= coalesce(
                        (select y.id from comment y
                          where y.root_id = t.id
                            and (y.status = 'visible' or y.reply_count > 0
                             or (y.status <> 'deleted' and ($2 or y.user_id = $1)))
                          order by y.id limit 1 offset $4), 9223372036854775807)) shown
           join comment c on c.id = shown.id
           join \"user\" u on u.id = c.user_id
           left join comment p on p.id = c.parent_id
           left join \"user\" v on v.id = p.user_id
           left join \"user\" m on m.id = c.moderated_by
          order by c.id",
    )
    .bind(reader.user)
    .bind(reader.moderates)
    .bind(branches)
    .bind(BRANCH - 1);
    for place in 0..PLACES {
        statement = statement.bind(ids.get(place).map_or(0, |id| id.0));
    }
    statement.all(conn).await
}

/// What somebody wrote, as they wrote it.
pub async fn content(conn: &mut Conn, id: CommentId) -> Result<String> {
    read("select content from comment where id = $1").bind(id).value(conn).await
}

/// One comment as a reader sees it.
pub async fn one(conn: &mut Conn, reader: Reader, id: CommentId) -> Result<Option<Row>> {
    Ok(rows(conn, reader, &[id], false).await?.into_iter().next())
}

record! {
    /// What somebody said, and where.
    #[derive(Debug, Clone)]
    pub struct Said {
        pub id: CommentId,
        pub created_at: DateTime<Utc>,
        pub edited_at: Option<DateTime<Utc>>,
        pub like_count: i64,
        pub html: String,
        pub title: String,
        pub slug: String,
    }
}

impl Said {
    pub fn cursor(&self) -> Cursor {
        Cursor::at(self.created_at, self.id.0)
    }
}

/// What somebody said under public posts, the newest first. Nothing is told to whoever has
/// nothing to do with the writer of the post or of the comments.
pub async fn said_by(
    conn: &mut Conn,
    (user, reader): (UserId, Reader),
    direction: Direction,
    size: usize,
) -> Result<Vec<Said>> {
    let limit = i64::try_from(size.saturating_add(1)).unwrap_or(i64::MAX);
    let (statement, cursor) = match direction {
        Direction::After(cursor) => (
            read(
                "select c.id, c.created_at, c.edited_at, c.like_count, c.html, p.title, p.slug
                   from comment c join public_post p on p.id = c.post_id
                  where c.user_id = $1 and c.status = 'visible' and (c.created_at, c.id) > ($2, $3)
                    and not exists (select 1 from user_block b
                         where b.user_id = $4 and b.blocked_id in (c.user_id, p.user_id))
                    and not exists (select 1 from user_block b
                         where b.user_id in (c.user_id, p.user_id) and b.blocked_id = $4)
                  order by c.created_at, c.id limit $5",
            ),
            cursor,
        ),
        Direction::First | Direction::Before(_) => (
            read(
                "select c.id, c.created_at, c.edited_at, c.like_count, c.html, p.title, p.slug
                   from comment c join public_post p on p.id = c.post_id
                  where c.user_id = $1 and c.status = 'visible' and (c.created_at, c.id) < ($2, $3)
                    and not exists (select 1 from user_block b
                         where b.user_id = $4 and b.blocked_id in (c.user_id, p.user_id))
                    and not exists (select 1 from user_block b
                         where b.user_id in (c.user_id, p.user_id) and b.blocked_id = $4)
                  order by c.created_at desc, c.id desc limit $5",
            ),
            match direction {
                Direction::Before(cursor) => cursor,
                _ => Cursor { key: i64::MAX, id: i64::MAX },
            },
        ),
    };
    statement
        .bind(user)
        .bind(cursor.time())
        .bind(cursor.id)
        .bind(reader.user)
        .bind(limit)
        .all(conn)
        .await
}
