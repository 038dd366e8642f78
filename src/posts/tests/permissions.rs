use axum::http::StatusCode;

use super::{id_of, publish, text_of};
use crate::{accounts::roles, testing::TestApp};

#[tokio::test]
async fn strangers_are_sent_to_log_in() {
    let app = TestApp::start().await;
    for path in ["/blog/create", "/blog/mine", "/blog/post/1/edit", "/blog/post/1/revisions"] {
        let answer = app.visitor().get(path).await.expect(StatusCode::SEE_OTHER);
        assert!(answer.redirect().starts_with("/auth/login?next=%2Fblog"), "{}", answer.redirect());
    }
}

#[tokio::test]
async fn nobody_touches_the_posts_of_others() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.member("ada").await, app.member("ben").await);
    publish(&ada, "Public", "x").await;
    ada.post("/blog/create", &[("title", "Private"), ("content", "x"), ("status", "draft")]).await;
    let public = id_of(&app, "Public").await;
    let private = id_of(&app, "Private").await;
    let change = [("title", "Mine"), ("content", "now"), ("status", "published")];
    for (id, status) in [(public, StatusCode::FORBIDDEN), (private, StatusCode::NOT_FOUND)] {
        for path in ["edit", "delete", "revisions"] {
            let answer = ben.get(&format!("/blog/post/{id}/{path}")).await;
            answer.expect(status).lacks("Private");
        }
        ben.post(&format!("/blog/post/{id}/edit"), &change).await.expect(status);
        ben.post(&format!("/blog/post/{id}/delete"), &[]).await.expect(status);
        ben.post(&format!("/blog/post/{id}/discard"), &[]).await.expect(status);
        let body = serde_json::json!({ "title": "Mine", "content": "now" });
        ben.post_json(&format!("/blog/post/{id}/autosave"), &body).await.expect(status);
    }
    ada.post(&format!("/blog/post/{private}/delete"), &[]).await.expect(StatusCode::SEE_OTHER);
    let restore = format!("/blog/post/{private}/restore");
    ben.post(&restore, &[]).await.expect(StatusCode::NOT_FOUND);
    assert_eq!(text_of(&app, "Public").await.0, "published");
    ben.get("/blog/mine").await.expect(StatusCode::OK).lacks("Public").lacks("Private");
}

#[tokio::test]
async fn editors_edit_and_administrators_delete() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let eve = app.somebody("eve", roles::EDITOR).await;
    let admin = app.admin().await;
    publish(&ada, "Typo", "teh").await;
    let id = id_of(&app, "Typo").await;
    let fixed = [("title", "Typo"), ("content", "the"), ("status", "published")];
    eve.post(&format!("/blog/post/{id}/edit"), &fixed).await.expect(StatusCode::SEE_OTHER);
    eve.post(&format!("/blog/post/{id}/delete"), &[]).await.expect(StatusCode::FORBIDDEN);
    admin.post(&format!("/blog/post/{id}/delete"), &[]).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_ended_session_loses_nothing_that_was_typed() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    ada.get("/blog/create").await;
    app.advance(chrono::TimeDelta::days(2));
    let fields = [("title", "Kept"), ("content", "every \"word\""), ("status", "draft")];
    let answer = ada.post("/blog/create", &fields).await.expect(StatusCode::UNAUTHORIZED);
    answer.contains("Nothing is lost").contains("Kept").contains("every &#34;word&#34;");
}

#[tokio::test]
async fn a_form_from_before_the_login_is_shown_again() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let stale = ada.get("/blog/create").await.csrf_token().unwrap();
    let other = app.log_in("ada").await;
    other.get("/blog/mine").await;
    let fields = [("title", "Kept"), ("content", "text")];
    let answer = other.post_with_token("/blog/create", &fields, &stale).await;
    let answer = answer.expect(StatusCode::FORBIDDEN).contains("out of date").contains("Kept");
    let fresh = answer.csrf_token().unwrap();
    let sent = other.post_with_token("/blog/create", &fields, &fresh).await;
    sent.expect(StatusCode::SEE_OTHER);
}
