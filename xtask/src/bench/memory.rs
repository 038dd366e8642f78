//! What the site takes of the machine's memory, and for what.

use std::fmt;

use anyhow::{Context, Result};

/// Resident memory in MiB.
#[derive(Default)]
pub struct Memory {
    pub all: f64,
    pub peak: f64,
    /// The process's own: heap and stacks. The rest is the program and files that are mapped.
    pub own: f64,
}

impl Memory {
    pub fn of(pid: u32) -> Result<Self> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let mib = |name: &str| -> Result<f64> {
            let line =
                status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
            let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
            Ok(kib / 1024.0)
        };
        Ok(Self { all: mib("VmRSS:")?, peak: mib("VmHWM:")?, own: mib("RssAnon:")? })
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { all, peak, own } = self;
        write!(formatter, "memory {all:.1} MiB, {own:.1} of it its own (at most {peak:.1})")
    }
}
