//! Telling one person of one thing: on the page, by mail at once, or in a letter later.

use super::{
    Choice, Delivery, Kind, Mailing, NotificationTarget, Priority,
    kind::headline,
    mails,
    store::{
        facts,
        readers::{self, Reader},
        write::{self, New},
    },
};
use crate::{
    Result,
    accounts::{self, full_name},
    app::App,
    db::{Conn, Tx},
    events::{self, Event},
    ids::UserId,
    mail,
};

/// The longest title, in characters (R-NOTIF.1).
const TITLE: usize = 200;

/// Something that a person may be told.
#[derive(Debug, Clone)]
pub struct Note {
    pub to: UserId,
    pub kind: Kind,
    pub target: NotificationTarget,
    /// Who did it; nobody for what the site itself says.
    pub actor: Option<UserId>,
    /// What it says, whole: `Ana liked “Rivers”`.
    pub title: String,
    pub message: String,
    /// Where it leads, a path on the site.
    pub path: Option<String>,
    /// The event that it follows from.
    pub source: &'static str,
    pub batch_id: Option<String>,
    pub priority: Priority,
    /// When mail is sent of it to somebody who chose nothing for its kind, if that differs.
    pub mailing: Option<Mailing>,
    /// Nobody is told twice with the same key.
    pub unique_key: String,
    /// What stands on one line with it.
    pub group_key: String,
}

impl Note {
    /// A note of its own line.
    pub fn new(to: UserId, kind: Kind, target: NotificationTarget, key: String) -> Self {
        Self {
            to,
            kind,
            target,
            actor: None,
            title: String::new(),
            message: String::new(),
            path: None,
            source: "",
            batch_id: None,
            priority: kind.priority(),
            mailing: None,
            group_key: key.clone(),
            unique_key: key,
        }
    }
}

/// Who did something, by name.
#[derive(Debug, Clone)]
pub struct Actor {
    pub id: UserId,
    pub username: String,
    pub name: String,
}

/// Finds out how somebody is called.
pub async fn actor(conn: &mut Conn, id: UserId) -> Result<Option<Actor>> {
    let row = facts::name(conn, id).await?;
    Ok(row.map(|(username, first, last)| Actor {
        id,
        name: full_name(&username, first.as_deref(), last.as_deref()),
        username,
    }))
}

/// What the line says when one person did it.
pub fn title(
    app: &App,
    kind: Kind,
    target: NotificationTarget,
    actor: &Actor,
    post: &str,
) -> String {
    headline(&app.texts, kind, target, &actor.name, 0, post).unwrap_or_default()
}

/// Text cut at a number of characters.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}

/// Tells several people of one thing, in the order of their rows, so that two who tell the same
/// people never wait for each other.
pub async fn tell_all(app: &App, tx: &mut Tx, mut notes: Vec<Note>) -> Result<()> {
    notes.sort_by_key(|note| note.to);
    for note in &notes {
        tell(app, tx, note).await?;
    }
    Ok(())
}

/// Tells a person something, unless it is their own act, they keep away from who did it, they do
/// not want to know, or know already.
pub async fn tell(app: &App, tx: &mut Tx, note: &Note) -> Result<()> {
    if note.actor == Some(note.to) {
        return Ok(());
    }
    let Some(reader) = readers::reader(tx, note.to, note.actor, note.kind).await? else {
        return Ok(());
    };
    let mut choice = note.kind.choice(reader.web, reader.mailing.or(note.mailing));
    if !reader.email_confirmed {
        choice.mailing = Mailing::Off;
    }
    if !choice.web && choice.mailing == Mailing::Off {
        return Ok(());
    }
    keep(app, tx, note, &reader, choice).await
}

async fn keep(app: &App, tx: &mut Tx, note: &Note, reader: &Reader, choice: Choice) -> Result<()> {
    let now = app.clock.now();
    let by = i64::from(choice.web);
    let unread = accounts::store::users::add_unread(tx, note.to, by, now).await?;
    let title = cut(&note.title, TITLE);
    let at_once = choice.mailing == Mailing::Now;
    let new = New {
        user: note.to,
        title: &title,
        message: &note.message,
        kind: note.kind,
        priority: note.priority,
        expires_at: note.kind.expires_at(now),
        post: note.target.post(),
        comment: note.target.comment(),
        actor: note.actor,
        delivery: if choice.web { Delivery::Web } else { Delivery::Email },
        delivered_at: at_once.then_some(now),
        digest: matches!(choice.mailing, Mailing::Daily | Mailing::Weekly)
            .then_some(choice.mailing),
        action_url: note.path.as_deref(),
        source: note.source,
        batch_id: note.batch_id.as_deref(),
        group_key: &note.group_key,
        unique_key: &note.unique_key,
    };
    let Some(id) = write::insert(tx, &new, now).await? else {
        accounts::store::users::add_unread(tx, note.to, -by, now).await?;
        return if choice.web && note.kind.comes_back() {
            bring_back(app, tx, note).await
        } else {
            Ok(())
        };
    };
    if choice.web && note.kind.is_grouped() {
        write::lead(tx, note.to, &note.group_key, id, now).await?;
    }
    if at_once {
        mail::queue(app, tx, mails::at_once(app, note, reader)).await?;
    }
    if choice.web {
        let event = Event::NotificationsChanged { user: note.to, unread };
        events::record(app, tx, event).await?;
    }
    Ok(())
}

/// Puts what was told before, and left the page since then, back as it was.
async fn bring_back(app: &App, tx: &mut Tx, note: &Note) -> Result<()> {
    let now = app.clock.now();
    let Some(is_read) = write::bring_back(tx, note.to, &note.unique_key, now).await? else {
        return Ok(()); // It never left.
    };
    if is_read {
        return Ok(());
    }
    let unread = accounts::store::users::add_unread(tx, note.to, 1, now).await?;
    events::record(app, tx, Event::NotificationsChanged { user: note.to, unread }).await
}
