//! The writer's own list: drafts, scheduled, published, hidden, deleted.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::{
    super::{
        Post, Status, deletion,
        store::{
            self,
            lists::{OwnPost, Show},
        },
    },
    editor::Nothing,
};
use crate::{
    Error, Result,
    app::App,
    ids::PostId,
    links,
    paging::{Cursor, Paging, PagingQuery},
    web::{Flash, Form, Layout, PageResult, Path, Query, SignedIn, page, view},
};

/// Posts on one page of the list.
const SIZE: usize = 20;

/// Which part of the list, and which page of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MineQuery {
    show: String,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "posts/mine.html")]
struct MinePage {
    layout: Layout,
    tabs: Vec<Tab>,
    posts: Vec<Row>,
    is_deleted: bool,
    paging: Paging,
    undo_days: u64,
}

struct Tab {
    name: &'static str,
    address: String,
    is_current: bool,
}

/// A post as the list shows it.
struct Row {
    id: PostId,
    title: String,
    label: &'static str,
    tone: &'static str,
    path: String,
    when: String,
    when_iso: String,
    what: &'static str,
    words: String,
    counts: String,
    has_draft: bool,
}

impl Row {
    fn of(post: OwnPost) -> Self {
        let (what, time) = match (post.deleted_at, post.status) {
            (Some(at), _) => ("Deleted", at),
            (None, Status::Scheduled) => ("Due", post.scheduled_at.unwrap_or(post.updated_at)),
            (None, Status::Published) => {
                ("Published", post.published_at.unwrap_or(post.updated_at))
            }
            (None, _) => ("Changed", post.updated_at),
        };
        let tone = match post.status {
            Status::Draft => "",
            Status::Scheduled => "warn",
            Status::Published => "good",
            Status::Hidden => "bad",
        };
        let title = if post.title.is_empty() { "Untitled draft".to_owned() } else { post.title };
        let is_public = post.status == Status::Published;
        Self {
            id: post.id,
            title,
            label: post.status.label(),
            tone,
            path: post.slug.as_deref().map_or_else(String::new, links::post),
            when: view::day(time),
            when_iso: view::iso(time),
            what,
            words: view::plural(post.word_count, "word", "words"),
            counts: if is_public {
                [
                    view::plural(post.view_count, "view", "views"),
                    view::plural(post.like_count, "like", "likes"),
                    view::plural(post.comment_count, "comment", "comments"),
                ]
                .join(" · ")
            } else {
                String::new()
            },
            has_draft: post.has_draft,
        }
    }
}

pub async fn index(
    State(app): State<App>,
    visitor: SignedIn,
    query: Query<MineQuery>,
) -> PageResult {
    let show = match query.show.as_str() {
        "deleted" => Show::Deleted,
        word => Status::from_word(word).map_or(Show::All, Show::Only),
    };
    let direction =
        PagingQuery { before: query.before.clone(), after: query.after.clone() }.direction();
    let limit = i64::try_from(SIZE + 1).unwrap_or(i64::MAX);
    let mut rows = {
        let mut conn = app.db.conn().await?;
        store::lists::own(&mut conn, visitor.viewer.id, show, direction, limit).await?
    };
    let address = address(show);
    let start = if address.contains('?') { format!("{address}&") } else { format!("{address}?") };
    let paging = Paging::cut(&mut rows, SIZE, direction, &start, |post| {
        Cursor::at(post.created_at, post.id.0)
    });
    page(&MinePage {
        layout: visitor.layout(),
        tabs: tabs(show),
        posts: rows.into_iter().map(Row::of).collect(),
        is_deleted: show == Show::Deleted,
        paging,
        undo_days: app.config.pages.undo.0 / 86_400,
    })
}

fn address(show: Show) -> String {
    match show {
        Show::All => "/blog/mine".to_owned(),
        Show::Only(status) => format!("/blog/mine?show={}", status.as_str()),
        Show::Deleted => "/blog/mine?show=deleted".to_owned(),
    }
}

fn tabs(current: Show) -> Vec<Tab> {
    [
        ("All", Show::All),
        ("Drafts", Show::Only(Status::Draft)),
        ("Scheduled", Show::Only(Status::Scheduled)),
        ("Published", Show::Only(Status::Published)),
        ("Hidden", Show::Only(Status::Hidden)),
        ("Deleted", Show::Deleted),
    ]
    .map(|(name, show)| Tab { name, address: address(show), is_current: show == current })
    .into()
}

#[derive(Template)]
#[template(path = "posts/delete.html")]
struct DeletePage {
    layout: Layout,
    id: PostId,
    title: String,
    undo_days: u64,
}

/// Asks before deleting, for browsers without scripts.
pub async fn ask_delete(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<PostId>,
) -> PageResult {
    let post = deletable(&app, &visitor, id).await?;
    let undo_days = app.config.pages.undo.0 / 86_400;
    page(&DeletePage { layout: visitor.layout(), id, title: post.title, undo_days })
}

async fn deletable(app: &App, visitor: &SignedIn, id: PostId) -> Result<Post> {
    let mut conn = app.db.conn().await?;
    let post = store::by_id(&mut conn, id).await?.ok_or(Error::NotFound)?;
    if !post.can_delete(&visitor.viewer) {
        return Err(if post.is_public() { Error::Forbidden } else { Error::NotFound });
    }
    Ok(post)
}

pub async fn delete(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<PostId>,
    _form: Form<Nothing>,
) -> PageResult<Response> {
    let post = deletion::delete(&app, &visitor.viewer, id).await?;
    let days = app.config.pages.undo.0 / 86_400;
    let text = format!("“{}” was deleted. You can bring it back for {days} days.", post.title);
    let own = post.user_id == visitor.viewer.id;
    let target = if own { "/blog/mine?show=deleted" } else { "/blog/" };
    Ok(visitor.redirect_with(target, &Flash::success(text)))
}

pub async fn restore(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<PostId>,
    _form: Form<Nothing>,
) -> PageResult<Response> {
    let post = deletion::restore(&app, &visitor.viewer, id).await?;
    let text = format!("“{}” is back as it was.", post.title);
    Ok(visitor.redirect_with("/blog/mine", &Flash::success(text)))
}
