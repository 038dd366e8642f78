//! What posts earned, and the lists made of it.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    analytics::trending::{List, Standing},
    db::{Conn, Tx, read, record, write},
    ids::{PostId, UserId},
};

/// After the first time, up to the second.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// Unique views of each post in a span. Those of the author were never written down.
pub async fn views(conn: &mut Conn, (from, to): Span) -> Result<Vec<(PostId, i64)>> {
    read(
        "select post_id, count(*) from post_view
          where is_unique_view and created_at > $1 and created_at <= $2 group by post_id",
    )
    .bind(from)
    .bind(to)
    .all(conn)
    .await
}

/// Likes that each post got in a span, without the author's own.
pub async fn likes(conn: &mut Conn, (from, to): Span) -> Result<Vec<(PostId, i64)>> {
    read(
        "select l.post_id, count(*) from post_like l join post p on p.id = l.post_id
          where l.created_at > $1 and l.created_at <= $2 and l.user_id <> p.user_id
          group by l.post_id",
    )
    .bind(from)
    .bind(to)
    .all(conn)
    .await
}

/// Visible comments that each post got in a span, without the author's own.
pub async fn comments(conn: &mut Conn, (from, to): Span) -> Result<Vec<(PostId, i64)>> {
    read(
        "select c.post_id, count(*) from comment c join post p on p.id = c.post_id
          where c.status = 'visible' and c.created_at > $1 and c.created_at <= $2
            and c.user_id <> p.user_id
          group by c.post_id",
    )
    .bind(from)
    .bind(to)
    .all(conn)
    .await
}

/// Takes a list away, to be made anew.
pub async fn clear(tx: &mut Tx, list: List) -> Result<()> {
    write("delete from trending_post where list = $1").bind(list).run(tx).await?;
    write("delete from trending_writer where list = $1").bind(list).run(tx).await?;
    write("delete from trending_tag where list = $1").bind(list).run(tx).await?;
    Ok(())
}

/// Gives a post a place, if everybody may see it; says whether.
pub async fn place(
    tx: &mut Tx,
    list: List,
    rank: i64,
    (post, standing): (PostId, &Standing),
) -> Result<bool> {
    let placed = write(
        "insert into trending_post (list, rank, post_id, score, views, likes, comments)
         select $1, $2, p.id, $4, $5, $6, $7 from public_post p where p.id = $3",
    )
    .bind(list)
    .bind(rank)
    .bind(post)
    .bind(standing.score)
    .bind(standing.earned.views)
    .bind(standing.earned.likes)
    .bind(standing.earned.comments)
    .run(tx)
    .await?;
    Ok(placed > 0)
}

/// Writers by the scores of their posts in the list (S10.10).
pub async fn place_writers(tx: &mut Tx, list: List, most: i64) -> Result<()> {
    write(
        "insert into trending_writer (list, rank, user_id, score, posts)
         select t.list, row_number() over (order by sum(t.score) desc, p.user_id), p.user_id,
                sum(t.score), count(*)
           from trending_post t join post p on p.id = t.post_id
          where t.list = $1 group by t.list, p.user_id
          order by sum(t.score) desc, p.user_id limit $2",
    )
    .bind(list)
    .bind(most)
    .run(tx)
    .await
    .map(drop)
}

/// Tags by the scores of the posts in the list that have them.
pub async fn place_tags(tx: &mut Tx, list: List, most: i64) -> Result<()> {
    write(
        "insert into trending_tag (list, rank, tag_id, score, posts)
         select t.list, row_number() over (order by sum(t.score) desc, pt.tag_id), pt.tag_id,
                sum(t.score), count(*)
           from trending_post t join post_tag pt on pt.post_id = t.post_id
          where t.list = $1 group by t.list, pt.tag_id
          order by sum(t.score) desc, pt.tag_id limit $2",
    )
    .bind(list)
    .bind(most)
    .run(tx)
    .await
    .map(drop)
}

record! {
    /// A post in a list of what trends.
    #[derive(Debug, Clone)]
    pub struct TrendingPost {
        pub id: PostId,
        pub slug: String,
        pub title: String,
        pub published_at: DateTime<Utc>,
        pub like_count: i64,
        pub comment_count: i64,
        pub view_count: i64,
        pub author_username: String,
        pub author_first_name: Option<String>,
        pub author_last_name: Option<String>,
        pub category_name: Option<String>,
        pub category_slug: Option<String>,
        pub score: f64,
        pub views: i64,
        pub likes: i64,
        pub comments: i64,
    }
}

/// The first of a list that are still public, without writers whom the reader blocked or muted, or
/// who blocked the reader.
pub async fn posts(
    conn: &mut Conn,
    list: List,
    reader: Option<UserId>,
    limit: i64,
) -> Result<Vec<TrendingPost>> {
    read(
        "select p.id, p.slug, p.title, p.published_at, p.like_count, p.comment_count, p.view_count,
                p.author_username, p.author_first_name, p.author_last_name, p.category_name,
                p.category_slug, t.score, t.views, t.likes, t.comments
           from trending_post t join public_post p on p.id = t.post_id
          where t.list = $1
            and not exists (select 1 from user_block b
                 where b.user_id = $2 and b.blocked_id = p.user_id)
            and not exists (select 1 from user_block b
                 where b.user_id = p.user_id and b.blocked_id = $2)
            and not exists (select 1 from user_mute m
                 where m.user_id = $2 and m.muted_id = p.user_id)
          order by t.rank limit $3",
    )
    .bind(list)
    .bind(reader.map_or(0, |reader| reader.0))
    .bind(limit)
    .all(conn)
    .await
}

record! {
    /// A writer whose posts trend, or whom many follow.
    #[derive(Debug, Clone)]
    pub struct TrendingWriter {
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub avatar_filename: Option<String>,
        /// Posts of theirs in the list, or followers.
        pub count: i64,
    }
}

/// The writers of a list, for a reader as in [`posts`].
pub async fn writers(
    conn: &mut Conn,
    list: List,
    reader: Option<UserId>,
    limit: i64,
) -> Result<Vec<TrendingWriter>> {
    read(
        "select u.username, u.first_name, u.last_name, u.avatar_filename, t.posts as count
           from trending_writer t join \"user\" u on u.id = t.user_id
          where t.list = $1 and u.is_active
            and not exists (select 1 from user_block b
                 where b.user_id = $2 and b.blocked_id = u.id)
            and not exists (select 1 from user_block b
                 where b.user_id = u.id and b.blocked_id = $2)
            and not exists (select 1 from user_mute m
                 where m.user_id = $2 and m.muted_id = u.id)
          order by t.rank limit $3",
    )
    .bind(list)
    .bind(reader.map_or(0, |reader| reader.0))
    .bind(limit)
    .all(conn)
    .await
}

/// The people who are followed most (R-TREND.7), for a reader as in [`posts`], and by how many.
pub async fn most_followed(
    conn: &mut Conn,
    reader: Option<UserId>,
    limit: i64,
) -> Result<Vec<TrendingWriter>> {
    read(
        "select u.username, u.first_name, u.last_name, u.avatar_filename,
                u.follower_count as count
           from \"user\" u
          where u.is_active and u.email_confirmed and u.follower_count > 0
            and not exists (select 1 from user_block b
                 where b.user_id = $1 and b.blocked_id = u.id)
            and not exists (select 1 from user_block b
                 where b.user_id = u.id and b.blocked_id = $1)
            and not exists (select 1 from user_mute m
                 where m.user_id = $1 and m.muted_id = u.id)
          order by u.follower_count desc, u.id desc limit $2",
    )
    .bind(reader.map_or(0, |reader| reader.0))
    .bind(limit)
    .all(conn)
    .await
}

/// The tags of a list: name, slug.
pub async fn tags(conn: &mut Conn, list: List, limit: i64) -> Result<Vec<(String, String)>> {
    read(
        "select g.name, g.slug from trending_tag t join tag g on g.id = t.tag_id
          where t.list = $1 and g.post_count > 0 order by t.rank limit $2",
    )
    .bind(list)
    .bind(limit)
    .all(conn)
    .await
}
