//! `streamly mail queue|retry|test`.

use clap::Subcommand;

use super::say;
use crate::{
    app::App,
    mail::{actions, store},
    mailer::{self, Refusal},
    web::view,
};

#[derive(Subcommand)]
pub enum Step {
    /// Show how many mails have come how far, and what has not been sent.
    Queue,
    /// Send again what was given up.
    Retry,
    /// Send a mail at once, to see whether the settings are right.
    Test {
        /// The address to send it to.
        #[arg(long)]
        to: String,
    },
}

pub async fn run(app: App, step: Step) -> anyhow::Result<()> {
    match step {
        Step::Queue => queue(&app).await,
        Step::Retry => {
            let retried = actions::retry_failed(&app).await?;
            say(&match retried {
                0 => "no mail was given up".to_owned(),
                1 => "1 mail is sent again by the running site".to_owned(),
                many => format!("{many} mails are sent again by the running site"),
            });
            Ok(())
        }
        Step::Test { to } => test(&app, &to).await,
    }
}

async fn queue(app: &App) -> anyhow::Result<()> {
    let mut conn = app.db.conn().await?;
    let counts = store::counts(&mut conn).await?;
    if counts.is_empty() {
        say("the outbox is empty");
    }
    for (status, count) in counts {
        say(&format!("{:<10} {count}", status.as_str()));
    }
    for mail in store::unsent(&mut conn, 20).await? {
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
    Ok(())
}

async fn test(app: &App, to: &str) -> anyhow::Result<()> {
    anyhow::ensure!(mailer::is_address(to), "{to} is not an e-mail address");
    anyhow::ensure!(
        app.mailer.is_ready() && !app.mailer.keeps(),
        "mail.host is not set (STREAMLY_MAIL__HOST): no mail leaves this site"
    );
    match actions::send_test(app, to).await {
        Ok(()) => {
            say(&format!("{} took the mail to {to}", app.config.mail.host));
            Ok(())
        }
        Err(Refusal::Passing(reason)) => anyhow::bail!("not taken just now: {reason}"),
        Err(Refusal::Final(reason)) => anyhow::bail!("refused: {reason}"),
    }
}
