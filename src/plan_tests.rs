//! No statement of the rooms that members fill goes through a large table: both databases are asked
//! for their plan of each one that the source holds, without knowing its values.
//!
//! A walk along an index is no such thing while it ends at a `limit` and nothing is sorted first.
//! What has to look at everything is named in [`WHOLE`], with the reason.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    arch_tests::statements,
    db::{Target, write},
    testing::{TestApp, beginning},
};

const ROOMS: [&str; 6] = ["search", "notifications", "social", "comments", "analytics", "live"];

/// Tables that grow with people and what they do.
const LARGE: [&str; 25] = [
    "user",
    "post",
    "post_tag",
    "tag",
    "comment",
    "comment_like",
    "comment_mention",
    "report",
    "follow",
    "post_like",
    "post_view",
    "post_view_day",
    "post_view_part",
    "bookmark",
    "category_follow",
    "tag_follow",
    "user_block",
    "user_mute",
    "notification",
    "notification_setting",
    "event",
    "search_post",
    "search_name",
    "search_word",
    "search_trigram",
];

/// What a statement begins with or holds, the table that it goes through, and why it may.
const WHOLE: &[(&str, &str, &str)] = &[
    ("where c.like_count <>", "comment", "`streamly doctor` counts everything"),
    ("update comment set updated_at = $1,", "comment", "`streamly doctor --repair`"),
    ("s.index_version < $1", "post", "`streamly doctor` counts everything"),
    ("delete from search_post", "search_post", "the index is made anew"),
    ("delete from search_name", "search_name", "the index is made anew"),
    ("s.index_version < $1", "user", "`streamly doctor` counts everything"),
];

/// The statements of these rooms that this database is asked.
fn asked(sqlite: bool) -> BTreeSet<(String, String)> {
    let other = if sqlite { "/postgres.rs" } else { "/sqlite.rs" };
    statements()
        .into_iter()
        .filter(|(file, ..)| {
            ROOMS.iter().any(|room| file.starts_with(&format!("src/{room}/")))
                && !file.ends_with(other)
                // The statements of feeds have plans of their own.
                && file != "src/social/store/feed.rs"
        })
        .map(|(file, _, statement)| (file, statement))
        .collect()
}

/// Some thousand rows of everything, counted by PostgreSQL.
async fn filled() -> TestApp {
    let app = TestApp::start().await;
    app.fill().await;
    let mut tx = app.app.db.begin().await.unwrap();
    let numbers = "with recursive n (i) as (select 0 union all select i + 1 from n where i < 2)";
    for statement in [
        "insert into \"user\" (created_at, updated_at, username, username_key, email, email_key,
                password_hash, password_changed_at, last_seen, email_confirmed)
         select $1, $1, 'x' || id, 'x' || id, 'x' || id, 'x' || id, '', $1, $1, true from post",
        "insert into comment (created_at, updated_at, post_id, user_id, html, content, deleted_at,
                moderated_at, nonce, score)
         {n} select $1, $1, p.id, p.user_id, 'x', 'x', case when i = 0 then $1 end,
                case when i = 1 then $1 end, case when i = 2 then 'x' || p.id end, i
           from post p cross join n",
        "insert into comment_like (created_at, user_id, comment_id)
         select $1, user_id, id from comment",
        "insert into comment_mention (created_at, comment_id, user_id)
         select $1, id, user_id from comment",
        "insert into report (created_at, updated_at, user_id, comment_id, reason)
         select $1, $1, user_id, id, 'spam' from comment where id % 10 = 1",
        "insert into follow (created_at, updated_at, follower_id, followed_id)
         select $1, $1, a.id, b.id from \"user\" a cross join \"user\" b
          where a.id <> b.id and a.post_count > 0 and b.post_count > 0",
        "insert into user_block (created_at, user_id, blocked_id)
         select created_at, follower_id, followed_id from follow where $1 is not null",
        "insert into user_mute (created_at, user_id, muted_id)
         select created_at, follower_id, followed_id from follow where $1 is not null",
        "insert into post_like (created_at, updated_at, user_id, post_id)
         select $1, $1, user_id, id from post",
        "insert into bookmark (created_at, user_id, post_id) select $1, user_id, id from post",
        "insert into category_follow (created_at, user_id, category_id)
         select $1, u.id, c.id from \"user\" u cross join category c where u.post_count > 0",
        "insert into tag_follow (created_at, user_id, tag_id)
         select $1, u.id, t.id from \"user\" u cross join tag t where u.post_count > 0",
        "insert into post_view (created_at, updated_at, post_id, user_id, session_id, ip_address)
         {n} select $1, $1, p.id, p.user_id, 's' || i, 'x' from post p cross join n",
        "insert into notification (created_at, updated_at, user_id, title, message,
                notification_type, category, group_key, unique_key, related_post_id,
                related_comment_id, related_user_id, digest, expires_at)
         select $1, $1, user_id, 'x', 'x', 'comment', 'comment', 'g' || post_id, 'k' || id,
                post_id, id, user_id, case when id % 3 = 0 then 'daily' end,
                case when id % 3 = 1 then $1 end
           from comment",
        "insert into event (created_at, kind, data, user_id, post_id, target_user_id)
         select $1, 'x', '{}', user_id, post_id, user_id from comment",
        "insert into search_word (created_at, word, length)
         select $1, 'word' || id, 8 from comment",
        "insert into search_name (created_at, updated_at, index_version, user_id{d})
         select $1, $1, 1, id{v} from \"user\"",
        "insert into search_post (post_id, created_at, updated_at, index_version{d})
         select id, $1, $1, 1{v} from post",
    ] {
        let sqlite = app.app.db.is_sqlite();
        let (column, value) = if sqlite { ("", "") } else { (", document", ", '''x'''::tsvector") };
        let statement = statement
            .replace("{n}", numbers)
            .replace("{d}", column)
            .replace("{v}", value)
            .replace("$1", if sqlite { "$1" } else { "cast($1 as timestamptz)" });
        let statement: &'static str = statement.leak();
        write(statement).bind(beginning() + TimeDelta::hours(1)).run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    app
}

/// A table that a plan goes through.
type Walk = (String, String);

/// What SQLite would go through.
fn sqlite_walks(conn: &rusqlite::Connection, statement: &str) -> Vec<Walk> {
    let mut prepared = conn.prepare(&format!("explain query plan {statement}")).unwrap();
    let mut rows = prepared.raw_query();
    let mut lines = Vec::<String>::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get(3).unwrap());
    }
    let names = names(statement);
    let ends =
        statement.contains("limit") && !lines.iter().any(|line| line.contains("TEMP B-TREE"));
    let mut walks = Vec::new();
    for line in &lines {
        let Some(rest) = line.strip_prefix("SCAN ") else { continue };
        let name = rest.split(' ').next().unwrap_or_default();
        let Some(table) = names.get(name) else { continue };
        if !(rest.contains("VIRTUAL TABLE") || ends && rest.contains(" USING ")) {
            walks.push((table.clone(), lines.join("\n")));
        }
    }
    walks
}

/// The tables of a statement by the names under which it uses them.
fn names(statement: &str) -> HashMap<String, String> {
    let mut names: HashMap<String, String> =
        [("p", "post"), ("u", "user")].map(|(name, table)| (name.into(), table.into())).into();
    let words: Vec<String> = statement
        .split(|c: char| c.is_whitespace() || "(),".contains(c))
        .filter(|word| !word.is_empty())
        .map(|word| word.trim_matches('"').to_owned())
        .collect();
    for pair in words.windows(2) {
        let table = if pair[0] == "public_post" { "post" } else { pair[0].as_str() };
        if LARGE.contains(&table) {
            names.insert(pair[0].clone(), table.to_owned());
            if pair[1].len() <= 8 {
                names.insert(pair[1].clone(), table.to_owned());
            }
        }
    }
    names
}

/// What PostgreSQL would go through, if there were any other way than going through it. Joins that
/// read two tables side by side are turned off: they are chosen for small tables, and go through both.
async fn postgres_walks(client: &tokio_postgres::Client, statement: &str) -> Vec<Walk> {
    let places = client.prepare(statement).await.unwrap().params().len();
    client.batch_execute(&format!("prepare asked as {statement}")).await.unwrap();
    let nulls = vec!["null"; places].join(", ");
    let nulls = if places == 0 { String::new() } else { format!("({nulls})") };
    let answer = client
        .simple_query(&format!("explain (format json) execute asked{nulls}"))
        .await
        .unwrap_or_else(|error| panic!("{statement}\n{error:?}"));
    client.batch_execute("deallocate asked").await.unwrap();
    let mut text = String::new();
    for message in answer {
        if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
            text.push_str(row.get(0).unwrap());
        }
    }
    let plan: Value = serde_json::from_str(&text).unwrap();
    let mut walks = Vec::new();
    walk(&plan[0]["Plan"], false, &mut walks);
    walks.into_iter().map(|table| (table, text.clone())).collect()
}

fn walk(node: &Value, ends: bool, walks: &mut Vec<String>) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let table = node["Relation Name"].as_str().unwrap_or_default();
    let along = kind.starts_with("Index") && node["Index Cond"].is_null();
    if LARGE.contains(&table) && (kind == "Seq Scan" || along && !ends) {
        walks.push(table.to_owned());
    }
    let ends = match kind {
        "Limit" => true,
        "Sort" | "Aggregate" | "Hash" | "Materialize" | "WindowAgg" => false,
        _ => ends,
    };
    for below in node["Plans"].as_array().into_iter().flatten() {
        walk(below, ends, walks);
    }
}

#[tokio::test]
async fn no_statement_goes_through_a_large_table() {
    let app = filled().await;
    let mut wrong = Vec::new();
    let mut seen = 0;
    let mut judge = |file: &str, statement: &str, walks: Vec<Walk>| {
        seen += 1;
        for (table, plan) in walks {
            let may =
                WHOLE.iter().any(|(part, whole, _)| statement.contains(part) && *whole == table);
            if !may {
                wrong.push(format!("{file} goes through {table}:\n{statement}\n{plan}"));
            }
        }
    };
    match app.app.config.database_target().unwrap() {
        Target::Sqlite(path) => {
            let conn = rusqlite::Connection::open(path).unwrap();
            for (file, statement) in asked(true) {
                judge(&file, &statement, sqlite_walks(&conn, &statement));
            }
        }
        Target::Postgres(url) => {
            let (client, connection) =
                tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            #[expect(clippy::disallowed_methods, reason = "it ends with its client")]
            tokio::spawn(connection);
            let settings = "analyze; set enable_seqscan = off; set enable_mergejoin = off;
                     set enable_hashjoin = off; set plan_cache_mode = force_generic_plan";
            client.batch_execute(settings).await.unwrap();
            for (file, statement) in asked(false) {
                judge(&file, &statement, postgres_walks(&client, &statement).await);
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{} in all", wrong.join("\n\n"), wrong.len());
    assert!(seen > 150, "found {seen} statements");
}
