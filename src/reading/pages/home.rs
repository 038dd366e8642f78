//! The front page: a lead story, what is new, and ways on.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    Result,
    accounts::{Viewer, full_name},
    analytics::{store::trending, trending::List},
    app::App,
    db::Conn,
    links,
    paging::{Direction, Paging, PagingQuery},
    posts::reading::{
        card::{CardRow, Named},
        pages::card::{PostCard, cards},
        store,
    },
    social::{
        self,
        pages::PersonLine,
        store::{
            feed::{self, Activity},
            people::{self, PersonRow},
        },
    },
    web::{Layout, PageResult, Query, Visitor, page, view},
};

/// How many posts stand in front: the lead story and some below it.
const FEATURED: i64 = 4;
const BELOW_LEAD: usize = 3;
const TOPICS: i64 = 12;
const POPULAR: i64 = 5;
const WRITERS: i64 = 5;
/// How many people are suggested (R-FOLLOW.5).
const SUGGESTIONS: i64 = 5;
/// How many likes of people one follows are looked at, and how many posts they are shown on
/// (R-FOLLOW.8): a post that many liked is one line.
const ACTIVITY: i64 = 30;
const ACTIVITY_LINES: usize = 10;

#[derive(Template)]
#[template(path = "reading/home.html")]
struct HomePage {
    layout: Layout,
    is_first: bool,
    /// Which list a member looks at; visitors see the latest.
    tab: Option<Tab>,
    suggestions: Vec<PersonLine>,
    activity: Vec<ActivityLine>,
    lead: Option<PostCard>,
    /// What stands below the lead story: what editors chose, else the most liked.
    featured: Vec<PostCard>,
    is_chosen: bool,
    posts: Vec<PostCard>,
    paging: Paging,
    topics: Vec<(Named, String)>,
    is_trending: bool,
    popular: Vec<PopularLine>,
    writers: Vec<WriterLine>,
}

/// The lists of a member's home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    ForYou,
    Following,
    Latest,
}

/// What follows `/?`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HomeQuery {
    tab: String,
    before: String,
    after: String,
}

impl HomeQuery {
    /// A member's tab: for you, unless another is asked for or a page further down.
    fn tab(&self) -> Tab {
        match self.tab.as_str() {
            "following" => Tab::Following,
            "latest" => Tab::Latest,
            _ if self.before.is_empty() && self.after.is_empty() => Tab::ForYou,
            _ => Tab::Latest,
        }
    }
}

/// People one follows liked a post: whoever did last, and how many others.
struct ActivityLine {
    who: Named,
    others: usize,
    what: Named,
}

impl From<Activity> for ActivityLine {
    fn from(row: Activity) -> Self {
        let who = Named { url: links::user(&row.username), name: row.name() };
        Self { who, others: 0, what: Named { url: links::post(&row.slug), name: row.title } }
    }
}

/// One line a post, the newest likes first.
fn activity_lines(rows: Vec<Activity>) -> Vec<ActivityLine> {
    let mut lines: Vec<ActivityLine> = Vec::new();
    for line in rows.into_iter().map(ActivityLine::from) {
        match lines.iter_mut().find(|known| known.what.url == line.what.url) {
            Some(known) => known.others += 1,
            None => lines.push(line),
        }
    }
    lines.truncate(ACTIVITY_LINES);
    lines
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
    Query(query): Query<HomeQuery>,
) -> PageResult {
    visitor.may_read().await?;
    let tab = visitor.viewer().map(|_| query.tab());
    let direction = PagingQuery { before: query.before, after: query.after }.direction();
    let is_first = direction == Direction::First;
    let mut conn = app.db.snapshot().await?;
    let size = app.config.pages.home;
    let mut rows = list(&app, &mut conn, visitor.viewer(), tab, direction).await?;
    let address = match tab {
        None => "/?",
        Some(Tab::Following) => "/?tab=following&",
        Some(Tab::ForYou | Tab::Latest) => "/?tab=latest&",
    };
    let paging = match tab {
        // What was chosen has no further page.
        Some(Tab::ForYou) => Paging::default(),
        _ => Paging::cut(&mut rows, size, direction, address, CardRow::cursor),
    };
    let has_front = is_first && matches!(tab, None | Some(Tab::ForYou));
    let front = if has_front {
        front(&mut conn, visitor.viewer(), &mut rows).await?
    } else {
        Front::default()
    };
    let topics = store::top_categories(&mut conn, TOPICS).await?;
    let (is_trending, popular) = numbered(&mut conn, visitor.viewer()).await?;
    let (suggestions, activity) = match visitor.viewer() {
        Some(viewer) => beside(&mut conn, viewer).await?,
        None => (Vec::new(), Vec::new()),
    };
    let writers =
        if tab.is_none() { store::writers(&mut conn, WRITERS).await? } else { Vec::new() };
    drop(conn);
    page(&HomePage {
        layout: visitor.layout(),
        is_first,
        tab,
        suggestions: suggestions.into_iter().map(PersonLine::from).collect(),
        activity: activity_lines(activity),
        lead: front.lead.as_ref().map(PostCard::from),
        featured: cards(&front.below),
        is_chosen: front.is_chosen,
        posts: cards(&rows),
        paging,
        topics: topics.iter().map(topic).collect(),
        is_trending,
        popular,
        writers: writers.into_iter().map(WriterLine::from).collect(),
    })
}

/// The posts of a tab, one more than a page shows.
async fn list(
    app: &App,
    conn: &mut Conn,
    viewer: Option<&Viewer>,
    tab: Option<Tab>,
    direction: Direction,
) -> Result<Vec<CardRow>> {
    let size = app.config.pages.home;
    match (viewer, tab) {
        (Some(viewer), Some(Tab::ForYou)) => {
            social::feed::for_you(conn, viewer.id, app.clock.now()).await
        }
        (Some(viewer), Some(Tab::Following)) => {
            feed::following(conn, viewer.id, direction, size).await
        }
        (Some(viewer), _) => feed::latest(conn, viewer.id, direction, size).await,
        (None, _) => store::latest(conn, direction, size).await,
    }
}

/// The numbered list: what trends this week, else what is popular; says which.
async fn numbered(conn: &mut Conn, viewer: Option<&Viewer>) -> Result<(bool, Vec<PopularLine>)> {
    let reader = viewer.map(|viewer| viewer.id);
    let trending = trending::posts(conn, List::Week, reader, POPULAR).await?;
    if !trending.is_empty() {
        return Ok((true, trending.into_iter().map(PopularLine::from).collect()));
    }
    let popular = store::popular(conn, reader, POPULAR).await?;
    Ok((false, popular.into_iter().map(PopularLine::from).collect()))
}

/// Whom a member could follow, and what those they follow liked.
async fn beside(conn: &mut Conn, viewer: &Viewer) -> Result<(Vec<PersonRow>, Vec<Activity>)> {
    let mut suggestions = people::suggestions(conn, viewer.id, SUGGESTIONS).await?;
    if suggestions.is_empty() {
        suggestions = people::most_followed(conn, viewer.id, SUGGESTIONS).await?;
    }
    Ok((suggestions, feed::activity(conn, viewer.id, ACTIVITY).await?))
}

/// What stands in front of the list.
#[derive(Default)]
struct Front {
    lead: Option<CardRow>,
    below: Vec<CardRow>,
    is_chosen: bool,
}

/// What stands in front: the posts that editors chose, else the most liked (Q.33). The newest
/// choice leads for visitors; without one, and for members, the first of the list does. Nothing
/// is listed twice.
async fn front(conn: &mut Conn, viewer: Option<&Viewer>, rows: &mut Vec<CardRow>) -> Result<Front> {
    let reader = viewer.map(|viewer| viewer.id);
    let mut below = store::front(conn, reader, FEATURED).await?;
    let is_chosen = below.first().is_some_and(|row| row.is_featured);
    let lead = if is_chosen && viewer.is_none() {
        Some(below.remove(0))
    } else {
        (!rows.is_empty()).then(|| rows.remove(0))
    };
    below.retain(|row| lead.as_ref().is_none_or(|lead| lead.id != row.id));
    below.truncate(BELOW_LEAD);
    rows.retain(|row| lead.iter().chain(&below).all(|shown| shown.id != row.id));
    Ok(Front { lead, below, is_chosen })
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
        let nothing = self.is_first && self.lead.is_none() && self.posts.is_empty();
        nothing && self.tab != Some(Tab::Following)
    }
}
