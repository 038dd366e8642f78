//! The SQL of searching for PostgreSQL: documents of words with weights, and `pg_trgm`.

use std::{collections::BTreeMap, fmt::Write as _};

use chrono::{DateTime, Utc};

use super::{
    super::{
        index::Document,
        spelling,
        words::{Term, VERSION},
    },
    Asked, DraftHit, Hit, NameHit, Scope, letters,
};
use crate::{
    Result,
    db::{Conn, Tx, read, write},
    ids::{PostId, TagId, UserId},
};

/// The last position a document knows, and how many of one word it keeps.
const LAST_POSITION: usize = 16_383;
const POSITIONS: usize = 200;

/// How large a document may become; PostgreSQL refuses a megabyte.
const LARGEST: usize = 900_000;

/// How many more of the newest are looked at than asked for: some may be kept from this viewer.
const SPARE: i64 = 2;

/// The posts of the last two months first, and all others only where these are too few: a frequent
/// word is found in thousands. What is found is gathered before anything is joined; else the plan for
/// a word that is thought to be frequent reads every post when it is not.
pub async fn posts(conn: &mut Conn, asked: &Asked<'_>, most: i64) -> Result<Vec<Hit>> {
    let all = question(asked, true);
    read(
        "with recent as materialized (
             select post_id from search_post
              where document @@ cast(cast($7 as text) as tsquery)),
         found as materialized (
             select post_id from search_post
              where document @@ cast(cast($1 as text) as tsquery)),
         newest as materialized (
             select post_id from (
                 (select post_id from recent order by post_id desc limit $6)
                 union all
                 (select post_id from found order by post_id desc limit $6)) either limit $6)
         select p.*, s.names from (select distinct post_id from newest) n
           join search_post s on s.post_id = n.post_id
           join public_post p on p.id = n.post_id
          where (cast($2 as timestamptz) is null or p.published_at < $2)
            and (cast($3 as timestamptz) is null or p.published_at >= $3)
            and not exists (select 1 from user_block b
                             where (b.user_id = $4 and b.blocked_id = p.user_id)
                                or (b.user_id = p.user_id and b.blocked_id = $4))
            and not exists (select 1 from user_mute m
                             where m.user_id = $4 and m.muted_id = p.user_id)
          order by n.post_id desc limit $5",
    )
    .bind(all.clone())
    .bind(asked.before)
    .bind(asked.since)
    .bind(asked.viewer)
    .bind(most)
    .bind(most.saturating_mul(SPARE))
    .bind(format!("{all} & ({})", either(&asked.recent)))
    .all(conn)
    .await
}

pub async fn drafts(
    conn: &mut Conn,
    asked: &Asked<'_>,
    owner: UserId,
    most: i64,
) -> Result<Vec<DraftHit>> {
    read(
        "select p.id, p.title, p.status, p.updated_at
           from search_post s join post p on p.id = s.post_id
          where s.document @@ cast(cast($1 as text) as tsquery) and p.user_id = $2
            and p.status <> 'published' and p.deleted_at is null
          order by s.post_id desc limit $3",
    )
    .bind(question(asked, false))
    .bind(owner)
    .bind(most)
    .all(conn)
    .await
}

pub async fn names(
    conn: &mut Conn,
    (terms, typed): (&[Term], &str),
    viewer: Option<UserId>,
    (looked_at, most): (i64, i64),
) -> Result<Vec<NameHit>> {
    read(
        "(select true as is_person, u.id, u.username as key, coalesce(u.first_name, '') as name,
                u.last_name, u.avatar_filename, u.post_count
           from ((select user_id from search_name
                   where document @@ cast(cast($1 as text) as tsquery)
                   order by id limit $5)
                 union
                 select id from \"user\" where username_key = $6) s
           join \"user\" u on u.id = s.user_id
          where u.is_active and u.email_confirmed
            and not exists (select 1 from user_block b
                             where (b.user_id = $3 and b.blocked_id = u.id)
                                or (b.user_id = u.id and b.blocked_id = $3))
            and not exists (select 1 from user_mute m
                             where m.user_id = $3 and m.muted_id = u.id)
          order by (u.username_key = $6) desc, u.post_count desc, u.id limit $4)
         union all
         (select false, t.id, t.slug, t.name, null, null, t.post_count
           from (select tag_id from search_name
                  where document @@ cast(cast($2 as text) as tsquery)
                  order by id desc limit $5) s
           join tag t on t.id = s.tag_id
          where t.post_count > 0
          order by t.post_count desc, t.id limit $4)",
    )
    .bind(named(terms, "u"))
    .bind(named(terms, "t"))
    .bind(viewer)
    .bind(most)
    .bind(looked_at)
    .bind(typed)
    .all(conn)
    .await
}

/// Words with like trigrams; in a short word one mistake leaves too few of them, so those that begin
/// with the same letter are looked at too. The pattern is made of a word's letters: it holds no wildcard but its own.
pub async fn similar(conn: &mut Conn, word: &str) -> Result<Vec<(String,)>> {
    let length = letters(word);
    let off = i64::try_from(spelling::forgiven(word.chars().count())).unwrap_or(0);
    let beginning: String = word.chars().take(1).collect();
    read(
        "select word from search_word
          where (word % cast($1 as text) or word like $2) and length between $3 and $4
          order by similarity(word, $1) desc, id limit 200",
    )
    .bind(word)
    .bind(format!("{beginning}%"))
    .bind(length - off)
    .bind(length + off)
    .all(conn)
    .await
}

pub async fn put_post(
    tx: &mut Tx,
    post: PostId,
    document: &Document,
    (names, body): (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into search_post (post_id, created_at, updated_at, index_version, names, body,
                document)
         values ($1, $2, $2, $3, $4, $5, cast(cast($6 as text) as tsvector))
         on conflict (post_id) do update
            set updated_at = excluded.updated_at, index_version = excluded.index_version,
                names = excluded.names, body = excluded.body, document = excluded.document",
    )
    .bind(post)
    .bind(now)
    .bind(VERSION)
    .bind(names)
    .bind(body)
    .bind(vector(document))
    .run(tx)
    .await?;
    Ok(())
}

pub async fn put_user(tx: &mut Tx, user: UserId, name: &str, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into search_name (created_at, updated_at, index_version, user_id, document)
         values ($1, $1, $2, $3, cast(cast($4 as text) as tsvector))
         on conflict (user_id) do update
            set updated_at = excluded.updated_at, index_version = excluded.index_version,
                document = excluded.document",
    )
    .bind(now)
    .bind(VERSION)
    .bind(user)
    .bind(name_vector(name, "u"))
    .run(tx)
    .await?;
    Ok(())
}

pub async fn put_tag(tx: &mut Tx, tag: TagId, name: &str, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into search_name (created_at, updated_at, index_version, tag_id, document)
         values ($1, $1, $2, $3, cast(cast($4 as text) as tsvector))
         on conflict (tag_id) do update
            set updated_at = excluded.updated_at, index_version = excluded.index_version,
                document = excluded.document
          where search_name.index_version < excluded.index_version",
    )
    .bind(now)
    .bind(VERSION)
    .bind(tag)
    .bind(name_vector(name, "t"))
    .run(tx)
    .await?;
    Ok(())
}

pub async fn learn(tx: &mut Tx, word: &str, now: DateTime<Utc>) -> Result<()> {
    write(
        "insert into search_word (created_at, word, length) values ($1, $2, $3)
         on conflict (word) do nothing",
    )
    .bind(now)
    .bind(word)
    .bind(letters(word))
    .run(tx)
    .await?;
    Ok(())
}

/// A document as PostgreSQL reads it: `'=river':1A 'river':3A,9D '#u12'`. The words of the title stand in
/// it twice, once with a sign: a question for a word with a weight would read each document that
/// has the word anywhere.
fn vector(document: &Document) -> String {
    let title: Vec<String> = document
        .title
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(|word| format!("={word}"))
        .collect();
    let title = title.join(" ");
    let fields = [
        (title.as_str(), 'A'),
        (document.title.as_str(), 'A'),
        (document.names.as_str(), 'B'),
        (document.summary.as_str(), 'C'),
        (document.body.as_str(), 'D'),
    ];
    let mut vector = lexemes(&fields);
    for key in document.keys.split(' ') {
        push(&mut vector, format_args!("'#{key}' "));
    }
    vector
}

fn name_vector(name: &str, key: &str) -> String {
    let mut vector = lexemes(&[(name, 'A')]);
    push(&mut vector, format_args!("'#{key}'"));
    vector
}

fn lexemes(fields: &[(&str, char)]) -> String {
    let mut places: BTreeMap<&str, Vec<(usize, char)>> = BTreeMap::new();
    let mut position = 0;
    let mut size = 0;
    for (text, weight) in fields {
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            position += 1;
            if size > LARGEST {
                break;
            }
            let known = places.entry(word).or_insert_with(|| {
                size += word.len() + 4;
                Vec::new()
            });
            if known.len() < POSITIONS && position <= LAST_POSITION {
                size += 2;
                known.push((position, *weight));
            }
        }
        // No phrase goes on from one part to the next.
        position += 1;
    }
    let mut vector = String::with_capacity(size * 2);
    for (word, places) in places {
        push(&mut vector, format_args!("'{word}'"));
        for (at, (position, weight)) in places.iter().enumerate() {
            let sign = if at == 0 { ':' } else { ',' };
            push(&mut vector, format_args!("{sign}{position}{weight}"));
        }
        vector.push(' ');
    }
    vector
}

/// Writing into a `String` cannot fail.
fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    if text.write_fmt(part).is_err() {
        tracing::debug!("a part of a document was not written");
    }
}

/// A question in the language of `tsquery`. It is made of words, which hold nothing but letters
/// and digits: whatever stood around them in what was typed is gone (X38).
fn question(asked: &Asked<'_>, public: bool) -> String {
    let (place, may_go_on) = match asked.scope {
        Scope::Title => ("=", true),
        Scope::Exactly => ("", false),
        Scope::Everywhere => ("", true),
    };
    let keys = public.then(|| "'#v'".to_owned()).into_iter();
    let keys = keys.chain(asked.keys.iter().map(|key| format!("'#{key}'")));
    let words = asked.terms.iter().map(|term| phrase(term, place, may_go_on));
    let without = asked.without.iter().map(|term| format!("!({})", phrase(term, "", false)));
    let times = (!asked.times.is_empty()).then(|| format!("({})", either(&asked.times)));
    let parts: Vec<String> = keys.chain(times).chain(words).chain(without).collect();
    if parts.is_empty() { "'#p'".to_owned() } else { parts.join(" & ") }
}

/// One of several keys.
fn either(keys: &[String]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("'#{key}'")).collect();
    keys.join(" | ")
}

fn phrase(term: &Term, place: &str, may_go_on: bool) -> String {
    let last = term.words.len().saturating_sub(1);
    // A single letter of a script without spaces is always the beginning of a pair.
    let open = term.open && (may_go_on || term.pairs);
    let words: Vec<String> = term
        .words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let star = if open && at == last { ":*" } else { "" };
            format!("'{place}{word}'{star}")
        })
        .collect();
    format!("({})", words.join(" <-> "))
}

fn named(terms: &[Term], key: &str) -> String {
    let words = terms.iter().map(|term| phrase(term, "", true));
    let parts: Vec<String> = std::iter::once(format!("'#{key}'")).chain(words).collect();
    parts.join(" & ")
}
