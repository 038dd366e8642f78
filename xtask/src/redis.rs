//! A Redis server for one run: in a folder of its own, on a port of its own, gone afterwards.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::{self, Held};

pub struct Redis {
    pub url: String,
    _server: Held,
}

pub fn program() -> Option<PathBuf> {
    shell::find("redis-server", &[])
}

pub fn start() -> Result<Redis> {
    let program = program().context("Redis is not installed")?;
    let port = shell::free_port()?;
    let folder = std::env::temp_dir().join(format!("streamly-redis-{}-{port}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut server = Command::new(program);
    server.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
    server.args(["--appendonly", "no", "--dir"]).arg(&folder);
    let log = folder.join("log");
    let held = Held::start(&server, "TERM", &log, &folder)?;
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if started.elapsed() > Duration::from_secs(20) {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("Redis did not start: {}", said.trim());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("Redis on port {port}");
    Ok(Redis { url: format!("redis://127.0.0.1:{port}"), _server: held })
}
