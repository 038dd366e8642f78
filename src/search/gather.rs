//! Gathering posts and putting them in order: the same on both databases, and the same each time.

use std::collections::HashSet;

use super::{
    rank::{Texts, score},
    store::{self, Asked, Hit, Scope},
    words::Term,
};
use crate::{Result, db::Conn, ids::PostId};

/// How many posts are looked at: those with the words in the title, and the newest with the words
/// anywhere. A question that finds more is ranked among these.
pub(super) const IN_TITLE: i64 = 60;
const ANYWHERE: i64 = 200;

/// How many of the best are compared by their whole text.
pub(super) const COMPARED: usize = 30;

/// Posts in order, before a page is cut out of them.
#[derive(Default)]
pub(super) struct Ranked {
    pub hits: Vec<(Hit, String)>,
    pub is_capped: bool,
}

/// The posts that answer, best first: the same on both databases, and the same each time.
pub(super) async fn posts(
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
pub(super) async fn posts_meant(
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
pub(super) fn first_order(terms: &[Term], hits: Vec<Hit>) -> Vec<Hit> {
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
pub(super) async fn with_bodies(
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
