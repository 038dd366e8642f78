//! Categories and tags: all of them, and what was written under one.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};

use crate::{
    Error,
    app::App,
    ids::{CategoryId, TagId},
    links,
    paging::{Paging, PagingQuery},
    posts::reading::{
        card::CardRow,
        pages::card::{PostCard, cards},
        store,
    },
    social::store::follows,
    web::{Layout, PageResult, Path, Query, Visitor, moved, page, view},
};

#[derive(Template)]
#[template(path = "reading/topics.html")]
struct TopicsPage {
    layout: Layout,
    topics: Vec<TopicLine>,
}

/// A category in the list of all.
struct TopicLine {
    name: String,
    url: String,
    description: String,
    posts: String,
}

#[derive(Template)]
#[template(path = "reading/topic.html")]
struct TopicPage {
    layout: Layout,
    kind: &'static str,
    name: String,
    description: String,
    url: String,
    /// Whether the reader follows it; `None` for visitors.
    following: Option<bool>,
    count: String,
    posts: Vec<PostCard>,
    paging: Paging,
}

pub async fn index(State(app): State<App>, visitor: Visitor) -> PageResult {
    visitor.may_read().await?;
    let categories = store::categories(&mut app.db.conn().await?).await?;
    let topics = categories.into_iter().map(TopicLine::from).collect();
    page(&TopicsPage { layout: visitor.layout(), topics })
}

pub async fn category(
    State(app): State<App>,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(query): Query<PagingQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let mut conn = app.db.conn().await?;
    let Some(category) = store::category(&mut conn, &slug).await? else {
        let id = slug.parse().map_err(|_| Error::NotFound)?;
        let slug = store::category_slug(&mut conn, CategoryId(id)).await?.ok_or(Error::NotFound)?;
        return Ok(moved(&links::category(&slug)));
    };
    let (direction, size) = (query.direction(), app.config.pages.posts);
    let id = CategoryId(category.id);
    let reader = visitor.viewer().map(|viewer| viewer.id);
    let rows = store::in_category(&mut conn, (id, reader), direction, size).await?;
    let following = match visitor.viewer() {
        Some(viewer) => Some(follows::follows_category(&mut conn, viewer.id, id).await?),
        None => None,
    };
    drop(conn);
    let url = links::category(&category.slug);
    show(&app, (&visitor, following), ("Category", category, url), rows, &query)
}

pub async fn tag(
    State(app): State<App>,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(query): Query<PagingQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let mut conn = app.db.conn().await?;
    // A tag that only drafts have would tell of them, so it is not there yet (V15).
    let tag = store::tag(&mut conn, &slug).await?.filter(|tag| tag.post_count > 0);
    let tag = tag.ok_or(Error::NotFound)?;
    let (direction, size) = (query.direction(), app.config.pages.posts);
    let id = TagId(tag.id);
    let reader = visitor.viewer().map(|viewer| viewer.id);
    let rows = store::tagged(&mut conn, (id, reader), direction, size).await?;
    let following = match visitor.viewer() {
        Some(viewer) => Some(follows::follows_tag(&mut conn, viewer.id, id).await?),
        None => None,
    };
    drop(conn);
    let url = links::tag(&tag.slug);
    show(&app, (&visitor, following), ("Tag", tag, url), rows, &query)
}

fn show(
    app: &App,
    (visitor, following): (&Visitor, Option<bool>),
    (kind, topic, url): (&'static str, store::Topic, String),
    mut rows: Vec<CardRow>,
    query: &PagingQuery,
) -> PageResult<Response> {
    let (direction, size) = (query.direction(), app.config.pages.posts);
    let address = format!("{url}?");
    let paging = Paging::cut(&mut rows, size, direction, &address, CardRow::cursor);
    Ok(page(&TopicPage {
        layout: visitor.layout(),
        kind,
        name: topic.name,
        description: topic.description,
        url,
        following,
        count: view::plural(topic.post_count, "post", "posts"),
        posts: cards(&rows),
        paging,
    })?
    .into_response())
}

impl From<store::Topic> for TopicLine {
    fn from(topic: store::Topic) -> Self {
        Self {
            name: topic.name,
            url: links::category(&topic.slug),
            description: topic.description,
            posts: view::plural(topic.post_count, "post", "posts"),
        }
    }
}
