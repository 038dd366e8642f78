//! What a page reports when it is left.

use axum::http::{Request, StatusCode};
use chrono::TimeDelta;

use super::{FIREFOX, a_post, flush, number, open, ticket};
use crate::{
    db::read,
    testing::{Answer, TestApp},
};

const OURS: (&str, &str) = ("origin", "http://streamly.test");

async fn report(app: &TestApp, header: (&str, &str), fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post("/blog/read")
        .header("content-type", "application/x-www-form-urlencoded;charset=UTF-8")
        .header("user-agent", FIREFOX)
        .header(header.0, header.1);
    app.visitor().send(request, body.into_bytes()).await
}

async fn kept(app: &TestApp) -> Vec<(i64, f64)> {
    flush(&app.app).await.unwrap();
    read("select time_spent, scroll_depth from post_view order by id")
        .all(&mut app.app.db.conn().await.unwrap())
        .await
        .unwrap()
}

async fn a_ticket(app: &TestApp) -> String {
    ticket(&open(&app.visitor(), "/blog/post/river", &[]).await).unwrap()
}

#[tokio::test]
async fn the_most_is_kept() {
    let app = TestApp::start().await;
    a_post(&app).await;
    let ticket = a_ticket(&app).await;
    for (seconds, depth) in [("12", "0.5"), ("40", "0.25"), ("3", "0.75")] {
        let fields = [("ticket", ticket.as_str()), ("seconds", seconds), ("depth", depth)];
        report(&app, OURS, &fields).await.expect(StatusCode::NO_CONTENT);
    }
    assert_eq!(kept(&app).await, [(40, 0.75)]);
    let fields = [("ticket", ticket.as_str()), ("seconds", "999999999"), ("depth", "1")];
    report(&app, OURS, &fields).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(kept(&app).await, [(14_400, 1.0)]);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let app = TestApp::start().await;
    a_post(&app).await;
    let ticket = a_ticket(&app).await;
    for (seconds, depth) in
        [("-1", "0"), ("1", "1.01"), ("1", "-0.1"), ("1", "NaN"), ("", ""), ("1e3", "0")]
    {
        let fields = [("ticket", ticket.as_str()), ("seconds", seconds), ("depth", depth)];
        let answer = report(&app, OURS, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{seconds} {depth}");
    }
    let fields = [("ticket", ticket.as_str()), ("seconds", "1"), ("depth", "0"), ("more", "1")];
    assert!(report(&app, OURS, &fields).await.status.is_client_error());
    assert_eq!(kept(&app).await, [(0, 0.0)]);
}

#[tokio::test]
async fn nobody_writes_anothers_row() {
    let app = TestApp::start().await;
    let (ana, post) = a_post(&app).await;
    let lake = crate::testing::posts::TestPost::new(ana, "lake", "The lake");
    let lake = app.insert_post(lake).await;
    let ticket = a_ticket(&app).await;
    let forged = [
        String::new(),
        "a.b.c.d".to_owned(),
        ticket.replace(&format!(".{post}."), &format!(".{lake}.")),
        format!("{ticket}0"),
        format!("{ticket}.0"),
        ticket.rsplit_once('.').unwrap().0.to_owned(),
    ];
    for forged in forged {
        let fields = [("ticket", forged.as_str()), ("seconds", "9"), ("depth", "1")];
        let answer = report(&app, OURS, &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{forged}");
    }
    assert_eq!(kept(&app).await, [(0, 0.0)]);
    app.advance(TimeDelta::days(2));
    let fields = [("ticket", ticket.as_str()), ("seconds", "9"), ("depth", "1")];
    report(&app, OURS, &fields).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_our_own_pages_report() {
    let app = TestApp::start().await;
    a_post(&app).await;
    let ticket = a_ticket(&app).await;
    let fields = [("ticket", ticket.as_str()), ("seconds", "9"), ("depth", "1")];
    for header in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("x-nothing", "said"),
    ] {
        let answer = report(&app, header, &fields).await;
        assert!(answer.status.is_client_error(), "{header:?}: {}", answer.status);
    }
    assert_eq!(kept(&app).await, [(0, 0.0)]);
    report(&app, ("sec-fetch-site", "same-origin"), &fields).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(kept(&app).await, [(9, 1.0)]);
    // Only this address is open in that way.
    let request = Request::post("/contact")
        .header("content-type", "application/x-www-form-urlencoded")
        .header(OURS.0, OURS.1);
    let answer = app.visitor().send(request, b"name=a&email=a@b.c&message=x".to_vec()).await;
    assert_ne!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(number(&app, "select count(*) from contact_message").await, 0);
}
