//! Writing a comment, answering one, changing one: with a page for browsers without scripts, and
//! for what comes back with mistakes.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use markup::SafeHtml;
use serde::Deserialize;

use super::{address, json, post_at, wants_json};
use crate::{
    Error, Result,
    accounts::Permission,
    app::App,
    comments::{
        CommentInput, Status, actions,
        actions::Written,
        comment::Reader,
        store::threads::{self, PostRef},
    },
    db::Conn,
    error::FieldErrors,
    ids::CommentId,
    links,
    web::{Flash, Form, Layout, Limit, Page, PageResult, Path, Query, SignedIn, page},
};

#[derive(Template)]
#[template(path = "comments/write.html")]
struct WritePage {
    layout: Layout,
    heading: &'static str,
    button: &'static str,
    action: String,
    post_title: String,
    back: String,
    /// What is answered: who said it, and what.
    quoted: Option<(String, SafeHtml)>,
    input: CommentInput,
    errors: FieldErrors,
}

/// What may follow the address of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WriteQuery {
    parent: String,
}

pub async fn new(
    State(app): State<App>,
    visitor: SignedIn,
    Path(slug): Path<String>,
    Query(query): Query<WriteQuery>,
) -> PageResult {
    let mut conn = app.db.conn().await?;
    let post = post_at(&mut conn, &slug, Some(&visitor.viewer)).await?;
    let may = visitor.viewer.can(Permission::CreateComments) && app.config.comments.enabled;
    if !may || post.is_blocked {
        return Err(Error::Forbidden.into());
    }
    let nonce = app.random.token()?;
    let input = CommentInput { parent_id: query.parent, nonce, ..CommentInput::default() };
    let form = Shown { input, errors: FieldErrors::default(), is_strict: true };
    write_page(&mut conn, &visitor, &post, form).await
}

/// A form as it is shown, first or again.
struct Shown {
    input: CommentInput,
    errors: FieldErrors,
    /// Whether what is answered has to be there.
    is_strict: bool,
}

async fn write_page(
    conn: &mut Conn,
    visitor: &SignedIn,
    post: &PostRef,
    form: Shown,
) -> PageResult {
    let quoted = match quoted(conn, visitor, post, &form.input).await {
        Err(Error::NotFound) if !form.is_strict => None,
        quoted => quoted?,
    };
    let path = links::post(&post.slug);
    let is_answer = !form.input.parent_id.is_empty();
    page(&WritePage {
        layout: visitor.layout(),
        heading: if is_answer { "Answer" } else { "Comment" },
        button: if is_answer { "Answer" } else { "Comment" },
        action: path.clone(),
        post_title: post.title.clone(),
        back: match &quoted {
            Some(_) => address(form.input.parent()?.unwrap_or(CommentId(0))),
            None => format!("{path}#comments"),
        },
        quoted,
        input: form.input,
        errors: form.errors,
    })
}

/// What is answered, if this person sees it.
async fn quoted(
    conn: &mut Conn,
    visitor: &SignedIn,
    post: &PostRef,
    input: &CommentInput,
) -> Result<Option<(String, SafeHtml)>> {
    let Some(parent) = input.parent()? else { return Ok(None) };
    let reader = Reader::of(Some(&visitor.viewer));
    let row = threads::one(conn, reader, parent).await?.ok_or(Error::NotFound)?;
    if row.post_id != post.id || row.status != Status::Visible || row.is_unwanted {
        return Err(Error::NotFound);
    }
    let name = if row.is_active { row.author_name() } else { "Somebody who left".to_owned() };
    Ok(Some((name, SafeHtml::from_stored(row.html))))
}

/// Takes the form under a post (R-ROUTE.18).
pub async fn create(
    State(app): State<App>,
    visitor: SignedIn,
    Path(slug): Path<String>,
    headers: HeaderMap,
    form: Form<CommentInput>,
) -> PageResult<Response> {
    let post = {
        let mut conn = app.db.conn().await?;
        post_at(&mut conn, &slug, Some(&visitor.viewer)).await?
    };
    // So many in five minutes under one post (R-RL.17).
    let key = format!("{}:post:{}", visitor.principal(), post.id);
    Limit::Comment.spend(&app, &key)?;
    match actions::create(&app, &visitor.viewer, post.id, &form.input).await {
        Ok(written) => {
            let mut answer = Answer::new(written, said(written.status));
            if wants_json(&headers) {
                // The page says how many there are.
                let mut conn = app.db.conn().await?;
                let post = threads::post(&mut conn, post.id, visitor.viewer.id).await?;
                answer.comment_count = post.map(|post| post.comment_count);
            }
            Ok(answer.give(&visitor, &headers))
        }
        Err(Error::Invalid(errors)) => {
            let mut conn = app.db.conn().await?;
            let mut input = form.input;
            if input.nonce.is_empty() {
                input.nonce = app.random.token()?;
            }
            let form = Shown { input, errors, is_strict: false };
            let page = write_page(&mut conn, &visitor, &post, form).await?;
            Ok(page.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

fn said(status: Status) -> Flash {
    match status {
        Status::Pending => Flash::info(
            "Thank you. A moderator looks at your comment before others see it; until then only \
             you do.",
        ),
        _ => Flash::success("Your comment is there."),
    }
}

/// What is answered when a comment was taken.
struct Answer {
    written: Written,
    flash: Flash,
    /// How many comments stand under the post now, where that has changed.
    comment_count: Option<i64>,
}

impl Answer {
    fn new(written: Written, flash: Flash) -> Self {
        Self { written, flash, comment_count: None }
    }

    /// Leads to the comment, or tells the script what there is to fetch.
    fn give(self, visitor: &SignedIn, headers: &HeaderMap) -> Response {
        let Self { written, flash, comment_count } = self;
        if !wants_json(headers) {
            return visitor.redirect_with(&address(written.id), &flash);
        }
        let mut body = serde_json::json!({
            "id": written.id,
            "status": written.status,
            "url": address(written.id),
            "message": flash.text,
        });
        if let Some(count) = comment_count {
            body["comment_count"] = count.into();
        }
        json(StatusCode::CREATED, &body)
    }
}

/// The form that changes a comment.
pub async fn change(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
) -> PageResult {
    let (post, row) = actions::look(&app, &visitor.viewer, id).await?;
    let content = actions::source(&app, &visitor.viewer, &row).await?;
    let input = CommentInput { version: row.version(), content, ..CommentInput::default() };
    edit_page(&visitor, (&post, id), input, FieldErrors::default())
}

fn edit_page(
    visitor: &SignedIn,
    (post, id): (&PostRef, CommentId),
    input: CommentInput,
    errors: FieldErrors,
) -> PageResult {
    page(&WritePage {
        layout: visitor.layout(),
        heading: "Change a comment",
        button: "Save",
        action: format!("/comments/{id}/edit"),
        post_title: post.title.clone(),
        back: address(id),
        quoted: None,
        input,
        errors,
    })
}

pub async fn update(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<CommentId>,
    headers: HeaderMap,
    form: Form<CommentInput>,
) -> PageResult<Response> {
    visitor.spend(Limit::Save)?;
    match actions::edit(&app, &visitor.viewer, id, &form.input).await {
        Ok(written) => {
            let answer = Answer::new(written, Flash::success("Your change is saved."));
            Ok(answer.give(&visitor, &headers))
        }
        Err(Error::Invalid(errors)) => {
            let (post, row) = actions::look(&app, &visitor.viewer, id).await?;
            let mut input = form.input;
            let mut shown: FieldErrors = errors.clone();
            if let Some(message) = errors.on("version") {
                shown.add("content", message.to_owned());
                // Whoever saves again has seen both.
                input.version = row.version();
            }
            let again: Page = edit_page(&visitor, (&post, id), input, shown)?;
            Ok(again.unprocessable().into_response())
        }
        Err(error) => Err(error.into()),
    }
}
