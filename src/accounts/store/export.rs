//! The SQL of the export: what other rooms keep of one person, read only.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, read, record},
    ids::{CommentId, MediaId, PostId, UserId},
};

record! {
    /// A post as its writer takes it away.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct PostRow {
        pub id: PostId,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub published_at: Option<DateTime<Utc>>,
        pub scheduled_at: Option<DateTime<Utc>>,
        pub deleted_at: Option<DateTime<Utc>>,
        pub status: String,
        pub slug: Option<String>,
        pub title: String,
        pub meta_description: Option<String>,
        pub canonical_url: Option<String>,
        pub image_filename: Option<String>,
        pub image_alt: Option<String>,
        pub category: Option<String>,
        #[serde(skip)]
        pub content: String,
    }
}

/// A person's posts in all states, in pages by id.
pub async fn posts(conn: &mut Conn, user: UserId, after: PostId) -> Result<Vec<PostRow>> {
    read(
        "select p.id, p.created_at, p.updated_at, p.published_at, p.scheduled_at, p.deleted_at,
                p.status, p.slug, p.title, p.meta_description, p.canonical_url, p.image_filename,
                p.image_alt, c.name as category, p.content
           from post p left join category c on c.id = p.category_id
          where p.user_id = $1 and p.id > $2 order by p.id limit 50",
    )
    .bind(user)
    .bind(after)
    .all(conn)
    .await
}

/// The tags of a person's posts.
pub async fn tags(conn: &mut Conn, user: UserId) -> Result<Vec<(PostId, String)>> {
    read(
        "select p.id, t.name from post p join post_tag pt on pt.post_id = p.id
           join tag t on t.id = pt.tag_id where p.user_id = $1 order by p.id, t.name",
    )
    .bind(user)
    .all(conn)
    .await
}

record! {
    /// A picture, by what is known of it.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct MediaRow {
        pub id: MediaId,
        pub created_at: DateTime<Utc>,
        pub filename: String,
        pub original_name: String,
        pub mime: String,
        pub width: i64,
        pub height: i64,
        pub size_bytes: i64,
        pub alt: String,
    }
}

pub async fn media(conn: &mut Conn, user: UserId) -> Result<Vec<MediaRow>> {
    read(
        "select id, created_at, filename, original_name, mime, width, height, size_bytes, alt
           from media where user_id = $1 order by id",
    )
    .bind(user)
    .all(conn)
    .await
}

record! {
    /// A comment as its writer takes it away.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct CommentRow {
        pub id: CommentId,
        pub created_at: DateTime<Utc>,
        pub edited_at: Option<DateTime<Utc>>,
        pub status: String,
        pub post: String,
        pub post_slug: Option<String>,
        pub answers: Option<CommentId>,
        pub like_count: i64,
        pub moderation_reason: Option<String>,
        pub content: String,
    }
}

/// A person's comments in all states, in pages by id. An emptied place has nothing of theirs, and
/// the title of a post that is not public is not theirs either.
pub async fn comments(conn: &mut Conn, user: UserId, after: CommentId) -> Result<Vec<CommentRow>> {
    read(
        "select c.id, c.created_at, c.edited_at, c.status, coalesce(p.title, '') as post,
                p.slug as post_slug, c.parent_id as answers, c.like_count, c.moderation_reason,
                c.content
           from comment c left join public_post p on p.id = c.post_id
          where c.user_id = $1 and c.id > $2 and c.content <> '' order by c.id limit 200",
    )
    .bind(user)
    .bind(after)
    .all(conn)
    .await
}

record! {
    /// A notification as whoever got it takes it away.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct NotificationRow {
        pub created_at: DateTime<Utc>,
        pub kind: String,
        pub title: String,
        pub message: String,
        pub action_url: Option<String>,
        pub read_at: Option<DateTime<Utc>>,
        pub expires_at: Option<DateTime<Utc>>,
    }
}

/// What a person was told, the newest first.
pub async fn notifications(conn: &mut Conn, user: UserId) -> Result<Vec<NotificationRow>> {
    read(
        "select created_at, notification_type as kind, title, message, action_url, read_at,
                expires_at
           from notification where user_id = $1 order by id desc limit 10000",
    )
    .bind(user)
    .all(conn)
    .await
}

/// The comments that a person likes: number and time.
pub async fn comment_likes(
    conn: &mut Conn,
    user: UserId,
) -> Result<Vec<(CommentId, DateTime<Utc>)>> {
    read("select comment_id, created_at from comment_like where user_id = $1 order by id")
        .bind(user)
        .all(conn)
        .await
}

/// How a person wants to be told: kind, on the page, by mail.
pub async fn notification_settings(
    conn: &mut Conn,
    user: UserId,
) -> Result<Vec<(String, bool, String)>> {
    read("select kind, web, email from notification_setting where user_id = $1 order by kind")
        .bind(user)
        .all(conn)
        .await
}

/// What a person reported: which comment, why, and their own note.
pub async fn reports(
    conn: &mut Conn,
    user: UserId,
) -> Result<Vec<(Option<CommentId>, DateTime<Utc>, String, String)>> {
    read(
        "select comment_id, created_at, reason, note from report where user_id = $1
          order by id limit 10000",
    )
    .bind(user)
    .all(conn)
    .await
}

record! {
    /// A post that a person read, as far as that is counted.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct ReadRow {
        pub at: DateTime<Utc>,
        pub post: String,
        pub post_slug: String,
        pub seconds: i64,
        pub scroll_depth: f64,
    }
}

/// What a person read, the newest first.
pub async fn reading(conn: &mut Conn, user: UserId) -> Result<Vec<ReadRow>> {
    read(
        "select v.created_at as at, p.title as post, p.slug as post_slug,
                v.time_spent as seconds, v.scroll_depth
           from post_view v join public_post p on p.id = v.post_id
          where v.user_id = $1 order by v.created_at desc limit 10000",
    )
    .bind(user)
    .all(conn)
    .await
}

/// What was recorded of a person: when, and what kind.
pub async fn events(conn: &mut Conn, user: UserId) -> Result<Vec<(DateTime<Utc>, String)>> {
    read("select created_at, kind from event where user_id = $1 order by id desc limit 10000")
        .bind(user)
        .all(conn)
        .await
}

/// What somebody likes, keeps and follows, and whom they block and mute: kind, when, what.
pub async fn ties(conn: &mut Conn, user: UserId) -> Result<Vec<(String, DateTime<Utc>, String)>> {
    read(
        "select 'like' as kind, l.created_at as at, p.title as what
           from post_like l join public_post p on p.id = l.post_id where l.user_id = $1
         union all
         select 'bookmark', k.created_at, p.title
           from bookmark k join public_post p on p.id = k.post_id where k.user_id = $1
         union all
         select 'follow', f.created_at, u.username
           from follow f join \"user\" u on u.id = f.followed_id where f.follower_id = $1
         union all
         select 'category', f.created_at, c.name
           from category_follow f join category c on c.id = f.category_id where f.user_id = $1
         union all
         select 'tag', f.created_at, t.name
           from tag_follow f join tag t on t.id = f.tag_id where f.user_id = $1
         union all
         select 'block', b.created_at, u.username
           from user_block b join \"user\" u on u.id = b.blocked_id where b.user_id = $1
         union all
         select 'mute', m.created_at, u.username
           from user_mute m join \"user\" u on u.id = m.muted_id where m.user_id = $1
          order by 1, 2 limit 100000",
    )
    .bind(user)
    .all(conn)
    .await
}
