//! All posts, or those of one category.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use crate::{
    Error,
    app::App,
    ids::CategoryId,
    links,
    paging::{Paging, PagingQuery},
    posts::reading::{
        card::CardRow,
        pages::card::{PostCard, cards},
        store,
    },
    social::store::{feed, follows},
    web::{Layout, PageResult, Query, Visitor, moved, page, see_other},
};

/// What follows `/blog/?`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    category: String,
    search: String,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "reading/list.html")]
struct ListPage {
    layout: Layout,
    posts: Vec<PostCard>,
    paging: Paging,
    categories: Vec<store::Topic>,
    chosen: Option<store::Topic>,
    /// The chosen category's own page, and whether the reader follows it; `None` for visitors.
    topic_url: String,
    following: Option<bool>,
}

pub async fn index(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let search = query.search.trim();
    if !search.is_empty() {
        return Ok(see_other(&search_address(search, &query.category)));
    }
    let mut conn = app.db.snapshot().await?;
    if let Ok(id) = query.category.parse() {
        let slug = store::category_slug(&mut conn, CategoryId(id)).await?.ok_or(Error::NotFound)?;
        return Ok(moved(&format!("/blog/?category={}", links::query(&slug))));
    }
    let categories = store::categories(&mut conn).await?;
    let chosen = categories.iter().find(|category| category.slug == query.category).cloned();
    if chosen.is_none() && !query.category.is_empty() {
        return Err(Error::NotFound.into());
    }
    let direction = PagingQuery { before: query.before, after: query.after }.direction();
    let size = app.config.pages.posts;
    let reader = visitor.viewer().map(|viewer| viewer.id);
    let (mut rows, address) = match &chosen {
        Some(category) => {
            let of = (CategoryId(category.id), reader);
            let rows = store::in_category(&mut conn, of, direction, size).await?;
            (rows, format!("/blog/?category={}&", links::query(&category.slug)))
        }
        None => {
            let rows = match reader {
                Some(reader) => feed::latest(&mut conn, reader, direction, size).await?,
                None => store::latest(&mut conn, direction, size).await?,
            };
            (rows, "/blog/?".to_owned())
        }
    };
    let following = match (reader, &chosen) {
        (Some(reader), Some(category)) => {
            let id = CategoryId(category.id);
            Some(follows::follows_category(&mut conn, reader, id).await?)
        }
        _ => None,
    };
    drop(conn);
    let paging = Paging::cut(&mut rows, size, direction, &address, CardRow::cursor);
    let layout = visitor.layout();
    let posts = cards(&rows);
    let topic_url = chosen.as_ref().map(|topic| links::category(&topic.slug)).unwrap_or_default();
    let shown = ListPage { layout, posts, paging, categories, chosen, topic_url, following };
    Ok(page(&shown)?.into_response())
}

/// Where a search from the list goes on, in the same category.
fn search_address(search: &str, category: &str) -> String {
    let mut address = format!("/blog/search?q={}", links::query(search));
    if !category.is_empty() {
        address.push_str("&category=");
        address.push_str(&links::query(category));
    }
    address
}

impl ListPage {
    fn is_chosen(&self, category: &store::Topic) -> bool {
        self.chosen.as_ref().is_some_and(|chosen| chosen.id == category.id)
    }
}
