//! The search page.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use serde::Deserialize;

use super::{query::SearchQuery, store};
use crate::{
    Result,
    accounts::full_name,
    app::App,
    links,
    paging::{Cursor, Direction, Paging, PagingQuery},
    posts::reading::{
        card::CardRow,
        pages::card::{PostCard, cards},
        store::{Topic, categories},
    },
    web::{Layout, Limit, PageResult, Query, Visitor, page, view},
};

const PEOPLE: i64 = 6;

pub fn router() -> Router<App> {
    Router::new().route("/blog/search", get(index))
}

/// What follows `/blog/search?`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchInput {
    q: String,
    category: String,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "search/index.html")]
struct SearchPage {
    layout: Layout,
    query: SearchQuery,
    categories: Vec<Topic>,
    posts: Vec<PostCard>,
    people: Vec<PersonLine>,
    paging: Paging,
    further: Option<String>,
    summary: String,
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
}

/// What was found.
#[derive(Default)]
struct Found {
    posts: Vec<CardRow>,
    people: Vec<store::PersonRow>,
    paging: Paging,
    edge: Option<Cursor>,
}

async fn index(
    State(app): State<App>,
    visitor: Visitor,
    Query(input): Query<SearchInput>,
) -> PageResult {
    visitor.may_read().await?;
    let mut query = SearchQuery::parse(&input.q);
    if query.category.is_empty() {
        query.category = input.category.chars().take(255).collect();
    }
    let asks = !query.words.is_empty() || !query.is_empty();
    if asks {
        visitor.spend(Limit::Search)?;
    }
    let direction = PagingQuery { before: input.before, after: input.after }.direction();
    let address = address(&query.text, &input.category);
    let found =
        if asks { look(&app, &query, direction, &address).await? } else { Found::default() };
    let categories = categories(&mut app.db.conn().await?).await?;
    let mut layout = visitor.layout();
    layout.search.clone_from(&query.text);
    page(&SearchPage {
        layout,
        summary: summary(&found, direction),
        further: found.edge.map(|edge| format!("{address}before={}", edge.text())),
        posts: cards(&found.posts),
        people: found.people.into_iter().map(PersonLine::from).collect(),
        paging: found.paging,
        categories,
        query,
    })
}

async fn look(
    app: &App,
    query: &SearchQuery,
    direction: Direction,
    address: &str,
) -> Result<Found> {
    let size = app.config.pages.search;
    let mut conn = app.db.conn().await?;
    let mut posts = store::posts(&mut conn, query, direction, size).await?;
    let people = match query.name_pattern() {
        Some(pattern) if direction == Direction::First => {
            store::people(&mut conn, pattern, PEOPLE).await?
        }
        _ => Vec::new(),
    };
    let goes_down = !matches!(direction, Direction::After(_));
    let edge = if goes_down && posts.len() <= size {
        store::edge(&mut conn, direction).await?
    } else {
        None
    };
    let paging = Paging::cut(&mut posts, size, direction, address, CardRow::cursor);
    Ok(Found { posts, people, paging, edge })
}

/// The address of this search, to which a page is added.
fn address(text: &str, category: &str) -> String {
    let mut address = format!("/blog/search?q={}&", links::query(text));
    if !category.is_empty() {
        address = format!("{address}category={}&", links::query(category));
    }
    address
}

/// How much was found, in words.
fn summary(found: &Found, direction: Direction) -> String {
    let number = i64::try_from(found.posts.len()).unwrap_or(i64::MAX);
    let more = found.paging.older.is_some() || found.edge.is_some();
    match (number, direction) {
        (0, _) => String::new(),
        (_, Direction::First) if more => format!("The newest {number} posts"),
        (_, Direction::First) => view::plural(number, "post", "posts"),
        _ => format!("{} more", view::plural(number, "post", "posts")),
    }
}

impl From<store::PersonRow> for PersonLine {
    fn from(row: store::PersonRow) -> Self {
        let name = full_name(&row.username, row.first_name.as_deref(), row.last_name.as_deref());
        Self {
            url: links::user(&row.username),
            initials: view::initials(&name),
            hue: view::hue(&row.username),
            avatar: row.avatar_filename.as_deref().map(view::media_url),
            posts: view::plural(row.post_count, "post", "posts"),
            username: row.username,
            name,
        }
    }
}
