//! Blocking and muting.

use super::{follows, store};
use crate::{
    Error, Result,
    accounts::Viewer,
    app::App,
    db::{Conn, Tx},
    events::{self, Event},
    ids::UserId,
};

/// Blocks somebody, or takes it back; says which. Whoever is blocked and whoever blocks stop
/// following each other.
pub async fn toggle_block(app: &App, viewer: &Viewer, username: &str) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let whom = target(&mut tx, viewer, username).await?;
    follows::lock(&mut tx, viewer.id, whom).await?;
    let blocked = !store::relations::unblock(&mut tx, viewer.id, whom).await?;
    if blocked {
        store::relations::block(&mut tx, viewer.id, whom, app.clock.now()).await?;
        follows::stop(app, &mut tx, viewer.id, whom).await?;
        follows::stop(app, &mut tx, whom, viewer.id).await?;
        events::record(app, &mut tx, Event::UserBlocked { user: viewer.id, blocked: whom }).await?;
    } else {
        let event = Event::UserUnblocked { user: viewer.id, blocked: whom };
        events::record(app, &mut tx, event).await?;
    }
    tx.commit().await?;
    Ok(blocked)
}

/// Mutes somebody, or takes it back; says which.
pub async fn toggle_mute(app: &App, viewer: &Viewer, username: &str) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let whom = target(&mut tx, viewer, username).await?;
    let muted = !store::relations::unmute(&mut tx, viewer.id, whom).await?;
    let event = if muted {
        store::relations::mute(&mut tx, viewer.id, whom, app.clock.now()).await?;
        Event::UserMuted { user: viewer.id, muted: whom }
    } else {
        Event::UserUnmuted { user: viewer.id, muted: whom }
    };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(muted)
}

async fn target(tx: &mut Tx, viewer: &Viewer, username: &str) -> Result<UserId> {
    // Somebody who went away can still be let go: the name need not be active.
    let whom = store::people::any_by_username(tx, username).await?.ok_or(Error::NotFound)?;
    if whom == viewer.id {
        return Err(Error::Refused("You cannot block or mute yourself.".into()));
    }
    Ok(whom)
}

/// Whether a reader is kept from what somebody writes: one of the two has blocked the other, and
/// the reader is none of those who have to see everything.
pub async fn keeps_apart(conn: &mut Conn, reader: Option<&Viewer>, other: UserId) -> Result<bool> {
    match reader.filter(|reader| reader.id != other && !reader.sees_past_blocks()) {
        Some(reader) => store::relations::is_blocked(conn, reader.id, other).await,
        None => Ok(false),
    }
}
