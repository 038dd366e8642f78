//! The SQL of searching for SQLite: FTS5 tables of words, a table of trigrams.

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

/// How many trigrams of a word are looked at.
const GRAMS: usize = 16;

/// The posts that an index of words finds, newest first.
macro_rules! posts_of {
    ($index:literal) => {
        concat!(
            "select p.*, s.names from ",
            $index,
            " f
              cross join search_post s on s.post_id = f.rowid
              cross join public_post p on p.id = f.rowid
              where ",
            $index,
            " match $1
                and ($2 is null or p.published_at < $2) and ($3 is null or p.published_at >= $3)
                and not exists (select 1 from user_block b
                                 where (b.user_id = $4 and b.blocked_id = p.user_id)
                                    or (b.user_id = p.user_id and b.blocked_id = $4))
                and not exists (select 1 from user_mute m
                                 where m.user_id = $4 and m.muted_id = p.user_id)
              order by f.rowid desc limit $5"
        )
    };
}

pub async fn posts(conn: &mut Conn, asked: &Asked<'_>, most: i64) -> Result<Vec<Hit>> {
    let (statement, question) = match titled(asked) {
        Some(titled) => (read(posts_of!("search_title_fts")), titled),
        None => (read(posts_of!("search_post_fts")), question(asked)),
    };
    statement
        .bind(question)
        .bind(asked.before)
        .bind(asked.since)
        .bind(asked.viewer)
        .bind(most)
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
        "select p.id, p.title, p.status, p.updated_at from search_post_fts f
          cross join post p on p.id = f.rowid
          where search_post_fts match $1 and p.user_id = $2 and p.status <> 'published'
            and p.deleted_at is null
          order by f.rowid desc limit $3",
    )
    .bind(question(asked))
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
        "select * from (
         select true as is_person, u.id, u.username as key, coalesce(u.first_name, '') as name,
                u.last_name, u.avatar_filename, u.post_count
           from (select s.user_id from (select rowid from search_name_fts
                                         where search_name_fts match $1
                                         order by rowid limit $5) f
                  cross join search_name s on s.id = f.rowid
                 union
                 select id from \"user\" where username_key = $6) named
          cross join \"user\" u on u.id = named.user_id
          where u.is_active and u.email_confirmed
            and not exists (select 1 from user_block b
                             where (b.user_id = $3 and b.blocked_id = u.id)
                                or (b.user_id = u.id and b.blocked_id = $3))
            and not exists (select 1 from user_mute m
                             where m.user_id = $3 and m.muted_id = u.id)
          order by u.username_key = $6 desc, u.post_count desc, u.id limit $4)
         union all
         select * from (
         select false, t.id, t.slug, t.name, null, null, t.post_count
           from (select rowid from search_name_fts where search_name_fts match $2
                  order by rowid desc limit $5) f
          cross join search_name s on s.id = f.rowid
          cross join tag t on t.id = s.tag_id
          where t.post_count > 0
          order by t.post_count desc, t.id limit $4)",
    )
    .bind(format!("{} NOT keys : \"t\"", named(terms)))
    .bind(format!("keys : \"t\" AND {}", named(terms)))
    .bind(viewer)
    .bind(most)
    .bind(looked_at)
    .bind(typed)
    .all(conn)
    .await
}

pub async fn similar(conn: &mut Conn, word: &str) -> Result<Vec<(String,)>> {
    let length = letters(word);
    let off = i64::try_from(spelling::forgiven(word.chars().count())).unwrap_or(0);
    let mut statement = read(
        "select w.word from (
             select word_id, count(*) as shared from search_trigram
              where gram in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
                and length between $1 and $2
              group by word_id order by shared desc, word_id limit 200) near
           join search_word w on w.id = near.word_id",
    )
    .bind(length - off)
    .bind(length + off);
    let grams = spelling::trigrams(word);
    for place in 0..GRAMS {
        statement = statement.bind(grams.get(place).map(String::as_str));
    }
    statement.all(conn).await
}

pub async fn put_post(
    tx: &mut Tx,
    post: PostId,
    document: &Document,
    (names, body): (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    write(
        "insert into search_post (post_id, created_at, updated_at, index_version, names, body)
         values ($1, $2, $2, $3, $4, $5)
         on conflict (post_id) do update
            set updated_at = excluded.updated_at, index_version = excluded.index_version,
                names = excluded.names, body = excluded.body",
    )
    .bind(post)
    .bind(now)
    .bind(VERSION)
    .bind(names)
    .bind(body)
    .run(tx)
    .await?;
    write("delete from search_post_fts where rowid = $1").bind(post).run(tx).await?;
    write(
        "insert into search_post_fts (rowid, title, names, summary, body, keys)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(post)
    .bind(&document.title)
    .bind(&document.names)
    .bind(&document.summary)
    .bind(&document.body)
    .bind(&document.keys)
    .run(tx)
    .await?;
    write("delete from search_title_fts where rowid = $1").bind(post).run(tx).await?;
    if document.is_public {
        write("insert into search_title_fts (rowid, title) values ($1, $2)")
            .bind(post)
            .bind(&document.title)
            .run(tx)
            .await?;
    }
    Ok(())
}

pub async fn put_user(tx: &mut Tx, user: UserId, name: &str, now: DateTime<Utc>) -> Result<()> {
    let id: i64 = write(
        "insert into search_name (created_at, updated_at, index_version, user_id)
         values ($1, $1, $2, $3)
         on conflict (user_id) do update
            set updated_at = excluded.updated_at, index_version = excluded.index_version
         returning id",
    )
    .bind(now)
    .bind(VERSION)
    .bind(user)
    .value(tx)
    .await?;
    put_name(tx, id, name, "u").await
}

pub async fn put_tag(tx: &mut Tx, tag: TagId, name: &str, now: DateTime<Utc>) -> Result<()> {
    let row: Option<(i64,)> = write(
        "insert into search_name (created_at, updated_at, index_version, tag_id)
         values ($1, $1, $2, $3)
         on conflict (tag_id) do update
            set updated_at = excluded.updated_at, index_version = excluded.index_version
          where search_name.index_version < excluded.index_version
         returning id",
    )
    .bind(now)
    .bind(VERSION)
    .bind(tag)
    .optional(tx)
    .await?;
    match row {
        Some((id,)) => put_name(tx, id, name, "t").await,
        None => Ok(()),
    }
}

async fn put_name(tx: &mut Tx, id: i64, name: &str, key: &str) -> Result<()> {
    write("delete from search_name_fts where rowid = $1").bind(id).run(tx).await?;
    write("insert into search_name_fts (rowid, name, keys) values ($1, $2, $3)")
        .bind(id)
        .bind(name)
        .bind(key)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn settle_posts(tx: &mut Tx) -> Result<()> {
    write("insert into search_post_fts (search_post_fts) values ('optimize')")
        .run(tx)
        .await
        .map(drop)
}

pub async fn settle_names(tx: &mut Tx) -> Result<()> {
    write("insert into search_title_fts (search_title_fts) values ('optimize')").run(tx).await?;
    write("insert into search_name_fts (search_name_fts) values ('optimize')")
        .run(tx)
        .await
        .map(drop)
}

pub async fn learn(tx: &mut Tx, word: &str, now: DateTime<Utc>) -> Result<()> {
    let row: Option<(i64,)> = write(
        "insert into search_word (created_at, word, length) values ($1, $2, $3)
         on conflict (word) do nothing returning id",
    )
    .bind(now)
    .bind(word)
    .bind(letters(word))
    .optional(tx)
    .await?;
    let Some((id,)) = row else { return Ok(()) };
    for gram in spelling::trigrams(word) {
        write(
            "insert into search_trigram (gram, length, word_id) values ($1, $2, $3)
             on conflict do nothing",
        )
        .bind(gram)
        .bind(letters(word))
        .bind(id)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// A question in the language of FTS5. It is made of words, which hold nothing but letters and
/// digits: whatever stood around them in what was typed is gone (X38).
fn question(asked: &Asked<'_>) -> String {
    let place = match asked.scope {
        Scope::Title => "title",
        Scope::Exactly | Scope::Everywhere => "{title names summary body}",
    };
    let keys = asked.keys.iter().map(|key| format!("keys : \"{key}\""));
    let words = asked
        .terms
        .iter()
        .map(|term| format!("{place} : {}", phrase(term, asked.scope != Scope::Exactly)));
    let mut parts: Vec<String> = keys.chain(words).collect();
    if !asked.times.is_empty() {
        parts.push(format!("keys : (\"{}\")", asked.times.join("\" OR \"")));
    }
    if parts.is_empty() {
        parts.push("keys : \"p\"".to_owned());
    }
    let question = parts.join(" AND ");
    if asked.without.is_empty() {
        return question;
    }
    let without: Vec<String> = asked
        .without
        .iter()
        .map(|term| format!("{{title names summary body}} : {}", phrase(term, false)))
        .collect();
    format!("({question}) NOT ({})", without.join(" OR "))
}

/// The question for the index of titles, where titles are all that is asked for.
fn titled(asked: &Asked<'_>) -> Option<String> {
    let is_plain = asked.scope == Scope::Title
        && asked.keys.is_empty()
        && asked.times.is_empty()
        && asked.without.is_empty()
        && !asked.terms.is_empty();
    is_plain.then(|| {
        let words: Vec<String> = asked.terms.iter().map(|term| phrase(term, true)).collect();
        words.join(" AND ")
    })
}

fn phrase(term: &Term, may_go_on: bool) -> String {
    // A single letter of a script without spaces is always the beginning of a pair.
    let open = term.open && (may_go_on || term.pairs);
    format!("\"{}\"{}", term.words.join(" "), if open { " *" } else { "" })
}

fn named(terms: &[Term]) -> String {
    let words = terms.iter().map(|term| format!("name : {}", phrase(term, true)));
    words.collect::<Vec<_>>().join(" AND ")
}
