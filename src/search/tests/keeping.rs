//! The index follows what happens, in the same transaction.

use axum::http::StatusCode;

use super::found;
use crate::{
    accounts::roles,
    db::write,
    search::index,
    testing::{
        Client, TestApp,
        posts::{TestPost, TestUser},
    },
};

async fn write_post(client: &Client, title: &str, status: &str) -> String {
    client.get("/blog/create").await;
    let fields = [
        ("title", title),
        ("content", "Zanzibar in spring"),
        ("tags", "Spice"),
        ("status", status),
    ];
    let answer = client.post("/blog/create", &fields).await.expect(StatusCode::SEE_OTHER);
    answer.redirect().to_owned()
}

#[tokio::test]
async fn a_post_is_found_from_its_publication_to_its_end() {
    let app = TestApp::start().await;
    app.person("ana", roles::EDITOR).await;
    let ana = app.log_in("ana").await;
    write_post(&ana, "Cloves", "published").await;
    assert_eq!(found(&app, "zanzibar").await, ["cloves"]);
    assert_eq!(found(&app, "tag:spice").await, ["cloves"]);
    let edit = "/blog/post/1/edit";
    ana.get(edit).await.expect(StatusCode::OK);
    let change = async |content: &str, status: &str| {
        let fields =
            [("title", "Cloves"), ("content", content), ("status", status), ("slug", "cloves")];
        ana.post(edit, &fields).await.expect(StatusCode::SEE_OTHER);
    };
    change("Pemba in autumn", "published").await;
    assert_eq!(found(&app, "zanzibar").await, [""; 0]);
    assert_eq!(found(&app, "pemba").await, ["cloves"]);
    assert_eq!(found(&app, "tag:spice").await, [""; 0]);
    change("Pemba in autumn", "hidden").await;
    assert_eq!(found(&app, "pemba").await, [""; 0]);
    change("Pemba in autumn", "published").await;
    assert_eq!(found(&app, "pemba").await, ["cloves"]);
    ana.post("/blog/post/1/delete", &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(found(&app, "pemba").await, [""; 0]);
}

#[tokio::test]
async fn drafts_are_found_by_their_writer_alone() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let ben = app.member("ben").await;
    write_post(&ana, "Secret cloves", "draft").await;
    for query in ["secret", "zanz"] {
        let path = format!("/blog/search?q={query}");
        ana.get(&path).await.contains("Your drafts").contains("/blog/post/1/edit");
        for other in [&ben, &app.visitor()] {
            other.get(&path).await.lacks("cloves").contains("Nothing found");
        }
    }
    // Not even as the word that somebody may have meant.
    ben.get("/blog/search?q=sekret").await.lacks("secret</strong>");
}

#[tokio::test]
async fn a_new_name_is_found_and_the_old_one_is_not() {
    let app = TestApp::start().await;
    app.person("ana", roles::USER).await;
    app.person("eve", roles::EDITOR).await;
    write_post(&app.log_in("eve").await, "Cloves", "published").await;
    let finds = async |query: &str, name: &str| {
        let page = app.visitor().get(&format!("/blog/search?q={query}")).await;
        page.body.contains(&format!("<small>@{name} "))
    };
    assert!(finds("ana", "ana").await && !finds("umbrella", "ana").await);
    let eve = app.log_in("eve").await;
    eve.get("/auth/profile").await.expect(StatusCode::OK);
    let fields = [("first_name", "Zoë"), ("last_name", "Umbrella")];
    eve.post("/auth/profile", &fields).await.expect(StatusCode::SEE_OTHER);
    assert!(finds("zoe+umbrella", "eve").await);
    app.run_jobs().await;
    assert_eq!(found(&app, "umbrella cloves").await, ["cloves"]);
}

#[tokio::test]
async fn what_was_there_before_is_indexed_by_a_job() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    for number in 0..3 {
        let slug = format!("p-{number}");
        app.insert_post(TestPost::new(ana, &slug, "Cloves")).await;
    }
    let mut tx = app.app.db.begin().await.unwrap();
    let (posts, names) = ("delete from search_post", "delete from search_name");
    write(posts).run(&mut tx).await.unwrap();
    write(names).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&app, "cloves").await, [""; 0]);
    assert_eq!(index::missing(&mut app.app.db.conn().await.unwrap()).await.unwrap(), 4);
    crate::rooms::seed(&app.app).await.unwrap();
    app.run_jobs().await;
    assert_eq!(found(&app, "cloves").await.len(), 3);
    assert_eq!(index::missing(&mut app.app.db.conn().await.unwrap()).await.unwrap(), 0);
    index::rebuild(&app.app).await.unwrap();
    assert_eq!(found(&app, "cloves").await.len(), 3);
}

#[tokio::test]
async fn an_index_of_older_rules_is_completed_after_the_start() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    for number in 0..3 {
        let slug = format!("p-{number}");
        app.insert_post(TestPost::new(ana, &slug, "Cloves")).await;
    }
    let missing = async || index::missing(&mut app.app.db.conn().await.unwrap()).await.unwrap();
    for outdated in [
        "update search_post set index_version = 1, updated_at = updated_at where post_id = 2",
        "update search_name set index_version = 1, updated_at = updated_at where user_id = 1",
    ] {
        let mut tx = app.app.db.begin().await.unwrap();
        write(outdated).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(missing().await, 1);
        crate::rooms::seed(&app.app).await.unwrap();
        app.run_jobs().await;
        assert_eq!(missing().await, 0);
    }
    // Nothing is looked through when there is nothing to do.
    assert!(!index::is_outdated(&mut app.app.db.conn().await.unwrap()).await.unwrap());
}

#[tokio::test]
async fn posts_under_a_former_name_are_indexed_a_few_at_a_time() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    for number in 0..5 {
        let slug = format!("p-{number}");
        app.insert_post(TestPost::new(ana, &slug, "Cloves")).await;
    }
    let mut tx = app.app.db.begin().await.unwrap();
    let outdate = "update search_post set index_version = 0, updated_at = updated_at";
    write(outdate).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut left = Vec::new();
    while index::index_outdated(&app.app, 2).await.unwrap() {
        left.push(index::missing(&mut app.app.db.conn().await.unwrap()).await.unwrap());
    }
    assert_eq!(left, [3, 1, 0]);
}

#[tokio::test]
async fn a_very_long_post_is_saved_and_found() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    // Two megabytes of words that are all different, in two scripts.
    let mut text = String::from("beginning ");
    for number in 0..90_000_u32 {
        text += "w";
        text += &number.to_string();
        text += " ";
        text.extend(char::from_u32(0x4e00 + number % 20_000));
    }
    app.insert_post(TestPost { content: &text, ..TestPost::new(ana, "long", "Long") }).await;
    assert_eq!(found(&app, "beginning").await, ["long"]);
}

#[tokio::test]
async fn who_is_gone_is_not_found() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    app.insert_post(TestPost::new(ana, "cloves", "Cloves")).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let statement =
        "update \"user\" set is_active = false, updated_at = updated_at where username = 'ana'";
    write(statement).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&app, "cloves").await, [""; 0]);
    app.visitor().get("/blog/search?q=ana").await.lacks("<small>@ana ");
    let mut tx = app.app.db.begin().await.unwrap();
    let statement = "delete from \"user\" where username = 'ana'";
    write(statement).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(index::missing(&mut app.app.db.conn().await.unwrap()).await.unwrap(), 0);
    assert_eq!(found(&app, "cloves").await, [""; 0]);
}
