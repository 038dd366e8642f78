//! Social, seen from outside.

mod blocks;
mod counters;
mod follows;
mod for_you;
mod front;
mod lists;

use axum::http::{Request, StatusCode, header};

use crate::{
    ids::{PostId, UserId},
    testing::{Answer, Client, TestApp, posts::TestPost},
};

impl TestApp {
    /// A public post of somebody.
    async fn post_of(&self, author: UserId, slug: &str) -> PostId {
        self.insert_post(TestPost::new(author, slug, slug)).await
    }
}

impl Client {
    /// Presses a button as our script does.
    async fn press(&self, path: &str) -> Answer {
        self.get("/auth/settings").await.expect(StatusCode::OK);
        let token = self.last_token();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header("x-csrftoken", token);
        self.send(request, Vec::new()).await
    }
}

#[tokio::test]
async fn a_like_is_given_and_taken_back() {
    let app = TestApp::start().await;
    let author = app.person("ana", "User").await;
    let post = app.post_of(author, "hello").await;
    let ben = app.member("ben").await;
    let path = format!("/blog/post/{post}/like");

    let answer = ben.press(&path).await.expect(StatusCode::OK);
    assert_eq!(answer.json()["liked"], true);
    assert_eq!(answer.json()["like_count"], 1);
    let page = ben.get("/blog/post/hello").await.body;
    assert!(
        page.contains(r#"aria-pressed="true""#)
            && page.contains("<span data-count=\"likes\">1</span>")
    );
    let list = ben.get(&format!("/blog/post/{post}/likes")).await.expect(StatusCode::OK);
    list.contains("@ben");
    ben.get("/user/ben/likes").await.expect(StatusCode::OK).contains("/blog/post/hello");

    let answer = ben.post(&path, &[("next", "/blog/post/hello")]).await;
    assert_eq!(answer.expect(StatusCode::SEE_OTHER).redirect(), "/blog/post/hello");
    let page = ben.get("/blog/post/hello").await.body;
    assert!(page.contains("<span data-count=\"likes\">0</span>"));

    // A visitor sees the number, and the way to log in.
    let page = app.visitor().get("/blog/post/hello").await.body;
    assert!(page.contains("/auth/login?next=/blog/post/hello"));
    assert_eq!(app.visitor().post(&path, &[]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_not_public_is_not_liked_and_not_kept() {
    let app = TestApp::start().await;
    let author = app.person("ana", "User").await;
    let ben = app.member("ben").await;
    for status in ["draft", "hidden", "scheduled"] {
        let post = TestPost { status, ..TestPost::new(author, status, status) };
        let post = app.insert_post(post).await;
        for what in ["like", "bookmark"] {
            let answer = ben.press(&format!("/blog/post/{post}/{what}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{status} {what}");
        }
        let list = ben.get(&format!("/blog/post/{post}/likes")).await;
        assert_eq!(list.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn somebody_is_followed_and_not_any_more() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let ben = app.member("ben").await;
    let answer = ben.press("/blog/user/ana/follow").await.expect(StatusCode::OK);
    assert_eq!(answer.json()["following"], true);
    assert_eq!(answer.json()["follower_count"], 1);
    ana.get("/user/ana/followers").await.expect(StatusCode::OK).contains("@ben");
    ana.get("/user/ben/following").await.expect(StatusCode::OK).contains("@ana");
    ben.get("/user/ana").await.expect(StatusCode::OK).contains(">Following<span");
    let answer = ben.post("/blog/user/ana/follow", &[("next", "https://evil.example/")]).await;
    assert_eq!(answer.redirect(), "/user/ana");
    ana.get("/user/ana/followers").await.lacks("@ben");

    // Oneself is refused with 400 (R-ROUTE.27), whichever way it is asked.
    for what in ["follow", "block", "mute"] {
        let path = format!("/blog/user/ben/{what}");
        let form = ben.post(&path, &[("next", "/user/ben")]).await;
        form.expect(StatusCode::BAD_REQUEST).contains("You cannot");
    }
    let own = ben.press("/blog/user/ben/follow").await.expect(StatusCode::BAD_REQUEST);
    assert_eq!(own.json()["message"], "You cannot follow yourself.");
    let nothing = ben.press("/blog/post/999/like").await.expect(StatusCode::NOT_FOUND);
    assert_eq!(nothing.json()["code"], "not_found");
    assert_eq!(ben.press("/blog/user/nobody/follow").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_block_ends_follows_and_shuts_both_out() {
    let app = TestApp::start().await;
    let ana_id = app.person("ana", "User").await;
    let (ana, ben) = (app.log_in("ana").await, app.member("ben").await);
    let post = app.post_of(ana_id, "hello").await;
    ben.press("/blog/user/ana/follow").await.expect(StatusCode::OK);
    ana.press("/blog/user/ben/follow").await.expect(StatusCode::OK);

    ana.post("/blog/user/ben/block", &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(app.wrong_social_counts().await, 0);
    for path in ["/blog/user/ana/follow".to_owned(), format!("/blog/post/{post}/like")] {
        assert_eq!(ben.press(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(ana.press("/blog/user/ben/follow").await.status, StatusCode::FORBIDDEN);
    ben.get("/?tab=latest").await.expect(StatusCode::OK).lacks("/blog/post/hello");
    assert_eq!(ben.get("/user/ana/followers").await.status, StatusCode::NOT_FOUND);
    ana.get("/auth/settings/blocked").await.expect(StatusCode::OK).contains("@ben");

    ana.post("/blog/user/ben/block", &[]).await.expect(StatusCode::SEE_OTHER);
    ben.press("/blog/user/ana/follow").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn who_is_muted_is_not_seen_and_not_told() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    app.post_of(ana, "hello").await;
    let ben = app.member("ben").await;
    ben.post("/blog/user/ana/mute", &[]).await.expect(StatusCode::SEE_OTHER);
    for path in ["/", "/?tab=latest", "/?tab=following"] {
        ben.get(path).await.expect(StatusCode::OK).lacks("/blog/post/hello");
    }
    ben.post("/blog/user/ana/mute", &[]).await.expect(StatusCode::SEE_OTHER);
    ben.get("/?tab=latest").await.contains("/blog/post/hello");
}

#[tokio::test]
async fn the_reading_list_is_its_owners_alone() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    let (ben, eve) = (app.member("ben").await, app.member("eve").await);
    for slug in ["one", "two"] {
        let post = app.post_of(ana, slug).await;
        let answer = ben.press(&format!("/blog/post/{post}/bookmark")).await;
        assert_eq!(answer.json()["bookmarked"], true);
    }
    let list = ben.get("/bookmarks").await.expect(StatusCode::OK).body;
    let place = |slug: &str| list.find(&format!("/blog/post/{slug}")).unwrap();
    assert!(place("two") < place("one"), "kept last, first");
    eve.get("/bookmarks").await.expect(StatusCode::OK).lacks("/blog/post/one");
    assert_eq!(app.visitor().get("/bookmarks").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_export_has_what_one_likes_keeps_and_follows_and_nothing_of_others() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    let post = app.post_of(ana, "hello").await;
    let (ben, eve) = (app.member("ben").await, app.member("eve").await);
    for path in ["like", "bookmark"] {
        ben.press(&format!("/blog/post/{post}/{path}")).await.expect(StatusCode::OK);
    }
    ben.press("/blog/user/ana/follow").await.expect(StatusCode::OK);
    eve.press("/blog/user/ben/follow").await.expect(StatusCode::OK);
    let archive = app.export(&ben).await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let file = zip.by_name("likes_and_follows.json").unwrap();
    let ties: Vec<serde_json::Value> = serde_json::from_reader(file).unwrap();
    let ties: Vec<_> = ties
        .iter()
        .map(|tie| (tie["kind"].as_str().unwrap(), tie["what"].as_str().unwrap()))
        .collect();
    assert_eq!(ties, [("bookmark", "hello"), ("follow", "ana"), ("like", "hello")]);
}

#[tokio::test]
async fn a_post_that_many_liked_is_one_line_of_activity() {
    let app = TestApp::start().await;
    let ana = app.person("ana", "User").await;
    let post = app.post_of(ana, "hello").await;
    let reader = app.member("reader").await;
    for name in ["ben", "cleo", "dan"] {
        let member = app.member(name).await;
        reader.press(&format!("/blog/user/{name}/follow")).await.expect(StatusCode::OK);
        member.press(&format!("/blog/post/{post}/like")).await.expect(StatusCode::OK);
    }
    let page = reader.get("/").await.expect(StatusCode::OK);
    page.contains("dan</a> and 2 others liked").lacks("ben</a> liked");
}
