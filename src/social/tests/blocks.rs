//! A block holds at every door, both ways.

use axum::http::StatusCode;

use crate::{
    db::read,
    ids::PostId,
    testing::{Client, TestApp, posts::TestPost},
};

/// Ana and Ben write in one category under one tag, Cleo has to do with both.
struct Scene {
    app: TestApp,
    category: String,
    river: PostId,
    lake: PostId,
    /// A comment of Ana and one of Ben, under Cleo's post.
    words: [i64; 2],
}

impl Scene {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let mut people = Vec::new();
        for name in ["ana", "ben", "cleo"] {
            people.push(app.person(name, "User").await);
        }
        let mut conn = app.app.db.conn().await.unwrap();
        let row = read("select id, slug from category order by id limit 1");
        let (id, category): (crate::ids::CategoryId, String) = row.one(&mut conn).await.unwrap();
        drop(conn);
        let mut posts = Vec::new();
        for (author, slug) in people.iter().zip(["river", "lake", "hill"]) {
            let post = TestPost { category: Some(id), ..TestPost::new(*author, slug, slug) };
            posts.push(app.insert_post(post).await);
            app.insert_tag(posts[posts.len() - 1], "Water", "water").await;
        }
        let cleo = app.client_of(people[2]).await;
        let mut words = [0, 0];
        for (at, name) in ["ana", "ben"].into_iter().enumerate() {
            let client = app.client_of(people[at]).await;
            let said = format!("Words of {name}");
            words[at] = say(&client, "hill", &said).await;
            client.press(&format!("/blog/post/{}/like", posts[2])).await.expect(StatusCode::OK);
            client.press("/blog/user/cleo/follow").await.expect(StatusCode::OK);
            cleo.press(&format!("/blog/post/{}/like", posts[at])).await.expect(StatusCode::OK);
            cleo.press(&format!("/blog/user/{name}/follow")).await.expect(StatusCode::OK);
            let other = posts[1 - at];
            client.press(&format!("/blog/post/{other}/bookmark")).await.expect(StatusCode::OK);
            let topic = format!("/blog/category/{category}/follow");
            client.post(&topic, &[]).await.expect(StatusCode::SEE_OTHER);
        }
        Self { app, category, river: posts[0], lake: posts[1], words }
    }

    /// Lists, and what must be on them or not: the other's post, name or words.
    fn lists(&self, name: &str, slug: &str) -> Vec<(String, String)> {
        let post = format!("/blog/post/{slug}\"");
        let person = format!("/user/{name}\"");
        let mut lists: Vec<(String, String)> = [
            "/".to_owned(),
            "/?tab=latest".to_owned(),
            "/?tab=following".to_owned(),
            "/blog/".to_owned(),
            format!("/blog/?category={}", self.category),
            format!("/blog/category/{}", self.category),
            "/blog/tag/water".to_owned(),
            "/blog/post/hill".to_owned(),
            format!("/blog/search?q={slug}"),
            format!("/search/suggest?q={slug}"),
            "/user/cleo/likes".to_owned(),
            "/bookmarks".to_owned(),
        ]
        .into_iter()
        .map(|path| (path, post.clone()))
        .collect();
        lists.extend(
            ["/users", "/user/cleo/followers", "/user/cleo/following"]
                .map(|path| (path.to_owned(), person.clone())),
        );
        lists.push(("/blog/post/hill".to_owned(), format!("Words of {name}")));
        lists
    }
}

/// What is the other's own.
fn doors((name, slug): (&str, &str), post: PostId, words: i64) -> Vec<String> {
    vec![
        format!("/blog/post/{slug}"),
        format!("/blog/post/{post}"),
        format!("/blog/post/{slug}/comment"),
        format!("/blog/post/{post}/likes"),
        format!("/blog/post/hill/comments/{words}"),
        format!("/comments/{words}/likes"),
        format!("/user/{name}/followers"),
        format!("/user/{name}/following"),
        format!("/user/{name}/likes"),
        format!("/user/{name}/feed.atom"),
    ]
}

/// Says something under a post; the number of the comment.
async fn say(client: &Client, slug: &str, text: &str) -> i64 {
    let answer = client.post(&format!("/blog/post/{slug}"), &[("content", text)]).await;
    let answer = answer.expect(StatusCode::SEE_OTHER);
    answer.redirect().rsplit('/').next().unwrap().parse().unwrap()
}

/// What of somebody is found by somebody else, and whether it should be.
async fn look(
    scene: &Scene,
    client: &Client,
    (name, slug): (&str, &str),
    (post, words): (PostId, i64),
    is_there: bool,
) {
    for (path, what) in scene.lists(name, slug) {
        let page = client.get(&path).await.expect(StatusCode::OK);
        assert_eq!(page.body.contains(&what), is_there, "{what} on {path}");
    }
    for path in doors((name, slug), post, words) {
        let status = client.get(&path).await.status;
        assert_eq!(status == StatusCode::NOT_FOUND, !is_there, "{path}: {status}");
    }
    let mut conn = scene.app.app.db.conn().await.unwrap();
    let id: i64 = read("select id from \"user\" where username = $1")
        .bind(name)
        .value(&mut conn)
        .await
        .unwrap();
    drop(conn);
    for path in [format!("/live?post={post}"), format!("/live?profile={id}")] {
        let stream = client.stream(&path, &[]).await.status;
        assert_eq!(stream == StatusCode::NOT_FOUND, !is_there, "{path}: {stream}");
    }
}

#[tokio::test]
async fn neither_finds_anything_of_the_other() {
    let scene = Scene::start().await;
    let (ana, ben) = (scene.app.log_in("ana").await, scene.app.log_in("ben").await);
    let of_ana = (("ana", "river"), (scene.river, scene.words[0]));
    let of_ben = (("ben", "lake"), (scene.lake, scene.words[1]));
    look(&scene, &ben, of_ana.0, of_ana.1, true).await;
    look(&scene, &ana, of_ben.0, of_ben.1, true).await;

    ana.post("/blog/user/ben/block", &[]).await.expect(StatusCode::SEE_OTHER);
    look(&scene, &ben, of_ana.0, of_ana.1, false).await;
    look(&scene, &ana, of_ben.0, of_ben.1, false).await;
    // Whoever is blocked finds nobody; whoever blocks finds the way back, and nothing else.
    ben.get("/user/ana").await.expect(StatusCode::NOT_FOUND);
    for tab in ["", "?tab=comments", "?tab=about"] {
        let page = ana.get(&format!("/user/ben{tab}")).await.expect(StatusCode::OK);
        page.contains("Unblock").contains("You have blocked").lacks("lake").lacks("Words of ben");
    }
    for (client, post, name, refused) in [
        (&ben, scene.river, "ana", StatusCode::NOT_FOUND),
        (&ana, scene.lake, "ben", StatusCode::FORBIDDEN),
    ] {
        for what in ["like", "bookmark"].map(|what| format!("/blog/post/{post}/{what}")) {
            // What was kept can be taken off the list; then it cannot be put on it again.
            let first = client.press(&what).await.status;
            assert_eq!(first == StatusCode::OK, what.ends_with("bookmark"), "{what}: {first}");
            client.press(&what).await.expect(StatusCode::NOT_FOUND);
        }
        let follow = client.press(&format!("/blog/user/{name}/follow")).await;
        assert_eq!(follow.status, refused);
        let typing = format!("/live/post/{post}/typing");
        let answer = client.post_json(&typing, &serde_json::json!({ "is_typing": true })).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    ben.post("/blog/post/river", &[("content", "x")]).await.expect(StatusCode::NOT_FOUND);
    let like = format!("/comments/{}/like", scene.words[0]);
    ben.post(&like, &[]).await.expect(StatusCode::NOT_FOUND);
    // A name that is called is not told.
    say(&ben, "hill", "Hello @ana").await;
    ana.get("/notifications").await.expect(StatusCode::OK).lacks("Hello");

    ana.post("/blog/user/ben/block", &[]).await.expect(StatusCode::SEE_OTHER);
    ben.get("/blog/post/river").await.expect(StatusCode::OK);
    ben.get("/user/ana").await.expect(StatusCode::OK).contains("/blog/post/river");
}

#[tokio::test]
async fn an_answer_under_a_post_one_is_kept_from_is_not_told() {
    let scene = Scene::start().await;
    let (ana, ben) = (scene.app.log_in("ana").await, scene.app.log_in("ben").await);
    let cleo = scene.app.log_in("cleo").await;
    let parent = say(&ben, "river", "Words of ben").await.to_string();
    let answer = async |text: &str| {
        let fields = [("content", text), ("parent_id", parent.as_str())];
        cleo.post("/blog/post/river", &fields).await.expect(StatusCode::SEE_OTHER);
    };
    answer("The first answer").await;
    ben.get("/notifications").await.expect(StatusCode::OK).contains("The first answer");
    ana.post("/blog/user/ben/block", &[]).await.expect(StatusCode::SEE_OTHER);
    answer("The second answer, @ben").await;
    ben.get("/notifications").await.expect(StatusCode::OK).lacks("The second answer");
}

#[tokio::test]
async fn a_stream_of_a_post_ends_with_the_block_of_its_reader() {
    let scene = Scene::start().await;
    let (ana, ben) = (scene.app.log_in("ana").await, scene.app.log_in("ben").await);
    let mut stream = ben.stream(&format!("/live?post={}", scene.river), &[]).await;
    stream.until("readers").await;
    ana.post("/blog/user/ben/block", &[]).await.expect(StatusCode::SEE_OTHER);
    stream.end().await;
}

#[tokio::test]
async fn who_moderates_sees_what_is_to_be_decided_on() {
    let scene = Scene::start().await;
    let ana = scene.app.log_in("ana").await;
    for (name, role) in [("mod", "Moderator"), ("eve", "Editor")] {
        let client = scene.app.somebody(name, role).await;
        ana.post(&format!("/blog/user/{name}/block"), &[]).await.expect(StatusCode::SEE_OTHER);
        client.get("/blog/post/river").await.expect(StatusCode::OK).contains("You cannot comment");
        client.get("/user/ana").await.expect(StatusCode::OK).contains("/blog/post/river");
        client.get(&format!("/comment/{}", scene.words[0])).await.expect(StatusCode::SEE_OTHER);
        let like = format!("/blog/post/{}/like", scene.river);
        client.press(&like).await.expect(StatusCode::FORBIDDEN);
        client.press("/blog/user/ana/follow").await.expect(StatusCode::FORBIDDEN);
    }
    // A block reaches the two, and nobody else.
    scene.app.log_in("ben").await.get("/blog/post/river").await.expect(StatusCode::OK);
}
