//! How long views are kept.

use chrono::TimeDelta;

use super::{a_post, flush, number, open};
use crate::{
    analytics::jobs,
    config::AddressKeeping,
    testing::{TestApp, posts::TestUser},
};

async fn look(app: &TestApp) {
    open(&app.visitor(), "/blog/post/river", &[]).await;
    flush(&app.app).await.unwrap();
}

async fn work(app: &TestApp) {
    jobs::tick(&app.app).await.unwrap();
    app.run_jobs().await;
}

#[tokio::test]
async fn full_addresses_are_forgotten_after_a_week() {
    let app = TestApp::with(|config| config.analytics.address = AddressKeeping::Full).await;
    a_post(&app).await;
    look(&app).await;
    app.advance(TimeDelta::days(6));
    look(&app).await;
    work(&app).await;
    let known = "select count(*) from post_view where ip_address is not null";
    assert_eq!(number(&app, known).await, 2);
    app.advance(TimeDelta::hours(25));
    work(&app).await;
    assert_eq!(number(&app, known).await, 1);
}

#[tokio::test]
async fn old_views_go_and_their_sums_stay() {
    let app = TestApp::start().await;
    a_post(&app).await;
    look(&app).await;
    look(&app).await;
    app.advance(TimeDelta::days(1));
    work(&app).await;
    let day = "select count from analytics_summary where metric_type = 'views'
                  and date = '2026-01-01'";
    assert_eq!(number(&app, day).await, 2);
    let unique = "select cast(metric_value as bigint) from analytics_summary
                   where metric_type = 'views' and date = '2026-01-01'";
    assert_eq!(number(&app, unique).await, 1);
    app.advance(TimeDelta::days(400));
    for _ in 0..14 {
        // A run adds up a month at most.
        app.advance(TimeDelta::hours(1));
        work(&app).await;
    }
    assert_eq!(number(&app, "select count(*) from post_view").await, 0);
    assert_eq!(number(&app, day).await, 2);
    assert_eq!(number(&app, "select view_count from post where slug = 'river'").await, 1);
    assert_eq!(
        number(&app, "select count(*) from analytics_summary where metric_type = 'views'").await,
        401
    );
    assert_eq!(crate::posts::repair::wrong_counts(&app.app).await.unwrap(), 0);
}

#[tokio::test]
async fn salts_are_thrown_away() {
    let app = TestApp::start().await;
    a_post(&app).await;
    for _ in 0..4 {
        look(&app).await;
        app.advance(TimeDelta::days(1));
        work(&app).await;
    }
    assert!(number(&app, "select count(*) from view_salt").await <= 2);
}

#[tokio::test]
async fn views_of_somebody_who_leaves_stay_without_a_name() {
    let app = TestApp::start().await;
    a_post(&app).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    open(&app.client_of(ben).await, "/blog/post/river", &[]).await;
    super::run(&app, &format!("delete from \"user\" where id = {ben}")).await;
    flush(&app.app).await.unwrap();
    let nameless = "select count(*) from post_view where user_id is null";
    assert_eq!(number(&app, nameless).await, 1);
}
