//! The SQL of one post: insert, change, publish, delete.

use chrono::{DateTime, Utc};

use super::super::{Post, Status};
use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::{CategoryId, PostId, UserId},
};

/// A post, whoever asks and whatever its state.
pub async fn by_id(conn: &mut Conn, id: PostId) -> Result<Option<Post>> {
    read(
        "select id, created_at, updated_at, user_id, category_id, status, published_at,
                scheduled_at, deleted_at, version, slug, title, meta_description, canonical_url,
                image_filename, image_alt, image_width, image_height, content
           from post where id = $1",
    )
    .bind(id)
    .optional(conn)
    .await
}

/// Holds a post for the rest of the transaction, so that two changes come one after the other.
pub async fn lock(tx: &mut Tx, id: PostId) -> Result<()> {
    write("update post set updated_at = updated_at where id = $1").bind(id).run(tx).await?;
    Ok(())
}

/// A new post before it has content: the row that everything else is added to.
pub struct Insert<'a> {
    pub user: UserId,
    pub slug: &'a str,
    pub title: &'a str,
    pub content: &'a str,
}

/// Inserts a draft, or says that the slug was taken meanwhile.
pub async fn insert(tx: &mut Tx, post: &Insert<'_>, now: DateTime<Utc>) -> Result<Option<PostId>> {
    let row = write(
        "insert into post (created_at, updated_at, user_id, slug, title, content, version)
         values ($1, $1, $2, $3, $4, $5, 0) on conflict (slug) do nothing returning id",
    )
    .bind(now)
    .bind(post.user)
    .bind(post.slug)
    .bind(post.title)
    .bind(post.content)
    .optional(tx)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// The text of a post, with what was made of it.
pub struct Content<'a> {
    pub title: &'a str,
    pub content: &'a str,
    pub html: &'a str,
    pub excerpt: &'a str,
    pub headings: &'a str,
    pub words: i64,
}

/// Replaces the text, and says the new version. `edited` marks a change that readers saw.
pub async fn update_content(
    tx: &mut Tx,
    id: PostId,
    content: &Content<'_>,
    edited: bool,
    now: DateTime<Utc>,
) -> Result<i64> {
    write(
        "update post set title = $2, content = $3, html = $4, excerpt = $5, headings = $6,
                word_count = $7, render_version = $8, version = version + 1, updated_at = $9,
                edited_at = case when $10 then $9 else edited_at end
          where id = $1 returning version",
    )
    .bind(id)
    .bind(content.title)
    .bind(content.content)
    .bind(content.html)
    .bind(content.excerpt)
    .bind(content.headings)
    .bind(content.words)
    .bind(markup::VERSION)
    .bind(now)
    .bind(edited)
    .value(tx)
    .await
}

/// Replaces only what is made of the text, after the renderer has changed.
pub async fn update_html(
    tx: &mut Tx,
    id: PostId,
    content: &Content<'_>,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = write(
        "update post set html = $2, excerpt = $3, headings = $4, word_count = $5,
                render_version = $6, updated_at = $7 where id = $1 and version = $8",
    )
    .bind(id)
    .bind(content.html)
    .bind(content.excerpt)
    .bind(content.headings)
    .bind(content.words)
    .bind(markup::VERSION)
    .bind(now)
    .bind(version)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// What stands around the text.
pub struct Meta<'a> {
    pub category: Option<CategoryId>,
    pub slug: &'a str,
    pub description: Option<&'a str>,
    pub canonical_url: Option<&'a str>,
    pub image: Option<(&'a str, i64, i64)>,
    pub image_alt: Option<&'a str>,
}

/// Replaces what stands around the text.
pub async fn update_meta(
    tx: &mut Tx,
    id: PostId,
    meta: &Meta<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update post set category_id = $2, slug = $3, meta_description = $4, canonical_url = $5,
                image_filename = $6, image_width = $7, image_height = $8, image_alt = $9,
                updated_at = $10
          where id = $1",
    )
    .bind(id)
    .bind(meta.category)
    .bind(meta.slug)
    .bind(meta.description)
    .bind(meta.canonical_url)
    .bind(meta.image.map(|(name, ..)| name))
    .bind(meta.image.map(|(_, width, _)| width))
    .bind(meta.image.map(|(.., height)| height))
    .bind(meta.image_alt)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Changes who sees a post. The first publication sets the date that stays.
pub async fn set_status(
    tx: &mut Tx,
    id: PostId,
    status: Status,
    scheduled_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "update post set status = cast($2 as text), scheduled_at = $3, updated_at = $4,
                published_at = case when cast($2 as text) in ('published', 'hidden')
                                    then coalesce(published_at, $4) else published_at end
          where id = $1",
    )
    .bind(id)
    .bind(status)
    .bind(scheduled_at)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Publishes one post whose time has come; `None` when another instance was faster, or it is not
/// due any more.
pub async fn publish_due(tx: &mut Tx, id: PostId, now: DateTime<Utc>) -> Result<Option<UserId>> {
    let row = write(
        "update post set status = 'published', published_at = coalesce(published_at, scheduled_at),
                updated_at = $2
          where id = $1 and status = 'scheduled' and scheduled_at <= $2 and deleted_at is null
         returning user_id",
    )
    .bind(id)
    .bind(now)
    .optional(tx)
    .await?;
    Ok(row.map(|(user,)| user))
}

/// Posts whose time has come.
pub async fn due(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<(PostId,)>> {
    read(
        "select id from post where status = 'scheduled' and scheduled_at <= $1
            and deleted_at is null order by scheduled_at limit 100",
    )
    .bind(now)
    .all(conn)
    .await
}

/// Deletes a post for now; says whether it was there.
pub async fn mark_deleted(tx: &mut Tx, id: PostId, now: DateTime<Utc>) -> Result<bool> {
    let changed = write(
        "update post set deleted_at = $2, version = version + 1, updated_at = $2
          where id = $1 and deleted_at is null",
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Brings a deleted post back; says whether it was deleted.
pub async fn unmark_deleted(tx: &mut Tx, id: PostId, now: DateTime<Utc>) -> Result<bool> {
    let changed = write(
        "update post set deleted_at = null, version = version + 1, updated_at = $2
          where id = $1 and deleted_at is not null",
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Posts that were deleted before a time.
pub async fn expired(conn: &mut Conn, before: DateTime<Utc>) -> Result<Vec<(PostId,)>> {
    read("select id from post where deleted_at is not null and deleted_at < $1 limit 100")
        .bind(before)
        .all(conn)
        .await
}

/// Whose pictures a post shows: its author, its cover and its text.
pub async fn shown_by(
    conn: &mut Conn,
    id: PostId,
) -> Result<Option<(UserId, Option<String>, String)>> {
    read("select user_id, image_filename, content from post where id = $1")
        .bind(id)
        .optional(conn)
        .await
}

/// The texts of a post that nobody sees: its earlier versions, and what was typed since.
pub async fn unseen_texts(conn: &mut Conn, id: PostId) -> Result<Vec<(String,)>> {
    read(
        "select content from (
             select content, version from post_revision where post_id = $1
             union all
             select fields, 0 from post_draft where post_id = $1) texts
          order by version desc limit 1000",
    )
    .bind(id)
    .all(conn)
    .await
}

/// Removes a deleted post for good.
pub async fn purge(tx: &mut Tx, id: PostId, before: DateTime<Utc>) -> Result<()> {
    write("delete from post where id = $1 and deleted_at is not null and deleted_at < $2")
        .bind(id)
        .bind(before)
        .run(tx)
        .await?;
    Ok(())
}

/// Takes the mark of a form for its first use; `false` when it was used after `since`.
pub async fn claim_nonce(
    tx: &mut Tx,
    user: UserId,
    nonce: &str,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let row = write(
        "insert into form_nonce (user_id, nonce, created_at) values ($1, $2, $4)
         on conflict (user_id, nonce) do update
            set created_at = excluded.created_at, post_id = null
          where form_nonce.created_at < $3
         returning user_id",
    )
    .bind(user)
    .bind(nonce)
    .bind(since)
    .bind(now)
    .optional::<(UserId,)>(tx)
    .await?;
    Ok(row.is_some())
}

/// Remembers which post a form made, or (with `None`) asks for it.
pub async fn nonce_post(
    tx: &mut Tx,
    user: UserId,
    nonce: &str,
    made: Option<PostId>,
) -> Result<Option<PostId>> {
    let row = write(
        "update form_nonce set post_id = coalesce($3, post_id)
          where user_id = $1 and nonce = $2 returning post_id",
    )
    .bind(user)
    .bind(nonce)
    .bind(made)
    .optional::<(Option<PostId>,)>(tx)
    .await?;
    Ok(row.and_then(|(post,)| post))
}

/// Posts whose HTML was made by another version of the renderer.
pub async fn stale_renders(conn: &mut Conn) -> Result<Vec<(PostId, i64, String)>> {
    read("select id, version, content from post where render_version < $1 order by id limit 50")
        .bind(markup::VERSION)
        .all(conn)
        .await
}
