//! A Redis of a test's own, which it may kill and start again at the same address.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::TempFolder;

pub struct Redis {
    program: PathBuf,
    port: u16,
    folder: TempFolder,
    child: Option<Child>,
}

impl Redis {
    /// A server that runs; none, and said so, where it is not installed.
    pub fn start() -> Result<Option<Self>> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = std::env::split_paths(&path).map(|folder| folder.join("redis-server"));
        let Some(program) = program.into_iter().find(|file| file.is_file()) else {
            crate::leave_out("a Redis that is killed, for redis-server is not installed");
            return Ok(None);
        };
        let (port, folder) = (crate::free_port()?, TempFolder::new("redis")?);
        let mut redis = Self { program, port, folder, child: None };
        redis.start_again()?;
        Ok(Some(redis))
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it as a power cut would: SIGKILL, no warning. Nothing of it is kept.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("it does not run")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    pub fn start_again(&mut self) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().context("starting Redis")?);
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if started.elapsed() > Duration::from_secs(20) {
                bail!("Redis does not start on port {}", self.port);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
