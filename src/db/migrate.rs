//! Migrations: ordered, up and down, from one text for both databases where that is possible.
//! Where it is not, there are two: `NNNN_name.sqlite.up.sql` and `NNNN_name.postgres.up.sql`.
//!
//! They run under a lock (`begin immediate`, an advisory lock), so any number of instances may
//! start at once. What was applied is kept with a checksum: a changed file is refused, and so is a
//! database newer than the program.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::{Db, Engine, Inner, Tx, read, record, write};
use crate::error::{Error, Result};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub version: i64,
    pub name: &'static str,
    up: Script,
    down: Script,
}

/// The text of a step.
#[derive(Debug, Clone, Copy)]
enum Script {
    Both(&'static str),
    Each { sqlite: &'static str, postgres: &'static str },
}

/// A step, and when it was taken.
#[derive(Debug, Clone)]
pub struct MigrationState {
    pub migration: Migration,
    pub applied_at: Option<DateTime<Utc>>,
}

macro_rules! migrations {
    ($($version:literal $name:literal $($each:ident)?),* $(,)?) => {
        /// All steps, in order.
        pub fn migrations() -> &'static [Migration] {
            const {
                &[$(Migration {
                    version: $version,
                    name: $name,
                    up: migrations!(@script $name "up" $($each)?),
                    down: migrations!(@script $name "down" $($each)?),
                }),*]
            }
        }
    };
    (@script $name:literal $way:literal) => {
        Script::Both(include_str!(concat!("../../migrations/", $name, ".", $way, ".sql")))
    };
    (@script $name:literal $way:literal each) => {
        Script::Each {
            sqlite: include_str!(concat!("../../migrations/", $name, ".sqlite.", $way, ".sql")),
            postgres: include_str!(concat!("../../migrations/", $name, ".postgres.", $way, ".sql")),
        }
    };
}

migrations! {
    1 "0001_accounts",
    2 "0002_posts",
    3 "0003_social",
    4 "0004_work",
    5 "0005_analytics",
    6 "0006_reading",
    7 "0007_members",
    8 "0008_comments",
    10 "0010_analytics",
    11 "0011_notifications",
    13 "0013_search" each,
    14 "0014_media",
    15 "0015_mail",
    17 "0017_reach",
    18 "0018_online",
    19 "0019_exports",
    20 "0020_faces",
    21 "0021_titles" each,
    22 "0022_comments" each,
    23 "0023_urgent_mail",
    24 "0024_search_version",
}

record! {
    struct Applied {
        version: i64,
        checksum: String,
        applied_at: DateTime<Utc>,
    }
}

/// How long an instance waits for another one that migrates.
const PATIENCE: Duration = Duration::from_mins(1);

impl Migration {
    fn checksum(&self) -> String {
        hex::encode(match self.up {
            Script::Both(text) => Sha256::digest(text.as_bytes()),
            // Both texts, so that a change of either is seen whichever database is looked at.
            Script::Each { sqlite, postgres } => {
                Sha256::digest(format!("{sqlite}\0{postgres}").as_bytes())
            }
        })
    }
}

/// A name for all steps together, as they are now.
#[cfg(test)]
pub fn fingerprint() -> String {
    let all: Vec<String> = migrations().iter().map(Migration::checksum).collect();
    hex::encode(&Sha256::digest(all.concat().as_bytes())[..8])
}

impl Db {
    /// Takes all steps that are missing, up to and with `to` (all when `None`); says which.
    pub async fn migrate_up(&self, to: Option<i64>, now: DateTime<Utc>) -> Result<Vec<Migration>> {
        let mut tx = self.lock_schema().await?;
        let applied = applied(&mut tx).await?;
        let mut done = Vec::new();
        for migration in migrations() {
            let wanted = to.is_none_or(|to| migration.version <= to);
            if !wanted || applied.iter().any(|row| row.version == migration.version) {
                continue;
            }
            let text = self.script(migration.up);
            tx.batch(&text).await.map_err(|error| failed(migration, error))?;
            write(
                "insert into schema_migration (version, name, checksum, applied_at)
                 values ($1, $2, $3, $4)",
            )
            .bind(migration.version)
            .bind(migration.name)
            .bind(migration.checksum())
            .bind(now)
            .run(&mut tx)
            .await?;
            done.push(*migration);
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Takes back the newest `steps` steps; says which.
    pub async fn migrate_down(&self, steps: usize) -> Result<Vec<Migration>> {
        let mut tx = self.lock_schema().await?;
        let applied = applied(&mut tx).await?;
        let mut done = Vec::new();
        for row in applied.iter().rev().take(steps) {
            let Some(migration) = migrations().iter().find(|step| step.version == row.version)
            else {
                continue;
            };
            let text = self.script(migration.down);
            tx.batch(&text).await.map_err(|error| failed(migration, error))?;
            write("delete from schema_migration where version = $1")
                .bind(migration.version)
                .run(&mut tx)
                .await?;
            done.push(*migration);
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Every step, taken or not.
    pub async fn migration_status(&self) -> Result<Vec<MigrationState>> {
        let mut tx = self.lock_schema().await?;
        let applied = applied(&mut tx).await?;
        Ok(migrations()
            .iter()
            .map(|migration| MigrationState {
                migration: *migration,
                applied_at: applied
                    .iter()
                    .find(|row| row.version == migration.version)
                    .map(|row| row.applied_at),
            })
            .collect())
    }

    /// A transaction that nobody else can have for the schema at the same time.
    async fn lock_schema(&self) -> Result<Tx> {
        let give_up = Instant::now() + PATIENCE;
        let mut tx = loop {
            match self.begin().await {
                Err(Error::Unavailable) if Instant::now() < give_up => {}
                other => break other?,
            }
        };
        if matches!(self.0, Engine::Postgres(_)) {
            tx.batch(
                "set local lock_timeout = 60000; set local statement_timeout = 300000;
                 select pg_advisory_xact_lock(7366836)",
            )
            .await?;
        }
        let text = self.dialect(
            "create table if not exists schema_migration (
                 version bigint primary key,
                 name varchar(100) not null,
                 checksum varchar(64) not null,
                 applied_at {{time}} not null
             )",
        );
        tx.batch(&text).await?;
        Ok(tx)
    }

    /// The text of a step for this database.
    fn script(&self, script: Script) -> String {
        self.dialect(match (script, &self.0) {
            (Script::Both(text), _)
            | (Script::Each { sqlite: text, .. }, Engine::Sqlite(_))
            | (Script::Each { postgres: text, .. }, Engine::Postgres(_)) => text,
        })
    }

    /// Puts in the two words that differ between the databases.
    fn dialect(&self, text: &str) -> String {
        let (id, time) = match &self.0 {
            Engine::Sqlite(_) => ("integer primary key autoincrement", "text"),
            Engine::Postgres(_) => {
                ("bigint generated by default as identity primary key", "timestamptz")
            }
        };
        text.replace("{{id}}", id).replace("{{time}}", time)
    }
}

impl Tx {
    /// Runs several statements of our own, without parameters.
    async fn batch(&mut self, text: &str) -> Result<()> {
        match &mut self.conn.0 {
            Inner::SqliteTx(tx) => Ok(tx.conn()?.start().execute_batch(text)?),
            Inner::Postgres(client) => client.batch(text).await,
            Inner::Sqlite(_) => Err(Error::Unavailable),
        }
    }
}

/// What the database says was applied, after checking that this program knows it.
async fn applied(tx: &mut Tx) -> Result<Vec<Applied>> {
    let rows: Vec<Applied> =
        read("select version, checksum, applied_at from schema_migration order by version")
            .all(tx)
            .await?;
    for row in &rows {
        let Some(migration) = migrations().iter().find(|step| step.version == row.version) else {
            return Err(anyhow::anyhow!(
                "the database has migration {} and is newer than this program: \
                 start the newer Streamly, or restore a backup",
                row.version
            )
            .into());
        };
        if migration.checksum() != row.checksum {
            return Err(anyhow::anyhow!(
                "migration {} was applied with another text than this program has",
                migration.name
            )
            .into());
        }
    }
    Ok(rows)
}

fn failed(migration: &Migration, error: Error) -> Error {
    match error {
        Error::Internal(error) => {
            error.context(format!("migration {} failed", migration.name)).into()
        }
        other => other,
    }
}
