//! What writers, readers and staff are told, and who is not.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};

use super::{a_post, flush, number, open, run};
use crate::{
    analytics::{
        agent, jobs,
        place::Place,
        source::Campaign,
        stats::{Scope, Window, post_analytics},
        views::{self, Entry, Reading, View},
    },
    events::Event,
    ids::{PostId, UserId},
    testing::{
        TestApp,
        posts::{TestPost, TestUser},
    },
};

fn view(post: PostId, session: &str, user: Option<UserId>, at: DateTime<Utc>) -> Entry {
    let agent = agent::reader(super::FIREFOX).unwrap();
    let (address, referer, campaign) = (None, None, Campaign::default());
    let (session, place) = (session.to_owned(), Place::default());
    let view = View { at, post, user, session, address, agent, place, referer, campaign };
    Entry::View(Box::new(view))
}

fn reading(post: PostId, session: &str, (seconds, depth): (i64, f64), at: DateTime<Utc>) -> Entry {
    let (load_time, exit_page) = (Some(800), None);
    let session = session.to_owned();
    Entry::Reading(Reading { at, post, session, seconds, depth, load_time, exit_page })
}

#[tokio::test]
async fn averages_skip_what_reported_nothing() {
    let app = TestApp::start().await;
    let (ana, post) = a_post(&app).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    let at = app.app.clock.now();
    for entry in [
        view(post, "a", None, at),
        reading(post, "a", (10, 0.5), at),
        view(post, "b", Some(ben), at),
        reading(post, "b", (21, 0.25), at),
        reading(post, "b", (20, 0.2), at),
        view(post, "c", None, at),
        view(post, "c", None, at),
        reading(post, "c", (22, 0.333_33), at),
    ] {
        views::push(&app.app, entry);
    }
    flush(&app.app).await.unwrap();
    let mut conn = app.app.db.conn().await.unwrap();
    let now = at + TimeDelta::days(1);
    let scope = Scope { author: ana, post: Some(post) };
    let sums = post_analytics(&mut conn, scope, Window::of_days("30"), now).await.unwrap();
    assert_eq!((sums.total_views, sums.unique_views), (4, 3));
    assert_eq!((sums.registered_views, sums.anonymous_views), (1, 3));
    assert!((sums.avg_time_spent - 17.67).abs() < 1e-9, "{sums:?}");
    assert!((sums.avg_scroll_depth - 0.3611).abs() < 1e-9, "{sums:?}");
    assert!((sums.bounce_rate - 0.6667).abs() < 1e-9, "{sums:?}");
    assert!((sums.avg_load_time - 800.0).abs() < 1e-9, "{sums:?}");
    assert_eq!(sums.period_days, 30);
    let later = at + TimeDelta::days(30);
    let sums = post_analytics(&mut conn, scope, Window::of_days("30"), later).await.unwrap();
    assert_eq!((sums.total_views, sums.avg_time_spent), (0, 0.0));
}

#[tokio::test]
async fn who_goes_on_is_no_bounce_and_who_answers_is_a_conversion() {
    let app = TestApp::start().await;
    let (ana, river) = a_post(&app).await;
    let lake = app.insert_post(TestPost::new(ana, "lake", "The lake")).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    let (reader, stranger) = (app.client_of(ben).await, app.visitor());
    let sums = async |post| {
        flush(&app.app).await.unwrap();
        let mut conn = app.app.db.conn().await.unwrap();
        let scope = Scope { author: ana, post };
        let window = Window::of_days("7");
        let sums = post_analytics(&mut conn, scope, window, app.app.clock.now()).await.unwrap();
        (sums.unique_views, (sums.bounce_rate * 100.0).round(), sums.conversions)
    };
    open(&reader, "/blog/post/river", &[]).await;
    open(&stranger, "/blog/post/river", &[]).await;
    assert_eq!(sums(None).await, (2, 100.0, 0));
    open(&reader, "/blog/post/lake", &[]).await;
    assert_eq!(sums(Some(river)).await, (2, 50.0, 0));
    assert_eq!(sums(Some(lake)).await, (1, 0.0, 0));
    for _ in 0..2 {
        let liked = Event::PostLiked { user: ben, author: ana, post: lake };
        views::happened(&app.app, &liked, app.app.clock.now());
    }
    assert_eq!(sums(Some(lake)).await, (1, 0.0, 1));
    let kept = "select count(*) from post_view where conversion_type = 'like' and not is_bounce";
    assert_eq!(number(&app, kept).await, 1);
    // Whatever came in which order: the sums equal the rows.
    let wrong = "select count(*) from post_view_day d
          where d.views <> (select count(*) from post_view v where v.post_id = d.post_id)
             or d.bounces <> (select count(*) from post_view v
                               where v.post_id = d.post_id and v.is_bounce)";
    assert_eq!(number(&app, wrong).await, 0);
}

#[tokio::test]
async fn made_up_sources_fill_no_table() {
    let app = TestApp::start().await;
    let (ana, _) = a_post(&app).await;
    for number in 0..60 {
        let from = format!("https://n{number}.example/");
        open(&app.visitor(), "/blog/post/river", &[("referer", &from)]).await;
    }
    flush(&app.app).await.unwrap();
    let names = "select count(*) from post_view_part where kind = 'source'";
    assert_eq!(number(&app, names).await, 41);
    let page = app.client_of(ana).await.get("/blog/stats").await.expect(StatusCode::OK);
    page.contains("<th scope=\"row\">Other</th><td class=\"number\">20</td>");
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
