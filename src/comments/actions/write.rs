//! Writing a comment, and changing one.

use chrono::TimeDelta;

use super::{count, hold};
use crate::{
    Error, Result,
    accounts::{Permission, Viewer},
    app::App,
    comments::{
        CommentInput, Status,
        comment::{MAX_DEPTH, Reader, Row},
        store::{self, threads, write::NewComment},
        text,
    },
    db::Tx,
    events::{self, Event},
    ids::{CommentId, PostId},
    posts,
};

/// How long the second click on a form without a mark of its own counts as the same.
const SAME_CLICK: TimeDelta = TimeDelta::seconds(30);

/// What became of a comment.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    pub id: CommentId,
    pub status: Status,
}

/// Writes a comment under a post, or an answer to one.
pub async fn create(
    app: &App,
    viewer: &Viewer,
    post: PostId,
    input: &CommentInput,
) -> Result<Written> {
    if !viewer.can(Permission::CreateComments) || !app.config.comments.enabled {
        return Err(Error::Forbidden);
    }
    let content = input.text(app)?;
    let parent = input.parent()?;
    let made = text::make(app, viewer, &content).await?;
    let now = app.clock.now();

    let mut tx = app.db.begin().await?;
    posts::store::lock(&mut tx, post).await?;
    let under = threads::post(&mut tx, post, viewer.id).await?.ok_or(Error::NotFound)?;
    let under = under.for_reader(Some(viewer))?;
    if under.is_blocked {
        return Err(Error::Forbidden);
    }
    let mark: String = input.nonce.chars().take(64).collect();
    let mut new = NewComment {
        post,
        user: viewer.id,
        parent,
        status: first_status(app, &mut tx, viewer).await?,
        nonce: (!mark.is_empty()).then_some(mark.as_str()),
        html: &made.html,
        content: &content,
    };
    match sent_before(app, &mut tx, &new).await? {
        Click::First => {}
        Click::Again(id) => {
            let row = threads::one(&mut tx, Reader::of(Some(viewer)), id).await?;
            let status = row.map_or(new.status, |row| row.status);
            return Ok(Written { id, status });
        }
        // The same form with other words: both are kept, and the mark stays with the first.
        Click::Changed => new.nonce = None,
    }
    let id = insert(app, &mut tx, viewer, &new).await?;
    store::write::set_mentions(&mut tx, id, &made.people, now).await?;
    let visible = new.status == Status::Visible;
    let event = Event::CommentAdded { author: viewer.id, post, comment: id, visible };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Written { id, status: new.status })
}

/// Whether others see it at once: not while the site looks at everybody's first comment.
async fn first_status(app: &App, tx: &mut Tx, viewer: &Viewer) -> Result<Status> {
    let trusted = !app.config.comments.approve_first
        || viewer.can(Permission::ModerateComments)
        || store::write::is_known(tx, viewer.id).await?;
    Ok(if trusted { Status::Visible } else { Status::Pending })
}

/// What a click on the form is.
enum Click {
    First,
    Again(CommentId),
    Changed,
}

async fn sent_before(app: &App, tx: &mut Tx, new: &NewComment<'_>) -> Result<Click> {
    let Some(mark) = new.nonce else {
        let since = app.clock.now() - SAME_CLICK;
        let same = store::write::said_just_now(tx, new, since).await?;
        return Ok(same.map_or(Click::First, Click::Again));
    };
    Ok(match store::write::made_by(tx, new.user, mark).await? {
        None => Click::First,
        Some((id, post, content)) if post == new.post && content == new.content => Click::Again(id),
        Some(_) => Click::Changed,
    })
}

async fn insert(
    app: &App,
    tx: &mut Tx,
    viewer: &Viewer,
    new: &NewComment<'_>,
) -> Result<CommentId> {
    let now = app.clock.now();
    let id = match new.parent {
        None => store::write::insert(tx, new, now).await?,
        Some(_) => store::write::insert_reply(tx, new, now).await?.ok_or_else(|| {
            Error::invalid("content", "What you answer is not there any more, or not for you.")
        })?,
    };
    let row = threads::one(tx, Reader::of(Some(viewer)), id).await?.ok_or(Error::NotFound)?;
    if row.depth > MAX_DEPTH {
        let message = "This conversation has grown too deep. Answer an earlier comment instead.";
        return Err(Error::invalid("content", message));
    }
    count(app, tx, &row, i64::from(row.status == Status::Visible)).await?;
    Ok(id)
}

/// Changes what a comment says; readers are told that and when.
pub async fn edit(
    app: &App,
    viewer: &Viewer,
    id: CommentId,
    input: &CommentInput,
) -> Result<Written> {
    let content = input.text(app)?;
    let made = text::make(app, viewer, &content).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (post, row) = hold(&mut tx, viewer, id).await?;
    let post = post.for_reader(Some(viewer))?;
    allow_edit(app, viewer, &row)?;
    if !matches!(input.version.trim(), "") && input.version.trim() != row.version() {
        let message = "This comment was changed meanwhile. Look at both, and save again.";
        return Err(Error::invalid("version", message));
    }
    if content != threads::content(&mut tx, id).await? {
        store::write::update_text(&mut tx, id, &content, &made.html, now).await?;
        // What an editor writes into it names nobody in the writer's place.
        let named = if row.user_id == viewer.id {
            store::write::set_mentions(&mut tx, id, &made.people, now).await?
        } else {
            Vec::new()
        };
        let (author, post) = (row.user_id, post.id);
        let event = Event::CommentChanged { author, post, comment: id, named };
        events::record(app, &mut tx, event).await?;
        tx.commit().await?;
    }
    Ok(Written { id, status: row.status })
}

/// Refuses whoever may not change a comment, without telling of one they do not see.
pub fn allow_edit(app: &App, viewer: &Viewer, row: &Row) -> Result<()> {
    if !Reader::of(Some(viewer)).sees(row) {
        return Err(Error::NotFound);
    }
    if row.can_edit(app, viewer) { Ok(()) } else { Err(Error::Forbidden) }
}
