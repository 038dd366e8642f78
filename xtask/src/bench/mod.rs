//! `cargo xtask bench`: how quick the site is, beside a server that only answers from memory.
//!
//! The machine is shared with the load generator, so absolute numbers mean little: what counts is
//! the ratio of runs taken in turns, and the median of several rounds.

mod live;
mod memory;
mod result;
mod scenario;
mod social;
mod streams;
mod uploads;
mod wrk;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use streamly_e2e::TempFolder;
use streamly_e2e::database::Database;
use streamly_e2e::server::{Server, Site};

use crate::args::Args;
use crate::postgres::{self, Durability};
use crate::report::Report;
use crate::shell::{self, Held};
use crate::tools;
use memory::Memory;
use result::{Measured, Results};
use scenario::Scenario;
use wrk::Load;

struct Plan {
    rounds: usize,
    seconds: u32,
    connections: u32,
    size: String,
    only: Vec<String>,
    postgres: bool,
    against: Option<PathBuf>,
}

impl Plan {
    fn from(mut args: Args, report: &mut Report) -> Result<Self> {
        let plan = Self {
            rounds: args.value("rounds")?.unwrap_or(5).max(1),
            seconds: args.value("seconds")?.unwrap_or(5).max(1),
            connections: args.value("connections")?.unwrap_or(32).max(2),
            size: args.value("size")?.unwrap_or_else(|| "small".into()),
            only: args
                .value::<String>("only")?
                .map(|names| names.split(',').map(str::to_owned).collect())
                .unwrap_or_default(),
            postgres: args.flag("postgres"),
            against: args.value("against")?,
        };
        let mut needs = vec![&tools::WRK];
        if plan.postgres {
            needs.push(&tools::POSTGRES);
        }
        tools::ensure(&needs, !args.flag("no-install"), report);
        args.last_word()?;
        Ok(plan)
    }
}

pub fn command(mut args: Args) -> Result<()> {
    if args.word("social") {
        return social::command(args);
    }
    if args.word("live") {
        return live::command(args);
    }
    if args.word("uploads") {
        return uploads::command(args);
    }
    let mut report = Report::new();
    let plan = Plan::from(args, &mut report)?;
    let before = plan.against.as_deref().map(Results::read).transpose()?;
    let database = if plan.postgres { Some(postgres::start(Durability::Real)?) } else { None };
    let (program, ceiling) = build()?;

    let mut site = Site::of(program.clone())?;
    if let Some(server) = &database {
        site = site.on(Database::new(&server.url)?);
    }
    let mut results = Results::new(&program, &plan)?;
    println!("Filling a {} site", plan.size);
    let started = Instant::now();
    site.run(&["demo", "--size", &plan.size], "")?;
    results.fill_seconds = started.elapsed().as_secs_f64();
    site.user("bench", "User")?;
    results.start_ms = start_times(&site, plan.rounds)?;

    let server = site.start()?;
    let work = TempFolder::new("bench")?;
    let scenarios = scenario::all(&server, &plan, work.path())?;
    let (bare, _held) = start_ceiling(&ceiling, work.path())?;
    for scenario in &scenarios {
        results.scenarios.push(measure(scenario, &server, bare, &plan)?);
    }
    results.memory = Memory::of(server.pid())?;
    results.print(before.as_ref());
    let file = shell::target().join("bench/latest.json");
    results.write(&file)?;
    println!("\nWritten to {}", file.strip_prefix(shell::root()).unwrap_or(&file).display());
    report.print_left_out();
    Ok(())
}

/// Release builds of the site and of the ceiling.
fn build() -> Result<(PathBuf, PathBuf)> {
    let release = shell::target().join("release");
    shell::run(shell::cargo().args(["build", "--release", "--package", "streamly"]))?;
    let mut ceiling = shell::cargo();
    ceiling.args(["build", "--release", "--package", "xtask", "--bin", "ceiling"]);
    shell::run(ceiling.args(["--features", "ceiling"]))?;
    Ok((release.join("streamly"), release.join("ceiling")))
}

/// The median time from the start of the process to its first answer, on a filled database.
fn start_times(site: &Site, rounds: usize) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let started = Instant::now();
        let mut server = site.launch()?;
        server.wait_for("/health/live")?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        server.stop()?;
    }
    Ok(result::median(times))
}

fn start_ceiling(program: &Path, folder: &Path) -> Result<(u16, Held)> {
    let port = shell::free_port()?;
    let mut command = std::process::Command::new(program);
    command.arg(port.to_string()).arg(folder.join("pages"));
    let held = Held::start(&command, "TERM", &folder.join("ceiling.log"), &folder.join("none"))?;
    let started = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        anyhow::ensure!(started.elapsed().as_secs() < 30, "the ceiling did not start");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    Ok((port, held))
}

/// Rounds in turns: the ceiling, then the site.
fn measure(scenario: &Scenario, server: &Server, bare: u16, plan: &Plan) -> Result<Measured> {
    println!("\n{}", scenario.name);
    let load = |port, script: &Path, seconds| {
        Load { port, script, seconds, connections: scenario.connections }.run()
    };
    // A first short run fills caches and pools, and is not counted.
    load(server.port, &scenario.script, 1)?;
    let mut rounds = Vec::new();
    for _ in 0..plan.rounds {
        let ceiling = match &scenario.ceiling {
            Some(script) => Some(load(bare, script, plan.seconds)?),
            None => None,
        };
        let site = load(server.port, &scenario.script, plan.seconds)?;
        let beside = ceiling.as_ref().map(|run| format!("   ceiling {:.0}/s", run.per_second));
        println!("  {:.0}/s{}", site.per_second, beside.unwrap_or_default());
        rounds.push((site, ceiling));
    }
    println!("  {}", Memory::of(server.pid())?);
    Ok(Measured::from(scenario, &rounds))
}
