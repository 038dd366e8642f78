//! One chromedriver for all tests of a process, and the protocol it speaks.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{free_port, http};

/// The shell that ends chromedriver as soon as this process is gone.
const HOLD: &str =
    r#""$@" >/dev/null 2>&1 </dev/null & exec 2>/dev/null; read -r _; kill $!; wait $!"#;

pub struct Driver {
    pub port: u16,
    pub chrome: PathBuf,
    /// Its standard input closes with this process.
    _shell: Child,
}

/// The driver, started at the first call; none where the environment does not name one.
pub fn driver() -> Result<Option<&'static Driver>> {
    static DRIVER: OnceLock<std::result::Result<Option<Driver>, String>> = OnceLock::new();
    match DRIVER.get_or_init(|| start().map_err(|error| format!("{error:#}"))) {
        Ok(driver) => Ok(driver.as_ref()),
        Err(error) => bail!("chromedriver: {error}"),
    }
}

fn start() -> Result<Option<Driver>> {
    let (program, chrome) = (std::env::var_os("CHROMEDRIVER"), std::env::var_os("CHROME"));
    let (Some(program), Some(chrome)) = (program, chrome) else { return Ok(None) };
    let port = free_port()?;
    let mut shell = Command::new("sh");
    shell.args(["-c", HOLD, "held"]).arg(&program).arg(format!("--port={port}"));
    let shell = shell.stdin(Stdio::piped()).spawn()?;
    let driver = Driver { port, chrome: chrome.into(), _shell: shell };
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        let status = driver.call("GET", "/status", &Value::Null);
        if status.is_ok_and(|status| status["ready"] == true) {
            return Ok(Some(driver));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!("{} did not get ready on port {port}", program.display())
}

impl Driver {
    /// One command of the `WebDriver` protocol; its `value`, or its error in words.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len(),
        );
        let answer = http::raw(self.port, request.as_bytes(), false)?;
        let mut json: Value =
            serde_json::from_slice(&answer.body).context("the driver's answer")?;
        let value = json["value"].take();
        let error = value["error"].as_str().unwrap_or_default();
        let message = value["message"].as_str().unwrap_or_default();
        let message = message.lines().next().unwrap_or_default();
        ensure!(answer.status == 200, "{error}: {message} ({method} {path} {body:.300})");
        Ok(value)
    }
}
