//! What a search refuses, explains, and hides.

use axum::http::StatusCode;

use super::{found, library};
use crate::{
    db::write,
    testing::{
        TestApp,
        posts::{TestPost, TestUser},
    },
};

#[tokio::test]
async fn a_long_question_is_refused_with_a_message() {
    let app = library().await;
    let path = format!("/blog/search?q={}", "%C3%A9".repeat(201));
    let page = app.visitor().get(&path).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    page.contains("A search may have 200 characters at most.");
    app.visitor().get(&path[..path.len() - 6]).await.expect(StatusCode::OK);
    let path = path.replace("/blog/search", "/search/suggest");
    app.visitor().get(&path).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_filter_that_fits_nothing_is_explained() {
    let app = library().await;
    for (query, status, message) in [
        ("soup author:nobody", 200, "There is nobody called “nobody” here."),
        ("soup tag:none", 200, "No post has the tag “none”."),
        ("soup category:none", 200, "There is no category “none”."),
        ("soup before:soon", 422, "“before:soon” is no date."),
    ] {
        let path = format!("/blog/search?q={}", crate::links::query(query));
        let page = app.visitor().get(&path).await;
        assert_eq!(page.status.as_u16(), status, "{query}");
        page.contains(message).lacks("/blog/post/soup").lacks("Nothing found");
    }
}

#[tokio::test]
async fn filters_narrow_what_is_found_and_can_be_taken_away() {
    let app = library().await;
    for (query, expected) in [
        ("after:2025 before:2027", vec!["paths", "river", "soup"]),
        ("after:2026", vec![]),
        ("soup before:2026", vec![]),
        ("soup before:2026-01-02", vec!["soup"]),
        ("soup after:2025-12-31", vec!["soup"]),
        ("category:\"Food\" winter", vec!["soup"]),
        ("author:ben_x", vec!["paths", "river"]),
    ] {
        assert_eq!(found(&app, query).await, expected, "{query}");
    }
    let page = app.visitor().get("/blog/search?q=soup+author%3Aana&category=food").await;
    page.contains("href=\"/blog/search?q=soup&#38;category=food\"")
        .contains("href=\"/blog/search?q=soup+author%3Aana\"");
}

#[tokio::test]
async fn blocked_and_muted_people_are_not_found() {
    let app = library().await;
    let eve = app.insert_user(TestUser { username: "eve", ..TestUser::default() }).await;
    let client = app.client_of(eve).await;
    let sees = async || {
        let page = client.get("/blog/search?q=soup").await.expect(StatusCode::OK);
        let people = client.get("/blog/search?q=ana").await.expect(StatusCode::OK);
        let offered = client.get("/search/suggest?q=slow+so").await.expect(StatusCode::OK);
        let own = client.get("/blog/search?q=author%3Aana").await.expect(StatusCode::OK);
        (
            page.body.contains("/blog/post/soup"),
            people.body.contains("<small>@ana "),
            offered.body.contains("/blog/post/soup"),
            own.body.contains("/blog/post/soup"),
        )
    };
    assert_eq!(sees().await, (true, true, true, true));
    for statement in [
        "insert into user_block (created_at, user_id, blocked_id)
         select $1, a.id, b.id from \"user\" a, \"user\" b where a.username = 'eve' and b.username = 'ana'",
        "insert into user_block (created_at, user_id, blocked_id)
         select $1, a.id, b.id from \"user\" a, \"user\" b where a.username = 'ana' and b.username = 'eve'",
        "insert into user_mute (created_at, user_id, muted_id)
         select $1, a.id, b.id from \"user\" a, \"user\" b where a.username = 'eve' and b.username = 'ana'",
    ] {
        let mut tx = app.app.db.begin().await.unwrap();
        write(statement).bind(app.app.clock.now()).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sees().await, (false, false, false, false), "{statement}");
        let mut tx = app.app.db.begin().await.unwrap();
        let (blocks, mutes) = ("delete from user_block", "delete from user_mute");
        write(blocks).run(&mut tx).await.unwrap();
        write(mutes).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(found(&app, "soup").await, ["soup"]);
}

#[tokio::test]
async fn marks_are_made_of_text_and_never_of_markup() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    app.insert_post(TestPost {
        content: "A `<img src=x onerror=alert(1)>` in the soup & more",
        ..TestPost::new(ana, "x", "<script>soup</script>")
    })
    .await;
    let page = app.visitor().get("/blog/search?q=soup").await.expect(StatusCode::OK);
    page.contains("&#60;script&#62;<mark>soup</mark>&#60;/script&#62;")
        .contains("in the <mark>soup</mark> &#38; more")
        .lacks("<img src=x")
        .lacks("<script>soup");
}

#[tokio::test]
async fn a_search_runs_few_statements() {
    let app = library().await;
    let eve = app.insert_user(TestUser { username: "eve", ..TestUser::default() }).await;
    let client = app.client_of(eve).await;
    for query in [
        "soup",
        "water wintr",
        "sooup watter",
        "author:ana tag:winter category:food soup",
        "zzzzzzz yyyyyyy",
    ] {
        let path = format!("/blog/search?q={}", crate::links::query(query));
        let (answer, statements) = crate::db::counting(client.get(&path)).await;
        answer.expect(StatusCode::OK);
        assert!(statements <= 12, "{query}: {statements}");
    }
}
