//! The e-mail address: confirmed once, changed with both ends knowing.

use super::load;
use crate::{
    Error, Result,
    accounts::{
        Viewer, input,
        jobs::SendConfirmation,
        mails,
        sessions::{self, Renewed},
        store,
        tokens::{self, Purpose},
    },
    app::{App, token_hash},
    events::{self, Event},
    jobs, mail,
};

/// Confirms an address by the link in the mail.
pub async fn confirm_email(app: &App, token: &str) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let link = store::tokens::consume(&mut tx, Purpose::Confirm, &token_hash(token), now).await?;
    let link = link.ok_or(Error::Gone)?;
    let (Some(user), Some(email)) = (link.user_id, link.email) else { return Err(Error::Gone) };
    if !store::users::confirm(&mut tx, user, &email, now).await? {
        return Err(Error::Gone);
    }
    let person = store::users::by_id(&mut tx, user).await?.ok_or(Error::NotFound)?;
    mail::queue(app, &mut tx, mails::welcome(app, &person)).await?;
    events::record(app, &mut tx, Event::EmailConfirmed { user }).await?;
    tx.commit().await
}

/// Somebody wants the link again. The answer is the same for every address.
pub async fn resend_confirmation(app: &App, email: &str) -> Result<()> {
    let email = input::email(email).map_err(|message| Error::invalid("email", message))?;
    let mut tx = app.db.begin().await?;
    jobs::enqueue(app, &mut tx, &SendConfirmation { email }, app.clock.now()).await?;
    tx.commit().await
}

/// Asks for another address: a link goes there, a notice to the old one. Whether the new one has
/// an account is told only to whoever reads its mail.
pub async fn request_email_change(app: &App, viewer: &Viewer, email: &str) -> Result<()> {
    let email = input::email(email).map_err(|message| Error::invalid("email", message))?;
    let user = load(app, viewer.id).await?;
    if store::users::key(&email) == store::users::key(&user.email) {
        return Err(Error::invalid("email", "This is the address you have."));
    }
    let mut tx = app.db.begin().await?;
    let letter = match store::users::by_email(&mut tx, &email).await? {
        Some(other) => mails::already_registered(app, &other),
        None => {
            let life = app.config.accounts.confirm_link.delta();
            let about = (user.id, email.as_str());
            let token = tokens::issue(app, &mut tx, Purpose::ChangeEmail, about, life).await?;
            mails::change_email(app, &user, &email, &token)
        }
    };
    mail::queue(app, &mut tx, letter).await?;
    mail::queue(app, &mut tx, mails::email_change_asked(app, &user)).await?;
    tx.commit().await
}

/// Changes the address by the link in the mail. Every session ends but that of the browser in
/// which the owner has followed the link; that one gets a new token.
pub async fn change_email(
    app: &App,
    viewer: Option<&Viewer>,
    token: &str,
) -> Result<Option<Renewed>> {
    let now = app.clock.now();
    let hash = token_hash(token);
    let mut tx = app.db.begin().await?;
    let link = store::tokens::consume(&mut tx, Purpose::ChangeEmail, &hash, now).await?;
    let link = link.ok_or(Error::Gone)?;
    let (Some(user), Some(email)) = (link.user_id, link.email) else { return Err(Error::Gone) };
    let old = store::users::by_id(&mut tx, user).await?.ok_or(Error::Gone)?;
    if !store::users::set_email(&mut tx, user, &email, now).await? {
        return Err(Error::Gone);
    }
    store::tokens::void_all(&mut tx, user, now).await?;
    let renewed = match viewer.filter(|viewer| viewer.id == user) {
        Some(viewer) => {
            store::sessions::delete_others(&mut tx, user, viewer.session).await?;
            sessions::renew(app, &mut tx, viewer.session).await?
        }
        None => {
            store::sessions::delete_all(&mut tx, user).await?;
            None
        }
    };
    mail::queue(app, &mut tx, mails::email_changed(app, &old)).await?;
    events::record(app, &mut tx, Event::EmailChanged { user }).await?;
    tx.commit().await?;
    Ok(renewed)
}
