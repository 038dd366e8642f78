//! One's own data, to take away: a zip of JSON and Markdown.

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::load;
use crate::{
    Error, Result,
    accounts::{Viewer, roles, store, store::export::PostRow},
    app::App,
    events::{self, Event},
    ids::{CommentId, PostId},
};

/// The most that is packed, before compression: it is all in memory.
const MOST: usize = 256 << 20;

/// What is in the archive, in order.
#[derive(Default)]
struct Files {
    files: Vec<(String, Vec<u8>)>,
    size: usize,
}

impl Files {
    fn add(&mut self, name: impl Into<String>, bytes: Vec<u8>) -> Result<()> {
        self.size += bytes.len();
        if self.size > MOST {
            return Err(Error::TooLarge(MOST));
        }
        self.files.push((name.into(), bytes));
        Ok(())
    }

    fn add_json(&mut self, name: &str, value: &impl serde::Serialize) -> Result<()> {
        self.add(name, serde_json::to_vec_pretty(value)?)
    }

    fn pack(self) -> Result<Vec<u8>> {
        let options = SimpleFileOptions::default();
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in self.files {
            zip.start_file(name, options).map_err(anyhow::Error::from)?;
            zip.write_all(&bytes)?;
        }
        Ok(zip.finish().map_err(anyhow::Error::from)?.into_inner())
    }
}

/// Everything that is kept of a person, as a zip. No hashes, and nothing of anybody else.
pub async fn export(app: &App, viewer: &Viewer) -> Result<Vec<u8>> {
    let mut files = Files::default();
    account(app, viewer, &mut files).await?;
    posts(app, viewer, &mut files).await?;
    comments(app, viewer, &mut files).await?;
    let archive = tokio::task::spawn_blocking(move || files.pack()).await??;
    let mut tx = app.db.begin().await?;
    events::record(app, &mut tx, Event::DataExported { user: viewer.id }).await?;
    tx.commit().await?;
    Ok(archive)
}

async fn account(app: &App, viewer: &Viewer, files: &mut Files) -> Result<()> {
    let user = load(app, viewer.id).await?;
    let mut conn = app.db.conn().await?;
    let role = match user.role_id {
        Some(role) => Some(store::roles::name(&mut conn, role).await?),
        None => None,
    };
    files.add_json(
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
    )?;
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
    files.add_json("sessions.json", &sessions)?;
    files.add_json("media.json", &store::export::media(&mut conn, user.id).await?)?;
    let told = store::export::notifications(&mut conn, user.id).await?;
    files.add_json("notifications.json", &told)?;
    let wishes = store::export::notification_settings(&mut conn, user.id).await?;
    files.add_json("notification_settings.json", &wishes)?;
    let ties: Vec<_> = store::export::ties(&mut conn, user.id)
        .await?
        .into_iter()
        .map(|(kind, at, what)| serde_json::json!({ "kind": kind, "at": at, "what": what }))
        .collect();
    files.add_json("likes_and_follows.json", &ties)?;
    files.add_json("reading.json", &store::export::reading(&mut conn, user.id).await?)?;
    let events = store::export::events(&mut conn, user.id).await?;
    let events: Vec<_> = events
        .into_iter()
        .map(|(at, kind)| serde_json::json!({ "at": at, "kind": kind }))
        .collect();
    files.add_json("events.json", &events)
}

async fn posts(app: &App, viewer: &Viewer, files: &mut Files) -> Result<()> {
    let mut tags: HashMap<PostId, Vec<String>> = HashMap::new();
    let mut conn = app.db.conn().await?;
    for (post, tag) in store::export::tags(&mut conn, viewer.id).await? {
        tags.entry(post).or_default().push(tag);
    }
    let mut entries = Vec::new();
    let mut after = PostId(0);
    loop {
        let page = store::export::posts(&mut conn, viewer.id, after).await?;
        let Some(newest) = page.last() else { break };
        after = newest.id;
        for post in page {
            let tags = tags.remove(&post.id).unwrap_or_default();
            files.add(file_name(&post), markdown(&post, &tags).into_bytes())?;
            let mut entry = serde_json::to_value(&post)?;
            entry["tags"] = tags.into();
            entry["file"] = file_name(&post).into();
            entries.push(entry);
        }
    }
    files.add_json("posts.json", &entries)
}

/// What they said, liked and reported under posts.
async fn comments(app: &App, viewer: &Viewer, files: &mut Files) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let mut entries = Vec::new();
    let mut after = CommentId(0);
    loop {
        let page = store::export::comments(&mut conn, viewer.id, after).await?;
        let Some(newest) = page.last() else { break };
        after = newest.id;
        entries.extend(page);
    }
    files.add_json("comments.json", &entries)?;
    let likes: Vec<_> = store::export::comment_likes(&mut conn, viewer.id)
        .await?
        .into_iter()
        .map(|(comment, at)| serde_json::json!({ "comment": comment, "at": at }))
        .collect();
    files.add_json("comment_likes.json", &likes)?;
    let reports: Vec<_> = store::export::reports(&mut conn, viewer.id)
        .await?
        .into_iter()
        .map(|(comment, at, reason, note)| {
            serde_json::json!({ "comment": comment, "at": at, "reason": reason, "note": note })
        })
        .collect();
    files.add_json("comment_reports.json", &reports)
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
