//! The worker: takes mails out of the outbox and gives them to the mail server, until each is
//! taken, refused for good, or a day old (X65).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::{
    bounces, pace,
    store::{self, Mail},
};
use crate::{
    Result,
    app::App,
    config::Environment,
    mailer::{Letter, Refusal},
};

/// After how many minutes a mail is tried again. Together they are most of a day.
const WAITS: [i64; 9] = [1, 5, 15, 60, 240, 240, 240, 240, 240];

/// What stands in the row of a mail whose last try nobody brought to its end.
const INTERRUPTED: &str = "the last try was interrupted, and may have sent it";

/// Why optional mail to an address is not sent any more.
const UNWANTED: &str = "mail to this address came back, or was called unwanted";

/// The same when it happened again.
const TWICE: &str = "interrupted twice; it may have arrived. Retry or cancel it by hand";

/// How often a mail is sent again that may have been sent when its worker died. After that it is
/// put aside, with its reason, and a person decides.
const REPEATS: i64 = 1;

/// How far the clocks of two instances may be apart.
const CLOCKS: TimeDelta = TimeDelta::minutes(1);

/// Which mails a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taker {
    Any,
    /// Mail that somebody waits for, like the link to a new password: what nobody can leave. It
    /// does not stand behind a digest to thousands.
    Urgent,
}

/// How long the server may take for a whole mail: several steps of `mail.timeout`.
fn patience(app: &App) -> Duration {
    app.config.mail.timeout.duration() * 4 * app.mailer.relays()
}

/// Sends the mail that is due, if there is one. A mail is taken by one worker; when that one
/// dies, another takes the mail after its lease has ended.
pub async fn deliver_next(app: &App, taker: Taker) -> Result<bool> {
    if !app.mailer.is_ready() {
        // Without a server mails wait, and lose no try.
        return Ok(false);
    }
    let now = app.clock.now();
    let mut conn = app.db.conn().await?;
    let is_due = store::is_due(&mut conn, taker, now).await?;
    drop(conn);
    if !is_due {
        return Ok(false);
    }
    let Some(mail) = lease(app, taker, now).await? else {
        // Another worker was faster; there may be more.
        return Ok(true);
    };
    if mail.last_error.as_deref() == Some(INTERRUPTED) {
        if mail.interruptions > REPEATS {
            give_up(app, &mail).await?;
            return Ok(true);
        }
        tracing::warn!(
            mail = mail.id.0,
            kind = mail.kind,
            tries = mail.tries,
            "a mail was being sent when its worker died; it is sent again"
        );
    }
    if mail.list_unsubscribe.is_some() && is_unwanted(app, &mail).await? {
        return Ok(true);
    }
    if let Some(turn) = pace::turn(app, &mail) {
        return postpone(app, &mail, turn).await;
    }
    let letter = Letter {
        to: mail.recipient.clone(),
        reply_to: mail.reply_to.clone(),
        subject: mail.subject.clone(),
        text: mail.text_body.clone(),
        html: mail.html_body.clone(),
        message_id: mail.message_id.clone(),
        return_path: bounces::return_path(app, mail.id),
        unsubscribe: mail.list_unsubscribe.clone(),
    };
    let outcome = tokio::time::timeout(patience(app), app.mailer.send(&letter)).await;
    let outcome = outcome
        .unwrap_or_else(|_| Err(Refusal::Passing("the mail server was too slow".to_owned())));
    note_surely(app, &mail, outcome).await?;
    Ok(true)
}

/// Writes down what became of a try, and does not give up at once: what a server has taken and
/// nobody wrote down is sent a second time.
async fn note_surely(app: &App, mail: &Mail, outcome: Result<String, Refusal>) -> Result<()> {
    const PAUSES: [u64; 3] = [1, 5, 20];
    for pause in PAUSES {
        match note(app, mail, &outcome).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                tracing::warn!(mail = mail.id.0, error = ?error, "the fate of a mail was not written down");
            }
        }
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
    note(app, mail, &outcome).await
}

async fn lease(app: &App, taker: Taker, now: DateTime<Utc>) -> Result<Option<Mail>> {
    let lease = TimeDelta::from_std(patience(app)).unwrap_or_default() + CLOCKS;
    let mut tx = app.db.begin().await?;
    let mail = store::lease(&mut tx, taker, (now, now + lease), INTERRUPTED).await?;
    tx.commit().await?;
    Ok(mail)
}

/// Puts a mail aside whose tries were cut off again and again: it may have arrived.
async fn give_up(app: &App, mail: &Mail) -> Result<()> {
    tracing::error!(
        mail = mail.id.0,
        kind = mail.kind,
        tries = mail.tries,
        "a mail was being sent twice when its worker died; it may have arrived, and is put aside"
    );
    let mut tx = app.db.begin().await?;
    store::refused(&mut tx, mail, (None, TWICE), app.clock.now()).await?;
    tx.commit().await
}

/// Puts optional mail aside whose address bounced or complained; says whether it was.
async fn is_unwanted(app: &App, mail: &Mail) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let unwanted = bounces::is_suppressed(&mut tx, &mail.recipient).await?;
    if unwanted {
        store::refused(&mut tx, mail, (None, UNWANTED), app.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(unwanted)
}

/// Puts a mail back because its domain has had enough for now; that is no try.
async fn postpone(app: &App, mail: &Mail, turn: DateTime<Utc>) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    store::postpone(&mut tx, mail, turn, app.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// Writes down what became of a try.
async fn note(app: &App, mail: &Mail, outcome: &Result<String, Refusal>) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    match outcome {
        Ok(relay) => {
            let keep = app.config.environment != Environment::Production;
            store::sent(&mut tx, mail, (relay, keep), now).await?;
            tracing::info!(mail = mail.id.0, kind = mail.kind, tries = mail.tries, "mail sent");
        }
        Err(refusal) => {
            let (again, reason) = match refusal {
                Refusal::Passing(reason) => (next_try(app, mail.tries, now)?, reason),
                Refusal::Final(reason) => (None, reason),
                Refusal::Unknown(reason) => {
                    bounces::unknown(&mut tx, mail, reason, now).await?;
                    (None, reason)
                }
            };
            tracing::warn!(
                mail = mail.id.0,
                kind = mail.kind,
                tries = mail.tries,
                reason,
                for_good = again.is_none(),
                "mail not sent"
            );
            store::refused(&mut tx, mail, (again, reason), now).await?;
        }
    }
    tx.commit().await
}

/// When a mail is tried again, up to a tenth later than planned so that many do not come at once.
fn next_try(app: &App, tries: i64, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let nth = usize::try_from(tries - 1).unwrap_or(usize::MAX);
    let Some(minutes) = WAITS.get(nth) else { return Ok(None) };
    let chance = i64::from(u16::from_be_bytes(app.random.bytes::<2>()?));
    let millis = minutes * 60_000 + minutes * 6_000 * chance / i64::from(u16::MAX);
    Ok(Some(now + TimeDelta::milliseconds(millis)))
}

/// Sends mails as they come due until the site is to stop: several at once, so that one slow
/// server does not hold up all, and one of them only what somebody waits for. What is being sent
/// when the site is to stop is sent to its end.
pub async fn work(app: App, stopped: watch::Receiver<bool>) {
    const TAKERS: [Taker; 3] = [Taker::Urgent, Taker::Any, Taker::Any];
    let workers = TAKERS.map(|taker| work_alone(&app, taker, stopped.clone()));
    futures_util::future::join_all(workers).await;
}

async fn work_alone(app: &App, taker: Taker, mut stopped: watch::Receiver<bool>) {
    const PAUSE: Duration = Duration::from_secs(2);
    while !*stopped.borrow() {
        let woken = app.work.notified();
        match deliver_next(app, taker).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(error = ?error, "the outbox cannot be read"),
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    }
}
