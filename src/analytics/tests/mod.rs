//! Analytics seen from outside.

mod beacon;
mod influence;
mod keeping;
mod plans;
mod ranking;
mod stats;
mod trending;
mod views;

use axum::http::Request;

use super::views::flush;
use crate::{
    db::{read, write},
    ids::{PostId, UserId},
    testing::{
        Answer, Client, TestApp,
        posts::{TestPost, TestUser},
    },
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Opens a page with a browser that says its name.
async fn open(client: &Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    if !headers.iter().any(|(name, _)| *name == "user-agent") {
        request = request.header("user-agent", FIREFOX);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request, Vec::new()).await
}

async fn number(app: &TestApp, statement: &'static str) -> i64 {
    read(statement).value(&mut app.app.db.conn().await.unwrap()).await.unwrap()
}

/// Runs a statement of a test.
async fn run(app: &TestApp, statement: &str) {
    let statement: &'static str = statement.to_owned().leak();
    let mut tx = app.app.db.begin().await.unwrap();
    write(statement).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// A writer `ana` with a post under `/blog/post/river`.
async fn a_post(app: &TestApp) -> (UserId, PostId) {
    let ana = app.insert_user(TestUser::default()).await;
    let post = app.insert_post(TestPost::new(ana, "river", "The river")).await;
    (ana, post)
}

/// What the page reports with.
fn ticket(answer: &Answer) -> Option<String> {
    let (_, rest) = answer.body.split_once("data-view=\"")?;
    rest.split_once('"').map(|(ticket, _)| ticket.to_owned())
}
