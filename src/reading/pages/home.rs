//! The front page: a lead story, what is new, and ways on.

use askama::Template;
use axum::extract::State;

use crate::{
    accounts::full_name,
    analytics::{store::trending, trending::List},
    app::App,
    links,
    paging::{Direction, Paging, PagingQuery},
    posts::reading::{
        card::{CardRow, Named},
        pages::card::{PostCard, cards},
        store,
    },
    web::{Layout, PageResult, Query, Visitor, page, view},
};

const TOPICS: i64 = 12;
const POPULAR: i64 = 5;
const WRITERS: i64 = 5;

#[derive(Template)]
#[template(path = "reading/home.html")]
struct HomePage {
    layout: Layout,
    is_first: bool,
    lead: Option<PostCard>,
    posts: Vec<PostCard>,
    paging: Paging,
    topics: Vec<(Named, String)>,
    is_trending: bool,
    popular: Vec<PopularLine>,
    writers: Vec<WriterLine>,
}

/// A line of the numbered list.
struct PopularLine {
    title: String,
    url: String,
    author: Named,
    likes: String,
}

/// A writer beside the list.
struct WriterLine {
    name: String,
    url: String,
    initials: String,
    hue: u16,
    avatar: Option<String>,
    posts: String,
}

pub async fn index(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<PagingQuery>,
) -> PageResult {
    visitor.may_read().await?;
    let direction = query.direction();
    let is_first = direction == Direction::First;
    let mut conn = app.db.conn().await?;
    let size = app.config.pages.home;
    let mut rows = store::latest(&mut conn, direction, size).await?;
    let paging = Paging::cut(&mut rows, size, direction, "/?", CardRow::cursor);
    let lead = if is_first { lead(store::featured(&mut conn).await?, &mut rows) } else { None };
    let topics = store::top_categories(&mut conn, TOPICS).await?;
    let reader = visitor.viewer().map(|viewer| viewer.id);
    let trending = trending::posts(&mut conn, List::Week, reader, POPULAR).await?;
    let is_trending = !trending.is_empty();
    let popular = if is_trending {
        trending.into_iter().map(PopularLine::from).collect()
    } else {
        let popular = store::popular(&mut conn, POPULAR).await?;
        popular.into_iter().map(PopularLine::from).collect()
    };
    let writers = store::writers(&mut conn, WRITERS).await?;
    drop(conn);
    page(&HomePage {
        layout: visitor.layout(),
        is_first,
        lead: lead.as_ref().map(PostCard::from),
        posts: cards(&rows),
        paging,
        topics: topics.iter().map(topic).collect(),
        is_trending,
        popular,
        writers: writers.into_iter().map(WriterLine::from).collect(),
    })
}

/// What stands on top: what an editor chose, else the newest post. It is not listed twice.
fn lead(featured: Option<CardRow>, rows: &mut Vec<CardRow>) -> Option<CardRow> {
    match featured {
        Some(featured) => {
            rows.retain(|row| row.id != featured.id);
            Some(featured)
        }
        None if rows.is_empty() => None,
        None => Some(rows.remove(0)),
    }
}

fn topic(topic: &store::Topic) -> (Named, String) {
    let named = Named { name: topic.name.clone(), url: links::category(&topic.slug) };
    (named, view::thousands(topic.post_count))
}

impl From<store::Popular> for PopularLine {
    fn from(row: store::Popular) -> Self {
        let first = row.author_first_name.as_deref();
        Self {
            url: links::post(&row.slug),
            author: Named {
                name: full_name(&row.author_username, first, row.author_last_name.as_deref()),
                url: links::user(&row.author_username),
            },
            likes: view::plural(row.like_count, "like", "likes"),
            title: row.title,
        }
    }
}

impl From<trending::TrendingPost> for PopularLine {
    fn from(row: trending::TrendingPost) -> Self {
        let first = row.author_first_name.as_deref();
        Self {
            url: links::post(&row.slug),
            author: Named {
                name: full_name(&row.author_username, first, row.author_last_name.as_deref()),
                url: links::user(&row.author_username),
            },
            likes: view::plural(row.like_count, "like", "likes"),
            title: row.title,
        }
    }
}

impl From<store::Writer> for WriterLine {
    fn from(row: store::Writer) -> Self {
        let name = full_name(&row.username, row.first_name.as_deref(), row.last_name.as_deref());
        Self {
            url: links::user(&row.username),
            initials: view::initials(&name),
            hue: view::hue(&row.username),
            avatar: row.avatar_filename.as_deref().map(view::media_url),
            posts: view::plural(row.post_count, "post", "posts"),
            name,
        }
    }
}

impl HomePage {
    /// Whether there is nothing at all yet.
    fn is_fresh(&self) -> bool {
        self.is_first && self.lead.is_none() && self.posts.is_empty()
    }
}
