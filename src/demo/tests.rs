//! A small demonstration, counted.

use axum::http::StatusCode;

use super::{Plan, fill};
use crate::{db::read, posts::repair, testing::TestApp};

fn plan() -> Plan {
    Plan {
        people: 20,
        posts: 30,
        comments: 90,
        likes: 200,
        follows: 60,
        views: 400,
        covers: 1,
        ..Plan::small()
    }
}

async fn count(app: &TestApp, statement: &'static str) -> i64 {
    read(statement).value(&mut app.app.db.conn().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn counts_and_rows_agree() {
    let app = TestApp::start().await;
    let made = fill(&app.app, plan(), |_| {}).await.unwrap();
    assert_eq!((made.people, made.posts, made.likes, made.comments), (20, 30, 200, 90));
    assert_eq!((made.follows, made.views), (60, 400));
    for (rows, counts) in [
        ("select count(*) from post_like", "select cast(sum(like_count) as bigint) from post"),
        ("select count(*) from comment", "select cast(sum(comment_count) as bigint) from post"),
        ("select count(*) from post_view", "select cast(sum(view_count) as bigint) from post"),
        ("select count(*) from follow", "select cast(sum(follower_count) as bigint) from \"user\""),
        (
            "select count(*) from follow",
            "select cast(sum(following_count) as bigint) from \"user\"",
        ),
        (
            "select count(*) from notification where not is_read",
            "select cast(sum(unread_count) as bigint) from \"user\"",
        ),
        ("select count(*) from post", "select cast(sum(post_count) as bigint) from \"user\""),
        ("select count(*) from post", "select cast(sum(post_count) as bigint) from category"),
        ("select count(*) from post_tag", "select cast(sum(post_count) as bigint) from tag"),
    ] {
        assert_eq!(count(&app, rows).await, count(&app, counts).await, "{rows}");
    }
    let wrong = count(
        &app,
        "select count(*) from post p where
             like_count <> (select count(*) from post_like l where l.post_id = p.id)
             or comment_count <> (select count(*) from comment c where c.post_id = p.id)
             or view_count <> (select count(*) from post_view v where v.post_id = p.id)",
    )
    .await;
    assert_eq!(wrong, 0);
    assert_eq!(repair::wrong_counts(&app.app).await.unwrap(), 0);
    assert_eq!(crate::comments::repair::wrong_counts(&app.app).await.unwrap(), 0);
    assert!(count(&app, "select count(*) from comment_like").await > 10);
    for (rows, least) in [
        ("select count(*) from bookmark", 20),
        ("select count(*) from category_follow", 2),
        ("select count(*) from tag_follow", 10),
        ("select count(*) from user_block", 1),
        ("select count(*) from user_mute", 1),
    ] {
        let number = count(&app, rows).await;
        assert!(number >= least, "{rows}: {number}");
    }
    let of_the_blocked = "select count(*) from follow f join user_block b
          on (b.user_id = f.follower_id and b.blocked_id = f.followed_id)
          or (b.user_id = f.followed_id and b.blocked_id = f.follower_id)";
    assert_eq!(count(&app, of_the_blocked).await, 0);
    app.visitor().get("/").await.expect(StatusCode::OK).contains("Trending this week");
    let page = app.visitor().get(&format!("/user/{}", made.usernames[0])).await;
    page.expect(StatusCode::OK).lacks("demo.invalid");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_texts() {
    let mut texts = Vec::new();
    for _ in 0..2 {
        let app = TestApp::start().await;
        let made = fill(&app.app, plan(), |_| {}).await.unwrap();
        assert!(made.password.len() >= 16);
        let mut conn = app.app.db.conn().await.unwrap();
        let rows: Vec<(String, String)> =
            read("select slug, content from post order by id").all(&mut conn).await.unwrap();
        for (slug, content) in &rows {
            assert!(!content.contains(['{', '}']) || content.contains("```"), "{slug}: {content}");
        }
        texts.push(rows);
    }
    assert_eq!(texts[0], texts[1]);
    let mean = texts[0].iter().map(|(_, content)| content.len()).sum::<usize>() / texts[0].len();
    assert!((3_000..6_000).contains(&mean), "{mean}");
}

#[tokio::test]
async fn real_people_are_left_alone() {
    let app = TestApp::start().await;
    app.insert_user(crate::testing::posts::TestUser::default()).await;
    let refused = fill(&app.app, plan(), |_| {}).await;
    assert!(matches!(refused, Err(crate::Error::Invalid(_))));
    fill(&app.app, Plan { force: true, ..plan() }, |_| {}).await.unwrap();
    let again = fill(&app.app, Plan { seed: 2, ..plan() }, |_| {}).await;
    assert!(matches!(again, Err(crate::Error::Invalid(_))));
}
