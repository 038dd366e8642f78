//! Another password: because one wants it, or because the old one is lost.

use super::{about, find, load, login::check_own_password};
use crate::{
    Error, Result,
    accounts::{
        User, Viewer, input,
        jobs::SendReset,
        mails, passwords,
        sessions::{self, Browser, Renewed},
        store, throttle,
        tokens::{self, Link, Purpose},
    },
    app::{App, token_hash},
    db::Tx,
    error::FieldErrors,
    events::{self, Event},
    ids::UserId,
    jobs, mail,
};

/// Changes one's own password. All other sessions end, this one gets a new token.
pub async fn change_password(
    app: &App,
    viewer: &Viewer,
    current: &str,
    (new, again): (&str, &str),
) -> Result<Renewed> {
    let user = check_own_password(app, viewer, "current_password", current).await?;
    let mut errors = FieldErrors::default();
    if new == current {
        errors.add("new_password", "This is the password you have. Choose another.");
    }
    let judged = passwords::judge(app, new, about(app, &user.username, &user.email)).await?;
    errors.check("new_password", judged);
    errors.check("confirm_password", input::same(new, again));
    errors.into_result()?;
    let hash = passwords::hash(app, new).await?;

    let mut tx = app.db.begin().await?;
    // Of two changes from the same password the second one came too late.
    let hashes = (user.password_hash.as_str(), hash.as_str());
    if !store::users::rehash(&mut tx, user.id, hashes, app.clock.now()).await? {
        return Err(Error::invalid("current_password", "The password has just been changed."));
    }
    store_password(app, &mut tx, &user, &hash).await?;
    store::sessions::delete_others(&mut tx, user.id, viewer.session).await?;
    let renewed = sessions::renew(app, &mut tx, viewer.session).await?;
    events::record(app, &mut tx, Event::PasswordChanged { user: user.id }).await?;
    tx.commit().await?;
    renewed.ok_or(Error::Unauthenticated)
}

/// What every change of a password does: links that were on their way are void, and its owner
/// is told.
async fn store_password(app: &App, tx: &mut Tx, user: &User, hash: &str) -> Result<()> {
    let now = app.clock.now();
    store::users::set_password(tx, user.id, hash, now).await?;
    store::tokens::void_all(tx, user.id, now).await?;
    mail::queue(app, tx, mails::password_changed(app, user, now)).await?;
    Ok(())
}

/// Somebody has lost the password. The answer is the same for every address.
pub async fn request_reset(app: &App, email: &str) -> Result<()> {
    let email = input::email(email).map_err(|message| Error::invalid("email", message))?;
    let mut tx = app.db.begin().await?;
    jobs::enqueue(app, &mut tx, &SendReset { email }, app.clock.now()).await?;
    tx.commit().await
}

/// Sets a new password by a link, which is then used up. It logs nobody in; the browser is known
/// from now on, so that nobody can slow its owner down (X08). Gives the token to know it by.
pub async fn reset_password(
    app: &App,
    token: &str,
    (new, again): (&str, &str),
    browser: &Browser,
) -> Result<String> {
    let Link::Good { user: Some(user), .. } = tokens::look(app, Purpose::Reset, token).await?
    else {
        return Err(Error::Gone);
    };
    let user = load(app, user).await?;
    let mut errors = FieldErrors::default();
    let judged = passwords::judge(app, new, about(app, &user.username, &user.email)).await?;
    errors.check("password", judged);
    errors.check("confirm_password", input::same(new, again));
    errors.into_result()?;
    let hash = passwords::hash(app, new).await?;

    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let link = store::tokens::consume(&mut tx, Purpose::Reset, &token_hash(token), now).await?;
    link.ok_or(Error::Gone)?;
    store_password(app, &mut tx, &user, &hash).await?;
    store::sessions::delete_all(&mut tx, user.id).await?;
    store::sessions::forget_devices(&mut tx, user.id).await?;
    throttle::forgive(app, &mut tx, &user).await?;
    let device = sessions::know_device(app, &mut tx, user.id, browser).await?;
    events::record(app, &mut tx, Event::PasswordResetCompleted { user: user.id }).await?;
    tx.commit().await?;
    Ok(device)
}

/// A link to choose a new password, for the operator to hand on.
pub async fn shell_reset_link(app: &App, username: &str) -> Result<String> {
    let user = find(app, username).await?;
    let mut tx = app.db.begin().await?;
    let life = app.config.accounts.reset_link.delta();
    let about = (user.id, user.email.as_str());
    let token = tokens::issue(app, &mut tx, Purpose::Reset, about, life).await?;
    let event = Event::PasswordResetRequested { user: user.id };
    events::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(app.url(&format!("/auth/reset-password/{token}")))
}

/// Sets somebody's password from the shell; all their sessions end.
pub async fn set_password(app: &App, username: &str, new: &str) -> Result<UserId> {
    let user = find(app, username).await?;
    let judged = passwords::judge(app, new, about(app, &user.username, &user.email)).await?;
    judged.map_err(|message| Error::invalid("password", message))?;
    let hash = passwords::hash(app, new).await?;
    let mut tx = app.db.begin().await?;
    store_password(app, &mut tx, &user, &hash).await?;
    store::sessions::delete_all(&mut tx, user.id).await?;
    throttle::forgive(app, &mut tx, &user).await?;
    events::record(app, &mut tx, Event::PasswordChanged { user: user.id }).await?;
    tx.commit().await?;
    Ok(user.id)
}
