//! Writing, seen from a browser.

mod autosave;
mod history;
mod permissions;
mod writing;

use crate::{
    db::{Value, read},
    testing::{Answer, Client, TestApp},
};

/// One value of one post's row, by the post's title.
async fn text_of(app: &TestApp, title: &str) -> (String, String, i64) {
    let mut conn = app.app.db.conn().await.unwrap();
    read("select status, coalesce(slug, ''), version from post where title = $1")
        .bind(title)
        .one(&mut conn)
        .await
        .unwrap()
}

async fn id_of(app: &TestApp, title: &str) -> i64 {
    let mut conn = app.app.db.conn().await.unwrap();
    read("select max(id) from post where title = $1").bind(title).value(&mut conn).await.unwrap()
}

async fn count(app: &TestApp, statement: &'static str, value: impl Into<Value>) -> i64 {
    let mut conn = app.app.db.conn().await.unwrap();
    read(statement).bind(value).value(&mut conn).await.unwrap()
}

/// Publishes a post by the form.
async fn publish(writer: &Client, title: &str, content: &str) -> Answer {
    let fields = [("title", title), ("content", content), ("status", "published")];
    writer.post("/blog/create", &fields).await
}

/// Every count that is kept in a row equals the rows it counts.
async fn assert_counts(app: &TestApp) {
    for statement in [
        "select count(*) from category c where post_count <> (select count(*) from post p
           where p.category_id = c.id and p.status = 'published' and p.deleted_at is null)
            or c.id = $1",
        "select count(*) from tag t where post_count <> (select count(*) from post_tag pt
           join post p on p.id = pt.post_id
          where pt.tag_id = t.id and p.status = 'published' and p.deleted_at is null)
            or t.id = $1",
        "select count(*) from \"user\" u where post_count <> (select count(*) from post p
           where p.user_id = u.id and p.status = 'published' and p.deleted_at is null)
            or u.id = $1",
    ] {
        assert_eq!(count(app, statement, -1_i64).await, 0, "{statement}");
    }
}
