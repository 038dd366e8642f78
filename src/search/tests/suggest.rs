//! Suggestions while typing.

use axum::http::StatusCode;

use super::library;
use crate::testing::{
    TestApp,
    posts::{TestPost, TestUser},
};

async fn offered(app: &TestApp, query: &str) -> Vec<(String, String)> {
    let path = format!("/search/suggest?q={}", crate::links::query(query));
    let answer = app.visitor().get(&path).await.expect(StatusCode::OK).json();
    answer["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["kind"].as_str().unwrap().to_owned(), one["url"].as_str().unwrap().to_owned())
        })
        .collect()
}

#[tokio::test]
async fn titles_people_tags_and_topics_are_offered() {
    let app = library().await;
    let one = |kind: &str, url: &str| vec![(kind.to_owned(), url.to_owned())];
    assert_eq!(offered(&app, "slow so").await, one("post", "/blog/post/soup"));
    assert_eq!(offered(&app, "kova").await, one("person", "/user/ana"));
    assert_eq!(offered(&app, "wint").await, one("tag", "/blog/tag/winter"));
    assert_eq!(offered(&app, "foo").await, one("topic", "/blog/category/food"));
    assert_eq!(offered(&app, "boil").await, [], "titles only");
    for nothing in ["", " ", "%", "ana@private.example", "private.example", "author:ana"] {
        assert_eq!(offered(&app, nothing).await, [], "{nothing}");
    }
}

#[tokio::test]
async fn eight_are_enough() {
    let app = TestApp::start().await;
    for number in 0..12_i64 {
        let name = format!("soupcook{number}");
        let user = app.insert_user(TestUser { username: &name, ..TestUser::default() }).await;
        let (slug, title) = (format!("soup-{number}"), format!("Soup {number}"));
        let post = app.insert_post(TestPost::new(user, &slug, &title)).await;
        app.insert_tag(post, &format!("soup {number}"), &slug).await;
    }
    let found = offered(&app, "soup").await;
    assert!(found.len() <= 8 && found.len() >= 6, "{found:?}");
    // The index of names is put together once a day, and finds the same.
    for _ in 0..2 {
        crate::rooms::tick(&app.app).await.unwrap();
        app.advance(chrono::TimeDelta::days(1));
        assert_eq!(offered(&app, "soup").await, found);
    }
}

#[tokio::test]
async fn who_is_called_just_so_comes_first() {
    let app = TestApp::start().await;
    for number in 0..40 {
        let name = format!("ben_{number}");
        let user = app.insert_user(TestUser { username: &name, ..TestUser::default() }).await;
        let slug = format!("p-{number}");
        app.insert_post(TestPost::new(user, &slug, "Rivers")).await;
    }
    for name in ["ben", "ben_okafor"] {
        app.insert_user(TestUser { username: name, ..TestUser::default() }).await;
    }
    for (typed, first) in
        [("ben", "ben"), ("@Ben", "ben"), ("ben_okafor", "ben_okafor"), ("ben_39", "ben_39")]
    {
        let found = offered(&app, typed).await;
        assert_eq!(found[0].1, format!("/user/{first}"), "{typed}: {found:?}");
        let page = app.visitor().get(&format!("/blog/search?q={typed}")).await;
        page.contains(&format!("<small>@{first} "));
    }
    assert_eq!(offered(&app, "ben").await[1].1, "/user/ben_0", "then whoever was here first");
}

#[tokio::test]
async fn suggesting_has_a_limit() {
    let app = TestApp::with(|config| {
        config.limits.enabled = true;
        config.limits.suggest = 2;
    })
    .await;
    for _ in 0..2 {
        app.visitor().get("/search/suggest?q=x").await.expect(StatusCode::OK);
    }
    app.visitor().get("/search/suggest?q=x").await.expect(StatusCode::TOO_MANY_REQUESTS);
}
