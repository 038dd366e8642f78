//! Line coverage of our crates: instrumented by the compiler, read by LLVM's own tools.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::Built;
use crate::report::Report;
use crate::shell;

/// Makes cargo compile our crates, and only ours, with counters in them. A wrapper around rustc
/// does it, not `RUSTFLAGS`, which would build every dependency again.
pub fn instrument(cargo: &mut Command) -> Result<()> {
    let wrapper = shell::tools().join("rustc-with-counters");
    let script = "#!/bin/sh\nexec \"$@\" -C instrument-coverage\n";
    std::fs::create_dir_all(shell::tools())?;
    if std::fs::read_to_string(&wrapper).ok().as_deref() != Some(script) {
        std::fs::write(&wrapper, script)?;
        std::fs::set_permissions(&wrapper, PermissionsExt::from_mode(0o755))?;
    }
    cargo.env("RUSTC_WORKSPACE_WRAPPER", wrapper);
    // Build scripts are ours too, and would leave their counts beside the manifest.
    cargo.env("LLVM_PROFILE_FILE", "/dev/null");
    Ok(())
}

/// The counts of one run, and the programs that read them.
pub struct Profiles {
    folder: PathBuf,
    profdata: PathBuf,
    cov: PathBuf,
}

impl Profiles {
    pub fn new() -> Result<Self> {
        let bin = llvm_tools()?;
        let folder = shell::target().join("coverage");
        if folder.is_dir() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder, profdata: bin.join("llvm-profdata"), cov: bin.join("llvm-cov") })
    }

    /// Where a program writes its counts: many runs share four files a program.
    pub fn file(&self) -> PathBuf {
        self.folder.join("%4m.profraw")
    }

    /// Prints covered lines by room and in all.
    pub fn print(&self, built: &Built, report: &mut Report) -> Result<()> {
        let merged = self.folder.join("all.profdata");
        let raw = std::fs::read_dir(&self.folder)?.flatten().map(|entry| entry.path());
        let raw = raw.filter(|path| path.extension().is_some_and(|end| end == "profraw"));
        let mut merge = Command::new(&self.profdata);
        merge.args(["merge", "-sparse", "-failure-mode=all", "-o"]).arg(&merged).args(raw);
        shell::output(&mut merge)?;

        let mut export = Command::new(&self.cov);
        export.args(["export", "-summary-only", "-instr-profile"]).arg(&merged);
        let mut programs: Vec<_> = built.tests.iter().map(|test| &test.path).collect();
        programs.extend(&built.streamly);
        for program in programs {
            export.arg("-object").arg(program);
        }
        let json: Value = serde_json::from_str(&shell::output(&mut export)?)?;
        let files = json["data"][0]["files"].as_array().context("no file in the coverage")?;
        let mut places: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for file in files {
            let path = Path::new(file["filename"].as_str().unwrap_or_default());
            let Some(place) = path.strip_prefix(shell::root()).ok().and_then(place) else {
                continue;
            };
            let lines = &file["summary"]["lines"];
            for name in [place.as_str(), ALL] {
                let (covered, count) = places.entry(name.to_owned()).or_default();
                *covered += lines["covered"].as_u64().unwrap_or_default();
                *count += lines["count"].as_u64().unwrap_or_default();
            }
        }
        for (place, (covered, count)) in &places {
            println!("{:>7}  {covered:>6} of {count:>6} lines  {place}", percent(*covered, *count));
        }
        let &(covered, count) = places.get(ALL).context("no line of ours in the coverage")?;
        let all = percent(covered, count);
        report.notes.push(format!("coverage: {all} of lines ({covered} of {count})"));
        Ok(())
    }
}

const ALL: &str = "~ all";

fn percent(covered: u64, count: u64) -> String {
    let tenths = (covered * 1000).checked_div(count).unwrap_or(1000);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// The room or crate a file belongs to; tests and development commands are not measured.
fn place(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let path = file.to_str()?;
    let apart = ["xtask/", "tests/", "target/", "src/testing/"];
    if name.ends_with("tests.rs") || path.contains("/tests/") || name == "build.rs" {
        return None;
    }
    if apart.iter().any(|start| path.starts_with(start)) {
        return None;
    }
    let mut parts = path.split('/');
    let (first, second) = (parts.next()?, parts.next().unwrap_or_default());
    Some(format!("{first}/{}", second.trim_end_matches(".rs")))
}

/// The folder with `llvm-cov` and `llvm-profdata` that understand this compiler's counts.
fn llvm_tools() -> Result<PathBuf> {
    let rustc = shell::output(Command::new("rustc").arg("-vV"))?;
    let field = |name: &str| rustc.lines().find_map(|line| line.strip_prefix(name));
    let host = field("host: ").context("rustc does not say its host")?;
    let version = field("LLVM version: ").context("rustc does not say its LLVM")?;
    let release = version.split('.').next().unwrap_or_default();

    let sysroot = shell::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let rustup = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin");
    let debian = PathBuf::from(format!("/usr/lib/llvm-{release}/bin"));
    let there = |folder: &Path| folder.join("llvm-cov").is_file();
    if let Some(folder) = [&rustup, &debian].into_iter().find(|folder| there(folder)) {
        return Ok(folder.clone());
    }
    let mut add = Command::new("rustup");
    add.args(["component", "add", "llvm-tools"]);
    if shell::run(&mut add).is_ok() && there(&rustup) {
        return Ok(rustup);
    }
    bail!("LLVM {release}'s tools are missing, and rustup cannot add its component llvm-tools");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_their_room_and_tests_to_none() {
        let of = |path: &str| place(Path::new(path));
        assert_eq!(of("src/posts/store.rs").as_deref(), Some("src/posts"));
        assert_eq!(of("src/error.rs").as_deref(), Some("src/error"));
        assert_eq!(of("crates/markup/src/lib.rs").as_deref(), Some("crates/markup"));
        for apart in ["src/posts/tests.rs", "src/arch_tests.rs", "xtask/src/main.rs", "build.rs"] {
            assert_eq!(of(apart), None, "{apart}");
        }
    }
}
