//! Autosave: what is being typed is kept without being asked, and never over somebody else's text.
//!
//! A draft is its own working copy. For a post that readers see (or will see) the typed text is
//! kept beside it, as a private draft, until the writer publishes the changes.

use chrono::{DateTime, Utc};

use super::{
    Fields, NewPost, Post, RevisionKind, Status,
    actions::{self, Change, Cover},
    clicks::{Click, Sent},
    rendering, slugs, store,
};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    db::Conn,
    ids::PostId,
};

/// What was saved.
#[derive(Debug)]
pub struct Autosaved {
    pub id: PostId,
    pub version: i64,
    pub saved_at: DateTime<Utc>,
}

/// The newest text of a post, wherever it is kept.
#[derive(Debug, Clone)]
pub struct WorkingCopy {
    pub fields: Fields,
    pub version: i64,
    pub saved_at: DateTime<Utc>,
    pub saved_by: Option<String>,
    /// Whether it differs from what readers see.
    pub is_private: bool,
}

/// What came of an autosave.
#[derive(Debug)]
pub enum Outcome {
    Saved(Autosaved),
    /// There is a newer version than the sender's.
    Conflict(Box<WorkingCopy>),
}

/// Keeps the first words of a post that is not there yet, as a draft.
pub async fn begin(app: &App, viewer: &Viewer, fields: &Fields, nonce: &str) -> Result<Autosaved> {
    if !viewer.can(Permission::CreatePosts) {
        return Err(Error::Forbidden);
    }
    if fields.title.trim().is_empty() && fields.content.trim().is_empty() {
        return Err(Error::invalid("content", "There is nothing to save yet."));
    }
    let new = NewPost::draft(app, fields)?;
    let rendered = rendering::render(app, &new.content).await?;
    let sent = Sent::new(nonce, fields, "")?;
    let mut tx = app.db.begin().await?;
    // A script that got no answer asks again; that is no second post.
    let click =
        if nonce.is_empty() { Click::First } else { sent.look(app, &mut tx, viewer).await? };
    let post = match click {
        Click::Changed(post) if post.status == Status::Draft => post,
        Click::Again(post) if post.status == Status::Draft => {
            return Ok(Autosaved { id: post.id, version: post.version, saved_at: post.updated_at });
        }
        _ => actions::insert(app, &mut tx, viewer, &new).await?,
    };
    sent.made(&mut tx, viewer, post.id).await?;
    let change = change(viewer, &new, &rendered);
    let saved = actions::apply(app, &mut tx, &post, &change).await?;
    tx.commit().await?;
    Ok(Autosaved { id: saved.id, version: saved.version, saved_at: app.clock.now() })
}

/// Keeps what was typed since version `version`; 0 asks for no comparison.
pub async fn save(
    app: &App,
    viewer: &Viewer,
    id: PostId,
    fields: &Fields,
    version: i64,
) -> Result<Outcome> {
    let new = NewPost::draft(app, fields)?;
    let rendered = rendering::render(app, &new.content).await?;
    let mut tx = app.db.begin().await?;
    let post = actions::editable(&mut tx, viewer, id).await?;
    if version != 0 && version != post.version {
        let copy = working_copy(&mut tx, &post).await?;
        return Ok(Outcome::Conflict(Box::new(copy)));
    }
    let now = app.clock.now();
    let version = if post.status == Status::Draft {
        let change = change(viewer, &new, &rendered);
        actions::apply(app, &mut tx, &post, &change).await?.version
    } else {
        let text = serde_json::to_string(fields)?;
        store::drafts::keep(&mut tx, (id, viewer.id), &text, now).await?
    };
    tx.commit().await?;
    Ok(Outcome::Saved(Autosaved { id, version, saved_at: now }))
}

fn change<'a>(viewer: &'a Viewer, new: &'a NewPost, rendered: &'a markup::Rendered) -> Change<'a> {
    let (status, kind) = (Status::Draft, RevisionKind::Autosave);
    Change { viewer, new, rendered, cover: &Cover::Keep, status, kind }
}

/// What the editor shows: the private draft if there is one, else the post.
pub async fn working_copy(conn: &mut Conn, post: &Post) -> Result<WorkingCopy> {
    if let Some(row) = store::drafts::of_post(conn, post.id).await? {
        let mut fields: Fields = serde_json::from_str(&row.fields)?;
        if fields.slug.is_empty() && post.published_at.is_some() {
            fields.slug = post.slug.clone().unwrap_or_default();
        }
        return Ok(WorkingCopy {
            fields,
            version: post.version,
            saved_at: row.updated_at,
            saved_by: Some(row.username),
            is_private: true,
        });
    }
    let saved_by = store::drafts::revisions(conn, post.id, i64::MAX, 1)
        .await?
        .into_iter()
        .next()
        .and_then(|revision| revision.username);
    let fields = fields_of(conn, post).await?;
    let (version, saved_at) = (post.version, post.updated_at);
    Ok(WorkingCopy { fields, version, saved_at, saved_by, is_private: false })
}

/// The fields of a post as its form shows them.
pub async fn fields_of(conn: &mut Conn, post: &Post) -> Result<Fields> {
    let tags = store::tags::of_post(conn, post.id).await?;
    let names: Vec<String> = tags.into_iter().map(|(_, name)| name).collect();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Ok(Fields {
        title: post.title.clone(),
        content: post.content.clone(),
        category_id: post.category_id.map(|id| id.to_string()).unwrap_or_default(),
        tags: names.join(", "),
        meta_description: text(&post.meta_description),
        // An address that follows the title is left to it.
        slug: if post.published_at.is_none() && slugs::follows_title(post) {
            String::new()
        } else {
            text(&post.slug)
        },
        canonical_url: text(&post.canonical_url),
        cover_alt: text(&post.image_alt),
        scheduled_at: post
            .scheduled_at
            .map(|at| at.format("%Y-%m-%dT%H:%M").to_string())
            .unwrap_or_default(),
    })
}

/// Throws a private draft away: the editor shows what readers see again.
pub async fn discard(app: &App, viewer: &Viewer, id: PostId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    actions::editable(&mut tx, viewer, id).await?;
    store::drafts::drop(&mut tx, id).await?;
    tx.commit().await
}
