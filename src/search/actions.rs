//! Searching: what is found, in which order, and what was perhaps meant.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::{
    dates,
    gather::{self, COMPARED, IN_TITLE, Ranked},
    meant::mend,
    query::SearchQuery,
    store::{self, Asked, DraftHit, Hit, NameHit, Scope},
    words::{Term, folded, words},
};
use crate::{Result, app::App, db::Conn, ids::UserId};

/// How many people, and how many tags, are shown.
const NAMES: i64 = 6;

/// Of so many that are called so, the newest, the ones with most posts are shown.
const NAMES_LOOKED_AT: i64 = 300;

/// The same, and for titles, while somebody is typing: every further letter makes them fewer.
const NAMES_OFFERED_OF: i64 = 16;
const TITLES_OFFERED_OF: i64 = 5;
const DRAFTS: i64 = 10;

/// How many words are put right.
const MENDED: usize = 2;

/// Fewer posts than this are few: then a mistyped word is looked for, though something was found.
const FEW: usize = 5;

/// How many posts are shown for what was perhaps meant.
const CLOSE: usize = 5;

/// How long a statement of a search may take (X53).
const LIMIT: Duration = Duration::from_secs(2);

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The posts of this page, best first, with the text that is searched in them.
    pub posts: Vec<(Hit, String)>,
    /// How many posts there are, and whether that is where counting ended.
    pub total: usize,
    pub is_capped: bool,
    pub people: Vec<NameHit>,
    pub tags: Vec<NameHit>,
    pub drafts: Vec<DraftHit>,
    /// What was looked for instead, when nothing was found as typed.
    pub mended: Option<SearchQuery>,
    /// What was perhaps meant, when little was found as typed, and posts with that in their titles.
    pub offered: Option<SearchQuery>,
    pub close: Vec<(Hit, String)>,
    /// What of the question fits nothing, in words.
    pub notes: Vec<String>,
}

/// Looks for what was asked: page `page` (from 0) of the posts, and on the first what else fits.
pub async fn search(
    app: &App,
    query: &SearchQuery,
    viewer: Option<UserId>,
    page: usize,
) -> Result<Found> {
    let mut found = Found { notes: query.mistakes.clone(), ..Found::default() };
    if query.too_long || query.is_empty() {
        return Ok(found);
    }
    let mut conn = app.db.hurried(LIMIT).await?;
    let size = page_size(app);
    let today = app.clock.now().date_naive();
    let asked = filters(&mut conn, (query, today), viewer, &mut found.notes).await?;
    let fits = found.notes.is_empty();
    let mut ranked = Ranked::default();
    if fits {
        ranked = gather::posts(&mut conn, &query.terms, &asked, (page, size)).await?;
    }
    if page == 0 && !query.terms.is_empty() && !query.has_filter() && query.without.is_empty() {
        others(&mut conn, (&query.terms, &typed(query)), (viewer, NAMES_LOOKED_AT), &mut found)
            .await?;
        if let Some(owner) = viewer {
            found.drafts = store::drafts(&mut conn, &query.terms, owner, DRAFTS).await?;
        }
    }
    let nothing = ranked.hits.is_empty()
        && found.people.is_empty()
        && found.tags.is_empty()
        && found.drafts.is_empty();
    if fits && nothing {
        if let Some(meant) = mend(&mut conn, query, &HashSet::new(), MENDED).await? {
            ranked = gather::posts_meant(&mut conn, &meant.terms, &asked, (page, size)).await?;
            if page == 0 && !query.has_filter() {
                others(&mut conn, (&meant.terms, ""), (viewer, NAMES_LOOKED_AT), &mut found)
                    .await?;
            }
            // Only what this viewer may find is ever suggested.
            if !(ranked.hits.is_empty() && found.people.is_empty() && found.tags.is_empty()) {
                found.mended = Some(meant);
            }
        }
    } else if fits && page == 0 && ranked.hits.len() < FEW && !found.holds(&query.terms) {
        offer(&mut conn, query, &asked, &ranked, &mut found).await?;
    }
    found.total = ranked.hits.len();
    found.is_capped = ranked.is_capped;
    found.posts = ranked.hits.into_iter().skip(page.saturating_mul(size)).take(size).collect();
    Ok(found)
}

/// Adds what is found for words that are near to what was typed, if that is anything more.
async fn offer(
    conn: &mut Conn,
    query: &SearchQuery,
    asked: &Asked<'_>,
    ranked: &Ranked,
    found: &mut Found,
) -> Result<()> {
    // A word that stands in the title or the names of what was found is no mistake. One other is
    // looked at: the page has run most of its statements already.
    let texts = ranked.hits.iter().flat_map(|(hit, _)| [&hit.title, &hit.names]);
    let right = texts.flat_map(|text| words(text)).map(|word| word.text).collect();
    let Some(meant) = mend(conn, query, &right, 1).await? else { return Ok(()) };
    let close = Asked { terms: &meant.terms, scope: Scope::Title, ..asked.clone() };
    let mut hits = store::posts(conn, &close, IN_TITLE).await?;
    hits.retain(|hit| ranked.hits.iter().all(|(known, _)| known.id != hit.id));
    let mut hits = gather::first_order(&meant.terms, hits);
    hits.truncate(CLOSE);
    let mut near = Found::default();
    if !query.has_filter() && query.without.is_empty() {
        others(conn, (&meant.terms, ""), (asked.viewer, NAMES_LOOKED_AT), &mut near).await?;
    }
    let is_new = |known: &[NameHit], name: &NameHit| known.iter().all(|one| one.id != name.id);
    near.people.retain(|person| is_new(&found.people, person));
    near.tags.retain(|tag| is_new(&found.tags, tag));
    if hits.is_empty() && near.people.is_empty() && near.tags.is_empty() {
        return Ok(());
    }
    found.people.append(&mut near.people);
    found.tags.append(&mut near.tags);
    found.close = gather::with_bodies(conn, hits, (0, CLOSE)).await?;
    found.offered = Some(meant);
    Ok(())
}

impl Found {
    /// Whether a person or a tag is called just what was asked for.
    fn holds(&self, terms: &[Term]) -> bool {
        let asked = joined(terms);
        let mut names = self.people.iter().chain(&self.tags);
        names.any(|name| folded(&name.key) == asked || folded(&name.name) == asked)
    }
}

/// The words that are asked for, as the index holds them.
fn joined(terms: &[Term]) -> String {
    let words: Vec<&str> =
        terms.iter().flat_map(|term| term.words.iter().map(String::as_str)).collect();
    words.join(" ")
}

/// What was typed, as user names are compared.
fn typed(query: &SearchQuery) -> String {
    query.text.trim().trim_start_matches('@').to_lowercase()
}

/// How many posts a page shows.
pub fn page_size(app: &App) -> usize {
    app.config.pages.search.clamp(1, COMPARED)
}

/// What somebody who is typing may want.
#[derive(Debug, Default)]
pub struct Suggested {
    pub posts: Vec<Hit>,
    pub people: Vec<NameHit>,
    pub tags: Vec<NameHit>,
}

/// Titles, people and tags that begin as what is being typed.
pub async fn suggest(app: &App, text: &str, viewer: Option<UserId>) -> Result<Suggested> {
    let query = SearchQuery::parse(text);
    if query.terms.is_empty() || query.has_filter() || query.too_long {
        return Ok(Suggested::default());
    }
    let mut conn = app.db.hurried(LIMIT).await?;
    let recent = dates::recent(app.clock.now().date_naive());
    let asked = Asked { terms: &query.terms, viewer, recent, ..Asked::default() };
    let found = beginning(&mut conn, &asked, &typed(&query)).await?;
    if !(found.posts.is_empty() && found.people.is_empty() && found.tags.is_empty()) {
        return Ok(found);
    }
    match mend(&mut conn, &query, &HashSet::new(), MENDED).await? {
        Some(meant) => beginning(&mut conn, &Asked { terms: &meant.terms, ..asked }, "").await,
        None => Ok(found),
    }
}

async fn beginning(conn: &mut Conn, asked: &Asked<'_>, typed: &str) -> Result<Suggested> {
    let mut found = Found::default();
    let titles = Asked { scope: Scope::Title, ..asked.clone() };
    let hits = store::posts(conn, &titles, TITLES_OFFERED_OF).await?;
    others(conn, (asked.terms, typed), (asked.viewer, NAMES_OFFERED_OF), &mut found).await?;
    let mut posts = gather::first_order(asked.terms, hits);
    posts.truncate(4);
    found.people.truncate(3);
    found.tags.truncate(2);
    Ok(Suggested { posts, people: found.people, tags: found.tags })
}

/// Turns the names in filters into keys, and says which name nothing has.
async fn filters<'a>(
    conn: &mut Conn,
    (query, today): (&'a SearchQuery, NaiveDate),
    viewer: Option<UserId>,
    notes: &mut Vec<String>,
) -> Result<Asked<'a>> {
    let mut asked = Asked {
        terms: &query.terms,
        without: &query.without,
        times: match (query.after, query.before) {
            (None, None) => Vec::new(),
            (since, before) => dates::covering(since, before, today),
        },
        recent: dates::recent(today),
        before: query.before.map(midnight),
        since: query.after.map(midnight),
        viewer,
        ..Asked::default()
    };
    if !query.author.is_empty() {
        match store::author(conn, &query.author, viewer).await? {
            Some(user) => asked.keys.push(format!("u{user}")),
            None => notes.push(format!("There is nobody called “{}” here.", query.author)),
        }
    }
    if query.tag.is_empty() && query.category.is_empty() {
        return Ok(asked);
    }
    let slug = |name: &str| if name.is_empty() { String::new() } else { markup::slugify(name) };
    let (tag, category) = store::topic(conn, &slug(&query.tag), &slug(&query.category)).await?;
    match tag {
        Some(tag) => asked.keys.push(format!("t{tag}")),
        None if query.tag.is_empty() => {}
        None => notes.push(format!("No post has the tag “{}”.", query.tag)),
    }
    match category {
        Some(category) => asked.keys.push(format!("c{category}")),
        None if query.category.is_empty() => {}
        None => notes.push(format!("There is no category “{}”.", query.category)),
    }
    Ok(asked)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// People and tags whose names fit; those whose name is what was asked for come first.
async fn others(
    conn: &mut Conn,
    (terms, typed): (&[Term], &str),
    (viewer, looked_at): (Option<UserId>, i64),
    found: &mut Found,
) -> Result<()> {
    let asked = joined(terms);
    let mut names = store::names(conn, (terms, typed), viewer, (looked_at, NAMES)).await?;
    names.sort_by_key(|name| {
        let is_it = folded(&name.key) == asked || folded(&name.name) == asked;
        (!is_it, std::cmp::Reverse(name.post_count), name.id)
    });
    (found.people, found.tags) = names.into_iter().partition(|name| name.is_person);
    Ok(())
}
