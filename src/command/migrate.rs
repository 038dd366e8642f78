//! `streamly migrate up|down|status`.

use clap::Subcommand;

use super::{bare_app, say};
use crate::{config::Config, web::view};

#[derive(Subcommand)]
pub enum Step {
    /// Take all steps that are missing, or up to one.
    Up {
        /// The last step to take.
        #[arg(long)]
        to: Option<i64>,
    },
    /// Take back the newest step, or several.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1)]
        steps: usize,
    },
    /// List the steps.
    Status,
}

pub async fn run(config: Config, step: Step) -> anyhow::Result<()> {
    let app = bare_app(config).await?;
    match step {
        Step::Up { to } => {
            let done = app.db.migrate_up(to, app.clock.now()).await?;
            for migration in &done {
                say(&format!("up    {}", migration.name));
            }
            if done.is_empty() {
                say("nothing to do");
            }
        }
        Step::Down { steps } => {
            let done = app.db.migrate_down(steps).await?;
            for migration in &done {
                say(&format!("down  {}", migration.name));
            }
            if done.is_empty() {
                say("nothing to take back");
            }
        }
        Step::Status => {
            for state in app.db.migration_status().await? {
                let when = state.applied_at.map_or_else(|| "missing".to_owned(), view::minute);
                say(&format!("{:<24} {when}", state.migration.name));
            }
        }
    }
    Ok(())
}
