//! `streamly mail queue|retry|cancel|test|preview|texts|bounce|suppressed`.

use std::{io::Read as _, path::PathBuf};

use clap::Subcommand;

use super::say;
use crate::{
    app::App,
    ids::MailId,
    mail::{actions, bounces, store},
    mailer::{self, Refusal},
    rooms, texts,
    web::view,
};

#[derive(Subcommand)]
pub enum Step {
    /// Show how many mails have come how far, what has not been sent, and what may have come twice.
    Queue {
        /// How many mails of each are shown.
        #[arg(long, default_value_t = 20)]
        most: u16,
    },
    /// Send again what was given up: all, or one by its number.
    Retry { number: Option<i64> },
    /// Do not send a mail that waits.
    Cancel { number: i64 },
    /// Send a mail at once, to see whether the settings are right.
    Test {
        /// The address to send it to.
        #[arg(long)]
        to: String,
    },
    /// Write a mail of the site to look at; without a name, say which there are.
    Preview {
        name: Option<String>,
        /// The file to write the HTML part to; otherwise the text part is printed.
        #[arg(long)]
        html: Option<PathBuf>,
    },
    /// Print what mails and notifications say, to be translated for the setting `site.texts`.
    Texts,
    /// Read a bounce on standard input, as a mail server pipes it.
    Bounce {
        /// The address it was sent to, when the mail server tells (Postfix: `${original_recipient}`).
        #[arg(long)]
        to: Option<String>,
    },
    /// Show the addresses that get no optional mail any more, because mail to them came back.
    Suppressed {
        /// Send to this address again.
        #[arg(long)]
        allow: Option<String>,
    },
}

pub async fn run(app: App, step: Step) -> anyhow::Result<()> {
    match step {
        Step::Queue { most } => queue(&app, most.into()).await,
        Step::Retry { number: None } => {
            let retried = actions::retry_failed(&app, None).await?;
            say(&match retried {
                0 => "no mail was given up".to_owned(),
                1 => "1 mail is sent again by the running site".to_owned(),
                many => format!("{many} mails are sent again by the running site"),
            });
            Ok(())
        }
        Step::Retry { number: Some(number) } => {
            actions::resend(&app, None, MailId(number)).await?;
            say(&format!("mail {number} is sent again by the running site"));
            Ok(())
        }
        Step::Cancel { number } => {
            actions::cancel(&app, None, MailId(number)).await?;
            say(&format!("mail {number} is not sent"));
            Ok(())
        }
        Step::Preview { name, html } => preview(&app, name.as_deref(), html),
        Step::Texts => {
            say(texts::ENGLISH.trim_end());
            Ok(())
        }
        Step::Bounce { to } => bounce(&app, to.as_deref()).await,
        Step::Suppressed { allow } => suppressed(&app, allow.as_deref()).await,
        Step::Test { to } => test(&app, &to).await,
    }
}

async fn queue(app: &App, most: i64) -> anyhow::Result<()> {
    let mut conn = app.db.conn().await?;
    let counts = store::counts(&mut conn).await?;
    if counts.is_empty() {
        say("the outbox is empty");
    }
    for (status, count) in counts {
        say(&format!("{:<10} {count}", status.as_str()));
    }
    for mail in store::unsent(&mut conn, most).await? {
        let Some(subject) = (!mail.subject.is_empty()).then_some(mail.subject) else { continue };
        say(&format!(
            "\n{} {} to {}\n  {subject}\n  {} tries, next {}{}",
            mail.id,
            mail.status.as_str(),
            mail.recipient,
            mail.tries,
            view::minute(mail.next_try_at),
            mail.last_error.map(|error| format!("\n  {error}")).unwrap_or_default(),
        ));
    }
    let interrupted = store::lists::interrupted(&mut conn, most).await?;
    if !interrupted.is_empty() {
        say("\nsent again after a worker died over them, so they may have come twice:");
    }
    for mail in interrupted {
        say(&format!(
            "{} {} to {}\n  {}",
            mail.id,
            mail.status.as_str(),
            mail.recipient,
            mail.subject
        ));
    }
    Ok(())
}

async fn test(app: &App, to: &str) -> anyhow::Result<()> {
    anyhow::ensure!(mailer::is_address(to), "{to} is not an e-mail address");
    anyhow::ensure!(
        app.mailer.is_ready() && !app.mailer.keeps(),
        "mail.host is not set (STREAMLY_MAIL__HOST): no mail leaves this site"
    );
    match actions::send_test(app, to).await {
        Ok(relay) => {
            say(&format!("{relay} took the mail to {to}"));
            Ok(())
        }
        Err(Refusal::Passing(reason)) => anyhow::bail!("not taken just now: {reason}"),
        Err(Refusal::Final(reason) | Refusal::Unknown(reason)) => {
            anyhow::bail!("refused: {reason}")
        }
    }
}

fn preview(app: &App, name: Option<&str>, html: Option<PathBuf>) -> anyhow::Result<()> {
    let samples = rooms::mail_samples(app);
    let Some(name) = name else {
        for sample in &samples {
            say(&format!("{:<20} {}", sample.kind, sample.subject));
        }
        return Ok(());
    };
    let sample = samples.iter().find(|sample| sample.kind == name).ok_or_else(|| {
        anyhow::anyhow!("there is no mail {name}; `streamly mail preview` lists them")
    })?;
    let subject = actions::subject(app, &sample.subject);
    match html {
        Some(file) => {
            std::fs::write(&file, sample.content.html(app, &subject)?)?;
            say(&format!("written to {}", file.display()));
        }
        None => say(&format!("Subject: {subject}\n\n{}", sample.content.text(app)?)),
    }
    Ok(())
}

async fn bounce(app: &App, to: Option<&str>) -> anyhow::Result<()> {
    let mut raw = Vec::new();
    // The rest is the mail itself, sent back; what is read is enough to know which it was.
    std::io::stdin().take(bounces::LONGEST as u64).read_to_end(&mut raw)?;
    let report = bounces::read(app, &raw, to)?;
    let news = bounces::note(app, &report).await?;
    let known = if news { "" } else { ", which was known, or the mail is forgotten" };
    say(&format!("{}{known}", report.fate.as_str()));
    Ok(())
}

async fn suppressed(app: &App, allow: Option<&str>) -> anyhow::Result<()> {
    if let Some(address) = allow {
        let was = actions::allow(app, None, address).await?;
        say(if was { "optional mail goes there again" } else { "it was not stopped" });
        return Ok(());
    }
    let mut conn = app.db.conn().await?;
    for line in store::deliveries::suppressions(&mut conn, 1_000).await? {
        let when = view::minute(line.created_at);
        say(&format!("{} {} {when} {}", line.email_key, line.reason, line.detail));
    }
    Ok(())
}
