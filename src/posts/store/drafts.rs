//! The SQL of private drafts and of revisions.

use chrono::{DateTime, Utc};

use super::super::RevisionKind;
use crate::{
    Result,
    db::{Conn, Tx, read, record, write},
    ids::{PostId, RevisionId, UserId},
};

record! {
    /// What was typed for a post that readers see, and is not public yet.
    #[derive(Debug, Clone)]
    pub struct DraftRow {
        pub fields: String,
        pub updated_at: DateTime<Utc>,
        pub username: String,
    }
}

/// The private draft of a post.
pub async fn of_post(conn: &mut Conn, post: PostId) -> Result<Option<DraftRow>> {
    read(
        "select d.fields, d.updated_at, u.username from post_draft d
           join \"user\" u on u.id = d.user_id where d.post_id = $1",
    )
    .bind(post)
    .optional(conn)
    .await
}

/// Keeps a private draft, and says the new version of the post.
pub async fn keep(
    tx: &mut Tx,
    (post, user): (PostId, UserId),
    fields: &str,
    now: DateTime<Utc>,
) -> Result<i64> {
    write(
        "insert into post_draft (created_at, updated_at, post_id, user_id, fields)
         values ($1, $1, $2, $3, $4)
         on conflict (post_id) do update
            set fields = excluded.fields, user_id = excluded.user_id,
                updated_at = excluded.updated_at",
    )
    .bind(now)
    .bind(post)
    .bind(user)
    .bind(fields)
    .run(tx)
    .await?;
    write("update post set version = version + 1, updated_at = $2 where id = $1 returning version")
        .bind(post)
        .bind(now)
        .value(tx)
        .await
}

/// Forgets a private draft: it was published, or thrown away.
pub async fn drop(tx: &mut Tx, post: PostId) -> Result<()> {
    write("delete from post_draft where post_id = $1").bind(post).run(tx).await?;
    Ok(())
}

/// A version to keep.
pub struct NewRevision<'a> {
    pub post: PostId,
    pub user: UserId,
    pub version: i64,
    pub kind: RevisionKind,
    pub title: &'a str,
    pub description: Option<&'a str>,
    pub content: &'a str,
}

/// Keeps a version.
pub async fn insert_revision(
    tx: &mut Tx,
    revision: &NewRevision<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into post_revision (created_at, updated_at, post_id, user_id, version, kind,
                title, meta_description, content)
         values ($1, $1, $2, $3, $4, $5, $6, $7, $8) on conflict (post_id, version) do nothing",
    )
    .bind(now)
    .bind(revision.post)
    .bind(revision.user)
    .bind(revision.version)
    .bind(revision.kind)
    .bind(revision.title)
    .bind(revision.description)
    .bind(revision.content)
    .run(tx)
    .await?;
    Ok(())
}

/// Writes over the newest revision when it is an autosave of the same hand since `since`.
pub async fn refresh_autosave(
    tx: &mut Tx,
    revision: &NewRevision<'_>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = write(
        "update post_revision set version = $3, title = $4, meta_description = $5, content = $6,
                updated_at = $7
          where post_id = $1 and user_id = $2 and kind = 'autosave' and created_at > $8
            and version = (select max(version) from post_revision where post_id = $1)",
    )
    .bind(revision.post)
    .bind(revision.user)
    .bind(revision.version)
    .bind(revision.title)
    .bind(revision.description)
    .bind(revision.content)
    .bind(now)
    .bind(since)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

record! {
    /// A revision in a list.
    #[derive(Debug, Clone)]
    pub struct RevisionRow {
        pub id: RevisionId,
        pub updated_at: DateTime<Utc>,
        pub version: i64,
        pub kind: RevisionKind,
        pub title: String,
        pub username: Option<String>,
    }
}

/// The revisions of a post, newest first, before a version.
pub async fn revisions(
    conn: &mut Conn,
    post: PostId,
    before: i64,
    limit: i64,
) -> Result<Vec<RevisionRow>> {
    read(
        "select r.id, r.updated_at, r.version, r.kind, r.title, u.username
           from post_revision r left join \"user\" u on u.id = r.user_id
          where r.post_id = $1 and r.version < $2 order by r.version desc limit $3",
    )
    .bind(post)
    .bind(before)
    .bind(limit)
    .all(conn)
    .await
}

record! {
    /// A revision with its text.
    #[derive(Debug, Clone)]
    pub struct Revision {
        pub id: RevisionId,
        pub updated_at: DateTime<Utc>,
        pub version: i64,
        pub title: String,
        pub meta_description: Option<String>,
        pub content: String,
    }
}

/// One revision of a post.
pub async fn revision(conn: &mut Conn, post: PostId, id: RevisionId) -> Result<Option<Revision>> {
    read(
        "select id, updated_at, version, title, meta_description, content
           from post_revision where post_id = $1 and id = $2",
    )
    .bind(post)
    .bind(id)
    .optional(conn)
    .await
}

/// The revision before a version.
pub async fn revision_before(
    conn: &mut Conn,
    post: PostId,
    version: i64,
) -> Result<Option<Revision>> {
    read(
        "select id, updated_at, version, title, meta_description, content
           from post_revision where post_id = $1 and version < $2 order by version desc limit 1",
    )
    .bind(post)
    .bind(version)
    .optional(conn)
    .await
}

/// The newest revisions that are kept for good; older autosaves are thinned out.
pub async fn thin_out(tx: &mut Tx, post: PostId, keep_after: i64) -> Result<()> {
    write("delete from post_revision where post_id = $1 and kind = 'autosave' and version < $2")
        .bind(post)
        .bind(keep_after)
        .run(tx)
        .await?;
    Ok(())
}
