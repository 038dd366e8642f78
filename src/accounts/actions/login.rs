//! Logging in and out, and showing again who one is.

use base64::Engine as _;
use subtle::ConstantTimeEq as _;

use super::{load, state};
use crate::{
    Error, Result,
    accounts::{
        User, Viewer, passwords,
        sessions::{self, Browser, Opened, Renewed},
        store,
        throttle::{self, Key},
    },
    app::App,
    events::{self, Event},
    ids::{SessionId, UserId},
};

/// One message for a wrong name and a wrong password: it does not tell which names there are.
const WRONG: &str = "The name or the password is not right. Please look at both again.";

/// How long the offer to have an account back stands.
const OFFER: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

/// A name (or an address) and a password.
#[derive(Debug, Clone, Copy)]
pub struct LoginInput<'a> {
    pub name: &'a str,
    pub password: &'a str,
    pub remember: bool,
}

/// What the right password leads to; a wrong one is [`Error::Invalid`].
#[derive(Debug)]
pub enum Outcome {
    In(Opened),
    /// The address has to be confirmed first.
    Unconfirmed,
    /// Somebody who runs the site has closed the account.
    LockedOut,
    /// The owner has closed it, and may have it back.
    MayReturn(Return),
}

/// An offer to open a closed account again, with proof that the password was right.
#[derive(Debug, Clone)]
pub struct Return {
    pub ticket: String,
    pub username: String,
    pub delete_after: Option<chrono::DateTime<chrono::Utc>>,
}

/// Logs somebody in.
pub async fn log_in(app: &App, input: &LoginInput<'_>, browser: &Browser) -> Result<Outcome> {
    let dummy = passwords::dummy(app).await?;
    let found = find(app, input.name.trim(), browser).await?;
    throttle::charge(app, &found.key).await?;
    let hash = found.user.as_ref().map_or(&dummy, |user| &user.password_hash);
    let is_right = passwords::verify(app, input.password, hash).await?;
    let Some(user) = found.user.filter(|_| is_right) else {
        let mut tx = app.db.begin().await?;
        events::record(app, &mut tx, Event::LoginFailed { user: found.id }).await?;
        tx.commit().await?;
        return Err(Error::invalid("login", WRONG));
    };
    if let Some(outcome) = closed(app, &user).await? {
        let mut tx = app.db.begin().await?;
        store::throttle::clear(&mut tx, &found.key).await?;
        tx.commit().await?;
        return Ok(outcome);
    }
    open(app, user, &found.key, input, browser).await.map(Outcome::In)
}

struct Found {
    user: Option<User>,
    id: Option<UserId>,
    /// What failures are counted by.
    key: String,
}

/// Finds an account by its name, else by its address, and what its tries are counted by.
async fn find(app: &App, name: &str, browser: &Browser) -> Result<Found> {
    let mut conn = app.db.conn().await?;
    let user = if name.contains('@') {
        store::users::by_email(&mut conn, name).await?
    } else {
        store::users::by_username(&mut conn, name).await?
    };
    let mut key = Key::Typed(name).hash(app);
    let Some(user) = user else {
        return Ok(Found { user: None, id: None, key });
    };
    if let Some(device) = &browser.device
        && sessions::is_known(&mut conn, user.id, browser, app.clock.now()).await?
    {
        key = Key::Device(device).hash(app);
    }
    Ok(Found { id: Some(user.id), user: Some(user), key })
}

/// Why somebody with the right password cannot come in yet.
async fn closed(app: &App, user: &User) -> Result<Option<Outcome>> {
    if state::is_locked_out(app, user).await? {
        return Ok(Some(Outcome::LockedOut));
    }
    if !user.email_confirmed {
        return Ok(Some(Outcome::Unconfirmed));
    }
    if user.is_active && user.delete_after.is_none() {
        return Ok(None);
    }
    Ok(Some(Outcome::MayReturn(Return {
        ticket: ticket(app, user, (app.clock.now() + OFFER).timestamp()),
        username: user.username.clone(),
        delete_after: user.delete_after,
    })))
}

async fn open(
    app: &App,
    mut user: User,
    key: &str,
    input: &LoginInput<'_>,
    browser: &Browser,
) -> Result<Opened> {
    let better = if passwords::is_outdated(&app.config, &user.password_hash) {
        Some(passwords::hash(app, input.password).await?)
    } else {
        None
    };
    let mut tx = app.db.begin().await?;
    if let Some(better) = better {
        let hashes = (user.password_hash.as_str(), better.as_str());
        store::users::rehash(&mut tx, user.id, hashes, app.clock.now()).await?;
        user.password_hash = better;
    }
    let opened = sessions::open(app, &mut tx, &user, browser, input.remember).await?;
    let opened = opened.ok_or_else(|| Error::invalid("login", WRONG))?;
    store::throttle::clear(&mut tx, key).await?;
    tx.commit().await?;
    Ok(opened)
}

/// A proof that the password was right a moment ago, good for opening this account as it is now.
fn ticket(app: &App, user: &User, until: i64) -> String {
    let (id, until) = (user.id.to_string(), until.to_string());
    let deletion = user.delete_after.map_or(String::new(), |at| at.timestamp_micros().to_string());
    let code = app.keys.sign("return", &[&id, &until, &user.password_hash, &deletion]);
    let code = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(code);
    format!("{id}.{until}.{code}")
}

/// Opens a closed account again and logs its owner in.
pub async fn come_back(
    app: &App,
    ticket_text: &str,
    remember: bool,
    browser: &Browser,
) -> Result<Opened> {
    let mut parts = ticket_text.split('.');
    let id = parts.next().and_then(|text| text.parse().ok()).ok_or(Error::Gone)?;
    let until: i64 = parts.next().and_then(|text| text.parse().ok()).ok_or(Error::Gone)?;
    let user = load(app, UserId(id)).await.map_err(|_| Error::Gone)?;
    let is_ours: bool = ticket(app, &user, until).as_bytes().ct_eq(ticket_text.as_bytes()).into();
    let is_closed = !user.is_active || user.delete_after.is_some();
    if !is_ours || !is_closed || until < app.clock.now().timestamp() {
        return Err(Error::Gone);
    }
    if state::is_locked_out(app, &user).await? {
        return Err(Error::Forbidden);
    }
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    if !store::users::set_active(&mut tx, user.id, true, None, now).await? {
        return Err(Error::Gone);
    }
    let event = Event::UserReactivated { user: user.id, by: Some(user.id) };
    events::record(app, &mut tx, event).await?;
    let opened = sessions::open(app, &mut tx, &user, browser, remember).await?;
    tx.commit().await?;
    opened.ok_or(Error::Gone)
}

/// Ends the session of this browser.
pub async fn log_out(app: &App, viewer: &Viewer) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::sessions::delete(&mut tx, viewer.id, viewer.session).await?;
    let event = Event::UserLoggedOut { user: viewer.id, session: viewer.session };
    events::record(app, &mut tx, event).await?;
    tx.commit().await
}

/// Checks the password of somebody logged in. Wrong ones are counted by session: a stolen session
/// cannot guess, and does not slow the owner down elsewhere.
pub(super) async fn check_own_password(
    app: &App,
    viewer: &Viewer,
    field: &'static str,
    password: &str,
) -> Result<User> {
    let key = Key::Session(viewer.session.0).hash(app);
    throttle::charge(app, &key).await?;
    let user = load(app, viewer.id).await?;
    if !passwords::verify(app, password, &user.password_hash).await? {
        return Err(Error::invalid(field, "This is not your password."));
    }
    let mut tx = app.db.begin().await?;
    store::throttle::clear(&mut tx, &key).await?;
    tx.commit().await?;
    Ok(user)
}

/// Somebody logged in shows again that it is they (X15); the session gets a new token.
pub async fn prove(app: &App, viewer: &Viewer, password: &str) -> Result<Renewed> {
    check_own_password(app, viewer, "password", password).await?;
    let mut tx = app.db.begin().await?;
    let renewed = sessions::renew(app, &mut tx, viewer.session).await?;
    let app = app.clone();
    tx.after_commit(move || sessions::forget(&app));
    tx.commit().await?;
    renewed.ok_or(Error::Unauthenticated)
}

/// Ends one of a person's sessions.
pub async fn end_session(app: &App, viewer: &Viewer, session: SessionId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if store::sessions::delete(&mut tx, viewer.id, session).await? == 0 {
        return Err(Error::NotFound);
    }
    events::record(app, &mut tx, Event::UserLoggedOut { user: viewer.id, session }).await?;
    tx.commit().await
}

/// Ends all of a person's sessions but this one.
pub async fn end_other_sessions(app: &App, viewer: &Viewer) -> Result<u64> {
    let mut tx = app.db.begin().await?;
    let ended = store::sessions::delete_others(&mut tx, viewer.id, viewer.session).await?;
    events::record(app, &mut tx, Event::SessionsEnded { user: viewer.id }).await?;
    tx.commit().await?;
    Ok(ended)
}
