//! What stands in front on the home page.

use axum::http::StatusCode;

use crate::{
    db::counting,
    testing::{Answer, TestApp, posts::TestPost},
};

#[tokio::test]
async fn an_editor_decides_what_leads_the_home_page() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    let post = app.post_of(ana, "first").await;
    app.insert_post(TestPost { minute: 5, ..TestPost::new(ana, "second", "second") }).await;
    let (ben, editor) = (app.member("ben").await, app.somebody("eve", "Editor").await);
    let path = format!("/blog/post/{post}/feature");
    assert_eq!(ben.post(&path, &[]).await.status, StatusCode::FORBIDDEN);
    ben.get("/blog/post/first").await.lacks("/feature");
    editor.get("/blog/post/first").await.contains(&path);
    editor.post(&path, &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(front(&app.visitor().get("/").await), ["first"]);
    editor.post(&path, &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(front(&app.visitor().get("/").await), ["second"]);
    let draft = TestPost { status: "draft", ..TestPost::new(ana, "draft", "draft") };
    let draft = app.insert_post(draft).await;
    let answer = editor.post(&format!("/blog/post/{draft}/feature"), &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

/// The posts in front: the lead story and those below it.
fn front(page: &Answer) -> Vec<String> {
    let start = page.body.find("class=\"lead\"").unwrap();
    let end = page.body[start..].find("class=\"cards\"").map_or(page.body.len(), |at| start + at);
    let end = page.body[..end].rfind("</section>").filter(|at| *at > start).unwrap_or(end);
    let part = &page.body[start..end];
    let part = if part.contains("class=\"featured\"") {
        part
    } else {
        &part[..part.find("</article>").unwrap()]
    };
    let links = part.split("href=\"/blog/post/").skip(1);
    links.map(|link| link.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn some_featured_posts_stand_in_front_the_newest_first() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    let slugs: Vec<String> = (0..8).map(|number| format!("post-{number}")).collect();
    for (minute, slug) in (0..).zip(&slugs) {
        let featured = minute < 6;
        app.insert_post(TestPost { featured, minute, ..TestPost::new(ana, slug, slug) }).await;
    }
    let (page, statements) = counting(app.visitor().get("/")).await;
    assert_eq!(front(&page), ["post-5", "post-4", "post-3", "post-2"]);
    assert!(statements <= 8, "a visitor's home page asks {statements}");
    let page = page.contains(">Featured</h2>");
    for slug in &slugs {
        let link = format!("<a href=\"/blog/post/{slug}\"");
        assert_eq!(page.body.matches(&link).count(), 1, "{slug} stands on the page once");
    }
    // Members have their own lead, and what editors chose below it.
    let ben = app.member("ben").await;
    let page = ben.get("/").await.contains(">Featured</h2>");
    assert_eq!(front(&page), ["post-7", "post-5", "post-4", "post-3"]);
    ben.get("/?tab=latest").await.lacks(">Featured</h2>");
    ben.post("/blog/user/ana/mute", &[]).await.expect(StatusCode::SEE_OTHER);
    ben.get("/").await.expect(StatusCode::OK).lacks(">Featured</h2>");
}

#[tokio::test]
async fn without_a_choice_the_most_liked_stand_in_front() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    for (minute, slug) in (0..).zip(["none", "three", "two", "five", "four", "newest"]) {
        let likes = ["none", "one", "two", "three", "four", "five"];
        let likes = likes.iter().position(|word| *word == slug).unwrap_or(0);
        let likes = i64::try_from(likes).unwrap();
        app.insert_post(TestPost { likes, minute, ..TestPost::new(ana, slug, slug) }).await;
    }
    let page = app.visitor().get("/").await.contains(">Most liked</h2>").lacks(">Featured</h2>");
    assert_eq!(front(&page), ["newest", "five", "four", "three"]);
    let page = app.member("ben").await.get("/").await.contains(">Most liked</h2>");
    assert_eq!(front(&page).len(), 4);
}
