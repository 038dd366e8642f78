//! What writers, readers and staff are told, and who is not.

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::{a_post, flush, open, run};
use crate::{
    analytics::{
        jobs,
        stats::{Scope, Window, post_analytics},
    },
    testing::{TestApp, posts::TestUser},
};

#[tokio::test]
async fn averages_skip_what_reported_nothing() {
    let app = TestApp::start().await;
    let (ana, post) = a_post(&app).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    for (session, user, seconds, depth, unique) in [
        ("a", "null".to_owned(), 10, 0.5, true),
        ("b", ben.to_string(), 21, 0.25, true),
        ("c", "null".to_owned(), 0, 0.0, true),
        ("c", "null".to_owned(), 22, 0.333_33, false),
    ] {
        run(
            &app,
            &format!(
                "insert into post_view (created_at, updated_at, post_id, user_id, session_id,
                        time_spent, scroll_depth, is_unique_view)
                 select created_at, created_at, id, {user}, '{session}', {seconds}, {depth}, {unique}
                   from post where id = {post}"
            ),
        )
        .await;
    }
    let mut conn = app.app.db.conn().await.unwrap();
    let now = app.app.clock.now() + TimeDelta::days(1);
    let scope = Scope { author: ana, post: Some(post) };
    let sums = post_analytics(&mut conn, scope, Window::of_days("30"), now).await.unwrap();
    assert_eq!((sums.total_views, sums.unique_views), (4, 3));
    assert_eq!((sums.registered_views, sums.anonymous_views), (1, 3));
    assert!((sums.avg_time_spent - 17.67).abs() < 1e-9, "{sums:?}");
    assert!((sums.avg_scroll_depth - 0.3611).abs() < 1e-9, "{sums:?}");
    assert_eq!(sums.period_days, 30);
    let later = now + TimeDelta::days(31);
    let sums = post_analytics(&mut conn, scope, Window::of_days("30"), later).await.unwrap();
    assert_eq!((sums.total_views, sums.avg_time_spent), (0, 0.0));
}

#[tokio::test]
async fn writers_see_their_readers_and_nobody_elses() {
    let app = TestApp::start().await;
    let (ana, post) = a_post(&app).await;
    let visitor = app.visitor();
    let from = [("referer", "https://www.news.example/item?x=1")];
    open(&visitor, "/blog/post/river", &from).await;
    flush(&app.app).await.unwrap();
    let ana = app.client_of(ana).await;
    app.advance(TimeDelta::seconds(1));
    let page = ana.get("/blog/stats").await.expect(StatusCode::OK);
    let page = page.contains("The river").contains("news.example").contains("desktop");
    page.contains("<rect class=\"bar\"").contains("<th scope=\"row\">1 Jan 2026</th>");
    let path = format!("/blog/stats/{post}");
    ana.get(&path).await.expect(StatusCode::OK).contains("news.example");
    ana.get("/blog/stats?days=90").await.expect(StatusCode::OK);
    visitor.get("/blog/stats").await.expect(StatusCode::SEE_OTHER);
    visitor.get(&path).await.expect(StatusCode::SEE_OTHER);
    let ben = app.member("ben").await;
    ben.get(&path).await.expect(StatusCode::NOT_FOUND);
    ben.get("/blog/stats").await.expect(StatusCode::OK).lacks("The river");
    ben.get("/blog/stats/999999").await.expect(StatusCode::NOT_FOUND);
    ben.get("/blog/stats/site").await.expect(StatusCode::FORBIDDEN);
    let moderator = app.somebody("moderator", "Moderator").await;
    moderator.get(&path).await.expect(StatusCode::OK).contains("The river");
}

#[tokio::test]
async fn the_site_is_shown_to_moderators_with_the_formula() {
    let app = TestApp::start().await;
    a_post(&app).await;
    open(&app.visitor(), "/blog/post/river", &[]).await;
    flush(&app.app).await.unwrap();
    app.advance(TimeDelta::days(1));
    jobs::tick(&app.app).await.unwrap();
    app.run_jobs().await;
    let moderator = app.somebody("moderator", "Moderator").await;
    let page = moderator.get("/blog/stats/site").await.expect(StatusCode::OK);
    page.contains("<strong>1</strong>").contains("PageRank").contains("/user/ana");
}

#[tokio::test]
async fn readers_see_what_they_read() {
    let app = TestApp::start().await;
    a_post(&app).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    let ben = app.client_of(ben).await;
    for _ in 0..2 {
        open(&ben, "/blog/post/river", &[]).await;
    }
    flush(&app.app).await.unwrap();
    run(&app, "update post_view set time_spent = 45, updated_at = updated_at").await;
    app.advance(TimeDelta::seconds(1));
    let page = ben.get("/blog/stats/reading").await.expect(StatusCode::OK);
    page.contains("<strong>2</strong>").contains("<strong>1</strong>").contains("1 min 30 s");
    app.visitor().get("/blog/stats/reading").await.expect(StatusCode::SEE_OTHER);
}
