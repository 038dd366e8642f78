//! What can be done with accounts, each in its own transaction.

mod addresses;
mod archive;
mod export;
mod login;
mod password;
mod profile;
mod register;
mod state;

pub use self::{
    addresses::{change_email, confirm_email, request_email_change, resend_confirmation},
    archive::remove as remove_archive,
    export::{EXPORT_LIFE, make_export, open_export, own_export, request_export},
    login::{
        LoginInput, Outcome, Return, come_back, end_other_sessions, end_session, log_in, log_out,
        prove,
    },
    password::{change_password, request_reset, reset_password, set_password, shell_reset_link},
    profile::{set_theme, update_profile},
    register::{NewMember, create, register, set_up},
    state::{deactivate, is_locked_out, purge_due, reactivate, request_deletion, set_role, tick},
};
use super::{
    User, Viewer,
    store::{self, sessions::SessionInfo, users::Listed},
};
use crate::{Error, Result, app::App, ids::UserId};

/// The account of somebody logged in, as it is now.
pub async fn own(app: &App, viewer: &Viewer) -> Result<User> {
    load(app, viewer.id).await
}

/// A person's sessions, the last used first.
pub async fn own_sessions(app: &App, viewer: &Viewer) -> Result<Vec<SessionInfo>> {
    let mut conn = app.db.conn().await?;
    store::sessions::of(&mut conn, viewer.id, app.clock.now()).await
}

/// Whether the site has its first account.
pub async fn is_set_up(app: &App) -> Result<bool> {
    let mut conn = app.db.conn().await?;
    store::users::any(&mut conn).await
}

/// Whether somebody's address is confirmed.
pub async fn is_confirmed(app: &App, user: UserId) -> Result<bool> {
    Ok(load(app, user).await?.email_confirmed)
}

/// The name of somebody, for a page that only the owner of a link sees.
pub async fn username(app: &App, user: UserId) -> Result<String> {
    Ok(load(app, user).await?.username)
}

/// The account with a name, for the shell.
pub async fn find(app: &App, username: &str) -> Result<User> {
    let mut conn = app.db.conn().await?;
    store::users::by_username(&mut conn, username.trim())
        .await?
        .ok_or_else(|| Error::invalid("username", format!("There is no account {username}.")))
}

/// A page of all accounts by name, for the shell.
pub async fn list(app: &App, after: &str) -> Result<Vec<Listed>> {
    let mut conn = app.db.conn().await?;
    store::users::listed(&mut conn, after, 200).await
}

async fn load(app: &App, user: UserId) -> Result<User> {
    let mut conn = app.db.conn().await?;
    store::users::by_id(&mut conn, user).await?.ok_or(Error::NotFound)
}

/// Words that a password of this person must not be made of.
fn about(app: &App, username: &str, email: &str) -> super::passwords::About {
    super::passwords::About {
        username: username.to_owned(),
        email: email.to_owned(),
        site: app.config.site.name.clone(),
    }
}
