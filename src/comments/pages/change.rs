//! What readers do with a comment: like, report, delete, have back; and who likes it.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use markup::SafeHtml;
use serde::Deserialize;

use super::{Nothing, address, json, wants_json};
use crate::{
    Error, Result,
    accounts::online,
    app::App,
    comments::{
        Reason, Row, Status, actions,
        comment::Reader,
        store::{moderation, people, threads},
    },
    error::FieldErrors,
    ids::{CommentId, PostId, UserId},
    links,
    paging::{Paging, PagingQuery},
    web::{Flash, Form, Layout, Limit, PageResult, Path, Query, SignedIn, Visitor, page, view},
};

/// What the button of a like says: how it should be; without a word, the other way round.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LikeInput {
    liked: String,
}

pub async fn like(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
    headers: HeaderMap,
    form: Form<LikeInput>,
) -> PageResult<Response> {
    visitor.spend(Limit::Like)?;
    let wanted = match form.input.liked.as_str() {
        "" => None,
        word => Some(word == "true"),
    };
    let liked = actions::like(&app, &visitor.viewer, id, wanted).await?;
    if wants_json(&headers) {
        let label = view::plural(liked.count, "like", "likes");
        let body =
            serde_json::json!({ "liked": liked.is_liked, "count": liked.count, "label": label });
        return Ok(json(StatusCode::OK, &body));
    }
    Ok(crate::web::see_other(&address(id)))
}

#[derive(Template)]
#[template(path = "comments/likes.html")]
struct LikesPage {
    layout: Layout,
    back: String,
    heading: String,
    people: Vec<Liker>,
    paging: Paging,
}

struct Liker {
    name: String,
    username: String,
    url: String,
    initials: String,
    hue: u16,
    avatar: Option<String>,
    is_online: bool,
}

const LIKERS: usize = 30;

/// Who likes a comment.
pub async fn likes(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<CommentId>,
    Query(query): Query<PagingQuery>,
) -> PageResult {
    visitor.may_read().await?;
    let reader = Reader::of(visitor.viewer());
    let mut conn = app.db.conn().await?;
    let post = threads::post_of(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let post = threads::post(&mut conn, post, reader.user).await?.ok_or(Error::NotFound)?;
    post.for_reader(visitor.viewer())?;
    let row = threads::one(&mut conn, reader, id).await?.ok_or(Error::NotFound)?;
    if row.status != Status::Visible || !reader.sees(&row) {
        return Err(Error::NotFound.into());
    }
    let direction = query.direction();
    let mut rows = people::likers(&mut conn, (id, reader.user), direction, LIKERS).await?;
    let path = format!("/comments/{id}/likes?");
    let paging = Paging::cut(&mut rows, LIKERS, direction, &path, people::Liker::cursor);
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let online = online::among(&mut conn, visitor.viewer(), app.clock.now(), &ids).await?;
    page(&LikesPage {
        layout: visitor.layout(),
        back: address(id),
        heading: view::plural(row.like_count, "like", "likes"),
        people: rows
            .into_iter()
            .map(|row| Liker { is_online: online.contains(&row.id), ..Liker::from(row) })
            .collect(),
        paging,
    })
}

impl From<people::Liker> for Liker {
    fn from(person: people::Liker) -> Self {
        let name = person.display_name();
        Self {
            url: links::user(&person.username),
            initials: view::initials(&name),
            hue: view::hue(&person.username),
            avatar: person.avatar_filename.as_deref().map(view::media_url),
            is_online: false,
            username: person.username,
            name,
        }
    }
}

#[derive(Template)]
#[template(path = "comments/delete.html")]
struct DeletePage {
    layout: Layout,
    action: String,
    back: String,
    name: String,
    html: SafeHtml,
    has_replies: bool,
    hours: u64,
}

/// Asks before deleting.
pub async fn ask_delete(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
) -> PageResult {
    let (post, row) = actions::look(&app, &visitor.viewer, id).await?;
    if !row.can_delete(&visitor.viewer, post.user_id) {
        return Err(refusal(&visitor, &row).into());
    }
    page(&DeletePage {
        layout: visitor.layout(),
        action: format!("/blog/comment/{id}/delete"),
        back: address(id),
        name: row.author_name(),
        has_replies: row.reply_count > 0,
        html: SafeHtml::from_stored(row.html),
        hours: app.config.comments.undo.0 / 3600,
    })
}

fn refusal(visitor: &SignedIn, row: &Row) -> Error {
    if Reader::of(Some(&visitor.viewer)).sees(row) { Error::Forbidden } else { Error::NotFound }
}

#[derive(Template)]
#[template(path = "comments/deleted.html")]
struct DeletedPage {
    layout: Layout,
    heading: &'static str,
    action: String,
    post_title: String,
    post_url: String,
    hours: u64,
}

/// Deletes a comment; whoever may have it back is shown the button for that.
pub async fn delete(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
    _form: Form<Nothing>,
) -> PageResult<Response> {
    let (post, row) = actions::look(&app, &visitor.viewer, id).await?;
    // Who takes away what others said, may have a flood of it before them.
    if row.user_id == visitor.viewer.id {
        spend(&app, &visitor, post.id)?;
    }
    let deleted = actions::delete(&app, &visitor.viewer, id).await?;
    let post_url = format!("{}#comments", links::post(&post.slug));
    let own = deleted.row.user_id == visitor.viewer.id;
    let heading = if own { "Your comment was deleted" } else { "The comment was deleted" };
    let flash = Flash::success(format!("{heading}."));
    if !deleted.can_restore {
        return Ok(visitor.redirect_with(&post_url, &flash));
    }
    let shown = page(&DeletedPage {
        layout: visitor.layout().with_flash(flash),
        heading,
        action: format!("/comments/{id}/restore"),
        post_title: post.title,
        post_url,
        hours: app.config.comments.undo.0 / 3600,
    })?;
    Ok(shown.into_response())
}

/// Takes one of the times that somebody may take a comment back or bring one back under a post: as
/// many as they may write there, and counted apart from these, so that whoever has just written can
/// take it back.
fn spend(app: &App, visitor: &SignedIn, post: PostId) -> Result<()> {
    Limit::Comment.spend(app, &format!("{}:undo:{post}", visitor.principal()))
}

pub async fn restore(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
    _form: Form<Nothing>,
) -> PageResult<Response> {
    let post = {
        let mut conn = app.db.conn().await?;
        threads::post_of(&mut conn, id).await?.ok_or(Error::NotFound)?
    };
    spend(&app, &visitor, post)?;
    actions::restore(&app, &visitor.viewer, id).await?;
    Ok(visitor.redirect_with(&address(id), &Flash::success("The comment is back.")))
}

/// What a reader says against a comment.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportInput {
    reason: String,
    note: String,
}

#[derive(Template)]
#[template(path = "comments/report.html")]
struct ReportPage {
    layout: Layout,
    action: String,
    back: String,
    name: String,
    html: SafeHtml,
    reasons: Vec<(&'static str, &'static str, bool)>,
    note: String,
    errors: FieldErrors,
}

pub async fn ask_report(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
) -> PageResult<Response> {
    let row = reportable(&app, &visitor, id).await?;
    let known = {
        let mut conn = app.db.conn().await?;
        moderation::has_reported(&mut conn, visitor.viewer.id, id).await?
    };
    if known {
        return Ok(visitor.redirect_with(&address(id), &again()));
    }
    let empty = (ReportInput::default(), FieldErrors::default());
    Ok(report_page(&visitor, row, empty)?.into_response())
}

async fn reportable(app: &App, visitor: &SignedIn, id: CommentId) -> Result<Row> {
    let (_, row) = actions::look(app, &visitor.viewer, id).await?;
    if row.status != Status::Visible {
        return Err(Error::NotFound);
    }
    if row.user_id == visitor.viewer.id { Err(Error::Forbidden) } else { Ok(row) }
}

fn again() -> Flash {
    Flash::info("You have reported this comment already. A moderator will look at it.")
}

fn report_page(
    visitor: &SignedIn,
    row: Row,
    (input, errors): (ReportInput, FieldErrors),
) -> PageResult {
    let reasons = Reason::ALL
        .map(|reason| (reason.as_str(), reason.label(), reason.as_str() == input.reason));
    page(&ReportPage {
        layout: visitor.layout(),
        action: format!("/comments/{}/report", row.id),
        back: address(row.id),
        name: row.author_name(),
        html: SafeHtml::from_stored(row.html),
        reasons: reasons.into(),
        note: input.note,
        errors,
    })
}

pub async fn report(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
    form: Form<ReportInput>,
) -> PageResult<Response> {
    visitor.spend(Limit::Report)?;
    let ReportInput { reason, note } = &form.input;
    match actions::report(&app, &visitor.viewer, id, (reason, note)).await {
        Ok((_, is_new)) => {
            let thanks = "Thank you. A moderator will look at this comment.";
            let flash = if is_new { Flash::success(thanks) } else { again() };
            Ok(visitor.redirect_with(&address(id), &flash))
        }
        Err(Error::Invalid(errors)) => {
            let row = reportable(&app, &visitor, id).await?;
            Ok(report_page(&visitor, row, (form.input, errors))?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}
