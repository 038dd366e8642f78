//! `streamly serve`: builds the application, listens, works, and stops when told to.

use std::time::Duration;

use anyhow::Context as _;
use tokio::{net::TcpListener, sync::watch};

use super::say;
use crate::{
    app::App,
    config::Config,
    jobs::{self, Worker},
    rooms, web,
};

pub async fn run(config: Config) -> anyhow::Result<()> {
    let address = listen_address(&config);
    let listener =
        TcpListener::bind(&address).await.with_context(|| format!("cannot listen on {address}"))?;
    let app = App::start(config).await?;
    crate::media::use_processes(&app)?;
    app.listening_on(listener.local_addr()?.port());
    warn(&app);
    rooms::welcome(&app, say).await?;
    say(&format!("Streamly is at {}", app.base_url()));
    tracing::info!(address = %listener.local_addr()?, base_url = %app.base_url(), "listening");

    let (leave, leaving) = watch::channel(false);
    let (stop, stopped) = watch::channel(false);
    let workers = start_workers(&app, &leaving, &stopped);
    // Nothing new is begun while the last requests are answered.
    let told = async {
        signal().await;
        leave.send_replace(true);
    };
    web::serve(app.clone(), listener, told).await;
    stop.send_replace(true);
    for worker in workers {
        if tokio::time::timeout(Duration::from_secs(10), worker).await.is_err() {
            tracing::warn!("a worker did not stop in time; its work is taken up at the next start");
        }
    }
    rooms::tick(&app).await?;
    tracing::info!("stopped");
    Ok(())
}

fn listen_address(config: &Config) -> String {
    let host = &config.server.host;
    let bare = host.trim_matches(['[', ']']);
    match bare.parse::<std::net::Ipv6Addr>() {
        Ok(_) => format!("[{bare}]:{}", config.server.port),
        Err(_) => format!("{host}:{}", config.server.port),
    }
}

/// What an operator should know before strangers come.
fn warn(app: &App) {
    let server = &app.config.server;
    let production = app.config.environment == crate::config::Environment::Production;
    if server.insecure_http {
        tracing::warn!("server.insecure_http is on: session cookies can be read on the way");
    }
    if production && server.base_url.is_empty() {
        tracing::warn!(
            "server.base_url is not set: links in mails and feeds lead to {}",
            app.base_url()
        );
    }
    if production && !app.mailer.is_ready() {
        tracing::warn!("mail.host is not set: mails wait in the outbox");
    }
}

/// The workers beside the requests: jobs, mail, views, and regular duties. Jobs and mail begin
/// nothing any more when the site is told to leave, and bring to an end what they are at: a mail
/// that was cut off would perhaps be sent twice.
#[expect(clippy::disallowed_methods, reason = "they are waited for at the end")]
fn start_workers(
    app: &App,
    leaving: &watch::Receiver<bool>,
    stopped: &watch::Receiver<bool>,
) -> Vec<tokio::task::JoinHandle<()>> {
    let jobs = tokio::spawn(jobs::work(app.clone(), Worker::Any, leaving.clone()));
    let quick = tokio::spawn(jobs::work(app.clone(), Worker::Quick, leaving.clone()));
    let mail = tokio::spawn(rooms::deliver_mail(app.clone(), leaving.clone()));
    let views = tokio::spawn(until(stopped.clone(), rooms::write_views(app.clone())));
    let live = tokio::spawn(until(stopped.clone(), rooms::keep_live(app.clone())));
    let ticks = {
        let app = app.clone();
        tokio::spawn(until(stopped.clone(), async move {
            loop {
                tokio::time::sleep(Duration::from_secs(15)).await;
                if let Err(error) = rooms::tick(&app).await {
                    tracing::warn!(error = ?error, "a regular duty failed");
                }
            }
        }))
    };
    let variants = tokio::spawn(until(stopped.clone(), rooms::make_variants(app.clone())));
    vec![jobs, quick, mail, views, live, ticks, variants]
}

async fn until(mut stopped: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
}

/// Waits for the word to stop: Ctrl-C, or SIGTERM from a supervisor.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                outcome = tokio::signal::ctrl_c() => drop(outcome),
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
