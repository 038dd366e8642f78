//! `streamly media migrate`.

use clap::Subcommand;

use super::say;
use crate::{app::App, config::Backend, media::moving, storage::Files};

#[derive(Subcommand)]
pub enum Step {
    /// Copy all pictures to another back end, checked by their hashes. Set `storage.backend` to it
    /// afterwards. Called again, it copies what is new or was missed.
    Migrate {
        /// `local`, `s3` or `gcs`; bucket and keys are those of the settings.
        #[arg(long, value_parser = backend)]
        to: Backend,
    },
}

fn backend(text: &str) -> Result<Backend, String> {
    <Backend as crate::config::Setting>::parse(text)
}

pub async fn run(app: App, step: Step) -> anyhow::Result<()> {
    let Step::Migrate { to } = step;
    let settings = &app.config.storage;
    anyhow::ensure!(to != settings.backend, "pictures are there already (storage.backend)");
    anyhow::ensure!(
        to == Backend::Local || !settings.bucket.is_empty(),
        "storage.bucket is not set"
    );
    let target = Files::at(settings, to)?;
    let moved = moving::copy_all(&app, &app.files, &target).await?;
    say(&format!("{} copied, {} were there already", moved.copied, moved.there));
    for name in &moved.wrong {
        say(&format!("LOOK  {name} is missing, or is not what it was"));
    }
    anyhow::ensure!(moved.wrong.is_empty(), "{} file(s) to look at", moved.wrong.len());
    say("Now set storage.backend, and start the site again.");
    Ok(())
}
