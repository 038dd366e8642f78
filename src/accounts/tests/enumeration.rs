//! Nobody learns from an answer whether somebody has an account (X07, V18).

use super::*;
use crate::accounts::roles;

/// What a stranger sees of an answer, but for what differs in every answer.
fn seen(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date", "set-cookie"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let names: Vec<String> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().split('=').next().unwrap().to_owned())
        .collect();
    headers.push(("cookies".to_owned(), names.join(",")));
    let token = answer.csrf_token().unwrap_or_default();
    let body = if token.is_empty() { answer.body.clone() } else { answer.body.replace(&token, "") };
    (answer.status.as_u16(), headers, body)
}

/// Sends a form of a fresh browser.
async fn send(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
    let client = app.visitor();
    client.get("/auth/login").await;
    client.post(path, fields).await
}

#[tokio::test]
async fn joining_with_a_known_address_looks_like_joining() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let form = |name: &'static str, email: &'static str| {
        [
            ("username", name),
            ("email", email),
            ("password", PASSWORD),
            ("confirm_password", PASSWORD),
        ]
    };
    let new = send(&app, "/auth/register", &form("new1", "new1@example.org")).await;
    let known = send(&app, "/auth/register", &form("new2", "ANA@example.org")).await;
    assert_eq!(seen(&new), seen(&known));
    let mail = app.mail_to("ana@example.org").await;
    assert_eq!(mail.kind, "already_registered");
    assert!(
        mail.text_body.contains("You already have an account") && mail.text_body.contains("ana")
    );
    mail.link("/auth/login");
    mail.link("/auth/reset-password-request");
    assert!(!app.mails().await.iter().any(|mail| mail.text_body.contains("new2")));
    // Somebody who has not confirmed yet gets the link once more, for the account that is there.
    send(&app, "/auth/register", &form("new3", "new1@example.org")).await;
    let mail = app.mail_to("new1@example.org").await;
    assert!(mail.kind == "confirm_email" && mail.text_body.contains("new1"));
}

#[tokio::test]
async fn asking_for_mail_looks_the_same_for_every_address() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    for path in ["/auth/reset-password-request", "/auth/resend-confirmation"] {
        let known = send(&app, path, &[("email", "ana@example.org")]).await;
        let unknown = send(&app, path, &[("email", "nobody@example.org")]).await;
        assert_eq!(seen(&known), seen(&unknown), "{path}");
        assert_eq!(known.redirect(), "/auth/check-mail");
        let bad = send(&app, path, &[("email", "bad")]).await;
        bad.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("value=\"bad\"");
    }
    let kinds: Vec<String> = app.mails().await.into_iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, ["reset_password", "already_registered"]);
}

#[tokio::test]
async fn a_wrong_login_looks_the_same_for_every_name() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    app.person("ben", roles::USER).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let ben = user(&app, "ben").await;
    let now = app.app.clock.now();
    crate::accounts::store::users::set_active(&mut tx, ben.id, false, None, now).await.unwrap();
    tx.commit().await.unwrap();
    let hide = |answer: Answer, name: &str| {
        let (status, headers, body) = seen(&answer);
        (status, headers, body.replace(&format!("value=\"{name}\""), ""))
    };
    let fields = |name: &'static str| [("username", name), ("password", "wrong password")];
    let nobody = hide(send(&app, "/auth/login", &fields("cas")).await, "cas");
    for name in ["ana", "ben"] {
        assert_eq!(hide(send(&app, "/auth/login", &fields(name)).await, name), nobody, "{name}");
    }
}

#[tokio::test]
async fn an_unknown_name_costs_a_hash_too() {
    let app = TestApp::with(|config| {
        config.accounts.argon2_memory = 8 * 1024;
        config.accounts.argon2_passes = 4;
    })
    .await;
    app.person("ana", roles::USER).await;
    let client = app.visitor();
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..6 {
        for (index, name) in ["ana", "nobody"].into_iter().enumerate() {
            let started = std::time::Instant::now();
            try_login(&client, name, "wrong password").await;
            if round > 0 {
                times[index].push(started.elapsed());
            }
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    assert!(known < unknown * 3 && unknown < known * 3, "{known:?} {unknown:?}");
}

#[tokio::test]
async fn a_person_is_not_flooded_from_many_addresses() {
    let app = TestApp::with(|config| {
        config.limits.enabled = true;
        config.server.trusted_proxies = crate::config::Cidrs(vec!["127.0.0.1/32".parse().unwrap()]);
    })
    .await;
    app.person("ana", roles::USER).await;
    for path in ["/auth/reset-password-request", "/auth/resend-confirmation", "/auth/register"] {
        let before = app.mails().await.len();
        let mut refused = 0;
        for round in 0..8 {
            let client = app.visitor();
            let token = client.get("/auth/login").await.csrf_token().unwrap();
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("email", "ana@example.org").append_pair("csrf_token", &token);
            if path.ends_with("register") {
                form.append_pair("username", &format!("stranger{round}"))
                    .append_pair("password", PASSWORD)
                    .append_pair("confirm_password", PASSWORD);
            }
            let request = axum::http::Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("x-forwarded-for", format!("203.0.113.{round}"));
            let answer = client.send(request, form.finish().into_bytes()).await;
            refused += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
        }
        assert_eq!(refused, 5, "{path}");
        assert_eq!(app.mails().await.len() - before, 3, "{path}");
    }
}

#[tokio::test]
async fn links_name_the_configured_site_and_addresses_come_from_the_database() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let client = app.visitor();
    let token = client.get("/auth/login").await.csrf_token().unwrap();
    let body = format!("email=ana%40example.org&csrf_token={token}");
    let request = |host: &str| {
        axum::http::Request::post("/auth/reset-password-request")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("host", host)
            .header("x-forwarded-host", "evil.example")
    };
    let answer = client.send(request("evil.example"), body.clone().into_bytes()).await;
    answer.expect(StatusCode::MISDIRECTED_REQUEST);
    client.send(request("streamly.test"), body.into_bytes()).await.expect(StatusCode::SEE_OTHER);
    let mail = app.mail_to("ana@example.org").await;
    assert!(!mail.text_body.contains("evil") && !mail.html_body.contains("evil"));
    mail.link("/auth/reset-password/");
    let two = [("email", "ana@example.org"), ("email", "evil@example.com")];
    assert!(client.post("/auth/reset-password-request", &two).await.status.is_client_error());
    let crlf = [("email", "ana@example.org\r\nBcc: evil@example.com")];
    let answer = client.post("/auth/reset-password-request", &crlf).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn a_pause_after_a_name_does_not_tell_whose_address_it_is() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let stranger = app.visitor();
    for _ in 0..12 {
        try_login(&stranger, "ana", "wrong password").await;
    }
    let paused = try_login(&stranger, "ANA", "wrong password").await;
    paused.expect(StatusCode::TOO_MANY_REQUESTS);
    let theirs = try_login(&stranger, "ana@example.org", "wrong password").await;
    let nobodys = try_login(&stranger, "eve@example.org", "wrong password").await;
    assert_eq!(theirs.status, nobodys.status);
    assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY);
}
