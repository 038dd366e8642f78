//! Sessions: kept in the database by the hash of their token, and for a second in memory.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use super::{
    Permission, User, Viewer, mails, roles,
    store::{self, sessions::NewSession},
};
use crate::{
    Result,
    app::{App, token_hash},
    db::{Conn, Tx},
    events::{self, Event},
    ids::{SessionId, UserId},
    mail,
};

/// How long another instance may believe in a session that was ended here (V12).
const FRESH: Duration = Duration::from_secs(1);

/// How exactly the time of the last request is kept.
const TOUCH_EVERY: TimeDelta = TimeDelta::seconds(60);

/// How long a device is known after its last login (X08).
pub const DEVICE_LIFE: TimeDelta = TimeDelta::days(180);

/// Which browser asks, as far as a session wants to know.
#[derive(Debug, Default, Clone)]
pub struct Browser {
    /// The token of the session it has now.
    pub session: Option<String>,
    /// The token that it is known by.
    pub device: Option<String>,
    pub user_agent: String,
    /// The address with its end cut off.
    pub address: String,
}

impl Browser {
    /// A browser made up, for mails to look at.
    pub fn sample() -> Self {
        Self {
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
                .to_owned(),
            address: "203.0.113.0".to_owned(),
            ..Self::default()
        }
    }
}

/// What a browser gets when somebody has logged in.
#[derive(Debug, Clone)]
pub struct Opened {
    pub token: String,
    pub remember: bool,
    /// What the browser is known by from now on.
    pub device: String,
}

/// A session that was given another token.
#[derive(Debug, Clone)]
pub struct Renewed {
    pub token: String,
    pub remember: bool,
}

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

/// Whoever holds this token, if their session is alive; they are then seen.
pub async fn viewer(app: &App, token: &str) -> Result<Option<Arc<Viewer>>> {
    find(app, token, true).await
}

/// The same for what goes on by itself, as an open stream: nobody is seen, and the session grows no
/// older for it.
pub async fn look(app: &App, token: &str) -> Result<Option<Arc<Viewer>>> {
    find(app, token, false).await
}

async fn find(app: &App, token: &str, seen: bool) -> Result<Option<Arc<Viewer>>> {
    let hash = token_hash(token);
    let known = app.state::<Known>();
    if let Some(viewer) = known.viewers.get(&hash) {
        return Ok(Some(viewer));
    }
    let now = app.clock.now();
    let mut conn = app.db.conn().await?;
    let Some(row) = store::sessions::by_token(&mut conn, &hash, now).await? else {
        return Ok(None);
    };
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
    let touch = now - row.last_seen_at > TOUCH_EVERY;
    if touch && seen {
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
        unread_count: row.unread_count,
        proved_at: row.proved_at,
    });
    // What only looked must not hide the next request from being seen.
    if seen || !touch {
        known.viewers.insert(hash, Arc::clone(&viewer));
    }
    Ok(Some(viewer))
}

/// Begins a session; the one that this browser had before ends (X12). `None` when the account is
/// not any more what it was when its password was checked.
pub async fn open(
    app: &App,
    tx: &mut Tx,
    user: &User,
    browser: &Browser,
    remember: bool,
) -> Result<Option<Opened>> {
    let now = app.clock.now();
    if !store::users::log_in(tx, user.id, &user.password_hash, now).await? {
        return Ok(None);
    }
    if let Some(old) = &browser.session {
        store::sessions::delete_by_token(tx, &token_hash(old)).await?;
    }
    let token = app.random.token()?;
    let new = NewSession {
        user: user.id,
        token_hash: &token_hash(&token),
        remember,
        expires_at: now + app.config.accounts.session_remember.delta(),
        user_agent: &browser.user_agent,
        address: &browser.address,
    };
    store::sessions::insert(tx, &new, now).await?;
    // The first time that somebody comes in, every browser is new, and nobody is surprised.
    if user.last_seen > user.created_at && !is_known(tx, user.id, browser, now).await? {
        mail::queue(app, tx, mails::new_device(app, user, browser, now)).await?;
    }
    let device = know_device(app, tx, user.id, browser).await?;
    events::record(app, tx, Event::UserLoggedIn { user: user.id, remember }).await?;
    Ok(Some(Opened { token, remember, device }))
}

/// Whether an account was used with this browser before.
pub async fn is_known(
    conn: &mut Conn,
    user: UserId,
    browser: &Browser,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(device) = &browser.device else { return Ok(false) };
    store::sessions::device_is_known(conn, user, &token_hash(device), now - DEVICE_LIFE).await
}

/// Knows a browser again. A cookie that we did not give is not taken over.
pub async fn know_device(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    browser: &Browser,
) -> Result<String> {
    let now = app.clock.now();
    let since = now - DEVICE_LIFE;
    let ours = match &browser.device {
        Some(device) => {
            let hash = token_hash(device);
            store::sessions::device_is_ours(tx, &hash, since).await?.then(|| device.clone())
        }
        None => None,
    };
    let device = match ours {
        Some(device) => device,
        None => app.random.token()?,
    };
    store::sessions::know_device(tx, user, &token_hash(&device), now).await?;
    Ok(device)
}

/// Gives a session another token, because its owner has just shown who they are (X12).
pub async fn renew(app: &App, tx: &mut Tx, session: SessionId) -> Result<Option<Renewed>> {
    let token = app.random.token()?;
    let now = app.clock.now();
    let remember = store::sessions::renew(tx, session, &token_hash(&token), now).await?;
    Ok(remember.map(|remember| Renewed { token, remember }))
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
        store::sessions::touch(&mut tx, session, user, at).await?;
    }
    tx.commit().await
}
