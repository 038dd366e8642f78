//! Sessions: kept in the database by the hash of their token, and for a second in memory.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use super::{Permission, Viewer, roles, store};
use crate::{
    Result,
    app::{App, token_hash},
    ids::{SessionId, UserId},
};

/// How long another instance may believe in a session that was ended here (V12).
const FRESH: Duration = Duration::from_secs(1);

/// How exactly the time of the last request is kept.
const TOUCH_EVERY: TimeDelta = TimeDelta::seconds(60);

/// Sessions read lately, and which of them were used since.
struct Known {
    viewers: moka::sync::Cache<String, Arc<Viewer>>,
    touched: Mutex<HashMap<SessionId, (UserId, DateTime<Utc>)>>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            viewers: moka::sync::Cache::builder().max_capacity(50_000).time_to_live(FRESH).build(),
            touched: Mutex::default(),
        }
    }
}

/// Whoever holds this token, if their session is alive.
pub async fn viewer(app: &App, token: &str) -> Result<Option<Arc<Viewer>>> {
    let hash = token_hash(token);
    let known = app.state::<Known>();
    if let Some(viewer) = known.viewers.get(&hash) {
        return Ok(Some(viewer));
    }
    let now = app.clock.now();
    let mut conn = app.db.conn().await?;
    let Some(row) = store::session(&mut conn, &hash, now).await? else { return Ok(None) };
    drop(conn);
    let permissions = roles::permissions(app, row.role_id).await?;
    let accounts = &app.config.accounts;
    let idle = if permissions.has(Permission::ModerateComments) {
        accounts.session_idle_staff
    } else {
        accounts.session_idle
    };
    if !row.remember && now - row.last_seen_at > idle.delta() {
        return Ok(None);
    }
    if now - row.last_seen_at > TOUCH_EVERY {
        known.touched.lock().insert(row.session_id, (row.user_id, now));
    }
    let viewer = Arc::new(Viewer {
        id: row.user_id,
        session: row.session_id,
        username: row.username,
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        avatar_filename: row.avatar_filename,
        theme: row.theme,
        role_id: row.role_id,
        permissions,
        proved_at: row.proved_at,
    });
    known.viewers.insert(hash, Arc::clone(&viewer));
    Ok(Some(viewer))
}

/// Forgets what was read of a person's sessions, after a change to them.
pub fn forget(app: &App) {
    app.state::<Known>().viewers.invalidate_all();
}

/// Writes down which sessions were used lately, all at once.
pub async fn flush_touched(app: &App) -> Result<()> {
    let touched = std::mem::take(&mut *app.state::<Known>().touched.lock());
    if touched.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for (session, (user, at)) in touched {
        store::touch_session(&mut tx, session, user, at).await?;
    }
    tx.commit().await
}
