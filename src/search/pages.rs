//! The search page, and suggestions while typing.

mod suggest;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::Deserialize;

use super::{
    actions::{self, Found},
    query::{LONGEST, SearchQuery},
    rank::{self, Segment},
    store::{DraftHit, Hit, NameHit},
    words::{Term, folded},
};
use crate::{
    accounts::{full_name, online},
    app::App,
    ids::UserId,
    links,
    posts::reading::{
        card::Named,
        pages::card::PostCard,
        store::{Topic, categories},
    },
    web::{Layout, Limit, PageResult, Query, Visitor, page, view},
};

/// How much of a text is shown around what was found, in characters.
const EXCERPT: usize = 220;

/// The last page that can be asked for.
const PAGES: usize = 100;

pub fn router() -> Router<App> {
    Router::new().route("/blog/search", get(index)).route("/search/suggest", get(suggest::suggest))
}

/// What follows `/blog/search?`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchInput {
    q: String,
    category: String,
    page: String,
}

#[derive(Template)]
#[template(path = "search/index.html")]
struct SearchPage {
    layout: Layout,
    query: SearchQuery,
    categories: Vec<Topic>,
    chips: Vec<Chip>,
    notes: Vec<String>,
    instead: Option<Named>,
    offered: Option<Named>,
    close: Vec<FoundPost>,
    sections: Vec<Named>,
    posts: Vec<FoundPost>,
    people: Vec<PersonLine>,
    topics: Vec<Named>,
    drafts: Vec<DraftLine>,
    summary: String,
    is_capped: bool,
    newer: Option<String>,
    older: Option<String>,
    nothing: bool,
}

/// A filter, and the address of the search without it.
struct Chip {
    label: String,
    without: String,
}

/// A post, with what was asked for marked.
struct FoundPost {
    card: PostCard,
    title: Vec<Segment>,
    excerpt: Vec<Segment>,
}

/// Somebody who was found.
struct PersonLine {
    name: String,
    username: String,
    url: String,
    initials: String,
    hue: u16,
    avatar: Option<String>,
    posts: String,
    is_online: bool,
}

/// A post of one's own that is not public.
struct DraftLine {
    title: Vec<Segment>,
    url: String,
    status: &'static str,
    saved_at: String,
    saved_on: String,
}

async fn index(
    State(app): State<App>,
    visitor: Visitor,
    Query(input): Query<SearchInput>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let mut query = SearchQuery::parse(&input.q);
    let chosen = input.category.trim();
    if query.category.is_empty() {
        query.category = chosen.chars().take(255).collect();
    }
    if query.too_long {
        query.mistakes = vec![format!("A search may have {LONGEST} characters at most.")];
    }
    if !query.is_empty() {
        visitor.spend(Limit::Search)?;
    }
    let number = input.page.parse::<usize>().unwrap_or(1).clamp(1, PAGES) - 1;
    let viewer = visitor.viewer().map(|viewer| viewer.id);
    let mut found = actions::search(&app, &query, viewer, number).await?;
    if query.too_long {
        found.notes.clone_from(&query.mistakes);
    }
    let wrong = !query.mistakes.is_empty();
    let ids: Vec<UserId> = found.people.iter().map(|person| UserId(person.id)).collect();
    let mut conn = app.db.conn().await?;
    let online = online::among(&mut conn, visitor.viewer(), app.clock.now(), &ids).await?;
    let categories = categories(&mut conn).await?;
    drop(conn);
    let mut layout = visitor.layout();
    layout.search.clone_from(&query.text);
    let mut shown = show(&app, layout, (query, chosen), categories, (found, number));
    for (person, id) in shown.people.iter_mut().zip(&ids) {
        person.is_online = online.contains(id);
    }
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(&shown)?.with_status(status).into_response())
}

fn show(
    app: &App,
    layout: Layout,
    (query, chosen): (SearchQuery, &str),
    categories: Vec<Topic>,
    (found, number): (Found, usize),
) -> SearchPage {
    let at = |page: usize| format!("{}&page={}", address(&query.text, chosen), page + 1);
    let size = actions::page_size(app);
    let terms = found.mended.as_ref().unwrap_or(&query).terms.clone();
    let near = found.offered.as_ref().map(|meant| meant.terms.clone()).unwrap_or_default();
    let meant =
        |query: &SearchQuery| Named { name: query.text.clone(), url: address(&query.text, chosen) };
    let topics = topics(&categories, &terms, &query, &found.tags);
    let nothing = !query.is_empty()
        && found.notes.is_empty()
        && found.posts.is_empty()
        && found.people.is_empty()
        && found.drafts.is_empty()
        && topics.is_empty();
    let mut shown = SearchPage {
        chips: chips(&query, chosen),
        instead: found.mended.as_ref().map(meant),
        offered: found.offered.as_ref().map(meant),
        close: found.close.iter().map(|(hit, body)| FoundPost::of(hit, body, &near)).collect(),
        sections: Vec::new(),
        summary: summary(&found),
        is_capped: found.is_capped && found.total <= (number + 1) * size,
        newer: (number > 0).then(|| at(number - 1)),
        older: (found.total > (number + 1) * size).then(|| at(number + 1)),
        posts: found.posts.iter().map(|(hit, body)| FoundPost::of(hit, body, &terms)).collect(),
        people: found.people.into_iter().map(PersonLine::from).collect(),
        drafts: found.drafts.iter().map(|draft| DraftLine::of(draft, &terms)).collect(),
        notes: found.notes,
        layout,
        categories,
        topics,
        nothing,
        query,
    };
    shown.sections = sections(&shown);
    shown
}

/// Links to the parts of the page, where it has several.
fn sections(page: &SearchPage) -> Vec<Named> {
    let parts = [
        ("people", "People", page.people.len()),
        ("topics", "Topics", page.topics.len()),
        ("drafts", "Your drafts", page.drafts.len()),
        ("posts", "Posts", page.posts.len()),
        ("close", "Close titles", page.close.len()),
    ];
    let named =
        |(id, name, _): (&str, &str, usize)| Named { name: name.to_owned(), url: format!("#{id}") };
    let sections: Vec<Named> = parts.into_iter().filter(|part| part.2 > 0).map(named).collect();
    if sections.len() > 1 { sections } else { Vec::new() }
}

/// The address of a search, to which a page may be added.
fn address(text: &str, category: &str) -> String {
    let mut address = format!("/blog/search?q={}", links::query(text));
    if !category.is_empty() {
        address = format!("{address}&category={}", links::query(category));
    }
    address
}

fn chips(query: &SearchQuery, chosen: &str) -> Vec<Chip> {
    let mut chips: Vec<Chip> = query
        .chips
        .iter()
        .map(|chip| Chip { label: chip.label.clone(), without: address(&chip.rest, chosen) })
        .collect();
    if !chosen.is_empty() {
        chips
            .push(Chip { label: format!("category: {chosen}"), without: address(&query.text, "") });
    }
    chips
}

/// Tags that were found, and categories whose names begin as asked.
fn topics(all: &[Topic], terms: &[Term], query: &SearchQuery, tags: &[NameHit]) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    if !terms.is_empty() && !query.has_filter() {
        found.extend(matching(all, terms).take(4));
    }
    found.extend(
        tags.iter().map(|tag| Named { name: format!("#{}", tag.name), url: links::tag(&tag.key) }),
    );
    found
}

/// Categories in whose names every word asked for begins a word.
fn matching<'a>(all: &'a [Topic], terms: &'a [Term]) -> impl Iterator<Item = Named> + 'a {
    all.iter()
        .filter(|topic| {
            let name = folded(&topic.name);
            let mut words = terms.iter().flat_map(|term| &term.words);
            topic.post_count > 0
                && words.all(|word| name.split(' ').any(|part| part.starts_with(word.as_str())))
        })
        .map(|topic| Named { name: topic.name.clone(), url: links::category(&topic.slug) })
}

/// How much was found, in words.
fn summary(found: &Found) -> String {
    let number = i64::try_from(found.total).unwrap_or(i64::MAX);
    match found.is_capped {
        _ if number == 0 => String::new(),
        true => format!("More than {} posts", view::thousands((number - 1) / 50 * 50)),
        false => view::plural(number, "post", "posts"),
    }
}

impl FoundPost {
    fn of(hit: &Hit, body: &str, terms: &[Term]) -> Self {
        let card = PostCard::from(&hit.card());
        let summary = hit.meta_description.as_deref().unwrap_or_default();
        let excerpt = rank::excerpt(body, terms, EXCERPT)
            .or_else(|| rank::excerpt(summary, terms, EXCERPT))
            .unwrap_or_else(|| vec![Segment { text: card.excerpt.clone(), marked: false }]);
        Self { title: rank::marked(&hit.title, terms), excerpt, card }
    }
}

impl DraftLine {
    fn of(draft: &DraftHit, terms: &[Term]) -> Self {
        Self {
            title: rank::marked(&draft.title, terms),
            url: format!("/blog/post/{}/edit", draft.id),
            status: match draft.status.as_str() {
                "scheduled" => "Scheduled",
                "hidden" => "Hidden",
                _ => "Draft",
            },
            saved_at: view::iso(draft.updated_at),
            saved_on: view::day(draft.updated_at),
        }
    }
}

impl From<NameHit> for PersonLine {
    fn from(row: NameHit) -> Self {
        let name = full_name(&row.key, Some(&row.name), row.last_name.as_deref());
        Self {
            url: links::user(&row.key),
            initials: view::initials(&name),
            hue: view::hue(&row.key),
            avatar: row.avatar_filename.as_deref().map(view::media_url),
            posts: view::plural(row.post_count, "post", "posts"),
            is_online: false,
            username: row.key,
            name,
        }
    }
}
