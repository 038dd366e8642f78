//! Development commands, run as `cargo xtask <command>`: they find or install what the project's
//! tests need, start it, stop it, and say plainly what had to be left out.
#![expect(clippy::print_stdout, reason = "a command line program talks to its terminal")]

mod args;
mod assets;
mod bench;
mod build;
mod ci;
mod coverage;
mod peers;
mod postgres;
mod redis;
mod report;
mod shell;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::args::Args;

const USAGE: &str = "\
cargo xtask <command>

  test [FILTER] [--sqlite] [--postgres] [--e2e] [--coverage] [--no-install]
          Every test: on SQLite, on a PostgreSQL of its own, and in a real browser. Installs what is
          missing where it may (--no-install: never) and says what it left out. With a FILTER only
          tests whose name contains it; with a level only that level.
  coverage [FILTER]
          The same as test --coverage: builds our crates instrumented and prints line coverage.
  ci      What CI runs: format, lints, tests with coverage, licences and sources of dependencies,
          unused dependencies, documentation.
  assets  Sizes of the style sheets, scripts and fonts, raw and compressed, against their budgets.
  bench [--rounds N] [--seconds N] [--connections N] [--only NAME,...] [--postgres]
        [--size small|large] [--against FILE] [--no-install]
          Requests a second, latency and memory of a release build, beside a bare axum server that
          answers the same bytes from memory. Writes target/bench/latest.json.
  bench social [--rounds N] [--seconds N] [--connections N] [--only NAME,...] [--no-install]
          What members see, on the large demonstration beside the small one: p50 of both in turns,
          their ratio, and how many statements each page ran. The large site is made once and kept
          in target/bench.
  bench live [--streams N] [--rounds N] [--postgres] [--no-install]
          Thousands of open pages at one instance: memory for each stream of a visitor and of a
          member, and how long a new comment takes to the first, to half and to all of them.
  bench uploads [--count N] [--seconds N] [--no-install]
          Many pictures of 12 megapixels sent at once: memory of the site with its decoders, and p99
          of the home page meanwhile beside idle.
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let args = Args::parse(words);
    std::env::set_current_dir(shell::root())?;
    match command.as_str() {
        "test" => test::command(args),
        "coverage" => test::command(args.with("coverage")),
        "ci" => ci::command(args),
        "assets" => assets::command(args),
        "bench" => bench::command(args),
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("there is no command {other:?}\n\n{USAGE}"),
    }
}
