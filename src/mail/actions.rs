//! Putting a mail into the outbox.

use super::store;
use crate::{
    Result,
    app::App,
    db::Tx,
    ids::{MailId, UserId},
};

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// What kind of mail it is: `confirm_email`, `reset_password` …
    pub kind: &'static str,
    pub user: Option<UserId>,
    pub to: String,
    pub reply_to: Option<String>,
    pub subject: String,
    pub content: Content,
}

/// What a mail says; the HTML part and the text part are both made of it.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// `Hello Ana,`
    pub greeting: String,
    pub paragraphs: Vec<String>,
    /// The button: its words and an absolute address.
    pub action: Option<(String, String)>,
    /// Small print below the button.
    pub notes: Vec<String>,
    /// Why the reader gets this mail.
    pub reason: String,
}

/// Puts a mail into the outbox, in the transaction of its cause.
pub async fn queue(app: &App, tx: &mut Tx, mail: Outgoing) -> Result<MailId> {
    store::insert(tx, &mail, app.clock.now()).await
}

/// Forgets what was written to somebody who is deleted: the rows stay for the count, without
/// address and text, and what was not sent yet is not sent.
pub async fn forget_user(app: &App, tx: &mut Tx, user: UserId, email: &str) -> Result<()> {
    store::forget_user(tx, user, email, app.clock.now()).await
}
