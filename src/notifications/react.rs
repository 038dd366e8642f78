//! What each event tells whom.

use std::pin::Pin;

use super::{
    Kind, Mailing, NotificationTarget,
    jobs::{ForgetPost, TellFollowers, TellReporters},
    mails::SCHEDULED,
    removal::{Rows, forget_comment, forget_decisions, take_away, take_back},
    store::{
        facts::{self, CommentFacts},
        removal as store,
    },
    telling::{self, Actor, Note, cut, tell, tell_all},
};
use crate::{
    Result,
    app::App,
    db::Tx,
    events::{Event, Recorded},
    ids::{CommentId, PostId, UserId},
    jobs, links,
    social::store::relations::is_blocked,
    texts::Text,
};

/// How much of a comment a notification shows, in characters (R-NOTIF.12).
const EXCERPT: usize = 200;

/// Tells, or takes back, what an event means for others. It records events itself, and so is
/// called by itself; the box ends that circle for the compiler.
pub fn react<'a>(
    app: &'a App,
    tx: &'a mut Tx,
    recorded: &'a Recorded,
) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
    Box::pin(follow_up(app, tx, recorded))
}

async fn follow_up(app: &App, tx: &mut Tx, recorded: &Recorded) -> Result<()> {
    match &recorded.event {
        Event::CommentAdded { comment, visible: true, .. } => added(app, tx, *comment).await,
        Event::CommentChanged { comment, named, .. } => {
            mentioned_later(app, tx, *comment, named).await
        }
        Event::CommentRemoved { author, post, comment, by } => {
            forget_comment(app, tx, *comment).await?;
            forget_decisions(app, tx, *comment).await?;
            if by != author {
                removed(app, tx, (*author, *by), (*post, *comment)).await?;
            }
            TellReporters::queue_deleted(app, tx, *comment).await
        }
        Event::CommentModerated { author, comment, by, was, status, .. } => {
            let own = by == author;
            moderated(app, tx, *comment, (own, was.as_str(), status.as_str())).await
        }
        Event::CommentLiked { user, author, post, comment, .. } => {
            let target = NotificationTarget::Comment { comment: *comment, post: *post };
            let key = format!("like:comment:{comment}");
            liked(app, tx, (*user, *author, *post), target, key).await
        }
        Event::PostLiked { user, author, post } => {
            let target = NotificationTarget::Post(*post);
            liked(app, tx, (*user, *author, *post), target, format!("like:post:{post}")).await
        }
        Event::CommentUnliked { user, author, comment, .. } => {
            take_back(app, tx, *author, &format!("like:comment:{comment}:{user}")).await
        }
        Event::PostUnliked { user, author, post } => {
            take_back(app, tx, *author, &format!("like:post:{post}:{user}")).await
        }
        Event::UserFollowed { follower, followed } => {
            followed_by(app, tx, *follower, *followed).await
        }
        Event::UserUnfollowed { follower, followed } => {
            take_back(app, tx, *followed, &format!("follow:{follower}")).await
        }
        Event::UserBlocked { user, blocked } => {
            part(app, tx, *user, *blocked).await?;
            part(app, tx, *blocked, *user).await
        }
        Event::UserMuted { user, muted } => part(app, tx, *user, *muted).await,
        Event::PostPublished { author, post, scheduled } => {
            if *scheduled {
                went_out(app, tx, *author, *post).await?;
            }
            published(app, tx, *author, *post).await
        }
        Event::PostHidden { author, post, by } | Event::PostDeleted { author, post, by } => {
            let is_hidden = matches!(recorded.event, Event::PostHidden { .. });
            withdrawn(app, tx, (*author, *post, *by), is_hidden).await
        }
        Event::UserDeleted { user } => forget_person(app, tx, *user).await,
        _ => Ok(()),
    }
}

/// A comment that readers see now: whoever wrote what it answers, whom it names, whose post it is.
/// Each is told once, by the nearest of these.
async fn added(app: &App, tx: &mut Tx, comment: CommentId) -> Result<()> {
    let Some(facts) = facts::comment(tx, comment).await? else { return Ok(()) };
    if facts.status != "visible" {
        return Ok(());
    }
    let Some(actor) = telling::actor(tx, facts.author).await? else { return Ok(()) };
    let mut people: Vec<(UserId, Kind)> = Vec::new();
    people.extend(facts.parent_author.map(|user| (user, Kind::Reply)));
    people
        .extend(facts::mentioned(tx, comment).await?.into_iter().map(|user| (user, Kind::Mention)));
    people.push((facts.post_author, Kind::Comment));
    let mut notes: Vec<Note> = Vec::new();
    for (user, kind) in people {
        // Who is kept from the post by a block is not led to it.
        if user != facts.post_author && is_blocked(tx, user, facts.post_author).await? {
            continue;
        }
        if notes.iter().all(|note| note.to != user) {
            notes.push(of_comment(app, comment, &facts, &actor, (user, kind)));
        }
    }
    tell_all(app, tx, notes).await
}

/// Somebody was named when a comment was changed, and was not before; over the life of a comment
/// these are ten at most (`comments::store::write::set_mentions`). Who was told of the comment before
/// is not told again.
async fn mentioned_later(
    app: &App,
    tx: &mut Tx,
    comment: CommentId,
    people: &[UserId],
) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let Some(facts) = facts::comment(tx, comment).await? else { return Ok(()) };
    let Some(actor) = telling::actor(tx, facts.author).await? else { return Ok(()) };
    if facts.status != "visible" {
        return Ok(());
    }
    let mut notes = Vec::new();
    for user in people {
        if *user == facts.post_author || !is_blocked(tx, *user, facts.post_author).await? {
            notes.push(of_comment(app, comment, &facts, &actor, (*user, Kind::Mention)));
        }
    }
    tell_all(app, tx, notes).await
}

fn of_comment(
    app: &App,
    comment: CommentId,
    facts: &CommentFacts,
    actor: &Actor,
    (to, kind): (UserId, Kind),
) -> Note {
    let target = NotificationTarget::Comment { comment, post: facts.post };
    // One key for all three kinds: one notification of one comment.
    let mut note = Note::new(to, kind, target, format!("comment:{comment}"));
    note.actor = Some(actor.id);
    note.title = telling::title(app, kind, target, actor, &facts.title);
    note.message = excerpt(&facts.content);
    note.path = Some(links::comment(comment));
    note.source = "comment_added";
    note
}

/// The first words of a comment, without its marks.
fn excerpt(content: &str) -> String {
    cut(markup::render(content).text.trim(), EXCERPT)
}

/// The key under which its writer is told that somebody else took a comment away.
fn removal_key(comment: CommentId) -> String {
    format!("moderation:comment:{comment}:removed")
}

/// A moderator, or whoever wrote the post, took a comment away.
async fn removed(
    app: &App,
    tx: &mut Tx,
    (author, by): (UserId, UserId),
    (post, comment): (PostId, CommentId),
) -> Result<()> {
    let Some((writer, title, slug)) = facts::post(tx, post).await? else { return Ok(()) };
    let id = if by == writer { "told-removed-by-author" } else { "told-removed" };
    let target = NotificationTarget::Post(post);
    let mut note = Note::new(author, Kind::Moderation, target, removal_key(comment));
    note.title = Text::new(app, id).with("post", &title).whole();
    note.path = Some(links::post(&slug));
    note.source = "comment_removed";
    tell(app, tx, &note).await
}

/// What a decision on a comment means: for those who were told of it, for who wrote it, for who
/// reported it.
async fn moderated(
    app: &App,
    tx: &mut Tx,
    comment: CommentId,
    (own, was, status): (bool, &str, &str),
) -> Result<()> {
    let Some(facts) = facts::comment(tx, comment).await? else { return Ok(()) };
    if was == "deleted" {
        // It was brought back, and nobody decided about it.
        take_back(app, tx, facts.author, &removal_key(comment)).await?;
        return if status == "visible" { added(app, tx, comment).await } else { Ok(()) };
    }
    if status != "visible" {
        forget_comment(app, tx, comment).await?;
    }
    let text = match (status, was) {
        ("visible", "pending") => Some("told-approved"),
        ("visible", "hidden" | "spam") => Some("told-visible-again"),
        ("hidden", now) if now != "hidden" => Some("told-hidden"),
        ("spam", now) if now != "spam" => Some("told-spam"),
        _ => None,
    };
    if let Some(text) = text.filter(|_| !own) {
        let target = NotificationTarget::Comment { comment, post: facts.post };
        // One decision may follow another, so the time is part of the key.
        let at = app.clock.now().timestamp_micros();
        let key = format!("moderation:comment:{comment}:{status}:{at}");
        let mut note = Note::new(facts.author, Kind::Moderation, target, key);
        note.title = Text::new(app, text).with("post", &facts.title).whole();
        note.message = match facts.reason.as_deref().map(str::trim) {
            Some(reason) if !reason.is_empty() && status != "visible" => {
                Text::new(app, "told-reason").with("reason", reason).whole()
            }
            _ => excerpt(&facts.content),
        };
        note.path = Some(links::comment(comment));
        note.source = "comment_moderated";
        tell(app, tx, &note).await?;
    }
    if status == "visible" && was != "visible" {
        added(app, tx, comment).await?;
    }
    TellReporters::queue(app, tx, comment, status == "visible").await
}

async fn liked(
    app: &App,
    tx: &mut Tx,
    (user, author, post): (UserId, UserId, PostId),
    target: NotificationTarget,
    key: String,
) -> Result<()> {
    if user == author {
        return Ok(());
    }
    let Some(actor) = telling::actor(tx, user).await? else { return Ok(()) };
    let Some((_, title, slug)) = facts::post(tx, post).await? else { return Ok(()) };
    let mut note = Note::new(author, Kind::Like, target, format!("{key}:{user}"));
    note.group_key = key;
    note.actor = Some(user);
    note.title = telling::title(app, Kind::Like, target, &actor, &title);
    note.path = Some(match target {
        NotificationTarget::Comment { comment, .. } => links::comment(comment),
        _ => links::post(&slug),
    });
    note.source = if target.comment().is_some() { "comment_liked" } else { "post_liked" };
    tell(app, tx, &note).await
}

async fn followed_by(app: &App, tx: &mut Tx, follower: UserId, whom: UserId) -> Result<()> {
    let Some(actor) = telling::actor(tx, follower).await? else { return Ok(()) };
    let target = NotificationTarget::User(follower);
    let mut note = Note::new(whom, Kind::Follow, target, format!("follow:{follower}"));
    "follow".clone_into(&mut note.group_key);
    note.actor = Some(follower);
    note.title = telling::title(app, Kind::Follow, target, &actor, "");
    note.path = Some(links::user(&actor.username));
    note.source = "user_followed";
    tell(app, tx, &note).await
}

/// What one is told of the other goes when they keep away from each other. What was mailed keeps its
/// row: who blocks, lets go and follows again sends no second mail.
async fn part(app: &App, tx: &mut Tx, user: UserId, other: UserId) -> Result<()> {
    loop {
        let going = store::between(tx, user, other).await?;
        let was_last = going.len() < store::BATCH;
        take_away(app, tx, going, Rows::Kept).await?;
        if was_last {
            return Ok(());
        }
    }
}

/// The writer's post went out at its time, while they were elsewhere.
async fn went_out(app: &App, tx: &mut Tx, author: UserId, post: PostId) -> Result<()> {
    let Some((_, title, slug)) = facts::post(tx, post).await? else { return Ok(()) };
    let at = app.clock.now();
    let key = format!("scheduled:{post}:{}", at.timestamp_micros());
    let mut note = Note::new(author, Kind::System, NotificationTarget::Post(post), key);
    let text = Text::new(app, "told-scheduled").with("post", &title).at(at);
    note.title = text.whole();
    note.message = text.part("when");
    note.path = Some(links::post(&slug));
    note.source = SCHEDULED;
    note.mailing = Some(Mailing::Now);
    tell(app, tx, &note).await
}

async fn published(app: &App, tx: &mut Tx, author: UserId, post: PostId) -> Result<()> {
    if !facts::has_followers(tx, author).await? {
        return Ok(());
    }
    let job = TellFollowers { post, after: UserId(0) };
    jobs::enqueue_once(app, tx, &job, app.clock.now(), &format!("tell_followers:{post}")).await
}

/// A post that readers see no more: nobody is told of it any more, by and by.
async fn withdrawn(
    app: &App,
    tx: &mut Tx,
    (author, post, by): (UserId, PostId, UserId),
    is_hidden: bool,
) -> Result<()> {
    let job = ForgetPost { post, keep_decisions: is_hidden };
    let key = format!("forget_post:{post}:{is_hidden}");
    jobs::enqueue_once(app, tx, &job, app.clock.now(), &key).await?;
    if by == author {
        return Ok(());
    }
    let Some((_, title, slug)) = facts::post(tx, post).await? else { return Ok(()) };
    let (target, words, text) = if is_hidden {
        (NotificationTarget::Post(post), "hidden", "told-post-hidden")
    } else {
        (NotificationTarget::Nothing, "deleted", "told-post-deleted")
    };
    let at = app.clock.now().timestamp_micros();
    let key = format!("moderation:post:{post}:{words}:{at}");
    let mut note = Note::new(author, Kind::Moderation, target, key);
    note.title = Text::new(app, text).with("post", &title).whole();
    note.path = is_hidden.then(|| links::post(&slug));
    note.source = if is_hidden { "post_hidden" } else { "post_deleted" };
    tell(app, tx, &note).await
}

/// What others are told of somebody goes with them; here, so that the counts follow.
async fn forget_person(app: &App, tx: &mut Tx, user: UserId) -> Result<()> {
    loop {
        let going = store::about_person(tx, user).await?;
        let was_last = going.len() < store::BATCH;
        take_away(app, tx, going, Rows::Deleted).await?;
        if was_last {
            return Ok(());
        }
    }
}
