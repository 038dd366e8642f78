//! A whole application in a test, on a database of its own: SQLite in a temporary folder, or
//! PostgreSQL when `TEST_DATABASE_URL` names a server.

mod client;
mod database;
mod events;
mod people;
pub mod posts;

use std::sync::Arc;

use axum::Router;
use chrono::{DateTime, Utc};

pub use self::{
    client::{Answer, Client},
    database::Folder,
    events::Events,
    people::PASSWORD,
};
use crate::{
    app::{App, Clock},
    config::{Config, Environment},
    jobs, mail, media, rooms, web,
};

/// An application in a test. Dropping it fails the test if a job has failed.
pub struct TestApp {
    pub app: App,
    router: Router,
    config: Config,
    _database: database::Database,
    _folder: Arc<database::Folder>,
}

/// The bucket of a test, when there is a server: `TEST_S3_URL`, as
/// `http://key:secret@host:port/bucket`. `cargo xtask test` starts one.
pub fn bucket() -> Option<crate::config::Storage> {
    let url = url::Url::parse(&std::env::var("TEST_S3_URL").ok()?).unwrap();
    let mut storage = Config::defaults(Environment::Testing).storage;
    storage.backend = crate::config::Backend::S3;
    storage.endpoint = format!("http://{}:{}", url.host_str().unwrap(), url.port().unwrap());
    storage.key_id = url.username().to_owned();
    storage.secret = crate::config::Hidden::new(url.password().unwrap().to_owned());
    storage.bucket = url.path().trim_matches('/').to_owned();
    let folder = format!("streamly-bucket-{}", uuid::Uuid::new_v4());
    storage.dir = std::env::temp_dir().join(folder).display().to_string();
    Some(storage)
}

/// The same over Google's protocol: `TEST_GCS_URL`, as `http://host:port/bucket`, a server that asks
/// for no key.
pub fn google_bucket() -> Option<crate::config::Storage> {
    let url = url::Url::parse(&std::env::var("TEST_GCS_URL").ok()?).unwrap();
    let base = format!("http://{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let account = serde_json::json!({
        "gcs_base_url": base,
        "disable_oauth": true,
        "client_email": "streamly",
        "private_key": "",
        "private_key_id": "",
    });
    let mut storage = Config::defaults(Environment::Testing).storage;
    storage.backend = crate::config::Backend::Gcs;
    storage.endpoint = base;
    storage.secret = crate::config::Hidden::new(account.to_string());
    storage.bucket = url.path().trim_matches('/').to_owned();
    let folder = format!("streamly-bucket-{}", uuid::Uuid::new_v4());
    storage.dir = std::env::temp_dir().join(folder).display().to_string();
    Some(storage)
}

/// When tests begin: 1 January 2026.
pub fn beginning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// An application with settings of its own.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = Arc::new(database::Folder::new());
        let database = database::Database::new().await;
        let mut config = Config::defaults(Environment::Testing);
        config.storage.dir = folder.path().display().to_string();
        config.database.url = database.url(&folder);
        config.server.base_url = "http://streamly.test".to_owned();
        config.accounts.argon2_memory = 64;
        config.accounts.argon2_passes = 1;
        change(&mut config);
        let clock = Clock::stopped_at(beginning());
        let app = App::open(config.clone(), clock).await.unwrap();
        app.db.migrate_up(None, app.clock.now()).await.unwrap();
        rooms::seed(&app).await.unwrap();
        Self { router: web::router(app.clone()), app, config, _database: database, _folder: folder }
    }

    /// Another instance of the same site: the same database, a memory of its own.
    pub async fn instance(&self) -> (App, Client) {
        let app = App::open(self.config.clone(), self.app.clock.clone()).await.unwrap();
        let client = Client::new(web::router(app.clone()));
        (app, client)
    }

    /// Somebody with a browser who is not logged in.
    pub fn visitor(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Does all work that is due: jobs, and mail into the outbox's keeping.
    pub async fn run_jobs(&self) {
        while jobs::run_next(&self.app, jobs::Worker::Any).await.unwrap()
            || mail::worker::deliver_next(&self.app, mail::worker::Taker::Any).await.unwrap()
            || media::jobs::make_next(&self.app, crate::ids::MediaId(0)).await.unwrap().is_some()
        {
        }
    }

    /// Lets time pass.
    pub fn advance(&self, by: chrono::TimeDelta) {
        self.app.clock.advance(by);
        crate::accounts::sessions::forget(&self.app);
    }
}
