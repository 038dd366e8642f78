//! People, seen by others.

use axum::http::StatusCode;

use crate::testing::{
    TestApp,
    posts::{TestPost, TestUser},
};

#[tokio::test]
async fn a_profile_shows_what_is_public_and_no_address() {
    let app = TestApp::start().await;
    let ana = app
        .insert_user(TestUser {
            username: "Ana",
            first_name: Some("Ana"),
            last_name: Some("Kovač"),
            bio: Some("Writes about water."),
            location: Some("Ljubljana"),
            website: Some("https://www.example.org/ana/"),
            ..TestUser::default()
        })
        .await;
    app.insert_post(TestPost::new(ana, "one", "One")).await;
    let visitor = app.visitor();
    visitor
        .get("/user/Ana")
        .await
        .expect(StatusCode::OK)
        .contains("<h1>Ana Kovač</h1>")
        .contains("@Ana")
        .contains("Writes about water.")
        .contains("Ljubljana")
        .contains("<a href=\"https://www.example.org/ana/\" rel=\"me nofollow ugc noopener\">example.org/ana</a>")
        .contains("<b>1</b> post<")
        .contains("/blog/post/one")
        .lacks("private.example")
        .lacks("Edit profile");
    visitor
        .get("/user/Ana?tab=about")
        .await
        .contains("/user/Ana/feed.atom")
        .lacks("/blog/post/one")
        .lacks("private.example");
    for name in ["ana", "ANA", "aNa"] {
        let moved =
            visitor.get(&format!("/user/{name}")).await.expect(StatusCode::MOVED_PERMANENTLY);
        assert_eq!(moved.redirect(), "/user/Ana");
    }
    app.client_of(ana).await.get("/user/Ana").await.contains("Edit profile");
}

#[tokio::test]
async fn who_is_not_active_is_not_there() {
    let app = TestApp::start().await;
    let gone = app.insert_user(TestUser { is_active: false, ..TestUser::default() }).await;
    app.insert_post(TestPost::new(gone, "one", "One")).await;
    app.visitor().get("/user/ana").await.expect(StatusCode::NOT_FOUND);
    app.visitor().get("/user/nobody").await.expect(StatusCode::NOT_FOUND);
    app.visitor().get("/users").await.expect(StatusCode::OK).contains("No writers yet");
}

#[tokio::test]
async fn who_has_not_written_is_told_what_will_be_there() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let page = app.visitor().get("/user/ana").await.expect(StatusCode::OK);
    page.contains("No posts yet").contains("noindex").lacks("/blog/create\"");
    app.client_of(ana).await.get("/user/ana").await.contains("Write the first one");
}

#[tokio::test]
async fn writers_are_listed_by_diligence_in_pages() {
    let app = TestApp::with(|config| config.pages.users = 2).await;
    for (number, name) in ["ana", "ben", "cleo", "dora", "emil"].into_iter().enumerate() {
        let user = app.insert_user(TestUser { username: name, ..TestUser::default() }).await;
        for post in 0..number {
            let slug = format!("{name}-{post}");
            app.insert_post(TestPost::new(user, &slug, "T")).await;
        }
    }
    let mut names = Vec::new();
    let mut path = Some("/users".to_owned());
    while let Some(here) = path {
        let page = app.visitor().get(&here).await.expect(StatusCode::OK).lacks("private.example");
        names.extend(
            page.body
                .split("<small>@")
                .skip(1)
                .map(|rest| rest.split(' ').next().unwrap().to_owned()),
        );
        let next = page.body.split("rel=\"next\" href=\"").nth(1);
        path = next.map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"));
    }
    assert_eq!(names, ["emil", "dora", "cleo", "ben"]);
}

/// What a page shows at the name of somebody who is online.
const DOT: &str = "class=\"online\"";

#[tokio::test]
async fn members_see_who_was_here_within_five_minutes() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    app.insert_post(TestPost::new(ana, "one", "One")).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    let reader = app.client_of(ben).await;
    reader.get("/user/ana").await.contains(DOT).contains("Online now");
    reader.get("/users").await.contains(DOT);
    reader.get("/users/online").await.contains("@ana").contains(DOT).lacks("@ben ·");
    reader.post("/blog/user/ana/follow", &[]).await.expect(StatusCode::SEE_OTHER);
    app.client_of(ana).await.get("/user/ana/followers").await.contains("@ben").contains(DOT);
    reader.get("/blog/search?q=ana").await.contains("@ana").contains(DOT);
    // Visitors see it of nobody.
    for path in ["/user/ana", "/users", "/user/ana/followers", "/blog/search?q=ana"] {
        app.visitor().get(path).await.expect(StatusCode::OK).lacks(DOT);
    }
    app.visitor().get("/users/online").await.expect(StatusCode::SEE_OTHER);
    app.advance(chrono::TimeDelta::seconds(300));
    reader.get("/user/ana").await.contains(DOT);
    app.advance(chrono::TimeDelta::seconds(1));
    for path in ["/user/ana", "/users", "/users/online", "/blog/search?q=ana"] {
        reader.get(path).await.expect(StatusCode::OK).lacks(DOT);
    }
}

#[tokio::test]
async fn who_blocked_somebody_or_does_not_show_it_is_online_for_nobody() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    app.insert_post(TestPost::new(ana, "one", "One")).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    let (ana, ben) = (app.client_of(ana).await, app.client_of(ben).await);
    ana.post("/blog/user/ben/block", &[]).await.expect(StatusCode::SEE_OTHER);
    for (reader, name) in [(&ana, "ben"), (&ben, "ana")] {
        reader.get(&format!("/user/{name}")).await.lacks(DOT);
        reader.get("/users/online").await.lacks(&format!("@{name}"));
    }
    ben.get("/users").await.lacks("@ana").lacks(DOT);
    ana.post("/blog/user/ben/block", &[]).await.expect(StatusCode::SEE_OTHER);
    ben.get("/user/ana").await.contains(DOT);
    ana.get("/auth/profile").await.contains("name=\"show_online\" value=\"true\" checked");
    ana.post("/auth/profile", &[]).await.expect(StatusCode::SEE_OTHER);
    ben.get("/user/ana").await.lacks(DOT);
    ben.get("/users/online").await.lacks("@ana");
    let on = [("show_online", "true")];
    ana.post("/auth/profile", &on).await.expect(StatusCode::SEE_OTHER);
    ben.get("/user/ana").await.contains(DOT);
}
