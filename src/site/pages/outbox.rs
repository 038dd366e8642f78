//! The pages of the outbox, for whoever administers the site.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use serde::Deserialize;

use crate::{
    Error,
    app::App,
    error::FieldErrors,
    ids::MailId,
    mail::store::{Line, Status, deliveries::Suppression},
    paging::{Cursor, Paging, PagingQuery},
    site::outbox::{self, COUNTED, Told},
    web::{Flash, Form, Layout, PageResult, Path, Query, SignedIn, page, view},
};

/// Mails, or addresses, on one page.
const SIZE: usize = 50;

pub fn router() -> Router<App> {
    Router::new()
        .route("/admin/mail", get(index))
        .route("/admin/mail/retry", get(ask_retry).post(retry))
        .route("/admin/mail/suppressed", get(suppressed).post(allow_address))
        .route("/admin/mail/suppressed/{id}/allow", get(ask_allow).post(allow))
        .route("/admin/mail/{id}", get(show))
        .route("/admin/mail/{id}/resend", get(ask_resend).post(resend))
        .route("/admin/mail/{id}/cancel", get(ask_cancel).post(cancel))
}

/// Which mails, and which page of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    state: String,
    before: String,
    after: String,
}

/// A form with nothing but its token.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Nothing {}

#[derive(Template)]
#[template(path = "site/outbox.html")]
struct OutboxPage {
    layout: Layout,
    tabs: Vec<Tab>,
    shown: Vec<Shown>,
    is_failed: bool,
    paging: Paging,
}

/// A mail in the list, and how its state is called and looks.
struct Shown {
    line: Line,
    state: &'static str,
    tone: &'static str,
}

/// A state to look at.
struct Tab {
    name: String,
    address: String,
    is_current: bool,
}

/// What a state is called, and how it looks.
const STATES: [(Status, &str, &str); 8] = [
    (Status::Queued, "Waiting", "warn"),
    (Status::Sending, "Being sent", "warn"),
    (Status::Sent, "Sent", ""),
    (Status::Delivered, "Delivered", "good"),
    (Status::Bounced, "Came back", "bad"),
    (Status::Complained, "Unwanted", "bad"),
    (Status::Failed, "Given up", "bad"),
    (Status::Cancelled, "Cancelled", ""),
];

fn state(status: Status) -> (&'static str, &'static str) {
    let known = STATES.iter().find(|(other, _, _)| *other == status);
    known.map_or(("", ""), |(_, name, tone)| (name, tone))
}

fn limit() -> i64 {
    i64::try_from(SIZE + 1).unwrap_or(i64::MAX)
}

async fn index(
    State(app): State<App>,
    visitor: SignedIn,
    Query(wanted): Query<Wanted>,
) -> PageResult {
    let only = Status::from_word(&wanted.state);
    let direction = PagingQuery { before: wanted.before, after: wanted.after }.direction();
    let asked = (direction, limit());
    let mut lines = outbox::page(&app, &visitor.viewer, only, asked).await?;
    let counts = outbox::counts(&app, &visitor.viewer).await?;
    let address = match only {
        Some(status) => format!("/admin/mail?state={}&", status.as_str()),
        None => "/admin/mail?".to_owned(),
    };
    let cursor = |line: &Line| Cursor { key: 0, id: line.id.0 };
    let paging = Paging::cut(&mut lines, SIZE, direction, &address, cursor);
    let all = Tab {
        name: "All".to_owned(),
        address: "/admin/mail".to_owned(),
        is_current: only.is_none(),
    };
    let tabs = STATES.iter().map(|(status, name, _)| Tab {
        name: numbered(name, counts.iter().find(|(other, _)| other == status)),
        address: format!("/admin/mail?state={}", status.as_str()),
        is_current: only == Some(*status),
    });
    let tabs = std::iter::once(all).chain(tabs).collect();
    let shown = lines.into_iter().map(|line| {
        let (state, tone) = state(line.status);
        Shown { line, state, tone }
    });
    page(&OutboxPage {
        layout: visitor.layout(),
        tabs,
        shown: shown.collect(),
        is_failed: only == Some(Status::Failed),
        paging,
    })
}

/// `Given up (3)`.
fn numbered(name: &str, count: Option<&(Status, i64)>) -> String {
    match count {
        None | Some((_, 0)) => name.to_owned(),
        Some((_, COUNTED)) => format!("{name} ({COUNTED} and more)"),
        Some((_, count)) => format!("{name} ({count})"),
    }
}

#[derive(Template)]
#[template(path = "site/mail.html")]
struct MailPage {
    layout: Layout,
    state: &'static str,
    tone: &'static str,
    waits: bool,
    can_cancel: bool,
    told: Told,
}

async fn show(State(app): State<App>, visitor: SignedIn, Path(id): Path<MailId>) -> PageResult {
    let told = outbox::one(&app, &visitor.viewer, id).await?;
    let can_cancel = told.can_cancel(app.clock.now());
    let (state, tone) = state(told.mail.status);
    let waits = told.mail.status == Status::Queued;
    page(&MailPage { layout: visitor.layout(), state, tone, waits, can_cancel, told })
}

/// A page that asks before something is done; it works without scripts.
#[derive(Template)]
#[template(path = "site/ask.html")]
struct AskPage {
    layout: Layout,
    title: &'static str,
    text: String,
    action: String,
    button: &'static str,
    back: String,
}

async fn ask_resend(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<MailId>,
) -> PageResult {
    let told = outbox::one(&app, &visitor.viewer, id).await?;
    let twice = if told.mail.interruptions > 0 { " It may have arrived before." } else { "" };
    page(&AskPage {
        layout: visitor.layout(),
        title: "Send it again?",
        text: format!("“{}” to {}.{twice}", told.mail.subject, told.mail.recipient),
        action: format!("/admin/mail/{id}/resend"),
        button: "Send again",
        back: format!("/admin/mail/{id}"),
    })
}

async fn resend(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<MailId>,
    _: Form<Nothing>,
) -> PageResult<Response> {
    let done = outbox::resend(&app, &visitor.viewer, id).await;
    answer(&visitor, &format!("/admin/mail/{id}"), done, "It is sent again.")
}

async fn ask_cancel(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<MailId>,
) -> PageResult {
    let told = outbox::one(&app, &visitor.viewer, id).await?;
    page(&AskPage {
        layout: visitor.layout(),
        title: "Do not send it?",
        text: format!("“{}” to {}.", told.mail.subject, told.mail.recipient),
        action: format!("/admin/mail/{id}/cancel"),
        button: "Cancel the mail",
        back: format!("/admin/mail/{id}"),
    })
}

async fn cancel(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<MailId>,
    _: Form<Nothing>,
) -> PageResult<Response> {
    let done = outbox::cancel(&app, &visitor.viewer, id).await;
    answer(&visitor, &format!("/admin/mail/{id}"), done, "It is not sent.")
}

async fn ask_retry(State(app): State<App>, visitor: SignedIn) -> PageResult {
    let counts = outbox::counts(&app, &visitor.viewer).await?;
    let failed = counts.iter().find(|(status, _)| *status == Status::Failed);
    let failed = failed.map_or(0, |(_, count)| *count);
    let more = if failed == COUNTED { " and more" } else { "" };
    page(&AskPage {
        layout: visitor.layout(),
        title: "Send everything again that was given up?",
        text: format!(
            "{}{more}, which no server has taken.",
            view::plural(failed, "mail", "mails")
        ),
        action: "/admin/mail/retry".to_owned(),
        button: "Send them again",
        back: "/admin/mail?state=failed".to_owned(),
    })
}

async fn retry(
    State(app): State<App>,
    visitor: SignedIn,
    _: Form<Nothing>,
) -> PageResult<Response> {
    let retried = outbox::retry(&app, &visitor.viewer).await?;
    let retried = i64::try_from(retried).unwrap_or(i64::MAX);
    let text = format!("{} sent again.", view::plural(retried, "mail is", "mails are"));
    Ok(visitor.redirect_with("/admin/mail?state=queued", &Flash::success(text)))
}

#[derive(Template)]
#[template(path = "site/suppressed.html")]
struct SuppressedPage {
    layout: Layout,
    rows: Vec<Suppression>,
    paging: Paging,
    email: String,
    errors: FieldErrors,
}

async fn suppressed(
    State(app): State<App>,
    visitor: SignedIn,
    Query(query): Query<PagingQuery>,
) -> PageResult {
    suppressed_page(&app, &visitor, &query, (String::new(), FieldErrors::default())).await
}

async fn suppressed_page(
    app: &App,
    visitor: &SignedIn,
    query: &PagingQuery,
    (email, errors): (String, FieldErrors),
) -> PageResult {
    let direction = query.direction();
    let mut rows = outbox::suppressed(app, &visitor.viewer, (direction, limit())).await?;
    let cursor = |row: &Suppression| Cursor { key: 0, id: row.id };
    let paging = Paging::cut(&mut rows, SIZE, direction, "/admin/mail/suppressed?", cursor);
    page(&SuppressedPage { layout: visitor.layout(), rows, paging, email, errors })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AddressForm {
    email: String,
}

async fn allow_address(
    State(app): State<App>,
    visitor: SignedIn,
    Form { input, .. }: Form<AddressForm>,
) -> PageResult<Response> {
    match outbox::allow_address(&app, &visitor.viewer, &input.email).await {
        Ok(()) => {
            let flash = Flash::success("Optional mail goes there again.");
            Ok(visitor.redirect_with("/admin/mail/suppressed", &flash))
        }
        Err(Error::Invalid(errors)) => {
            let typed = (input.email, errors);
            let page = suppressed_page(&app, &visitor, &PagingQuery::default(), typed).await?;
            Ok(page.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask_allow(State(app): State<App>, visitor: SignedIn, Path(id): Path<i64>) -> PageResult {
    let row = outbox::suppression(&app, &visitor.viewer, id).await?;
    page(&AskPage {
        layout: visitor.layout(),
        title: "Send to this address again?",
        text: format!(
            "{}: {}. If mail to it comes back once more, it is stopped once more.",
            row.email_key, row.detail
        ),
        action: format!("/admin/mail/suppressed/{id}/allow"),
        button: "Send to it again",
        back: "/admin/mail/suppressed".to_owned(),
    })
}

async fn allow(
    State(app): State<App>,
    visitor: SignedIn,
    Path(id): Path<i64>,
    _: Form<Nothing>,
) -> PageResult<Response> {
    let done = outbox::allow(&app, &visitor.viewer, id).await.map(drop);
    answer(&visitor, "/admin/mail/suppressed", done, "Optional mail goes there again.")
}

/// Back to where it was asked, with what came of it.
fn answer(
    visitor: &SignedIn,
    back: &str,
    done: crate::Result<()>,
    words: &str,
) -> PageResult<Response> {
    match done {
        Ok(()) => Ok(visitor.redirect_with(back, &Flash::success(words))),
        Err(Error::Invalid(errors)) => {
            let why = errors.on("mail").unwrap_or("This cannot be done now.").to_owned();
            Ok(visitor.redirect_with(back, &Flash::warning(why)))
        }
        Err(error) => Err(error.into()),
    }
}
