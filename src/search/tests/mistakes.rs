//! Mistyped words where something was found all the same, and dates on frequent words.

use axum::http::StatusCode;

use super::{found, library};
use crate::testing::{
    TestApp,
    posts::{TestPost, TestUser},
};

async fn page(app: &TestApp, query: &str) -> String {
    let path = format!("/blog/search?q={}", crate::links::query(query));
    app.visitor().get(&path).await.expect(StatusCode::OK).body
}

#[tokio::test]
async fn a_mistyped_name_with_few_hits_offers_the_right_one() {
    let app = library().await;
    let ana = app
        .insert_user(TestUser {
            username: "mira",
            first_name: Some("Mira"),
            last_name: Some("Lindqvist"),
            ..TestUser::default()
        })
        .await;
    app.insert_post(TestPost {
        content: "Somebody wrote lindqist here.",
        ..TestPost::new(ana, "typo", "A note")
    })
    .await;
    app.insert_post(TestPost::new(ana, "evening", "An evening with lanterns")).await;
    app.insert_post(TestPost { content: "All the lantens.", ..TestPost::new(ana, "two", "Two") })
        .await;
    // The name: what was typed is found, and so is who was meant.
    let shown = page(&app, "lindqist").await;
    assert!(shown.contains("/blog/post/typo") && shown.contains("<small>@mira "), "{shown}");
    assert!(shown.contains("Did you mean") && shown.contains("q=lindqvist"));
    assert!(!shown.contains("Nothing has"));
    // The title: what was typed stands first.
    assert_eq!(found(&app, "lantens").await, ["two", "evening"]);
    assert!(page(&app, "lantens").await.contains("Close titles"));
    // Nothing is offered for what is right, nor what would add nothing.
    for right in ["lanterns", "lindqvist", "slow soup", "реке"] {
        assert!(!page(&app, right).await.contains("Did you mean"), "{right}");
    }
    // And while typing.
    let offers = app.visitor().get("/search/suggest?q=lindqvst").await.expect(StatusCode::OK);
    offers.contains("/user/mira");
}

#[tokio::test]
async fn what_is_offered_is_only_what_one_may_see() {
    let app = library().await;
    let eve = app
        .insert_user(TestUser { username: "evelina", is_active: false, ..TestUser::default() })
        .await;
    app.insert_post(TestPost { content: "evelna", ..TestPost::new(eve, "hers", "Hers") }).await;
    let ben = app.insert_user(TestUser { username: "benno", ..TestUser::default() }).await;
    app.insert_post(TestPost { content: "evelna", ..TestPost::new(ben, "his", "His") }).await;
    let shown = page(&app, "evelna").await;
    assert!(shown.contains("/blog/post/his"));
    assert!(!shown.contains("evelina") && !shown.contains("Did you mean"), "{shown}");
}

#[tokio::test]
async fn days_are_found_by_their_keys() {
    let app = library().await;
    let ana = app.insert_user(TestUser { username: "cleo", ..TestUser::default() }).await;
    // The test begins on 1 January 2026; these are published on the 1st of January and of March.
    for (slug, day) in [("early", 0_i64), ("late", 59)] {
        let post = TestPost { minute: day * 1_440 + 1_439, ..TestPost::new(ana, slug, "Canoe") };
        app.insert_post(post).await;
    }
    app.advance(chrono::TimeDelta::days(90));
    for (query, expected) in [
        ("canoe", vec!["late", "early"]),
        ("canoe before:2026-03-01", vec!["early"]),
        ("canoe before:2026-03-02", vec!["late", "early"]),
        ("canoe after:2026-02", vec!["late"]),
        ("canoe after:2026-01-01", vec!["late"]),
        ("canoe after:2026-03-01", vec![]),
        ("canoe after:2025 before:2026-02", vec!["early"]),
        ("canoe before:2025", vec![]),
        ("canoe author:cleo before:2026-02", vec!["early"]),
        ("author:cleo before:2026-02", vec!["early"]),
    ] {
        assert_eq!(found(&app, query).await, expected, "{query}");
    }
}
