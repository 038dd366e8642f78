//! `cargo xtask test`: every test at every level, on both databases and in a browser.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::build::{self, Built, TestProgram};
use crate::peers::{self, Peer};
use crate::postgres::{self, Durability, Postgres};
use crate::redis::{self, Redis};
use crate::report::Report;
use crate::{coverage, shell, tools};

/// The package whose tests drive the real program from outside.
const E2E: &str = "tests/e2e";
/// The application itself.
const STREAMLY: &str = "";

/// Where tests run.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Sqlite,
    Postgres,
    Outside,
}

const LEVELS: [(&str, Level); 3] =
    [("sqlite", Level::Sqlite), ("postgres", Level::Postgres), ("e2e", Level::Outside)];

/// What a run was asked to do.
pub struct Plan {
    filter: Option<String>,
    levels: Vec<Level>,
    coverage: bool,
    install: bool,
}

impl Plan {
    fn from(mut args: Args) -> Result<Self> {
        let named = LEVELS.into_iter().filter(|(name, _)| args.flag(name)).map(|(_, level)| level);
        let mut plan = Self { levels: named.collect(), ..Self::ci() };
        if plan.levels.is_empty() {
            plan.levels = LEVELS.map(|(_, level)| level).to_vec();
        }
        plan.coverage = args.flag("coverage");
        plan.install = !args.flag("no-install");
        plan.filter = args.last_word()?;
        Ok(plan)
    }

    /// Everything, coverage included.
    pub fn ci() -> Self {
        let levels = LEVELS.map(|(_, level)| level).to_vec();
        Self { filter: None, levels, coverage: true, install: true }
    }

    fn has(&self, level: Level) -> bool {
        self.levels.contains(&level)
    }
}

pub fn command(args: Args) -> Result<()> {
    let plan = Plan::from(args)?;
    let mut report = Report::new();
    run(&plan, &mut report);
    report.finish(true)
}

pub fn run(plan: &Plan, report: &mut Report) {
    let checkers =
        report.step("Find or install what the tests need", |report| Ok(provide(plan, report)));
    report.print_left_out();
    let profiles = if plan.coverage { profiles(report) } else { None };
    let instrumented = profiles.is_some();
    let Some(built) = report.step("Build", |_| build::everything(instrumented)) else { return };
    let postgres = start_postgres(plan, report);
    let redis = start_redis(report);
    let redis_url = redis.as_ref().map(|redis| ("TEST_REDIS_URL", redis.url.clone()));
    let runner = Runner { filter: plan.filter.as_deref(), profiles };

    let peers = start_peers(plan, report);
    let env = |more: Option<(&'static str, String)>| -> Vec<_> {
        peers
            .iter()
            .flat_map(|peer| peer.variables.clone())
            .chain(redis_url.clone())
            .chain(more)
            .collect()
    };
    if plan.has(Level::Sqlite) {
        let programs = || built.tests.iter().filter(|test| test.package.as_os_str() != E2E);
        report.step("Tests on SQLite", |report| runner.all(programs(), &env(None), report));
        if plan.filter.is_none() && examples_exist() {
            report.step("Examples in the documentation", doc_tests);
        }
    }
    if let Some(postgres) = postgres.as_ref().filter(|_| plan.has(Level::Postgres)) {
        let env = env(Some(("TEST_DATABASE_URL", postgres.url.clone())));
        let programs = || built.of(STREAMLY);
        report.step("Tests on PostgreSQL", |report| runner.all(programs(), &env, report));
    }
    if plan.has(Level::Outside) {
        report.step("The program from outside, and in a browser", |report| {
            let mut env = outside(&built, postgres.as_ref(), checkers.flatten())?;
            env.extend(redis_url.clone());
            env.extend(peers.iter().flat_map(|peer| peer.variables.clone()));
            let result = runner.all(built.of(E2E), &env, report);
            build::forget_kept();
            result
        });
    }
    if let Some(profiles) = &runner.profiles {
        report.step("Coverage", |report| profiles.print(&built, report));
    }
}

/// Where coverage is counted; none, and said so, where nothing can read the counts.
fn profiles(report: &mut Report) -> Option<coverage::Profiles> {
    coverage::Profiles::new()
        .map_err(|error| report.leave_out("coverage", format!("{error:#}")))
        .ok()
}

/// Installs what is missing; the page checkers where they can be had.
fn provide(plan: &Plan, report: &mut Report) -> Option<(PathBuf, PathBuf)> {
    let mut needs = vec![&tools::REDIS];
    if plan.has(Level::Postgres) || plan.has(Level::Outside) {
        needs.push(&tools::POSTGRES);
    }
    if plan.has(Level::Sqlite) || plan.has(Level::Postgres) {
        needs.push(&tools::CLAMD);
    }
    if plan.has(Level::Outside) {
        needs.extend([&tools::BROWSER, &tools::JAVA, &tools::NPM, &tools::SMTP]);
    }
    tools::ensure(&needs, plan.install, report);
    if !plan.has(Level::Outside) || shell::find("npm", &[]).is_none() {
        return None;
    }
    tools::page_checkers()
        .map_err(|error| {
            let what = "axe and the Nu HTML checker over all pages";
            report.leave_out(what, format!("npm could not fetch them: {error:#}"));
        })
        .ok()
}

fn start_postgres(plan: &Plan, report: &mut Report) -> Option<Postgres> {
    let wanted = plan.has(Level::Postgres) || plan.has(Level::Outside);
    if !wanted || postgres::programs().is_none() {
        return None;
    }
    report.step("Start PostgreSQL", |_| postgres::start(Durability::Forgetful))
}

fn start_redis(report: &mut Report) -> Option<Redis> {
    redis::program()?;
    report.step("Start Redis", |_| redis::start())
}

/// The servers that pictures are kept in and looked through; what cannot be had is left out, and
/// said.
fn start_peers(plan: &Plan, report: &mut Report) -> Vec<Peer> {
    let inside = plan.has(Level::Sqlite) || plan.has(Level::Postgres);
    let mut peers = Vec::new();
    let mut start = |what: &str, started: Result<Peer>| match started {
        Ok(peer) => peers.push(peer),
        Err(error) => report.leave_out(what, format!("{error:#}")),
    };
    start("every test against a real S3 server", peers::s3());
    if inside {
        start("every test over Google's storage protocol", peers::gcs());
        start("every test against a real clamd", peers::clamd());
    }
    peers
}

struct Runner<'a> {
    filter: Option<&'a str>,
    profiles: Option<coverage::Profiles>,
}

impl Runner<'_> {
    /// Runs test programs one after the other; all of them, also when one fails.
    fn all<'a>(
        &self,
        programs: impl Iterator<Item = &'a TestProgram>,
        env: &[(&str, String)],
        report: &mut Report,
    ) -> Result<()> {
        let mut failed = Vec::new();
        for program in programs {
            println!("\n--- {} {}", program.package.display(), program.target);
            let mut command = program.command(self.filter);
            command.envs(env.iter().map(|(name, value)| (name, value)));
            if let Some(profiles) = &self.profiles {
                command.env("LLVM_PROFILE_FILE", profiles.file());
            }
            let fine = shell::stream(&mut command, |line| {
                println!("{line}");
                report.read(line);
            });
            match fine {
                Ok(true) => {}
                Ok(false) => failed.push(program.target.clone()),
                Err(error) => failed.push(format!("{} ({error:#})", program.target)),
            }
        }
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}

/// Whether any documentation has an example: looking for them with cargo takes a build.
fn examples_exist() -> bool {
    let mut grep = Command::new("git");
    grep.args(["grep", "--untracked", "-qE", "^ *//[/!] *```", "--", "src", "crates"]);
    shell::output(grep.current_dir(shell::root())).is_ok()
}

fn doc_tests(report: &mut Report) -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.args(["test", "--quiet", "--workspace", "--doc"]);
    let fine = shell::stream(&mut cargo, |line| {
        println!("{line}");
        report.read(line);
    })?;
    if !fine {
        bail!("an example failed");
    }
    Ok(())
}

/// What the tests from outside find in their environment.
fn outside(
    built: &Built,
    postgres: Option<&Postgres>,
    checkers: Option<(PathBuf, PathBuf)>,
) -> Result<Vec<(&'static str, String)>> {
    let streamly = built.streamly.as_deref().context("the program streamly was not built")?;
    let path = |path: PathBuf| path.display().to_string();
    let mut env = vec![("STREAMLY_BIN", path(build::keep(streamly)?))];
    env.extend(tools::chrome().map(|chrome| ("CHROME", path(chrome))));
    env.extend(tools::smtp_python().map(|python| ("SMTP_PYTHON", path(python))));
    env.extend(tools::chromedriver().map(|driver| ("CHROMEDRIVER", path(driver))));
    env.extend(postgres.map(|postgres| ("TEST_DATABASE_URL", postgres.url.clone())));
    if let Some((axe, nu)) = checkers {
        env.push(("AXE_JS", path(axe)));
        if shell::find("java", &[]).is_some() {
            env.push(("VNU_JAR", path(nu)));
        }
    }
    Ok(env)
}
