//! How much mail one comment makes for others, whatever its writer does with it (X75).

use std::collections::BTreeSet;

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::*;

async fn mails_of(app: &TestApp, kind: &str) -> Vec<String> {
    let mails = app.mails().await;
    mails.into_iter().filter(|mail| mail.kind == kind).map(|mail| mail.recipient).collect()
}

#[tokio::test]
async fn deleting_and_having_back_again_and_again_sends_one_mail() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let ana = user(&app, "ana").await;
    let browser = app.log_in("ana").await;
    let id = say(&ben, "Look at this", None).await;
    assert_eq!(mails_of(&app, "notify_comment").await.len(), 1);
    for is_read in [false, true] {
        if is_read {
            browser.post("/notifications/read-all", &[]).await.expect(StatusCode::SEE_OTHER);
        }
        for _ in 0..3 {
            app.advance(TimeDelta::minutes(1));
            ben.post(&format!("/comments/{id}/delete"), &[]).await.expect(StatusCode::OK);
            assert_eq!(app.unread_of(ana).await, 0);
            browser.get("/notifications").await.contains("Nothing yet");
            ben.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::SEE_OTHER);
            // Back as it was: what was read is not unread again.
            assert_eq!(app.unread_of(ana).await, i64::from(!is_read));
            browser.get("/notifications").await.contains("commented on");
        }
    }
    assert_eq!(mails_of(&app, "notify_comment").await.len(), 1);
    assert_eq!(app.wrong_unread().await, 0);
}

#[tokio::test]
async fn what_others_take_away_and_bring_back_is_told_its_writer_once_by_mail() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let ana = app.log_in("ana").await;
    let id = say(&ben, "Look at this", None).await;
    for _ in 0..3 {
        ana.post(&format!("/comments/{id}/delete"), &[]).await.expect(StatusCode::OK);
        ben.get("/notifications").await.contains("removed by the author of the post");
        ana.post(&format!("/comments/{id}/restore"), &[]).await.expect(StatusCode::SEE_OTHER);
        ben.get("/notifications").await.lacks("removed by");
    }
    assert_eq!(mails_of(&app, "notify_moderation").await, ["ben@example.org"]);
    let chief = app.somebody("chief", "Administrator").await;
    let other = say(&ben, "Another one", None).await;
    chief.post(&format!("/comments/{other}/delete"), &[]).await.expect(StatusCode::OK);
    ben.get("/notifications").await.contains("removed by a moderator");
    assert_eq!(app.wrong_unread().await, 0);
}

#[tokio::test]
async fn deleting_and_having_back_is_limited_and_writing_leaves_room_for_it() {
    let app = TestApp::with(|config| config.limits.enabled = true).await;
    post_on(&app).await;
    let ben = app.client_of(app.person("ben", "User").await).await;
    let mut ids = Vec::new();
    for words in ["1", "2", "3", "4", "5"] {
        ids.push(say(&ben, words, None).await);
    }
    let (delete, restore) =
        (format!("/comments/{}/delete", ids[0]), format!("/comments/{}/restore", ids[0]));
    for _ in 0..2 {
        ben.post(&delete, &[]).await.expect(StatusCode::OK);
        ben.post(&restore, &[]).await.expect(StatusCode::SEE_OTHER);
    }
    ben.post(&delete, &[]).await.expect(StatusCode::OK);
    ben.post(&restore, &[]).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(status(&app, ids[0]).await, "deleted");
    // Whoever clears up what others said is not held up.
    let ana = app.client_of(user(&app, "ana").await).await;
    let cleo = app.client_of(app.person("cleo", "User").await).await;
    for words in ["6", "7"] {
        ids.push(say(&cleo, words, None).await);
    }
    for id in &ids[1..] {
        ana.post(&format!("/comments/{id}/delete"), &[]).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn over_its_whole_life_a_comment_tells_ten_people_that_it_names_them() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    for at in 10..40 {
        app.person(&format!("guest{at}"), "User").await;
    }
    let names = |from: usize, to: usize| {
        (from..to).map(|at| format!("@guest{at}")).collect::<Vec<_>>().join(" ")
    };
    let id = say(&ben, &names(10, 14), None).await;
    let edit = format!("/comments/{id}/edit");
    // The same names in other words are told to nobody.
    for words in ["Hello", "Good evening"] {
        let text = format!("{words} {}", names(10, 14));
        ben.post(&edit, &[("content", &text)]).await.expect(StatusCode::SEE_OTHER);
    }
    assert_eq!(mails_of(&app, "notify_mention").await.len(), 4);
    for from in (14..40).step_by(2) {
        let text = names(from, from + 2);
        ben.post(&edit, &[("content", &text)]).await.expect(StatusCode::SEE_OTHER);
    }
    let told = mails_of(&app, "notify_mention").await;
    assert_eq!(told.len(), 10);
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), 10);
    let noted = "select count(*) from comment_mention where comment_id = $1";
    assert_eq!(number(&app, noted, id).await, 0, "whom it names now is beyond the ten");
    assert_eq!(number(&app, "select named_count from comment where id = $1", id).await, 10);
    // They are links all the same.
    fragment(&app.visitor(), id).await.contains("href=\"/user/guest39\"");
}

#[tokio::test]
async fn who_put_a_mention_away_is_not_told_of_it_with_the_next_change() {
    let (app, _) = site().await;
    let ben = app.member("ben").await;
    let cleo = app.member("cleo").await;
    let id = say(&ben, "Hello @cleo", None).await;
    let told = app.told(user(&app, "cleo").await).await;
    cleo.post(&format!("/notifications/{}/delete", told[0].id), &[]).await;
    let text = [("content", "Hello again @cleo")];
    ben.post(&format!("/comments/{id}/edit"), &text).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(mails_of(&app, "notify_mention").await.len(), 1);
}
