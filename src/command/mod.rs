//! The commands of the shell. Each is a door like a page: it reads words, calls an action, prints.

mod config;
mod demo;
mod doctor;
mod mail;
#[cfg(test)]
mod mail_tests;
mod media;
mod migrate;
mod serve;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    app::{App, Clock},
    config::{Config, Problems, Sources},
    error::Error,
    log,
};

/// A publishing platform that is also a social network.
#[derive(Parser)]
#[command(name = "streamly", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the site (the default).
    Serve,
    /// Change the schema of the database: up, down, status.
    Migrate {
        #[command(subcommand)]
        step: migrate::Step,
    },
    /// The outbox: what waits, try again, try the settings.
    Mail {
        #[command(subcommand)]
        step: mail::Step,
    },
    /// Pictures: move them to another back end.
    Media {
        #[command(subcommand)]
        step: media::Step,
    },
    /// Look at everything that can go wrong.
    Doctor {
        /// Count again what is counted in rows.
        #[arg(long)]
        repair: bool,
    },
    /// Fill an empty site with people and posts, to look at or to measure.
    Demo {
        /// How much.
        #[arg(long, value_enum, default_value_t = demo::Size::Small)]
        size: demo::Size,
        /// Another number makes other texts.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Also beside the accounts of real people.
        #[arg(long)]
        force: bool,
    },
    /// Make, promote and close accounts.
    User {
        #[command(subcommand)]
        step: user::Step,
    },
    /// Decode one picture; the site starts this itself.
    #[command(hide = true)]
    Decode,
    /// Print the configuration in force, secrets hidden.
    Config {
        /// Print the page docs/configuration.md instead.
        #[arg(long)]
        document: bool,
    },
}

/// Runs the command that was typed.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = start(arguments.command.unwrap_or(Command::Serve));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is the command line")]
fn complain(error: &anyhow::Error) {
    match error.downcast_ref::<Error>() {
        Some(Error::Invalid(errors)) => {
            for (field, message) in errors.iter() {
                eprintln!("streamly: {field}: {message}");
            }
        }
        _ => eprintln!("streamly: {}", format!("{error:#}").trim_end()),
    }
}

fn start(command: Command) -> anyhow::Result<()> {
    if let Command::Config { document: true } = command {
        config::document();
        return Ok(());
    }
    if let Command::Decode = command {
        return crate::media::decoder::serve();
    }
    let config = Config::load(&Sources::process())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match command {
        Command::Serve => {
            let _guards = log::start(&config)?;
            runtime.block_on(serve::run(config))
        }
        Command::User { step } => {
            runtime.block_on(async { user::run(&app(config).await?, step).await })
        }
        Command::Migrate { step } => runtime.block_on(migrate::run(config, step)),
        Command::Mail { step } => {
            runtime.block_on(async { mail::run(app(config).await?, step).await })
        }
        Command::Media { step } => {
            runtime.block_on(async { media::run(app(config).await?, step).await })
        }
        Command::Doctor { repair } => runtime.block_on(doctor::run(config, repair)),
        Command::Demo { size, seed, force } => {
            runtime.block_on(async { demo::run(app(config).await?, size, seed, force).await })
        }
        Command::Decode | Command::Config { .. } => {
            config::show(&config);
            Ok(())
        }
    }
}

/// The application for a command that works on the data: migrated, like a starting server's.
async fn app(config: Config) -> anyhow::Result<App> {
    let app = App::start(config).await?;
    crate::media::use_processes(&app)?;
    Ok(app)
}

/// The application as it is, for commands that change the schema.
async fn bare_app(config: Config) -> anyhow::Result<App> {
    App::open(config, Clock::system()).await
}

/// Prints a line for the person at the terminal.
#[expect(clippy::print_stdout, reason = "this is the command line")]
fn say(text: &str) {
    println!("{text}");
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::Internal(problems.into())
    }
}
