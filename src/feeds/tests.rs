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
