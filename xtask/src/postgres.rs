//! A PostgreSQL server for one run: in a folder of its own, on a port of its own, gone afterwards.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::{self, Held};

pub struct Postgres {
    pub url: String,
    _server: Held,
}

/// Whether the server may lose what it acknowledged when the machine goes down.
#[derive(Clone, Copy, PartialEq)]
pub enum Durability {
    /// For tests: quicker, and nothing here outlives the run.
    Forgetful,
    /// As in production, for measurements.
    Real,
}

/// The folder with `initdb` and `postgres`.
pub fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = ["/usr/lib/postgresql", "/usr/local/pgsql", "/opt/postgresql"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    let initdb = shell::find("initdb", &folders)?;
    let real = std::fs::canonicalize(initdb).ok()?;
    let folder = real.parent()?;
    folder.join("postgres").is_file().then(|| folder.to_path_buf())
}

pub fn start(durability: Durability) -> Result<Postgres> {
    let programs = programs().context("PostgreSQL is not installed")?;
    let port = shell::free_port()?;
    let place = match durability {
        Durability::Forgetful => in_memory().unwrap_or_else(std::env::temp_dir),
        Durability::Real => std::env::temp_dir(),
    };
    let folder = place.join(format!("streamly-pg-{}-{port}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let owner = owner()?;
    if let Some((uid, gid)) = owner {
        chown(&folder, Some(uid), Some(gid))?;
    }
    let data = folder.join("data");
    let mut initdb = as_owner(owner, &programs.join("initdb"));
    initdb.args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N", "-D"]);
    shell::output(initdb.arg(&data).current_dir(&folder))
        .inspect_err(|_| drop(std::fs::remove_dir_all(&folder)))?;

    let mut server = as_owner(owner, &programs.join("postgres"));
    server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-k"]).arg(&folder);
    let mut settings = vec!["listen_addresses=127.0.0.1", "max_connections=300"];
    settings.extend(["shared_buffers=256MB", "wal_level=minimal", "max_wal_senders=0"]);
    if durability == Durability::Forgetful {
        settings.extend(["fsync=off", "full_page_writes=off"]);
    }
    for setting in settings {
        server.args(["-c", setting]);
    }
    let log = folder.join("log");
    let held = Held::start(&server, "INT", &log, &folder)?;
    wait(&data, &log)?;
    println!("PostgreSQL from {} on port {port}", programs.display());
    Ok(Postgres { url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), _server: held })
}

/// A folder in memory with room for the databases of tests: a new database is some nine hundred
/// files, and making them on a disk took most of the time of a test.
fn in_memory() -> Option<PathBuf> {
    const ENOUGH_KIB: u64 = 4 << 20;
    let place = PathBuf::from("/dev/shm");
    let said = shell::output(Command::new("df").args(["-Pk"]).arg(&place)).ok()?;
    let free: u64 = said.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    (free >= ENOUGH_KIB).then_some(place)
}

/// The server writes its state into a file, the word `ready` last.
fn wait(data: &Path, log: &Path) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_mins(1) {
        let state = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let said = std::fs::read_to_string(log).unwrap_or_default();
    bail!("PostgreSQL did not start: {}", said.trim());
}

/// PostgreSQL refuses to run as root, so root lends it the account that owns nothing.
fn owner() -> Result<Option<(u32, u32)>> {
    let id = |option: &str, name: Option<&str>| -> Result<u32> {
        let mut id = Command::new("id");
        Ok(shell::output(id.arg(option).args(name))?.trim().parse()?)
    };
    if id("-u", None)? != 0 {
        return Ok(None);
    }
    Ok(Some((id("-u", Some("nobody"))?, id("-g", Some("nobody"))?)))
}

fn as_owner(owner: Option<(u32, u32)>, program: &Path) -> Command {
    let Some((uid, gid)) = owner else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={uid}"), &format!("--regid={gid}")]);
    command.arg("--clear-groups").arg(program);
    command
}
