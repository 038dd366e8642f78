//! Feeds and maps, seen from outside. That nothing leaks into them, and that hostile words stay
//! words, is tested with all other places in `posts::reading::tests`.

use axum::http::{Request, StatusCode};

use crate::testing::{
    TestApp,
    posts::{TestPost, TestUser},
};

async fn site() -> TestApp {
    let app = TestApp::with(|config| config.pages.feed = 2).await;
    let ana = app
        .insert_user(TestUser {
            first_name: Some("Ana"),
            last_name: Some("Kovač"),
            ..TestUser::default()
        })
        .await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    let food = app.category("food").await;
    for number in 0..3_i64 {
        let (slug, title) = (format!("p-{number}"), format!("Number {number}"));
        let author = if number == 2 { ben } else { ana };
        let post = app
            .insert_post(TestPost {
                category: Some(food),
                minute: number,
                edited_minute: (number == 1).then_some(600),
                content: "See [here](/about) and [there](#h-notes).\n\n## Notes\n\n`href=\"/x\"`",
                ..TestPost::new(author, &slug, &title)
            })
            .await;
        app.insert_tag(post, "Soup", "soup").await;
    }
    app
}

#[tokio::test]
async fn every_format_has_its_type_and_its_entries() {
    let app = site().await;
    for (path, kind) in [
        ("/feed.atom", "application/atom+xml; charset=utf-8"),
        ("/feed.rss", "application/rss+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json; charset=utf-8"),
        ("/blog/category/food/feed.atom", "application/atom+xml; charset=utf-8"),
        ("/blog/tag/soup/feed.rss", "application/rss+xml; charset=utf-8"),
    ] {
        let feed = app.visitor().get(path).await.expect(StatusCode::OK);
        assert_eq!(feed.header("content-type"), kind, "{path}");
        assert_eq!(feed.header("last-modified"), "Thu, 01 Jan 2026 10:00:00 GMT", "{path}");
        feed.contains("Number 2").contains("Number 1").lacks("Number 0");
    }
    let own = app.visitor().get("/user/ana/feed.json").await.expect(StatusCode::OK);
    let own = own.contains("Number 1").contains("Number 0").lacks("Number 2").json();
    assert_eq!(own["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(own["title"], "Ana Kovač – Streamly");
    assert_eq!(own["feed_url"], "http://streamly.test/user/ana/feed.json");
    assert_eq!(own["home_page_url"], "http://streamly.test/user/ana");
    for path in ["/user/nobody/feed.atom", "/blog/tag/x/feed.rss", "/blog/category/x/feed.json"] {
        app.visitor().get(path).await.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn addresses_in_entries_are_whole() {
    let app = site().await;
    let feed = app.visitor().get("/feed.json").await.json();
    let html = feed["items"][1]["content_html"].as_str().unwrap();
    assert!(html.contains("href=\"http://streamly.test/about\""), "{html}");
    assert!(html.contains("href=\"http://streamly.test/blog/post/p-1#h-notes\""), "{html}");
    assert!(html.contains("<code>href=\"/x\"</code>"), "{html}");
    assert_eq!(feed["items"][1]["date_modified"], "2026-01-01T10:00:00Z");
    assert_eq!(feed["items"][1]["authors"][0]["url"], "http://streamly.test/user/ana");
    let face = feed["items"][1]["authors"][0]["avatar"].as_str().unwrap();
    assert!(face.starts_with("http://streamly.test/avatar/"), "{face}");
    app.visitor()
        .get("/feed.atom")
        .await
        .contains("<id>http://streamly.test/blog/post/p-2</id>")
        .contains("<updated>2026-01-01T10:00:00Z</updated>")
        .contains("<link rel=\"self\" type=\"application/atom+xml\" href=\"http://streamly.test/feed.atom\"/>");
    app.visitor()
        .get("/feed.rss")
        .await
        .contains("<pubDate>Thu, 01 Jan 2026 00:02:00 +0000</pubDate>")
        .contains("<guid isPermaLink=\"true\">http://streamly.test/blog/post/p-2</guid>");
}

#[tokio::test]
async fn an_unchanged_feed_is_not_sent_again() {
    let app = site().await;
    let feed = app.visitor().get("/feed.atom").await.expect(StatusCode::OK);
    for (name, value) in [
        ("if-none-match", feed.header("etag")),
        ("if-modified-since", feed.header("last-modified")),
    ] {
        let request = Request::get("/feed.atom").header(name, value);
        let again = app.visitor().send(request, Vec::new()).await.expect(StatusCode::NOT_MODIFIED);
        assert!(again.body.is_empty());
    }
}

#[tokio::test]
async fn the_map_leads_to_everything() {
    let app = site().await;
    let index = app.visitor().get("/sitemap.xml").await.expect(StatusCode::OK);
    assert_eq!(index.header("content-type"), "application/xml; charset=utf-8");
    let parts: Vec<&str> = index.body.split("<loc>http://streamly.test").skip(1).collect();
    let parts: Vec<&str> = parts.iter().map(|part| part.split('<').next().unwrap()).collect();
    assert_eq!(parts.len(), 4);
    let mut all = String::new();
    for part in parts {
        all.push_str(&app.visitor().get(part).await.expect(StatusCode::OK).body);
    }
    for place in [
        "/",
        "/blog/post/p-0",
        "/blog/post/p-2",
        "/blog/category/food",
        "/blog/tag/soup",
        "/user/ana",
        "/user/ben",
        "/blog/categories",
    ] {
        assert!(all.contains(&format!("<loc>http://streamly.test{place}</loc>")), "{place}");
    }
    assert!(all.contains("<lastmod>2026-01-01T10:00:00Z</lastmod>"));
    for path in [
        "/sitemap-posts-0.xml",
        "/sitemap-posts-x.xml",
        "/sitemap-drafts-1.xml",
        "/sitemap-",
        "/sitemap-posts-9223372036854775807.xml",
        "/sitemap-pages",
    ] {
        app.visitor().get(path).await.expect(StatusCode::NOT_FOUND);
    }
    app.visitor().get("/sitemap-posts-99.xml").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn robots_are_told_where_to_go() {
    let app = TestApp::start().await;
    let robots = app.visitor().get("/robots.txt").await.expect(StatusCode::OK);
    assert_eq!(robots.header("content-type"), "text/plain; charset=utf-8");
    robots
        .contains("Sitemap: http://streamly.test/sitemap.xml")
        .contains("Disallow: /auth")
        .contains("Disallow: /admin")
        .contains("Disallow: /dev")
        .contains("Disallow: /blog/search");
    app.visitor()
        .get("/opensearch.xml")
        .await
        .expect(StatusCode::OK)
        .contains("http://streamly.test/blog/search?q={searchTerms}");
    app.visitor()
        .get("/feeds")
        .await
        .expect(StatusCode::OK)
        .contains("/blog/category/food/feed.atom");
}

#[tokio::test]
async fn a_feed_stays_small_however_long_the_posts_are() {
    let app = crate::testing::TestApp::start().await;
    let ada = app.member("ada").await;
    for (title, length) in [("Short", 10), ("Long", 300_000)] {
        let text = format!("{title} & <sweet> {}", "word ".repeat(length / 5));
        let fields = [("title", title), ("content", text.as_str()), ("status", "published")];
        ada.post("/blog/create", &fields).await.expect(axum::http::StatusCode::SEE_OTHER);
    }
    for path in ["/feed.atom", "/feed.rss", "/feed.json", "/user/ada/feed.atom"] {
        let feed = app.visitor().get(path).await.expect(axum::http::StatusCode::OK);
        assert!(feed.bytes.len() < 20_000, "{path}: {}", feed.bytes.len());
        feed.contains("Read on").contains("/blog/post/long").contains("/blog/post/short");
    }
}
