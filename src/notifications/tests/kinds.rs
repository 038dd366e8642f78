//! Who is told of what, and who is not.

use axum::http::StatusCode;

use super::*;

/// Ana has written a post, Ben is a reader.
async fn scene() -> (TestApp, UserId, UserId, PostId) {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    let ben = app.someone("ben").await;
    let post = app.a_post(ana, "rivers").await;
    (app, ana, ben, post)
}

fn added(author: UserId, post: PostId, comment: CommentId) -> Event {
    Event::CommentAdded { author, post, comment, visible: true }
}

#[tokio::test]
async fn a_comment_tells_the_writer_of_the_post_with_its_first_words() {
    let (app, ana, ben, post) = scene().await;
    let words = "word ".repeat(100);
    let comment = app.a_comment((post, ben), None, "visible", &words).await;
    app.happens(added(ben, post, comment)).await;
    let [told] = &app.told(ana).await[..] else { panic!("one") };
    assert_eq!((told.kind.as_str(), told.category.as_str()), ("comment", "comment"));
    assert_eq!(told.title, "ben commented on “Rivers”");
    assert_eq!(told.message.chars().count(), 200);
    assert_eq!(told.action_url, Some(format!("/comment/{comment}")));
    assert_eq!(app.unread_of(ana).await, 1);
    assert!(app.told(ben).await.is_empty());
    let mail = app.mail_to("ana@private.example").await;
    assert!(mail.subject.contains("ben commented on “Rivers”"), "{}", mail.subject);
    assert_eq!(mail.link("/comment/"), format!("/comment/{comment}"));
}

#[tokio::test]
async fn an_answer_tells_whoever_is_answered_and_the_writer_once_each() {
    let (app, ana, ben, post) = scene().await;
    let cleo = app.someone("cleo").await;
    let first = app.a_comment((post, ben), None, "visible", "One").await;
    let second = app.a_comment((post, cleo), Some(first), "visible", "Two").await;
    app.happens(added(cleo, post, second)).await;
    assert_eq!(app.told(ben).await[0].kind, "reply");
    assert_eq!(app.told(ana).await[0].kind, "comment");
    // An answer to the writer's own comment under their post is one notification, not two.
    let third = app.a_comment((post, ana), None, "visible", "Three").await;
    let fourth = app.a_comment((post, ben), Some(third), "visible", "Four").await;
    app.happens(added(ben, post, fourth)).await;
    let told = app.told(ana).await;
    assert_eq!((told.len(), told[0].kind.as_str()), (2, "reply"));
}

#[tokio::test]
async fn who_is_named_is_told_once_also_when_named_later() {
    let (app, ana, ben, post) = scene().await;
    let cleo = app.someone("cleo").await;
    let comment = app.a_comment((post, ben), None, "visible", "Hello @cleo").await;
    let name = "insert into comment_mention (created_at, comment_id, user_id)
                select $1, c.id, $2 from comment c where c.user_id = $3";
    app.happens(added(ben, post, comment)).await;
    assert!(app.told(cleo).await.is_empty());
    app.run_sql(name, cleo, ben).await;
    app.run_sql(name, ana, ben).await;
    for _ in 0..2 {
        let named = vec![cleo, ana];
        app.happens(Event::CommentChanged { author: ben, post, comment, named }).await;
    }
    let [told] = &app.told(cleo).await[..] else { panic!("one") };
    assert_eq!(told.kind, "mention");
    assert_eq!(told.title, "ben mentioned you in a comment on “Rivers”");
    // The writer knew of the comment already.
    assert_eq!(app.told(ana).await.len(), 1);
}

#[tokio::test]
async fn nobody_is_told_of_their_own_acts() {
    let (app, ana, _, post) = scene().await;
    let comment = app.a_comment((post, ana), None, "visible", "Mine").await;
    app.happens(added(ana, post, comment)).await;
    app.happens(Event::PostLiked { user: ana, author: ana, post }).await;
    app.happens(Event::CommentLiked { user: ana, author: ana, post, comment, like_count: 1 }).await;
    assert!(app.told(ana).await.is_empty());
    assert_eq!(app.unread_of(ana).await, 0);
}

#[tokio::test]
async fn nobody_hears_of_people_they_blocked_or_muted_or_who_blocked_them() {
    let block = "insert into user_block (created_at, user_id, blocked_id) values ($1, $2, $3)";
    let mute = "insert into user_mute (created_at, user_id, muted_id) values ($1, $2, $3)";
    for (statement, is_turned, heard) in
        [(block, false, 0), (block, true, 0), (mute, false, 0), (mute, true, 1)]
    {
        let (app, ana, ben, post) = scene().await;
        let (one, other) = if is_turned { (ben, ana) } else { (ana, ben) };
        app.run_sql(statement, one, other).await;
        app.happens(Event::PostLiked { user: ben, author: ana, post }).await;
        assert_eq!(app.told(ana).await.len(), heard, "{statement} {is_turned}");
    }
}

#[tokio::test]
async fn blocking_somebody_takes_away_what_was_told_of_them() {
    let (app, ana, ben, post) = scene().await;
    app.happens(Event::PostLiked { user: ben, author: ana, post }).await;
    app.happens(Event::UserBlocked { user: ana, blocked: ben }).await;
    assert!(app.told(ana).await.is_empty());
    assert_eq!(app.unread_of(ana).await, 0);
}

#[tokio::test]
async fn a_comment_that_waits_tells_nobody_until_it_is_approved() {
    let (app, ana, ben, post) = scene().await;
    let judge = app.someone("judge").await;
    let comment = app.a_comment((post, ben), None, "pending", "Hello").await;
    app.happens(Event::CommentAdded { author: ben, post, comment, visible: false }).await;
    assert!(app.told(ana).await.is_empty());
    app.run_sql(
        "update comment set status = 'visible', updated_at = $1 where user_id in ($2, $3)",
        ben,
        ben,
    )
    .await;
    let approved = |was: &str| Event::CommentModerated {
        author: ben,
        post,
        comment,
        by: judge,
        was: was.to_owned(),
        status: "visible".to_owned(),
    };
    app.happens(approved("pending")).await;
    assert_eq!(app.told(ana).await[0].kind, "comment");
    let told = app.told(ben).await;
    assert_eq!(told[0].title, "Your comment on “Rivers” was approved");
    assert_eq!((told[0].kind.as_str(), told[0].priority.as_str()), ("moderation", "high"));
    app.happens(approved("visible")).await;
    assert_eq!((app.told(ana).await.len(), app.told(ben).await.len()), (1, 1));
}

#[tokio::test]
async fn a_hidden_comment_is_told_no_more_and_its_writer_learns_why() {
    let (app, ana, ben, post) = scene().await;
    let judge = app.someone("judge").await;
    let cleo = app.someone("cleo").await;
    let comment = app.a_comment((post, ben), None, "visible", "Hello").await;
    app.happens(added(ben, post, comment)).await;
    assert_eq!(app.unread_of(ana).await, 1);
    app.run_sql(
        "update comment set status = 'hidden', moderation_reason = 'Unkind', updated_at = $1
          where user_id in ($2, $3)",
        ben,
        ben,
    )
    .await;
    app.run_sql(
        "insert into report (created_at, updated_at, user_id, comment_id, reason, closed_at)
         select $1, $1, $2, c.id, 'abuse', $1 from comment c where c.user_id = $3",
        cleo,
        ben,
    )
    .await;
    app.happens(Event::CommentModerated {
        author: ben,
        post,
        comment,
        by: judge,
        was: "visible".to_owned(),
        status: "hidden".to_owned(),
    })
    .await;
    // Its row stays, because it was mailed; the page is without it.
    assert_eq!(app.told(ana).await[0].delivery_method, "email");
    app.client_of(ana).await.get("/notifications").await.contains("Nothing yet");
    assert_eq!(app.unread_of(ana).await, 0);
    let told = app.told(ben).await;
    assert_eq!(told[0].title, "Your comment on “Rivers” was hidden by a moderator");
    assert_eq!(told[0].message, "The reason: Unkind");
    app.run_jobs().await;
    assert_eq!(app.told(cleo).await[0].title, "Your report of a comment on “Rivers” was decided");
    app.happens(Event::CommentRemoved { author: ben, post, comment, by: ben }).await;
    assert!(app.told(ben).await.is_empty());
    assert_eq!(app.wrong_unread().await, 0);
}

#[tokio::test]
async fn a_like_taken_back_before_it_was_read_was_never_there() {
    let (app, ana, ben, post) = scene().await;
    let liked = || Event::PostLiked { user: ben, author: ana, post };
    let unliked = || Event::PostUnliked { user: ben, author: ana, post };
    app.happens(liked()).await;
    app.happens(liked()).await;
    assert_eq!((app.told(ana).await.len(), app.unread_of(ana).await), (1, 1));
    app.happens(unliked()).await;
    assert_eq!((app.told(ana).await.len(), app.unread_of(ana).await), (0, 0));
    app.happens(liked()).await;
    let client = app.client_of(ana).await;
    client.post("/notifications/read-all", &[]).await;
    app.happens(unliked()).await;
    app.happens(liked()).await;
    assert_eq!((app.told(ana).await.len(), app.unread_of(ana).await), (1, 0));
}

#[tokio::test]
async fn following_again_and_again_sends_one_mail() {
    let (app, ana, ben, _) = scene().await;
    app.choose(ana, "follow", true, "now").await;
    for _ in 0..5 {
        app.happens(Event::UserFollowed { follower: ben, followed: ana }).await;
        app.happens(Event::UserUnfollowed { follower: ben, followed: ana }).await;
    }
    assert_eq!(app.mails().await.len(), 1);
    assert_eq!(app.unread_of(ana).await, 0);
    app.client_of(ana).await.get("/notifications").await.contains("Nothing yet");
}

#[tokio::test]
async fn who_wants_mail_and_no_page_gets_one_mail_too() {
    let (app, ana, ben, _) = scene().await;
    app.choose(ana, "follow", false, "now").await;
    for _ in 0..3 {
        app.happens(Event::UserFollowed { follower: ben, followed: ana }).await;
        app.happens(Event::UserUnfollowed { follower: ben, followed: ana }).await;
    }
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn blocking_and_following_again_and_again_sends_one_mail() {
    let (app, ana, ben, _) = scene().await;
    app.choose(ana, "follow", true, "now").await;
    for _ in 0..3 {
        app.happens(Event::UserFollowed { follower: ben, followed: ana }).await;
        app.happens(Event::UserBlocked { user: ben, blocked: ana }).await;
        assert_eq!(app.unread_of(ana).await, 0);
        app.client_of(ana).await.get("/notifications").await.contains("Nothing yet");
    }
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn hiding_a_post_and_publishing_it_again_sends_one_mail() {
    let (app, ana, ben, post) = scene().await;
    app.choose(ben, "post", true, "now").await;
    app.run_sql(
        "insert into follow (created_at, updated_at, follower_id, followed_id)
         values ($1, $1, $2, $3)",
        ben,
        ana,
    )
    .await;
    for _ in 0..3 {
        app.happens(Event::PostPublished { author: ana, post, scheduled: false }).await;
        app.run_jobs().await;
        assert_eq!(app.unread_of(ben).await, 1);
        app.run_sql(
            "update post set status = 'hidden', updated_at = $1 where user_id in ($2, $3)",
            ana,
            ana,
        )
        .await;
        app.happens(Event::PostHidden { author: ana, post, by: ana }).await;
        app.run_jobs().await;
        assert_eq!(app.unread_of(ben).await, 0);
        app.run_sql(
            "update post set status = 'published', updated_at = $1 where user_id in ($2, $3)",
            ana,
            ana,
        )
        .await;
    }
    assert_eq!(app.mails().await.len(), 1);
    assert_eq!(app.wrong_unread().await, 0);
}

#[tokio::test]
async fn settings_decide_page_and_mail() {
    let (app, ana, ben, post) = scene().await;
    app.choose(ana, "like", false, "off").await;
    app.choose(ana, "follow", false, "now").await;
    app.choose(ana, "comment", true, "off").await;
    app.happens(Event::PostLiked { user: ben, author: ana, post }).await;
    assert!(app.told(ana).await.is_empty());
    app.happens(Event::UserFollowed { follower: ben, followed: ana }).await;
    assert_eq!(app.told(ana).await[0].delivery_method, "email");
    assert_eq!((app.unread_of(ana).await, app.mails().await.len()), (0, 1));
    let comment = app.a_comment((post, ben), None, "visible", "Hello").await;
    app.happens(added(ben, post, comment)).await;
    assert_eq!((app.unread_of(ana).await, app.mails().await.len()), (1, 1));
}

#[tokio::test]
async fn who_goes_for_good_takes_along_what_is_told_of_them() {
    let (app, ana, ben, post) = scene().await;
    let cleo = app.someone("cleo").await;
    let comment = app.a_comment((post, ben), None, "visible", "Hello").await;
    app.happens(added(ben, post, comment)).await;
    let answer = app.a_comment((post, cleo), Some(comment), "visible", "Hi").await;
    app.happens(added(cleo, post, answer)).await;
    app.happens(Event::PostLiked { user: ben, author: ana, post }).await;
    app.happens(Event::PostLiked { user: cleo, author: ana, post }).await;
    assert_eq!(app.unread_of(ana).await, 4);
    // The comments were written past the room that counts them.
    crate::posts::repair::recount(&app.app).await.unwrap();
    let mut tx = app.app.db.begin().await.unwrap();
    events::record(&app.app, &mut tx, Event::UserDeleted { user: ben }).await.unwrap();
    crate::accounts::store::users::delete(&mut tx, ben).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.wrong_unread().await, 0);
    // What others did stays, and so does an answer to a comment whose writer is gone.
    assert_eq!(app.told(ana).await.len(), 2, "{:?}", app.told(ana).await);
}

#[tokio::test]
async fn a_post_that_is_hidden_is_told_no_more_and_its_writer_learns_it() {
    let (app, ana, ben, post) = scene().await;
    app.happens(Event::PostLiked { user: ben, author: ana, post }).await;
    app.run_sql(
        "update post set status = 'hidden', updated_at = $1 where user_id in ($2, $3)",
        ana,
        ana,
    )
    .await;
    app.happens(Event::PostHidden { author: ana, post, by: ben }).await;
    app.run_jobs().await;
    let [told] = &app.told(ana).await[..] else { panic!("one") };
    assert_eq!(told.title, "Your post “Rivers” was hidden by a moderator");
    assert_eq!(app.wrong_unread().await, 0);
}

#[tokio::test]
async fn a_post_that_went_out_as_planned_is_told_to_its_writer_who_may_leave_that() {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    let post = app.a_post(ana, "rivers").await;
    let event = Event::PostPublished { author: ana, post, scheduled: true };
    app.happens(event.clone()).await;
    let mail = app.mail_to("ana@private.example").await;
    assert_eq!(mail.kind, "scheduled_published");
    assert!(mail.text_body.contains("It went out as planned, on 1 January 2026"));
    app.visitor().get(&mail.link("/blog/post/rivers")).await.expect(StatusCode::OK);
    let leave = mail.link("/notifications/unsubscribe/");
    let one_click = [("content-type", "application/x-www-form-urlencoded")];
    let body = "List-Unsubscribe=One-Click".to_owned();
    app.visitor().post_bytes(&leave, &one_click, body).await.expect(StatusCode::OK);
    app.advance(chrono::TimeDelta::days(1));
    app.happens(event).await;
    let mails = app.mails().await;
    assert_eq!(mails.iter().filter(|mail| mail.kind == "scheduled_published").count(), 1);
    // A post that its writer publishes is no news to them.
    app.happens(Event::PostPublished { author: ana, post, scheduled: false }).await;
    assert_eq!(app.mails().await.len(), 1);
}
