use axum::http::StatusCode;

use super::*;

#[tokio::test]
async fn nothing_that_runs_gets_into_a_page() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    for words in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/p.png)",
        "<svg/onload=alert(1)>",
        "@ben\" onmouseover=\"alert(1)",
        "[a](https://x.example\"onclick=\"alert(1))",
        "<a href=\"vbscript:x\">x</a>",
        "# <iframe src=//evil.example>",
        "`<script>`",
    ] {
        let id = say(&ben, words, None).await;
        let shown = fragment(&app.visitor(), id).await.expect(StatusCode::OK);
        let body = shown.body.to_lowercase();
        for bad in [
            "<script",
            "<img",
            "<svg",
            "<iframe",
            "<a href=\"javascript:",
            "<a href=\"vbscript:",
            "<h1",
            "<h2",
        ] {
            assert!(!body.contains(bad), "{words}: {body}");
        }
        // In words they may stand, in a tag they may not.
        let in_tags: String = body
            .split('<')
            .filter_map(|part| part.split('>').next())
            .collect::<Vec<_>>()
            .join("\n");
        for bad in [" onmouseover", "\"onclick", "onerror", "onload"] {
            assert!(!in_tags.contains(bad), "{words}: {in_tags}");
        }
    }
}

#[tokio::test]
async fn strangers_change_nothing() {
    let (app, _) = site().await;
    let (ben, eve) = (app.member("ben").await, app.member("eve").await);
    let id = say(&ben, "Mine", None).await;
    eve.post(&format!("/comments/{id}/edit"), &[("content", "x")])
        .await
        .expect(StatusCode::FORBIDDEN);
    eve.get(&format!("/comments/{id}/edit")).await.expect(StatusCode::FORBIDDEN);
    for path in [format!("/comments/{id}/delete"), format!("/blog/comment/{id}/delete")] {
        eve.get(&path).await.expect(StatusCode::FORBIDDEN);
        eve.post(&path, &[]).await.expect(StatusCode::FORBIDDEN);
        let nobody = app.visitor();
        nobody.post(&path, &[]).await.expect(StatusCode::UNAUTHORIZED);
    }
    ben.post(&format!("/comments/{id}/like"), &[]).await.expect(StatusCode::FORBIDDEN);
    // Whoever wrote the post may take comments from under it, and bring back what they took; and may
    // not change them, or bring back what others took.
    let ana = app.log_in("ana").await;
    ana.post(&format!("/comments/{id}/edit"), &[("content", "x")])
        .await
        .expect(StatusCode::FORBIDDEN);
    ben.post(&format!("/blog/comment/{id}/delete"), &[]).await.expect(StatusCode::OK);
    ana.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::NOT_FOUND);
    ben.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::SEE_OTHER);
    ana.post(&format!("/blog/comment/{id}/delete"), &[]).await.expect(StatusCode::OK);
    ben.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::FORBIDDEN);
    eve.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::NOT_FOUND);
    eve.post(&format!("/comments/{id}/delete"), &[]).await.expect(StatusCode::NOT_FOUND);
    assert_eq!(status(&app, id).await, "deleted");
    for path in ["edit", "delete", "restore", "like", "report"] {
        let fields: &[_] = match path {
            "edit" => &[("content", "x")],
            "report" => &[("reason", "spam")],
            _ => &[],
        };
        let answer = eve.post(&format!("/comments/999/{path}"), fields).await;
        answer.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_post_that_is_not_public_has_no_comments() {
    let (app, post) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let ana = app.log_in("ana").await;
    let id = say(&ben, "Secret words", None).await;
    for state in ["hidden", "draft", "deleted"] {
        let change = match state {
            "deleted" => {
                "update post set status = 'published', deleted_at = created_at, updated_at = updated_at"
            }
            "draft" => "update post set status = 'draft', updated_at = updated_at",
            _ => "update post set status = 'hidden', updated_at = updated_at",
        };
        run(&app, change, vec![]).await;
        for client in [&ben, &cleo, &ana] {
            for path in [
                format!("/comment/{id}"),
                format!("/blog/post/river/comments/{id}"),
                format!("/blog/post/river/thread/{id}"),
                format!("/blog/post/{post}/comments/{id}"),
                format!("/comments/{id}/likes"),
                format!("/comments/{id}/edit"),
                format!("/comments/{id}/report"),
                "/blog/post/river/comment".to_owned(),
            ] {
                client.get(&path).await.expect(StatusCode::NOT_FOUND).lacks("Secret");
            }
            for (path, fields) in [
                ("/blog/post/river".to_owned(), vec![("content", "x")]),
                (format!("/comments/{id}/edit"), vec![("content", "x")]),
                (format!("/comments/{id}/like"), vec![]),
                (format!("/comments/{id}/delete"), vec![]),
                (format!("/comments/{id}/report"), vec![("reason", "spam")]),
            ] {
                client.post(&path, &fields).await.expect(StatusCode::NOT_FOUND);
            }
        }
        if state != "deleted" {
            ana.get("/blog/post/river")
                .await
                .expect(StatusCode::OK)
                .lacks("Secret")
                .lacks("id=\"comments\"");
        }
    }
    assert_eq!(number(&app, "select count(*) from comment where id > $1", 0_i64).await, 1);
}

#[tokio::test]
async fn blocks_hold_both_ways() {
    let (app, _) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let first = say(&ben, "Words of Ben", None).await;
    let answered = say(&ben, "Answered words of Ben", None).await;
    say(&app.member("dora").await, "Words of Dora", Some(answered)).await;
    block(&app, "ben", "cleo").await;
    let page = cleo.get("/blog/post/river").await;
    page.lacks("Words of Ben")
        .lacks("words of Ben")
        .contains("blocked or muted")
        .contains("Words of Dora");
    fragment(&cleo, first).await.expect(StatusCode::NOT_FOUND);
    cleo.post(&format!("/comments/{first}/like"), &[]).await.expect(StatusCode::NOT_FOUND);
    let fields = [("content", "To Ben"), ("parent_id", &first.to_string())];
    cleo.post("/blog/post/river", &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let of_cleo = say(&cleo, "Words of Cleo", None).await;
    ben.get("/blog/post/river").await.lacks("Words of Cleo");
    fragment(&ben, of_cleo).await.expect(StatusCode::NOT_FOUND);
    // Whom the writer of the post has blocked says nothing here.
    block(&app, "cleo", "ana").await;
    cleo.post("/blog/post/river", &[("content", "x")]).await.expect(StatusCode::NOT_FOUND);
    for path in [
        "/blog/post/river".to_owned(),
        "/blog/post/river/comment".to_owned(),
        format!("/blog/post/river/thread/{answered}"),
        format!("/comment/{answered}"),
        format!("/comment/{of_cleo}"),
        format!("/comments/{of_cleo}/likes"),
    ] {
        cleo.get(&path).await.expect(StatusCode::NOT_FOUND).lacks("Words");
    }
    fragment(&cleo, of_cleo).await.expect(StatusCode::NOT_FOUND);
    let change = format!("/comments/{of_cleo}/edit");
    cleo.post(&change, &[("content", "Others")]).await.expect(StatusCode::NOT_FOUND);
    // What one said can be taken back all the same.
    cleo.post(&format!("/comments/{of_cleo}/delete"), &[]).await.expect(StatusCode::OK);
    // Muting hides from whoever mutes, and from nobody else.
    let (dora, ben_id) = (user(&app, "dora").await, user(&app, "ben").await);
    let mute = "insert into user_mute (created_at, user_id, muted_id) values ($1, $2, $3)";
    run(&app, mute, vec![app.app.clock.now().into(), dora.into(), ben_id.into()]).await;
    app.log_in("dora").await.get("/blog/post/river").await.lacks("Words of Ben").contains("muted");
    ben.get("/blog/post/river").await.contains("Words of Dora").contains("Words of Ben");
}

#[tokio::test]
async fn somebody_who_left_is_not_named() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let id = say(&ben, "Words that stay", None).await;
    run(
        &app,
        "update \"user\" set is_active = (1 = 0), updated_at = updated_at where username = 'ben'",
        vec![],
    )
    .await;
    let shown = fragment(&app.visitor(), id).await;
    shown
        .contains("Words that stay")
        .contains("Somebody who left")
        .lacks("/user/ben")
        .lacks(">ben<");
}
