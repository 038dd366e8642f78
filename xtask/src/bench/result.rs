//! The numbers of a run: printed as a table, kept as JSON, compared with an earlier run.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Plan;
use super::memory::Memory;
use super::scenario::Scenario;
use super::wrk::Run;
use crate::shell;

/// Medians over the rounds of one scenario.
pub struct Measured {
    name: String,
    per_second: f64,
    p50: f64,
    p99: f64,
    ceiling: Option<f64>,
    /// The median of the ratios within each round, not the ratio of the medians.
    ratio: Option<f64>,
    errors: u64,
    bytes: usize,
}

impl Measured {
    pub fn from(scenario: &Scenario, rounds: &[(Run, Option<Run>)]) -> Self {
        let of =
            |value: fn(&Run) -> f64| median(rounds.iter().map(|(run, _)| value(run)).collect());
        let pairs = || rounds.iter().filter_map(|(run, bare)| Some((run, bare.as_ref()?)));
        let beside = |value: fn((&Run, &Run)) -> f64| {
            scenario.ceiling.as_ref().map(|_| median(pairs().map(value).collect()))
        };
        Self {
            name: scenario.name.to_owned(),
            per_second: of(|run| run.per_second),
            p50: of(|run| run.p50),
            p99: of(|run| run.p99),
            ceiling: beside(|(_, bare)| bare.per_second),
            ratio: beside(|(run, bare)| run.per_second / bare.per_second),
            errors: rounds.iter().map(|(run, _)| run.errors).sum(),
            bytes: scenario.bytes,
        }
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.len() % 2) {
        (Some(value), 1) => *value,
        (Some(value), _) => f64::midpoint(values[middle - 1], *value),
        (None, _) => 0.0,
    }
}

pub struct Results {
    about: Value,
    pub fill_seconds: f64,
    pub start_ms: f64,
    pub memory: Memory,
    pub scenarios: Vec<Measured>,
}

/// An earlier run, as far as it is compared.
pub struct Earlier(Value);

impl Results {
    pub fn new(program: &Path, plan: &Plan) -> Result<Self> {
        let mut git = std::process::Command::new("git");
        git.args(["describe", "--always", "--dirty"]).current_dir(shell::root());
        let commit = shell::output(&mut git).unwrap_or_default();
        let about = json!({
            "commit": commit.trim(),
            "database": if plan.postgres { "postgresql" } else { "sqlite" },
            "size": plan.size,
            "rounds": plan.rounds,
            "seconds": plan.seconds,
            "connections": plan.connections,
            "binary_bytes": std::fs::metadata(program)?.len(),
        });
        let (fill_seconds, start_ms, memory) = (0.0, 0.0, Memory::default());
        Ok(Self { about, fill_seconds, start_ms, memory, scenarios: Vec::new() })
    }

    pub fn read(path: &Path) -> Result<Earlier> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Ok(Earlier(serde_json::from_str(&text)?))
    }

    pub fn print(&self, before: Option<&Earlier>) {
        println!("\n{:#}\n", self.about);
        println!(
            "{:12} {:>10} {:>9} {:>9} {:>10} {:>7} {:>7} {:>7}  {}",
            "",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "ceiling/s",
            "ratio",
            "bytes",
            "errors",
            if before.is_some() { "against" } else { "" },
        );
        for one in &self.scenarios {
            let ceiling = one.ceiling.map_or_else(String::new, |value| format!("{value:.0}"));
            let ratio = one.ratio.map_or_else(String::new, |value| format!("{value:.3}"));
            println!(
                "{:12} {:>10.0} {:>9.2} {:>9.2} {ceiling:>10} {ratio:>7} {:>7} {:>7}  {}",
                one.name,
                one.per_second,
                one.p50,
                one.p99,
                one.bytes,
                one.errors,
                before.map_or_else(String::new, |before| before.compare(one)),
            );
        }
        println!("\nafter the run         {}", self.memory);
        println!("start to first answer {:.0} ms", self.start_ms);
        println!("filling the site      {:.1} s", self.fill_seconds);
        if self.scenarios.iter().any(|one| one.errors > 0) {
            println!("\n!! Some requests failed: these numbers do not count.");
        }
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let scenarios: serde_json::Map<String, Value> = self
            .scenarios
            .iter()
            .map(|one| {
                let values = json!({
                    "per_second": one.per_second, "p50_ms": one.p50, "p99_ms": one.p99,
                    "ceiling_per_second": one.ceiling, "ratio": one.ratio,
                    "errors": one.errors, "bytes": one.bytes,
                });
                (one.name.clone(), values)
            })
            .collect();
        let mut all = self.about.clone();
        all["scenarios"] = Value::Object(scenarios);
        all["start_ms"] = json!(self.start_ms);
        all["fill_seconds"] = json!(self.fill_seconds);
        all["rss_mib"] = json!(self.memory.all);
        all["rss_own_mib"] = json!(self.memory.own);
        all["rss_peak_mib"] = json!(self.memory.peak);
        std::fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        std::fs::write(path, format!("{all:#}\n"))?;
        Ok(())
    }
}

impl Earlier {
    /// Ratios are compared where there are any: the machine may have been busier the other time.
    fn compare(&self, now: &Measured) -> String {
        let then = &self.0["scenarios"][&now.name];
        let (what, now, then) = match (now.ratio, then["ratio"].as_f64()) {
            (Some(now), Some(then)) => ("ratio", now, then),
            _ => ("requests/s", now.per_second, then["per_second"].as_f64().unwrap_or_default()),
        };
        if then == 0.0 {
            return "not measured before".to_owned();
        }
        format!("{what} x {:.2}", now / then)
    }
}
