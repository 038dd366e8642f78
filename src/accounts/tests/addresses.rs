use chrono::TimeDelta;

use super::*;
use crate::accounts::roles;

async fn ask(client: &Client, email: &str) -> Answer {
    client.post("/auth/change-email", &[("email", email)]).await
}

#[tokio::test]
async fn a_new_address_is_confirmed_and_the_old_one_is_told() {
    let app = TestApp::start().await;
    let (here, there) = (app.member("ana").await, app.log_in("ana").await);
    ask(&here, "ana@example.org").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    ask(&here, "bad").await.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("value=\"bad\"");
    ask(&here, "new@example.org").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(user(&app, "ana").await.email, "ana@example.org", "not yet");
    assert_eq!(app.mail_to("ana@example.org").await.kind, "email_change_asked");
    let link = app.mail_to("new@example.org").await.link("/auth/change-email/");
    for _ in 0..3 {
        here.get(&link).await.expect(StatusCode::OK).contains("new@example.org");
    }
    assert_eq!(user(&app, "ana").await.email, "ana@example.org", "looking changes nothing");
    follow(&here, &link).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(user(&app, "ana").await.email, "new@example.org");
    assert_eq!(app.mail_to("ana@example.org").await.kind, "email_changed");
    assert!(is_in(&here).await && !is_in(&there).await);
    here.post(&link, &[]).await.expect(StatusCode::GONE);
    let answer = try_login(&app.visitor(), "ana@example.org", PASSWORD).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
    try_login(&app.visitor(), "new@example.org", PASSWORD).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_address_of_somebody_else_is_not_told_and_not_taken() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    app.person("ben", roles::USER).await;
    let known = ask(&ana, "ben@example.org").await.expect(StatusCode::SEE_OTHER);
    let free = ask(&ana, "free@example.org").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(known.redirect(), free.redirect());
    assert_eq!(app.mail_to("ben@example.org").await.kind, "already_registered");
    // Somebody joins with the address before it is confirmed.
    let link = app.mail_to("free@example.org").await.link("/auth/change-email/");
    join(&app.visitor(), "cas", "free@example.org").await;
    follow(&ana, &link).await.expect(StatusCode::GONE);
    assert_eq!(user(&app, "ana").await.email, "ana@example.org");
}

#[tokio::test]
async fn a_new_password_makes_a_change_of_address_void() {
    let app = TestApp::start().await;
    let thief = app.member("ana").await;
    ask(&thief, "thief@example.org").await;
    let change = app.mail_to("thief@example.org").await.link("/auth/change-email/");
    let owner = app.visitor();
    owner.post("/auth/reset-password-request", &[("email", "ana@example.org")]).await;
    let reset = app.mail_to("ana@example.org").await.link("/auth/reset-password/");
    owner.get(&reset).await;
    let fields = [("password", OTHER), ("confirm_password", OTHER)];
    owner.post(&reset, &fields).await.expect(StatusCode::SEE_OTHER);
    thief.get(&change).await.expect(StatusCode::GONE);
    app.visitor().post(&change, &[]).await.expect(StatusCode::GONE);
    assert_eq!(user(&app, "ana").await.email, "ana@example.org");
}

#[tokio::test]
async fn a_reset_link_to_the_old_address_ends_with_it() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    ask(&ana, "new@example.org").await;
    let change = app.mail_to("new@example.org").await.link("/auth/change-email/");
    app.visitor().post("/auth/reset-password-request", &[("email", "ana@example.org")]).await;
    let reset = app.mail_to("ana@example.org").await.link("/auth/reset-password/");
    follow(&ana, &change).await.expect(StatusCode::SEE_OTHER);
    app.visitor().get(&reset).await.expect(StatusCode::GONE);
}

#[tokio::test]
async fn sensitive_changes_want_the_password_once_more() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let paths = ["/auth/change-email", "/auth/export", "/auth/deactivate", "/auth/delete"];
    for path in paths {
        ana.get(path).await.expect(StatusCode::OK);
    }
    app.advance(TimeDelta::minutes(11));
    for path in paths {
        let answer = ana.get(path).await.expect(StatusCode::SEE_OTHER);
        let coded = path.replace('/', "%2F");
        assert_eq!(answer.redirect(), format!("/auth/prove?next={coded}"));
        let answer = ana.post(path, &[]).await.expect(StatusCode::SEE_OTHER);
        assert!(answer.redirect().starts_with("/auth/prove"), "{path}");
    }
    let prove = |password: &'static str| [("password", password), ("next", "/auth/change-email")];
    let answer = ana.post("/auth/prove", &prove("wrong")).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("This is not your password");
    let old = ana.cookie("__Host-streamly_session").unwrap();
    let answer = ana.post("/auth/prove", &prove(PASSWORD)).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/auth/change-email");
    assert_ne!(ana.cookie("__Host-streamly_session").unwrap(), old, "with a new token");
    let thief = app.visitor();
    thief.set_cookie("__Host-streamly_session", &old);
    assert!(!is_in(&thief).await, "at once");
    ana.get("/auth/change-email").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_stolen_session_cannot_guess_the_password() {
    let app = TestApp::with(|config| config.accounts.failures = 3).await;
    let ana = app.member("ana").await;
    for expected in [422, 422, 422, 429] {
        let answer = ana.post("/auth/prove", &[("password", "wrong")]).await;
        assert_eq!(answer.status.as_u16(), expected);
    }
    let fields =
        [("current_password", PASSWORD), ("new_password", OTHER), ("confirm_password", OTHER)];
    let answer = ana.post("/auth/change-password", &fields).await;
    answer.expect(StatusCode::TOO_MANY_REQUESTS);
    try_login(&app.visitor(), "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
}
