//! The questions of feeds and maps: all of them about what is public.

use chrono::{DateTime, Utc};

use crate::{
    Result,
    db::{Conn, read, record},
    ids::{CategoryId, TagId, UserId},
};

record! {
    /// A post, whole, for a feed.
    #[derive(Debug, Clone)]
    pub struct EntryRow {
        pub published_at: DateTime<Utc>,
        pub edited_at: Option<DateTime<Utc>>,
        pub slug: String,
        pub title: String,
        pub meta_description: Option<String>,
        pub excerpt: String,
        /// Empty when the post is so long that twenty such ones would make a feed of many megabytes.
        pub html: String,
        pub image_filename: Option<String>,
        pub author_username: String,
        pub author_first_name: Option<String>,
        pub author_last_name: Option<String>,
        pub author_avatar: Option<String>,
        pub category_name: Option<String>,
    }
}

/// The newest posts of the site.
pub async fn of_site(conn: &mut Conn, number: i64) -> Result<Vec<EntryRow>> {
    read(
        "select p.*, case when length(t.html) <= 200000 then t.html else '' end as html
           from public_post p join post t on t.id = p.id
          order by p.published_at desc, p.id desc limit $1",
    )
    .bind(number)
    .all(conn)
    .await
}

/// The newest posts of a writer.
pub async fn of_author(conn: &mut Conn, author: UserId, number: i64) -> Result<Vec<EntryRow>> {
    read(
        "select p.*, case when length(t.html) <= 200000 then t.html else '' end as html
           from public_post p join post t on t.id = p.id
          where p.user_id = $2 order by p.published_at desc, p.id desc limit $1",
    )
    .bind(number)
    .bind(author)
    .all(conn)
    .await
}

/// The newest posts of a category.
pub async fn of_category(
    conn: &mut Conn,
    category: CategoryId,
    number: i64,
) -> Result<Vec<EntryRow>> {
    read(
        "select p.*, case when length(t.html) <= 200000 then t.html else '' end as html
           from public_post p join post t on t.id = p.id
          where p.category_id = $2 order by p.published_at desc, p.id desc limit $1",
    )
    .bind(number)
    .bind(category)
    .all(conn)
    .await
}

/// The newest posts of a tag.
pub async fn of_tag(conn: &mut Conn, tag: TagId, number: i64) -> Result<Vec<EntryRow>> {
    read(
        "select p.*, case when length(t.html) <= 200000 then t.html else '' end as html
           from post_tag pt, public_post p, post t
          where pt.tag_id = $2 and p.id = pt.post_id and t.id = p.id
            and pt.published_at is not null
          order by pt.published_at desc, pt.post_id desc limit $1",
    )
    .bind(number)
    .bind(tag)
    .all(conn)
    .await
}

record! {
    /// A writer whose feed is asked for.
    #[derive(Debug, Clone)]
    pub struct AuthorRow {
        pub id: UserId,
        pub username: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
    }
}

/// The active writer with this name.
pub async fn author(conn: &mut Conn, username: &str) -> Result<Option<AuthorRow>> {
    read(
        "select id, username, first_name, last_name from \"user\"
          where username_key = $1 and is_active",
    )
    .bind(username.to_lowercase())
    .optional(conn)
    .await
}

record! {
    /// A page in a map.
    #[derive(Debug, Clone)]
    pub struct Place {
        pub slug: String,
        pub changed_at: Option<DateTime<Utc>>,
    }
}

/// The public posts with numbers from one on and below another.
pub async fn posts_between(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<Place>> {
    read(
        "select slug, case when edited_at > published_at then edited_at else published_at end
                as changed_at
           from public_post where id >= $1 and id < $2 order by id",
    )
    .bind(from)
    .bind(to)
    .all(conn)
    .await
}

/// The tags of public posts with numbers from one on and below another.
pub async fn tags_between(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<(String,)>> {
    read("select slug from tag where id >= $1 and id < $2 and post_count > 0 order by id")
        .bind(from)
        .bind(to)
        .all(conn)
        .await
}

/// The writers of public posts with numbers from one on and below another.
pub async fn writers_between(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<(String,)>> {
    read(
        "select username from \"user\"
          where id >= $1 and id < $2 and is_active and email_confirmed and post_count > 0
          order by id",
    )
    .bind(from)
    .bind(to)
    .all(conn)
    .await
}

record! {
    /// The highest numbers given out.
    #[derive(Debug, Clone)]
    pub struct Extent {
        pub posts: i64,
        pub tags: i64,
        pub writers: i64,
    }
}

/// How far the numbers of posts, tags and writers go.
pub async fn extent(conn: &mut Conn) -> Result<Extent> {
    read(
        "select coalesce((select max(id) from post), 0) as posts,
                coalesce((select max(id) from tag), 0) as tags,
                coalesce((select max(id) from \"user\"), 0) as writers",
    )
    .one(conn)
    .await
}
