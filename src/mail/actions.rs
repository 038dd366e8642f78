//! Putting a mail into the outbox, and what an operator does with it there.

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use super::{Content, store};
use crate::{
    Error, Result,
    app::App,
    db::Tx,
    events::{self, Event},
    ids::{MailId, UserId},
    mailer,
    texts::Text,
};

/// How long the outbox remembers what was sent or given up.
const KEEP: TimeDelta = TimeDelta::days(30);

/// The longest subject, in characters.
const SUBJECT: usize = 200;

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// What kind of mail it is: `confirm_email`, `reset_password` …
    pub kind: &'static str,
    pub user: Option<UserId>,
    pub to: String,
    pub reply_to: Option<String>,
    /// Without the site's name, which is put in front.
    pub subject: String,
    pub content: Content,
    /// Where a program leaves this kind of mail with one POST (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// A mail as it stands in the outbox.
pub(super) struct Written<'a> {
    pub mail: &'a Outgoing,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub message_id: String,
}

/// Puts a mail into the outbox, in the transaction of its cause. The worker is woken as soon as
/// the commit has succeeded.
pub async fn queue(app: &App, tx: &mut Tx, mail: Outgoing) -> Result<MailId> {
    let addresses = std::iter::once(&mail.to).chain(&mail.reply_to);
    for address in addresses {
        if !mailer::is_address(address) {
            return Err(Error::invalid("email", "This is not an e-mail address."));
        }
    }
    let subject = subject(app, &mail.subject);
    let written = Written {
        text: mail.content.text(app)?,
        html: mail.content.html(app, &subject)?,
        message_id: message_id(app),
        subject,
        mail: &mail,
    };
    let id = store::insert(tx, &written, app.clock.now()).await?;
    let app = app.clone();
    tx.after_commit(move || app.work.notify_waiters());
    Ok(id)
}

/// `[Streamly] Confirm your address`, on one line whatever was typed (X50).
pub fn subject(app: &App, subject: &str) -> String {
    // What looks like an encoded word would be decoded by whoever reads it (RFC 2047), and could
    // hold what is kept out here.
    let whole = one_line(&format!("[{}] {subject}", app.config.site.name)).replace("=?", "= ?");
    if whole.chars().count() <= SUBJECT {
        return whole;
    }
    let mut short: String = whole.chars().take(SUBJECT - 1).collect();
    short.push('…');
    short
}

/// Text without line breaks and control characters, and with single spaces: fit for a header.
pub fn one_line(text: &str) -> String {
    let plain = text.replace(|c: char| c.is_control() || c.is_whitespace() || is_unseen(c), " ");
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Characters that turn the direction of the text after them: they make one address look like
/// another. (Zero-width joiners stay, words and emoji need them.)
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A name no other mail has, at the site's own host; every try to send uses the same.
fn message_id(app: &App) -> String {
    let host = url::Url::parse(&app.base_url()).ok();
    let host = host.as_ref().and_then(url::Url::host_str).unwrap_or("streamly.invalid");
    format!("<{}@{host}>", uuid::Uuid::new_v4())
}

/// Takes a person out of the outbox: what waits for them is not sent any more, and of what was
/// sent only kind and time remain. A farewell is queued after this, with no `user`.
pub async fn forget_user(app: &App, tx: &mut Tx, user: UserId, email: &str) -> Result<()> {
    store::forget_user(tx, user, email, app.clock.now()).await
}

/// Tries everything again that was given up; says how many mails that are. Like the others below,
/// asked for by a person, or (nobody) from the shell.
pub async fn retry_failed(app: &App, by: Option<UserId>) -> Result<u64> {
    let mut tx = app.db.begin().await?;
    let retried = store::retry_failed(&mut tx, app.clock.now()).await?;
    events::record(app, &mut tx, Event::MailResent { by, mail: None }).await?;
    tx.commit().await?;
    app.work.notify_waiters();
    Ok(retried)
}

/// Sends one mail again that was given up or cancelled and still has its text.
pub async fn resend(app: &App, by: Option<UserId>, id: MailId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if !store::resend(&mut tx, id, app.clock.now()).await? {
        return Err(Error::invalid("mail", "There is no such mail that could be sent again."));
    }
    events::record(app, &mut tx, Event::MailResent { by, mail: Some(id) }).await?;
    tx.commit().await?;
    app.work.notify_waiters();
    Ok(())
}

/// Takes one mail out of the queue, unless it is being sent this very moment.
pub async fn cancel(app: &App, by: Option<UserId>, id: MailId) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if !store::cancel(&mut tx, id, app.clock.now()).await? {
        return Err(Error::invalid("mail", "There is no such mail waiting."));
    }
    events::record(app, &mut tx, Event::MailCancelled { by, mail: id }).await?;
    tx.commit().await
}

/// Lets optional mail go to an address again; says whether it had been stopped.
pub async fn allow(app: &App, by: Option<UserId>, address: &str) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let was = store::deliveries::allow(&mut tx, &address.trim().to_lowercase()).await?;
    if was {
        events::record(app, &mut tx, Event::MailAllowed { by }).await?;
    }
    tx.commit().await?;
    Ok(was)
}

/// Forgets mails that were sent, or given up, long ago.
pub async fn sweep(app: &App) -> Result<u64> {
    let mut tx = app.db.begin().await?;
    let swept = store::delete_old(&mut tx, app.clock.now() - KEEP).await?;
    tx.commit().await?;
    Ok(swept)
}

/// When the sweep ran last.
#[derive(Default)]
struct LastSweep(Mutex<Option<DateTime<Utc>>>);

/// Sweeps, when it is time to: once an hour.
pub async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    {
        let state = app.state::<LastSweep>();
        let mut last = state.0.lock();
        if last.is_some_and(|last| now - last < TimeDelta::hours(1)) {
            return Ok(());
        }
        *last = Some(now);
    }
    sweep(app).await.map(drop)
}

/// Sends a mail at once and past the outbox, to see whether the settings are right.
pub async fn send_test(app: &App, to: &str) -> Result<String, mailer::Refusal> {
    let words = Text::new(app, "test-mail");
    let subject = subject(app, &words.whole());
    let content = Content {
        greeting: Text::new(app, "mail-frame").part("hello-nobody"),
        paragraphs: words.parts(&["arrives"]),
        reason: words.part("reason"),
        ..Content::default()
    };
    let broken = |error: Error| mailer::Refusal::Final(error.to_string());
    let letter = mailer::Letter {
        to: to.to_owned(),
        reply_to: None,
        text: content.text(app).map_err(broken)?,
        html: content.html(app, &subject).map_err(broken)?,
        subject,
        message_id: message_id(app),
        return_path: None,
        unsubscribe: None,
    };
    app.mailer.send(&letter).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_line() {
        let table = [
            ("plain", "plain"),
            ("a\r\nBcc: b@c.d", "a Bcc: b@c.d"),
            ("a\nb\tc\u{b}d\u{85}e\u{2028}f\0g", "a b c d e f g"),
            ("  two   spaces ", "two spaces"),
            ("moc.\u{202e}gnorw", "moc. gnorw"),
            ("日本語 \u{1f469}\u{200d}\u{1f4bb}", "日本語 \u{1f469}\u{200d}\u{1f4bb}"),
        ];
        for (text, expected) in table {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }
}
