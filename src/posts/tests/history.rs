use axum::http::StatusCode;
use serde_json::json;

use super::{count, id_of, text_of};
use crate::testing::TestApp;

#[tokio::test]
async fn every_save_can_be_seen_compared_and_brought_back() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    ada.post("/blog/create", &[("title", "Tale"), ("content", "one\ntwo"), ("status", "draft")])
        .await;
    let id = id_of(&app, "Tale").await;
    let edit = format!("/blog/post/{id}/edit");
    let fields = [("title", "Tale"), ("content", "one\n<b>three</b>"), ("status", "published")];
    ada.post(&edit, &fields).await.expect(StatusCode::SEE_OTHER);
    let list = ada.get(&format!("/blog/post/{id}/revisions")).await.expect(StatusCode::OK);
    let list = list.contains("Version 1").contains("Version 2").contains("Published");
    let newest = link(&list.body, &format!("/blog/post/{id}/revisions/"), 0);
    let oldest = link(&list.body, &format!("/blog/post/{id}/revisions/"), 1);
    let page = ada.get(&newest).await.expect(StatusCode::OK);
    page.contains("<del>two</del>").contains("<ins>&#60;b&#62;three").contains("present text");
    let back = ada.post(&format!("{oldest}/restore"), &[]).await;
    assert_eq!(back.redirect(), edit);
    let present = "select count(*) from post where content = $1";
    assert_eq!(count(&app, present, "one\ntwo").await, 1);
    assert_eq!(text_of(&app, "Tale").await.0, "published", "the state stays");
    let revisions = "select count(*) from post_revision where post_id = $1";
    assert_eq!(count(&app, revisions, id).await, 3);
}

/// The `nth` link that begins with this and goes on.
fn link(body: &str, start: &str, nth: usize) -> String {
    let (at, _) = body.match_indices(start).nth(nth).unwrap();
    body[at..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn ten_minutes_of_typing_are_one_revision() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let first = ada.post_json("/blog/autosave", &json!({ "title": "T", "content": "0" })).await;
    let url = first.json()["autosave_url"].as_str().unwrap().to_owned();
    for version in 1..=5 {
        let body = json!({ "title": "T", "content": version.to_string(), "version": version });
        ada.post_json(&url, &body).await.expect(StatusCode::OK);
        app.advance(chrono::TimeDelta::minutes(1));
    }
    let revisions = "select count(*) from post_revision where kind = $1";
    assert_eq!(count(&app, revisions, "autosave").await, 1);
    app.advance(chrono::TimeDelta::minutes(10));
    let body = json!({ "title": "T", "content": "later", "version": 6 });
    ada.post_json(&url, &body).await.expect(StatusCode::OK);
    assert_eq!(count(&app, revisions, "autosave").await, 2);
}

#[tokio::test]
async fn a_revision_of_another_post_is_not_found() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    for title in ["One", "Two"] {
        ada.post("/blog/create", &[("title", title), ("content", title), ("status", "draft")])
            .await;
    }
    let (one, two) = (id_of(&app, "One").await, id_of(&app, "Two").await);
    let list = ada.get(&format!("/blog/post/{one}/revisions")).await;
    let path = link(&list.body, &format!("/blog/post/{one}/revisions/"), 0);
    let crossed = path.replace(&format!("/post/{one}/"), &format!("/post/{two}/"));
    ada.get(&crossed).await.expect(StatusCode::NOT_FOUND);
    ada.post(&format!("{crossed}/restore"), &[]).await.expect(StatusCode::NOT_FOUND);
}
