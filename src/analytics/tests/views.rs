//! What counts as a view, and what is kept of it.

use axum::http::{Request, StatusCode};
use chrono::TimeDelta;

use super::{FIREFOX, a_post, flush, number, open, ticket};
use crate::{
    analytics::views::{self, Entry, Reading},
    config::AddressKeeping,
    db::{read, record},
    testing::{TestApp, posts::TestUser},
};

record! {
    #[derive(Debug)]
    struct Row {
        user_id: Option<i64>,
        ip_address: Option<String>,
        user_agent: String,
        referer: Option<String>,
        session_id: String,
        is_unique_view: bool,
        country_code: Option<String>,
        device_type: String,
        browser: String,
        operating_system: String,
        utm_source: Option<String>,
        utm_content: Option<String>,
    }
}

async fn rows(app: &TestApp) -> Vec<Row> {
    flush(&app.app).await.unwrap();
    read("select * from post_view order by id")
        .all(&mut app.app.db.conn().await.unwrap())
        .await
        .unwrap()
}

const COUNT: &str = "select view_count from post where slug = 'river'";

#[tokio::test]
async fn a_view_is_a_row_with_all_that_may_be_known() {
    let app = TestApp::start().await;
    a_post(&app).await;
    let headers = [("referer", "https://news.example/item?who=ana#x")];
    let path = "/blog/post/river?utm_source=letter&utm_content=top";
    let page = open(&app.visitor(), path, &headers).await.expect(StatusCode::OK);
    assert!(page.header("set-cookie").is_empty(), "views need no cookie");
    assert_eq!(number(&app, "select count(*) from post_view").await, 0, "off the hot path");
    let rows = rows(&app).await;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(row.user_id, None);
    assert_eq!(row.ip_address.as_deref(), Some("127.0.0.0"));
    assert_eq!(row.user_agent, "Firefox on Linux");
    assert_eq!(row.referer.as_deref(), Some("https://news.example/item"));
    assert_eq!(row.session_id.len(), 32);
    assert_eq!(
        (row.device_type.as_str(), row.browser.as_str(), row.operating_system.as_str()),
        ("desktop", "Firefox", "Linux")
    );
    assert_eq!(
        (row.utm_source.as_deref(), row.utm_content.as_deref()),
        (Some("letter"), Some("top"))
    );
    assert_eq!(row.country_code, None);
    assert!(row.is_unique_view);
    assert_eq!(number(&app, COUNT).await, 1);
}

#[tokio::test]
async fn a_trusted_proxy_may_say_where_a_reader_is() {
    let headers = [("cf-ipcountry", "pt"), ("cf-ipcity", "Lisboa")];
    let trust = |proxy: &'static str| {
        TestApp::with(move |config| {
            config.server.trusted_proxies = crate::config::Cidrs(
                proxy.split_whitespace().map(|one| one.parse().unwrap()).collect(),
            );
            config.analytics.country_header = "CF-IPCountry".to_owned();
            config.analytics.city_header = "CF-IPCity".to_owned();
        })
    };
    let known = "select country_code || ' ' || city from post_view where is_unique_view";
    for (proxy, expected) in [("127.0.0.1/32", Some("PT Lisboa")), ("", None)] {
        let app = trust(proxy).await;
        a_post(&app).await;
        for _ in 0..2 {
            open(&app.visitor(), "/blog/post/river", &headers).await.expect(StatusCode::OK);
        }
        assert_eq!(rows(&app).await.len(), 2);
        let mut conn = app.app.db.conn().await.unwrap();
        let place: Option<String> = read(known).value(&mut conn).await.unwrap();
        assert_eq!(place.as_deref(), expected, "behind {proxy:?}");
        let parts = "select count(*) from post_view_part where kind = 'country' and views = 2";
        assert_eq!(number(&app, parts).await, i64::from(expected.is_some()));
    }
}

#[tokio::test]
async fn a_reader_counts_once_a_day_and_every_look_is_kept() {
    let app = TestApp::start().await;
    a_post(&app).await;
    for _ in 0..3 {
        open(&app.visitor(), "/blog/post/river", &[]).await;
    }
    flush(&app.app).await.unwrap();
    open(&app.visitor(), "/blog/post/river", &[]).await;
    let kept: Vec<bool> = rows(&app).await.iter().map(|row| row.is_unique_view).collect();
    assert_eq!(kept, [true, false, false, false]);
    assert_eq!(number(&app, COUNT).await, 1);
    let other = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0";
    open(&app.visitor(), "/blog/post/river", &[("user-agent", other)]).await;
    flush(&app.app).await.unwrap();
    assert_eq!(number(&app, COUNT).await, 2);
    app.advance(TimeDelta::days(1));
    open(&app.visitor(), "/blog/post/river", &[]).await;
    let rows = rows(&app).await;
    assert_eq!(number(&app, COUNT).await, 3);
    assert_ne!(rows[0].session_id, rows[5].session_id, "tomorrow the reader is another");
}

#[tokio::test]
async fn members_count_by_who_they_are() {
    let app = TestApp::start().await;
    a_post(&app).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    for agent in [FIREFOX, "Mozilla/5.0 (iPhone) Version/18.0 Mobile/15E148 Safari/604.1"] {
        let browser = app.client_of(ben).await;
        let session = browser.cookie("__Host-streamly_session").unwrap();
        open(&browser, "/blog/post/river", &[("user-agent", agent)]).await;
        for row in rows(&app).await {
            assert_eq!(row.user_id, Some(ben.0));
            assert!(!session.contains(&row.session_id) && row.session_id != session);
        }
    }
    assert_eq!(number(&app, COUNT).await, 1);
    assert_eq!(rows(&app).await.len(), 2);
}

#[tokio::test]
async fn who_does_not_read_is_not_counted() {
    let app = TestApp::start().await;
    let (ana, _) = a_post(&app).await;
    let path = "/blog/post/river";
    let author = app.client_of(ana).await;
    assert_eq!(ticket(&open(&author, path, &[]).await), None);
    for (name, value) in [
        ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        ("user-agent", ""),
        ("user-agent", "curl/8.5.0"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("dnt", "1"),
        ("sec-gpc", "1"),
    ] {
        let page = open(&app.visitor(), path, &[(name, value)]).await.expect(StatusCode::OK);
        assert_eq!(ticket(&page), None, "{name}: {value}");
    }
    let head = Request::head(path).header("user-agent", FIREFOX);
    app.visitor().send(head, Vec::new()).await.expect(StatusCode::OK);
    assert!(rows(&app).await.is_empty());
    assert_eq!(number(&app, COUNT).await, 0);
    let page = open(&app.visitor(), path, &[("dnt", "0")]).await;
    assert!(ticket(&page).is_some());
    assert_eq!(rows(&app).await.len(), 1);
}

#[tokio::test]
async fn what_is_not_public_has_no_readers() {
    let app = TestApp::start().await;
    a_post(&app).await;
    super::run(&app, "update post set status = 'hidden', updated_at = updated_at").await;
    let admin = app.admin().await;
    let page = open(&admin, "/blog/post/river", &[]).await.expect(StatusCode::OK);
    assert_eq!(ticket(&page), None);
    assert!(rows(&app).await.is_empty());
}

#[tokio::test]
async fn a_site_may_count_nothing() {
    let app = TestApp::with(|config| config.analytics.enabled = false).await;
    a_post(&app).await;
    assert_eq!(ticket(&open(&app.visitor(), "/blog/post/river", &[]).await), None);
    assert!(rows(&app).await.is_empty());
}

#[tokio::test]
async fn fifty_at_once_through_two_instances_count_once() {
    let app = TestApp::start().await;
    a_post(&app).await;
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let visitor = app.visitor();
        readers.spawn(async move { open(&visitor, "/blog/post/river", &[]).await });
    }
    readers.join_all().await;
    // Another instance with the same secret and database, and what it has in its own queue.
    let mut config = app.app.config.clone();
    let other = crate::app::App::open(config.clone(), app.app.clock.clone()).await.unwrap();
    config.analytics.enabled = true;
    let client = crate::testing::Client::new(crate::web::router(other.clone()));
    open(&client, "/blog/post/river", &[]).await;
    let (one, two) = tokio::join!(views::flush(&app.app), views::flush(&other));
    one.unwrap();
    two.unwrap();
    assert_eq!(rows(&app).await.len(), 51);
    assert_eq!(number(&app, "select count(*) from post_view where is_unique_view").await, 1);
    assert_eq!(number(&app, COUNT).await, 1);
}

#[tokio::test]
async fn addresses_are_kept_as_the_setting_says() {
    for (setting, kept) in [
        (AddressKeeping::Truncate, Some("127.0.0.0")),
        (AddressKeeping::None, None),
        (AddressKeeping::Full, Some("127.0.0.1")),
    ] {
        let app = TestApp::with(|config| config.analytics.address = setting).await;
        a_post(&app).await;
        open(&app.visitor(), "/blog/post/river", &[]).await;
        assert_eq!(rows(&app).await[0].ip_address.as_deref(), kept);
    }
    let app = TestApp::with(|config| config.analytics.address = AddressKeeping::Hash).await;
    a_post(&app).await;
    open(&app.visitor(), "/blog/post/river", &[]).await;
    app.advance(TimeDelta::days(1));
    open(&app.visitor(), "/blog/post/river", &[]).await;
    let rows = rows(&app).await;
    let [one, two] = [0, 1].map(|at| rows[at].ip_address.clone().unwrap());
    assert!(one.len() == 32 && !one.contains("127."), "{one}");
    assert_ne!(one, two, "the key is another each day");
}

#[tokio::test]
async fn a_full_queue_drops_and_counts_and_never_waits() {
    let app = TestApp::start().await;
    let (_, post) = a_post(&app).await;
    for _ in 0..10_005 {
        let at = app.app.clock.now();
        let reading = Reading {
            at,
            post,
            session: String::new(),
            seconds: 1,
            depth: 0.0,
            load_time: None,
            exit_page: None,
        };
        views::push(&app.app, Entry::Reading(reading));
    }
    assert_eq!(views::dropped(&app.app), 5);
}

#[tokio::test]
async fn a_post_that_is_gone_takes_no_view_and_harms_no_other() {
    let app = TestApp::start().await;
    let (ana, post) = a_post(&app).await;
    app.insert_post(crate::testing::posts::TestPost::new(ana, "lake", "The lake")).await;
    open(&app.visitor(), "/blog/post/river", &[]).await;
    open(&app.visitor(), "/blog/post/lake", &[]).await;
    super::run(&app, &format!("delete from post where id = {post}")).await;
    assert_eq!(rows(&app).await.len(), 1);
    assert_eq!(views::dropped(&app.app), 0);
    assert_eq!(number(&app, "select view_count from post where slug = 'lake'").await, 1);
}

#[tokio::test]
async fn the_doctor_raises_counts_and_lowers_none() {
    let app = TestApp::start().await;
    a_post(&app).await;
    open(&app.visitor(), "/blog/post/river", &[]).await;
    flush(&app.app).await.unwrap();
    super::run(&app, "update post set view_count = 0, updated_at = updated_at").await;
    assert_eq!(crate::posts::repair::wrong_counts(&app.app).await.unwrap(), 1);
    crate::posts::repair::recount(&app.app).await.unwrap();
    assert_eq!(number(&app, COUNT).await, 1);
    super::run(&app, "update post set view_count = 900, updated_at = updated_at").await;
    assert_eq!(crate::posts::repair::wrong_counts(&app.app).await.unwrap(), 0);
    crate::posts::repair::recount(&app.app).await.unwrap();
    assert_eq!(number(&app, COUNT).await, 900);
}
