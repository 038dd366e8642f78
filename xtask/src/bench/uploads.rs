//! What many uploads at once do to everybody else: memory of the site with its decoders, and how
//! long readers of the home page wait meanwhile.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use streamly_e2e::TempFolder;
use streamly_e2e::http::Client;
use streamly_e2e::member::Member;
use streamly_e2e::picture::{multipart, striped};
use streamly_e2e::server::{Server, Site};

use super::memory::Memory;
use super::result::median;
use super::scenario;
use super::wrk::{Load, Run};
use crate::args::Args;
use crate::report::Report;
use crate::tools;

/// The most memory of the site and its decoders in MiB, and the longest p99 as a multiple of idle.
const ALLOWED_MIB: f64 = 400.0;
const ALLOWED_TIMES: f64 = 5.0;
/// How long somebody waits until their picture is taken.
const PATIENCE: Duration = Duration::from_mins(5);
/// Twelve megapixels, as telephones make them.
const SIDES: (u32, u32) = (4_000, 3_000);

pub fn command(mut args: Args) -> Result<()> {
    let mut report = Report::new();
    let count = args.value("count")?.unwrap_or(200_usize).max(1);
    let seconds = args.value("seconds")?.unwrap_or(5).max(1);
    tools::ensure(&[&tools::WRK], !args.flag("no-install"), &mut report);
    args.last_word()?;
    let (program, _) = super::build()?;
    let site = Site::of(program)?;
    site.run(&["demo", "--size", "small"], "")?;
    site.user("bench", "User")?;
    let server = site.start()?;
    let mut member = Member::sign_in(&server, "bench")?;
    let token = member.client.csrf_token("/media")?;
    let work = TempFolder::new("uploads")?;

    let readers = Readers::new(&server, work.path(), seconds)?;
    // What is made once, by the first picture.
    upload(&mut member.client.clone(), &token, &picture(0)?)?;
    readers.run()?;
    let rounds = (0..5).map(|_| readers.run()).collect::<Result<Vec<_>>>()?;
    let idle = Waits::of(&rounds);
    let before = Memory::of(server.pid())?;
    println!("\nhome page, nothing else:  {idle}; {before}");

    let pictures = (1..=count).map(picture).collect::<Result<Vec<_>>>()?;
    // The last of them waits for all others.
    member.client.patience = PATIENCE;
    let busy = all_at_once(&server, (&member.client, &token, &pictures), &readers)?;
    let meanwhile = Waits::of(&busy.runs);
    let times = meanwhile.p99 / idle.p99;
    println!(
        "{} of {count} uploads taken in {:.1} s, at most {:.0} MiB with decoders",
        busy.taken, busy.seconds, busy.mib
    );
    println!("home page, meanwhile:     {meanwhile}: {times:.1} times");
    report.print_left_out();
    server.stop()?;
    ensure!(busy.taken == count && meanwhile.errors == 0, "not every request was answered well");
    if busy.mib > ALLOWED_MIB || times > ALLOWED_TIMES {
        println!("\n!! Over {ALLOWED_MIB} MiB, or over {ALLOWED_TIMES} times the idle p99");
    }
    Ok(())
}

/// How long readers waited, in ms: medians of the runs, and the worst p99 of all.
struct Waits {
    p50: f64,
    p99: f64,
    worst: f64,
    errors: u64,
    runs: usize,
}

impl Waits {
    fn of(runs: &[Run]) -> Self {
        Self {
            p50: median(runs.iter().map(|run| run.p50).collect()),
            p99: median(runs.iter().map(|run| run.p99).collect()),
            worst: runs.iter().map(|run| run.p99).fold(0.0, f64::max),
            errors: runs.iter().map(|run| run.errors).sum(),
            runs: runs.len(),
        }
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p99, worst, errors, runs } = self;
        write!(
            formatter,
            "p50 {p50:.2} ms, p99 {p99:.2} ms (at worst {worst:.2}, of {runs} runs), {errors} errors"
        )
    }
}

/// Readers of the home page, for some seconds at a time.
struct Readers {
    port: u16,
    script: std::path::PathBuf,
    seconds: u32,
}

impl Readers {
    fn new(server: &Server, folder: &Path, seconds: u32) -> Result<Self> {
        let script = folder.join("home.lua");
        std::fs::write(&script, scenario::one_page(&server.client(), "/"))?;
        Ok(Self { port: server.port, script, seconds })
    }

    fn run(&self) -> Result<Run> {
        let (script, seconds) = (self.script.as_path(), self.seconds);
        Load { port: self.port, script, seconds, connections: 2 }.run()
    }
}

/// What it was like while pictures came.
struct Busy {
    taken: usize,
    seconds: f64,
    mib: f64,
    runs: Vec<Run>,
}

fn all_at_once(
    server: &Server,
    (client, csrf, pictures): (&Client, &str, &[Vec<u8>]),
    readers: &Readers,
) -> Result<Busy> {
    let (taken, left, over) =
        (AtomicUsize::new(0), AtomicUsize::new(pictures.len()), AtomicBool::new(false));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for picture in pictures {
            let (taken, left) = (&taken, &left);
            let mut client = client.clone();
            scope.spawn(move || {
                match upload(&mut client, csrf, picture) {
                    Ok(()) => drop(taken.fetch_add(1, Ordering::Relaxed)),
                    Err(error) => println!("an upload failed: {error:#}"),
                }
                left.fetch_sub(1, Ordering::Relaxed);
            });
        }
        let watch = scope.spawn(|| {
            let mut most = 0.0_f64;
            while !over.load(Ordering::Relaxed) {
                most = most.max(with_children(server.pid()).unwrap_or_default());
                std::thread::sleep(Duration::from_millis(50));
            }
            most
        });
        let (mut runs, mut seconds) = (Vec::new(), 0.0);
        let mut failed = None;
        while left.load(Ordering::Relaxed) > 0 && failed.is_none() {
            match readers.run() {
                Ok(run) => runs.push(run),
                Err(error) => failed = Some(error),
            }
            seconds = started.elapsed().as_secs_f64();
        }
        over.store(true, Ordering::Relaxed);
        let mib = watch.join().ok().context("the thread that watches memory has ended")?;
        match failed {
            Some(error) => Err(error),
            None => Ok(Busy { taken: taken.load(Ordering::Relaxed), seconds, mib, runs }),
        }
    })
}

/// A picture that no other number has.
fn picture(number: usize) -> Result<Vec<u8>> {
    Ok(striped(SIDES, u32::try_from(number)?))
}

fn upload(client: &mut Client, token: &str, picture: &[u8]) -> Result<()> {
    let (kind, body) = multipart(&[], &[("file", "photo.png", picture)]);
    let headers = [("Content-Type", &*kind), ("X-CSRFToken", token)];
    let begun = Instant::now();
    loop {
        let answer = client.send("POST", "/media/upload", &headers, &body)?;
        // More than the queue takes are asked to come again.
        if answer.status != 503 || begun.elapsed() > PATIENCE {
            answer.expect(201)?;
            return Ok(());
        }
        let pause = answer.header("retry-after").and_then(|text| text.parse().ok()).unwrap_or(1);
        std::thread::sleep(Duration::from_secs(pause));
    }
}

/// Resident memory in MiB of a process and of those that it started.
fn with_children(pid: u32) -> Result<f64> {
    let mut sum = Memory::of(pid)?.all;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        // A thread or a process that has ended meanwhile takes nothing.
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace() {
            sum += child.parse().ok().and_then(|id| Memory::of(id).ok()).map_or(0.0, |it| it.all);
        }
    }
    Ok(sum)
}
