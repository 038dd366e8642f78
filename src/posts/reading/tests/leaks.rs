//! What is not public is nowhere (V15).

use axum::http::StatusCode;

use crate::{
    ids::UserId,
    testing::{
        TestApp,
        posts::{TestPost, TestUser},
    },
};

/// Everywhere a public post appears.
pub const PLACES: &[&str] = &[
    "/",
    "/blog/",
    "/blog/?category=travel",
    "/blog/categories",
    "/blog/category/travel",
    "/blog/tag/secret",
    "/blog/search?q=Zanzibar",
    "/blog/search?q=tag:secret",
    "/blog/search?q=author:ana",
    "/users",
    "/user/ana",
    "/user/ana?tab=about",
    "/feed.atom",
    "/feed.rss",
    "/feed.json",
    "/user/ana/feed.atom",
    "/user/ana/feed.rss",
    "/user/ana/feed.json",
    "/blog/category/travel/feed.atom",
    "/blog/category/travel/feed.rss",
    "/blog/category/travel/feed.json",
    "/blog/tag/secret/feed.atom",
    "/blog/tag/secret/feed.rss",
    "/blog/tag/secret/feed.json",
    "/sitemap.xml",
    "/sitemap-pages.xml",
    "/sitemap-posts-1.xml",
    "/sitemap-tags-1.xml",
    "/sitemap-writers-1.xml",
];

const TITLE: &str = "Zanzibar by night";

async fn write(app: &TestApp, author: UserId, status: &str, deleted: bool) {
    let travel = app.category("travel").await;
    let post = app
        .insert_post(TestPost {
            category: Some(travel),
            status,
            deleted,
            content: "Zanzibar in the text.",
            description: Some("Zanzibar in short"),
            image: Some("0123456789012345678901234567890123456789.jpg"),
            likes: 5,
            featured: true,
            ..TestPost::new(author, "zanzibar", TITLE)
        })
        .await;
    app.insert_tag(post, "Secret", "secret").await;
    app.insert_former_slug(post, "old-zanzibar").await;
    app.insert_post(TestPost {
        category: Some(travel),
        minute: 1,
        ..TestPost::new(author, "open", "Open")
    })
    .await;
}

/// What a reader could find: the title, the address, the picture.
fn tells(body: &str) -> bool {
    // The search field repeats what was typed, and no more.
    [
        "by night",
        "post/zanzibar",
        "in the text",
        "in short",
        "0123456789012345678901234567890123456789",
    ]
    .iter()
    .any(|trace| body.contains(trace))
}

#[tokio::test]
async fn what_is_public_is_in_every_place() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    write(&app, ana, "published", false).await;
    let silent = [
        "/blog/categories",
        "/users",
        "/user/ana?tab=about",
        "/sitemap.xml",
        "/sitemap-pages.xml",
        "/sitemap-tags-1.xml",
        "/sitemap-writers-1.xml",
    ];
    for path in PLACES.iter().filter(|path| !silent.contains(path)) {
        let answer = app.visitor().get(path).await.expect(StatusCode::OK);
        assert!(tells(&answer.body), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_is_not_public_is_in_no_place() {
    for (status, deleted, address) in [
        ("draft", false, StatusCode::NOT_FOUND),
        ("scheduled", false, StatusCode::NOT_FOUND),
        ("hidden", false, StatusCode::NOT_FOUND),
        ("published", true, StatusCode::GONE),
        ("draft", true, StatusCode::NOT_FOUND),
        ("hidden", true, StatusCode::NOT_FOUND),
    ] {
        let app = TestApp::start().await;
        let ana = app.insert_user(TestUser::default()).await;
        let ben = app.insert_user(TestUser { username: "ben", ..TestUser::default() }).await;
        write(&app, ana, status, deleted).await;
        for client in [app.visitor(), app.client_of(ben).await] {
            for path in PLACES {
                let answer = client.get(path).await;
                let tag = path.contains("/tag/secret");
                let expected = if tag { StatusCode::NOT_FOUND } else { StatusCode::OK };
                assert_eq!(answer.status, expected, "{status} {path}");
                assert!(!tells(&answer.body), "{status} {path}: {}", answer.body);
                assert!(tag || !answer.body.contains("/blog/tag/secret"), "{status} {path}");
            }
            // Neither the address, nor its number, nor its former slug says that there is something.
            for path in ["/blog/post/zanzibar", "/blog/post/1", "/blog/post/old-zanzibar"] {
                let answer = client.get(path).await.expect(address);
                // Where to go after logging in is the address that was typed.
                let body = answer.body.replace("next=/blog/post/", "");
                assert!(!tells(&body), "{status} {path}");
            }
        }
    }
}

#[tokio::test]
async fn what_people_wrote_goes_with_their_account() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser { is_active: false, ..TestUser::default() }).await;
    write(&app, ana, "published", false).await;
    for path in PLACES.iter().filter(|path| !path.contains("/tag/")) {
        let answer = app.visitor().get(path).await;
        let own = path.starts_with("/user/");
        assert_eq!(
            answer.status,
            if own { StatusCode::NOT_FOUND } else { StatusCode::OK },
            "{path}"
        );
        assert!(!tells(&answer.body), "{path}: {}", answer.body);
        assert!(own || !answer.body.contains("/user/ana"), "{path}: {}", answer.body);
    }
    app.visitor().get("/blog/post/zanzibar").await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_author_and_editors_see_it_with_a_notice() {
    for (status, notice) in [
        ("draft", "Draft – "),
        ("scheduled", "Scheduled for "),
        ("hidden", "Hidden from readers – "),
    ] {
        let app = TestApp::start().await;
        let ana = app.insert_user(TestUser::default()).await;
        let ed = app
            .insert_user(TestUser { username: "ed", role: "Editor", ..TestUser::default() })
            .await;
        write(&app, ana, status, false).await;
        for (client, who) in [(ana, "only you see this"), (ed, "only the author and editors")] {
            let client = app.client_of(client).await;
            let page = client.get("/blog/post/zanzibar").await.expect(StatusCode::OK);
            assert_eq!(page.header("cache-control"), "no-store");
            page.contains(notice)
                .contains(who)
                .contains(TITLE)
                .contains("name=\"robots\" content=\"noindex\"")
                .contains("/edit\"")
                .lacks("ld+json")
                .lacks("og:title");
            let moved = client.get("/blog/post/old-zanzibar").await;
            assert_eq!(
                moved.expect(StatusCode::MOVED_PERMANENTLY).redirect(),
                "/blog/post/zanzibar"
            );
        }
    }
}
