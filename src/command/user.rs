//! `streamly user create|promote|reset-password|deactivate|reactivate|list`.

use std::io::Read as _;

use anyhow::Context as _;
use clap::Subcommand;

use super::say;
use crate::{
    accounts::actions::{self, NewMember},
    app::App,
    web::view,
};

#[derive(Subcommand)]
pub enum Step {
    /// Make a confirmed account.
    Create {
        #[arg(long)]
        username: String,
        #[arg(long)]
        email: String,
        /// User, Moderator, Editor or Administrator (also: admin).
        #[arg(long, default_value = "User")]
        role: String,
        /// Read the password from standard input: other ways show it to everybody on the machine.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Give somebody another role.
    Promote {
        username: String,
        #[arg(long)]
        role: String,
    },
    /// Print a link with which somebody chooses a new password, or set one.
    ResetPassword {
        username: String,
        /// Read the new password from standard input instead of printing a link.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Close an account; its sessions end at once.
    Deactivate { username: String },
    /// Open a closed account.
    Reactivate { username: String },
    /// List all accounts.
    List,
}

pub async fn run(app: &App, step: Step) -> anyhow::Result<()> {
    match step {
        Step::Create { username, email, role, password_stdin: _ } => {
            let new = NewMember { username, email, role, password: read_password()? };
            actions::create(app, &new).await?;
            say(&format!("made the account {}", new.username));
        }
        Step::Promote { username, role } => {
            let user = actions::find(app, &username).await?;
            let role = actions::set_role(app, None, user.id, &role).await?;
            say(&format!("{} is {role} now; their sessions begin anew", user.username));
        }
        Step::ResetPassword { username, password_stdin: true } => {
            actions::set_password(app, &username, &read_password()?).await?;
            say("the password is set; all sessions of the account have ended");
        }
        Step::ResetPassword { username, password_stdin: false } => {
            say(&actions::shell_reset_link(app, &username).await?);
        }
        Step::Deactivate { username } => {
            let user = actions::find(app, &username).await?;
            actions::deactivate(app, None, user.id).await?;
            say(&format!("closed the account {}", user.username));
        }
        Step::Reactivate { username } => {
            let user = actions::find(app, &username).await?;
            actions::reactivate(app, None, user.id).await?;
            say(&format!("opened the account {}", user.username));
        }
        Step::List => list(app).await?,
    }
    Ok(())
}

async fn list(app: &App) -> anyhow::Result<()> {
    let mut after = String::new();
    loop {
        let page = actions::list(app, &after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(&last.username);
        for person in page {
            let state = match (person.delete_after, person.is_active, person.email_confirmed) {
                (Some(on), ..) => format!("to be deleted on {}", view::day(on)),
                (None, false, _) => "closed".to_owned(),
                (None, true, false) => "not confirmed".to_owned(),
                (None, true, true) => "active".to_owned(),
            };
            let role = person.role.unwrap_or_else(|| "-".to_owned());
            say(&format!("{:<20} {:<14} {:<28} {}", person.username, role, state, person.email));
        }
    }
}

/// The password on standard input, without the line end that `echo` adds.
fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(10_000)
        .read_to_string(&mut text)
        .context("the password cannot be read from standard input")?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}
