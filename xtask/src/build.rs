//! Builds everything once, so that each test program can be run as often as there are databases.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{coverage, shell};

pub struct TestProgram {
    /// The folder of its package, relative to the workspace: `""`, `crates/markup`, `tests/e2e` …
    pub package: PathBuf,
    pub target: String,
    pub path: PathBuf,
}

pub struct Built {
    pub tests: Vec<TestProgram>,
    /// The `streamly` program itself.
    pub streamly: Option<PathBuf>,
}

impl Built {
    pub fn of(&self, package: &str) -> impl Iterator<Item = &TestProgram> {
        self.tests.iter().filter(move |test| test.package == Path::new(package))
    }
}

/// One cargo command for programs and tests of the whole workspace: several would choose other
/// features for the dependencies each time and build them again.
pub fn everything(instrumented: bool) -> Result<Built> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--workspace", "--lib", "--bins", "--tests"]);
    cargo.arg("--message-format=json-render-diagnostics");
    if instrumented {
        coverage::instrument(&mut cargo)?;
    }
    println!("$ {}", shell::describe(&cargo));
    let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the build failed");
    }
    let mut built = Built { tests: Vec::new(), streamly: None };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_default();
        if let Some(path) = message["executable"].as_str() {
            built.add(&message, PathBuf::from(path))?;
        }
    }
    built.tests.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
    Ok(built)
}

impl Built {
    fn add(&mut self, message: &Value, path: PathBuf) -> Result<()> {
        let target = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        let manifest = Path::new(message["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().context("a manifest lies in a folder")?;
        let package = folder.strip_prefix(shell::root())?.to_path_buf();
        if message["profile"]["test"] == true {
            self.tests.push(TestProgram { package, target, path });
        } else if target == "streamly" {
            self.streamly = Some(path);
        }
        Ok(())
    }
}

/// Keeps a program as it is now, also when somebody builds it anew while the tests run.
pub fn keep(program: &Path) -> Result<PathBuf> {
    let kept = kept();
    std::fs::create_dir_all(kept.parent().context("it lies in a folder")?)?;
    forget_kept();
    if std::fs::hard_link(program, &kept).is_err() {
        std::fs::copy(program, &kept)?;
    }
    Ok(kept)
}

pub fn forget_kept() {
    let _ = std::fs::remove_file(kept());
}

fn kept() -> PathBuf {
    shell::target().join("xtask").join(format!("streamly-{}", std::process::id()))
}

impl TestProgram {
    /// The program as cargo would run it: in the folder of its package.
    pub fn command(&self, filter: Option<&str>) -> Command {
        let folder = shell::root().join(&self.package);
        let mut command = Command::new(&self.path);
        shell::clean(&mut command);
        command.current_dir(&folder).env("CARGO_MANIFEST_DIR", &folder).args(filter);
        for name in ["TEST_DATABASE_URL", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORT"] {
            command.env_remove(name);
        }
        command
    }
}
