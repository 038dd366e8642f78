//! The place of a comment that is no more: what hangs on it stays where it was.

use axum::http::StatusCode;

use super::*;
use crate::db::counting;

/// Whoever asks for one comment is answered what the page shows of it.
async fn assert_like_the_page(client: &Client, ids: &[i64]) {
    let page = client.get("/blog/post/river").await.expect(StatusCode::OK);
    let on_page = shown(&page.body);
    for id in ids {
        let (one, statements) = counting(fragment(client, *id)).await;
        assert!(statements <= 12, "{statements} statements");
        let stands = on_page.contains(id);
        assert_eq!(one.status == StatusCode::OK, stands, "{id}: {} and {on_page:?}", one.status);
        if !stands {
            let is_nothing = [StatusCode::NOT_FOUND, StatusCode::GONE].contains(&one.status);
            assert!(is_nothing, "{}", one.status);
            continue;
        }
        let (_, rest) = page.body.split_once(&format!("id=\"comment-{id}\"")).unwrap();
        let is_gone = rest.split_once("</article>").unwrap().0.contains("tabindex=\"-1\"><p>");
        assert_eq!(one.body.contains("class=\"comment gone\""), is_gone, "{id}: {}", one.body);
    }
}

#[tokio::test]
async fn one_comment_by_itself_is_what_the_page_shows_of_it() {
    let (app, _) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let (ana, dora) = (app.log_in("ana").await, app.member("dora").await);
    let moderator = app.somebody("mod", "Moderator").await;
    let mut ids = Vec::new();
    // At the top: alone, answered, and answered only by somebody whom dora has blocked.
    for words in ["Alone", "Answered", "Answered by Cleo"] {
        let top = say(&ben, words, None).await;
        ids.push(top);
        match words {
            "Answered" => ids.push(say(&dora, "So it is", Some(top)).await),
            "Answered by Cleo" => ids.push(say(&cleo, "So it is", Some(top)).await),
            _ => {}
        }
    }
    block(&app, "dora", "cleo").await;
    // A talk so deep that its end moves in no further.
    let mut last = None;
    for depth in 0..8 {
        let client = if depth % 2 == 0 { &ben } else { &moderator };
        let id = say(client, &format!("Depth {depth}"), last).await;
        ids.push(id);
        last = Some(id);
    }
    let people = [&app.visitor(), &ben, &cleo, &dora, &moderator];
    for client in people {
        assert_like_the_page(client, &ids).await;
    }
    // One after the other is deleted or hidden, the answered ones first.
    for (at, id) in ids.iter().enumerate() {
        if at % 2 == 0 {
            let own = format!("/comments/{id}/delete");
            // Its writer deletes it, or whoever wrote the post.
            let own_words = ben.post(&own, &[]).await.status == StatusCode::OK;
            assert!(own_words || ana.post(&own, &[]).await.status == StatusCode::OK);
        } else {
            let fields = [("decide", &*format!("hide-{id}"))];
            let answer = moderator.post("/moderation/comments", &fields).await;
            answer.expect(StatusCode::SEE_OTHER);
        }
        for client in people {
            assert_like_the_page(client, &ids).await;
        }
    }
    app.visitor().get("/blog/post/river").await.contains("No comments yet.");
    assert_counts(&app).await;
}

#[tokio::test]
async fn a_place_is_found_beyond_what_comes_with_a_branch() {
    let (app, _) = site().await;
    let (ben, cleo) = (app.member("ben").await, app.member("cleo").await);
    let top = say(&ben, "Top", None).await;
    for at in 0..60 {
        say(&cleo, &format!("Answer {at}"), Some(top)).await;
    }
    let late = say(&ben, "Late", Some(top)).await;
    say(&cleo, "Later still", Some(late)).await;
    ben.post(&format!("/comments/{late}/delete"), &[]).await.expect(StatusCode::OK);
    fragment(&app.visitor(), late).await.expect(StatusCode::OK).contains("was deleted.");
    ben.post(&format!("/comments/{top}/delete"), &[]).await.expect(StatusCode::OK);
    fragment(&app.visitor(), top).await.expect(StatusCode::OK).contains("was deleted.");
}
