//! The front page, lists, categories and tags.

use axum::http::StatusCode;

use crate::{
    db,
    testing::{
        TestApp,
        posts::{TestPost, TestUser},
    },
};

#[tokio::test]
async fn a_new_site_says_what_will_be_here() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    visitor
        .get("/")
        .await
        .expect(StatusCode::OK)
        .contains("A blank page")
        .contains("/auth/register");
    visitor.get("/blog/").await.expect(StatusCode::OK).contains("Nothing here yet");
    visitor.get("/blog/category/travel").await.expect(StatusCode::OK).contains("Nothing here yet");
    visitor.get("/blog/categories").await.expect(StatusCode::OK).contains("Technology");
    let ana = app.insert_user(TestUser::default()).await;
    app.client_of(ana).await.get("/").await.contains("Write the first post");
}

#[tokio::test]
async fn the_front_page_has_a_lead_and_what_is_new() {
    let app = TestApp::with(|config| config.pages.home = 3).await;
    let ana = app
        .insert_user(TestUser {
            first_name: Some("Ana"),
            last_name: Some("Kovač"),
            ..TestUser::default()
        })
        .await;
    let travel = app.category("travel").await;
    for (number, slug) in ["one", "two", "three", "four", "five"].into_iter().enumerate() {
        let number = i64::try_from(number).unwrap();
        let title = format!("Story {slug}");
        app.insert_post(TestPost {
            category: Some(travel),
            minute: number,
            likes: 10 - number,
            featured: slug == "two",
            ..TestPost::new(ana, slug, &title)
        })
        .await;
    }
    let page = app.visitor().get("/").await.expect(StatusCode::OK);
    let lead = page.body.find("class=\"lead\"").unwrap();
    let end = lead + page.body[lead..].find("</article>").unwrap();
    assert!(page.body[lead..end].contains("Story two"), "the featured post leads");
    assert_eq!(
        page.body.matches("<a href=\"/blog/post/two\"").count(),
        2,
        "as lead and as popular"
    );
    let page =
        page.contains("Story five").contains("Ana Kovač").contains("10 likes").contains("5 posts");
    let older = page.body.split("rel=\"next\" href=\"").nth(1).unwrap();
    let older = older.split('"').next().unwrap().replace("&#38;", "&");
    let second = app.visitor().get(&older).await.expect(StatusCode::OK);
    second.contains("Story one").contains("rel=\"prev\"").lacks("class=\"lead\"");
}

/// Follows a list by its links, to its end and back, and says what every page listed.
async fn walk(app: &TestApp, path: &str) -> (Vec<String>, Vec<String>) {
    fn titles(body: &str) -> Vec<String> {
        let cards = body.split("<article class=\"card\">").skip(1);
        cards
            .map(|card| card.split("\">").nth(2).unwrap().split('<').next().unwrap().to_owned())
            .collect()
    }
    fn link(body: &str, rel: &str) -> Option<String> {
        let rest = body.split(&format!("rel=\"{rel}\" href=\"")).nth(1)?;
        Some(rest.split('"').next()?.replace("&#38;", "&"))
    }
    let visitor = app.visitor();
    let mut page = visitor.get(path).await.expect(StatusCode::OK).body;
    let mut down = titles(&page);
    while let Some(next) = link(&page, "next") {
        page = visitor.get(&next).await.expect(StatusCode::OK).body;
        down.extend(titles(&page));
    }
    let mut up = titles(&page);
    while let Some(before) = link(&page, "prev") {
        page = visitor.get(&before).await.expect(StatusCode::OK).body;
        up.splice(0..0, titles(&page));
    }
    (down, up)
}

#[tokio::test]
async fn every_list_is_complete_in_both_directions() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let food = app.category("food").await;
    let mut expected = Vec::new();
    for number in 0..13_i64 {
        let (slug, title) = (format!("p-{number}"), format!("Number {number}"));
        // Some share a minute: the id decides.
        let post = app
            .insert_post(TestPost {
                category: Some(food),
                minute: number / 3,
                ..TestPost::new(ana, &slug, &title)
            })
            .await;
        app.insert_tag(post, "Soup", "soup").await;
        expected.insert(0, title);
    }
    for path in
        ["/blog/", "/blog/?category=food", "/blog/category/food", "/blog/tag/soup", "/user/ana"]
    {
        let (down, up) = walk(&app, path).await;
        assert_eq!(down, expected, "{path}");
        assert_eq!(up, expected, "{path}");
    }
}

#[tokio::test]
async fn links_that_lead_nowhere_are_the_first_page_or_an_end() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    app.insert_post(TestPost::new(ana, "one", "One")).await;
    for query in [
        "before=nonsense",
        "before=9223372036854775807-9223372036854775807",
        "after=-9223372036854775808--9223372036854775808",
        "before=-1-1",
        "after=0-0",
        "before=%00",
    ] {
        for path in
            ["/", "/blog/", "/users", "/user/ana", "/blog/category/food", "/blog/search?q=one&"]
        {
            let path = if path.contains('?') {
                format!("{path}{query}")
            } else {
                format!("{path}?{query}")
            };
            app.visitor().get(&path).await.expect(StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn the_list_filters_and_leads_to_the_search() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let food = app.category("food").await;
    app.insert_post(TestPost { category: Some(food), ..TestPost::new(ana, "soup", "Soup") }).await;
    app.insert_post(TestPost::new(ana, "rust", "Rust")).await;
    let visitor = app.visitor();
    visitor.get("/blog/?category=food").await.contains("/blog/post/soup").lacks("/blog/post/rust");
    visitor.get("/blog/?category=nothing").await.expect(StatusCode::NOT_FOUND);
    let moved = visitor.get(&format!("/blog/?category={food}")).await;
    assert_eq!(moved.redirect(), "/blog/?category=food");
    let search =
        visitor.get("/blog/?search=a+%26+b&category=food").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(search.redirect(), "/blog/search?q=a+%26+b&category=food");
}

#[tokio::test]
async fn old_addresses_lead_to_the_new_ones() {
    let app = TestApp::start().await;
    let travel = app.category("travel").await;
    let table = [
        ("/blog", "/blog/"),
        ("/blog?category=food", "/blog/?category=food"),
        ("/search?q=x", "/blog/search?q=x"),
        ("/post/7", "/blog/post/7"),
        ("/categories", "/blog/categories"),
        ("/category/3", "/blog/category/3"),
        ("/create_post", "/blog/create"),
    ];
    for (old, new) in table {
        let answer = app.visitor().get(old).await.expect(StatusCode::MOVED_PERMANENTLY);
        assert_eq!(answer.redirect(), new);
    }
    let by_number = app.visitor().get(&format!("/blog/category/{travel}")).await;
    assert_eq!(by_number.expect(StatusCode::MOVED_PERMANENTLY).redirect(), "/blog/category/travel");
    app.visitor().get("/blog/category/99999").await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn guests_read_only_while_they_may() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    app.insert_post(TestPost::new(ana, "one", "One")).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let guest = crate::accounts::store::roles::by_name(&mut tx, "Guest").await.unwrap().unwrap();
    let user = crate::accounts::store::roles::by_name(&mut tx, "User").await.unwrap().unwrap();
    let read_posts = crate::accounts::Permission::ReadPosts;
    crate::accounts::store::roles::revoke(&mut tx, guest, read_posts).await.unwrap();
    crate::accounts::store::roles::grant(&mut tx, user, read_posts).await.unwrap();
    tx.commit().await.unwrap();
    crate::accounts::roles::forget(&app.app);
    let member = app.client_of(ana).await;
    for path in
        super::leaks::PLACES.iter().chain(&["/blog/post/one", "/", "/blog/categories", "/users"])
    {
        let answer = app.visitor().get(path).await.expect(StatusCode::SEE_OTHER);
        assert!(answer.redirect().starts_with("/auth/login"), "{path}");
        let answer = member.get(path).await;
        assert_ne!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("cache-control").contains("private"), "{path}");
    }
}

#[tokio::test]
async fn no_page_asks_more_for_more() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let food = app.category("food").await;
    for number in 0..12_i64 {
        let (slug, title) = (format!("p-{number}"), format!("Number {number}"));
        let post = app
            .insert_post(TestPost {
                category: Some(food),
                minute: number,
                ..TestPost::new(ana, &slug, &title)
            })
            .await;
        app.insert_tag(post, "Soup", "soup").await;
    }
    let member = app.client_of(ana).await;
    for path in [
        "/",
        "/blog/",
        "/blog/?category=food",
        "/blog/post/p-3",
        "/blog/categories",
        "/blog/category/food",
        "/blog/tag/soup",
        "/users",
        "/user/ana",
        "/blog/search?q=number",
        "/feed.atom",
        "/user/ana/feed.rss",
        "/blog/tag/soup/feed.json",
        "/sitemap.xml",
        "/sitemap-posts-1.xml",
        "/feeds",
    ] {
        for client in [&app.visitor(), &member] {
            client.get(path).await.expect(StatusCode::OK);
            let (answer, statements) = db::counting(client.get(path)).await;
            answer.expect(StatusCode::OK);
            assert!((1..=12).contains(&statements), "{path}: {statements}");
        }
    }
}

#[tokio::test]
async fn pages_for_everybody_can_be_kept_and_asked_again() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    app.insert_post(TestPost::new(ana, "one", "One")).await;
    for path in
        ["/", "/blog/", "/blog/post/one", "/user/ana", "/feed.atom", "/feed.json", "/sitemap.xml"]
    {
        let first = app.visitor().get(path).await.expect(StatusCode::OK);
        let tag = first.header("etag").to_owned();
        assert!(!tag.is_empty(), "{path}");
        assert!(first.header("cache-control").starts_with("public"), "{path}");
        let request = axum::http::Request::get(path).header("if-none-match", tag);
        let again = app.visitor().send(request, Vec::new()).await;
        again.expect(StatusCode::NOT_MODIFIED);
    }
}
