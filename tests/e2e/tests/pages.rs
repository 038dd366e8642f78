//! Every kind of page: no link leads nowhere, the markup is right, everybody can use it in both
//! colour schemes on a phone and on a desk, nothing breaks the policy, and it stays small.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::process::Command;

use serde_json::{Value, json};
use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::html;
use streamly_e2e::http::Client;
use streamly_e2e::member::{Draft, Member};
use streamly_e2e::server::{Server, Site};

const ARTICLE: &str = "A first paragraph with *emphasis*, `code` and a [link](https://example.com/).\n\n\
## A heading\n\n| Column | Number |\n|:--|--:|\n| one | 1 |\n\n```rust\nfn main() {}\n```\n\n\
### Another\n\n- [x] done\n- [ ] to do\n\n> [!NOTE]\n> An alert.\n\nA footnote.[^1]\n\n[^1]: Its text.\n\n\
## Last heading\n\n1. one\n2. two\n\nשלום and العربية.\n";

/// A site with something on every page; and everybody who looks at it.
struct Viewers {
    server: Server,
    people: Vec<(&'static str, Client)>,
    _site: Site,
}

fn viewers() -> Viewers {
    let site = Site::sqlite().unwrap();
    site.user("admin", "Administrator").unwrap();
    site.user("writer", "User").unwrap();
    let server = site.start().unwrap();
    let mut writer = Member::sign_in(&server, "writer").unwrap();
    for number in 0..12 {
        let title = format!("Post number {number} with a title of some length");
        let status = if number < 11 { "published" } else { "draft" };
        let draft = Draft { tags: "rivers, maps", status, ..Draft::published(&title, ARTICLE) };
        writer.write(&draft).unwrap().expect(303).unwrap();
    }
    let admin = Member::sign_in(&server, "admin").unwrap();
    let people =
        vec![("visitor", server.client()), ("writer", writer.client), ("admin", admin.client)];
    Viewers { server, people, _site: site }
}

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
    let Viewers { server: _server, people, _site } = viewers();
    let checker = std::env::var_os("VNU_JAR");
    if checker.is_none() {
        eprintln!("LEFT OUT: the Nu HTML checker, for VNU_JAR does not name it");
    }
    let folder = streamly_e2e::TempFolder::new("pages").unwrap();
    let mut names = BTreeMap::new();
    for (who, mut client) in people {
        let mut pages = crawl(&mut client, &START);
        assert!(pages.len() > 8, "{who} sees only {:?}", pages.keys());
        let missing = client.get("/nothing/here").unwrap().expect(404).unwrap();
        pages.insert("404".to_owned(), ("/nothing/here".to_owned(), missing.text()));
        for (path, text) in pages.into_values() {
            let file = format!("{}.html", names.len());
            std::fs::write(folder.path().join(&file), text).unwrap();
            names.insert(file, format!("{who} at {path}"));
        }
    }
    let Some(checker) = checker else { return };
    let mut java = Command::new("java");
    java.args(["-Xss1m", "-Xmx512m", "-jar"]).arg(checker);
    java.args(["--errors-only", "--exit-zero-always", "--stdout", "--format", "json"]);
    let output = java.arg(folder.path()).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut errors = String::new();
    for message in report["messages"].as_array().unwrap() {
        let file = message["url"].as_str().unwrap_or_default().rsplit('/').next().unwrap();
        let page = names.get(file).map_or("?", String::as_str);
        let _ = writeln!(errors, "{page}: {} in {}", message["message"], message["extract"]);
    }
    assert!(errors.is_empty(), "{errors}");
}

#[test]
fn everybody_can_use_every_page() {
    let Some(browser) = Browser::start(Look::DESKTOP).unwrap() else { return };
    let axe = std::env::var_os("AXE_JS").map(|file| std::fs::read_to_string(file).unwrap());
    if axe.is_none() {
        eprintln!("LEFT OUT: axe, for AXE_JS does not name it");
    }
    let Viewers { server, people, _site } = viewers();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (who, mut client) in people {
        let mut pages = crawl(&mut client, &START);
        pages.insert("404".to_owned(), ("/nothing/here".to_owned(), String::new()));
        browser.goto(&server.url("/health/live")).unwrap();
        for (name, value) in &client.cookies {
            browser.set_cookie(name, value).unwrap();
        }
        // What everybody sees alike is looked at once as nobody and once as somebody.
        let new = |kind: &String| who != "admin" || !seen.contains(kind);
        pages.retain(|kind, _| new(kind));
        for (kind, (path, _)) in pages {
            for look in [Look::DESKTOP, Look::PHONE, Look::DESKTOP.dark(), Look::PHONE.dark()] {
                browser.resize(look).unwrap();
                browser.goto(&server.url(&path)).unwrap();
                let found = look_at(&browser, axe.as_deref());
                let scheme = if look.dark { "dark" } else { "light" };
                faults.extend(
                    found
                        .into_iter()
                        .map(|fault| format!("{who} at {path}, {} {scheme}: {fault}", look.width)),
                );
            }
            seen.insert(kind);
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// What axe finds, what the page did wrong, and whether it is wider than its window.
fn look_at(browser: &Browser, axe: Option<&str>) -> Vec<String> {
    let missing = |misdeed: &String| !misdeed.contains("the server responded with a status of 404");
    let mut faults = browser.misdeeds().unwrap();
    faults.retain(missing);
    let wide = "const root = document.documentElement; return root.scrollWidth - root.clientWidth";
    let wide = browser.script(wide, &[]).unwrap();
    if wide.as_i64().unwrap_or_default() > 0 {
        faults.push(format!("{wide} pixels wider than the window"));
    }
    let Some(axe) = axe else { return faults };
    browser.script(axe, &[]).unwrap();
    let run = "const done = arguments[arguments.length - 1];
        axe.run(document, {runOnly: arguments[0]}).then((result) => done(result.violations.map((one) =>
            one.id + ': ' + one.help + ' ' + one.nodes.map((node) => node.html.slice(0, 200)).join(' | '))),
            (error) => done([String(error)]));";
    let rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    let found = browser.async_script(run, &[json!(rules)]).unwrap();
    faults.extend(
        found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned),
    );
    faults
}

#[test]
fn a_first_visit_is_small() {
    let Viewers { server, people, _site } = viewers();
    let mut visitor = people[0].1.clone();
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
