//! A lost password.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::Deserialize;

use super::{
    EmailForm, add_cookie, browser, device_cookie,
    join::{EmailPage, recipient},
    message,
};
use crate::{
    Error,
    accounts::{
        actions,
        tokens::{self, Link, Purpose},
    },
    app::App,
    error::FieldErrors,
    web::{Flash, Form, Layout, Limit, PageResult, Path, Visitor, cookie, page, see_other},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/auth/reset-password-request", get(show_request).post(request))
        .route("/auth/reset-password/{token}", get(show_reset).post(reset))
}

fn request_page(visitor: &Visitor, form: EmailForm, errors: FieldErrors) -> PageResult {
    page(&EmailPage {
        layout: visitor.layout(),
        form,
        errors,
        title: "Choose a new password",
        text: "Type the address of your account. We send you a link with which you choose a new \
               password.",
        action: "/auth/reset-password-request",
        button: "Send the link",
    })
}

/// Open to members too: the notice about a change that they did not make leads here.
async fn show_request(visitor: Visitor) -> PageResult<Response> {
    if visitor.viewer().is_some() {
        return Ok(see_other("/"));
    }
    Ok(request_page(&visitor, EmailForm::default(), FieldErrors::default())?.into_response())
}

async fn request(
    State(app): State<App>,
    visitor: Visitor,
    Form { input: form, .. }: Form<EmailForm>,
) -> PageResult<Response> {
    if visitor.viewer().is_some() {
        return Ok(see_other("/"));
    }
    Limit::Mail.spend(&app, &visitor.address())?;
    recipient(&app, "reset", &form.email)?;
    match actions::request_reset(&app, &form.email).await {
        Ok(()) => Ok(see_other("/auth/check-mail")),
        Err(Error::Invalid(errors)) => Ok(request_page(&visitor, form, errors)?.unprocessable()),
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ResetForm {
    password: String,
    confirm_password: String,
}

#[derive(Template)]
#[template(path = "accounts/reset.html")]
struct ResetPage<'a> {
    layout: Layout,
    errors: FieldErrors,
    action: &'a str,
    username: &'a str,
    least: usize,
}

/// The form, if the link is good.
async fn reset_page(
    app: &App,
    visitor: &Visitor,
    token: &str,
    errors: FieldErrors,
) -> PageResult<Response> {
    let Link::Good { user: Some(user), .. } = tokens::look(app, Purpose::Reset, token).await?
    else {
        return no_reset(visitor);
    };
    let is_mistaken = !errors.is_empty();
    let page = page(&ResetPage {
        layout: visitor.layout(),
        errors,
        action: &format!("/auth/reset-password/{token}"),
        username: &actions::username(app, user).await?,
        least: app.config.accounts.password_min,
    })?;
    Ok(if is_mistaken { page.unprocessable() } else { page.into_response() })
}

fn no_reset(visitor: &Visitor) -> PageResult<Response> {
    let text = "The link was used already, is too old, or a newer one was sent. Ask for another: \
                the newest one is good.";
    let link = Some(("Ask for a new link", "/auth/reset-password-request"));
    message(visitor, StatusCode::GONE, ("The link is not good any more", text), link)
}

async fn show_reset(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    reset_page(&app, &visitor, &token, FieldErrors::default()).await
}

async fn reset(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Form { input: form, .. }: Form<ResetForm>,
) -> PageResult<Response> {
    let passwords = (form.password.as_str(), form.confirm_password.as_str());
    match actions::reset_password(&app, &token, passwords, &browser(&visitor)).await {
        Ok(device) => {
            let flash = Flash::success("Your password is changed. Log in with the new one.");
            let mut response = visitor.redirect_with("/auth/login", &flash);
            add_cookie(&mut response, &visitor.info.clear_cookie(cookie::SESSION));
            add_cookie(&mut response, &device_cookie(&visitor, &device));
            Ok(response)
        }
        Err(Error::Invalid(errors)) => reset_page(&app, &visitor, &token, errors).await,
        Err(Error::Gone) => no_reset(&visitor),
        Err(error) => Err(error.into()),
    }
}
