//! Many people at once: followers, everybody.

use axum::http::StatusCode;

use super::*;
use crate::{jobs, notifications::jobs::TellFollowers};

async fn followers(app: &TestApp, number: i64, followed: UserId) {
    let mut tx = app.app.db.begin().await.unwrap();
    write(
        "insert into \"user\" (created_at, updated_at, username, username_key, email, email_key,
             password_hash, password_changed_at, last_seen, email_confirmed)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < $2)
         select $1, $1, 'f' || i, 'f' || i, 'f' || i, 'f' || i, '', $1, $1, true from n",
    )
    .bind(app.app.clock.now())
    .bind(number)
    .run(&mut tx)
    .await
    .unwrap();
    write(
        "insert into follow (created_at, updated_at, follower_id, followed_id)
         select $1, $1, id, $2 from \"user\" where id <> $2",
    )
    .bind(app.app.clock.now())
    .bind(followed)
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

async fn count(app: &TestApp, statement: &'static str) -> i64 {
    read(statement).value(&mut app.app.db.conn().await.unwrap()).await.unwrap()
}

const TOLD: &str = "select count(*) from notification where notification_type = 'post'";

#[tokio::test]
async fn a_post_is_told_to_1200_followers_in_batches_that_go_on_after_a_crash() {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    followers(&app, 1_200, ana).await;
    let post = app.a_post(ana, "rivers").await;
    app.happens(Event::PostPublished { author: ana, post, scheduled: false }).await;
    assert_eq!(count(&app, TOLD).await, 0);
    assert!(jobs::run_next(&app.app, jobs::Worker::Any).await.unwrap());
    assert_eq!(count(&app, TOLD).await, 500);
    // The process dies after its batch and before the job is put away: the batch runs again.
    let job = TellFollowers { post, after: UserId(0) };
    jobs::Job::run(job, &app.app).await.unwrap();
    assert_eq!(count(&app, TOLD).await, 500);
    app.run_jobs().await;
    assert_eq!(count(&app, TOLD).await, 1_200);
    assert_eq!(app.wrong_unread().await, 0);
    // Hidden and shown again, it is no news.
    app.happens(Event::PostPublished { author: ana, post, scheduled: false }).await;
    app.run_jobs().await;
    assert_eq!(count(&app, TOLD).await, 1_200);
    app.run_sql(
        "update post set deleted_at = $1, updated_at = $1 where user_id in ($2, $3)",
        ana,
        ana,
    )
    .await;
    app.happens(Event::PostDeleted { author: ana, post, by: ana }).await;
    app.run_jobs().await;
    assert_eq!(count(&app, TOLD).await, 0);
    assert_eq!(app.wrong_unread().await, 0);
}

#[tokio::test]
async fn an_administrator_tells_everybody_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ana = app.someone("ana").await;
    let page = admin.get("/notifications/send").await.expect(StatusCode::OK);
    let batch = page.hidden("batch_id").unwrap();
    let fields = [
        ("title", "Maintenance"),
        ("message", "On Sunday."),
        ("path", "/about"),
        ("priority", "urgent"),
        ("batch_id", batch.as_str()),
    ];
    for _ in 0..2 {
        admin.post("/notifications/send", &fields).await.expect(StatusCode::SEE_OTHER);
        app.run_jobs().await;
    }
    let [told] = &app.told(ana).await[..] else { panic!("one") };
    assert_eq!((told.title.as_str(), told.priority.as_str()), ("Maintenance", "urgent"));
    let kept = count(&app, "select count(distinct batch_id) from notification").await;
    assert_eq!(kept, 1);
    for path in ["//evil.example", "https://evil.example", "/\\evil.example", "about"] {
        let mut bad = fields;
        bad[2] = ("path", path);
        admin.post("/notifications/send", &bad).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let member = app.client_of(ana).await;
    member.get("/notifications/send").await.expect(StatusCode::FORBIDDEN);
    member.post("/notifications/send", &fields).await.expect(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_comment_with_more_likes_than_a_batch_leaves_the_count_right_when_it_goes() {
    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    let ben = app.someone("ben").await;
    followers(&app, 1_100, ben).await;
    let post = app.a_post(ana, "rivers").await;
    for verb in ["removed", "hidden"] {
        let comment = app.a_comment((post, ben), None, "visible", "Hello").await;
        app.happens(Event::CommentAdded { author: ben, post, comment, visible: true }).await;
        let mut tx = app.app.db.begin().await.unwrap();
        write(
            "insert into notification (created_at, updated_at, user_id, title, message,
                 notification_type, category, related_post_id, related_comment_id,
                 related_user_id, group_key, unique_key, is_head)
             select $1, $1, $2, 'x', '', 'like', 'like', $3, $4, id, 'like', 'like' || id,
                    id = (select max(id) from \"user\") from \"user\" where username like 'f%'",
        )
        .bind(app.app.clock.now())
        .bind(ben)
        .bind(post)
        .bind(comment)
        .run(&mut tx)
        .await
        .unwrap();
        crate::accounts::store::users::add_unread(&mut tx, ben, 1_100, app.app.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(app.wrong_unread().await, 0);
        app.happens(match verb {
            "removed" => Event::CommentRemoved { author: ben, post, comment, by: ben },
            _ => Event::CommentModerated {
                author: ben,
                post,
                comment,
                by: ben,
                was: "visible".to_owned(),
                status: "hidden".to_owned(),
            },
        })
        .await;
        assert_eq!((app.unread_of(ben).await, app.wrong_unread().await), (0, 0), "{verb}");
        // What hangs on it goes with it, and nothing of that was counted.
        app.run_sql("delete from comment where created_at <= $1 and user_id in ($2, $3)", ben, ben)
            .await;
        assert_eq!(app.wrong_unread().await, 0, "{verb}");
    }
}

#[tokio::test]
async fn the_doctor_finds_wrong_numbers_beside_the_bell_and_mends_them() {
    use crate::notifications::repair;

    let app = TestApp::start().await;
    let ana = app.someone("ana").await;
    let ben = app.someone("ben").await;
    let post = app.a_post(ana, "rivers").await;
    app.happens(Event::PostLiked { user: ben, author: ana, post }).await;
    assert_eq!(repair::wrong_counts(&app.app).await.unwrap(), 0);
    app.run_sql(
        "update \"user\" set unread_count = 7, updated_at = $1 where id in ($2, $3)",
        ana,
        ben,
    )
    .await;
    assert_eq!(repair::wrong_counts(&app.app).await.unwrap(), 2);
    assert_eq!(repair::recount(&app.app).await.unwrap(), 2);
    assert_eq!((app.unread_of(ana).await, app.unread_of(ben).await), (1, 0));
    assert_eq!(repair::wrong_counts(&app.app).await.unwrap(), 0);
    assert_eq!(repair::recount(&app.app).await.unwrap(), 0);
}
