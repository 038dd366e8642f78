//! `/dev/mail`: what has been sent, for whoever develops; there is no such page in production. And
//! the two addresses at which mail providers report what became of our mail.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

use bytes::Bytes;

use super::{
    bounces,
    store::{self, Line, Mail, Status},
    webhooks,
};
use crate::{
    Error, Result,
    app::App,
    config::Environment,
    ids::MailId,
    mailer::Letter,
    web::{Layout, PageResult, Path, Visitor, page, view},
};

/// How many mails are listed.
const NEWEST: i64 = 50;

/// As on every page, and a mail may stand in a frame.
const WITH_FRAME: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
    frame-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types streamly";

/// A mail has styles in its elements, and nothing else that does something.
const IN_FRAME: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'";

pub fn router() -> Router<App> {
    Router::new()
        .route("/mail/events/sendgrid", post(sendgrid))
        .route("/mail/events/mailgun", post(mailgun))
        .route("/dev/mail", get(index))
        .route("/dev/mail/{id}", get(show))
        .route("/dev/mail/{id}/html", get(html))
}

#[derive(Template)]
#[template(path = "mail/index.html")]
struct IndexPage {
    layout: Layout,
    mails: Vec<Line>,
    current: Option<Shown>,
}

/// The mail that is open.
struct Shown {
    mail: Mail,
    /// The header lines as they go over the wire.
    headers: String,
}

async fn index(State(app): State<App>, visitor: Visitor) -> PageResult {
    for_developers(&app)?;
    let mut conn = app.db.conn().await?;
    let mails = store::newest(&mut conn, NEWEST).await?;
    drop(conn);
    page(&IndexPage { layout: visitor.layout(), mails, current: None })
}

async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<MailId>,
) -> PageResult<Response> {
    for_developers(&app)?;
    let mut conn = app.db.conn().await?;
    let mails = store::newest(&mut conn, NEWEST).await?;
    let mail = store::by_id(&mut conn, id).await?;
    drop(conn);
    let current = Some(Shown { headers: headers(&app, &mail), mail });
    let mut response =
        page(&IndexPage { layout: visitor.layout(), mails, current })?.into_response();
    let policy = HeaderValue::from_static(WITH_FRAME);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

async fn html(State(app): State<App>, Path(id): Path<MailId>) -> PageResult<Response> {
    for_developers(&app)?;
    let mut conn = app.db.conn().await?;
    let mail = store::by_id(&mut conn, id).await?;
    drop(conn);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, IN_FRAME),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        // A page in a sandbox may not ask for a browsing context of its own.
        (HeaderName::from_static("cross-origin-opener-policy"), "unsafe-none"),
    ];
    Ok((headers, mail.html_body).into_response())
}

/// SendGrid's events; the signature stands in the headers.
async fn sendgrid(State(app): State<App>, headers: HeaderMap, body: Bytes) -> PageResult<Response> {
    let key = app.config.mail.sendgrid_key.reveal();
    if key.is_empty() {
        return Err(Error::NotFound.into());
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let time = header("x-twilio-email-event-webhook-timestamp").unwrap_or_default();
    let signature = header("x-twilio-email-event-webhook-signature").unwrap_or_default();
    take(&app, webhooks::sendgrid(key, (time, signature), &body)?).await
}

/// Mailgun's events; the signature stands in the body.
async fn mailgun(State(app): State<App>, body: Bytes) -> PageResult<Response> {
    let key = app.config.mail.mailgun_key.reveal();
    if key.is_empty() {
        return Err(Error::NotFound.into());
    }
    take(&app, webhooks::mailgun(key, &body)?).await
}

async fn take(app: &App, reports: Vec<bounces::Report>) -> PageResult<Response> {
    for report in &reports {
        bounces::note(app, report).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn for_developers(app: &App) -> Result<()> {
    match app.config.environment {
        Environment::Development | Environment::Testing => Ok(()),
        Environment::Production => Err(Error::NotFound),
    }
}

/// The headers of the message as the mail server gets it, or why it gets none.
fn headers(app: &App, mail: &Mail) -> String {
    let letter = Letter {
        to: mail.recipient.clone(),
        reply_to: mail.reply_to.clone(),
        subject: mail.subject.clone(),
        text: String::new(),
        html: String::new(),
        message_id: mail.message_id.clone(),
        return_path: bounces::return_path(app, mail.id),
    };
    match app.mailer.message(&letter) {
        Ok(message) => message.headers().to_string(),
        Err(error) => format!("This mail cannot be sent: {error}"),
    }
}
