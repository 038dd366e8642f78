//! Databases and folders that last as long as a test.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::config::Hidden;

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
    pub async fn new() -> Self {
        let Some(server) = server() else { return Self { postgres: None } };
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("streamly_test_{}_{next}", std::process::id());
        run(&server, &format!("create database {name}")).await;
        let (base, _) = server.rsplit_once('/').unwrap();
        Self { postgres: Some(format!("{base}/{name}")) }
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

#[expect(clippy::disallowed_methods, reason = "the connection ends with its client")]
async fn run(server: &str, statement: &str) {
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}
