//! The list, and what one does with it.

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::*;

/// Ana, whose post `n` people liked.
async fn liked(n: usize) -> (TestApp, UserId, PostId) {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    let post = app.a_post(ana, "rivers").await;
    for number in 0..n {
        let user = app.someone(&format!("reader{number}")).await;
        app.happens(Event::PostLiked { user, author: ana, post }).await;
    }
    (app, ana, post)
}

#[tokio::test]
async fn likes_of_one_post_are_one_line_that_is_read_as_one() {
    let (app, ana, _) = liked(4).await;
    let client = app.client_of(ana).await;
    let page = client.get("/notifications").await.expect(StatusCode::OK);
    assert_eq!(page.body.matches("<li id=\"n").count(), 1);
    let page = page.contains("reader3 and 3 others liked “Rivers”");
    page.contains("aria-label=\"4 unread notifications\"");
    let id = app.told(ana).await[0].id;
    let answer = client.post(&format!("/notifications/{id}/open"), &[]).await;
    assert_eq!(answer.redirect(), "/blog/post/rivers");
    assert_eq!(app.unread_of(ana).await, 0);
    assert!(app.told(ana).await.iter().all(|one| one.is_read));
    client.post(&format!("/notifications/{id}/unread"), &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(app.unread_of(ana).await, 4);
    client.post(&format!("/notifications/{id}/delete"), &[]).await.expect(StatusCode::SEE_OTHER);
    assert!(app.told(ana).await.is_empty());
    assert_eq!(app.unread_of(ana).await, 0);
}

#[tokio::test]
async fn the_newest_like_gone_another_one_leads_the_line() {
    let (app, ana, post) = liked(3).await;
    let last = app.someone("last").await;
    app.happens(Event::PostLiked { user: last, author: ana, post }).await;
    app.happens(Event::PostUnliked { user: last, author: ana, post }).await;
    let client = app.client_of(ana).await;
    client.get("/notifications").await.contains("reader2 and 2 others liked “Rivers”");
}

#[tokio::test]
async fn all_are_read_at_once_and_counted() {
    let (app, ana, _) = liked(3).await;
    let client = app.client_of(ana).await;
    client.post("/notifications/read-all", &[]).await.expect(StatusCode::SEE_OTHER);
    client.get("/notifications").await.contains("3 notifications marked as read.");
    assert_eq!(app.unread_of(ana).await, 0);
    client.get("/notifications?show=unread").await.contains("Nothing unread");
}

#[tokio::test]
async fn nobody_touches_what_others_were_told() {
    let (app, ana, _) = liked(1).await;
    let id = app.told(ana).await[0].id;
    let ben = app.someone("ben").await;
    let stranger = app.client_of(ben).await;
    for act in ["open", "read", "unread", "delete"] {
        let path = format!("/notifications/{id}/{act}");
        stranger.post(&path, &[]).await.expect(StatusCode::NOT_FOUND);
        stranger.get(&path).await.expect(StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!((app.told(ana).await.len(), app.unread_of(ana).await), (1, 1));
    let visitor = app.visitor().get("/notifications").await;
    assert!(visitor.redirect().starts_with("/auth/login"));
}

#[tokio::test]
async fn the_list_goes_on_by_pages_unread_first() {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    let ben = app.someone("ben").await;
    for number in 0..60 {
        let post = app.a_post(ana, &format!("rivers-{number}")).await;
        app.happens(Event::PostLiked { user: ben, author: ana, post }).await;
        if number == 29 {
            app.client_of(ana).await.post("/notifications/read-all", &[]).await;
        }
    }
    let client = app.client_of(ana).await;
    let (first, statements) =
        crate::db::counting(async { client.get("/notifications").await }).await;
    assert!(statements <= 12, "{statements}");
    assert_eq!(first.body.matches("class=\"fresh\"").count(), 30);
    assert_eq!(first.body.matches("<li id=\"n").count(), 50);
    let at = first.body.find("/notifications?before=").unwrap();
    let link: String = first.body[at..].chars().take_while(|c| *c != '"').collect();
    let second = client.get(&link).await;
    assert_eq!(second.body.matches("<li id=\"n").count(), 10);
    let at = second.body.find("/notifications?after=").unwrap();
    let link: String = second.body[at..].chars().take_while(|c| *c != '"').collect();
    let back = client.get(&link).await;
    assert_eq!(back.body.matches("class=\"fresh\"").count(), 30);
    assert_eq!(back.body.matches("<li id=\"n").count(), 50);
}

#[tokio::test]
async fn what_expired_is_not_shown_and_cleaned_up_with_its_count() {
    let (app, ana, _) = liked(2).await;
    app.advance(TimeDelta::days(91));
    app.client_of(ana).await.get("/notifications").await.contains("Nothing yet");
    assert_eq!(super::super::jobs::clean_up(&app.app).await.unwrap(), 2);
    assert_eq!(app.unread_of(ana).await, 0);
    assert!(app.told(ana).await.is_empty());
}

#[tokio::test]
async fn settings_are_saved_and_shown() {
    let (app, ana, post) = liked(0).await;
    let client = app.client_of(ana).await;
    client
        .get("/notifications/settings")
        .await
        .contains("name=\"web_like\" value=\"true\" checked");
    let fields = [("mail_like", "daily"), ("web_follow", "true")];
    client.post("/notifications/settings", &fields).await.expect(StatusCode::SEE_OTHER);
    let page = client.get("/notifications/settings").await;
    page.lacks("name=\"web_like\" value=\"true\" checked")
        .contains("<option value=\"daily\" selected>Once a day</option>")
        .contains("name=\"web_follow\" value=\"true\" checked");
    for bad in [("mail_like", "hourly"), ("mail_nothing", "off"), ("x", "y")] {
        let answer = client.post("/notifications/settings", &[bad]).await;
        assert!(answer.status.is_client_error(), "{bad:?}: {}", answer.status);
    }
    let ben = app.someone("ben").await;
    app.happens(Event::PostLiked { user: ben, author: ana, post }).await;
    assert_eq!(app.told(ana).await[0].delivery_method, "email");
}
