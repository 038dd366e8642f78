//! Mails at once, letters, and leaving them.

use axum::http::{Request, StatusCode};
use chrono::TimeDelta;

use super::{
    super::{Mailing, jobs},
    *,
};
use crate::mailer::Letter;

async fn column(app: &TestApp, statement: &'static str) -> Vec<(Option<String>,)> {
    read(statement).all(&mut app.app.db.conn().await.unwrap()).await.unwrap()
}

/// Ana has had a mail about a comment; the path to leave them.
async fn mailed() -> (TestApp, UserId, String) {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    let ben = app.someone("ben").await;
    let post = app.a_post(ana, "rivers").await;
    let comment = app.a_comment((post, ben), None, "visible", "Hello").await;
    app.happens(Event::CommentAdded { author: ben, post, comment, visible: true }).await;
    let mail = app.mail_to("ana@private.example").await;
    let path = mail.link("/notifications/unsubscribe/");
    (app, ana, path)
}

async fn mailing(app: &TestApp) -> Vec<(Option<String>,)> {
    column(app, "select email from notification_setting where kind = 'comment'").await
}

#[tokio::test]
async fn a_mail_says_in_its_headers_how_it_is_left() {
    let (app, _, path) = mailed().await;
    let rows = column(&app, "select list_unsubscribe from outgoing_mail").await;
    assert_eq!(rows, [(Some(format!("http://streamly.test{path}")),)]);
    let letter = Letter {
        return_path: None,
        to: "ana@private.example".to_owned(),
        reply_to: None,
        subject: "a\r\nBcc: x@y.z".to_owned(),
        text: String::new(),
        html: String::new(),
        message_id: "<1@streamly.test>".to_owned(),
        unsubscribe: rows[0].0.clone(),
    };
    let message = app.app.mailer.message(&letter).unwrap().headers().to_string();
    let flat = message.replace("\r\n ", " ");
    assert!(flat.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{message}");
    assert!(flat.contains(&format!("List-Unsubscribe: <http://streamly.test{path}>")), "{message}");
    assert!(flat.contains("Auto-Submitted: auto-generated"), "{message}");
    assert!(!flat.contains("Precedence") && !flat.contains("\nBcc"), "{message}");
}

#[tokio::test]
async fn one_post_without_login_or_token_ends_mail_and_looking_does_not() {
    let (app, _, path) = mailed().await;
    let page = app.visitor().get(&path).await.expect(StatusCode::OK);
    page.contains("Comments on your posts").contains("End this mail");
    assert!(mailing(&app).await.is_empty());
    // As a mail provider sends it: another origin, no cookie, no token.
    let request = Request::post(&path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://mail.example");
    let done = app.visitor().send(request, b"List-Unsubscribe=One-Click".to_vec()).await;
    done.expect(StatusCode::OK).contains("You get no more mail");
    assert_eq!(mailing(&app).await, [(Some("off".to_owned()),)]);
}

#[tokio::test]
async fn a_forged_link_is_refused() {
    let (app, ana, path) = mailed().await;
    let ben = path.replace(&format!("/{ana}/"), &format!("/{}/", ana.0 + 1));
    let other = path.replace("/comment/", "/reply/");
    let mut turned = path.clone();
    let last = turned.pop().unwrap();
    turned.push_str(if last == 'A' { "AA" } else { "A" });
    let cut = path[..path.len() - 5].to_owned();
    for forged in [ben, other, turned, cut, format!("/notifications/unsubscribe/{ana}/comment/x")] {
        let visitor = app.visitor();
        visitor.get(&forged).await.expect(StatusCode::NOT_FOUND);
        visitor.send(Request::post(&forged), Vec::new()).await.expect(StatusCode::NOT_FOUND);
    }
    assert!(mailing(&app).await.is_empty());
    // No other form is open to requests without a token.
    let request = Request::post("/notifications/read-all").header("origin", "https://evil.example");
    app.visitor().send(request, Vec::new()).await.expect(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn mail_goes_only_to_confirmed_addresses_of_accounts_in_use() {
    for statement in [
        "update \"user\" set email_confirmed = false, updated_at = $1 where id in ($2, $3)",
        "update \"user\" set is_active = false, updated_at = $1 where id in ($2, $3)",
    ] {
        let app = TestApp::start().await;
        let ana = app.someone("ana").await;
        let ben = app.someone("ben").await;
        let post = app.a_post(ana, "rivers").await;
        app.run_sql(statement, ana, ana).await;
        let comment = app.a_comment((post, ben), None, "visible", "Hello").await;
        app.happens(Event::CommentAdded { author: ben, post, comment, visible: true }).await;
        assert!(app.mails().await.is_empty(), "{statement}");
    }
}

#[tokio::test]
async fn a_letter_comes_once_a_period_whoever_sends_it_and_only_with_something_in_it() {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    app.choose(ana, "like", true, "daily").await;
    let post = app.a_post(ana, "rivers").await;
    for number in 0..3 {
        let user = app.someone(&format!("reader{number}")).await;
        app.happens(Event::PostLiked { user, author: ana, post }).await;
    }
    jobs::tick(&app.app).await.unwrap();
    assert!(app.mails().await.is_empty(), "the day has not ended");
    app.advance(TimeDelta::days(1));
    let (before, period) = super::super::digests::period(Mailing::Daily, app.app.clock.now());
    let job = jobs::SendDigests { digest: Mailing::Daily, period, before, after: UserId(0) };
    let (one, other) = tokio::join!(
        crate::jobs::Job::run(job.clone(), &app.app),
        crate::jobs::Job::run(job.clone(), &app.app)
    );
    one.unwrap();
    other.unwrap();
    jobs::tick(&app.app).await.unwrap();
    let [mail] = &app.mails().await[..] else { panic!("one letter") };
    assert_eq!(mail.kind, "digest_daily");
    assert!(mail.text_body.contains("reader2 and 2 others liked “Rivers”"), "{}", mail.text_body);
    let path = mail.link("/notifications/unsubscribe/");
    app.advance(TimeDelta::days(1));
    jobs::tick(&app.app).await.unwrap();
    assert_eq!(app.mails().await.len(), 1, "nothing new, no letter");
    app.visitor().send(Request::post(&path), Vec::new()).await.expect(StatusCode::OK);
    let rows = column(&app, "select email from notification_setting where kind = 'like'").await;
    assert_eq!(rows, [(Some("off".to_owned()),)]);
}

#[test]
fn periods_begin_at_seven_and_weeks_on_mondays() {
    let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    for (digest, now, start, name) in [
        (Mailing::Daily, "2026-11-26T06:59:59Z", "2026-11-25T07:00:00Z", "2026-11-25"),
        (Mailing::Daily, "2026-11-26T07:00:00Z", "2026-11-26T07:00:00Z", "2026-11-26"),
        (Mailing::Weekly, "2026-11-23T06:59:59Z", "2026-11-16T07:00:00Z", "2026-11-16"),
        (Mailing::Weekly, "2026-11-29T23:00:00Z", "2026-11-23T07:00:00Z", "2026-11-23"),
    ] {
        let found = super::super::digests::period(digest, at(now));
        assert_eq!(found, (at(start), name.to_owned()), "{now}");
    }
}
