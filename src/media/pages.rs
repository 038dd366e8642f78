//! Pictures on the web: uploading, one's own pictures, one's face; serving is in `serve`.

mod avatar;
mod letters;
mod serve;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{
    Media, NewPicture, Purpose, actions,
    picture::size,
    store::{self, Mention, Use},
};
use crate::{
    Error, Result,
    app::App,
    error::FieldErrors,
    ids::MediaId,
    paging::{Cursor, Paging, PagingQuery},
    web::{
        Flash, Form, JsonResult, Layout, Limit, PageError, PageResult, Path, Query, SignedIn,
        Upload, Visitor, page, view,
    },
};

/// Pictures on one page.
const PAGE: usize = 24;

pub fn router() -> Router<App> {
    Router::new()
        .route("/media", get(index).post(create))
        .route("/media/upload", post(upload))
        .route("/media/{name}", get(serve::show))
        .route("/media/{name}/edit", get(edit))
        .route("/media/{name}/alt", post(describe))
        .route("/media/{name}/delete", post(delete))
        .route("/avatar/{hue}/{name}", get(letters::show))
        .merge(avatar::router())
}

/// What is sent beside a file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct UploadInput {
    alt: String,
}

/// The answer to a script that uploaded a picture.
#[derive(Serialize)]
struct Uploaded {
    url: String,
    width: i64,
    height: i64,
    markdown: String,
}

/// The one file of a form, in the field of its purpose.
fn only_file(files: Vec<Upload>, purpose: Purpose, alt: String) -> Result<NewPicture> {
    let mut files = files.into_iter();
    match (files.next(), files.next()) {
        (Some(file), None) if file.field == purpose.field() => {
            Ok(NewPicture { name: file.name, bytes: file.bytes, alt })
        }
        (None, _) => Err(Error::invalid(purpose.field(), "Please choose a picture.")),
        _ => Err(Error::invalid(purpose.field(), "Please send one picture at a time.")),
    }
}

async fn upload(
    State(app): State<App>,
    visitor: Visitor,
    form: Result<Form<UploadInput>, PageError>,
) -> JsonResult<Response> {
    let viewer = visitor.viewer().ok_or(Error::Unauthenticated)?;
    visitor.spend(Limit::Upload)?;
    let form = form
        .map_err(|_| Error::invalid("file", "Send one picture as a form, in the field `file`."))?;
    let picture = only_file(form.files, Purpose::Picture, form.input.alt)?;
    let media = actions::store_picture(&app, viewer, Purpose::Picture, picture).await?;
    let answer = Uploaded {
        url: media.url(),
        width: media.width,
        height: media.height,
        markdown: media.markdown(),
    };
    let json = [(axum::http::header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::CREATED, json, serde_json::to_string(&answer)?).into_response())
}

#[derive(Template)]
#[template(path = "media/index.html")]
struct IndexPage {
    layout: Layout,
    pictures: Vec<Media>,
    avatar: Option<String>,
    paging: Paging,
    files: i64,
    used: String,
    quota: String,
    largest: String,
    can_upload: bool,
    alt: String,
    errors: FieldErrors,
}

async fn index(
    State(app): State<App>,
    visitor: SignedIn,
    Query(query): Query<PagingQuery>,
) -> PageResult {
    list(&app, &visitor, &query, (String::new(), FieldErrors::default())).await
}

/// The pictures of whoever asks, with what was typed into the form above them.
async fn list(
    app: &App,
    visitor: &SignedIn,
    query: &PagingQuery,
    (alt, errors): (String, FieldErrors),
) -> PageResult {
    let viewer = &visitor.viewer;
    let direction = query.direction();
    let mut conn = app.db.conn().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut pictures = store::page(&mut conn, viewer.id, direction, limit).await?;
    let used = store::usage(&mut conn, viewer.id).await?;
    drop(conn);
    let paging = Paging::cut(&mut pictures, PAGE, direction, "/media?", |media| {
        Cursor::at(media.created_at, media.id.0)
    });
    let media = &app.config.media;
    page(&IndexPage {
        layout: visitor.layout(),
        pictures,
        avatar: viewer.avatar_filename.clone(),
        paging,
        files: used.files,
        used: size(used.bytes),
        quota: size(i64::try_from(media.quota.0).unwrap_or(i64::MAX)),
        largest: size(i64::try_from(media.max.0).unwrap_or(i64::MAX)),
        can_upload: viewer.can(crate::accounts::Permission::UploadFiles),
        alt,
        errors,
    })
}

/// The same as [`upload`], for people without scripts.
async fn create(
    State(app): State<App>,
    visitor: SignedIn,
    Form { input, files }: Form<UploadInput>,
) -> PageResult<Response> {
    visitor.spend(Limit::Upload)?;
    if files.len() > 1 {
        return several(&app, &visitor, files, input).await;
    }
    let stored = match only_file(files, Purpose::Picture, input.alt.clone()) {
        Ok(picture) => {
            actions::store_picture(&app, &visitor.viewer, Purpose::Picture, picture).await
        }
        Err(error) => Err(error),
    };
    match stored {
        Ok(media) => {
            let flash = Flash::success("Your picture is here. Its Markdown is below.");
            Ok(visitor.redirect_with(&format!("/media/{}/edit", media.id), &flash))
        }
        Err(error) => {
            let (status, errors) = at_field(error, Purpose::Picture)?;
            let page = list(&app, &visitor, &PagingQuery::default(), (input.alt, errors)).await?;
            Ok(page.with_status(status).into_response())
        }
    }
}

/// Files that one form may bring.
const TOGETHER: usize = 20;

/// Several files of one form, each taken or refused by itself.
async fn several(
    app: &App,
    visitor: &SignedIn,
    files: Vec<Upload>,
    input: UploadInput,
) -> PageResult<Response> {
    let (mut taken, mut refused) = (0_i64, Vec::new());
    let count = files.len();
    for (nth, file) in files.into_iter().enumerate() {
        let name: String = file.name.chars().take(60).collect();
        if nth >= TOGETHER {
            refused.push(format!("{name}: at most {TOGETHER} at once."));
            continue;
        }
        let allowed = if nth > 0 { visitor.spend(Limit::Upload) } else { Ok(()) };
        // A description is of one picture, and each gets its own afterwards.
        match allowed.and_then(|()| only_file(vec![file], Purpose::Picture, String::new())) {
            Ok(picture) => {
                let stored =
                    actions::store_picture(app, &visitor.viewer, Purpose::Picture, picture).await;
                match stored {
                    Ok(_) => taken += 1,
                    Err(error) => refused.push(format!("{name}: {}", why_not(error))),
                }
            }
            Err(error) => refused.push(format!("{name}: {}", why_not(error))),
        }
    }
    if refused.is_empty() {
        let words = format!("{} uploaded.", view::plural(taken, "picture", "pictures"));
        return Ok(visitor.redirect_with("/media", &Flash::success(words)));
    }
    let mut errors = FieldErrors::default();
    errors.add("file", format!("{taken} of {count} taken. {}", refused.join(" ")));
    let page = list(app, visitor, &PagingQuery::default(), (input.alt, errors)).await?;
    Ok(page.unprocessable())
}

/// Why one of several files was not taken. What was taken before it stays, so it has to be said
/// which one it was, whatever went wrong.
fn why_not(error: Error) -> String {
    match error {
        Error::Unavailable => "the site is busy; send it again in a moment.".to_owned(),
        Error::TooMany(wait) => {
            let wait = wait.as_secs().div_ceil(60);
            let wait = view::plural(i64::try_from(wait).unwrap_or(i64::MAX), "minute", "minutes");
            format!("too many in an hour; send it again in {wait}.")
        }
        Error::StorageFull => "the disk of this site is full.".to_owned(),
        error => match at_field(error, Purpose::Picture) {
            Ok((_, errors)) => errors.on("file").unwrap_or("not taken.").to_owned(),
            Err(error) => {
                tracing::error!(error = ?error, "a picture was not stored");
                "something went wrong on our side.".to_owned()
            }
        },
    }
}

/// What is wrong with a file, as the message at its field.
fn at_field(error: Error, purpose: Purpose) -> Result<(StatusCode, FieldErrors)> {
    let mut errors = FieldErrors::default();
    let status = match error {
        Error::Invalid(errors) => return Ok((StatusCode::UNPROCESSABLE_ENTITY, errors)),
        Error::TooLarge(limit) => {
            let limit = size(i64::try_from(limit).unwrap_or(i64::MAX));
            let message = format!("The file is larger than the {limit} allowed.");
            errors.add(purpose.field(), message);
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Error::Unsupported(what) => {
            errors.add(purpose.field(), format!("Not taken here: {what}."));
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        other => return Err(other),
    };
    Ok((status, errors))
}

#[derive(Template)]
#[template(path = "media/edit.html")]
struct EditPage {
    layout: Layout,
    picture: Media,
    is_avatar: bool,
    uses: Vec<Use>,
    mentions: Vec<Mention>,
    alt: String,
    errors: FieldErrors,
}

async fn edit(State(app): State<App>, visitor: SignedIn, Path(id): Path<MediaId>) -> PageResult {
    one(&app, &visitor, id, None).await
}

/// One picture of whoever asks, with what was typed into its form.
async fn one(
    app: &App,
    visitor: &SignedIn,
    id: MediaId,
    typed: Option<(String, FieldErrors)>,
) -> PageResult {
    let mut conn = app.db.conn().await?;
    let viewer = &visitor.viewer;
    let picture = store::of_user(&mut conn, viewer.id, id).await?.ok_or(Error::NotFound)?;
    let uses = store::uses(&mut conn, viewer.id, &picture.filename).await?;
    let mentions = store::mentions(&mut conn, viewer.id, &picture.filename).await?;
    drop(conn);
    let (alt, errors) = typed.unwrap_or_else(|| (picture.alt.clone(), FieldErrors::default()));
    page(&EditPage {
        layout: visitor.layout(),
        is_avatar: viewer.avatar_filename.as_ref() == Some(&picture.filename),
        picture,
        uses,
        mentions,
        alt,
        errors,
    })
}

async fn describe(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<MediaId>,
    Form { input, .. }: Form<UploadInput>,
) -> PageResult<Response> {
    match actions::describe(&app, &visitor.viewer, id, &input.alt).await {
        Ok(()) => {
            let flash = Flash::success("The description is saved.");
            Ok(visitor.redirect_with(&format!("/media/{id}/edit"), &flash))
        }
        Err(Error::Invalid(errors)) => {
            Ok(one(&app, &visitor, id, Some((input.alt, errors))).await?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

/// A form that only has a button.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Nothing {}

async fn delete(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<MediaId>,
    Form { .. }: Form<Nothing>,
) -> PageResult<Response> {
    match actions::delete(&app, &visitor.viewer, id).await {
        Ok(()) => Ok(visitor.redirect_with("/media", &Flash::success("The picture is deleted."))),
        Err(Error::Invalid(errors)) => {
            let message = errors.on("delete").unwrap_or_default().to_owned();
            let flash = Flash::error(message);
            Ok(visitor.redirect_with(&format!("/media/{id}/edit"), &flash))
        }
        Err(error) => Err(error.into()),
    }
}
