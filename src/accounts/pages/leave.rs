//! Taking one's data away, closing the account, deleting it.

use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::add_cookie;
use crate::{
    Error,
    accounts::{actions, mails},
    app::App,
    error::FieldErrors,
    texts::time_in_words,
    web::{Caching, Flash, Form, Layout, Limit, PageResult, Proved, Visitor, cookie, page, view},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/auth/export", get(show_export).post(export))
        .route("/auth/export/file", get(download))
        .route("/auth/deactivate", get(show_deactivate).post(deactivate))
        .route("/auth/delete", get(show_delete).post(delete))
}

#[derive(Template)]
#[template(path = "accounts/export.html")]
struct ExportPage {
    layout: Layout,
    export: Option<Shown>,
    may_ask: bool,
}

/// What there is to fetch, or will be.
struct Shown {
    is_ready: bool,
    size: String,
    until: DateTime<Utc>,
}

async fn show_export(State(app): State<App>, Proved(visitor): Proved) -> PageResult {
    let export = actions::own_export(&app, &visitor.viewer).await?;
    let export = export.map(|export| Shown {
        is_ready: export.ready_at.is_some(),
        size: mails::size_in_words(u64::try_from(export.size_bytes).unwrap_or_default()),
        until: export.expires_at,
    });
    let may_ask = export.as_ref().is_none_or(|export| export.is_ready);
    page(&ExportPage { layout: visitor.layout(), export, may_ask })
}

async fn export(State(app): State<App>, Proved(visitor): Proved) -> PageResult<Response> {
    visitor.spend(Limit::Upload)?;
    actions::request_export(&app, &visitor.viewer).await?;
    let text = "Your file is being made. You get a mail when it is ready.";
    Ok(visitor.redirect_with("/auth/export", &Flash::success(text)))
}

async fn download(State(app): State<App>, Proved(visitor): Proved) -> PageResult<Response> {
    visitor.spend(Limit::Upload)?;
    let (size, pieces) = actions::open_export(&app, &visitor.viewer).await?;
    let name = format!("{}-{}.zip", visitor.viewer.username, app.clock.now().format("%Y-%m-%d"));
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let mut response = (headers, Body::from_stream(pieces)).into_response();
    response.extensions_mut().insert(Caching::Never);
    Ok(response)
}

#[derive(Template)]
#[template(path = "accounts/deactivate.html")]
struct DeactivatePage {
    layout: Layout,
    errors: FieldErrors,
}

async fn show_deactivate(Proved(visitor): Proved) -> PageResult {
    page(&DeactivatePage { layout: visitor.layout(), errors: FieldErrors::default() })
}

async fn deactivate(State(app): State<App>, Proved(visitor): Proved) -> PageResult<Response> {
    let viewer = &visitor.viewer;
    match actions::deactivate(&app, Some(viewer), viewer.id).await {
        Ok(()) => {
            let text = "Your account is closed. Log in whenever you want it back.";
            Ok(gone(&visitor, &Flash::info(text)))
        }
        Err(Error::Invalid(errors)) => {
            Ok(page(&DeactivatePage { layout: visitor.layout(), errors })?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

/// To the front page, logged out.
fn gone(visitor: &Visitor, flash: &Flash) -> Response {
    let mut response = visitor.redirect_with("/", flash);
    add_cookie(&mut response, &visitor.info.clear_cookie(cookie::SESSION));
    response
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DeleteForm {
    username: String,
}

#[derive(Template)]
#[template(path = "accounts/delete.html")]
struct DeletePage {
    layout: Layout,
    form: DeleteForm,
    errors: FieldErrors,
    grace: String,
    hint: String,
}

fn delete_page(app: &App, visitor: &Visitor, form: DeleteForm, errors: FieldErrors) -> PageResult {
    let name = visitor.viewer().map_or("", |viewer| &viewer.username);
    page(&DeletePage {
        layout: visitor.layout(),
        form,
        errors,
        grace: time_in_words(app, app.config.accounts.delete_grace),
        hint: format!("Type {name} to confirm."),
    })
}

async fn show_delete(State(app): State<App>, Proved(visitor): Proved) -> PageResult {
    delete_page(&app, &visitor, DeleteForm::default(), FieldErrors::default())
}

async fn delete(
    State(app): State<App>,
    Proved(visitor): Proved,
    Form { input: form, .. }: Form<DeleteForm>,
) -> PageResult<Response> {
    match actions::request_deletion(&app, &visitor.viewer, &form.username).await {
        Ok(()) => {
            let grace = time_in_words(&app, app.config.accounts.delete_grace);
            let text = format!(
                "Your account is closed, and will be deleted in {grace}. Log in before then if \
                 you want to keep it."
            );
            Ok(gone(&visitor, &Flash::info(text)))
        }
        Err(Error::Invalid(errors)) => {
            Ok(delete_page(&app, &visitor, form, errors)?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}
