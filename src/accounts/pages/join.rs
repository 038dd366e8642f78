//! Joining: the first account, registration, and the confirmation of the address.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::Deserialize;

use super::{ButtonPage, EmailForm, browser, enter, message};
use crate::{
    Error,
    accounts::{
        actions,
        input::NewAccount,
        tokens::{self, Link, Purpose},
    },
    app::App,
    error::FieldErrors,
    web::{Flash, Form, Layout, Limit, PageResult, Path, Visitor, page, see_other},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/setup/{token}", get(show_setup).post(set_up))
        .route("/auth/register", get(show_register).post(register))
        .route("/auth/check-mail", get(check_mail))
        .route("/auth/confirm/{token}", get(show_confirm).post(confirm))
        .route("/auth/resend-confirmation", get(show_resend).post(resend))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RegisterForm {
    username: String,
    email: String,
    password: String,
    confirm_password: String,
    /// Nobody sees this field; programs fill it in.
    homepage: String,
}

impl RegisterForm {
    fn account(&self) -> NewAccount {
        NewAccount {
            username: self.username.clone(),
            email: self.email.clone(),
            password: self.password.clone(),
            confirm_password: self.confirm_password.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/register.html")]
struct RegisterPage<'a> {
    layout: Layout,
    form: RegisterForm,
    errors: FieldErrors,
    least: usize,
    action: &'a str,
    title: &'a str,
    text: &'a str,
    is_setup: bool,
}

fn register_page(
    app: &App,
    visitor: &Visitor,
    form: RegisterForm,
    errors: FieldErrors,
) -> PageResult {
    page(&RegisterPage {
        layout: visitor.layout(),
        form,
        errors,
        least: app.config.accounts.password_min,
        action: "/auth/register",
        title: &format!("Join {}", app.config.site.name),
        text: "Write, keep drafts, follow others. It takes a minute.",
        is_setup: false,
    })
}

fn setup_page(
    app: &App,
    visitor: &Visitor,
    token: &str,
    (form, errors): (RegisterForm, FieldErrors),
) -> PageResult {
    page(&RegisterPage {
        layout: visitor.layout(),
        form,
        errors,
        least: app.config.accounts.password_min,
        action: &format!("/setup/{token}"),
        title: "Set up your site",
        text: "Make the first account. It is the administrator's, and may do everything here.",
        is_setup: true,
    })
}

async fn show_setup(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    match tokens::look(&app, Purpose::Setup, &token).await? {
        Link::Good { .. } if !actions::is_set_up(&app).await? => {
            let empty = (RegisterForm::default(), FieldErrors::default());
            Ok(setup_page(&app, &visitor, &token, empty)?.into_response())
        }
        _ => setup_over(&visitor),
    }
}

fn setup_over(visitor: &Visitor) -> PageResult<Response> {
    let text = "This link is not good any more. If the site has no account yet, start it again: it \
                prints a new one. If it has, log in.";
    let link = Some(("Log in", "/auth/login"));
    message(visitor, StatusCode::GONE, ("Nothing to set up here", text), link)
}

async fn set_up(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Form { input: form, .. }: Form<RegisterForm>,
) -> PageResult<Response> {
    let link = tokens::look(&app, Purpose::Setup, &token).await?;
    if !matches!(link, Link::Good { .. }) || actions::is_set_up(&app).await? {
        return setup_over(&visitor);
    }
    match actions::set_up(&app, &token, &form.account(), &browser(&visitor)).await {
        Ok(opened) => {
            let flash =
                Flash::success("The site is yours. Write its first post whenever you like.");
            Ok(enter(&app, &visitor, &opened, visitor.redirect_with("/", &flash)))
        }
        Err(Error::Invalid(errors)) => {
            Ok(setup_page(&app, &visitor, &token, (form, errors))?.unprocessable())
        }
        Err(Error::Gone) => setup_over(&visitor),
        Err(error) => Err(error.into()),
    }
}

fn registration_closed(visitor: &Visitor) -> PageResult<Response> {
    let text = "The people who run this site do not take new members at the moment. You can read \
                everything that is public.";
    let link = Some(("Go to the front page", "/"));
    message(visitor, StatusCode::FORBIDDEN, ("Nobody can join just now", text), link)
}

async fn show_register(State(app): State<App>, visitor: Visitor) -> PageResult<Response> {
    if visitor.viewer().is_some() {
        return Ok(see_other("/"));
    }
    if !app.config.accounts.registration {
        return registration_closed(&visitor);
    }
    let page = register_page(&app, &visitor, RegisterForm::default(), FieldErrors::default())?;
    Ok(page.into_response())
}

async fn register(
    State(app): State<App>,
    visitor: Visitor,
    Form { input: form, .. }: Form<RegisterForm>,
) -> PageResult<Response> {
    if visitor.viewer().is_some() {
        return Ok(see_other("/"));
    }
    if !app.config.accounts.registration {
        return registration_closed(&visitor);
    }
    Limit::Register.spend(&app, &visitor.address())?;
    if !form.homepage.is_empty() {
        tracing::info!(event = "honeypot", "a program tried to join");
        return Ok(see_other("/auth/check-mail"));
    }
    let outcome = match recipient(&app, "join", &form.email) {
        Ok(()) => actions::register(&app, &form.account()).await,
        Err(refused) => Err(refused),
    };
    match outcome {
        Ok(()) => Ok(see_other("/auth/check-mail")),
        Err(Error::Invalid(errors)) => {
            Ok(register_page(&app, &visitor, form, errors)?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

/// Counts a mail by who gets it, whoever asks for it and from wherever (V19).
pub(super) fn recipient(app: &App, kind: &str, email: &str) -> Result<(), Error> {
    let email = email.trim().to_lowercase();
    if email.is_empty() {
        return Ok(());
    }
    Limit::Mail.spend(app, &format!("{kind}:{email}"))
}

async fn check_mail(visitor: Visitor) -> PageResult<Response> {
    let text = "We have written to the address you gave, and the next step is in that mail. It \
                comes within a few minutes; look among the spam too.";
    message(
        &visitor,
        StatusCode::OK,
        ("Look into your mail", text),
        Some(("Log in", "/auth/login")),
    )
}

async fn show_confirm(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    match tokens::look(&app, Purpose::Confirm, &token).await? {
        Link::Good { email, .. } => {
            let page = page(&ButtonPage {
                layout: visitor.layout(),
                title: "Confirm your address",
                text: &format!("Is {} your e-mail address?", email.unwrap_or_default()),
                action: &format!("/auth/confirm/{token}"),
                button: "Yes, it is mine",
            })?;
            Ok(page.into_response())
        }
        link => not_confirmed(&app, &visitor, &link).await,
    }
}

/// Why a link does not confirm anything (any more).
async fn not_confirmed(app: &App, visitor: &Visitor, link: &Link) -> PageResult<Response> {
    let again = Some(("Send a new link", "/auth/resend-confirmation"));
    if let Link::Used { user: Some(user) } = link
        && actions::is_confirmed(app, *user).await?
    {
        let text = "Your address is confirmed already. There is nothing more to do.";
        let link = Some(("Log in", "/auth/login"));
        return message(visitor, StatusCode::OK, ("All done", text), link);
    }
    let text = match link {
        Link::Expired => "This link is too old. Have a new one sent to you.",
        Link::Used { .. } => {
            "A newer link was sent to you. Use that one, or have another one sent."
        }
        Link::Unknown | Link::Good { .. } => {
            "This link is not complete, or is not one of ours. Copy the whole address from the \
             mail, or have a new one sent to you."
        }
    };
    message(visitor, StatusCode::GONE, ("The link is not good any more", text), again)
}

async fn confirm(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    match actions::confirm_email(&app, &token).await {
        Ok(()) => {
            let flash = Flash::success("Your address is confirmed. Log in, and begin.");
            Ok(visitor.redirect_with("/auth/login", &flash))
        }
        Err(Error::Gone) => {
            let link = tokens::look(&app, Purpose::Confirm, &token).await?;
            not_confirmed(&app, &visitor, &link).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks for the address to which a link is sent.
#[derive(Template)]
#[template(path = "accounts/email.html")]
pub(super) struct EmailPage<'a> {
    pub layout: Layout,
    pub form: EmailForm,
    pub errors: FieldErrors,
    pub title: &'a str,
    pub text: &'a str,
    pub action: &'a str,
    pub button: &'a str,
}

fn resend_page(visitor: &Visitor, form: EmailForm, errors: FieldErrors) -> PageResult {
    page(&EmailPage {
        layout: visitor.layout(),
        form,
        errors,
        title: "Send the link again",
        text: "Type the address you joined with. We send you a new link to confirm it; the old one \
               is then void.",
        action: "/auth/resend-confirmation",
        button: "Send the link",
    })
}

async fn show_resend(visitor: Visitor) -> PageResult<Response> {
    if visitor.viewer().is_some() {
        return Ok(see_other("/"));
    }
    Ok(resend_page(&visitor, EmailForm::default(), FieldErrors::default())?.into_response())
}

async fn resend(
    State(app): State<App>,
    visitor: Visitor,
    Form { input: form, .. }: Form<EmailForm>,
) -> PageResult<Response> {
    Limit::Mail.spend(&app, &visitor.address())?;
    recipient(&app, "confirm", &form.email)?;
    match actions::resend_confirmation(&app, &form.email).await {
        Ok(()) => Ok(see_other("/auth/check-mail")),
        Err(Error::Invalid(errors)) => Ok(resend_page(&visitor, form, errors)?.unprocessable()),
        Err(error) => Err(error.into()),
    }
}
