//! The log: one JSON object a line (or something pretty for the terminal), and daily files when a
//! folder is named.

mod lines;

use tracing_appender::rolling;
use tracing_subscriber::{
    EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::{Config, LogFormat};

/// Keeps the log's writers alive; what is buffered is written when it is dropped.
pub struct Guards(#[expect(dead_code, reason = "held until the end")] Vec<lines::Guard>);

/// Starts logging as the configuration says. Called once, by the program.
pub fn start(config: &Config) -> anyhow::Result<Guards> {
    let filter = || {
        EnvFilter::try_new(&config.log.level)
            .map_err(|error| anyhow::anyhow!("log.level `{}`: {error}", config.log.level))
    };
    let mut guards = Vec::new();
    let (terminal, guard) = lines::start(std::io::stderr())?;
    guards.push(guard);
    let terminal = match config.log.format {
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(terminal)
            .with_filter(filter()?)
            .boxed(),
        LogFormat::Pretty => tracing_subscriber::fmt::layer()
            .compact()
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .with_target(false)
            .with_writer(terminal)
            .with_filter(filter()?)
            .boxed(),
    };
    let mut layers = vec![terminal];
    if !config.log.dir.is_empty() {
        make_private(std::path::Path::new(&config.log.dir))?;
        for (name, level) in [("streamly", None), ("errors", Some("error"))] {
            let appender = rolling::Builder::new()
                .rotation(rolling::Rotation::DAILY)
                .filename_prefix(name)
                .filename_suffix("log")
                .max_log_files(config.log.keep_days.max(1) as usize)
                .build(&config.log.dir)?;
            let (writer, guard) = lines::start(appender)?;
            guards.push(guard);
            let filter = match level {
                Some(level) => EnvFilter::new(level),
                None => filter()?,
            };
            layers.push(
                tracing_subscriber::fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_writer(writer)
                    .with_filter(filter)
                    .boxed(),
            );
        }
    }
    tracing_subscriber::registry().with(layers).try_init()?;
    Ok(Guards(guards))
}

/// Makes the folder of log files: they tell who did what, so only our own group may look.
fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o750);
    builder.create(folder)
}
