//! The site's own pages seen from outside.

mod outbox;

use axum::http::StatusCode;
use chrono::TimeDelta;

use crate::{
    config::Config,
    db::{read, record, write},
    mail,
    testing::TestApp,
};

record! {
    #[derive(Debug)]
    struct Kept {
        name: String,
        email: String,
        message: String,
        address: String,
    }
}

async fn kept(app: &TestApp) -> Vec<Kept> {
    let mut conn = app.app.db.conn().await.unwrap();
    read("select name, email, message, address from contact_message order by id")
        .all(&mut conn)
        .await
        .unwrap()
}

async fn mails(app: &TestApp) -> Vec<mail::store::Mail> {
    let mut conn = app.app.db.conn().await.unwrap();
    let mut mails = Vec::new();
    for line in mail::store::newest(&mut conn, 10).await.unwrap() {
        mails.push(mail::store::by_id(&mut conn, line.id).await.unwrap());
    }
    mails
}

async fn start(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::with(|config| {
        config.site.email = "desk@example.org".to_owned();
        change(config);
    })
    .await
}

const GOOD: [(&str, &str); 3] =
    [("name", "Ana <b>"), ("email", "ana@example.org"), ("message", "Hello!\r\n\r\nTwo\r\nlines.")];

#[tokio::test]
async fn a_message_is_kept_and_mailed_to_the_site() {
    let app = start(|_| {}).await;
    let visitor = app.visitor();
    let sent = visitor.post("/contact", &GOOD).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(sent.redirect(), "/");
    visitor.get("/about").await.contains("Thank you, Ana &#60;b&#62;. Your message has been sent.");
    let [message] = &kept(&app).await[..] else { panic!("one message") };
    assert_eq!(message.name, "Ana <b>");
    assert_eq!(message.email, "ana@example.org");
    assert_eq!(message.message, "Hello!\n\nTwo\nlines.");
    assert_eq!(message.address, "127.0.0.0");
    let [mail] = &mails(&app).await[..] else { panic!("one mail") };
    assert_eq!(mail.recipient, "desk@example.org");
    assert_eq!(mail.reply_to.as_deref(), Some("ana@example.org"));
    assert_eq!(mail.subject, "[Streamly] Message from Ana <b>");
    assert!(mail.html_body.contains("Two<br>lines."), "{}", mail.html_body);
    assert!(!mail.html_body.contains("<b>"));
}

#[tokio::test]
async fn without_an_address_of_its_own_the_administrators_read_for_the_site() {
    let app = start(|config| config.site.email.clear()).await;
    let mut tx = app.app.db.begin().await.unwrap();
    for (name, role) in [("boss", "Administrator"), ("chief", "Administrator"), ("ana", "Editor")] {
        write(
            "insert into \"user\" (created_at, updated_at, username, username_key, email,
                    email_key, password_hash, password_changed_at, last_seen, email_confirmed,
                    role_id)
             values ($1, $1, $2, $2, $3, $3, '', $1, $1, true,
                     (select id from role where name = $4))",
        )
        .bind(app.app.clock.now())
        .bind(name)
        .bind(format!("{name}@example.org"))
        .bind(role)
        .run(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    app.visitor().post("/contact", &GOOD).await.expect(StatusCode::SEE_OTHER);
    let mut to: Vec<_> = mails(&app).await.into_iter().map(|mail| mail.recipient).collect();
    to.sort();
    assert_eq!(to, ["boss@example.org", "chief@example.org"]);
}

#[tokio::test]
async fn a_message_with_mistakes_comes_back_with_what_was_typed() {
    let app = start(|_| {}).await;
    let visitor = app.visitor();
    visitor
        .post(
            "/contact",
            &[("name", ""), ("email", "<me>"), ("message", "Keep \"this\" </textarea>")],
        )
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .contains("Please tell us your name.")
        .contains("This is not an e-mail address.")
        .contains("&#60;me&#62;")
        .contains("Keep &#34;this&#34; &#60;/textarea&#62;");
    let mut extra = GOOD.to_vec();
    extra.push(("admin", "true"));
    visitor.post("/contact", &extra).await.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(kept(&app).await.is_empty());
    assert!(mails(&app).await.is_empty());
}

#[tokio::test]
async fn a_program_is_thanked_and_not_heard() {
    let app = start(|_| {}).await;
    let visitor = app.visitor();
    let mut fields = GOOD.to_vec();
    fields.push(("website_url", "http://spam.example"));
    let answer = visitor.post("/contact", &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/");
    visitor.get("/about").await.contains("Your message has been sent.");
    assert!(kept(&app).await.is_empty());
    assert!(mails(&app).await.is_empty());
}

#[tokio::test]
async fn who_writes_too_often_loses_nothing_typed() {
    let app = start(|config| {
        config.limits.enabled = true;
        config.limits.contact = 2;
    })
    .await;
    let visitor = app.visitor();
    for message in ["First.", "Second."] {
        let mut fields = GOOD.to_vec();
        fields.retain(|(name, _)| *name != "message");
        fields.push(("message", message));
        visitor.post("/contact", &fields).await.expect(StatusCode::SEE_OTHER);
    }
    let refused = visitor.post("/contact", &GOOD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(!refused.header("retry-after").is_empty());
    refused.contains("Two\nlines.").contains("ana@example.org");
    assert_eq!(kept(&app).await.len(), 2);
}

#[tokio::test]
async fn where_a_message_came_from_is_forgotten_after_a_month() {
    let app = start(|_| {}).await;
    app.visitor().post("/contact", &GOOD).await.expect(StatusCode::SEE_OTHER);
    app.advance(TimeDelta::days(29));
    super::actions::tick(&app.app).await.unwrap();
    assert_eq!(kept(&app).await[0].address, "127.0.0.0");
    app.advance(TimeDelta::days(2));
    super::actions::tick(&app.app).await.unwrap();
    assert_eq!(kept(&app).await[0].address, "");
    assert_eq!(kept(&app).await[0].name, "Ana <b>");
}

#[tokio::test]
async fn the_site_says_what_it_is() {
    let app = start(|config| config.site.name = "Tea & Toast".to_owned()).await;
    let visitor = app.visitor();
    visitor
        .get("/about")
        .await
        .expect(StatusCode::OK)
        .contains("About Tea &#38; Toast")
        .contains("href=\"/auth/register\"");
    visitor.get("/contact").await.expect(StatusCode::OK).contains("name=\"website_url\"");
}

#[tokio::test]
async fn the_second_click_sends_nothing_twice() {
    let app = start(|_| {}).await;
    let visitor = app.visitor();
    let fields = [("name", "Ana"), ("email", "ana@example.org"), ("message", "Hello there")];
    let (first, second) =
        tokio::join!(visitor.post("/contact", &fields), visitor.post("/contact", &fields));
    assert_eq!((first.redirect(), second.redirect()), ("/", "/"));
    assert_eq!(kept(&app).await.len(), 1);
    app.advance(chrono::TimeDelta::days(1));
    visitor.post("/contact", &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(kept(&app).await.len(), 2, "the next day it is another message");
}
