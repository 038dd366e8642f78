//! The SQL of the demonstration. What people do to posts is made by the database itself, from the
//! counts that stand in the posts: so rows and counts cannot differ, and millions take minutes.

use chrono::{DateTime, Utc};

pub mod sums;
pub mod talk;

use super::people::Member;
use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{CategoryId, PostId, TagId, UserId},
};

/// A post to be written.
pub struct NewPost {
    pub author: UserId,
    pub category: Option<CategoryId>,
    pub published_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub is_featured: bool,
    pub likes: i64,
    pub views: i64,
    pub comments: i64,
    pub words: i64,
    pub slug: String,
    pub title: String,
    pub description: Option<String>,
    pub excerpt: String,
    pub image: Option<(String, String)>,
    pub headings: String,
    pub html: String,
    pub content: String,
}

/// A range of numbers, both ends included.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub first: i64,
    pub last: i64,
}

record! {
    /// What is there already.
    pub struct Counts {
        pub people: i64,
        pub others: i64,
    }
}

/// How many accounts there are, and how many of them no demonstration made.
pub async fn accounts(conn: &mut Conn) -> Result<Counts> {
    read(
        "select count(*) as people,
                coalesce(cast(sum(case when email_key like '%@demo.invalid' then 0 else 1 end)
                              as bigint), 0) as others
           from \"user\"",
    )
    .one(conn)
    .await
}

/// The category with this slug.
pub async fn category(conn: &mut Conn, slug: &str) -> Result<Option<CategoryId>> {
    let row = read("select id from category where slug = $1").bind(slug).optional(conn).await?;
    Ok(row.map(|(id,)| id))
}

/// Makes a member, unless there is one with this name.
pub async fn insert_member(
    tx: &mut Tx,
    member: &Member,
    password_hash: &str,
    joined_at: DateTime<Utc>,
) -> Result<Option<UserId>> {
    let row = write(
        "insert into \"user\" (created_at, updated_at, username, username_key, email, email_key,
             password_hash, password_changed_at, first_name, last_name, bio, location,
             email_confirmed, last_seen, role_id)
         values ($1, $1, $2, $2, $3, $3, $4, $1, $5, $6, $7, $8, $9, $1,
             (select id from role where is_default))
         on conflict do nothing returning id",
    )
    .bind(joined_at)
    .bind(&member.username)
    .bind(format!("{}@demo.invalid", member.username))
    .bind(password_hash)
    .bind(member.first_name)
    .bind(member.last_name)
    .bind(&member.bio)
    .bind(member.location)
    .bind(true)
    .optional(tx)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// Makes a post, unless there is one with this slug.
pub async fn insert_post(tx: &mut Tx, post: &NewPost, size: (i64, i64)) -> Result<Option<PostId>> {
    let image = post.image.as_ref();
    let row = write(
        "insert into post (created_at, updated_at, user_id, category_id, status, published_at,
             edited_at, is_featured, like_count, view_count, comment_count, word_count,
             render_version, slug, title, meta_description, excerpt, image_filename, image_alt,
             image_width, image_height, headings, html, content)
         values ($1, $1, $2, $3, 'published', $1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
             $15, $16, $17, $18, $19, $20, $21)
         on conflict (slug) do nothing returning id",
    )
    .bind(post.published_at)
    .bind(post.author)
    .bind(post.category)
    .bind(post.edited_at)
    .bind(post.is_featured)
    .bind(post.likes)
    .bind(post.views)
    .bind(post.comments)
    .bind(post.words)
    .bind(markup::VERSION)
    .bind(&post.slug)
    .bind(&post.title)
    .bind(post.description.as_ref())
    .bind(&post.excerpt)
    .bind(image.map(|image| &image.0))
    .bind(image.map(|image| &image.1))
    .bind(image.map(|_| size.0))
    .bind(image.map(|_| size.1))
    .bind(&post.headings)
    .bind(&post.html)
    .bind(&post.content)
    .optional(tx)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// Notes that a picture is a member's own.
pub async fn insert_media(
    tx: &mut Tx,
    owner: UserId,
    (filename, alt, bytes): (&str, &str, i64),
    (width, height): (i64, i64),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into media (created_at, updated_at, user_id, filename, original_name, mime, width,
             height, size_bytes, alt)
         values ($1, $1, $2, $3, 'drawn.jpg', 'image/jpeg', $4, $5, $6, $7)
         on conflict do nothing",
    )
    .bind(now)
    .bind(owner)
    .bind(filename)
    .bind(width)
    .bind(height)
    .bind(bytes)
    .bind(alt)
    .run(tx)
    .await?;
    Ok(())
}

/// Makes a tag that is missing, and finds it.
pub async fn tag(tx: &mut Tx, name: &str, now: DateTime<Utc>) -> Result<TagId> {
    write(
        "insert into tag (created_at, updated_at, name, slug) values ($1, $1, $2, $2)
         on conflict do nothing",
    )
    .bind(now)
    .bind(name)
    .run(tx)
    .await?;
    read("select id from tag where slug = $1").bind(name).value(tx).await
}

pub async fn insert_post_tag(
    tx: &mut Tx,
    post: PostId,
    tag: TagId,
    published_at: DateTime<Utc>,
) -> Result<()> {
    write("insert into post_tag (post_id, tag_id, published_at) values ($1, $2, $3)")
        .bind(post)
        .bind(tag)
        .bind(published_at)
        .run(tx)
        .await?;
    Ok(())
}

/// Each of these people follows `each` of all the others.
pub async fn insert_follows(
    tx: &mut Tx,
    some: Span,
    all: Span,
    each: i64,
    at: DateTime<Utc>,
) -> Result<u64> {
    write(
        "insert into follow (created_at, updated_at, follower_id, followed_id)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $6)
         select $1, $1, u.id, cast($4 as bigint)
                + (u.id - cast($4 as bigint) + 1 + (u.id * 13 + n.i * 37) % (cast($5 as bigint) - 1))
                  % cast($5 as bigint)
           from \"user\" u cross join n where u.id between $2 and $3",
    )
    .bind(at)
    .bind(some.first)
    .bind(some.last)
    .bind(all.first)
    .bind(all.last - all.first + 1)
    .bind(each)
    .run(tx)
    .await
}

/// Gives posts as many likes as they count, from others than their authors.
pub async fn insert_likes(
    tx: &mut Tx,
    posts: Span,
    people: Span,
    most: i64,
    at: DateTime<Utc>,
) -> Result<u64> {
    write(
        "insert into post_like (created_at, updated_at, post_id, user_id)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $6)
         select $1, $1, p.id, cast($4 as bigint)
                + (p.user_id - cast($4 as bigint) + 1
                   + (p.id * 31 + n.i * 37) % (cast($5 as bigint) - 1)) % cast($5 as bigint)
           from post p join n on n.i <= p.like_count where p.id between $2 and $3",
    )
    .bind(at)
    .bind(posts.first)
    .bind(posts.last)
    .bind(people.first)
    .bind(people.last - people.first + 1)
    .bind(most)
    .run(tx)
    .await
}

/// Gives posts the comments they count, less a quarter that are replies.
pub async fn insert_comments(
    tx: &mut Tx,
    posts: Span,
    people: Span,
    words: &[String; 8],
    (most, at): (i64, DateTime<Utc>),
) -> Result<u64> {
    let mut statement = write(
        "insert into comment (created_at, updated_at, post_id, user_id, html, content)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $6)
         select $1, $1, post_id, user_id, '<p>' || words || '</p>', words
           from (select p.id as post_id, cast($4 as bigint)
                        + (p.id * 29 + n.i * 41) % cast($5 as bigint) as user_id,
                        case (p.id * 7 + n.i * 5) % 8
                             when 0 then cast($7 as text) when 1 then cast($8 as text)
                             when 2 then cast($9 as text) when 3 then cast($10 as text)
                             when 4 then cast($11 as text) when 5 then cast($12 as text)
                             when 6 then cast($13 as text) else cast($14 as text) end as words
                   from post p join n on n.i <= p.comment_count - p.comment_count / 4
                  where p.id between $2 and $3) said",
    )
    .bind(at)
    .bind(posts.first)
    .bind(posts.last)
    .bind(people.first)
    .bind(people.last - people.first + 1)
    .bind(most);
    for text in words {
        statement = statement.bind(text);
    }
    statement.run(tx).await
}

/// The other quarter: each answers another comment, mostly the author's word.
pub async fn insert_replies(
    tx: &mut Tx,
    posts: Span,
    words: &[String; 4],
    at: DateTime<Utc>,
) -> Result<u64> {
    let mut statement = write(
        "insert into comment (created_at, updated_at, post_id, user_id, parent_id, root_id, depth,
             html, content)
         select $1, $1, post_id, user_id, parent_id, parent_id, 1, '<p>' || words || '</p>', words
           from (select p.id as post_id, p.user_id, c.id as parent_id,
                        case (p.id + c.id) % 4 when 0 then cast($4 as text)
                             when 1 then cast($5 as text) when 2 then cast($6 as text)
                             else cast($7 as text) end as words
                   from (select id, post_id, row_number() over (partition by post_id order by id)
                                as place
                           from comment where post_id between $2 and $3) c
                   join post p on p.id = c.post_id
                  where c.place <= p.comment_count / 4) said",
    )
    .bind(at)
    .bind(posts.first)
    .bind(posts.last);
    for text in words {
        statement = statement.bind(text);
    }
    statement.run(tx).await
}

/// Gives posts one of thirty parts of the views that they count.
pub async fn insert_views(
    tx: &mut Tx,
    posts: Span,
    part: i64,
    most: i64,
    at: DateTime<Utc>,
) -> Result<u64> {
    write(
        "insert into post_view (created_at, updated_at, post_id, session_id, time_spent,
             scroll_depth, device_type, browser)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $5)
         select $1, $1, p.id, 'demo-' || p.id || '-' || cast($4 as bigint) || '-' || n.i,
                20 + (p.id * 17 + n.i * 53) % 400,
                cast((p.id * 13 + n.i * 7) % 101 as double precision) / 100.0,
                case when (p.id + n.i) % 3 = 0 then 'mobile' else 'desktop' end,
                case when (p.id + n.i) % 4 = 0 then 'Safari' else 'Firefox' end
           from post p
           join n on n.i <= p.view_count * (cast($4 as bigint) + 1) / 30
                            - p.view_count * cast($4 as bigint) / 30
          where p.id between $2 and $3",
    )
    .bind(at)
    .bind(posts.first)
    .bind(posts.last)
    .bind(part)
    .bind(most)
    .run(tx)
    .await
}

/// Counts again what these people wrote, and who follows whom.
pub async fn count_people(tx: &mut Tx, people: Span, now: DateTime<Utc>) -> Result<()> {
    write(
        "update \"user\" set updated_at = $3,
                post_count = (select count(*) from public_post p where p.user_id = \"user\".id),
                follower_count = (select count(*) from follow f where f.followed_id = \"user\".id),
                following_count = (select count(*) from follow f where f.follower_id = \"user\".id),
                unread_count = (select count(*) from notification n where n.user_id = \"user\".id
                     and not n.is_read and n.delivery_method = 'web')
          where id between $1 and $2",
    )
    .bind(people.first)
    .bind(people.last)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Counts again the posts of every category.
pub async fn count_categories(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    write(
        "update category set updated_at = $1, post_count =
             (select count(*) from public_post p where p.category_id = category.id)",
    )
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Counts again the posts of a tag.
pub async fn count_tag(tx: &mut Tx, tag: TagId, now: DateTime<Utc>) -> Result<()> {
    write(
        "update tag set updated_at = $2, post_count =
             (select count(*) from post_tag pt join public_post p on p.id = pt.post_id
               where pt.tag_id = tag.id)
          where id = $1",
    )
    .bind(tag)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
