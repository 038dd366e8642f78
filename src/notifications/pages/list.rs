//! The list of notifications, and what one does with a line of it.
//!
//! A line is opened by a form, so that a browser that fetches ahead, or a picture in a foreign
//! page, reads nothing in somebody's name.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::super::{
    Kind, Priority, actions, mails,
    store::lists::{self, Line},
};
use crate::{
    accounts::{Permission, full_name},
    app::App,
    ids::NotificationId,
    paging::{Cursor, Paging, PagingQuery},
    web::{Flash, Form, Layout, PageResult, Path, Query, SignedIn, page, view},
};

/// Lines on one page (R-NOTIF.5).
const SIZE: usize = 50;

/// Which part of the list, and which page of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    show: String,
    before: String,
    after: String,
}

/// A form of buttons only.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nothing {}

#[derive(Template)]
#[template(path = "notifications/index.html")]
struct IndexPage {
    layout: Layout,
    lines: Vec<Row>,
    only_unread: bool,
    unread: i64,
    may_send: bool,
    paging: Paging,
}

/// A line as the page shows it.
struct Row {
    id: NotificationId,
    words: String,
    message: String,
    is_read: bool,
    is_urgent: bool,
    kind: &'static str,
    when: String,
    when_iso: String,
    initials: String,
    hue: u16,
    avatar_url: Option<String>,
}

impl Row {
    fn of(app: &App, line: Line) -> Self {
        let name = match &line.username {
            Some(username) => {
                full_name(username, line.first_name.as_deref(), line.last_name.as_deref())
            }
            None => "!".to_owned(),
        };
        let is_quote = matches!(
            line.kind,
            Kind::Comment | Kind::Reply | Kind::Mention | Kind::Moderation | Kind::System
        );
        Self {
            id: line.id,
            words: mails::words(app, &line),
            is_read: line.is_read,
            is_urgent: matches!(line.priority, Priority::High | Priority::Urgent),
            kind: line.kind.as_str(),
            when: view::day(line.created_at),
            when_iso: view::iso(line.created_at),
            initials: view::initials(&name),
            hue: view::hue(line.username.as_deref().unwrap_or_default()),
            avatar_url: line.avatar_filename.as_deref().map(view::media_url),
            message: if is_quote { line.message } else { String::new() },
        }
    }
}

pub async fn index(
    State(app): State<App>,
    visitor: SignedIn,
    query: Query<ListQuery>,
) -> PageResult {
    let only_unread = query.show == "unread";
    let wanted = PagingQuery { before: query.before.clone(), after: query.after.clone() };
    let direction = wanted.direction();
    let limit = i64::try_from(SIZE + 1).unwrap_or(i64::MAX);
    let bounds = (app.clock.now(), limit);
    let mut conn = app.db.conn().await?;
    let mut lines =
        lists::page(&mut conn, visitor.viewer.id, only_unread, direction, bounds).await?;
    drop(conn);
    let address = if only_unread { "/notifications?show=unread&" } else { "/notifications?" };
    let paging = Paging::cut(&mut lines, SIZE, direction, address, |line| Cursor {
        key: i64::from(line.is_read),
        id: line.id.0,
    });
    page(&IndexPage {
        layout: visitor.layout(),
        lines: lines.into_iter().map(|line| Row::of(&app, line)).collect(),
        only_unread,
        unread: visitor.viewer.unread_count,
        may_send: visitor.viewer.can(Permission::SendNotifications),
        paging,
    })
}

pub async fn open(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<NotificationId>,
    _: Form<Nothing>,
) -> PageResult<Response> {
    let path = actions::open(&app, &visitor.viewer, id).await?;
    Ok(crate::web::see_other(path.as_deref().unwrap_or("/notifications")))
}

pub async fn read(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<NotificationId>,
    _: Form<Nothing>,
) -> PageResult<Response> {
    actions::read(&app, &visitor.viewer, id).await?;
    Ok(visitor.redirect_with("/notifications", &Flash::success("Marked as read.")))
}

pub async fn unread(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<NotificationId>,
    _: Form<Nothing>,
) -> PageResult<Response> {
    actions::unread(&app, &visitor.viewer, id).await?;
    Ok(visitor.redirect_with("/notifications", &Flash::success("Marked as unread.")))
}

pub async fn delete(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<NotificationId>,
    _: Form<Nothing>,
) -> PageResult<Response> {
    actions::delete(&app, &visitor.viewer, id).await?;
    Ok(visitor.redirect_with("/notifications", &Flash::success("Deleted.")))
}

pub async fn read_all(
    State(app): State<App>,
    visitor: SignedIn,
    _: Form<Nothing>,
) -> PageResult<Response> {
    let number = actions::read_all(&app, &visitor.viewer).await?;
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let text = match number {
        0 => "There was nothing unread.".to_owned(),
        _ => format!("{} marked as read.", view::plural(number, "notification", "notifications")),
    };
    Ok(visitor.redirect_with("/notifications", &Flash::success(text)))
}
