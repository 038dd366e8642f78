//! One run of the load generator.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

pub struct Load<'a> {
    pub port: u16,
    pub script: &'a Path,
    pub seconds: u32,
    pub connections: u32,
}

/// What a run came to. Times in milliseconds.
pub struct Run {
    pub per_second: f64,
    pub p50: f64,
    pub p99: f64,
    /// Connections that broke, answers that never came, and answers of 400 or more.
    pub errors: u64,
}

/// Appended to every script: prints the sums where [`Load::run`] finds them.
pub const DONE: &str = r#"
function done(summary, latency)
  local e = summary.errors
  print(string.format('RUN {"requests":%d,"us":%d,"p50":%d,"p99":%d,"errors":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.timeout + e.status))
end
"#;

impl Load<'_> {
    pub fn run(&self) -> Result<Run> {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t2", "--timeout", "10s", "-c", &self.connections.to_string()]);
        wrk.args(["-d", &format!("{}s", self.seconds), "-s"]).arg(self.script);
        let said = shell::output(wrk.arg(format!("http://127.0.0.1:{}/", self.port)))?;
        let line = said.lines().find_map(|line| line.strip_prefix("RUN "));
        let run: Value = serde_json::from_str(line.with_context(|| said.clone())?)?;
        let number = |name: &str| run[name].as_f64().unwrap_or_default();
        Ok(Run {
            per_second: number("requests") / number("us") * 1_000_000.0,
            p50: number("p50") / 1000.0,
            p99: number("p99") / 1000.0,
            errors: run["errors"].as_u64().unwrap_or_default(),
        })
    }
}
