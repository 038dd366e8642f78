//! The rules between the rooms, checked on the text of the source.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{db::Target, testing::TestApp};

/// Every source file under `src`, as (path from the root, text).
fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                let name = name.display().to_string().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.sort();
    found
}

/// Each may use what stands before it, and nothing that stands after it. `app`, `events` and
/// `jobs` are the spine's knot: they call `rooms`, which calls everybody.
const ORDER: [&str; 27] = [
    "db",
    "ids",
    "error",
    "config",
    "secrets",
    "links",
    "paging",
    "storage",
    "mailer",
    "app",
    "jobs",
    "events",
    "mail", // the spine
    "accounts",
    "media",
    "posts",
    "social",
    "comments",
    "analytics",
    "notifications",
    "live",
    "people",
    "search",
    "feeds",
    "reading",
    "site",
    "demo", // the rooms
];

/// Where HTTP is spoken. They may use the spine and `accounts`, to say who asks.
const DOORS: [&str; 5] = ["src/web/", "/pages.rs", "/pages/", "src/rooms.rs", "src/command/"];

fn is_test(file: &str) -> bool {
    file.contains("/testing/")
        || file.contains("/tests/")
        || file.ends_with("tests.rs")
        || file.ends_with("/sink.rs")
}

fn room(file: &str) -> &str {
    file.split('/').nth(1).unwrap().trim_end_matches(".rs")
}

#[test]
fn rooms_look_only_up_the_list() {
    for (file, text) in sources() {
        let name = room(&file);
        let place = match name {
            "db" => continue, // it answers with the error type, and uses nothing else of ours
            "web" => ORDER.iter().position(|room| *room == "accounts"),
            name => ORDER.iter().position(|room| *room == name),
        };
        let Some(place) = place.filter(|_| !is_test(&file)) else { continue };
        for used in crate_uses(&text) {
            let later = ORDER[place + 1..].contains(&used.as_str());
            assert!(!later, "{file} uses `{used}`, which stands after `{name}`");
        }
    }
}

#[test]
fn only_the_doors_speak_http() {
    for (file, text) in sources() {
        let may = DOORS.iter().any(|door| file.contains(door))
            || ["src/main.rs", "src/lib.rs"].contains(&file.as_str())
            || is_test(&file);
        let uses = crate_uses(&text).iter().any(|used| used == "web");
        assert!(may || !(uses || text.contains("axum::")), "{file} speaks HTTP and is no door");
    }
}

/// The modules of this crate that a file names, as `crate::name` or in `use crate::{…}`.
fn crate_uses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, path) in text.match_indices("crate::") {
        let rest = &text[at + path.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.push(word(rest));
            continue;
        };
        let mut depth = 0;
        for part in list.split_inclusive([',', '{', '}']) {
            if depth == 0 {
                found.push(word(part.trim_start()));
            }
            depth += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
            if depth < 0 {
                break;
            }
        }
    }
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
}

/// Every statement with its file: the texts of `read("…")` and `write("…")`.
pub(crate) fn statements() -> Vec<(String, &'static str, String)> {
    let mut found = Vec::new();
    for (file, text) in sources() {
        if is_test(&file) || file.contains("arch_tests") || file == "src/db/sql.rs" {
            continue;
        }
        for (at, call) in text.match_indices("read(").chain(text.match_indices("write(")) {
            let Some(rest) = text[at + call.len()..].trim_start().strip_prefix('"') else {
                continue;
            };
            let mut end = 0;
            while !rest[end..].starts_with('"') {
                end += if rest[end..].starts_with('\\') { 2 } else { 1 };
                while !rest.is_char_boundary(end) {
                    end += 1;
                }
            }
            let statement = rest[..end].replace("\\\"", "\"").replace("\\\\", "\\");
            let call = if call == "read(" { "read" } else { "write" };
            found.push((file.clone(), call, statement.replace("\\\n", " ")));
        }
    }
    found
}

#[test]
fn sql_stands_in_stores_only() {
    for (file, _, statement) in statements() {
        let may = file.ends_with("/store.rs")
            || file.contains("/store/")
            || ["src/db/", "src/jobs.rs", "src/events.rs"]
                .iter()
                .any(|spine| file.starts_with(spine));
        assert!(may, "{file} speaks SQL and is no store: {statement}");
    }
}

#[test]
fn each_table_is_written_by_one_room() {
    let mut writers = BTreeMap::<String, String>::new();
    for (file, call, statement) in statements() {
        let table = ["insert into ", "delete from ", "update "].iter().find_map(|verb| {
            let rest = statement.trim_start().strip_prefix(verb)?;
            Some(word(rest.trim_start_matches('"')))
        });
        assert_eq!(call == "write", table.is_some(), "{file}: {statement}");
        let Some(table) = table else { continue };
        // The demonstration fills every table; it is no part of a running site.
        if room(&file) == "demo" {
            continue;
        }
        let first = writers.entry(table.clone()).or_insert_with(|| room(&file).to_owned());
        assert_eq!(*first, room(&file), "`{table}` is written by two rooms");
    }
    assert!(writers.len() >= 15, "{writers:?}");
}

#[test]
fn an_update_renews_updated_at() {
    /// Tables without the column: pairs and append-only rows.
    const WITHOUT: [&str; 10] = [
        "post_tag",
        "form_nonce",
        "event",
        "comment_like",
        "bookmark",
        "category_follow",
        "tag_follow",
        "user_block",
        "user_mute",
        "notification_digest",
    ];
    for (file, _, statement) in statements() {
        let Some(rest) = statement.trim_start().strip_prefix("update ") else { continue };
        let table = word(rest.trim_start_matches('"'));
        let good = statement.contains("updated_at") || WITHOUT.contains(&table.as_str());
        assert!(good, "{file}: {statement}");
    }
}

#[test]
fn no_statement_is_put_together_from_text() {
    for (file, text) in sources() {
        if is_test(&file) || file.contains("arch_tests") {
            continue;
        }
        for call in ["read(&", "write(&", "read(format!", "write(format!"] {
            let found = text.match_indices(call).any(|(at, _)| {
                let before = &text[..at];
                let is_method = before.ends_with("fn ");
                let is_other =
                    before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':'));
                !is_method && !is_other
            });
            assert!(!found, "{file} makes a statement with {call}");
        }
    }
}

/// What `query!` would have checked at build time, for both databases. A file named after one of
/// them speaks to that one.
#[tokio::test]
async fn every_statement_prepares() {
    let app = TestApp::start().await;
    let mut seen = 0;
    let target = app.app.config.database_target().unwrap();
    let mut wrong = Vec::new();
    match target {
        Target::Sqlite(path) => {
            let conn = rusqlite::Connection::open(path).unwrap();
            let all = statements().into_iter();
            for (file, _, statement) in all.filter(|(file, ..)| !file.ends_with("/postgres.rs")) {
                if let Err(error) = conn.prepare(&statement) {
                    wrong.push(format!("{file}: {statement}\n{error}"));
                }
                seen += 1;
            }
        }
        Target::Postgres(url) => {
            let (client, connection) =
                tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            #[expect(clippy::disallowed_methods, reason = "it ends with its client")]
            tokio::spawn(connection);
            let all = statements().into_iter();
            for (file, _, statement) in all.filter(|(file, ..)| !file.ends_with("/sqlite.rs")) {
                if let Err(error) = client.prepare(&statement).await {
                    let why = error.as_db_error().map(ToString::to_string);
                    wrong.push(format!("{file}: {statement}\n{}", why.unwrap_or_default()));
                }
                seen += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(seen >= 50, "found {seen} statements");
}

#[test]
fn templates_print_raw_only_what_was_made_safe() {
    fn walk(dir: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                for line in
                    text.lines().filter(|line| line.contains("|safe") || line.contains("| safe"))
                {
                    found.push(format!("{}: {}", path.file_name().unwrap().display(), line.trim()));
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut found);
    for line in &found {
        // `SafeHtml` from the renderer, and JSON whose `<` was escaped.
        let good = line.contains("html|safe") || line.contains("linked_data|safe");
        assert!(good, "{line}");
    }
}

#[test]
fn files_are_short_enough_to_be_read() {
    for (file, text) in sources() {
        let lines = text.lines().count();
        let most = if is_test(&file) { 600 } else { 400 };
        assert!(lines <= most, "{file} has {lines} lines");
    }
}
