//! `/blog/trending`: what people read.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::super::{
    store::trending::{self as store, TrendingPost, TrendingWriter},
    trending::List,
};
use crate::{
    accounts::full_name,
    app::App,
    links,
    posts::reading::{card::Named, store as posts},
    web::{Layout, PageResult, Query, Visitor, page, view},
};

/// Posts on a page, and in all (R-ROUTE.29).
const SIZE: usize = 10;
const RANKED: i64 = 50;

/// Lines of the lists beside.
const BESIDE: i64 = 5;
const TAGS: i64 = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TrendingQuery {
    days: String,
    page: String,
}

#[derive(Template)]
#[template(path = "analytics/trending.html")]
struct TrendingPage {
    layout: Layout,
    tabs: Vec<Tab>,
    list: List,
    posts: Vec<Line>,
    pages: Vec<(usize, String, bool)>,
    hot: Vec<Beside>,
    popular: Vec<Beside>,
    read: Vec<Beside>,
    liked: Vec<Beside>,
    followed: Vec<Writer>,
    writers: Vec<Writer>,
    tags: Vec<Named>,
}

struct Tab {
    name: &'static str,
    url: String,
    is_current: bool,
}

/// A post with its rank.
struct Line {
    rank: usize,
    title: String,
    url: String,
    author: Named,
    category: Option<Named>,
    published: (String, String),
    facts: String,
}

/// A line of a list beside.
struct Beside {
    title: String,
    url: String,
    author: Named,
    fact: String,
}

struct Writer {
    name: String,
    url: String,
    initials: String,
    hue: u16,
    avatar: Option<String>,
    fact: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TrendingQuery>,
) -> PageResult {
    visitor.may_read().await?;
    let list = List::of_days(&query.days);
    let reader = visitor.viewer().map(|viewer| viewer.id);
    let mut conn = app.db.conn().await?;
    let ranked = store::posts(&mut conn, list, reader, RANKED).await?;
    let hot = store::posts(&mut conn, List::Hot, reader, BESIDE).await?;
    let popular = posts::most_liked(&mut conn, reader, BESIDE).await?;
    let read = store::posts(&mut conn, List::Read, reader, BESIDE).await?;
    let liked = store::posts(&mut conn, List::Liked, reader, BESIDE).await?;
    let followed = store::most_followed(&mut conn, reader, BESIDE).await?;
    let writers = store::writers(&mut conn, list, reader, BESIDE).await?;
    let tags = store::tags(&mut conn, list, TAGS).await?;
    drop(conn);
    let number = ranked.len().div_ceil(SIZE).max(1);
    let at = query.page.parse().unwrap_or(1).clamp(1, number);
    let lines = ranked.into_iter().zip(1..).skip((at - 1) * SIZE).take(SIZE);
    let address = |page| format!("/blog/trending?days={}&page={page}", list.days());
    let pages = if number > 1 {
        (1..=number).map(|page| (page, address(page), page == at)).collect()
    } else {
        Vec::new()
    };
    page(&TrendingPage {
        layout: visitor.layout(),
        tabs: tabs(list),
        list,
        posts: lines.map(|(post, rank)| Line::of(post, rank)).collect(),
        pages,
        hot: hot.into_iter().map(Beside::hot).collect(),
        popular: popular.into_iter().map(Beside::from).collect(),
        read: read
            .into_iter()
            .map(|post| Beside {
                fact: view::plural(post.views, "reader", "readers"),
                ..Beside::hot(post)
            })
            .collect(),
        liked: liked
            .into_iter()
            .map(|post| Beside {
                fact: view::plural(post.likes, "like", "likes"),
                ..Beside::hot(post)
            })
            .collect(),
        followed: followed.iter().map(|row| Writer::of(row, ("follower", "followers"))).collect(),
        writers: writers
            .iter()
            .map(|row| Writer::of(row, ("post in the list", "posts in the list")))
            .collect(),
        tags: tags.into_iter().map(|(name, slug)| Named { url: links::tag(&slug), name }).collect(),
    })
}

fn tabs(current: List) -> Vec<Tab> {
    [("Today", List::Day), ("This week", List::Week), ("This month", List::Month)]
        .map(|(name, list)| Tab {
            name,
            url: format!("/blog/trending?days={}", list.days()),
            is_current: list == current,
        })
        .into()
}

fn author(username: &str, first: Option<&str>, last: Option<&str>) -> Named {
    Named { name: full_name(username, first, last), url: links::user(username) }
}

impl Line {
    fn of(post: TrendingPost, rank: usize) -> Self {
        let category = post
            .category_name
            .zip(post.category_slug.as_deref())
            .map(|(name, slug)| Named { name, url: links::category(slug) });
        Self {
            rank,
            url: links::post(&post.slug),
            author: author(
                &post.author_username,
                post.author_first_name.as_deref(),
                post.author_last_name.as_deref(),
            ),
            category,
            published: (view::iso(post.published_at), view::day(post.published_at)),
            facts: [
                view::plural(post.views, "reader", "readers"),
                view::plural(post.likes, "like", "likes"),
                view::plural(post.comments, "comment", "comments"),
            ]
            .join(" · "),
            title: post.title,
        }
    }
}

impl Beside {
    fn hot(post: TrendingPost) -> Self {
        Self {
            url: links::post(&post.slug),
            author: author(
                &post.author_username,
                post.author_first_name.as_deref(),
                post.author_last_name.as_deref(),
            ),
            fact: format!("{:.1} readers an hour", post.score),
            title: post.title,
        }
    }
}

impl From<posts::Popular> for Beside {
    fn from(post: posts::Popular) -> Self {
        Self {
            url: links::post(&post.slug),
            author: author(
                &post.author_username,
                post.author_first_name.as_deref(),
                post.author_last_name.as_deref(),
            ),
            fact: view::plural(post.like_count, "like", "likes"),
            title: post.title,
        }
    }
}

impl Writer {
    fn of(row: &TrendingWriter, (one, many): (&str, &str)) -> Self {
        let name = full_name(&row.username, row.first_name.as_deref(), row.last_name.as_deref());
        Self {
            url: links::user(&row.username),
            initials: view::initials(&name),
            hue: view::hue(&row.username),
            avatar: row.avatar_filename.as_deref().map(view::media_url),
            fact: view::plural(row.count, one, many),
            name,
        }
    }
}
