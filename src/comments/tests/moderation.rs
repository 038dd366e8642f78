use axum::http::StatusCode;

use super::*;

async fn decide(client: &Client, fields: &[(&str, &str)]) {
    client.post("/moderation/comments", fields).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_first_comment_waits_and_its_writer_sees_it() {
    let app = TestApp::with(|config| config.comments.approve_first = true).await;
    let post = post_on(&app).await;
    let ben = app.member("ben").await;
    let moderator = app.somebody("mod", "Moderator").await;
    let first = say(&ben, "My first words", None).await;
    let second = say(&ben, "My second words", None).await;
    assert_eq!(number(&app, "select comment_count from post where id = $1", post).await, 0);
    let own = ben.get("/blog/post/river").await;
    own.contains("My first words").contains("Waiting for a moderator");
    let cleo = app.member("cleo").await;
    for other in [&app.visitor(), &cleo] {
        other.get("/blog/post/river").await.lacks("My first words");
        fragment(other, first).await.expect(StatusCode::NOT_FOUND);
        other.get(&format!("/comment/{first}")).await.expect(StatusCode::NOT_FOUND);
    }
    for path in ["like", "report"] {
        let fields: &[_] = if path == "report" { &[("reason", "spam")] } else { &[] };
        cleo.post(&format!("/comments/{first}/{path}"), fields).await.expect(StatusCode::NOT_FOUND);
    }
    let fields = [("content", "Answer"), ("parent_id", &first.to_string())];
    cleo.post("/blog/post/river", &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);

    let desk = moderator.get("/moderation/comments").await.expect(StatusCode::OK);
    desk.contains("My first words").contains("My second words");
    decide(&moderator, &[("decide", &format!("approve-{first}"))]).await;
    assert_eq!(status(&app, first).await, "visible");
    assert_eq!(status(&app, second).await, "pending");
    app.visitor().get("/blog/post/river").await.contains("My first words");
    let third = say(&ben, "My third words", None).await;
    assert_eq!(status(&app, third).await, "visible");
    assert_counts(&app).await;
}

#[tokio::test]
async fn readers_report_once_and_moderators_decide_and_take_back() {
    let (app, _) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let moderator = app.somebody("mod", "Moderator").await;
    let id = say(&ben, "Buy boats", None).await;
    let report = format!("/comments/{id}/report");
    cleo.get(&report).await.expect(StatusCode::OK).contains("Buy boats");
    let wrong = cleo.post(&report, &[("reason", "because"), ("note", "kept note")]).await;
    wrong
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .contains("kept note")
        .contains("Say what is wrong");
    for _ in 0..2 {
        let fields = [("reason", "spam"), ("note", "an <b>advert</b>")];
        cleo.post(&report, &fields).await.expect(StatusCode::SEE_OTHER);
    }
    ben.post(&report, &[("reason", "spam")]).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(number(&app, "select report_count from comment where id = $1", id).await, 1);
    let desk = moderator.get("/moderation/comments").await;
    desk.contains("Buy boats")
        .contains("an &#60;b&#62;advert")
        .contains("@cleo")
        .contains("1 reported");

    let fields = [("decide", "hide"), (&format!("pick_{id}"), "on"), ("reason", "An advert")];
    decide(&moderator, &fields).await;
    assert_eq!(status(&app, id).await, "hidden");
    assert_eq!(number(&app, "select report_count from comment where id = $1", id).await, 0);
    app.visitor().get("/blog/post/river").await.lacks("Buy boats");
    ben.get("/blog/post/river")
        .await
        .contains("Hidden by a moderator")
        .contains("Reason: An advert")
        .lacks("@mod");
    let seen = moderator.get("/blog/post/river").await;
    seen.contains("decided by @mod").contains("An advert");
    moderator.get("/moderation/comments").await.contains("Nothing to decide");
    moderator.get("/moderation/comments?show=decided").await.contains("Take it back");
    moderator
        .get(&format!("/moderation/comments/{id}"))
        .await
        .contains("reported it")
        .contains("visible → hidden");

    decide(&moderator, &[("decide", &format!("undo-{id}")), ("show", "decided")]).await;
    assert_eq!(status(&app, id).await, "visible");
    assert_eq!(number(&app, "select report_count from comment where id = $1", id).await, 1);
    // Looked at and left: the report is closed.
    let path = format!("/comments/{id}/moderate");
    moderator.post(&path, &[("decision", "approve")]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(status(&app, id).await, "visible");
    assert_eq!(number(&app, "select report_count from comment where id = $1", id).await, 0);
    moderator.get(&format!("/moderation/comments/{id}")).await.contains("looked at the reports");
    assert_counts(&app).await;
}

#[tokio::test]
async fn the_desk_is_for_moderators_only() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let ana = app.log_in("ana").await;
    let id = say(&ben, "Words", None).await;
    for client in [&ben, &ana] {
        client.get("/moderation/comments").await.expect(StatusCode::FORBIDDEN);
        client.get(&format!("/moderation/comments/{id}")).await.expect(StatusCode::FORBIDDEN);
        let one = format!("spam-{id}");
        client
            .post("/moderation/comments", &[("decide", &one)])
            .await
            .expect(StatusCode::FORBIDDEN);
        let path = format!("/comments/{id}/moderate");
        client.post(&path, &[("decision", "spam")]).await.expect(StatusCode::FORBIDDEN);
    }
    app.visitor().get("/moderation/comments").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(status(&app, id).await, "visible");
    let moderator = app.somebody("mod", "Moderator").await;
    let fields = [("decide", "approve"), ("is_admin", "1")];
    let answer = moderator.post("/moderation/comments", &fields).await;
    answer.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_deleted_comment_comes_back_in_the_state_it_had() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let moderator = app.somebody("mod", "Moderator").await;
    let id = say(&ben, "Words", None).await;
    decide(&moderator, &[("decide", &format!("spam-{id}"))]).await;
    ben.post(&format!("/comments/{id}/delete"), &[]).await.expect(StatusCode::OK);
    assert_eq!(status(&app, id).await, "deleted");
    let path = format!("/comments/{id}/moderate");
    moderator.post(&path, &[("decision", "approve")]).await.expect(StatusCode::GONE);
    ben.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(status(&app, id).await, "spam");
    app.visitor().get("/blog/post/river").await.lacks("Words");
    assert_counts(&app).await;
}
