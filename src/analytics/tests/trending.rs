//! What trends, and the page.

#![expect(clippy::float_cmp, reason = "the numbers are small, and halves are exact")]

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};

use super::{number, run};
use crate::{
    analytics::trending::{self, Earned, List},
    db::write,
    ids::{PostId, UserId},
    testing::{
        TestApp,
        posts::{TestPost, TestUser},
    },
};

/// Something that somebody did under a post, so many minutes before now.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub kind: &'static str,
    pub by: usize,
    pub post: usize,
    pub minutes: i64,
}

pub(super) async fn act(
    app: &TestApp,
    act: &Act,
    (people, posts): (&[UserId], &[PostId]),
    now: DateTime<Utc>,
) {
    let at = now - TimeDelta::minutes(act.minutes);
    let mut tx = app.app.db.begin().await.unwrap();
    let statement = match act.kind {
        "like" => write(
            "insert into post_like (created_at, updated_at, user_id, post_id)
             values ($1, $1, $2, $3)",
        ),
        "view" => write(
            "insert into post_view (created_at, updated_at, user_id, post_id)
             values ($1, $1, $2, $3)",
        ),
        "repeated" => write(
            "insert into post_view (created_at, updated_at, user_id, post_id, is_unique_view)
             values ($1, $1, $2, $3, false)",
        ),
        "hidden" => write(
            "insert into comment (created_at, updated_at, user_id, post_id, content, status)
             values ($1, $1, $2, $3, '', 'hidden')",
        ),
        _ => write(
            "insert into comment (created_at, updated_at, user_id, post_id, content)
             values ($1, $1, $2, $3, '')",
        ),
    };
    statement.bind(at).bind(people[act.by]).bind(posts[act.post]).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

pub(super) async fn a_site(app: &TestApp) -> (Vec<UserId>, Vec<PostId>, Vec<usize>) {
    let (mut people, mut posts) = (Vec::new(), Vec::new());
    for username in ["ana", "ben", "cleo", "dora", "emil"] {
        people.push(app.insert_user(TestUser { username, ..TestUser::default() }).await);
    }
    let authors: Vec<usize> = (0..8).map(|post| post % 3).collect();
    for (post, author) in authors.iter().enumerate() {
        let slug = format!("p{post}");
        posts.push(app.insert_post(TestPost::new(people[*author], &slug, &slug)).await);
    }
    (people, posts, authors)
}

#[test]
fn the_weights_are_three_two_one_and_halve() {
    let earned = Earned { likes: 1, comments: 1, views: 1 };
    assert_eq!(trending::score(earned, 0, List::Week), 6.0);
    assert_eq!(trending::score(earned, 48, List::Week), 3.0);
    assert_eq!(trending::score(earned, 12, List::Day), 1.5);
    assert_eq!(trending::rate(6, 24), 0.25);
}

#[tokio::test]
async fn hot_takes_five_views_and_divides_by_the_hours() {
    let app = TestApp::start().await;
    let (people, posts, _) = a_site(&app).await;
    app.advance(TimeDelta::days(2));
    let now = app.app.clock.now();
    for (post, number, minutes) in [(0, 5, 100), (1, 4, 1), (2, 12, 1_439), (3, 9, 1_440)] {
        for _ in 0..number {
            let view = Act { kind: "view", by: 4, post, minutes };
            act(&app, &view, (&people, &posts), now).await;
        }
    }
    let mut conn = app.app.db.conn().await.unwrap();
    let hot = trending::hot(&mut conn, now, 24, 10).await.unwrap();
    let hot: Vec<(PostId, f64)> = hot.into_iter().map(|(post, one)| (post, one.score)).collect();
    assert_eq!(hot, [(posts[2], 0.5), (posts[0], 5.0 / 24.0)]);
    let hot = trending::hot(&mut conn, now, 2, 10).await.unwrap();
    assert_eq!(hot.len(), 1);
    assert_eq!(hot[0].1.score, 2.5);
    assert!(trending::hot(&mut conn, now, 24, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn ranks_go_on_over_pages() {
    let app = TestApp::start().await;
    let people = [
        app.insert_user(TestUser::default()).await,
        app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await,
    ];
    app.visitor().get("/blog/trending").await.expect(StatusCode::OK).contains("Nothing stands out");
    let mut posts = Vec::new();
    for post in 0..23_i64 {
        let (slug, title) = (format!("p{post}"), format!("Title {post}."));
        posts.push(app.insert_post(TestPost::new(people[0], &slug, &title)).await);
        let views = Act { kind: "view", by: 1, post: posts.len() - 1, minutes: 0 };
        for _ in 0..=post {
            act(&app, &views, (&people, &posts), app.app.clock.now()).await;
        }
    }
    crate::analytics::jobs::tick(&app.app).await.unwrap();
    app.run_jobs().await;
    let visitor = app.visitor();
    let page = visitor.get("/blog/trending?days=1&page=3").await.expect(StatusCode::OK);
    let page = page.contains("<ol class=\"ranked\" start=\"21\">").contains("Title 0.");
    page.lacks("Title 3.").contains("aria-current=\"page\"");
    let page = visitor.get("/blog/trending?days=5&page=99").await.expect(StatusCode::OK);
    let page = page.contains("days=7&#38;page=3").contains("Hot now").contains("/user/ana");
    page.contains("Read most this week").lacks("Liked most this week").lacks("Followed most");
    visitor
        .get("/")
        .await
        .expect(StatusCode::OK)
        .contains("Trending this week")
        .contains("Title 22.");
    run(&app, "update post set status = 'hidden', updated_at = updated_at where slug = 'p22'")
        .await;
    visitor.get("/blog/trending").await.lacks("Title 22.").contains("Title 21.");
    run(
        &app,
        "insert into user_block (created_at, user_id, blocked_id)
         select a.created_at, a.id, b.id from \"user\" a, \"user\" b
          where a.username = 'ana' and b.username = 'ben'",
    )
    .await;
    let ben = app.client_of(people[1]).await;
    ben.get("/blog/trending").await.expect(StatusCode::OK).lacks("Title 21.");
    ben.get("/").await.expect(StatusCode::OK).lacks("Trending this week");
}

#[tokio::test]
async fn writers_and_tags_trend_with_their_posts() {
    let app = TestApp::start().await;
    let (people, posts, _) = a_site(&app).await;
    app.insert_tag(posts[0], "Rivers", "rivers").await;
    app.insert_tag(posts[1], "Hills", "hills").await;
    let now = app.app.clock.now();
    for (post, by) in [(0, 3), (0, 4), (1, 4)] {
        act(&app, &Act { kind: "like", by, post, minutes: 1 }, (&people, &posts), now).await;
    }
    trending::compute(&app.app, List::Week).await.unwrap();
    let page = app.visitor().get("/blog/trending").await.expect(StatusCode::OK).body;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}: {page}"));
    assert!(at("/blog/tag/rivers") < at("/blog/tag/hills"));
    assert!(page.contains("1 post in the list"));
    assert_eq!(number(&app, "select count(*) from trending_writer").await, 2);
    let first = "select user_id from trending_writer where rank = 1";
    assert_eq!(number(&app, first).await, people[0].0);
}
