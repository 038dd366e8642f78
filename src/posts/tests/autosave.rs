use axum::http::StatusCode;
use serde_json::json;

use super::{assert_counts, count, id_of, publish, text_of};
use crate::testing::TestApp;

#[tokio::test]
async fn the_first_words_make_a_draft_and_the_next_ones_change_it() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let first = ada.post_json("/blog/autosave", &json!({ "title": "", "content": "Once" })).await;
    let first = first.expect(StatusCode::OK).json();
    let url = first["autosave_url"].as_str().unwrap();
    assert_eq!(first["version"], 1);
    let body = json!({ "title": "A tale", "content": "Once upon", "version": 1, "nonce": "n" });
    let second = ada.post_json(url, &body).await.expect(StatusCode::OK).json();
    assert_eq!((&second["version"], &second["post_id"]), (&json!(2), &first["post_id"]));
    assert_eq!(text_of(&app, "A tale").await, ("draft".to_owned(), "a-tale".to_owned(), 2));
    let page = ada.get(first["edit_url"].as_str().unwrap()).await.expect(StatusCode::OK);
    assert_eq!(page.hidden("version").unwrap(), "2");
    page.contains("Once upon");
    let nothing = ada.post_json("/blog/autosave", &json!({ "title": " ", "content": "" })).await;
    nothing.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_newer_version_is_never_written_over_unseen() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let tab = app.log_in("ada").await;
    ada.post("/blog/create", &[("title", "Tale"), ("content", "one"), ("status", "draft")]).await;
    let id = id_of(&app, "Tale").await;
    let url = format!("/blog/post/{id}/autosave");
    let body =
        |content, version| json!({ "title": "Tale", "content": content, "version": version });
    ada.post_json(&url, &body("two from one tab", 1)).await.expect(StatusCode::OK);
    let clash = tab.post_json(&url, &body("two from another", 1)).await;
    let clash = clash.expect(StatusCode::CONFLICT).json();
    assert_eq!(clash["content"], "two from one tab");
    assert_eq!((&clash["version"], &clash["saved_by"]), (&json!(2), &json!("ada")));
    // The same without scripts: both texts are shown, and saving again is a choice.
    let edit = format!("/blog/post/{id}/edit");
    let fields = [("title", "Tale"), ("content", "by form"), ("version", "1"), ("status", "draft")];
    let page = tab.post(&edit, &fields).await.expect(StatusCode::CONFLICT);
    let page = page.contains("two from one tab").contains("by form");
    let version = page.hidden("version").unwrap();
    assert_eq!(version, "2");
    let again = [("title", "Tale"), ("content", "by form"), ("version", "2"), ("status", "draft")];
    tab.post(&edit, &again).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_readers_see_changes_only_when_it_is_published() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    publish(&ada, "Public", "as it is").await;
    let id = id_of(&app, "Public").await;
    let body = json!({ "title": "Public", "content": "half a sent", "version": 1, "tags": "new" });
    let url = format!("/blog/post/{id}/autosave");
    let saved = ada.post_json(&url, &body).await.expect(StatusCode::OK).json();
    assert_eq!(saved["version"], 2);
    let seen = "select count(*) from post where content = $1";
    assert_eq!(count(&app, seen, "as it is").await, 1);
    assert_counts(&app).await;
    let edit = format!("/blog/post/{id}/edit");
    ada.get(&edit).await.contains("half a sent").contains("not public yet");
    ada.get("/blog/mine").await.contains("Has changes that are not public yet");
    ada.post(&format!("/blog/post/{id}/discard"), &[]).await.expect(StatusCode::SEE_OTHER);
    ada.get(&edit).await.contains("as it is").lacks("half a sent");
    ada.post_json(&url, &body).await.expect(StatusCode::CONFLICT);
    let fields =
        [("title", "Public"), ("content", "all new"), ("version", "2"), ("status", "published")];
    ada.post(&edit, &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(count(&app, seen, "all new").await, 1);
    assert_eq!(count(&app, "select count(*) from post_draft where post_id = $1", id).await, 0);
}

#[tokio::test]
async fn scripts_are_told_in_json_what_is_wrong() {
    let app = TestApp::start().await;
    let stranger = app.visitor();
    let answer = stranger.post_json("/blog/autosave", &json!({ "content": "x" })).await;
    assert_eq!(answer.expect(StatusCode::UNAUTHORIZED).json()["code"], "unauthenticated");
    let ada = app.member("ada").await;
    let answer = ada.post_json("/blog/autosave", &json!({ "content": "x", "user_id": 7 })).await;
    assert_eq!(answer.expect(StatusCode::UNPROCESSABLE_ENTITY).json()["code"], "validation_error");
    let long = json!({ "title": "t".repeat(201), "content": "x" });
    let answer = ada.post_json("/blog/autosave", &long).await;
    let answer = answer.expect(StatusCode::UNPROCESSABLE_ENTITY).json();
    assert!(answer["errors"]["title"].as_str().unwrap().contains("201"), "{answer}");
    let missing = ada.post_json("/blog/post/999/autosave", &json!({ "content": "x" })).await;
    assert_eq!(missing.expect(StatusCode::NOT_FOUND).json()["code"], "not_found");
}

#[tokio::test]
async fn the_preview_is_what_will_be_published() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let source = "## Hi\n\n<script>alert(1)</script>\n\n**bold** [x](javascript:alert(1))";
    let answer = ada.post_json("/blog/preview", &json!({ "content": source })).await;
    let answer = answer.expect(StatusCode::OK);
    assert_eq!(answer.body, markup::render(source).html.into_string());
    answer.contains("<strong>bold</strong>").lacks("<script").lacks("javascript:");
    let stranger = app.visitor().post_json("/blog/preview", &json!({ "content": "x" })).await;
    stranger.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_post_is_begun_once_however_often_the_script_asks() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let nonce = ada.get("/blog/create").await.hidden("nonce").unwrap();
    let body = json!({ "title": "Begun", "content": "Once", "nonce": nonce });
    let first = ada.post_json("/blog/autosave", &body).await.expect(StatusCode::OK).json();
    for _ in 0..3 {
        let again = ada.post_json("/blog/autosave", &body).await.expect(StatusCode::OK).json();
        assert_eq!((&again["post_id"], &again["version"]), (&first["post_id"], &first["version"]));
    }
    // The answer was lost, and the form itself follows: it is the same post.
    let fields = [("title", "Begun"), ("content", "Once upon"), ("nonce", nonce.as_str())];
    let sent = ada.post("/blog/create", &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(sent.redirect(), first["edit_url"].as_str().unwrap());
    assert_eq!(count(&app, "select count(*) from post where id > $1", 0_i64).await, 1);
    ada.get(sent.redirect()).await.contains("Once upon");
}
