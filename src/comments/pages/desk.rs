//! The moderators' desk: what waits, what was decided, what happened to one comment.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use super::{
    address,
    item::{Around, Item},
};
use crate::{
    Error, Result,
    accounts::Permission,
    app::App,
    comments::{
        Decision, Status, actions,
        comment::Reader,
        store::{
            moderation::{self, Happened, Place, ReportRow},
            threads,
        },
    },
    db::Conn,
    events::Event,
    ids::CommentId,
    links,
    paging::{Cursor, Paging, PagingQuery},
    web::{Flash, Form, Layout, PageResult, Path, Query, SignedIn, page, view},
};

/// Comments on one page of the desk.
const SIZE: usize = 20;

#[derive(Template)]
#[template(path = "comments/desk.html")]
struct DeskPage {
    layout: Layout,
    cases: Vec<Case>,
    paging: Paging,
    /// Which page it is.
    query: DeskQuery,
    /// The reason as it was typed.
    reason: String,
}

/// A comment about which is decided.
struct Case {
    item: Item,
    is_picked: bool,
    post_title: String,
    can_undo: bool,
    reports: Vec<Report>,
}

struct Report {
    who: String,
    what: &'static str,
    note: String,
    when: (String, String),
    is_open: bool,
}

/// Which list, and which page of it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct DeskQuery {
    show: String,
    before: String,
    after: String,
}

impl DeskQuery {
    fn is_decided(&self) -> bool {
        self.show == "decided"
    }
}

fn allow(visitor: &SignedIn) -> Result<()> {
    if visitor.viewer.can(Permission::ModerateComments) { Ok(()) } else { Err(Error::Forbidden) }
}

pub async fn index(
    State(app): State<App>,
    visitor: SignedIn,
    Query(query): Query<DeskQuery>,
) -> PageResult {
    allow(&visitor)?;
    desk(&app, &visitor, query, (&[], "")).await
}

/// The list, with what somebody has picked and typed already.
async fn desk(
    app: &App,
    visitor: &SignedIn,
    query: DeskQuery,
    (picked, reason): (&[CommentId], &str),
) -> PageResult {
    let is_decided = query.is_decided();
    let direction =
        PagingQuery { before: query.before.clone(), after: query.after.clone() }.direction();
    let limit = i64::try_from(SIZE + 1).unwrap_or(i64::MAX);
    let mut conn = app.db.conn().await?;
    let mut places = if is_decided {
        moderation::decided(&mut conn, direction, limit).await?
    } else {
        moderation::waiting(&mut conn, direction, limit).await?
    };
    let path =
        if is_decided { "/moderation/comments?show=decided&" } else { "/moderation/comments?" };
    let paging =
        Paging::cut(&mut places, SIZE, direction, path, |place| match place.moderated_at {
            Some(at) if is_decided => Cursor::at(at, place.id.0),
            _ => Cursor { key: 0, id: place.id.0 },
        });
    let mut cases = cases(app, &mut conn, visitor, places).await?;
    for case in &mut cases {
        case.is_picked = picked.contains(&case.item.id);
    }
    let reason = reason.to_owned();
    page(&DeskPage { layout: visitor.layout(), cases, paging, query, reason })
}

async fn cases(
    app: &App,
    conn: &mut Conn,
    visitor: &SignedIn,
    places: Vec<Place>,
) -> Result<Vec<Case>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<CommentId> = places.iter().map(|place| place.id).collect();
    let reader = Reader::of(Some(&visitor.viewer));
    let mut rows = threads::rows(conn, reader, &ids, false).await?;
    let reports = moderation::reports(conn, &ids).await?;
    let mut cases = Vec::with_capacity(places.len());
    for place in places {
        let Some(at) = rows.iter().position(|row| row.id == place.id) else { continue };
        let row = rows.swap_remove(at);
        let around = Around {
            app,
            viewer: Some(&visitor.viewer),
            slug: &place.slug,
            post_author: place.author_id,
            may_write: false,
        };
        cases.push(Case {
            can_undo: row.status_before.is_some()
                && row.moderated_at.is_some()
                && row.status != Status::Deleted,
            item: around.one(row),
            is_picked: false,
            post_title: place.title,
            reports: reports.iter().filter(|r| r.comment_id == place.id).map(Report::of).collect(),
        });
    }
    Ok(cases)
}

impl Report {
    fn of(row: &ReportRow) -> Self {
        Self {
            who: row.username.as_deref().map_or("somebody who left".into(), |n| format!("@{n}")),
            what: row.reason.label(),
            note: row.note.clone(),
            when: (view::iso(row.created_at), view::minute(row.created_at)),
            is_open: row.is_open,
        }
    }
}

/// Takes the form around the list: one decision about one comment (`approve-12`), or about all
/// that are picked (`approve`).
pub async fn decide(
    State(app): State<App>,
    visitor: SignedIn,
    form: Form<BTreeMap<String, String>>,
) -> PageResult<Response> {
    allow(&visitor)?;
    let asked = Asked::read(&form.input)?;
    let Some(decision) = asked.decision else {
        let kept = (asked.about.as_slice(), asked.why.as_str());
        return Ok(desk(&app, &visitor, asked.query.clone(), kept).await?.into_response());
    };
    let (mut changed, mut gone) = (0_i64, false);
    for id in &asked.about {
        match actions::moderate(&app, &visitor.viewer, *id, (decision, &asked.why)).await {
            Ok(true) => changed += 1,
            // Another moderator or its writer was faster: there is nothing left to decide.
            Ok(false) => {}
            Err(Error::NotFound | Error::Gone) => gone = true,
            Err(error) => return Err(error.into()),
        }
    }
    let path = if asked.query.is_decided() {
        "/moderation/comments?show=decided"
    } else {
        "/moderation/comments"
    };
    let flash = match (asked.about.len(), changed) {
        (0, _) => Flash::warning("Pick the comments first."),
        (_, 0) if gone => Flash::info("It was deleted meanwhile: there is nothing to decide."),
        (_, 0) => Flash::info("It stood like that already."),
        (_, number) => Flash::success(format!(
            "{} {}. “Decided” has a button that takes it back.",
            view::plural(number, "comment", "comments"),
            done(decision),
        )),
    };
    Ok(visitor.redirect_with(path, &flash))
}

fn done(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        Decision::Hide => "hidden",
        Decision::Spam => "marked as spam",
        Decision::Undo => "put back",
    }
}

/// What the form around the list asks for.
struct Asked {
    /// Nothing for the button that Enter presses.
    decision: Option<Decision>,
    about: Vec<CommentId>,
    why: String,
    query: DeskQuery,
}

/// The first button of the form says so. Enter presses the first one wherever somebody stands, and
/// must not decide anything.
const LOOK: &str = "look";

impl Asked {
    /// Reads the fields; one that the form does not have is refused (X32).
    fn read(fields: &BTreeMap<String, String>) -> Result<Self> {
        let unknown =
            || Error::Unsupported("a form with fields that this page does not have".into());
        let (mut word, mut picked, mut why) = ("", Vec::new(), "");
        let mut query = DeskQuery::default();
        for (name, value) in fields {
            match name.as_str() {
                "decide" => word = value,
                "reason" => why = value,
                "show" => query.show.clone_from(value),
                "before" => query.before.clone_from(value),
                "after" => query.after.clone_from(value),
                name => {
                    let id = name.strip_prefix("pick_").and_then(|text| text.parse().ok());
                    picked.push(CommentId(id.ok_or_else(unknown)?));
                }
            }
        }
        let (word, one) = match word.split_once('-') {
            Some((word, id)) => (word, Some(CommentId(id.parse().map_err(|_| unknown())?))),
            None => (word, None),
        };
        let decision = Decision::from_word(word);
        if decision.is_none() && word != LOOK {
            return Err(Error::invalid("decide", "Say what is to be done."));
        }
        let about = one.map_or(picked, |id| vec![id]);
        Ok(Self { decision, about, why: why.to_owned(), query })
    }
}

/// A decision from the page of one comment.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModerateInput {
    decision: String,
    reason: String,
}

pub async fn moderate(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
    form: Form<ModerateInput>,
) -> PageResult<Response> {
    allow(&visitor)?;
    let decision = Decision::from_word(&form.input.decision)
        .ok_or_else(|| Error::invalid("decision", "Say what is to be done."))?;
    let why = (decision, form.input.reason.as_str());
    let changed = actions::moderate(&app, &visitor.viewer, id, why).await?;
    let flash = if changed {
        Flash::success(format!("1 comment {}.", done(decision)))
    } else {
        Flash::info("It stood like that already.")
    };
    Ok(visitor.redirect_with(&format!("/moderation/comments/{id}"), &flash))
}

#[derive(Template)]
#[template(path = "comments/case.html")]
struct CasePage {
    layout: Layout,
    case: Case,
    post_url: String,
    happened: Vec<Line>,
    action: String,
}

/// A line of a comment's history.
struct Line {
    when: (String, String),
    who: String,
    what: String,
}

/// One comment with all that was said against it and all that happened to it.
pub async fn show(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
) -> PageResult<Response> {
    allow(&visitor)?;
    let (post, row) = actions::look(&app, &visitor.viewer, id).await?;
    let mut conn = app.db.conn().await?;
    let happened = moderation::history(&mut conn, post.id, id).await?;
    let place = Place {
        id,
        moderated_at: row.moderated_at,
        slug: post.slug.clone(),
        title: post.title.clone(),
        author_id: post.user_id,
    };
    let case = cases(&app, &mut conn, &visitor, vec![place]).await?.pop().ok_or(Error::NotFound)?;
    drop(conn);
    let page_of = CasePage {
        layout: visitor.layout(),
        case,
        post_url: if row.status_before.is_some() && row.html.is_empty() {
            links::post(&post.slug)
        } else {
            address(id)
        },
        happened: happened.iter().map(Line::of).collect(),
        action: format!("/comments/{id}/moderate"),
    };
    Ok(page(&page_of)?.into_response())
}

impl Line {
    fn of(row: &Happened) -> Self {
        let what = match serde_json::from_str(&row.data) {
            Ok(Event::CommentAdded { visible: true, .. }) => "wrote it".to_owned(),
            Ok(Event::CommentAdded { .. }) => "wrote it; it waited for a moderator".to_owned(),
            Ok(Event::CommentChanged { .. }) => {
                "it was changed (its writer or an editor)".to_owned()
            }
            Ok(Event::CommentRemoved { .. }) => "deleted it".to_owned(),
            Ok(Event::CommentReported { .. }) => "reported it".to_owned(),
            Ok(Event::CommentModerated { was, status, .. }) if was == status => {
                "looked at the reports and left it".to_owned()
            }
            Ok(Event::CommentModerated { was, status, .. }) => format!("{was} → {status}"),
            _ => row.kind.replace('_', " "),
        };
        Self {
            when: (view::iso(row.created_at), view::minute(row.created_at)),
            who: row.username.as_deref().map_or("somebody".into(), |name| format!("@{name}")),
            what,
        }
    }
}
