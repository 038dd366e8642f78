//! Every room, and how it is plugged in. The only file that knows them all.

use axum::Router;
use tokio::sync::watch;

use crate::{
    Result, accounts, analytics,
    app::App,
    comments,
    db::Tx,
    events::{Event, Recorded},
    feeds,
    jobs::{self, Job as _},
    live, mail, media, notifications, people, posts, reading, search, site, social,
};

/// All pages.
pub fn pages() -> Router<App> {
    Router::new()
        .merge(accounts::pages::router())
        .merge(posts::pages::router())
        .merge(comments::pages::router())
        .merge(reading::pages::router())
        .merge(social::pages::router())
        .merge(analytics::pages::router())
        .merge(people::pages::router())
        .merge(feeds::pages::router())
        .merge(search::pages::router())
        .merge(live::pages::router())
        .merge(mail::pages::router())
        .merge(media::pages::router())
        .merge(notifications::pages::router())
        .merge(site::pages::router())
}

/// What a new site begins with; done at every start, and no harm the second time.
pub async fn seed(app: &App) -> Result<()> {
    let mut tx = app.db.begin().await?;
    accounts::roles::seed(app, &mut tx).await?;
    posts::reading::seed::seed(app, &mut tx).await?;
    tx.commit().await?;
    search::begin(app).await
}

/// What each event sets off in its own transaction.
pub async fn react(app: &App, tx: &mut Tx, recorded: &Recorded) -> Result<()> {
    if let Event::UserDeleted { user } = &recorded.event {
        social::follows::hold(tx, *user).await?;
        comments::visibility::forget_person(app, tx, *user).await?;
        social::follows::forget(app, tx, *user).await?;
        posts::visibility::forget_author(app, tx, *user).await?;
        media::actions::forget_person(app, tx, *user).await?;
    }
    notifications::react(app, tx, recorded).await?;
    search::index::react(app, tx, &recorded.event).await
}

/// What each event sets off once it is certain: what was kept in memory is forgotten.
pub fn committed(app: &App, recorded: &Recorded) {
    if recorded.event.changes_sessions() {
        accounts::sessions::forget(app);
    }
    if let Event::RolesChanged = recorded.event {
        accounts::roles::forget(app);
    }
    analytics::views::happened(app, &recorded.event, recorded.at);
    live::happened(app, recorded);
}

/// Jobs that take minutes when there is much; one of them at a time on an instance.
pub const SLOW_JOBS: [&str; 3] = [
    accounts::jobs::MakeExport::KIND,
    analytics::ComputeInfluence::KIND,
    analytics::KeepViews::KIND,
];

/// Every kind of job there is.
pub async fn run_job(app: &App, kind: &str, payload: &str) -> Result<()> {
    use accounts::jobs::{MakeExport, RemoveExport, SendConfirmation, SendReset};
    use notifications::jobs::{Broadcast, ForgetPost, SendDigests, TellFollowers, TellReporters};
    match kind {
        SendConfirmation::KIND => jobs::run::<SendConfirmation>(app, payload).await,
        MakeExport::KIND => jobs::run::<MakeExport>(app, payload).await,
        RemoveExport::KIND => jobs::run::<RemoveExport>(app, payload).await,
        SendReset::KIND => jobs::run::<SendReset>(app, payload).await,
        posts::PublishPost::KIND => jobs::run::<posts::PublishPost>(app, payload).await,
        posts::PurgePosts::KIND => jobs::run::<posts::PurgePosts>(app, payload).await,
        analytics::ComputeTrending::KIND => {
            jobs::run::<analytics::ComputeTrending>(app, payload).await
        }
        analytics::ComputeInfluence::KIND => {
            jobs::run::<analytics::ComputeInfluence>(app, payload).await
        }
        analytics::KeepViews::KIND => jobs::run::<analytics::KeepViews>(app, payload).await,
        media::RemoveFile::KIND => jobs::run::<media::RemoveFile>(app, payload).await,
        media::RemoveFiles::KIND => jobs::run::<media::RemoveFiles>(app, payload).await,
        search::IndexOutdated::KIND => jobs::run::<search::IndexOutdated>(app, payload).await,
        search::IndexPeople::KIND => jobs::run::<search::IndexPeople>(app, payload).await,
        search::IndexPosts::KIND => jobs::run::<search::IndexPosts>(app, payload).await,
        TellFollowers::KIND => jobs::run::<TellFollowers>(app, payload).await,
        TellReporters::KIND => jobs::run::<TellReporters>(app, payload).await,
        Broadcast::KIND => jobs::run::<Broadcast>(app, payload).await,
        ForgetPost::KIND => jobs::run::<ForgetPost>(app, payload).await,
        SendDigests::KIND => jobs::run::<SendDigests>(app, payload).await,
        unknown => Err(anyhow::anyhow!("no such job: {unknown}").into()),
    }
}

/// What is done again and again while the site runs. A duty that fails keeps no other one from being
/// done, and is told at the end.
pub async fn tick(app: &App) -> Result<()> {
    let outcomes = [
        analytics::jobs::tick(app).await,
        accounts::sessions::flush_touched(app).await,
        accounts::actions::tick(app).await,
        posts::jobs::tick(app).await,
        comments::jobs::tick(app).await,
        site::actions::tick(app).await,
        mail::actions::tick(app).await,
        notifications::jobs::tick(app).await,
        search::tick(app).await,
        media::jobs::tick(app).await,
    ];
    let mut failed = outcomes.into_iter().filter_map(Result::err);
    let Some(first) = failed.next() else { return Ok(()) };
    for error in failed {
        tracing::warn!(error = ?error, "a regular duty failed");
    }
    Err(first)
}

/// Says on the terminal what a new site needs first.
pub async fn welcome(app: &App, say: fn(&str)) -> Result<()> {
    accounts::welcome(app, say).await
}

/// Makes the sizes in which new pictures are shown, as long as the site runs.
pub async fn make_variants(app: App) {
    media::jobs::work(app).await;
}

/// Sends what waits in the outbox until the site is to stop; what is being sent then is sent.
pub async fn deliver_mail(app: App, stopped: watch::Receiver<bool>) {
    mail::worker::work(app, stopped).await;
}

/// Writes down what was read, as long as the site runs.
pub async fn write_views(app: App) {
    analytics::views::work(app).await;
}

/// Keeps open pages told, as long as the site runs.
pub async fn keep_live(app: App) {
    live::work(app).await;
}

/// What must not hold up the end of the process.
pub fn stopping(app: &App) {
    live::close(app);
}

/// How the messenger between instances is: `none`, `healthy` or `degraded`.
pub fn messenger(app: &App) -> &'static str {
    live::messenger(app)
}

/// One mail of each kind with made-up content, to look at.
pub fn mail_samples(app: &App) -> Vec<mail::Outgoing> {
    let mut samples = accounts::mails::samples(app);
    samples.push(site::actions::sample(app));
    samples.extend(notifications::samples(app));
    samples
}
