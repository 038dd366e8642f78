//! Searching, seen from outside.

mod keeping;
mod limits;
mod mistakes;
mod relevance;
mod suggest;

use axum::http::StatusCode;
use proptest::prelude::*;

use crate::testing::{
    TestApp,
    posts::{TestPost, TestUser},
};

async fn library() -> TestApp {
    let app = TestApp::start().await;
    let ana = app
        .insert_user(TestUser {
            first_name: Some("Ana"),
            last_name: Some("Kovač"),
            ..TestUser::default()
        })
        .await;
    let ben = app.insert_user(TestUser { username: "ben_x", ..TestUser::default() }).await;
    let food = app.category("food").await;
    let soup = app
        .insert_post(TestPost {
            category: Some(food),
            content: "Boil the Water, add 100% salt.",
            ..TestPost::new(ana, "soup", "Slow soup")
        })
        .await;
    app.insert_tag(soup, "Winter", "winter").await;
    app.insert_post(TestPost {
        minute: 1,
        description: Some("О реке"),
        ..TestPost::new(ben, "river", "Медленная Река")
    })
    .await;
    app.insert_post(TestPost {
        minute: 2,
        content: "A path\\with back_slash",
        ..TestPost::new(ben, "paths", "Paths")
    })
    .await;
    app
}

/// The posts that a search lists.
async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let path = format!("/blog/search?q={}", crate::links::query(query));
    let page = app.visitor().get(&path).await.expect(StatusCode::OK);
    let cards = page.body.split("<article class=\"card\">").skip(1);
    cards
        .map(|card| card.split("/blog/post/").nth(1).unwrap().split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn words_are_found_wherever_they_stand() {
    let app = library().await;
    for (query, expected) in [
        ("soup", vec!["soup"]),
        ("SLOW water", vec!["soup"]),
        ("slow paths", vec![]),
        ("winter", vec!["soup"]),
        ("медленная", vec!["river"]),
        ("река", vec!["river"]),
        ("РЕКА", vec!["river"]),
        ("реке", vec!["river"]),
        ("wint", vec!["soup"]),
        ("\"boil the\"", vec!["soup"]),
        ("\"the boil\"", vec![]),
        ("water -salt", vec![]),
        ("water -pepper", vec!["soup"]),
        ("kovac soup", vec!["soup"]),
        ("author:ana", vec!["soup"]),
        ("author:@BEN_X path", vec!["paths"]),
        ("tag:winter", vec!["soup"]),
        ("tag:summer", vec![]),
        ("category:food", vec!["soup"]),
        ("boil the water add salt 100%", vec!["soup"]),
        ("boil the water, add 100% salt.", vec!["soup"]),
    ] {
        assert_eq!(found(&app, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn wildcards_and_operators_are_ordinary_characters() {
    let app = library().await;
    assert_eq!(found(&app, "back_slash").await, ["paths"]);
    assert_eq!(found(&app, "path\\with").await, ["paths"]);
    assert_eq!(found(&app, "100%").await, ["soup"]);
    let hostile = [
        "%",
        "_",
        "\\",
        "\"",
        "*",
        "NEAR(",
        "(",
        ":",
        "^",
        "-",
        "'",
        "' or 1=1 --",
        "%%",
        "s%",
        "s_up",
        "\\%",
        "$1",
        "\u{1}",
        "NEAR(zz yy)",
        "zz OR yy",
        "title:*",
        "{title} : x",
        "zz*",
        "!zz",
        "zz & | yy",
        "'zz':*",
        "zz <-> yy",
        "keys:p",
        "#p",
    ];
    for query in hostile {
        assert!(found(&app, query).await.is_empty(), "{query}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]
    #[test]
    fn no_question_breaks_the_search(
        questions in proptest::collection::vec(
            "([\\PC]|[%_\\\\\"*:^() '&|!<>-]|NEAR\\(| AND | OR | NOT |author:|before:2|tag:|語){0,60}", 40
        )
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let app = library().await;
            for question in questions {
                let path = format!("/blog/search?q={}", crate::links::query(&question));
                let status = app.visitor().get(&path).await.status;
                assert!(matches!(status.as_u16(), 200 | 422), "{status}: {question}");
                let path = path.replace("/blog/search", "/search/suggest");
                let status = app.visitor().get(&path).await.status;
                assert!(matches!(status.as_u16(), 200 | 422), "{status}: {question}");
            }
        });
    }
}

#[tokio::test]
async fn people_are_found_by_name_and_by_nothing_else() {
    let app = library().await;
    app.insert_user(TestUser { username: "gone", is_active: false, ..TestUser::default() }).await;
    let person = async |query: &str, name: &str| {
        let path = format!("/blog/search?q={}", crate::links::query(query));
        let page = app.visitor().get(&path).await.expect(StatusCode::OK);
        page.body.contains(&format!("<small>@{name} "))
    };
    for query in ["ana", "kovač", "Ana Kovač", "@ana", "ANA"] {
        assert!(person(query, "ana").await, "{query}");
    }
    assert!(person("ben_", "ben_x").await);
    for query in ["ana@private.example", "private.example", "@private", "private", "anax"] {
        assert!(!person(query, "ana").await, "{query}");
    }
    assert!(!person("gone", "gone").await);
}

#[tokio::test]
async fn nothing_found_is_said_with_advice() {
    let app = library().await;
    let page = app.visitor().get("/blog/search?q=xyzzy").await.expect(StatusCode::OK);
    page.contains("Nothing found").contains("Try fewer or other words").contains("noindex");
    app.visitor().get("/blog/search").await.expect(StatusCode::OK).lacks("Nothing found");
    let page = app.visitor().get("/blog/search?q=soup&category=travel").await;
    page.lacks("/blog/post/soup").contains("value=\"travel\" selected");
}

#[tokio::test]
async fn pages_of_results_keep_the_question() {
    let app = TestApp::with(|config| config.pages.search = 2).await;
    let ana = app.insert_user(TestUser::default()).await;
    for number in 0..5_i64 {
        let (slug, title) = (format!("p-{number}"), format!("Soup {number}"));
        app.insert_post(TestPost { minute: number, ..TestPost::new(ana, &slug, &title) }).await;
    }
    let page = app.visitor().get("/blog/search?q=soup+author%3Aana").await.expect(StatusCode::OK);
    let page = page.contains("5 posts").contains("/blog/post/p-4").lacks("/blog/post/p-2");
    let next = page.body.split("rel=\"next\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(next, "/blog/search?q=soup+author%3Aana&page=2");
    let page = app.visitor().get(&next).await.expect(StatusCode::OK);
    page.contains("/blog/post/p-2").contains("/blog/post/p-1").lacks("/blog/post/p-3");
    for page in ["0", "-1", "99999999999999999999", "x", "100"] {
        app.visitor().get(&format!("/blog/search?q=soup&page={page}")).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn searching_has_a_limit() {
    let app = TestApp::with(|config| {
        config.limits.enabled = true;
        config.limits.search = 3;
    })
    .await;
    for _ in 0..3 {
        app.visitor().get("/blog/search?q=x").await.expect(StatusCode::OK);
    }
    let refused = app.visitor().get("/blog/search?q=x").await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(!refused.header("retry-after").is_empty());
    app.visitor().get("/blog/search").await.expect(StatusCode::OK);
}
