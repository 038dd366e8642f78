//! Lists of people and posts: who follows whom, who liked what, what one keeps.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};

use chrono::TimeDelta;

use super::PersonLine;
use crate::{
    Error, Result,
    app::App,
    db::Conn,
    ids::PostId,
    links,
    paging::{Direction, Paging, PagingQuery},
    posts::reading::{
        pages::card::{PostCard, cards},
        store::by_id,
    },
    social::{
        relations,
        store::{bookmarks as kept, feed as feeds, people},
    },
    web::{Caching, Layout, PageResult, Path, Query, SignedIn, Visitor, moved, page, see_other},
};

#[derive(Template)]
#[template(path = "social/people.html")]
struct PeoplePage {
    layout: Layout,
    title: String,
    /// What the list belongs to: its name and address.
    of: (String, String),
    empty: &'static str,
    /// The lists of one person: name, address, whether it is this one.
    tabs: Vec<(&'static str, String, bool)>,
    /// Who came lately, on the first page.
    recent: Vec<PersonLine>,
    people: Vec<PersonLine>,
    paging: Paging,
}

#[derive(Template)]
#[template(path = "social/posts.html")]
struct PostsPage {
    layout: Layout,
    title: String,
    lead: String,
    empty: (&'static str, &'static str),
    posts: Vec<PostCard>,
    paging: Paging,
}

#[derive(Template)]
#[template(path = "social/blocked.html")]
struct BlockedPage {
    layout: Layout,
    /// Names, and whether they are blocked (else muted).
    people: Vec<(String, bool)>,
}

/// Who follows since then is a recent follower, and so many of them are named (R-FOLLOW.4).
const RECENT: TimeDelta = TimeDelta::days(7);
const RECENT_SHOWN: i64 = 10;

/// The person whose list it is; a block hides it like everything else of theirs.
async fn owner(conn: &mut Conn, visitor: &Visitor, name: &str) -> Result<people::Found> {
    let found = people::by_username(conn, name).await?.ok_or(Error::NotFound)?;
    if relations::keeps_apart(conn, visitor.viewer(), found.id).await? {
        return Err(Error::NotFound);
    }
    Ok(found)
}

pub async fn followers(
    State(app): State<App>,
    visitor: Visitor,
    Path(username): Path<String>,
    Query(query): Query<PagingQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let mut conn = app.db.conn().await?;
    let of = owner(&mut conn, &visitor, &username).await?;
    let (direction, size) = (query.direction(), app.config.pages.users);
    let viewer = visitor.viewer().map(|viewer| viewer.id);
    let mut rows = people::followers(&mut conn, of.id, viewer, direction, size).await?;
    let recent = if direction == Direction::First {
        let since = app.clock.now() - RECENT;
        people::recent_followers(&mut conn, of.id, viewer, since, RECENT_SHOWN).await?
    } else {
        Vec::new()
    };
    let url = links::user(&of.username);
    let address = format!("{url}/followers?");
    let paging = Paging::cut(&mut rows, size, direction, &address, people::PersonRow::cursor);
    let people = PersonLine::list(&app, &mut conn, &visitor, rows).await?;
    drop(conn);
    Ok(page(&PeoplePage {
        layout: visitor.layout(),
        title: format!("Followers of {}", of.username),
        tabs: tabs(&visitor, &of, "Followers"),
        of: (format!("@{}", of.username), url),
        empty: "Nobody follows them yet.",
        recent: recent.into_iter().map(PersonLine::from).collect(),
        people,
        paging,
    })?
    .into_response())
}

pub async fn following(
    State(app): State<App>,
    visitor: Visitor,
    Path(username): Path<String>,
    Query(query): Query<PagingQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let mut conn = app.db.conn().await?;
    let of = owner(&mut conn, &visitor, &username).await?;
    let (direction, size) = (query.direction(), app.config.pages.users);
    let viewer = visitor.viewer().map(|viewer| viewer.id);
    let mut rows = people::following(&mut conn, of.id, viewer, direction, size).await?;
    let url = links::user(&of.username);
    let address = format!("{url}/following?");
    let paging = Paging::cut(&mut rows, size, direction, &address, people::PersonRow::cursor);
    let people = PersonLine::list(&app, &mut conn, &visitor, rows).await?;
    drop(conn);
    Ok(page(&PeoplePage {
        layout: visitor.layout(),
        title: format!("People {} follows", of.username),
        of: (format!("@{}", of.username), url),
        empty: "They follow nobody yet.",
        tabs: tabs(&visitor, &of, "Following"),
        recent: Vec::new(),
        people,
        paging,
    })?
    .into_response())
}

/// Whom both the reader and somebody else follow (R-FOLLOW.3).
pub async fn mutual(
    State(app): State<App>,
    visitor: SignedIn,
    Path(username): Path<String>,
    Query(query): Query<PagingQuery>,
) -> PageResult<Response> {
    let mut conn = app.db.conn().await?;
    let of = owner(&mut conn, &visitor, &username).await?;
    let (direction, size) = (query.direction(), app.config.pages.users);
    let mut rows =
        people::mutual(&mut conn, of.id, Some(visitor.viewer.id), direction, size).await?;
    let url = links::user(&of.username);
    let address = format!("{url}/mutual?");
    let paging = Paging::cut(&mut rows, size, direction, &address, people::PersonRow::cursor);
    let people = PersonLine::list(&app, &mut conn, &visitor, rows).await?;
    drop(conn);
    Ok(page(&PeoplePage {
        layout: visitor.layout(),
        title: format!("Followed by you and {}", of.username),
        tabs: tabs(&visitor, &of, "Both follow"),
        of: (format!("@{}", of.username), url),
        empty: "There is nobody whom both of you follow.",
        recent: Vec::new(),
        people,
        paging,
    })?
    .into_response())
}

/// The lists of people that belong to somebody.
fn tabs(
    visitor: &Visitor,
    of: &people::Found,
    here: &'static str,
) -> Vec<(&'static str, String, bool)> {
    let url = links::user(&of.username);
    let mut tabs = vec![("Followers", "followers"), ("Following", "following")];
    if visitor.viewer().is_some_and(|viewer| viewer.id != of.id) {
        tabs.push(("Both follow", "mutual"));
    }
    tabs.into_iter().map(|(name, end)| (name, format!("{url}/{end}"), name == here)).collect()
}

pub async fn likers(
    State(app): State<App>,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(query): Query<PagingQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let id = PostId(slug.parse().map_err(|_| Error::NotFound)?);
    let mut conn = app.db.conn().await?;
    let article = by_id(&mut conn, id).await?.ok_or(Error::NotFound)?;
    article.standing(visitor.viewer())?;
    if relations::keeps_apart(&mut conn, visitor.viewer(), article.user_id).await? {
        return Err(Error::NotFound.into());
    }
    let (direction, size) = (query.direction(), app.config.pages.users);
    let viewer = visitor.viewer().map(|viewer| viewer.id);
    let mut rows = people::likers(&mut conn, id, viewer, direction, size).await?;
    let address = format!("/blog/post/{id}/likes?");
    let paging = Paging::cut(&mut rows, size, direction, &address, people::PersonRow::cursor);
    let people = PersonLine::list(&app, &mut conn, &visitor, rows).await?;
    drop(conn);
    Ok(page(&PeoplePage {
        layout: visitor.layout(),
        title: "Who liked it".to_owned(),
        of: (article.title.clone(), article.path()),
        empty: "Nobody has liked it yet.",
        tabs: Vec::new(),
        recent: Vec::new(),
        people,
        paging,
    })?
    .into_response())
}

pub async fn liked(
    State(app): State<App>,
    visitor: Visitor,
    Path(username): Path<String>,
    Query(query): Query<PagingQuery>,
) -> PageResult<Response> {
    visitor.may_read().await?;
    let mut conn = app.db.conn().await?;
    let of = owner(&mut conn, &visitor, &username).await?;
    if of.username != username {
        return Ok(moved(&format!("{}/likes", links::user(&of.username))));
    }
    let (direction, size) = (query.direction(), app.config.pages.home);
    let viewer = visitor.viewer().map(|viewer| viewer.id);
    let mut rows = feeds::liked_by(&mut conn, of.id, viewer, direction, size).await?;
    drop(conn);
    let address = format!("{}/likes?", links::user(&of.username));
    let paging = Paging::cut(&mut rows, size, direction, &address, feeds::LikedPost::cursor);
    let rows: Vec<_> = rows.into_iter().map(|row| row.post).collect();
    Ok(page(&PostsPage {
        layout: visitor.layout(),
        title: format!("What {} liked", of.username),
        lead: "The last like first.".to_owned(),
        empty: ("No likes yet", "Posts they like will be listed here."),
        posts: cards(&rows),
        paging,
    })?
    .into_response())
}

pub async fn bookmarks(
    State(app): State<App>,
    visitor: SignedIn,
    Query(query): Query<PagingQuery>,
) -> PageResult<Response> {
    let (direction, size) = (query.direction(), app.config.pages.home);
    let mut conn = app.db.conn().await?;
    let mut rows = kept::of(&mut conn, visitor.viewer.id, direction, size).await?;
    drop(conn);
    let paging = Paging::cut(&mut rows, size, direction, "/bookmarks?", kept::Kept::cursor);
    let rows: Vec<_> = rows.into_iter().map(|row| row.post).collect();
    let mut response = page(&PostsPage {
        layout: visitor.layout(),
        title: "Reading list".to_owned(),
        lead: "What you keep for later. Nobody else sees this list.".to_owned(),
        empty: ("Nothing kept yet", "Press the bookmark below a post, and it waits for you here."),
        posts: cards(&rows),
        paging,
    })?
    .into_response();
    response.extensions_mut().insert(Caching::Never);
    Ok(response)
}

/// The address of the personal feed in the first version; it is a tab of the home page now.
pub async fn feed(_visitor: SignedIn) -> Response {
    see_other("/?tab=following")
}

/// How many blocked and muted people the settings list.
const SHUT_OUT: i64 = 1_000;

pub async fn blocked(State(app): State<App>, visitor: SignedIn) -> PageResult {
    let mut conn = app.db.conn().await?;
    let people = people::shut_out(&mut conn, visitor.viewer.id, SHUT_OUT).await?;
    drop(conn);
    page(&BlockedPage { layout: visitor.layout(), people })
}
