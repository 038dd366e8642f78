//! The questions that reading asks. Lists read `public_post` in the order of an index, from the
//! row that a page link names.

mod lists;
mod topics;

pub use self::{
    lists::{
        Popular, Writer, by_author, front, in_category, latest, more_by_author, most_liked,
        popular, related, tagged, writers,
    },
    topics::{
        Topic, categories, category, category_slug, is_untouched, seed_category, tag,
        top_categories,
    },
};

use super::article::{Article, TagRow};
use crate::{
    Result,
    db::{Conn, read},
    ids::PostId,
};

/// The post with this slug.
pub async fn by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Article>> {
    read(
        "select p.id, p.user_id, p.category_id, p.status, p.updated_at, p.published_at,
                p.scheduled_at, p.edited_at, p.deleted_at, p.like_count, p.view_count,
                p.comment_count, p.word_count, p.is_featured, p.slug, p.title, p.meta_description, p.excerpt,
                p.canonical_url, p.image_filename, p.image_alt, p.image_width, p.image_height,
                p.headings, p.html, u.username as author_username,
                u.first_name as author_first_name, u.last_name as author_last_name,
                u.avatar_filename as author_avatar, u.bio as author_bio,
                u.is_active as author_is_active, c.name as category_name, c.slug as category_slug
           from post p
           join \"user\" u on u.id = p.user_id
           left join category c on c.id = p.category_id
          where p.slug = $1",
    )
    .bind(slug)
    .optional(conn)
    .await
}

/// The post with this number.
pub async fn by_id(conn: &mut Conn, id: PostId) -> Result<Option<Article>> {
    read(
        "select p.id, p.user_id, p.category_id, p.status, p.updated_at, p.published_at,
                p.scheduled_at, p.edited_at, p.deleted_at, p.like_count, p.view_count,
                p.comment_count, p.word_count, p.is_featured, p.slug, p.title, p.meta_description, p.excerpt,
                p.canonical_url, p.image_filename, p.image_alt, p.image_width, p.image_height,
                p.headings, p.html, u.username as author_username,
                u.first_name as author_first_name, u.last_name as author_last_name,
                u.avatar_filename as author_avatar, u.bio as author_bio,
                u.is_active as author_is_active, c.name as category_name, c.slug as category_slug
           from post p
           join \"user\" u on u.id = p.user_id
           left join category c on c.id = p.category_id
          where p.id = $1",
    )
    .bind(id)
    .optional(conn)
    .await
}

/// The post that was once found under this slug.
pub async fn former(conn: &mut Conn, slug: &str) -> Result<Option<PostId>> {
    let row =
        read("select post_id from post_slug where slug = $1").bind(slug).optional(conn).await?;
    Ok(row.map(|(id,)| id))
}

/// The tags of a post, by name.
pub async fn tags(conn: &mut Conn, post: PostId) -> Result<Vec<TagRow>> {
    let mut tags: Vec<TagRow> = read(
        "select t.id, t.name, t.slug from post_tag pt join tag t on t.id = pt.tag_id
          where pt.post_id = $1",
    )
    .bind(post)
    .all(conn)
    .await?;
    tags.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(tags)
}
