//! Texts in every script, at their longest, and hostile ones in every field (V6).

use axum::http::StatusCode;

use super::leaks::PLACES;
use crate::testing::{
    TestApp,
    posts::{TestPost, TestUser},
};

#[tokio::test]
async fn every_script_is_shown_as_it_was_written() {
    let app = TestApp::start().await;
    let ana = app.insert_user(TestUser::default()).await;
    let long = |text: &str| text.chars().cycle().take(200).collect::<String>();
    let titles = [
        long("日本語の題名はとても長い"),
        long("عنوان طويل جدا باللغة العربية "),
        long("Один длинный заголовок "),
        long("שלום עולם "),
        long("👩‍🚀🧪"),
        long("एक लंबा शीर्षक "),
        "e\u{301}\u{323}".repeat(60),
    ];
    for (number, title) in titles.iter().enumerate() {
        let slug = markup::slugify(title);
        let minute = i64::try_from(number).unwrap();
        app.insert_post(TestPost { minute, ..TestPost::new(ana, &slug, title) }).await;
        let path = crate::links::post(&slug);
        let page = app.visitor().get(&path).await.expect(StatusCode::OK);
        page.contains(&format!("<h1 dir=\"auto\">{title}</h1>"));
        app.visitor().get("/feed.atom").await.expect(StatusCode::OK).contains(title);
        app.visitor().get("/feed.json").await.contains(title);
        let map = app.visitor().get("/sitemap-posts-1.xml").await;
        map.contains(&format!("http://streamly.test{path}"));
        app.visitor().get("/").await.contains(title);
    }
}

const HOSTILE: &str = "\"><svg/onload=alert(1)>'<b>&amp;{{7*7}}";

#[tokio::test]
async fn hostile_words_stay_words_everywhere() {
    let app = TestApp::start().await;
    let ana = app
        .insert_user(TestUser {
            first_name: Some(HOSTILE),
            last_name: Some("\u{8}<i>x"),
            bio: Some(HOSTILE),
            location: Some(HOSTILE),
            website: Some("javascript:alert(1)//\"><svg/onload=alert(1)>"),
            ..TestUser::default()
        })
        .await;
    let travel = app.category("travel").await;
    let post = app
        .insert_post(TestPost {
            category: Some(travel),
            content: HOSTILE,
            description: Some(HOSTILE),
            canonical_url: Some("https://example.org/\"><svg/onload=alert(1)>"),
            image: Some("\"><svg/onload=alert(1)>"),
            image_alt: Some(HOSTILE),
            likes: 3,
            ..TestPost::new(ana, "\"><svg onload=alert(1)>", HOSTILE)
        })
        .await;
    app.insert_tag(post, HOSTILE, "secret").await;
    let own = crate::links::post("\"><svg onload=alert(1)>");
    let hostile_search = format!("/blog/search?q={}", crate::links::query(HOSTILE));
    let hostile_user = crate::links::user(HOSTILE);
    let further = [own.as_str(), hostile_search.as_str(), hostile_user.as_str(), "/opensearch.xml"];
    for path in PLACES.iter().chain(&further) {
        let answer = app.visitor().get(path).await;
        assert!(answer.status.as_u16() < 500, "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        if answer.header("content-type").starts_with("application/feed+json") {
            let feed = answer.json();
            for item in feed["items"].as_array().unwrap() {
                assert!(!item["content_html"].as_str().unwrap().contains("<svg"), "{path}");
            }
            continue;
        }
        for bad in ["<svg/onload", "<svg onload", "href=\"javascript:", "<i>x", "\u{8}<"] {
            assert!(!answer.body.contains(bad), "{path}: {bad}: {}", answer.body);
        }
        if answer.header("content-type").contains("xml") {
            well_formed(path, &answer.body);
        }
    }
}

/// Checks that elements are closed in the order they were opened, that every `&` begins an
/// entity, and that no character is one XML does not know.
fn well_formed(path: &str, text: &str) {
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let here = &rest[at..];
        if here.starts_with('&') {
            let end = here.find(';').unwrap_or_else(|| panic!("{path}: & alone"));
            let name = &here[1..end];
            let known = ["amp", "lt", "gt", "quot", "apos"].contains(&name)
                || name.starts_with('#')
                    && name[1..].chars().all(|digit| digit.is_ascii_hexdigit());
            assert!(known, "{path}: &{name};");
            rest = &here[end..];
            continue;
        }
        let end = here.find('>').unwrap();
        let tag = &here[1..end];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{path}");
        } else if !tag.ends_with(['/', '?']) {
            open.push(tag.split(' ').next().unwrap());
        }
        rest = &here[end..];
    }
    assert!(open.is_empty(), "{path}: {open:?}");
    let bad = text.chars().find(|c| *c < ' ' && !matches!(c, '\t' | '\n' | '\r'));
    assert_eq!(bad, None, "{path}");
}
