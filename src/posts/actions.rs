//! Writing: create, change, publish. Each owns its transaction.

use chrono::TimeDelta;
use markup::Rendered;

use super::{
    NewPost, Post, PostInput, PublishPost, RevisionKind, Status,
    clicks::{Click, Sent},
    post::asked_status,
    rendering::{Made, render},
    slugs, store, visibility,
};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    db::Tx,
    events::{self, Event},
    ids::{PostId, TagId},
    jobs,
};

/// What became of a post.
#[derive(Debug, Clone)]
pub struct Saved {
    pub id: PostId,
    pub version: i64,
    pub status: Status,
    pub title: String,
    pub path: String,
    /// Whether readers see it since this change and not before.
    pub newly_public: bool,
}

/// What to do with the picture above a post.
#[derive(Debug, Clone, Default)]
pub enum Cover {
    #[default]
    Keep,
    Remove,
    /// A stored picture: name, width, height.
    Set(String, i64, i64),
}

/// A change that is ready to be made.
pub(super) struct Change<'a> {
    pub viewer: &'a Viewer,
    pub new: &'a NewPost,
    pub rendered: &'a Rendered,
    pub cover: &'a Cover,
    pub status: Status,
    pub kind: RevisionKind,
}

/// Writes a new post: a draft, or public at once, or later.
pub async fn create(app: &App, viewer: &Viewer, input: &PostInput, cover: &Cover) -> Result<Saved> {
    if !viewer.can(Permission::CreatePosts) {
        return Err(Error::Forbidden);
    }
    let status = asked_status(&input.status)?;
    if status == Status::Hidden {
        return Err(Error::invalid("status", "A new post cannot be hidden; save it as a draft."));
    }
    let new = NewPost::parse(app, &input.fields(), status)?;
    let rendered = render(app, &new.content).await?;

    let sent = Sent::new(&input.nonce, &input.fields(), &input.status)?;
    let mut tx = app.db.begin().await?;
    let (post, kind) = match sent.look(app, &mut tx, viewer).await? {
        Click::First => (insert(app, &mut tx, viewer, &new).await?, RevisionKind::Create),
        Click::Changed(post) if status == Status::Published => (post, RevisionKind::Publish),
        Click::Changed(post) => (post, RevisionKind::Edit),
        Click::Again(post) => return Ok(as_it_is(&post)),
    };
    sent.made(&mut tx, viewer, post.id).await?;
    let change = Change { viewer, new: &new, rendered: &rendered, cover, status, kind };
    let saved = apply(app, &mut tx, &post, &change).await?;
    tx.commit().await?;
    Ok(saved)
}

/// What became of a post that is there already.
fn as_it_is(post: &Post) -> Saved {
    Saved {
        id: post.id,
        version: post.version,
        status: post.status,
        title: post.title.clone(),
        path: post.path(),
        newly_public: false,
    }
}

/// Inserts the bare row of a new draft.
pub(super) async fn insert(app: &App, tx: &mut Tx, viewer: &Viewer, new: &NewPost) -> Result<Post> {
    let wanted = new.slug.clone().unwrap_or_else(|| markup::slugify(&new.title));
    let slug = slugs::free(app, tx, &wanted, None).await?;
    let row =
        store::Insert { user: viewer.id, slug: &slug, title: &new.title, content: &new.content };
    let id = store::insert(tx, &row, app.clock.now()).await?.ok_or(Error::Conflict)?;
    store::by_id(tx, id).await?.ok_or(Error::NotFound)
}

/// Changes a post, and who sees it.
pub async fn update(
    app: &App,
    viewer: &Viewer,
    id: PostId,
    input: &PostInput,
    cover: &Cover,
) -> Result<Saved> {
    let status = asked_status(&input.status)?;
    let new = NewPost::parse(app, &input.fields(), status)?;
    let rendered = render(app, &new.content).await?;

    let mut tx = app.db.begin().await?;
    let post = editable(&mut tx, viewer, id).await?;
    if status == Status::Hidden && post.published_at.is_none() {
        return Err(Error::invalid("status", "Only a post that was published can be hidden."));
    }
    check_version(&post, &input.version)?;
    let kind = if status == Status::Published && !post.is_public() {
        RevisionKind::Publish
    } else {
        RevisionKind::Edit
    };
    let change = Change { viewer, new: &new, rendered: &rendered, cover, status, kind };
    let saved = apply(app, &mut tx, &post, &change).await?;
    store::drafts::drop(&mut tx, id).await?;
    tx.commit().await?;
    Ok(saved)
}

/// The post, if this person may change it; locked until the end of the transaction.
pub(super) async fn editable(tx: &mut Tx, viewer: &Viewer, id: PostId) -> Result<Post> {
    store::lock(tx, id).await?;
    let post = store::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    allow_edit(&post, viewer)?;
    Ok(post)
}

/// Refuses whoever may not change a post, without telling strangers of one they cannot see.
pub fn allow_edit(post: &Post, viewer: &Viewer) -> Result<()> {
    if post.can_edit(viewer) {
        return Ok(());
    }
    let knows = post.is_public() || post.user_id == viewer.id;
    Err(match post.deleted_at {
        Some(_) if post.user_id == viewer.id => Error::Gone,
        None if knows => Error::Forbidden,
        _ => Error::NotFound,
    })
}

/// Refuses a change that started from an older version than there is.
pub(super) fn check_version(post: &Post, version: &str) -> Result<()> {
    match version.trim() {
        "" => Ok(()),
        text if text.parse() == Ok(post.version) => Ok(()),
        _ => Err(Error::Conflict),
    }
}

/// Writes a change down: text, what stands around it, tags, state, revision, counts, event.
pub(super) async fn apply(
    app: &App,
    tx: &mut Tx,
    post: &Post,
    change: &Change<'_>,
) -> Result<Saved> {
    let now = app.clock.now();
    let new = change.new;
    if let Some(category) = new.category_id
        && !store::tags::category_exists(tx, category).await?
    {
        return Err(Error::invalid("category_id", "There is no such category."));
    }
    visibility::leave(app, tx, post).await?;
    let changed = post.title != new.title || post.content != new.content;
    let made = Made::of(new, change.rendered)?;
    let seen = post.is_public() && changed;
    let version =
        store::update_content(tx, post.id, &made.content(new, change.rendered), seen, now).await?;
    let slug = slugs::choose(app, tx, post, new).await?;
    store::update_meta(tx, post.id, &meta(post, new, &slug, change.cover), now).await?;
    sync_tags(tx, post.id, new, now).await?;
    let scheduled = new.scheduled_at.filter(|_| change.status == Status::Scheduled);
    store::set_status(tx, post.id, change.status, scheduled, now).await?;
    keep_revision(app, tx, post.id, version, change).await?;
    let saved = store::by_id(tx, post.id).await?.ok_or(Error::NotFound)?;
    visibility::enter(app, tx, &saved).await?;
    if let Some(at) = scheduled {
        jobs::enqueue(app, tx, &PublishPost { post: post.id }, at).await?;
    }
    announce(app, tx, post, &saved, change.viewer).await?;
    Ok(Saved {
        id: saved.id,
        version,
        status: saved.status,
        path: saved.path(),
        newly_public: saved.is_public() && !post.is_public(),
        title: saved.title,
    })
}

fn meta<'a>(post: &'a Post, new: &'a NewPost, slug: &'a str, cover: &'a Cover) -> store::Meta<'a> {
    let image = match cover {
        Cover::Keep => match (&post.image_filename, post.image_width, post.image_height) {
            (Some(name), Some(width), Some(height)) => Some((name.as_str(), width, height)),
            _ => None,
        },
        Cover::Remove => None,
        Cover::Set(name, width, height) => Some((name.as_str(), *width, *height)),
    };
    store::Meta {
        category: new.category_id,
        slug,
        description: new.meta_description.as_deref(),
        canonical_url: new.canonical_url.as_deref(),
        image,
        image_alt: new.cover_alt.as_deref().filter(|_| image.is_some()),
    }
}

async fn sync_tags(
    tx: &mut Tx,
    post: PostId,
    new: &NewPost,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let mut wanted: Vec<TagId> = Vec::new();
    for tag in &new.tags {
        wanted.push(store::tags::ensure(tx, tag, now).await?);
    }
    let present = store::tags::of_post(tx, post).await?;
    for (tag, _) in &present {
        if !wanted.contains(tag) {
            store::tags::detach(tx, post, *tag).await?;
        }
    }
    for tag in wanted {
        if !present.iter().any(|(present, _)| *present == tag) {
            store::tags::attach(tx, post, tag).await?;
        }
    }
    Ok(())
}

async fn keep_revision(
    app: &App,
    tx: &mut Tx,
    post: PostId,
    version: i64,
    change: &Change<'_>,
) -> Result<()> {
    let now = app.clock.now();
    let revision = store::drafts::NewRevision {
        post,
        user: change.viewer.id,
        version,
        kind: change.kind,
        title: &change.new.title,
        description: change.new.meta_description.as_deref(),
        content: &change.new.content,
    };
    if change.kind == RevisionKind::Autosave {
        // One autosave for ten minutes of writing is enough to go back to.
        let since = now - TimeDelta::minutes(10);
        if store::drafts::refresh_autosave(tx, &revision, since, now).await? {
            return Ok(());
        }
        store::drafts::thin_out(tx, post, version - 500).await?;
    }
    store::drafts::insert_revision(tx, &revision, now).await
}

async fn announce(
    app: &App,
    tx: &mut Tx,
    before: &Post,
    after: &Post,
    viewer: &Viewer,
) -> Result<()> {
    let (author, post, by) = (after.user_id, after.id, viewer.id);
    let event = match (before.is_public(), after.is_public()) {
        (false, true) => Event::PostPublished { author, post, scheduled: false },
        (true, true) => Event::PostChanged { author, post },
        (true, false) => Event::PostHidden { author, post, by },
        (false, false) => {
            let saved = Event::DraftSaved { author, post };
            return events::pass_on(app, tx, saved).await;
        }
    };
    events::record(app, tx, event).await
}
