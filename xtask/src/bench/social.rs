//! What members see on a site of 100,000 posts, beside the same on one of 1,000: runs in turns, so
//! that a busy machine slows both, and how many statements each page ran by the servers' own logs.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use streamly_e2e::TempFolder;
use streamly_e2e::http::Client;
use streamly_e2e::member;
use streamly_e2e::server::{Server, Site};

use super::result::median;
use super::scenario;
use super::wrk::{Load, Run};
use crate::args::Args;
use crate::report::Report;
use crate::{shell, tools};

struct Plan {
    rounds: usize,
    seconds: u32,
    connections: u32,
    only: Vec<String>,
}

/// A page that both sites have, and where each has it.
struct Page {
    name: &'static str,
    path: fn(&Stage) -> String,
    signed_in: bool,
}

/// A filled site with a server on it and somebody logged in.
struct Stage {
    server: Server,
    visitor: Client,
    member: Client,
    /// The post with the most comments.
    busiest: String,
    _site: Site,
}

/// The longest p50 on the large site allowed, as a multiple of that on the small one.
const ALLOWED: f64 = 1.5;
/// The most statements that a page may run.
const STATEMENTS: u64 = 12;

const PAGES: [Page; 9] = [
    Page { name: "home", path: |_| "/".into(), signed_in: false },
    Page { name: "for-you", path: |_| "/".into(), signed_in: true },
    Page { name: "following", path: |_| "/?tab=following".into(), signed_in: true },
    Page { name: "latest", path: |_| "/?tab=latest".into(), signed_in: true },
    Page { name: "comments", path: |stage| stage.busiest.clone(), signed_in: true },
    Page { name: "trending", path: |_| "/blog/trending?days=7".into(), signed_in: false },
    Page { name: "search", path: |_| "/blog/search?q=morning+river".into(), signed_in: false },
    Page { name: "suggest", path: |_| "/search/suggest?q=mor".into(), signed_in: false },
    Page { name: "notices", path: |_| "/notifications".into(), signed_in: true },
];

pub fn command(mut args: Args) -> Result<()> {
    let mut report = Report::new();
    let plan = Plan {
        rounds: args.value("rounds")?.unwrap_or(5).max(1),
        seconds: args.value("seconds")?.unwrap_or(2).max(1),
        connections: args.value("connections")?.unwrap_or(2).max(2),
        only: args
            .value::<String>("only")?
            .map(|names| names.split(',').map(str::to_owned).collect())
            .unwrap_or_default(),
    };
    tools::ensure(&[&tools::WRK], !args.flag("no-install"), &mut report);
    args.last_word()?;
    let (program, _) = super::build()?;
    let small = Stage::of(&program, "small")?;
    let large = Stage::of(&program, "large")?;
    let work = TempFolder::new("social")?;
    println!(
        "\n{:10} {:>10} {:>10} {:>7} {:>11} {:>8} {:>7}",
        "", "small ms", "large ms", "ratio", "statements", "bytes", "errors"
    );
    let mut slow = Vec::new();
    for page in PAGES.iter().filter(|page| plan.wants(page.name)) {
        let line = measure(page, [&small, &large], &plan, work.path())?;
        if line.ratio > ALLOWED || line.statements > STATEMENTS {
            slow.push(page.name);
        }
        line.print(page.name);
    }
    report.print_left_out();
    if !slow.is_empty() {
        println!(
            "\n!! Over {ALLOWED} times the small site, or over {STATEMENTS} statements: {}",
            slow.join(", ")
        );
    }
    Ok(())
}

impl Plan {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == name)
    }
}

struct Line {
    small: f64,
    large: f64,
    ratio: f64,
    statements: u64,
    bytes: usize,
    errors: u64,
}

impl Line {
    fn print(&self, name: &str) {
        println!(
            "{name:10} {:>10.2} {:>10.2} {:>7.2} {:>11} {:>8} {:>7}",
            self.small, self.large, self.ratio, self.statements, self.bytes, self.errors
        );
    }
}

/// Rounds in turns: the small site, then the large one.
fn measure(page: &Page, stages: [&Stage; 2], plan: &Plan, folder: &Path) -> Result<Line> {
    let mut scripts = Vec::new();
    let (mut statements, mut bytes) = (0, 0);
    for (at, stage) in stages.into_iter().enumerate() {
        let path = (page.path)(stage);
        let client = if page.signed_in { &stage.member } else { &stage.visitor };
        let before = stage.server.log().len();
        let answer = client.clone().get(&path)?.expect(200)?;
        bytes = answer.body.len();
        statements = statements.max(stage.statements(&path, before)?);
        let file = folder.join(format!("{}-{at}.lua", page.name));
        std::fs::write(&file, scenario::one_page(client, &path))?;
        scripts.push(file);
    }
    let run = |at: usize, seconds| -> Result<Run> {
        let (port, connections) = (stages[at].server.port, plan.connections);
        Load { port, script: &scripts[at], seconds, connections }.run()
    };
    let mut rounds = Vec::new();
    for at in [0, 1] {
        run(at, 1)?;
    }
    for _ in 0..plan.rounds {
        rounds.push((run(0, plan.seconds)?, run(1, plan.seconds)?));
    }
    let of = |value: fn(&(Run, Run)) -> f64| median(rounds.iter().map(value).collect());
    Ok(Line {
        small: of(|(small, _)| small.p50),
        large: of(|(_, large)| large.p50),
        ratio: of(|(small, large)| large.p50 / small.p50),
        statements,
        bytes,
        errors: rounds.iter().map(|(small, large)| small.errors + large.errors).sum(),
    })
}

impl Stage {
    fn of(program: &Path, scale: &str) -> Result<Self> {
        let folder = shell::target().join("bench").join(scale);
        let file = folder.join("made-by");
        let recipe = recipe()?;
        let made = std::fs::read_to_string(&file).unwrap_or_default();
        let fresh = made.lines().next() == Some(recipe.as_str());
        if !fresh && folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let mut site = Site::in_folder(program.to_owned(), TempFolder::kept(folder)?)?;
        site.set("STREAMLY_LOG__FORMAT", "json");
        let login = if fresh { made } else { fill(&site, scale, &recipe, &file)? };
        let mut words = login.lines().skip(1);
        let (name, password) = (words.next().context("a name")?, words.next().context("a word")?);
        let server = site.start()?;
        let visitor = server.client();
        let mut signed_in = server.client();
        member::login(&mut signed_in, name, password)?.expect(303)?;
        let busiest = busiest(&mut visitor.clone())?;
        Ok(Self { server, visitor, member: signed_in, busiest, _site: site })
    }

    /// How many statements the request of a path ran, by what the log says after so many bytes.
    /// The line is written when the answer has gone out already.
    fn statements(&self, path: &str, after: usize) -> Result<u64> {
        let path = member::path_of(path);
        let path = path.split('?').next().unwrap_or_default();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            let log = self.server.log();
            let found = log.get(after..).unwrap_or_default().lines().find_map(|line| {
                let line: Value = serde_json::from_str(line).ok()?;
                (line["path"].as_str()? == path).then(|| line["statements"].as_u64())?
            });
            if let Some(number) = found {
                return Ok(number);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        anyhow::bail!("the log has no line for {path}")
    }
}

/// What the data are made from: when it changes, they are made anew.
fn recipe() -> Result<String> {
    let mut list = std::process::Command::new("git");
    list.args(["ls-files", "-s", "--", "migrations", "src/demo"]).current_dir(shell::root());
    let mut sums = BTreeMap::new();
    for line in shell::output(&mut list)?.lines() {
        let (about, path) = line.split_once('\t').context("a line of git")?;
        sums.insert(path.to_owned(), about.to_owned());
    }
    let lines: Vec<String> = sums.into_iter().map(|(path, sum)| format!("{path} {sum}")).collect();
    Ok(lines.join(" "))
}

/// Fills a site, and notes who can log in: the recipe, a name and the password, a line each.
fn fill(site: &Site, scale: &str, recipe: &str, file: &Path) -> Result<String> {
    println!("Filling a {scale} site");
    let started = Instant::now();
    let said = site.run(&["demo", "--size", scale], "")?;
    println!("  {:.0} s", started.elapsed().as_secs_f64());
    let name = said.lines().find_map(|line| line.strip_prefix("  ")).context("no name")?;
    let password =
        said.lines().find_map(|line| line.rsplit_once("password ")).context("no password")?.1;
    let entry = format!("{recipe}\n{}\n{}\n", name.trim(), password.trim());
    std::fs::write(file, &entry)?;
    Ok(entry)
}

/// The path of the post on the first pages with the most comments.
fn busiest(client: &mut Client) -> Result<String> {
    let mut best: Option<(u64, String)> = None;
    let mut next = Some("/blog/".to_owned());
    for _ in 0..20 {
        let Some(page) = next.take() else { break };
        let html = client.get(&page)?.expect(200)?.text();
        for card in html.split("<article").skip(1) {
            let path = card.split("href=\"").find(|rest| rest.starts_with("/blog/post/"));
            let path = path.and_then(|rest| rest.split('"').next()).unwrap_or_default();
            let count = comments(card);
            if best.as_ref().is_none_or(|(most, _)| count > *most) {
                best = Some((count, path.to_owned()));
            }
        }
        next = html
            .split("href=\"")
            .find(|rest| rest.starts_with("/blog/?before="))
            .and_then(|rest| rest.split('"').next())
            .map(str::to_owned);
    }
    let (_, path) = best.context("no post is listed")?;
    ensure!(path.starts_with("/blog/post/"), "a card without an address");
    Ok(path)
}

/// The number before the word "comments" of a card.
fn comments(card: &str) -> u64 {
    let Some((before, _)) = card.split_once("<span class=\"visually-hidden\"> comments") else {
        return 0;
    };
    let digits: Vec<char> =
        before.chars().rev().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    let number: String = digits.into_iter().rev().filter(char::is_ascii_digit).collect();
    number.parse().unwrap_or_default()
}
