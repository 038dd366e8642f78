//! About, contact, and the outbox.

mod outbox;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::{
    Error,
    app::App,
    error::FieldErrors,
    site::{
        Message, MessageInput, actions,
        message::{MESSAGE, NAME},
    },
    web::{Flash, Form, Layout, Limit, PageResult, Visitor, page},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/about", get(about))
        .route("/contact", get(new).post(create))
        .merge(outbox::router())
}

#[derive(Template)]
#[template(path = "site/about.html")]
struct AboutPage {
    layout: Layout,
    registration: bool,
}

async fn about(State(app): State<App>, visitor: Visitor) -> PageResult {
    let registration = app.config.accounts.registration;
    page(&AboutPage { layout: visitor.layout(), registration })
}

#[derive(Template)]
#[template(path = "site/contact.html")]
struct ContactPage {
    layout: Layout,
    form: MessageInput,
    errors: FieldErrors,
}

async fn new(visitor: Visitor) -> PageResult {
    // Who is logged in need not type name and address again.
    let form = visitor.viewer().map(|viewer| MessageInput {
        name: viewer.display_name(),
        email: viewer.email.clone(),
        ..MessageInput::default()
    });
    let form = form.unwrap_or_default();
    page(&ContactPage { layout: visitor.layout(), form, errors: FieldErrors::default() })
}

async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form { input, .. }: Form<MessageInput>,
) -> PageResult<Response> {
    let layout = visitor.layout();
    let message = match Message::parse(&input) {
        Ok(message) => message,
        Err(Error::Invalid(errors)) => {
            return Ok(page(&ContactPage { layout, form: input, errors })?.unprocessable());
        }
        Err(error) => return Err(error.into()),
    };
    if let Err(refusal) = Limit::Contact.spend(&app, &visitor.address()) {
        return too_many(layout, input, refusal);
    }
    if !input.is_from_a_program() {
        let address = visitor.truncated_address();
        actions::receive(&app, visitor.viewer(), &message, &address).await?;
    }
    let thanks = format!("Thank you, {}. Your message has been sent.", message.name);
    Ok(visitor.redirect_with("/", &Flash::success(thanks)))
}

/// The form again with what was typed, for somebody who has written often in the last hour.
fn too_many(layout: Layout, form: MessageInput, refusal: Error) -> PageResult<Response> {
    let Error::TooMany(wait) = refusal else { return Err(refusal.into()) };
    let minutes = wait.as_secs().div_ceil(60).max(1);
    let text = format!(
        "You have sent several messages in the last hour, so this one was not sent. Nothing you \
         typed is lost: send it again in {minutes} minutes."
    );
    let layout = layout.with_flash(Flash::warning(text));
    let page = page(&ContactPage { layout, form, errors: FieldErrors::default() })?;
    let mut response = page.with_status(StatusCode::TOO_MANY_REQUESTS).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    Ok(response)
}
