//! The settings of one's account.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{ButtonPage, EmailForm, add_cookie, join::recipient, message, renewed};
use crate::{
    Error,
    accounts::{
        User, actions, device,
        input::ProfileInput,
        tokens::{self, Link, Purpose},
    },
    app::App,
    error::FieldErrors,
    ids::SessionId,
    web::{Flash, Form, Layout, Limit, PageResult, Path, Proved, SignedIn, Visitor, cookie, page},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/auth/settings", get(overview))
        .route("/auth/profile", get(show_profile).post(save_profile))
        .route("/auth/change-password", get(show_password).post(change_password))
        .route("/auth/change-email", get(show_email).post(request_email))
        .route("/auth/change-email/{token}", get(show_new_email).post(change_email))
        .route("/auth/sessions", get(sessions))
        .route("/auth/sessions/{id}/end", post(end_session))
        .route("/auth/sessions/end-others", post(end_others))
        .route("/appearance", get(show_appearance).post(set_appearance))
}

#[derive(Template)]
#[template(path = "accounts/settings.html")]
struct SettingsPage {
    layout: Layout,
    user: User,
    sessions: usize,
}

async fn overview(State(app): State<App>, visitor: SignedIn) -> PageResult {
    let user = actions::own(&app, &visitor.viewer).await?;
    let sessions = actions::own_sessions(&app, &visitor.viewer).await?.len();
    page(&SettingsPage { layout: visitor.layout(), user, sessions })
}

#[derive(Template)]
#[template(path = "accounts/profile.html")]
struct ProfilePage {
    layout: Layout,
    form: ProfileInput,
    errors: FieldErrors,
}

async fn show_profile(State(app): State<App>, visitor: SignedIn) -> PageResult {
    let form = ProfileInput::of(&actions::own(&app, &visitor.viewer).await?);
    page(&ProfilePage { layout: visitor.layout(), form, errors: FieldErrors::default() })
}

async fn save_profile(
    State(app): State<App>,
    visitor: SignedIn,
    Form { input: form, .. }: Form<ProfileInput>,
) -> PageResult<Response> {
    visitor.spend(Limit::Save)?;
    match actions::update_profile(&app, &visitor.viewer, &form).await {
        Ok(()) => {
            let flash = Flash::success("Your profile is saved.");
            Ok(visitor.redirect_with("/auth/profile", &flash))
        }
        Err(Error::Invalid(errors)) => {
            Ok(page(&ProfilePage { layout: visitor.layout(), form, errors })?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "accounts/change_password.html")]
struct PasswordPage {
    layout: Layout,
    errors: FieldErrors,
    least: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PasswordForm {
    current_password: String,
    new_password: String,
    confirm_password: String,
}

async fn show_password(State(app): State<App>, visitor: SignedIn) -> PageResult {
    let least = app.config.accounts.password_min;
    page(&PasswordPage { layout: visitor.layout(), errors: FieldErrors::default(), least })
}

async fn change_password(
    State(app): State<App>,
    visitor: SignedIn,
    Form { input: form, .. }: Form<PasswordForm>,
) -> PageResult<Response> {
    Limit::Login.spend(&app, &visitor.address())?;
    let new = (form.new_password.as_str(), form.confirm_password.as_str());
    match actions::change_password(&app, &visitor.viewer, &form.current_password, new).await {
        Ok(again) => {
            let flash = Flash::success("Your password is changed. Other devices are logged out.");
            let response = visitor.redirect_with("/auth/settings", &flash);
            Ok(renewed(&app, &visitor, &again, response))
        }
        Err(Error::Invalid(errors)) => {
            let least = app.config.accounts.password_min;
            let layout = visitor.layout();
            Ok(page(&PasswordPage { layout, errors, least })?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "accounts/change_email.html")]
struct ChangeEmailPage<'a> {
    layout: Layout,
    form: EmailForm,
    errors: FieldErrors,
    current: &'a str,
}

async fn show_email(Proved(visitor): Proved) -> PageResult {
    let current = &visitor.viewer.email;
    let (form, errors) = (EmailForm::default(), FieldErrors::default());
    page(&ChangeEmailPage { layout: visitor.layout(), form, errors, current })
}

async fn request_email(
    State(app): State<App>,
    Proved(visitor): Proved,
    Form { input: form, .. }: Form<EmailForm>,
) -> PageResult<Response> {
    visitor.spend(Limit::Mail)?;
    recipient(&app, "change", &form.email)?;
    match actions::request_email_change(&app, &visitor.viewer, &form.email).await {
        Ok(()) => {
            let flash = Flash::info("We have written to the new address. Follow the link there.");
            Ok(visitor.redirect_with("/auth/settings", &flash))
        }
        Err(Error::Invalid(errors)) => {
            let current = &visitor.viewer.email;
            let layout = visitor.layout();
            Ok(page(&ChangeEmailPage { layout, form, errors, current })?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

async fn show_new_email(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    let Link::Good { email, .. } = tokens::look(&app, Purpose::ChangeEmail, &token).await? else {
        return no_change(&visitor);
    };
    let page = page(&ButtonPage {
        layout: visitor.layout(),
        title: "Use this address?",
        text: &format!(
            "{} becomes the address of your account. On other devices you are logged out.",
            email.unwrap_or_default()
        ),
        action: &format!("/auth/change-email/{token}"),
        button: "Use this address",
    })?;
    Ok(page.into_response())
}

fn no_change(visitor: &Visitor) -> PageResult<Response> {
    let text = "The link was used already, is too old, or a newer one was sent. You can ask for \
                another in your settings.";
    let link = Some(("Go to the settings", "/auth/settings"));
    message(visitor, StatusCode::GONE, ("The link is not good any more", text), link)
}

async fn change_email(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    let flash = Flash::success("Your account has the new address now.");
    match actions::change_email(&app, visitor.viewer(), &token).await {
        Ok(Some(again)) => {
            let response = visitor.redirect_with("/auth/settings", &flash);
            Ok(renewed(&app, &visitor, &again, response))
        }
        Ok(None) => Ok(visitor.redirect_with("/auth/login", &flash)),
        Err(Error::Gone) => no_change(&visitor),
        Err(error) => Err(error.into()),
    }
}

/// One session in the list.
struct SessionLine {
    id: SessionId,
    device: String,
    address: String,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "accounts/sessions.html")]
struct SessionsPage {
    layout: Layout,
    sessions: Vec<SessionLine>,
}

async fn sessions(State(app): State<App>, visitor: SignedIn) -> PageResult {
    let sessions = actions::own_sessions(&app, &visitor.viewer).await?;
    let sessions = sessions
        .into_iter()
        .map(|session| SessionLine {
            id: session.id,
            device: device::words(&app.texts, &session.user_agent),
            address: session.address,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            is_this: session.id == visitor.viewer.session,
        })
        .collect();
    page(&SessionsPage { layout: visitor.layout(), sessions })
}

async fn end_session(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<SessionId>,
) -> PageResult<Response> {
    actions::end_session(&app, &visitor.viewer, id).await?;
    Ok(visitor.redirect_with("/auth/sessions", &Flash::success("That device is logged out.")))
}

async fn end_others(State(app): State<App>, visitor: SignedIn) -> PageResult<Response> {
    actions::end_other_sessions(&app, &visitor.viewer).await?;
    let flash = Flash::success("You are logged out everywhere else.");
    Ok(visitor.redirect_with("/auth/sessions", &flash))
}

#[derive(Template)]
#[template(path = "accounts/appearance.html")]
struct AppearancePage {
    theme: String,
    layout: Layout,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AppearanceForm {
    theme: String,
}

async fn show_appearance(visitor: Visitor) -> PageResult {
    let layout = visitor.layout();
    page(&AppearancePage { theme: layout.theme.clone(), layout })
}

async fn set_appearance(
    State(app): State<App>,
    visitor: Visitor,
    Form { input: form, .. }: Form<AppearanceForm>,
) -> PageResult<Response> {
    const YEAR: u64 = 365 * 24 * 3600;
    if !["system", "light", "dark"].contains(&form.theme.as_str()) {
        return Err(Error::invalid("theme", "Choose one of the three.").into());
    }
    if let Some(viewer) = visitor.viewer() {
        actions::set_theme(&app, viewer, &form.theme).await?;
    }
    let mut response = visitor.redirect_with("/appearance", &Flash::success("Saved."));
    let cookie = visitor.info.set_cookie(cookie::THEME, &form.theme, "Lax", Some(YEAR));
    add_cookie(&mut response, &cookie);
    Ok(response)
}
