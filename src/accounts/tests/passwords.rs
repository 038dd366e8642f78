use chrono::TimeDelta;

use super::*;
use crate::{
    accounts::{actions, roles},
    config::HashAlgorithm,
    db::write,
};

async fn ask_for_reset(app: &TestApp, email: &str) -> String {
    let client = app.visitor();
    let answer = client.post("/auth/reset-password-request", &[("email", email)]).await;
    answer.expect(StatusCode::SEE_OTHER);
    app.mail_to(email).await.link("/auth/reset-password/")
}

fn twice(password: &str) -> [(&str, &str); 2] {
    [("password", password), ("confirm_password", password)]
}

async fn set_hash(app: &TestApp, name: &str, hash: &str) {
    let mut tx = app.app.db.begin().await.unwrap();
    write("update \"user\" set password_hash = $2 where username_key = $1")
        .bind(name)
        .bind(hash)
        .run(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_lost_password_is_replaced_by_mail() {
    let app = TestApp::start().await;
    let old = app.member("ana").await;
    let link = ask_for_reset(&app, "ana@example.org").await;
    let client = app.visitor();
    client.get(&link).await.expect(StatusCode::OK).contains("For the account ana");
    assert!(is_in(&old).await, "asking and looking change nothing");
    let answer = client.post(&link, &[("password", OTHER), ("confirm_password", "x")]).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("not the same");
    let answer = client.post(&link, &twice("password123")).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("anybody tries");
    let answer = client.post(&link, &twice(OTHER)).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/auth/login");
    assert!(!is_in(&client).await, "a reset logs nobody in");
    assert!(!is_in(&old).await, "and ends all sessions");
    let mail = app.mail_to("ana@example.org").await;
    assert_eq!(mail.kind, "password_changed");
    assert!(mail.text_body.contains("UTC"));
    try_login(&client, "ana", PASSWORD).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    try_login(&client, "ana", OTHER).await.expect(StatusCode::SEE_OTHER);
    app.visitor().get(&link).await.expect(StatusCode::GONE);
    let answer = app.visitor().post(&link, &twice("another good secret")).await;
    answer.expect(StatusCode::GONE).contains("Ask for a new link");
}

#[tokio::test]
async fn of_twenty_uses_at_once_one_counts() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let link = ask_for_reset(&app, "ana@example.org").await;
    let client = app.visitor();
    client.get(&link).await;
    let passwords: Vec<String> = (0..20).map(|n| format!("eleven quiet paper boats {n}")).collect();
    let uses = passwords.iter().map(|password| {
        let (client, link) = (&client, &link);
        async move { client.post(link, &twice(password)).await.status }
    });
    let answers = futures_util::future::join_all(uses).await;
    let won: Vec<usize> = (0..20).filter(|n| answers[*n] == StatusCode::SEE_OTHER).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    try_login(&app.visitor(), "ana", &passwords[won[0]]).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn only_the_newest_link_is_good_and_for_an_hour() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let first = ask_for_reset(&app, "ana@example.org").await;
    let second = ask_for_reset(&app, "ana@example.org").await;
    app.visitor().get(&first).await.expect(StatusCode::GONE);
    app.visitor().post(&first, &twice(OTHER)).await.expect(StatusCode::GONE);
    app.visitor().get(&second).await.expect(StatusCode::OK);
    app.advance(TimeDelta::minutes(61));
    app.visitor().get(&second).await.expect(StatusCode::GONE);
    app.visitor().post(&second, &twice(OTHER)).await.expect(StatusCode::GONE);
}

#[tokio::test]
async fn a_link_is_good_for_its_purpose_only() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    join(&app.visitor(), "ben", "ben@example.org").await;
    let confirm = app.mail_to("ben@example.org").await.link("/auth/confirm/");
    let reset = ask_for_reset(&app, "ana@example.org").await;
    let token = |link: &str| link.rsplit('/').next().unwrap().to_owned();
    let client = app.visitor();
    for (path, link) in [
        ("/auth/reset-password", &confirm),
        ("/auth/change-email", &confirm),
        ("/setup", &confirm),
        ("/auth/confirm", &reset),
        ("/auth/change-email", &reset),
        ("/setup", &reset),
    ] {
        let wrong = format!("{path}/{}", token(link));
        client.get(&wrong).await.expect(StatusCode::GONE);
    }
    for link in [&confirm, &reset] {
        let thief = app.visitor();
        thief.set_cookie("__Host-streamly_session", &token(link));
        assert!(!is_in(&thief).await, "and never as a session");
    }
}

#[tokio::test]
async fn a_reset_frees_an_account_that_strangers_have_slowed_down() {
    let app = TestApp::with(|config| config.accounts.failures = 2).await;
    app.person("ana", roles::USER).await;
    let attacker = app.visitor();
    for _ in 0..3 {
        try_login(&attacker, "ana", "wrong").await;
    }
    let owner = app.visitor();
    try_login(&owner, "ana", PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    let link = ask_for_reset(&app, "ana@example.org").await;
    owner.get(&link).await;
    owner.post(&link, &twice(OTHER)).await.expect(StatusCode::SEE_OTHER);
    for _ in 0..3 {
        try_login(&attacker, "ana", "wrong").await;
    }
    try_login(&attacker, "ana", OTHER).await.expect(StatusCode::TOO_MANY_REQUESTS);
    try_login(&owner, "ana", OTHER).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn one_changes_the_password_knowing_the_old_one() {
    let app = TestApp::start().await;
    let (here, there) = (app.member("ana").await, app.log_in("ana").await);
    let reset = ask_for_reset(&app, "ana@example.org").await;
    here.get("/auth/change-password").await.expect(StatusCode::OK);
    let form = |current: &'static str, new: &'static str, again: &'static str| {
        [("current_password", current), ("new_password", new), ("confirm_password", again)]
    };
    let table = [
        (form("wrong", OTHER, OTHER), "This is not your password."),
        (form(PASSWORD, PASSWORD, PASSWORD), "Choose another"),
        (form(PASSWORD, "ana", "ana"), "at least 8"),
        (form(PASSWORD, OTHER, PASSWORD), "not the same"),
    ];
    for (fields, message) in table {
        let answer = here.post("/auth/change-password", &fields).await;
        answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains(message);
    }
    let old = here.cookie("__Host-streamly_session").unwrap();
    let answer = here.post("/auth/change-password", &form(PASSWORD, OTHER, OTHER)).await;
    assert_eq!(answer.expect(StatusCode::SEE_OTHER).redirect(), "/auth/settings");
    assert!(is_in(&here).await && !is_in(&there).await);
    assert_ne!(here.cookie("__Host-streamly_session").unwrap(), old, "with a new token");
    let thief = app.visitor();
    thief.set_cookie("__Host-streamly_session", &old);
    assert!(!is_in(&thief).await);
    assert_eq!(app.mail_to("ana@example.org").await.kind, "password_changed");
    app.visitor().get(&reset).await.expect(StatusCode::GONE);
    try_login(&app.visitor(), "ana", OTHER).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn hashes_of_other_programs_are_replaced_at_the_login() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let table = [
        (
            "secret words",
            "pbkdf2:sha256:1000$aB3dE5fG7hJ9kL1m$2c023cdfd047c788c65e984dc69231da540c72e406174dd82f42c6a9485a6f17",
        ),
        ("Grüße, 世界", "$2b$05$abcdefghijklmnopqrstuuw621nqt0M3heyb5.FuH7McQmBa.kSAO"),
    ];
    for (password, hash) in table {
        set_hash(&app, "ana", hash).await;
        let changed_at = user(&app, "ana").await.password_changed_at;
        let wrong = try_login(&app.visitor(), "ana", "wrong").await;
        wrong.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(user(&app, "ana").await.password_hash, hash, "only the right one replaces it");
        let client = app.visitor();
        try_login(&client, "ana", password).await.expect(StatusCode::SEE_OTHER);
        let ana = user(&app, "ana").await;
        assert!(ana.password_hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert_eq!(ana.password_changed_at, changed_at);
        try_login(&app.visitor(), "ana", password).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(user(&app, "ana").await.password_hash, ana.password_hash);
        assert!(is_in(&client).await);
    }
}

#[tokio::test]
async fn bcrypt_can_be_chosen() {
    let app = TestApp::with(|config| {
        config.accounts.password_hash = HashAlgorithm::Bcrypt;
        config.accounts.bcrypt_cost = 4;
    })
    .await;
    app.person("ana", roles::USER).await;
    assert!(user(&app, "ana").await.password_hash.starts_with("$bcrypt-sha384$2b$04$"));
    try_login(&app.visitor(), "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn long_and_colourful_passwords_work_by_the_form() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let long = "moss lantern seven rivers and a heron over the old mill pond at dusk in autumn ";
    let passwords = [
        long[..64].to_owned(),
        long.repeat(2)[..128].to_owned(),
        " 🦀 Grüße aus 世界 🌍 ".to_owned(),
    ];
    for password in passwords {
        let link = ask_for_reset(&app, "ana@example.org").await;
        let client = app.visitor();
        client.get(&link).await;
        client.post(&link, &twice(&password)).await.expect(StatusCode::SEE_OTHER);
        try_login(&client, "ana", &password).await.expect(StatusCode::SEE_OTHER);
        let mut other = password.clone();
        other.pop();
        let answer = try_login(&app.visitor(), "ana", &other).await;
        answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn the_shell_sets_a_password_or_prints_a_link() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let link = actions::shell_reset_link(&app.app, "ana").await.unwrap();
    let link = link.replace("http://streamly.test", "");
    app.visitor().get(&link).await.expect(StatusCode::OK);
    assert!(actions::set_password(&app.app, "ana", "password123").await.is_err());
    assert!(actions::set_password(&app.app, "nobody", OTHER).await.is_err());
    actions::set_password(&app.app, "ana", OTHER).await.unwrap();
    assert!(!is_in(&ana).await);
    app.visitor().get(&link).await.expect(StatusCode::GONE);
    try_login(&app.visitor(), "ana", OTHER).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn neither_passwords_nor_tokens_are_kept_anywhere() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let session = ana.cookie("__Host-streamly_session").unwrap();
    let device = ana.cookie("__Host-streamly_device").unwrap();
    try_login(&app.visitor(), "ana", "a wrong guess of mine").await;
    let link = ask_for_reset(&app, "ana@example.org").await;
    let token = link.rsplit('/').next().unwrap();
    let mut conn = app.app.db.conn().await.unwrap();
    let mut all = Vec::new();
    let rows = [
        crate::db::read("select data from event").all::<(String,)>(&mut conn).await.unwrap(),
        crate::db::read("select payload from job").all::<(String,)>(&mut conn).await.unwrap(),
        crate::db::read("select token_hash from session").all(&mut conn).await.unwrap(),
        crate::db::read("select token_hash from user_token").all(&mut conn).await.unwrap(),
        crate::db::read("select token_hash from known_device").all(&mut conn).await.unwrap(),
        crate::db::read("select account_key from login_throttle").all(&mut conn).await.unwrap(),
        crate::db::read("select password_hash from \"user\"").all(&mut conn).await.unwrap(),
    ];
    for row in rows {
        all.extend(row.into_iter().map(|(text,)| text));
    }
    let all = all.join("\n");
    for secret in [PASSWORD, "a wrong guess of mine", &session, &device, token, "$2b$"] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert!(all.contains(&crate::app::token_hash(token)));
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    let client = app.visitor();
    try_login(&client, "ana", PASSWORD).await;
    client.get("/auth/change-password").await;
    let change = async |new: &'static str| {
        let fields =
            [("current_password", PASSWORD), ("new_password", new), ("confirm_password", new)];
        client.post("/auth/change-password", &fields).await.status
    };
    let (a, b, c) = tokio::join!(
        change("slow green turtle 1"),
        change("slow green turtle 2"),
        change("slow green turtle 3")
    );
    let won = [a, b, c].into_iter().filter(|status| *status == StatusCode::SEE_OTHER).count();
    assert_eq!(won, 1, "{a} {b} {c}");
}
