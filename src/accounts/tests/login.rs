use chrono::TimeDelta;

use super::*;
use crate::accounts::roles;

#[tokio::test]
async fn name_and_address_both_log_in() {
    let app = TestApp::start().await;
    app.person("Ana", roles::USER).await;
    for name in ["Ana", "ana", "ANA", " ana ", "ana@example.org", "ANA@Example.ORG"] {
        let client = app.visitor();
        let answer = try_login(&client, name, PASSWORD).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(answer.redirect(), "/", "{name}");
        assert!(is_in(&client).await, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_password_keeps_the_name_and_says_nothing_else() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let client = app.visitor();
    let answer = try_login(&client, "ana", "wrong password").await;
    let answer = answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let answer = answer.contains("The name or the password is not right").contains("value=\"ana\"");
    answer.lacks("wrong password");
    assert!(!is_in(&client).await);
    for (name, password) in [("", PASSWORD), ("ana", ""), ("", "")] {
        try_login(&client, name, password).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn remembering_is_a_cookie_that_stays() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let cookies = |answer: &Answer| -> Vec<String> {
        let values = answer.headers.get_all("set-cookie").iter();
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    };
    let plain = cookies(&try_login(&app.visitor(), "ana", PASSWORD).await);
    let session = plain.iter().find(|cookie| cookie.contains("streamly_session=")).unwrap();
    assert!(session.starts_with("__Host-") && !session.contains("Max-Age"), "{session}");
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(session.contains(attribute), "{session}");
    }
    let device = plain.iter().find(|cookie| cookie.contains("streamly_device=")).unwrap();
    assert!(device.contains("SameSite=Strict") && device.contains("Max-Age=15552000"), "{device}");
    let fields = [("username", "ana"), ("password", PASSWORD), ("remember", "on")];
    let kept = cookies(&app.visitor().post("/auth/login", &fields).await);
    let session = kept.iter().find(|cookie| cookie.contains("streamly_session=")).unwrap();
    assert!(session.contains("Max-Age=2592000"), "{session}");
}

#[tokio::test]
async fn sessions_end_by_idleness_and_by_age() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    app.person("mia", roles::MODERATOR).await;
    let (plain, staff, kept) = (app.visitor(), app.visitor(), app.visitor());
    try_login(&plain, "ana", PASSWORD).await;
    try_login(&staff, "mia", PASSWORD).await;
    let fields = [("username", "ana"), ("password", PASSWORD), ("remember", "on")];
    kept.post("/auth/login", &fields).await;

    app.advance(TimeDelta::hours(9));
    assert!(is_in(&plain).await && !is_in(&staff).await && is_in(&kept).await);
    crate::rooms::tick(&app.app).await.unwrap();
    app.advance(TimeDelta::hours(23));
    assert!(is_in(&plain).await, "it was used since");
    app.advance(TimeDelta::hours(25));
    assert!(!is_in(&plain).await && is_in(&kept).await);
    app.advance(TimeDelta::days(29));
    assert!(!is_in(&kept).await, "30 days are the end");
}

#[tokio::test]
async fn a_login_makes_a_new_session_and_ends_the_old_one() {
    let app = TestApp::start().await;
    let first = app.member("ana").await;
    let old = first.cookie("__Host-streamly_session").unwrap();
    // Somebody plants a session of their own in another's browser.
    let victim = app.visitor();
    app.person("ben", roles::USER).await;
    victim.set_cookie("__Host-streamly_session", "planted");
    try_login(&victim, "ben", PASSWORD).await;
    assert_ne!(victim.cookie("__Host-streamly_session").unwrap(), "planted");

    first.get("/auth/settings").await.expect(StatusCode::OK);
    first.post("/auth/logout", &[]).await.expect(StatusCode::SEE_OTHER);
    let thief = app.visitor();
    thief.set_cookie("__Host-streamly_session", &old);
    assert!(!is_in(&thief).await, "the row is gone");
}

#[tokio::test]
async fn logging_out_is_a_post_and_clears_what_the_browser_keeps() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    ana.get("/auth/logout").await.expect(StatusCode::OK).contains("Log out?");
    assert!(is_in(&ana).await, "looking changes nothing");
    let answer = ana.post("/auth/logout", &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/");
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    assert!(ana.cookie("__Host-streamly_session").is_none());
    assert!(ana.cookie("__Host-streamly_device").is_some(), "the owner stays known here");
    assert!(!is_in(&ana).await);
    app.visitor().post("/auth/logout", &[]).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn next_leads_to_our_pages_only() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let answer = app.visitor().get("/auth/profile").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/auth/login?next=%2Fauth%2Fprofile");
    let form = app.visitor().get(answer.redirect()).await;
    assert_eq!(form.hidden("next").as_deref(), Some("/auth/profile"));
    let table = [
        ("/auth/profile?a=b", "/auth/profile?a=b"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/%09/evil.example", "/"),
        ("https:evil.example", "/"),
        ("/%2f/evil.example", "/"),
        ("/@evil.example", "/@evil.example"),
        ("https://streamly.test@evil.example", "/"),
        ("/\r\nx: y", "/"),
        ("／／evil.example", "/"),
    ];
    for (next, expected) in table {
        let fields = [("username", "ana"), ("password", PASSWORD), ("next", next)];
        let client = app.visitor();
        let answer = client.post("/auth/login", &fields).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(answer.redirect(), expected, "{next:?}");
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let answer = client.get(&format!("/auth/login?next={query}")).await;
        assert_eq!(answer.redirect(), expected, "{next:?}");
        let other = app.visitor();
        let fields = [("username", "ana"), ("password", PASSWORD)];
        let answer = other.post(&format!("/auth/login?next={query}"), &fields).await;
        assert_eq!(answer.redirect(), expected, "{next:?}");
    }
}

#[tokio::test]
async fn members_need_no_door() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    for path in [
        "/auth/login",
        "/auth/register",
        "/auth/reset-password-request",
        "/auth/resend-confirmation",
    ] {
        assert_eq!(ana.get(path).await.expect(StatusCode::SEE_OTHER).redirect(), "/", "{path}");
    }
}

#[tokio::test]
async fn the_flat_paths_of_old_lead_on() {
    let app = TestApp::start().await;
    for path in ["/login", "/register", "/logout", "/profile"] {
        let answer = app.visitor().get(&format!("{path}?next=%2Fx")).await;
        let answer = answer.expect(StatusCode::MOVED_PERMANENTLY);
        assert_eq!(answer.redirect(), format!("/auth{path}?next=%2Fx"));
    }
}

#[tokio::test]
async fn strangers_who_guess_are_slowed_down_and_the_owner_is_not() {
    let app = TestApp::with(|config| config.accounts.failures = 3).await;
    let owner = app.member("ana").await;
    let (attacker, stranger) = (app.visitor(), app.visitor());
    for _ in 0..3 {
        let answer = try_login(&attacker, "ana", "wrong").await;
        answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = try_login(&attacker, "ANA", "wrong").await;
    let answer = answer.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "2");
    let refused = try_login(&stranger, "ana", PASSWORD).await;
    refused.expect(StatusCode::TOO_MANY_REQUESTS).contains("Please wait");
    owner.post("/auth/logout", &[]).await;
    try_login(&owner, "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);

    // The wait doubles: 1, 2, 4 seconds.
    for wait in [1, 2, 4] {
        app.advance(TimeDelta::seconds(wait));
        let answer = try_login(&attacker, "ana", "wrong").await;
        answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
        let answer = try_login(&attacker, "ana", "wrong").await;
        answer.expect(StatusCode::TOO_MANY_REQUESTS);
    }
    // By time it is over, and the right password clears it.
    app.advance(TimeDelta::seconds(8));
    try_login(&stranger, "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
    let answer = try_login(&attacker, "ana", "wrong").await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn guesses_at_the_same_time_are_all_counted() {
    let app = TestApp::with(|config| config.accounts.failures = 5).await;
    app.person("ana", roles::USER).await;
    let clients: Vec<Client> = (0..30).map(|_| app.visitor()).collect();
    for client in &clients {
        client.get("/auth/login").await;
    }
    let tries = clients.iter().map(|client| try_login(client, "ana", "wrong"));
    let answers = futures_util::future::join_all(tries).await;
    let judged = answers.iter().filter(|answer| answer.status == StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(judged.count(), 5);
}

#[tokio::test]
async fn names_that_are_nobody_are_slowed_down_alike() {
    let app = TestApp::with(|config| config.accounts.failures = 2).await;
    let client = app.visitor();
    for expected in [422, 422, 429] {
        assert_eq!(try_login(&client, "nobody", "wrong").await.status.as_u16(), expected);
    }
}

#[tokio::test]
async fn an_address_may_try_only_so_often() {
    let app = TestApp::with(|config| config.limits.enabled = true).await;
    let client = app.visitor();
    for _ in 0..5 {
        let answer = try_login(&client, "nobody", "wrong").await;
        answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = try_login(&client, "another", "wrong").await;
    let answer = answer.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 1);
    client.get("/auth/login").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_failed_login_changes_nothing_but_the_count() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let rows = || async {
        let mut conn = app.app.db.conn().await.unwrap();
        let (user,) = crate::db::read("select updated_at from \"user\"")
            .optional::<(chrono::DateTime<chrono::Utc>,)>(&mut conn)
            .await
            .unwrap()
            .unwrap();
        let sessions: i64 =
            crate::db::read("select count(*) from session").value(&mut conn).await.unwrap();
        let devices: i64 =
            crate::db::read("select count(*) from known_device").value(&mut conn).await.unwrap();
        let tokens: i64 =
            crate::db::read("select count(*) from user_token").value(&mut conn).await.unwrap();
        (user, sessions, devices, tokens)
    };
    let before = rows().await;
    app.advance(TimeDelta::minutes(1));
    try_login(&app.visitor(), "ana", "wrong").await;
    assert_eq!(rows().await, before);
}

#[tokio::test]
async fn doubled_and_unknown_fields_are_refused() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let client = app.visitor();
    let doubled = [("username", "ana"), ("username", "ben"), ("password", PASSWORD)];
    assert!(client.post("/auth/login", &doubled).await.status.is_client_error());
    let unknown = [("username", "ana"), ("password", PASSWORD), ("is_admin", "1")];
    assert!(client.post("/auth/login", &unknown).await.status.is_client_error());
    assert!(!is_in(&client).await);
}

#[tokio::test]
async fn a_clock_that_was_wrong_shuts_nobody_out_and_lets_nobody_in() {
    let app = TestApp::with(|config| config.accounts.failures = 3).await;
    let owner = app.member("ana").await;
    owner.get("/auth/change-email").await.expect(StatusCode::OK);
    app.advance(TimeDelta::hours(2));
    for _ in 0..4 {
        try_login(&app.visitor(), "ana", "wrong").await;
    }
    try_login(&app.visitor(), "ana", PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    app.advance(TimeDelta::hours(-3));
    try_login(&app.visitor(), "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
    // Who they are was shown in what is now the future.
    let answer = owner.get("/auth/change-email").await;
    assert!(answer.redirect().starts_with("/auth/prove"));
}

#[tokio::test]
async fn a_login_from_a_new_browser_is_told_and_a_known_one_is_not() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    app.advance(TimeDelta::minutes(5));
    // The first login surprises nobody.
    let own = app.log_in("ana").await;
    let device = || async {
        app.mails().await.into_iter().filter(|mail| mail.kind == "new_device").collect::<Vec<_>>()
    };
    assert!(device().await.is_empty());
    app.advance(TimeDelta::hours(1));
    own.post("/auth/logout", &[]).await;
    try_login(&own, "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
    assert!(device().await.is_empty());
    // A wrong password tells nothing, the right one from elsewhere does, once.
    let other = app.visitor();
    try_login(&other, "ana", "wrong").await;
    assert!(device().await.is_empty());
    try_login(&other, "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
    other.post("/auth/logout", &[]).await;
    try_login(&other, "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
    let mails = device().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].recipient, "ana@example.org");
    assert!(mails[0].text_body.contains("1 January 2026 at 01:05 UTC"), "{}", mails[0].text_body);
    own.get(&mails[0].link("/auth/sessions")).await.expect(StatusCode::OK);
}
