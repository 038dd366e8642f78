use axum::http::StatusCode;
use chrono::TimeDelta;

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
        .contains("Say what is wrong")
        .contains("aria-invalid=\"true\" aria-describedby=\"reason-error\"><legend>")
        .contains("id=\"reason-error\"");
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

/// Enter in a field, or on a box, presses the first button of the form.
#[tokio::test]
async fn enter_on_the_desk_decides_nothing_and_keeps_what_was_typed() {
    let (app, _) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let moderator = app.somebody("mod", "Moderator").await;
    let mut ids = Vec::new();
    for words in ["One", "Two"] {
        let id = say(&ben, words, None).await;
        let report = format!("/comments/{id}/report");
        cleo.post(&report, &[("reason", "spam")]).await.expect(StatusCode::SEE_OTHER);
        ids.push(id);
    }
    let first = |body: &str| {
        let (_, form) = body.split_once("data-desk").unwrap();
        let (_, button) = form.split_once("<button").unwrap();
        assert!(button.contains("name=\"decide\" value=\"look\""), "{button}");
    };
    for (show, word) in [("", "approve"), ("decided", "undo")] {
        let path = format!("/moderation/comments?show={show}");
        first(&moderator.get(&path).await.body);
        let pick = format!("pick_{}", ids[1]);
        let fields = [("decide", "look"), ("show", show), ("reason", "Half a"), (&*pick, "on")];
        let again = moderator.post("/moderation/comments", &fields).await.expect(StatusCode::OK);
        first(&again.body);
        again
            .contains(&format!("name=\"{pick}\" value=\"on\" checked"))
            .lacks(&format!("name=\"pick_{}\" value=\"on\" checked", ids[0]))
            .contains("Half a</textarea>")
            .contains(&format!("value=\"{word}-{}\"", ids[0]));
        for id in &ids {
            assert_eq!(status(&app, *id).await, if show.is_empty() { "visible" } else { "hidden" });
            decide(&moderator, &[("decide", &format!("hide-{id}"))]).await;
            moderator
                .get(&format!("/moderation/comments/{id}"))
                .await
                .contains("<textarea id=\"reason\"")
                .lacks("<input type=\"text\"");
        }
    }
    let answer = moderator.post("/moderation/comments", &[("decide", "")]).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
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

const REPORTS: &str = "select report_count from comment where id = $1";
const OPEN: &str = "select count(*) from report where comment_id = $1 and closed_at is null";

#[tokio::test]
async fn what_is_deleted_leaves_the_desk_and_whoever_reported_it_learns_that() {
    let (app, _) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let moderator = app.somebody("mod", "Moderator").await;
    let id = say(&ben, "Buy boats", None).await;
    say(&cleo, "No, thank you", Some(id)).await;
    cleo.post(&format!("/comments/{id}/report"), &[("reason", "spam")]).await;
    moderator.get("/moderation/comments").await.contains("Buy boats");
    app.advance(TimeDelta::minutes(1));
    ben.post(&format!("/comments/{id}/delete"), &[]).await.expect(StatusCode::OK);
    assert_eq!((number(&app, REPORTS, id).await, number(&app, OPEN, id).await), (0, 0));
    let by = number(&app, "select closed_by from report where comment_id = $1", id).await;
    assert_eq!(by, user(&app, "ben").await.0);
    moderator.get("/moderation/comments").await.contains("Nothing to decide");
    // A list that was open before: the answer says what has become of it.
    let late = moderator.post("/moderation/comments", &[("decide", &format!("hide-{id}"))]).await;
    late.expect(StatusCode::SEE_OTHER);
    moderator.get("/moderation/comments").await.contains("It was deleted meanwhile");
    app.run_jobs().await;
    cleo.get("/notifications").await.contains("that you reported was deleted");

    // Had back, it has to be looked at again, and the decision is told.
    app.advance(TimeDelta::minutes(1));
    ben.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::SEE_OTHER);
    app.run_jobs().await;
    cleo.get("/notifications").await.lacks("was decided");
    assert_eq!((number(&app, REPORTS, id).await, number(&app, OPEN, id).await), (1, 1));
    moderator.get("/moderation/comments").await.contains("Buy boats").contains("@cleo");
    app.advance(TimeDelta::minutes(1));
    decide(&moderator, &[("decide", &format!("hide-{id}"))]).await;
    app.run_jobs().await;
    cleo.get("/notifications").await.contains("was decided");
    let told = app.mails().await;
    let told = told.iter().filter(|mail| mail.recipient == "cleo@example.org").count();
    assert_eq!(told, 2, "of the deletion, and of the decision");

    // Deleted after the decision there is nothing to tell, and the list of decisions is without it.
    moderator.get("/moderation/comments?show=decided").await.contains("Buy boats");
    app.advance(TimeDelta::minutes(1));
    ben.post(&format!("/comments/{id}/delete"), &[]).await.expect(StatusCode::OK);
    moderator.get("/moderation/comments?show=decided").await.contains("Nothing decided");
    app.advance(TimeDelta::hours(25));
    crate::comments::jobs::tick(&app.app).await.unwrap();
    let (ben, moderator) = (app.log_in("ben").await, app.log_in("mod").await);
    moderator.get("/moderation/comments").await.contains("Nothing to decide");
    // Its place stays for the answer, and nothing of it can be had back.
    ben.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::GONE);
    assert_eq!(status(&app, id).await, "deleted");
    assert_counts(&app).await;
}

#[tokio::test]
async fn what_was_stuck_on_the_desk_when_it_was_deleted_is_listed_no_more() {
    let (app, _) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let moderator = app.somebody("mod", "Moderator").await;
    let id = say(&ben, "Buy boats", None).await;
    cleo.post(&format!("/comments/{id}/report"), &[("reason", "spam")]).await;
    // As the release before left it.
    run(
        &app,
        "update comment set status = 'deleted', deleted_at = created_at, moderated_at = created_at,
                updated_at = updated_at where id = $1",
        vec![id.into()],
    )
    .await;
    assert_eq!(number(&app, REPORTS, id).await, 1);
    for path in ["/moderation/comments", "/moderation/comments?show=decided"] {
        moderator.get(path).await.expect(StatusCode::OK).lacks("class=\"case\"");
        moderator
            .get(&format!("{path}{}after=0.0", if path.contains('?') { "&" } else { "?" }))
            .await
            .expect(StatusCode::OK)
            .lacks("class=\"case\"");
    }
}

#[tokio::test]
async fn one_has_back_what_one_deleted_oneself_and_moderators_anything() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let ana = app.log_in("ana").await;
    let chief = app.somebody("chief", "Administrator").await;
    let path = |id: i64, verb: &str| format!("/comments/{id}/{verb}");
    let people = [("ben", &ben), ("ana", &ana), ("chief", &chief)];
    for (deleter, client) in people {
        let id = say(&ben, &format!("Words that {deleter} takes away"), None).await;
        let deleted = client.post(&path(id, "delete"), &[]).await;
        deleted.expect(StatusCode::OK).contains("Bring it back");
        let mine = ben.post(&path(id, "delete"), &[]).await;
        if deleter == "ben" {
            mine.expect(StatusCode::OK).contains("Bring it back");
        } else {
            mine.expect(StatusCode::SEE_OTHER);
        }
        for (name, other) in people {
            let may = name == deleter || name == "chief";
            let answer = other.post(&path(id, "restore"), &[]).await;
            let expected = match name {
                _ if may => StatusCode::SEE_OTHER,
                "ben" => StatusCode::FORBIDDEN,
                _ => StatusCode::NOT_FOUND,
            };
            answer.expect(expected);
            let now = if may { "visible" } else { "deleted" };
            assert_eq!(status(&app, id).await, now, "{name} after {deleter}");
            // Somebody else's deletion later is not one's own.
            if may {
                client.post(&path(id, "delete"), &[]).await.expect(StatusCode::OK);
            }
        }
    }
    assert_counts(&app).await;
}

#[tokio::test]
async fn the_last_deletion_says_who_may_have_it_back() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let chief = app.somebody("chief", "Administrator").await;
    let id = say(&ben, "Words", None).await;
    let (delete, restore) = (format!("/comments/{id}/delete"), format!("/comments/{id}/restore"));
    ben.post(&delete, &[]).await.expect(StatusCode::OK);
    ben.post(&restore, &[]).await.expect(StatusCode::SEE_OTHER);
    chief.post(&delete, &[]).await.expect(StatusCode::OK);
    ben.post(&restore, &[]).await.expect(StatusCode::FORBIDDEN);
    chief.post(&restore, &[]).await.expect(StatusCode::SEE_OTHER);
    ben.post(&delete, &[]).await.expect(StatusCode::OK);
    ben.post(&restore, &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(status(&app, id).await, "visible");
}

#[tokio::test]
async fn the_migration_closes_the_reports_of_what_was_deleted_before_it() {
    let (app, _) = site().await;
    let cleo = app.member("cleo").await;
    let ben = app.member("ben").await;
    let chief = app.somebody("chief", "Administrator").await;
    let id = say(&ben, "Buy boats, @cleo", None).await;
    cleo.post(&format!("/comments/{id}/report"), &[("reason", "spam")]).await;
    let (db, now) = (&app.app.db, app.app.clock.now());
    let newer = crate::db::migrations().iter().filter(|step| step.version >= 22).count();
    db.migrate_down(newer).await.unwrap();
    run(
        &app,
        "update comment set status = 'deleted', status_before = 'visible', deleted_at = $2,
                updated_at = updated_at where id = $1",
        vec![id.into(), (now + TimeDelta::minutes(1)).into()],
    )
    .await;
    db.migrate_up(None, now).await.unwrap();
    // It was deleted past the room that counts.
    crate::posts::repair::recount(&app.app).await.unwrap();
    assert_eq!((number(&app, REPORTS, id).await, number(&app, OPEN, id).await), (0, 0));
    assert_eq!(number(&app, "select named_count from comment where id = $1", id).await, 1);
    // As if it had been deleted today: had back, the report is open again.
    let restore = format!("/comments/{id}/restore");
    ben.post(&restore, &[]).await.expect(StatusCode::FORBIDDEN);
    chief.post(&restore, &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!((number(&app, REPORTS, id).await, number(&app, OPEN, id).await), (1, 1));
    assert_counts(&app).await;
}
