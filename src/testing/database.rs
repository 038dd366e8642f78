//! Databases and folders that last as long as a test.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::sync::OnceCell;

use crate::{
    config::{Config, Environment, Hidden},
    db::{Db, migrations_fingerprint},
};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder that is removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("streamly-test-{}-{next}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind harms no later test: their names differ.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A database of one test.
pub struct Database {
    postgres: Option<String>,
}

/// The PostgreSQL server for tests, if there is one: an address that ends in `/database`.
pub fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

impl Database {
    /// One with every migration taken already, where that saves a second.
    pub async fn new() -> Self {
        let Some(server) = server() else { return Self { postgres: None } };
        let template = template(&server).await;
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("streamly_test_{}_{next}", std::process::id());
        run(&server, &format!("create database {name} template {template}")).await;
        Self { postgres: Some(at(&server, &name)) }
    }

    pub fn url(&self, folder: &Folder) -> Hidden {
        Hidden::new(match &self.postgres {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", folder.path().join("test.db").display()),
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (Some(url), Some(server)) = (self.postgres.take(), server()) else { return };
        let name = url.rsplit('/').next().unwrap_or_default().to_owned();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(run(&server, &format!("drop database {name} with (force)")));
        })
        .join()
        .unwrap_or_default();
    }
}

/// The address of another database of a server.
fn at(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// The database that those of tests are copied from: taking every migration takes PostgreSQL a
/// second, a copy a fraction. Made once for these migrations, under a lock of the server.
async fn template(server: &str) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE.get_or_init(|| make_template(server)).await
}

async fn make_template(server: &str) -> String {
    let name = format!("streamly_template_{}", migrations_fingerprint());
    let client = connect(server).await;
    client.batch_execute("select pg_advisory_lock(7366837)").await.unwrap();
    let known = "select 1 from pg_database where datname = $1";
    if client.query_opt(known, &[&name]).await.unwrap().is_none() {
        client.batch_execute("drop database if exists streamly_making with (force)").await.unwrap();
        client.batch_execute("create database streamly_making").await.unwrap();
        let mut config = Config::defaults(Environment::Testing);
        config.database.url = Hidden::new(at(server, "streamly_making"));
        let db = Db::connect(&config.database_settings().unwrap()).await.unwrap();
        db.migrate_up(None, super::beginning()).await.unwrap();
        drop(db);
        let end = "select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = 'streamly_making'";
        client.batch_execute(end).await.unwrap();
        let rename = format!("alter database streamly_making rename to {name}");
        client.batch_execute(&rename).await.unwrap();
    }
    name
}

#[expect(clippy::disallowed_methods, reason = "the connection ends with its client")]
async fn connect(server: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn run(server: &str, statement: &str) {
    connect(server).await.batch_execute(statement).await.unwrap();
}
