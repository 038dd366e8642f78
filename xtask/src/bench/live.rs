//! What thousands of open pages cost: memory for each stream, and how long a comment takes to all.
//!
//! The client is one thread of this program ([`super::streams`]) on the same machine, so the times
//! hold what it takes to read as well as what it takes to send.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use streamly_e2e::database::Database;
use streamly_e2e::html;
use streamly_e2e::http::Client;
use streamly_e2e::member::Member;
use streamly_e2e::server::{Server, Site};

use super::memory::Memory;
use super::result::median;
use super::streams::Streams;
use crate::args::Args;
use crate::postgres::{self, Durability};
use crate::report::Report;
use crate::{shell, tools};

/// The most memory that a stream may cost, in KiB, and the longest a comment may take to all.
const ALLOWED_KIB: f64 = 20.0;
const ALLOWED_MS: f64 = 1_000.0;
/// What a stream is told last of its beginning.
const BEGUN: &str = "event: readers";
/// How many streams share a session, as many tabs do.
const TABS: usize = 5;
/// How many members can log in; their sessions are many more.
const MEMBERS: usize = 20;
/// A heartbeat for everybody, and a little more.
const ROUND: Duration = Duration::from_secs(22);

struct Plan {
    streams: usize,
    rounds: usize,
    postgres: bool,
}

pub fn command(mut args: Args) -> Result<()> {
    let mut report = Report::new();
    let plan = Plan {
        streams: args.value("streams")?.unwrap_or(5_000).max(1),
        rounds: args.value("rounds")?.unwrap_or(5).max(1),
        postgres: args.flag("postgres"),
    };
    let needs: &[_] = if plan.postgres { &[&tools::POSTGRES] } else { &[] };
    tools::ensure(needs, !args.flag("no-install"), &mut report);
    args.last_word()?;
    enough_files(plan.streams)?;
    let database = if plan.postgres { Some(postgres::start(Durability::Real)?) } else { None };
    shell::run(shell::cargo().args(["build", "--release", "--package", "streamly"]))?;
    let mut site = Site::of(program())?;
    if let Some(server) = &database {
        site = site.on(Database::new(&server.url)?);
    }
    let many = (plan.streams + 1_000).to_string();
    for name in [
        "STREAMLY_SERVER__MAX_CONNECTIONS",
        "STREAMLY_SERVER__MAX_CONNECTIONS_PER_ADDRESS",
        "STREAMLY_LIVE__STREAMS_PER_ADDRESS",
        "STREAMLY_LIVE__STREAMS_PER_PERSON",
    ] {
        site.set(name, &many);
    }
    site.run(&["demo", "--size", "small"], "")?;
    site.user("bench", "User")?;
    let stage = stage(&site)?;
    let visitors = vec![String::new(); plan.streams];
    let over = measure("visitors", &stage, &visitors, &plan)?;
    let members = sessions(&site, plan.streams)?;
    let over = measure("members", &stage, &members, &plan)? || over;
    report.print_left_out();
    if over {
        println!("\n!! Over {ALLOWED_KIB} KiB a stream, or over {ALLOWED_MS} ms until the last");
    }
    Ok(())
}

fn program() -> PathBuf {
    shell::target().join("release/streamly")
}

/// Each stream is an open file here and one in the server, which inherits our limit.
fn enough_files(streams: usize) -> Result<()> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)).context("no limit of files")?;
    let needed = streams + 500;
    let enough = soft == "unlimited" || soft.parse::<usize>().is_ok_and(|soft| soft >= needed);
    ensure!(enough, "only {soft} files may be open at once; try `ulimit -n {needed}` before");
    Ok(())
}

/// What is measured on: a post, and somebody who writes comments. The server in which they logged
/// in is gone: checking a password takes as much memory as a thousand streams.
struct Stage<'a> {
    site: &'a Site,
    path: String,
    writer: Client,
}

fn stage(site: &Site) -> Result<Stage<'_>> {
    let server = site.start()?;
    let mut member = Member::sign_in(&server, "bench")?;
    let path = member.publish("Many read this", "At the same time.")?;
    server.stop()?;
    Ok(Stage { site, path, writer: member.client })
}

/// The cookies of so many streams of members: sessions that the login form gave.
fn sessions(site: &Site, streams: usize) -> Result<Vec<String>> {
    let needed = streams.div_ceil(TABS);
    println!("\nLogging in {needed} times");
    let names: Vec<String> = (0..MEMBERS).map(|number| format!("reader-{number}")).collect();
    for name in &names {
        site.user(name, "User")?;
    }
    let server = site.start()?;
    let sign_in = |number: usize| -> Result<String> {
        Ok(Member::sign_in(&server, &names[number % MEMBERS])?.client.cookie_header())
    };
    let half = |first: usize| (first..needed).step_by(2).map(sign_in).collect::<Result<Vec<_>>>();
    let (even, odd) = std::thread::scope(|scope| {
        let even = scope.spawn(|| half(0));
        (even.join(), half(1))
    });
    let even = even.ok().context("a thread that logs in has ended")??;
    server.stop()?;
    let cookies: Vec<String> = even.into_iter().chain(odd?).collect();
    let lines = cookies.iter().map(|cookie| format!("Cookie: {cookie}\r\n"));
    Ok(lines.flat_map(|line| std::iter::repeat_n(line, TABS)).take(streams).collect())
}

/// Opens the streams, one for each line of headers, at a server just started, and prints what they
/// cost; whether that is too much.
fn measure(who: &str, stage: &Stage<'_>, lines: &[String], plan: &Plan) -> Result<bool> {
    let server = stage.site.start()?;
    let (path, mut writer) = (stage.path.as_str(), stage.writer.at(server.port));
    let page = writer.get(path)?.expect(200)?.text();
    let request = |line: &String| request(&server, &page, line);
    let requests = lines.iter().map(request).collect::<Result<Vec<_>>>()?;
    // What is made once, for the first of them.
    let mut first = Streams::new()?;
    first.open(server.port, &requests[..requests.len().min(50)], BEGUN)?;
    comment(&mut writer, path)?;
    drop(first);
    let before = settled(&server)?;

    let started = Instant::now();
    let mut streams = Streams::new()?;
    streams.open(server.port, &requests, BEGUN)?;
    let count = requests.len();
    println!("\n{count} streams of {who}, opened in {:.1} s", started.elapsed().as_secs_f64());
    println!("  before:                  {before}");
    println!("  opened:                  {}", Memory::of(server.pid())?);
    streams.rest(ROUND)?;
    let idle = Memory::of(server.pid())?;
    println!("  after a heartbeat each:  {idle}");
    let times = rounds(&mut streams, &mut writer, path, plan.rounds)?;
    let after = Memory::of(server.pid())?;
    println!("  after {} comments:        {after}", plan.rounds);
    let number = f64::from(u32::try_from(count)?);
    let each = |memory: &Memory| (memory.all - before.all) * 1_024.0 / number;
    let most = each(&idle).max(each(&after));
    println!("  a stream:                {:.1} KiB, {most:.1} KiB at most", each(&idle));
    let of = |value: fn(&Times) -> f64| median(times.iter().map(value).collect());
    let last = times.iter().map(|times| times.last).fold(0.0, f64::max);
    println!(
        "  a comment reaches:       the first after {:.0} ms, half of them {:.0} ms, all {:.0} ms; \
         at most {last:.0} ms (asked: {:.0} ms)",
        of(|times| times.first),
        of(|times| times.half),
        of(|times| times.last),
        of(|times| times.answer),
    );
    server.stop()?;
    Ok(most > ALLOWED_KIB || last > ALLOWED_MS)
}

/// The request that the page's script makes.
fn request(server: &Server, page: &str, line: &str) -> Result<String> {
    let of = |name: &str| {
        let rest = page.split_once(&format!("{name}=\""))?.1;
        rest.split('"').next().map(str::to_owned)
    };
    let post = of("data-live-post").context("the page is not live")?;
    let after = of("data-live-after").context("the page does not say what it shows")?;
    Ok(format!(
        "GET /live?post={post}&after={after} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\
         Accept: text/event-stream\r\nSec-Fetch-Site: same-origin\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/140.0.0.0 Safari/537.36\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\
         Accept-Language: en-GB,en;q=0.9\r\nCache-Control: no-cache\r\n{line}\r\n",
        server.port
    ))
}

/// Memory once what the start took is given back, and the streams before.
fn settled(server: &Server) -> Result<Memory> {
    let mut last = Memory::of(server.pid())?;
    std::thread::sleep(ROUND);
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(500));
        let now = Memory::of(server.pid())?;
        if (now.all - last.all).abs() < 0.05 {
            return Ok(now);
        }
        last = now;
    }
    Ok(last)
}

/// Milliseconds from the moment at which the form was sent.
struct Times {
    first: f64,
    half: f64,
    last: f64,
    /// Until the writer has the answer.
    answer: f64,
}

fn rounds(
    streams: &mut Streams,
    writer: &mut Client,
    path: &str,
    rounds: usize,
) -> Result<Vec<Times>> {
    let mut all = Vec::new();
    for _ in 0..rounds {
        streams.forget();
        let form = form(writer, path)?;
        let started = Instant::now();
        let (heard, answer) = std::thread::scope(|scope| {
            let sent = scope.spawn(|| -> Result<f64> {
                send(writer, path, &form)?;
                Ok(since(started, Instant::now()))
            });
            (streams.wait("event: comment_added"), sent.join())
        });
        let heard = heard?;
        let answer = answer.ok().context("the thread that writes has ended")??;
        let (Some(first), Some(last)) = (heard.first(), heard.last()) else { continue };
        let half = since(started, heard[heard.len() / 2]);
        all.push(Times {
            first: since(started, *first),
            half,
            last: since(started, *last),
            answer,
        });
    }
    Ok(all)
}

fn since(started: Instant, then: Instant) -> f64 {
    (then - started).as_secs_f64() * 1_000.0
}

fn comment(writer: &mut Client, path: &str) -> Result<()> {
    let form = form(writer, path)?;
    send(writer, path, &form)
}

/// The form below the post: its token and its mark.
fn form(writer: &mut Client, path: &str) -> Result<[String; 2]> {
    let page = writer.get(path)?.expect(200)?.text();
    let field = |name: &str| html::input(&page, name).with_context(|| format!("no {name}"));
    Ok([field("csrf_token")?, field("nonce")?])
}

fn send(writer: &mut Client, path: &str, [token, nonce]: &[String; 2]) -> Result<()> {
    let content = format!("A word to everybody, {nonce}.");
    let fields = [
        ("csrf_token", token.as_str()),
        ("nonce", nonce),
        ("parent_id", ""),
        ("content", &content),
    ];
    writer.post(path, &fields)?.expect(303)?;
    Ok(())
}
