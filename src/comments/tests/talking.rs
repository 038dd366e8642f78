use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;

use super::*;

#[tokio::test]
async fn a_comment_is_written_answered_changed_and_deleted() {
    let (app, post) = site().await;
    let ben = app.member("ben").await;
    let cleo = app.member("cleo").await;
    let first = say(&ben, "The *gauge* code is lovely.", None).await;
    let answer = say(&cleo, "It is.", Some(first)).await;
    let page = app.visitor().get("/blog/post/river").await.expect(StatusCode::OK);
    let page = page
        .contains("2 comments")
        .contains("The <em>gauge</em> code")
        .contains(&format!(
            "id=\"comment-{answer}\" data-comment=\"{answer}\" data-parent=\"{first}\""
        ))
        .contains("Log in</a> to comment");
    assert!(
        page.body.find(&format!("comment-{first}")) < page.body.find(&format!("comment-{answer}"))
    );

    app.advance(TimeDelta::minutes(5));
    let edit = format!("/comments/{first}/edit");
    ben.get(&edit).await.expect(StatusCode::OK).contains("The *gauge* code is lovely.");
    let version = ben.get(&edit).await.hidden("version").unwrap();
    let fields = [("content", "Changed **now**."), ("version", version.as_str())];
    ben.post(&edit, &fields).await.expect(StatusCode::SEE_OTHER);
    let shown = fragment(&app.visitor(), first).await;
    shown.contains("Changed <strong>now</strong>").contains(">edited <time");
    // A stale tab does not overwrite it, and keeps what was typed there.
    let stale = ben.post(&edit, &[("content", "From another tab"), ("version", &version)]).await;
    stale
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .contains("changed meanwhile")
        .contains("From another tab");

    let deleted = ben.post(&format!("/blog/comment/{first}/delete"), &[]).await;
    deleted.expect(StatusCode::OK).contains("Bring it back");
    let page = app.visitor().get("/blog/post/river").await;
    page.contains("This comment was deleted.")
        .contains("It is.")
        .contains("1 comment<")
        .lacks("Changed");
    fragment(&ben, first).await.expect(StatusCode::OK).contains("was deleted.").lacks("Changed");
    ben.post(&format!("/comments/{first}/restore"), &[]).await.expect(StatusCode::SEE_OTHER);
    fragment(&ben, first).await.expect(StatusCode::OK).contains("Changed");
    assert_eq!(number(&app, "select comment_count from post where id = $1", post).await, 2);

    // Without answers nothing stays of it, once it cannot be had back.
    cleo.post(&format!("/comments/{answer}/delete"), &[]).await.expect(StatusCode::OK);
    ben.post(&format!("/comments/{first}/delete"), &[]).await.expect(StatusCode::OK);
    app.visitor().get("/blog/post/river").await.contains("No comments yet.").lacks("was deleted");
    fragment(&ben, first).await.expect(StatusCode::GONE);
    app.advance(TimeDelta::hours(25));
    for _ in 0..2 {
        crate::comments::jobs::tick(&app.app).await.unwrap();
    }
    assert_eq!(number(&app, "select count(*) from comment where id > $1", 0_i64).await, 0);
    assert_counts(&app).await;
}

#[tokio::test]
async fn mistakes_come_back_with_what_was_typed() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let long = "x".repeat(10_001);
    for (words, message) in [("  \n ", "Write something first."), (&long, "10001 characters")] {
        let answer = ben.post("/blog/post/river", &[("content", words)]).await;
        answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains(message).contains(words.trim());
    }
    let fields = [("content", "Kept words"), ("parent_id", "999")];
    let answer = ben.post("/blog/post/river", &fields).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("Kept words").contains("not there");
    for field in ["user_id", "status", "html", "like_count"] {
        let fields = [("content", "x"), (field, "1")];
        let answer = ben.post("/blog/post/river", &fields).await;
        answer.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    assert_eq!(number(&app, "select count(*) from comment where id > $1", 0_i64).await, 0);
}

#[tokio::test]
async fn an_answer_stays_under_the_post_of_what_it_answers() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let first = say(&ben, "Here", None).await;
    let ana = user(&app, "ana").await;
    app.insert_post(TestPost::new(ana, "lake", "A lake")).await;
    let fields = [("content", "There"), ("parent_id", &first.to_string())];
    let answer = ben.post("/blog/post/lake", &fields).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("There");
    ben.get(&format!("/blog/post/lake/comment?parent={first}")).await.expect(StatusCode::NOT_FOUND);
    ben.get(&format!("/blog/post/lake/comments/{first}")).await.expect(StatusCode::NOT_FOUND);
    ben.get(&format!("/blog/post/lake/thread/{first}")).await.expect(StatusCode::NOT_FOUND);
    ben.get(&format!("/blog/post/river/comment?parent={first}")).await.contains("Here");
}

#[tokio::test]
async fn two_clicks_make_one_comment_and_other_words_make_another() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let nonce = ben.get("/blog/post/river").await.hidden("nonce").unwrap();
    let fields = [("content", "Once"), ("nonce", nonce.as_str()), ("parent_id", "")];
    let (one, two) =
        tokio::join!(ben.post("/blog/post/river", &fields), ben.post("/blog/post/river", &fields));
    assert_eq!(one.redirect(), two.redirect());
    // Back in the browser, other words: both are kept.
    let fields = [("content", "Twice"), ("nonce", nonce.as_str())];
    let three = ben.post("/blog/post/river", &fields).await;
    assert_ne!(one.redirect(), three.redirect());
    // A sender without a mark.
    let four = say(&ben, "Plain", None).await;
    assert_eq!(say(&ben, "Plain", None).await, four);
    app.advance(TimeDelta::minutes(1));
    assert_ne!(say(&ben, "Plain", None).await, four);
    assert_eq!(number(&app, "select count(*) from comment where id > $1", 0_i64).await, 4);
    assert_counts(&app).await;
}

#[tokio::test]
async fn five_comments_in_five_minutes_under_one_post_are_enough() {
    let app = TestApp::with(|config| config.limits.enabled = true).await;
    post_on(&app).await;
    let ben = app.client_of(app.person("ben", "User").await).await;
    for words in ["1", "2", "3", "4", "5"] {
        say(&ben, words, None).await;
    }
    let answer = ben.post("/blog/post/river", &[("content", "A sixth")]).await;
    assert!(!answer.header("retry-after").is_empty());
    answer.expect(StatusCode::TOO_MANY_REQUESTS).contains("A sixth");
}

#[tokio::test]
async fn whoever_is_named_is_noted_and_linked() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    app.person("Cleo", "User").await;
    app.person("dora", "User").await;
    block(&app, "dora", "ben").await;
    let id = say(&ben, "@cleo @dora @nobody @ben `@ana` look", None).await;
    let shown = fragment(&app.visitor(), id).await;
    shown
        .contains("<a href=\"/user/Cleo\" rel=\"nofollow ugc noopener\">@cleo</a>")
        .contains("@dora @nobody")
        .lacks("href=\"/user/dora\"")
        .lacks("href=\"/user/ana\"");
    let mentions = "select count(*) from comment_mention where comment_id = $1";
    assert_eq!(number(&app, mentions, id).await, 1);
    ben.post(&format!("/comments/{id}/edit"), &[("content", "@ana only")]).await;
    let whom = "select max(user_id) from comment_mention where comment_id = $1";
    assert_eq!(number(&app, whom, id).await, user(&app, "ana").await.0);
    // Ten count, however many are named.
    for name in 10..25 {
        app.person(&format!("guest{name}"), "User").await;
    }
    let many: String = (10..25).map(|n| format!("@guest{n}")).collect::<Vec<_>>().join(" ");
    let id = say(&ben, &many, None).await;
    assert_eq!(number(&app, mentions, id).await, 10);
}

#[tokio::test]
async fn scripts_get_answers_of_their_own() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let token = ben.get("/blog/post/river").await.csrf_token().unwrap();
    let send = |path: &str, body: &str| {
        let request = Request::post(path)
            .header(header::ACCEPT, "application/json")
            .header("x-csrftoken", &token)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        ben.send(request, body.as_bytes().to_vec())
    };
    let made = send("/blog/post/river", "content=Hello").await.expect(StatusCode::CREATED).json();
    let id = made["id"].as_i64().unwrap();
    assert_eq!((&made["status"], &made["comment_count"]), (&"visible".into(), &1.into()));
    fragment(&ben, id).await.contains("data-edit").lacks("<html");
    fragment(&app.visitor(), id).await.expect(StatusCode::OK).lacks("csrf_token");
    let wrong = send("/blog/post/river", "content=").await;
    wrong.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let cleo = app.member("cleo").await;
    cleo.get("/blog/post/river").await;
    let token = cleo.get("/blog/post/river").await.csrf_token().unwrap();
    let request = Request::post(format!("/comments/{id}/like"))
        .header(header::ACCEPT, "application/json")
        .header("x-csrftoken", &token)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let liked = cleo.send(request, b"liked=true".to_vec()).await.json();
    assert_eq!((&liked["liked"], &liked["count"]), (&true.into(), &1.into()));
}

#[tokio::test]
async fn what_somebody_said_stands_on_their_page_and_in_their_export() {
    use std::io::Read as _;

    let (app, _) = site().await;
    let ben = app.member("ben").await;
    for words in ["First words", "Second words"] {
        say(&ben, words, None).await;
    }
    let page = app.visitor().get("/user/ben?tab=comments").await.expect(StatusCode::OK);
    page.contains("First words").contains("A week on the river");
    let archive = app.export(&ben).await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut text = String::new();
    zip.by_name("comments.json").unwrap().read_to_string(&mut text).unwrap();
    assert!(text.contains("First words") && text.contains("Second words"), "{text}");
    run(&app, "update post set status = 'hidden', updated_at = updated_at", vec![]).await;
    let page = app.visitor().get("/user/ben?tab=comments").await;
    page.lacks("First words").contains("No comments yet");
}

#[tokio::test]
async fn members_see_which_of_the_writers_are_online() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let cleo = app.member("cleo").await;
    let id = say(&ben, "A word.", None).await;
    let dot = "class=\"online\"";
    cleo.post(&format!("/comments/{id}/like"), &[]).await.expect(StatusCode::SEE_OTHER);
    let likes = format!("/comments/{id}/likes");
    ben.get(&likes).await.contains("@cleo").contains(dot);
    app.visitor().get(&likes).await.contains("@cleo").lacks(dot);
    cleo.get("/blog/post/river").await.contains("A word.").contains(dot);
    app.visitor().get("/blog/post/river").await.contains("A word.").lacks(dot);
    ben.post("/auth/profile", &[]).await.expect(StatusCode::SEE_OTHER);
    cleo.get("/blog/post/river").await.contains("A word.").lacks(dot);
}
