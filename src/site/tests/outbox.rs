//! The pages of the outbox, as administrators and others see them.

use axum::http::StatusCode;

use crate::{
    accounts::roles,
    db::{read, write},
    ids::MailId,
    mail::{self, Content, Outgoing},
    testing::{Client, TestApp},
};

const SECRET: &str = "http://streamly.test/auth/reset-password/secret-of-the-link";

async fn queued(app: &TestApp, to: &str, subject: &str) -> MailId {
    let letter = Outgoing {
        kind: "reset_password",
        user: None,
        to: to.to_owned(),
        reply_to: None,
        subject: subject.to_owned(),
        content: Content { paragraphs: vec![SECRET.to_owned()], ..Content::default() },
        unsubscribe: None,
    };
    let mut tx = app.app.db.begin().await.unwrap();
    let id = mail::queue(&app.app, &mut tx, letter).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A mail that was given up.
async fn failed(app: &TestApp, to: &str, subject: &str) -> MailId {
    let id = queued(app, to, subject).await;
    let mut tx = app.app.db.begin().await.unwrap();
    write(
        "update outgoing_mail set status = 'failed', tries = 10, last_error = $2,
                updated_at = updated_at where id = $1",
    )
    .bind(id)
    .bind(format!("550 5.1.1 <{to}>: no such mailbox"))
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn status(app: &TestApp, id: MailId) -> String {
    let mut conn = app.app.db.conn().await.unwrap();
    read("select status from outgoing_mail where id = $1").bind(id).value(&mut conn).await.unwrap()
}

async fn events(app: &TestApp, kind: &str) -> i64 {
    let mut conn = app.app.db.conn().await.unwrap();
    read("select count(*) from event where kind = $1 and user_id is not null")
        .bind(kind)
        .value(&mut conn)
        .await
        .unwrap()
}

async fn stopped(app: &TestApp, address: &str) -> i64 {
    let now = app.app.clock.now();
    let mut tx = app.app.db.begin().await.unwrap();
    let detail = format!("550 <{address}> unknown");
    let why = ("bounced", detail.as_str());
    mail::store::deliveries::suppress(&mut tx, address, why, now).await.unwrap();
    tx.commit().await.unwrap();
    let mut conn = app.app.db.conn().await.unwrap();
    read("select id from mail_suppression where email_key = $1")
        .bind(address)
        .value(&mut conn)
        .await
        .unwrap()
}

#[tokio::test]
async fn only_who_administers_the_site_sees_or_touches_the_outbox() {
    let app = TestApp::start().await;
    let id = failed(&app, "ana@example.org", "Choose a new password").await;
    let address = stopped(&app, "gone@example.org").await;
    let moderator = app.somebody("moe", roles::MODERATOR).await;
    let member = app.member("ben").await;
    let pages = [
        "/admin/mail".to_owned(),
        "/admin/mail/retry".to_owned(),
        "/admin/mail/suppressed".to_owned(),
        format!("/admin/mail/suppressed/{address}/allow"),
        format!("/admin/mail/{id}"),
        format!("/admin/mail/{id}/resend"),
        format!("/admin/mail/{id}/cancel"),
    ];
    for page in &pages {
        app.visitor().get(page).await.expect(StatusCode::SEE_OTHER);
        for client in [&moderator, &member] {
            client.get(page).await.expect(StatusCode::FORBIDDEN).lacks("Choose a new password");
        }
    }
    for action in pages.iter().filter(|page| !page.ends_with(&format!("mail/{id}"))).skip(1) {
        let fields: &[_] =
            if action.ends_with("suppressed") { &[("email", "gone@example.org")] } else { &[] };
        member.post(action, fields).await.expect(StatusCode::FORBIDDEN);
    }
    assert_eq!(status(&app, id).await, "failed");
    // And who may, needs the token of a form.
    let admin = app.admin().await;
    let path = format!("/admin/mail/{id}/cancel");
    admin.post_with_token(&path, &[], "made up").await.expect(StatusCode::FORBIDDEN);
    assert_eq!(status(&app, id).await, "failed");
    admin.get("/admin/mail/999999").await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_list_is_by_state_and_page_and_shows_no_address_whole() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    admin.get("/admin/mail").await.expect(StatusCode::OK).contains("No mails here");
    for number in 1..=120 {
        queued(&app, &format!("reader{number}@example.org"), &format!("Number {number}.")).await;
    }
    failed(&app, "ana@example.org", "Given up on this").await;
    let all = admin.get("/admin/mail").await.expect(StatusCode::OK);
    let all = all.contains("Given up (1)").contains("Waiting (120)").contains("Given up on this");
    let all = all.contains("a•••@example.org").contains("r•••@example.org");
    all.contains("550 5.1.1 &#60;a•••@example.org&#62;").lacks("ana@").lacks("reader120@");
    let failed = admin.get("/admin/mail?state=failed").await.expect(StatusCode::OK);
    failed.contains("Given up on this").contains("/admin/mail/retry").lacks("Number 120.");
    // Three pages down and back up, nothing twice and nothing left out.
    let mut path = "/admin/mail?state=queued".to_owned();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = admin.get(&path).await.expect(StatusCode::OK);
        seen.extend(numbers(&page.body));
        if let Some(older) = link(&page.body, "next") {
            path = older;
        }
    }
    assert_eq!(seen, (1..=120).rev().collect::<Vec<_>>());
    let last = admin.get(&path).await;
    let back = admin.get(&link(&last.body, "prev").unwrap()).await.expect(StatusCode::OK);
    assert_eq!(numbers(&back.body), (21..=70).rev().collect::<Vec<_>>());
}

fn numbers(page: &str) -> Vec<i64> {
    let parts = page.split("Number ").skip(1);
    parts.filter_map(|part| part.split_once('.')?.0.parse().ok()).collect()
}

/// Where the link to another page of the list leads.
fn link(page: &str, rel: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("rel=\"{rel}\" href=\""))?;
    Some(rest.split_once('"')?.0.replace("&#38;", "&").replace("&amp;", "&"))
}

async fn asked(client: &Client, path: &str, question: &str) {
    client.get(path).await.expect(StatusCode::OK).contains(question);
}

#[tokio::test]
async fn one_mail_is_shown_closed_and_sent_again_or_cancelled_after_a_question() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let id = failed(&app, "ana@example.org", "Choose a new password").await;
    let page = format!("/admin/mail/{id}");
    let shown = admin.get(&page).await.expect(StatusCode::OK);
    let shown = shown.contains("Given up").contains("<dd>10</dd>").contains("no such mailbox");
    shown.lacks("ana@").lacks("secret-of-the-link").contains("Send it again");
    let (resend, cancel) = (format!("{page}/resend"), format!("{page}/cancel"));
    asked(&admin, &resend, "Send it again?").await;
    asked(&admin, &cancel, "Do not send it?").await;
    assert_eq!(status(&app, id).await, "failed", "looking changes nothing");
    assert_eq!(admin.post(&cancel, &[]).await.redirect(), page);
    assert_eq!(status(&app, id).await, "cancelled");
    // What is cancelled already is said, not done twice.
    admin.post(&cancel, &[]).await.expect(StatusCode::SEE_OTHER);
    admin.get(&page).await.contains("There is no such mail waiting.");
    assert_eq!(events(&app, "mail_cancelled").await, 1);
    assert_eq!(admin.post(&resend, &[]).await.redirect(), page);
    assert_eq!(status(&app, id).await, "queued");
    assert_eq!(events(&app, "mail_resent").await, 1);
    app.run_jobs().await;
    assert_eq!(status(&app, id).await, "sent");
    admin.get(&page).await.lacks("Send it again").lacks("Cancel it");
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_all_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (first, second) =
        (failed(&app, "a@example.org", "One").await, failed(&app, "b@example.org", "Two").await);
    asked(&admin, "/admin/mail/retry", "2 mails, which").await;
    assert_eq!(status(&app, first).await, "failed");
    let answer = admin.post("/admin/mail/retry", &[]).await;
    assert_eq!(answer.redirect(), "/admin/mail?state=queued");
    admin.get("/admin/mail?state=queued").await.contains("2 mails are sent again.");
    assert_eq!([status(&app, first).await, status(&app, second).await], ["queued", "queued"]);
}

#[tokio::test]
async fn a_stopped_address_can_be_written_to_again() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = "/admin/mail/suppressed";
    admin.get(path).await.expect(StatusCode::OK).contains("No address is stopped");
    let id = stopped(&app, "gone@example.org").await;
    stopped(&app, "other@example.net").await;
    let list = admin.get(path).await.expect(StatusCode::OK).contains("g•••@example.org");
    list.contains("o•••@example.net").lacks("gone@example.org");
    let allow = format!("{path}/{id}/allow");
    asked(&admin, &allow, "Send to this address again?").await;
    assert_eq!(admin.post(&allow, &[]).await.redirect(), path);
    admin.get(path).await.lacks("g•••@example.org").contains("o•••@example.net");
    admin.get(&allow).await.expect(StatusCode::NOT_FOUND);
    let wrong = admin.post(path, &[("email", "nobody@example.org")]).await;
    wrong.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("was not stopped");
    let right = admin.post(path, &[("email", " Other@example.net ")]).await;
    right.expect(StatusCode::SEE_OTHER);
    admin.get(path).await.contains("No address is stopped");
    assert_eq!(events(&app, "mail_allowed").await, 2);
}
