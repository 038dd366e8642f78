//! How much mail one comment makes for others, whatever its writer does with it (X75).

use std::collections::BTreeSet;

use axum::http::StatusCode;

use super::*;

async fn mails_of(app: &TestApp, kind: &str) -> Vec<String> {
    let mails = app.mails().await;
    mails.into_iter().filter(|mail| mail.kind == kind).map(|mail| mail.recipient).collect()
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
