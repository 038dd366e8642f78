use super::*;

#[tokio::test]
async fn what_one_says_about_oneself_is_kept() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let fields = [
        ("first_name", " Ana "),
        ("last_name", "Kovač"),
        ("bio", "First line.\r\nSecond line."),
        ("location", "Ljubljana"),
        ("website", "example.org/ana"),
    ];
    let answer = ana.post("/auth/profile", &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/auth/profile");
    let form = ana.get("/auth/profile").await.contains("Your profile is saved.");
    let form = form.contains("value=\"Kovač\"").contains("First line.\nSecond line.");
    form.contains("value=\"https://example.org/ana\"");
    let row = user(&app, "ana").await;
    assert_eq!(row.display_name(), "Ana Kovač");
    ana.post("/auth/profile", &[]).await.expect(StatusCode::SEE_OTHER);
    let row = user(&app, "ana").await;
    assert_eq!((row.first_name, row.bio, row.website), (None, None, None));
    ana.get("/auth/settings").await.expect(StatusCode::OK).contains("ana@example.org");
}

#[tokio::test]
async fn a_profile_with_mistakes_comes_back_with_what_was_typed() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let long = "x".repeat(2_001);
    let table = [
        ("first_name", &long[..65], "at most 64"),
        ("last_name", "two\nlines", "on one line"),
        ("bio", &long, "at most 2000"),
        ("location", &long[..129], "at most 128"),
        ("website", "javascript:alert(1)", "begins with https://"),
        ("website", "ftp://example.org", "begins with https://"),
    ];
    for (field, value, message) in table {
        let answer = ana.post("/auth/profile", &[(field, value)]).await;
        let answer = answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains(message);
        answer.contains(&format!("id=\"{field}-error\""));
    }
    let longest = "ü".repeat(2_000);
    ana.post("/auth/profile", &[("bio", &longest)]).await.expect(StatusCode::SEE_OTHER);
    let answer = ana.post("/auth/profile", &[("username", "boss")]).await;
    answer.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn light_and_dark_are_for_everybody() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    visitor.get("/appearance").await.expect(StatusCode::OK).lacks("data-theme");
    visitor.post("/appearance", &[("theme", "dark")]).await.expect(StatusCode::SEE_OTHER);
    visitor.get("/appearance").await.contains("data-theme=\"dark\"");
    let answer = visitor.post("/appearance", &[("theme", "pink")]).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY);

    let ana = app.member("ana").await;
    ana.post("/appearance", &[("theme", "light")]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(user(&app, "ana").await.theme, "light");
    let elsewhere = app.log_in("ana").await;
    elsewhere.get("/auth/settings").await.contains("data-theme=\"light\"");
}

#[tokio::test]
async fn settings_are_for_members() {
    let app = TestApp::start().await;
    for path in [
        "/auth/settings",
        "/auth/profile",
        "/auth/change-password",
        "/auth/change-email",
        "/auth/sessions",
        "/auth/export",
        "/auth/deactivate",
        "/auth/delete",
        "/auth/prove",
    ] {
        let answer = app.visitor().get(path).await.expect(StatusCode::SEE_OTHER);
        assert!(answer.redirect().starts_with("/auth/login?next="), "{path}");
    }
}
