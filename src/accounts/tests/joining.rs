use chrono::TimeDelta;

use super::*;
use crate::accounts::{roles, setup::set_up_link};

#[tokio::test]
async fn somebody_joins_confirms_and_logs_in() {
    let app = TestApp::start().await;
    let client = app.visitor();
    let answer = join(&client, "ana", "Ana@Example.org").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/auth/check-mail");
    client.get("/auth/check-mail").await.expect(StatusCode::OK).contains("Look into your mail");

    let early = try_login(&client, "ana", PASSWORD).await.expect(StatusCode::FORBIDDEN);
    early.contains("Confirm your address first").contains("/auth/resend-confirmation");
    assert!(!is_in(&client).await);

    let mail = app.mail_to("Ana@example.org").await;
    assert_eq!(
        (mail.kind.as_str(), mail.subject.starts_with("[Streamly] ")),
        ("confirm_email", true)
    );
    assert!(mail.text_body.contains("24 hours") && mail.html_body.contains("ana"));
    let link = mail.link("/auth/confirm/");
    // Programs that read mail open links; that does nothing (V21).
    for _ in 0..3 {
        client.get(&link).await.expect(StatusCode::OK).contains("Yes, it is mine");
    }
    assert!(!user(&app, "ana").await.email_confirmed);
    let answer = follow(&client, &link).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/auth/login");
    client.get("/auth/login").await.contains("Your address is confirmed");
    assert_eq!(app.mail_to("Ana@example.org").await.kind, "welcome");
    assert!(!is_in(&client).await, "a link logs nobody in");
    try_login(&client, "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
    assert!(is_in(&client).await);
    let again = app.visitor().get(&link).await.expect(StatusCode::OK);
    again.contains("confirmed already");
}

#[tokio::test]
async fn mistakes_come_back_with_what_was_typed() {
    let app = TestApp::start().await;
    app.person("taken", roles::USER).await;
    let client = app.visitor();
    let table = [
        (["ab", "ana@example.org", PASSWORD, PASSWORD], "username", "3 to 20"),
        (["TAKEN", "ana@example.org", PASSWORD, PASSWORD], "username", "taken"),
        (["ana", "bad", PASSWORD, PASSWORD], "email", "does not look like"),
        (["ana", "ana@example.org", "short", "short"], "password", "at least 8"),
        (["ana", "ana@example.org", "password123", "password123"], "password", "anybody tries"),
        (["ana", "ana@example.org", PASSWORD, OTHER], "confirm_password", "not the same"),
        (["ana", "ana@example.org", "", ""], "password", "Choose a password"),
    ];
    for ([name, email, password, again], field, message) in table {
        let fields = [
            ("username", name),
            ("email", email),
            ("password", password),
            ("confirm_password", again),
        ];
        let answer = client.post("/auth/register", &fields).await;
        let answer = answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains(message);
        let answer = answer.contains(&format!("id=\"{field}-error\""));
        let answer = answer.contains(&format!("value=\"{name}\""));
        assert!(password.is_empty() || !answer.body.contains(&format!("value=\"{password}\"")));
    }
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn a_program_that_fills_everything_in_gets_nothing() {
    let app = TestApp::start().await;
    let fields = [
        ("username", "robot"),
        ("email", "robot@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
        ("homepage", "https://spam.example"),
    ];
    let answer = app.visitor().post("/auth/register", &fields).await;
    assert_eq!(answer.expect(StatusCode::SEE_OTHER).redirect(), "/auth/check-mail");
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn registration_can_be_closed() {
    let app = TestApp::with(|config| config.accounts.registration = false).await;
    let client = app.visitor();
    client.get("/auth/register").await.expect(StatusCode::FORBIDDEN).contains("Nobody can join");
    join(&client, "ana", "ana@example.org").await.expect(StatusCode::FORBIDDEN);
    client.get("/auth/login").await.expect(StatusCode::OK).lacks("New here?");
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn a_link_grows_old_and_a_newer_one_replaces_it() {
    let app = TestApp::start().await;
    let client = app.visitor();
    join(&client, "ana", "ana@example.org").await;
    let first = app.mail_to("ana@example.org").await.link("/auth/confirm/");
    client.post("/auth/resend-confirmation", &[("email", "ANA@example.org")]).await;
    let second = app.mail_to("ana@example.org").await.link("/auth/confirm/");
    assert_ne!(first, second);
    client.get(&first).await.expect(StatusCode::GONE).contains("A newer link was sent");
    client.post(&first, &[]).await.expect(StatusCode::GONE);
    app.advance(TimeDelta::hours(25));
    client.get(&second).await.expect(StatusCode::GONE).contains("too old");
    client.post(&second, &[]).await.expect(StatusCode::GONE).contains("/auth/resend-confirmation");
    assert!(!user(&app, "ana").await.email_confirmed);
    client.get("/auth/confirm/nonsense").await.expect(StatusCode::GONE);
    client.post("/auth/confirm/nonsense", &[]).await.expect(StatusCode::GONE);

    client.post("/auth/resend-confirmation", &[("email", "ana@example.org")]).await;
    let third = app.mail_to("ana@example.org").await.link("/auth/confirm/");
    follow(&client, &third).await.expect(StatusCode::SEE_OTHER);
    assert!(user(&app, "ana").await.email_confirmed);
    client.post("/auth/resend-confirmation", &[("email", "ana@example.org")]).await;
    assert_eq!(app.mail_to("ana@example.org").await.kind, "already_registered");
}

#[tokio::test]
async fn twenty_clicks_confirm_once() {
    let app = TestApp::start().await;
    let client = app.visitor();
    join(&client, "ana", "ana@example.org").await;
    let link = app.mail_to("ana@example.org").await.link("/auth/confirm/");
    client.get(&link).await;
    let clicks = (0..20).map(|_| client.post(&link, &[]));
    let answers = futures_util::future::join_all(clicks).await;
    let done = answers.iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count();
    assert_eq!(done, 1);
    let welcomes = app.mails().await.iter().filter(|mail| mail.kind == "welcome").count();
    assert_eq!(welcomes, 1);
}

#[tokio::test]
async fn the_first_start_prints_a_link_that_makes_the_administrator() {
    let app = TestApp::start().await;
    let link = set_up_link(&app.app).await.unwrap().unwrap();
    let path = link.strip_prefix("http://streamly.test").unwrap().to_owned();
    let client = app.visitor();
    let form = client.get(&path).await.expect(StatusCode::OK).contains("Set up your site");
    assert_eq!(form.header("cache-control"), "private, no-store");
    let mistaken =
        [("username", "boss"), ("email", "boss"), ("password", OTHER), ("confirm_password", OTHER)];
    client.post(&path, &mistaken).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [
        ("username", "boss"),
        ("email", "boss@example.org"),
        ("password", OTHER),
        ("confirm_password", OTHER),
    ];
    client.post(&path, &fields).await.expect(StatusCode::SEE_OTHER);
    assert!(is_in(&client).await, "logged in at once");
    let boss = user(&app, "boss").await;
    assert!(boss.email_confirmed && boss.is_active);
    let may = roles::permissions(&app.app, boss.role_id).await.unwrap();
    assert!(may.has(crate::accounts::Permission::AdminAccess));

    app.visitor().get(&path).await.expect(StatusCode::GONE);
    app.visitor().post(&path, &fields).await.expect(StatusCode::GONE);
    assert!(set_up_link(&app.app).await.unwrap().is_none(), "the next start prints nothing");
}

#[tokio::test]
async fn set_up_links_end_with_the_next_start_a_day_or_the_first_account() {
    let app = TestApp::start().await;
    let path = |link: Option<String>| link.unwrap().replace("http://streamly.test", "");
    // Instances that start together each print a good one.
    let first = path(set_up_link(&app.app).await.unwrap());
    let second = path(set_up_link(&app.app).await.unwrap());
    for link in [&first, &second] {
        app.visitor().get(link).await.expect(StatusCode::OK);
    }
    app.advance(TimeDelta::minutes(2));
    let third = path(set_up_link(&app.app).await.unwrap());
    app.visitor().get(&first).await.expect(StatusCode::GONE);
    app.visitor().get(&third).await.expect(StatusCode::OK);
    app.advance(TimeDelta::hours(25));
    app.visitor().get(&third).await.expect(StatusCode::GONE);
    let fourth = path(set_up_link(&app.app).await.unwrap());
    app.person("ana", roles::USER).await;
    app.visitor().get(&fourth).await.expect(StatusCode::GONE);
    app.visitor().get("/setup/nonsense").await.expect(StatusCode::GONE);
}

#[tokio::test]
async fn of_several_who_set_up_at_once_one_wins() {
    let app = TestApp::start().await;
    let mut links = Vec::new();
    for _ in 0..6 {
        let link = set_up_link(&app.app).await.unwrap().unwrap();
        links.push(link.replace("http://streamly.test", ""));
    }
    let clients: Vec<Client> = links.iter().map(|_| app.visitor()).collect();
    for (client, link) in clients.iter().zip(&links) {
        client.get(link).await.expect(StatusCode::OK);
    }
    let posts = clients.iter().zip(&links).enumerate().map(|(index, (client, link))| async move {
        let (name, email) = (format!("boss{index}"), format!("boss{index}@example.org"));
        let fields = [
            ("username", name.as_str()),
            ("email", email.as_str()),
            ("password", OTHER),
            ("confirm_password", OTHER),
        ];
        client.post(link, &fields).await.status
    });
    let answers = futures_util::future::join_all(posts).await;
    let won = answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count();
    assert_eq!(won, 1, "{answers:?}");
    let mut conn = app.app.db.conn().await.unwrap();
    let users: i64 =
        crate::db::read("select count(*) from \"user\"").value(&mut conn).await.unwrap();
    assert_eq!(users, 1);
}
