//! Mails that answer an address somebody typed: they are written here and not where it was typed,
//! so that the answer to the form costs the same time whoever the address belongs to (X07). And
//! the files with people's data.

use serde::{Deserialize, Serialize};

use super::{
    User, actions, mails, store,
    tokens::{self, Purpose},
};
use crate::{
    Result,
    app::App,
    events::{self, Event},
    ids::UserId,
    jobs::Job,
    mail,
};

/// Sends a link to confirm an address, or tells its owner that there is an account already.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendConfirmation {
    pub email: String,
}

impl Job for SendConfirmation {
    const KIND: &'static str = "send_confirmation";

    async fn run(self, app: &App) -> Result<()> {
        let Some(user) = owner(app, &self.email).await? else { return Ok(()) };
        let mut tx = app.db.begin().await?;
        let letter = if user.email_confirmed {
            mails::already_registered(app, &user)
        } else {
            confirmation(app, &mut tx, &user).await?
        };
        mail::queue(app, &mut tx, letter).await?;
        tx.commit().await
    }
}

/// Sends a link to choose a new password. Who has not confirmed the address yet does that first.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendReset {
    pub email: String,
}

impl Job for SendReset {
    const KIND: &'static str = "send_reset";

    async fn run(self, app: &App) -> Result<()> {
        let Some(user) = owner(app, &self.email).await? else { return Ok(()) };
        if actions::is_locked_out(app, &user).await? {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        let letter = if user.email_confirmed {
            let life = app.config.accounts.reset_link.delta();
            let about = (user.id, user.email.as_str());
            let token = tokens::issue(app, &mut tx, Purpose::Reset, about, life).await?;
            let event = Event::PasswordResetRequested { user: user.id };
            events::record(app, &mut tx, event).await?;
            mails::reset_password(app, &user, &token)
        } else {
            confirmation(app, &mut tx, &user).await?
        };
        mail::queue(app, &mut tx, letter).await?;
        tx.commit().await
    }
}

/// Makes the file with somebody's data.
#[derive(Debug, Serialize, Deserialize)]
pub struct MakeExport {
    pub user: UserId,
}

impl Job for MakeExport {
    const KIND: &'static str = "make_export";

    async fn run(self, app: &App) -> Result<()> {
        actions::make_export(app, self.user).await
    }
}

/// Removes one that nobody may fetch any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct RemoveExport {
    pub name: String,
    pub parts: i64,
}

impl Job for RemoveExport {
    const KIND: &'static str = "remove_export";

    async fn run(self, app: &App) -> Result<()> {
        actions::remove_archive(&app.files, &self.name, self.parts).await
    }
}

async fn owner(app: &App, email: &str) -> Result<Option<User>> {
    let mut conn = app.db.conn().await?;
    store::users::by_email(&mut conn, email).await
}

async fn confirmation(app: &App, tx: &mut crate::db::Tx, user: &User) -> Result<mail::Outgoing> {
    let life = app.config.accounts.confirm_link.delta();
    let about = (user.id, user.email.as_str());
    let token = tokens::issue(app, tx, Purpose::Confirm, about, life).await?;
    Ok(mails::confirm_email(app, user, &token))
}
