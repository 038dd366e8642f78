//! `cargo xtask assets`: what a reader's first visit loads, asked of the running program.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use streamly_e2e::html;
use streamly_e2e::http::Client;
use streamly_e2e::member::Member;
use streamly_e2e::server::Site;

use crate::args::Args;
use crate::shell;

/// Bytes transferred on a first visit, without pictures; and how many of them may be scripts.
const BUDGETS: [(&str, usize); 2] = [("home", 60 * 1024), ("post", 50 * 1024)];
const SCRIPTS: usize = 20 * 1024;

struct Part {
    path: String,
    kind: &'static str,
    raw: usize,
    sent: usize,
}

pub fn command(args: Args) -> Result<()> {
    args.last_word()?;
    shell::run(shell::cargo().args(["build", "--package", "streamly", "--bin", "streamly"]))?;
    let program: PathBuf = shell::target().join("debug/streamly");
    let site = Site::of(program)?;
    site.user("writer", "User")?;
    let server = site.start()?;
    let text = "## A heading\n\nSome words.\n\n```rust\nfn main() {}\n```\n".repeat(20);
    let post = Member::sign_in(&server, "writer")?.publish("A post like others", &text)?;

    let mut over = Vec::new();
    for ((name, budget), path) in BUDGETS.into_iter().zip(["/", &post]) {
        let parts = first_visit(&mut server.client(), path)?;
        println!("\n{name}\n{:>9} {:>9}  kind", "raw", "sent");
        for part in &parts {
            println!("{:>9} {:>9}  {:6}  {}", part.raw, part.sent, part.kind, part.path);
        }
        let sum: usize = parts.iter().map(|part| part.sent).sum();
        let scripts: usize =
            parts.iter().filter(|part| part.kind == "script").map(|part| part.sent).sum();
        println!("{:>9} {sum:>9}  in all, of at most {budget}", "");
        if sum > budget {
            over.push(format!("{name} sends {sum} bytes, more than {budget}"));
        }
        if scripts > SCRIPTS {
            over.push(format!("{name} sends {scripts} bytes of scripts, more than {SCRIPTS}"));
        }
    }
    if !over.is_empty() {
        bail!("over budget: {}", over.join("; "));
    }
    Ok(())
}

/// A page, its style sheets, scripts, and the fonts it preloads.
fn first_visit(client: &mut Client, path: &str) -> Result<Vec<Part>> {
    let page = client.get(path)?.expect(200)?.text();
    let mut parts = vec![part(client, path, "page")?];
    for tag in html::tags(&page, "link") {
        let attribute = |name| html::attribute(tag, name).unwrap_or_default();
        let kind = match (attribute("rel").as_str(), attribute("as").as_str()) {
            ("stylesheet", _) => "style",
            ("preload", "font") => "font",
            ("modulepreload", _) => "script",
            _ => continue,
        };
        parts.push(part(client, &attribute("href"), kind)?);
    }
    for tag in html::tags(&page, "script") {
        if let Some(source) = html::attribute(tag, "src") {
            parts.push(part(client, &source, "script")?);
        }
    }
    parts.sort_by(|a, b| a.path.cmp(&b.path));
    parts.dedup_by(|a, b| a.path == b.path);
    Ok(parts)
}

fn part(client: &mut Client, path: &str, kind: &'static str) -> Result<Part> {
    let raw = client.get(path)?.expect(200).with_context(|| path.to_owned())?.body.len();
    let packed = client.send("GET", path, &[("Accept-Encoding", "br, gzip")], b"")?;
    Ok(Part { path: path.to_owned(), kind, raw, sent: packed.body.len() })
}
