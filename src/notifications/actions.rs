//! What somebody does with their notifications, and what is told to everybody.

use serde::Deserialize;

use super::{
    Priority,
    jobs::Broadcast,
    removal::{Rows, take_away},
    store::{removal, write as store},
};
use crate::{
    Error, Result,
    accounts::{self, Permission, Viewer},
    app::App,
    db::Tx,
    error::FieldErrors,
    events::{self, Event},
    ids::{NotificationId, UserId},
    jobs,
    mail::actions::one_line,
};

/// The longest title, text and address of a message to everybody, in characters.
pub const TITLE: usize = 200;
pub const MESSAGE: usize = 2_000;
pub const PATH: usize = 500;

/// Holds somebody's row, and so their notifications, until the transaction ends.
async fn hold(app: &App, tx: &mut Tx, user: UserId) -> Result<()> {
    accounts::store::users::add_unread(tx, user, 0, app.clock.now()).await.map(drop)
}

/// Changes the count, and tells open pages.
async fn count(app: &App, tx: &mut Tx, user: UserId, by: i64) -> Result<()> {
    if by == 0 {
        return Ok(());
    }
    let unread = accounts::store::users::add_unread(tx, user, by, app.clock.now()).await?;
    events::record(app, tx, Event::NotificationsChanged { user, unread }).await
}

fn number(changed: u64) -> i64 {
    i64::try_from(changed).unwrap_or(i64::MAX)
}

/// Marks a line as read.
pub async fn read(app: &App, viewer: &Viewer, id: NotificationId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    hold(app, &mut tx, viewer.id).await?;
    let held = store::own(&mut tx, viewer.id, id).await?;
    let changed = store::mark_read(&mut tx, viewer.id, &held, app.clock.now()).await?;
    count(app, &mut tx, viewer.id, -number(changed)).await?;
    tx.commit().await
}

/// Marks a line as unread.
pub async fn unread(app: &App, viewer: &Viewer, id: NotificationId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    hold(app, &mut tx, viewer.id).await?;
    let held = store::own(&mut tx, viewer.id, id).await?;
    let changed = store::mark_unread(&mut tx, viewer.id, &held, app.clock.now()).await?;
    count(app, &mut tx, viewer.id, number(changed)).await?;
    tx.commit().await
}

/// Marks everything as read; says how many.
pub async fn read_all(app: &App, viewer: &Viewer) -> Result<u64> {
    let mut tx = app.db.begin().await?;
    hold(app, &mut tx, viewer.id).await?;
    let changed = store::mark_all_read(&mut tx, viewer.id, app.clock.now()).await?;
    count(app, &mut tx, viewer.id, -number(changed)).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Marks a line as read, and says where it leads.
pub async fn open(app: &App, viewer: &Viewer, id: NotificationId) -> Result<Option<String>> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    hold(app, &mut tx, viewer.id).await?;
    let held = store::own(&mut tx, viewer.id, id).await?;
    let changed = store::mark_read(&mut tx, viewer.id, &held, now).await?;
    store::clicked(&mut tx, id, now).await?;
    count(app, &mut tx, viewer.id, -number(changed)).await?;
    tx.commit().await?;
    Ok(held.action_url.filter(|path| is_path(path)))
}

/// Deletes a line with everything that stands under it.
pub async fn delete(app: &App, viewer: &Viewer, id: NotificationId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    hold(app, &mut tx, viewer.id).await?;
    let held = store::own(&mut tx, viewer.id, id).await?;
    loop {
        let line = (id, held.group_key.as_str(), held.is_read);
        let going = removal::same_group(&mut tx, viewer.id, line).await?;
        let was_last = going.len() < removal::BATCH;
        take_away(app, &mut tx, going, Rows::Deleted).await?;
        if was_last {
            break;
        }
    }
    tx.commit().await
}

/// A message to everybody, as it was typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BroadcastInput {
    pub title: String,
    pub message: String,
    pub path: String,
    pub priority: String,
    /// The number that the form was given; sending it again sends nothing twice.
    pub batch_id: String,
}

/// Whether this is an address on the site and nothing that leads away from it.
fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace())
}

fn parse(input: &BroadcastInput) -> Result<Broadcast> {
    let mut errors = FieldErrors::default();
    let text = |typed: &str, most: usize| {
        let text: String =
            typed.chars().filter(|c| !c.is_control() || *c == '\n').collect::<String>();
        let text = text.trim().to_owned();
        match text.chars().count() {
            0 => Err("Please write something here.".to_owned()),
            length if length > most => {
                Err(format!("Please use at most {most} characters; these are {length}."))
            }
            _ => Ok(text),
        }
    };
    let title = errors.check("title", text(&one_line(&input.title), TITLE));
    let message = errors.check("message", text(&input.message, MESSAGE));
    let path = input.path.trim();
    let path = errors.check(
        "path",
        match path {
            "" => Ok(None),
            path if is_path(path) && path.chars().count() <= PATH => Ok(Some(path.to_owned())),
            _ => Err("Give an address on this site that begins with a slash.".to_owned()),
        },
    );
    let priority = errors.check(
        "priority",
        Priority::from_word(&input.priority).ok_or_else(|| "Choose one of these.".to_owned()),
    );
    let batch_id = uuid::Uuid::parse_str(&input.batch_id).ok();
    match (title, message, path, priority, batch_id) {
        (Some(title), Some(message), Some(path), Some(priority), Some(batch_id)) => {
            let batch_id = batch_id.to_string();
            Ok(Broadcast { batch_id, title, message, path, priority, after: UserId(0) })
        }
        (_, _, _, _, None) if errors.is_empty() => {
            Err(Error::invalid("form", "Please open the form again."))
        }
        _ => Err(Error::Invalid(errors)),
    }
}

/// Tells everybody something.
pub async fn broadcast(app: &App, viewer: &Viewer, input: &BroadcastInput) -> Result<()> {
    if !viewer.can(Permission::SendNotifications) {
        return Err(Error::Forbidden);
    }
    let job = parse(input)?;
    let mut tx = app.db.begin().await?;
    let key = format!("broadcast:{}", job.batch_id);
    jobs::enqueue_once(app, &mut tx, &job, app.clock.now(), &key).await?;
    let event = Event::BroadcastSent { by: viewer.id, batch: job.batch_id.clone() };
    events::record(app, &mut tx, event).await?;
    tx.commit().await
}
