//! The running application: what every handler, job and command may reach, and the one factory
//! that builds it from a configuration.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use chrono::{DateTime, SubsecRound as _, Utc};
use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;

pub use crate::secrets::{Random, token_hash};
use crate::{
    config::{Config, Environment},
    db::Db,
    mailer::Mailer,
    secrets::Keys,
    storage::Files,
    texts::Catalogue,
};

/// One application; clones share it, and several live in one process.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    pub keys: Keys,
    pub mailer: Mailer,
    pub files: Files,
    pub texts: Catalogue,
    /// Wakes the workers when something was queued.
    pub work: Notify,
    /// The address people reach the site by, without a slash at the end.
    base_url: RwLock<Arc<str>>,
    state: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Builds everything from a configuration: folders, secret, database with its migrations and
    /// default data, mail, files.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let app = Self::open(config, Clock::system()).await?;
        let now = app.clock.now();
        for migration in app.db.migrate_up(None, now).await? {
            tracing::info!(migration = migration.name, "migrated");
        }
        for warning in app.db.warnings().await? {
            tracing::warn!("{warning}");
        }
        crate::rooms::seed(&app).await?;
        Ok(app)
    }

    /// The same without touching the schema, for commands that do that themselves.
    pub async fn open(mut config: Config, clock: Clock) -> anyhow::Result<Self> {
        let files = Files::open(&config.storage)?;
        if config.secret.key.is_empty() && config.environment != Environment::Production {
            config.secret.key = files.development_secret(&Random)?;
        }
        let settings = config.database_settings()?;
        if let crate::db::Target::Sqlite(path) = &settings.target
            && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)?;
        }
        let db = Db::connect(&settings).await?;
        let mailer = Mailer::new(&config)?;
        let texts = Catalogue::load(&config)?;
        let keys = Keys::derive(config.secret.key.reveal());
        let base_url = default_base_url(&config, config.server.port);
        Ok(Self(Arc::new(Inner {
            base_url: RwLock::new(base_url.into()),
            config,
            db,
            clock,
            random: Random,
            keys,
            mailer,
            files,
            texts,
            work: Notify::new(),
            state: RwLock::default(),
        })))
    }

    /// An absolute address on the site: `app.url("/about")`. Never from a request's headers.
    pub fn url(&self, path: &str) -> String {
        [&*self.base_url.read(), path].concat()
    }

    /// The public address, without a slash at the end.
    pub fn base_url(&self) -> Arc<str> {
        Arc::clone(&self.base_url.read())
    }

    /// Tells which port was taken when the configuration left it open.
    pub fn listening_on(&self, port: u16) {
        *self.base_url.write() = default_base_url(&self.config, port).into();
    }

    /// What a room keeps in memory for this application: made at first use.
    pub fn state<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let id = TypeId::of::<T>();
        if let Some(found) = self.state.read().get(&id).cloned()
            && let Ok(found) = found.downcast()
        {
            return found;
        }
        let mut state = self.state.write();
        let made = state.entry(id).or_insert_with(|| Arc::new(T::default()));
        Arc::clone(made).downcast().unwrap_or_default()
    }
}

/// The configured address, or one made from host and port.
fn default_base_url(config: &Config, port: u16) -> String {
    if !config.server.base_url.is_empty() {
        return config.server.base_url.clone();
    }
    let host = match config.server.host.as_str() {
        "0.0.0.0" | "::" | "[::]" => "127.0.0.1",
        host => host,
    };
    match host.parse::<std::net::Ipv6Addr>() {
        Ok(host) => format!("http://[{host}]:{port}"),
        Err(_) => format!("http://{host}:{port}"),
    }
}

/// Where the time comes from; tests stop and move it.
#[derive(Clone)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    pub fn system() -> Self {
        Self(None)
    }

    pub fn stopped_at(time: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(time))))
    }

    /// The time, to the microsecond: finer than that no database keeps it.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.as_ref().map_or_else(Utc::now, |time| *time.lock()).trunc_subsecs(6)
    }

    /// Moves a stopped clock; a system clock goes by itself.
    pub fn advance(&self, by: chrono::TimeDelta) {
        if let Some(time) = &self.0 {
            *time.lock() += by;
        }
    }
}
