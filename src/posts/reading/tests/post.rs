//! The page of one post.

use axum::http::StatusCode;

use crate::testing::{
    TestApp,
    posts::{TestPost, TestUser},
};

#[tokio::test]
async fn a_post_shows_all_there_is_to_know() {
    let app = TestApp::start().await;
    let ana = app
        .insert_user(TestUser {
            first_name: Some("Ana"),
            last_name: Some("Kovač"),
            bio: Some("Writes about water."),
            ..TestUser::default()
        })
        .await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    let travel = app.category("travel").await;
    let post = app
        .insert_post(TestPost {
            category: Some(travel),
            content: "Rain.\n\n## Gauges\n\nThey lie.\n\n### Mile 41\n\nIt lies most.\n\n## Soup\n\nGood.",
            description: Some("Seven days by canoe."),
            image: Some("0123456789012345678901234567890123456789.jpg"),
            image_alt: Some("A canoe"),
            likes: 1_204,
            edited_minute: Some(3_000),
            ..TestPost::new(ana, "river", "A week on the river")
        })
        .await;
    app.insert_tag(post, "Rivers & lakes", "rivers-lakes").await;
    app.insert_post(TestPost { minute: 1, ..TestPost::new(ana, "more", "More of Ana") }).await;
    app.insert_post(TestPost { category: Some(travel), ..TestPost::new(ben, "near", "By Ben") })
        .await;
    app.visitor()
        .get("/blog/post/river")
        .await
        .expect(StatusCode::OK)
        .contains("<title>A week on the river – Streamly</title>")
        .contains("<h1 dir=\"auto\">A week on the river</h1>")
        .contains("<p class=\"standfirst\" dir=\"auto\">Seven days by canoe.</p>")
        .contains("Ana Kovač")
        .contains("Writes about water.")
        .contains("<time datetime=\"2026-01-01T00:00:00Z\"")
        .contains("updated <time datetime=\"2026-01-03T02:00:00Z\"")
        .contains("<span data-count=\"likes\">1,204</span>")
        .contains("alt=\"A canoe\"")
        .contains(
            "<a href=\"#h-gauges\">Gauges</a><ol><li><a href=\"#h-mile-41\">Mile 41</a></li></ol>",
        )
        .contains("href=\"/blog/tag/rivers-lakes\" rel=\"tag\">Rivers &#38; lakes</a>")
        .contains("More of Ana")
        .contains("By Ben")
        .contains("<link rel=\"canonical\" href=\"http://streamly.test/blog/post/river\">")
        .contains(
            "content=\"http://streamly.test/media/0123456789012345678901234567890123456789.jpg\"",
        )
        .contains("<meta property=\"article:modified_time\" content=\"2026-01-03T02:00:00Z\">")
        .contains(
            "https://www.linkedin.com/sharing/share-offsite/?url=http%3A%2F%2Fstreamly%2Etest",
        )
        .lacks("0 comments")
        .lacks("/edit\"")
        .lacks("private.example");
}

#[tokio::test]
async fn numbers_and_former_slugs_lead_to_the_one_address() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let post = app.insert_post(TestPost::new(ana, "東京の朝", "東京の朝")).await;
    app.insert_former_slug(post, "tokyo").await;
    let target = "/blog/post/%E6%9D%B1%E4%BA%AC%E3%81%AE%E6%9C%9D";
    for path in [format!("/blog/post/{post}"), "/blog/post/tokyo".to_owned()] {
        let answer = app.visitor().get(&path).await.expect(StatusCode::MOVED_PERMANENTLY);
        assert_eq!(answer.redirect(), target);
    }
    app.visitor()
        .get(target)
        .await
        .expect(StatusCode::OK)
        .contains("<h1 dir=\"auto\">東京の朝</h1>");
    for path in ["/blog/post/999", "/blog/post/nothing", "/blog/post/99999999999999999999"] {
        app.visitor().get(path).await.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_post_without_a_slug_goes_by_its_number() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let post = app.insert_post(TestPost { slug: None, ..TestPost::new(ana, "", "Imported") }).await;
    let path = format!("/blog/post/{post}");
    app.visitor().get(&path).await.expect(StatusCode::OK).contains("Imported");
    app.visitor().get("/blog/").await.contains(&format!("href=\"{path}\""));
}

#[tokio::test]
async fn a_post_that_was_first_elsewhere_says_so() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    for (slug, address, expected) in [
        ("a", "https://example.org/first", "https://example.org/first"),
        ("b", "javascript:alert(1)", "http://streamly.test/blog/post/b"),
        ("c", "//example.org", "http://streamly.test/blog/post/c"),
    ] {
        app.insert_post(TestPost { canonical_url: Some(address), ..TestPost::new(ana, slug, "T") })
            .await;
        let page = app.visitor().get(&format!("/blog/post/{slug}")).await;
        page.contains(&format!("<link rel=\"canonical\" href=\"{expected}\">"));
    }
}

#[tokio::test]
async fn linked_data_is_json_whatever_the_title() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let title = "</script><script>alert(1)</script> \"quoted\" \\ & 'so'";
    app.insert_post(TestPost { description: Some("<!-- x"), ..TestPost::new(ana, "s", title) })
        .await;
    let page = app.visitor().get("/blog/post/s").await.expect(StatusCode::OK);
    let json = page.body.split("<script type=\"application/ld+json\">").nth(1).unwrap();
    let json = json.split("</script>").next().unwrap();
    assert!(!json.contains('<'));
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(value["headline"], title);
    assert_eq!(value["@type"], "BlogPosting");
    assert_eq!(value["url"], "http://streamly.test/blog/post/s");
    assert_eq!(value["author"]["url"], "http://streamly.test/user/ana");
    let face = value["author"]["image"].as_str().unwrap().strip_prefix("http://streamly.test");
    let drawn = app.visitor().get(face.unwrap()).await.expect(StatusCode::OK);
    assert_eq!(drawn.header("content-type"), "image/png");
}

#[tokio::test]
async fn who_may_edit_is_offered_to() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
    let post = app.insert_post(TestPost::new(ana, "one", "One")).await;
    let edit = format!("/blog/post/{post}/edit");
    app.client_of(ana).await.get("/blog/post/one").await.contains(&edit);
    app.client_of(ben).await.get("/blog/post/one").await.lacks(&edit);
}
