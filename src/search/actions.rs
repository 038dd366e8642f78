//! Searching: what is found, in which order, and what was perhaps meant.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::{
    query::SearchQuery,
    rank::{Texts, score},
    spelling,
    store::{self, Asked, DraftHit, Hit, NameHit, Scope},
    words::{Term, folded},
};
use crate::{
    Result,
    app::App,
    db::Conn,
    ids::{PostId, UserId},
};

/// How many posts are looked at: those with the words in the title, and the newest with the words
/// anywhere. A question that finds more is ranked among these.
const IN_TITLE: i64 = 60;
const ANYWHERE: i64 = 200;

/// How many of the best are compared by their whole text.
const COMPARED: usize = 30;

/// How many people, and how many tags, are shown.
const NAMES: i64 = 6;
const DRAFTS: i64 = 10;

/// How many words are put right.
const MENDED: usize = 2;

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
    /// What of the question fits nothing, in words.
    pub notes: Vec<String>,
}

/// Posts in order, before a page is cut out of them.
struct Ranked {
    hits: Vec<(Hit, String)>,
    is_capped: bool,
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
    let asked = filters(&mut conn, query, viewer, &mut found.notes).await?;
    let fits = found.notes.is_empty();
    let mut ranked = Ranked { hits: Vec::new(), is_capped: false };
    if fits {
        ranked = posts(&mut conn, &query.terms, &asked, (page, size)).await?;
    }
    if page == 0 && !query.terms.is_empty() && !query.has_filter() && query.without.is_empty() {
        others(&mut conn, &query.terms, viewer, &mut found).await?;
        if let Some(owner) = viewer {
            found.drafts = store::drafts(&mut conn, &query.terms, owner, DRAFTS).await?;
        }
    }
    let nothing = ranked.hits.is_empty()
        && found.people.is_empty()
        && found.tags.is_empty()
        && found.drafts.is_empty();
    if fits
        && nothing
        && let Some(meant) = mend(&mut conn, query).await?
    {
        ranked = posts_meant(&mut conn, &meant.terms, &asked, (page, size)).await?;
        if page == 0 && !query.has_filter() {
            others(&mut conn, &meant.terms, viewer, &mut found).await?;
        }
        // Only what this viewer may find is ever suggested.
        if !(ranked.hits.is_empty() && found.people.is_empty() && found.tags.is_empty()) {
            found.mended = Some(meant);
        }
    }
    found.total = ranked.hits.len();
    found.is_capped = ranked.is_capped;
    found.posts = ranked.hits.into_iter().skip(page.saturating_mul(size)).take(size).collect();
    Ok(found)
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
    let mut found = Found::default();
    let asked = Asked { terms: &query.terms, viewer, scope: Scope::Title, ..Asked::default() };
    let hits = store::posts(&mut conn, &asked, IN_TITLE).await?;
    others(&mut conn, &query.terms, viewer, &mut found).await?;
    let mut posts = first_order(&query.terms, hits);
    posts.truncate(4);
    found.people.truncate(3);
    found.tags.truncate(2);
    Ok(Suggested { posts, people: found.people, tags: found.tags })
}

/// Turns the names in filters into keys, and says which name nothing has.
async fn filters<'a>(
    conn: &mut Conn,
    query: &'a SearchQuery,
    viewer: Option<UserId>,
    notes: &mut Vec<String>,
) -> Result<Asked<'a>> {
    let mut asked = Asked {
        terms: &query.terms,
        without: &query.without,
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

/// The posts that answer, best first: the same on both databases, and the same each time.
async fn posts(
    conn: &mut Conn,
    terms: &[Term],
    asked: &Asked<'_>,
    page: (usize, usize),
) -> Result<Ranked> {
    if terms.is_empty() {
        let mut hits = if asked.keys.is_empty() {
            store::dated(conn, asked, ANYWHERE).await?
        } else {
            store::posts(conn, asked, ANYWHERE).await?
        };
        hits.sort_by_key(|hit| std::cmp::Reverse((hit.published_at, hit.id)));
        let is_capped = is_full(hits.len(), ANYWHERE);
        return Ok(Ranked { hits: with_bodies(conn, hits, page).await?, is_capped });
    }
    let at = |scope| Asked { scope, ..asked.clone() };
    let mut hits = store::posts(conn, &at(Scope::Title), IN_TITLE).await?;
    let mut is_capped = is_full(hits.len(), IN_TITLE);
    let exact = store::posts(conn, &at(Scope::Exactly), ANYWHERE).await?;
    is_capped |= is_full(exact.len(), ANYWHERE);
    let goes_on = terms.iter().any(|term| term.open && !term.pairs);
    let mut begun = Vec::new();
    if goes_on && !is_full(exact.len(), IN_TITLE) {
        begun = store::posts(conn, &at(Scope::Everywhere), ANYWHERE).await?;
        is_capped |= is_full(begun.len(), ANYWHERE);
    }
    let mut seen: HashSet<PostId> = hits.iter().map(|hit| hit.id).collect();
    hits.extend(exact.into_iter().chain(begun).filter(|hit| seen.insert(hit.id)));
    let hits = compared(conn, terms, hits, page).await?;
    Ok(Ranked { hits, is_capped })
}

/// The same for words that were put right: nothing was found before, so one question is enough.
async fn posts_meant(
    conn: &mut Conn,
    terms: &[Term],
    asked: &Asked<'_>,
    page: (usize, usize),
) -> Result<Ranked> {
    let asked = Asked { terms, scope: Scope::Everywhere, ..asked.clone() };
    let hits = store::posts(conn, &asked, ANYWHERE).await?;
    let is_capped = is_full(hits.len(), ANYWHERE);
    Ok(Ranked { hits: compared(conn, terms, hits, page).await?, is_capped })
}

fn is_full(number: usize, most: i64) -> bool {
    i64::try_from(number).is_ok_and(|number| number >= most)
}

/// The order by title, names and summary; what is alike, newest first.
fn first_order(terms: &[Term], hits: Vec<Hit>) -> Vec<Hit> {
    ordered(hits.into_iter().map(|hit| (points(terms, &hit, ""), hit)).collect())
}

fn points(terms: &[Term], hit: &Hit, body: &str) -> f64 {
    let summary = hit.meta_description.as_deref().unwrap_or_default();
    score(terms, &Texts { title: &hit.title, names: &hit.names, summary, body })
}

fn ordered(mut hits: Vec<(f64, Hit)>) -> Vec<Hit> {
    hits.sort_by(|(one, a), (other, b)| {
        other
            .total_cmp(one)
            .then_with(|| b.published_at.cmp(&a.published_at))
            .then_with(|| b.id.cmp(&a.id))
    });
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// The best by their whole text, then the others.
async fn compared(
    conn: &mut Conn,
    terms: &[Term],
    hits: Vec<Hit>,
    page: (usize, usize),
) -> Result<Vec<(Hit, String)>> {
    let mut hits = first_order(terms, hits);
    let rest = hits.split_off(hits.len().min(COMPARED));
    let ids: Vec<PostId> = hits.iter().map(|hit| hit.id).collect();
    let mut bodies = store::bodies(conn, &ids).await?;
    let mut body = |id: PostId| {
        let at = bodies.iter().position(|(post, _)| *post == id);
        at.map(|at| bodies.swap_remove(at).1).unwrap_or_default()
    };
    let mut best: Vec<(f64, Hit, String)> = hits
        .into_iter()
        .map(|hit| {
            let body = body(hit.id);
            (points(terms, &hit, &body), hit, body)
        })
        .collect();
    best.sort_by(|(one, a, _), (other, b, _)| {
        other
            .total_cmp(one)
            .then_with(|| b.published_at.cmp(&a.published_at))
            .then_with(|| b.id.cmp(&a.id))
    });
    let mut all: Vec<(Hit, String)> = best.into_iter().map(|(_, hit, body)| (hit, body)).collect();
    all.extend(with_bodies(conn, rest, (page.0.saturating_sub(COMPARED / page.1), page.1)).await?);
    Ok(all)
}

/// Gives the posts of one page their texts.
async fn with_bodies(
    conn: &mut Conn,
    hits: Vec<Hit>,
    (page, size): (usize, usize),
) -> Result<Vec<(Hit, String)>> {
    let shown: Vec<PostId> =
        hits.iter().skip(page.saturating_mul(size)).take(COMPARED).map(|hit| hit.id).collect();
    let bodies = if shown.is_empty() || page == 0 && hits.is_empty() {
        Vec::new()
    } else {
        store::bodies(conn, &shown).await?
    };
    Ok(hits
        .into_iter()
        .map(|hit| {
            let body = bodies.iter().find(|(post, _)| *post == hit.id);
            let body = body.map(|(_, body)| body.clone()).unwrap_or_default();
            (hit, body)
        })
        .collect())
}

/// People and tags whose names fit; those whose name is what was asked for come first.
async fn others(
    conn: &mut Conn,
    terms: &[Term],
    viewer: Option<UserId>,
    found: &mut Found,
) -> Result<()> {
    let asked: Vec<&str> =
        terms.iter().flat_map(|term| term.words.iter().map(String::as_str)).collect();
    let asked = asked.join(" ");
    let mut names = store::names(conn, terms, viewer, NAMES).await?;
    names.sort_by_key(|name| {
        let is_it = folded(&name.key) == asked || folded(&name.name) == asked;
        (!is_it, std::cmp::Reverse(name.post_count), name.id)
    });
    (found.people, found.tags) = names.into_iter().partition(|name| name.is_person);
    Ok(())
}

/// The question with likelier words, if any word of it is unknown and near a known one.
async fn mend(conn: &mut Conn, query: &SearchQuery) -> Result<Option<SearchQuery>> {
    let mut meant: Option<SearchQuery> = None;
    let words: Vec<&String> = query
        .terms
        .iter()
        .filter(|term| !term.pairs)
        .flat_map(|term| &term.words)
        .filter(|word| spelling::forgiven(word.chars().count()) > 0)
        .collect();
    for word in words.into_iter().take(MENDED) {
        let known = store::similar(conn, word).await?;
        let known = known.iter().map(|(known,)| known.as_str());
        if let Some(better) = spelling::correct(word, known) {
            let before = meant.as_ref().unwrap_or(query);
            meant = Some(before.replaced(word, better));
        }
    }
    Ok(meant)
}
