//! Comments, seen from a browser.

mod attacks;
mod counts;
mod mails;
mod moderation;
mod places;
mod plans;
mod talking;
mod threads;

use axum::http::StatusCode;

use super::store::threads as store;
use crate::{
    db::{Value, read, write},
    ids::{CommentId, PostId, UserId},
    testing::{Client, TestApp, posts::TestPost},
};

/// A site with a post `river` by `ana`, and its number.
async fn site() -> (TestApp, PostId) {
    let app = TestApp::start().await;
    let post = post_on(&app).await;
    (app, post)
}

async fn post_on(app: &TestApp) -> PostId {
    let ana = app.person("ana", "User").await;
    app.insert_post(TestPost::new(ana, "river", "A week on the river")).await
}

/// Says something under `river`, and gives its number.
#[track_caller]
fn say<'a>(
    client: &'a Client,
    words: &'a str,
    parent: Option<i64>,
) -> impl Future<Output = i64> + 'a {
    let parent = parent.map(|id| id.to_string()).unwrap_or_default();
    async move {
        let fields = [("content", words), ("parent_id", parent.as_str())];
        let answer = client.post("/blog/post/river", &fields).await;
        let answer = answer.expect(StatusCode::SEE_OTHER);
        let address = answer.redirect().to_owned();
        address.strip_prefix("/comment/").unwrap().parse().unwrap()
    }
}

async fn number(app: &TestApp, statement: &'static str, value: impl Into<Value>) -> i64 {
    let mut conn = app.app.db.conn().await.unwrap();
    read(statement).bind(value).value(&mut conn).await.unwrap()
}

async fn status(app: &TestApp, id: i64) -> String {
    let mut conn = app.app.db.conn().await.unwrap();
    read("select status from comment where id = $1").bind(id).value(&mut conn).await.unwrap()
}

async fn run(app: &TestApp, statement: &'static str, values: Vec<Value>) {
    let mut tx = app.app.db.begin().await.unwrap();
    let mut statement = write(statement);
    for value in values {
        statement = statement.bind(value);
    }
    statement.run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn user(app: &TestApp, name: &str) -> UserId {
    let mut conn = app.app.db.conn().await.unwrap();
    read("select id from \"user\" where username = $1").bind(name).value(&mut conn).await.unwrap()
}

async fn block(app: &TestApp, who: &str, whom: &str) {
    let (who, whom) = (user(app, who).await, user(app, whom).await);
    let now = app.app.clock.now();
    run(
        app,
        "insert into user_block (created_at, user_id, blocked_id) values ($1, $2, $3)",
        vec![now.into(), who.into(), whom.into()],
    )
    .await;
}

/// Every count that is kept in a row equals the rows it counts.
async fn assert_counts(app: &TestApp) {
    assert_eq!(super::repair::wrong_counts(&app.app).await.unwrap(), 0);
    assert_eq!(crate::posts::repair::wrong_counts(&app.app).await.unwrap(), 0);
}

/// A comment by itself, as the fragment gives it.
async fn fragment(client: &Client, id: i64) -> crate::testing::Answer {
    client.get(&format!("/blog/post/river/comments/{id}")).await
}

/// The comments of a page, by the numbers in their anchors.
fn shown(body: &str) -> Vec<i64> {
    body.split("data-comment=\"")
        .skip(1)
        .map(|part| part[..part.find('"').unwrap()].parse().unwrap())
        .collect()
}

fn as_id(id: i64) -> CommentId {
    CommentId(id)
}
