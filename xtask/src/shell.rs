//! Finding and running other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A test program that prints nothing for this long hangs, and is ended.
const SILENCE: Duration = Duration::from_mins(10);

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The folder cargo builds into.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where programs lie that were fetched for this checkout only.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// Looks a program up in `PATH` and then in `also`.
pub fn find(name: &str, also: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(also.iter().cloned())
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Cargo, freed of what it set for this program: build scripts that watch those variables would
/// otherwise run again each time.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    clean(&mut command);
    command.current_dir(root());
    command
}

/// Removes from a command's environment what belongs to cargo's run of xtask.
pub fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if ours.iter().any(|start| name.starts_with(start)) {
            command.env_remove(&*name);
        }
    }
}

pub fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let name = |word: &OsStr| match Path::new(word).file_name() {
        Some(name) if Path::new(word).is_absolute() => name.to_string_lossy().into_owned(),
        _ => word.to_string_lossy().into_owned(),
    };
    words.map(name).collect::<Vec<_>>().join(" ")
}

/// Runs a command to its end; anything but success is an error.
pub fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", describe(command));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{} did not start", describe(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", describe(command));
    }
    Ok(())
}

/// Runs a command quietly and returns what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} did not start", describe(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}: {}", describe(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command and hands on every line it prints; true if it succeeded.
pub fn stream(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} did not start", describe(command)))?;
    let stdout = child.stdout.take().context("its output was piped")?;
    let (send, receive) = channel();
    let reader = std::thread::spawn(move || {
        let mut lines = BufReader::new(stdout);
        let mut bytes = Vec::new();
        while lines.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            if send.send(text).is_err() {
                break;
            }
        }
    });
    loop {
        match receive.recv_timeout(SILENCE) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill()?;
                child.wait()?;
                bail!("{} said nothing for {SILENCE:?} and was ended", describe(command));
            }
        }
    }
    drop(reader);
    Ok(child.wait()?.success())
}

/// A port that nobody listens on at the moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A program that ends when this one does, however this one ends: a shell holds it, and stops it
/// as soon as our end of its standard input closes.
pub struct Held(Child);

const HOLD: &str = r#"
"$@" >"$HELD_LOG" 2>&1 </dev/null &
trap '' INT TERM HUP
exec 2>/dev/null
read -r _
kill -"$HELD_SIGNAL" $! 2>/dev/null
wait $!
rm -rf "$HELD_FOLDER"
"#;

impl Held {
    /// `signal` asks the program to end; `folder` goes with it.
    pub fn start(command: &Command, signal: &str, log: &Path, folder: &Path) -> Result<Self> {
        let mut shell = Command::new("sh");
        clean(&mut shell);
        shell.args(["-c", HOLD, "held"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.env("HELD_LOG", log).env("HELD_SIGNAL", signal).env("HELD_FOLDER", folder);
        let shell = shell.stdin(Stdio::piped()).spawn();
        shell.map(Self).with_context(|| format!("{} did not start", describe(command)))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
