//! A PostgreSQL database of its own for each server, made by speaking the protocol directly: it is
//! forty lines, and saves these tests a client library.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// The PostgreSQL server that tests may use, if there is one.
pub fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// A database that is dropped when it goes out of scope.
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    pub fn new(server: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("e2e_{}_{count}", std::process::id());
        execute(server, &format!("drop database if exists {name} with (force)"))?;
        execute(server, &format!("create database {name}"))?;
        Ok(Self { server: server.to_owned(), name })
    }

    pub fn url(&self) -> String {
        let base = self.server.rsplit_once('/').map_or(self.server.as_str(), |(base, _)| base);
        format!("{base}/{}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ =
            execute(&self.server, &format!("drop database if exists {} with (force)", self.name));
    }
}

/// Runs one statement on a server that trusts its caller.
pub fn execute(url: &str, statement: &str) -> Result<()> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (user, rest) = rest.split_once('@').context("the address names no user")?;
    let user = user.split(':').next().unwrap_or_default();
    let (address, database) = rest.split_once('/').context("the address names no database")?;
    let database = database.split('?').next().unwrap_or_default();
    let mut stream = TcpStream::connect(address).context("connecting to PostgreSQL")?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;

    let mut start = vec![0, 3, 0, 0];
    for text in ["user", user, "database", database, ""] {
        start.extend(text.as_bytes());
        start.push(0);
    }
    stream.write_all(&length(start.len())?)?;
    stream.write_all(&start)?;
    until_ready(&mut stream)?;
    stream.write_all(b"Q")?;
    stream.write_all(&length(statement.len() + 1)?)?;
    stream.write_all(statement.as_bytes())?;
    stream.write_all(&[0])?;
    until_ready(&mut stream).with_context(|| statement.to_owned())
}

/// A message's length counts itself.
fn length(of: usize) -> Result<[u8; 4]> {
    Ok(u32::try_from(of + 4)?.to_be_bytes())
}

/// Reads messages up to `ReadyForQuery`.
fn until_ready(stream: &mut TcpStream) -> Result<()> {
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head).context("PostgreSQL hung up")?;
        let size = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(size)?.saturating_sub(4)];
        stream.read_exact(&mut body)?;
        match head[0] {
            b'Z' => return Ok(()),
            b'E' => bail!("PostgreSQL: {}", String::from_utf8_lossy(&body).replace('\0', " ")),
            b'R' => ensure!(body.starts_with(&[0; 4]), "PostgreSQL wants a password: use trust"),
            _ => {}
        }
    }
}
