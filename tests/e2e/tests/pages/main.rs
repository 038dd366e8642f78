//! Every kind of page: no link leads nowhere, the markup is right, everybody can use it in both
//! colour schemes on a phone and on a desk, nothing breaks the policy, and it stays small.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod kinds;
mod look;
mod members;
mod stage;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::html;
use streamly_e2e::http::Client;

use stage::Stage;

const ARTICLE: &str = "A first paragraph with *emphasis*, `code` and a [link](https://example.com/).\n\n\
## A heading\n\n| Column | Number |\n|:--|--:|\n| one | 1 |\n\n```rust\nfn main() {}\n```\n\n\
### Another\n\n- [x] done\n- [ ] to do\n\n> [!NOTE]\n> An alert.\n\nA footnote.[^1]\n\n[^1]: Its text.\n\n\
## Last heading\n\n1. one\n2. two\n\nשלום and العربية.\n";

/// One page of each kind that somebody reaches by following links, with its text.
fn crawl(client: &mut Client, start: &[&str]) -> BTreeMap<String, (String, String)> {
    let mut kinds: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut waiting: VecDeque<(String, String)> =
        start.iter().map(|path| ((*path).to_owned(), "the start".to_owned())).collect();
    while let Some((path, from)) = waiting.pop_front() {
        let kind = kind(&path);
        if kinds.contains_key(&kind) || !seen.insert(path.clone()) {
            continue;
        }
        let page = client.get(&path).unwrap();
        assert!(page.status < 400, "{from} links to {path}, which answers {}", page.status);
        if page.status >= 300 {
            waiting.push_back((page.location().unwrap().to_owned(), path));
            continue;
        }
        if !page.header("content-type").unwrap_or_default().starts_with("text/html") {
            kinds.insert(kind, (path, String::new()));
            continue;
        }
        let text = page.text();
        waiting.extend(html::links(&text).into_iter().map(|link| (link, path.clone())));
        kinds.insert(kind, (path, text));
    }
    kinds.retain(|_, (_, text)| !text.is_empty());
    kinds
}

/// The path with what varies taken out, so that one post stands for all.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut kind = String::new();
    let mut after = "";
    for part in path.split('/') {
        let varies = part.starts_with(|first: char| first.is_ascii_digit())
            || ["post", "category", "tag", "user", "users", "revisions", "author"].contains(&after);
        let _ = write!(kind, "{}/", if varies { "*" } else { part });
        after = part;
    }
    let mut names: Vec<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    names.sort_unstable();
    format!("{kind}?{}", names.join("&"))
}

const START: [&str; 3] = ["/", "/blog/", "/auth/login"];

#[test]
fn no_link_leads_nowhere_and_the_markup_is_right() {
    let stage = Stage::new();
    let folder = streamly_e2e::TempFolder::new("pages").unwrap();
    let mut names = BTreeMap::new();
    let mut keep = |name: String, text: String| {
        let file = format!("{}.html", names.len());
        std::fs::write(folder.path().join(&file), text).unwrap();
        names.insert(file, name);
    };
    for kind in stage.kinds() {
        keep(kind.name.clone(), kind.fetch().text());
    }
    for (who, client) in &stage.people {
        let pages = crawl(&mut client.clone(), &START);
        assert!(pages.len() > 8, "{who} sees only {:?}", pages.keys());
        for (path, text) in pages.into_values() {
            keep(format!("{who}, by links, at {path}"), text);
        }
    }
    let Some(checker) = std::env::var_os("VNU_JAR") else {
        streamly_e2e::leave_out("the Nu HTML checker, for VNU_JAR does not name it");
        return;
    };
    let faults = check(Path::new(&checker), folder.path(), &names);
    assert!(faults.is_empty(), "{faults}");
}

/// What the Nu HTML checker has to say about the pages in a folder.
fn check(checker: &Path, folder: &Path, names: &BTreeMap<String, String>) -> String {
    let mut java = Command::new("java");
    java.args(["-Xss1m", "-Xmx512m", "-jar"]).arg(checker);
    java.args(["--exit-zero-always", "--stdout", "--format", "json"]);
    let output = java.arg(folder).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut faults = String::new();
    for message in report["messages"].as_array().unwrap() {
        let file = message["url"].as_str().unwrap_or_default().rsplit('/').next().unwrap();
        let page = names.get(file).map_or("?", String::as_str);
        let _ = writeln!(faults, "{page}: {} in {}", message["message"], message["extract"]);
    }
    faults
}

#[test]
fn a_first_visit_is_small() {
    let stage = Stage::new();
    let server = &stage.full;
    let mut visitor = stage.people[0].1.clone();
    let post = crawl(&mut visitor, &START).remove("/blog/post/*/?").unwrap().0;
    for (path, budget) in [("/", 60 * 1024), (post.as_str(), 50 * 1024)] {
        let Some(browser) = Browser::start(Look::PHONE).unwrap() else { return };
        browser.goto(&server.url(path)).unwrap();
        let script = "const all = performance.getEntriesByType('navigation')
                .concat(performance.getEntriesByType('resource'));
            const of = (chosen) => chosen.reduce((sum, one) => sum + one.transferSize, 0);
            return [of(all), of(all.filter((one) => one.initiatorType === 'script')),
                all.map((one) => one.name + ' ' + one.transferSize).join('\\n')]";
        let sizes = browser.script(script, &[]).unwrap();
        assert!(sizes[0].as_u64().unwrap() <= budget, "{path}: {sizes:#}");
        assert!(sizes[1].as_u64().unwrap() <= 20 * 1024, "scripts of {path}: {sizes:#}");
    }
}
