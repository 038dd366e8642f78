//! One's own data, to take away: a zip of JSON, Markdown and pictures, made by a job, kept for a
//! day, and given only to its owner (X71).

use std::{collections::HashMap, fmt::Write as _};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, stream};

use super::{
    archive::{self, Archive},
    load,
};
use crate::{
    Error, Result,
    accounts::{
        User, Viewer,
        jobs::{MakeExport, RemoveExport},
        mails, roles, store,
        store::{archives::Export, export::PostRow},
    },
    app::App,
    db::Tx,
    events::{self, Event},
    ids::{CommentId, PostId, UserId},
    jobs, mail,
};

/// How long the file can be fetched.
pub const EXPORT_LIFE: TimeDelta = TimeDelta::hours(24);

/// Asks for one's data. Who has asked already waits for that one; one that is ready is made anew.
pub async fn request_export(app: &App, viewer: &Viewer) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if let Some(old) = store::archives::take_old(&mut tx, viewer.id, now).await? {
        remove_later(app, &mut tx, old).await?;
    }
    if store::archives::ask(&mut tx, viewer.id, (now, now + EXPORT_LIFE)).await? {
        jobs::enqueue(app, &mut tx, &MakeExport { user: viewer.id }, now).await?;
    }
    tx.commit().await
}

/// One's export: `None` when none was asked for, or its time is over.
pub async fn own_export(app: &App, viewer: &Viewer) -> Result<Option<Export>> {
    let mut conn = app.db.conn().await?;
    let export = store::archives::of(&mut conn, viewer.id).await?;
    Ok(export.filter(|export| export.expires_at > app.clock.now()))
}

/// The file, piece by piece, and its size.
pub async fn open_export(
    app: &App,
    viewer: &Viewer,
) -> Result<(i64, impl Stream<Item = Result<Bytes>> + use<>)> {
    let export = own_export(app, viewer).await?.filter(|export| export.ready_at.is_some());
    let export = export.ok_or(Error::Gone)?;
    let (files, name, parts) = (app.files.clone(), export.name, export.parts);
    let pieces = stream::try_unfold(0, move |number| {
        let (files, name) = (files.clone(), name.clone());
        async move {
            if number == parts {
                return Ok(None);
            }
            Ok(Some((archive::part(&files, &name, number).await?, number + 1)))
        }
    });
    Ok((export.size_bytes, pieces))
}

/// Makes what somebody asked for, unless it is made already, and tells them.
pub async fn make_export(app: &App, user: UserId) -> Result<()> {
    let asked = {
        let mut conn = app.db.conn().await?;
        store::archives::of(&mut conn, user).await?
    };
    let Some(asked) = asked.filter(|export| export.ready_at.is_none()) else { return Ok(()) };
    let user = load(app, user).await?;
    let kept = fill(app, &user).await?.keep(app).await?;
    let now = app.clock.now();
    let until = now + EXPORT_LIFE;
    let mut tx = app.db.begin().await?;
    let place = (kept.name.as_str(), kept.parts, kept.size);
    if !store::archives::ready(&mut tx, asked.id, place, (now, until)).await? {
        return archive::remove(&app.files, &kept.name, kept.parts).await;
    }
    let size = u64::try_from(kept.size).unwrap_or_default();
    mail::queue(app, &mut tx, mails::export_ready(app, &user, size, until)).await?;
    events::record(app, &mut tx, Event::DataExported { user: user.id }).await?;
    tx.commit().await
}

/// Removes the files of an export, in a job of the transaction that forgets it.
async fn remove_later(app: &App, tx: &mut Tx, (name, parts): (String, i64)) -> Result<()> {
    if parts == 0 {
        return Ok(());
    }
    jobs::enqueue(app, tx, &RemoveExport { name, parts }, app.clock.now()).await
}

/// Forgets somebody's export: they leave, or its time is over.
pub(super) async fn forget_export(app: &App, tx: &mut Tx, user: UserId) -> Result<()> {
    match store::archives::take(tx, user).await? {
        Some(old) => remove_later(app, tx, old).await,
        None => Ok(()),
    }
}

/// Forgets the exports whose time is over.
pub(super) async fn forget_expired(app: &App, tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    for (user,) in store::archives::expired(tx, now).await? {
        forget_export(app, tx, user).await?;
    }
    Ok(())
}

/// Everything that is kept of a person. No hashes, and nothing of anybody else.
async fn fill(app: &App, user: &User) -> Result<Archive> {
    let archive = account(app, user, Archive::begin(app)?).await?;
    let archive = posts(app, user.id, archive).await?;
    let archive = comments(app, user.id, archive).await?;
    pictures(app, user, archive).await
}

/// The pictures themselves, in `media/`.
async fn pictures(app: &App, user: &User, mut archive: Archive) -> Result<Archive> {
    let mut names: Vec<String> = {
        let mut conn = app.db.conn().await?;
        let rows = store::export::media(&mut conn, user.id).await?;
        rows.into_iter().map(|row| row.filename).collect()
    };
    names.extend(user.avatar_filename.clone());
    names.sort();
    names.dedup();
    for name in names {
        match app.files.get(&name).await? {
            Some(bytes) => archive = archive.add(format!("media/{name}"), bytes, false).await?,
            None => tracing::warn!(name, "a picture of an export is missing"),
        }
    }
    Ok(archive)
}

async fn account(app: &App, user: &User, mut archive: Archive) -> Result<Archive> {
    let mut conn = app.db.conn().await?;
    let role = match user.role_id {
        Some(role) => Some(store::roles::name(&mut conn, role).await?),
        None => None,
    };
    archive = archive
        .add_json(
            "account.json",
            &serde_json::json!({
                "username": user.username,
                "email": user.email,
                "email_confirmed": user.email_confirmed,
                "created_at": user.created_at,
                "password_changed_at": user.password_changed_at,
                "last_seen": user.last_seen,
                "role": role.unwrap_or_else(|| roles::GUEST.to_owned()),
                "first_name": user.first_name,
                "last_name": user.last_name,
                "bio": user.bio,
                "location": user.location,
                "website": user.website,
                "avatar": user.avatar_filename,
                "theme": user.theme,
                "show_online": user.show_online,
                "post_count": user.post_count,
            }),
        )
        .await?;
    let sessions = store::sessions::of(&mut conn, user.id, app.clock.now()).await?;
    let sessions: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            serde_json::json!({
                "created_at": session.created_at,
                "last_seen_at": session.last_seen_at,
                "expires_at": session.expires_at,
                "remember": session.remember,
                "user_agent": session.user_agent,
                "address": session.address,
            })
        })
        .collect();
    archive = archive.add_json("sessions.json", &sessions).await?;
    archive =
        archive.add_json("media.json", &store::export::media(&mut conn, user.id).await?).await?;
    let told = store::export::notifications(&mut conn, user.id).await?;
    archive = archive.add_json("notifications.json", &told).await?;
    let wishes = store::export::notification_settings(&mut conn, user.id).await?;
    archive = archive.add_json("notification_settings.json", &wishes).await?;
    let ties: Vec<_> = store::export::ties(&mut conn, user.id)
        .await?
        .into_iter()
        .map(|(kind, at, what)| serde_json::json!({ "kind": kind, "at": at, "what": what }))
        .collect();
    archive = archive.add_json("likes_and_follows.json", &ties).await?;
    let reading = store::export::reading(&mut conn, user.id).await?;
    archive = archive.add_json("reading.json", &reading).await?;
    let events = store::export::events(&mut conn, user.id).await?;
    let events: Vec<_> = events
        .into_iter()
        .map(|(at, kind)| serde_json::json!({ "at": at, "kind": kind }))
        .collect();
    archive.add_json("events.json", &events).await
}

async fn posts(app: &App, user: UserId, mut archive: Archive) -> Result<Archive> {
    let mut tags: HashMap<PostId, Vec<String>> = HashMap::new();
    let mut conn = app.db.conn().await?;
    for (post, tag) in store::export::tags(&mut conn, user).await? {
        tags.entry(post).or_default().push(tag);
    }
    let mut entries = Vec::new();
    let mut after = PostId(0);
    loop {
        let page = store::export::posts(&mut conn, user, after).await?;
        let Some(newest) = page.last() else { break };
        after = newest.id;
        for post in page {
            let tags = tags.remove(&post.id).unwrap_or_default();
            let text = markdown(&post, &tags).into_bytes();
            archive = archive.add(file_name(&post), text.into(), true).await?;
            let mut entry = serde_json::to_value(&post)?;
            entry["tags"] = tags.into();
            entry["file"] = file_name(&post).into();
            entries.push(entry);
        }
    }
    archive.add_json("posts.json", &entries).await
}

/// What they said, liked and reported under posts.
async fn comments(app: &App, user: UserId, mut archive: Archive) -> Result<Archive> {
    let mut conn = app.db.conn().await?;
    let mut entries = Vec::new();
    let mut after = CommentId(0);
    loop {
        let page = store::export::comments(&mut conn, user, after).await?;
        let Some(newest) = page.last() else { break };
        after = newest.id;
        entries.extend(page);
    }
    archive = archive.add_json("comments.json", &entries).await?;
    let likes: Vec<_> = store::export::comment_likes(&mut conn, user)
        .await?
        .into_iter()
        .map(|(comment, at)| serde_json::json!({ "comment": comment, "at": at }))
        .collect();
    archive = archive.add_json("comment_likes.json", &likes).await?;
    let reports: Vec<_> = store::export::reports(&mut conn, user)
        .await?
        .into_iter()
        .map(|(comment, at, reason, note)| {
            serde_json::json!({ "comment": comment, "at": at, "reason": reason, "note": note })
        })
        .collect();
    archive.add_json("comment_reports.json", &reports).await
}

/// `posts/12-a-title.md`: the number keeps names apart, the rest is for people.
fn file_name(post: &PostRow) -> String {
    let slug: String = post
        .slug
        .as_deref()
        .unwrap_or_default()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || *letter == '-')
        .take(80)
        .collect();
    format!("posts/{}{}{slug}.md", post.id, if slug.is_empty() { "" } else { "-" })
}

/// The text with its particulars in front, as other programs read it.
fn markdown(post: &PostRow, tags: &[String]) -> String {
    let mut text = String::from("---\n");
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            // A JSON string is a YAML string.
            let _never_fails = writeln!(text, "{name}: {value}");
        }
    };
    let quoted = |value: &str| Some(serde_json::Value::from(value).to_string());
    let optional = |value: &Option<String>| value.as_deref().and_then(quoted);
    line("title", quoted(&post.title));
    line("status", quoted(&post.status));
    line("slug", optional(&post.slug));
    line("category", optional(&post.category));
    line("tags", (!tags.is_empty()).then(|| serde_json::Value::from(tags).to_string()));
    line("description", optional(&post.meta_description));
    line("canonical_url", optional(&post.canonical_url));
    line("image", optional(&post.image_filename));
    line("image_alt", optional(&post.image_alt));
    line("created_at", Some(post.created_at.to_rfc3339()));
    line("updated_at", Some(post.updated_at.to_rfc3339()));
    line("published_at", post.published_at.map(|time| time.to_rfc3339()));
    text.push_str("---\n\n");
    text.push_str(&post.content);
    text.push('\n');
    text
}
