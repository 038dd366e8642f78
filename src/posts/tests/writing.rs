use axum::http::StatusCode;
use chrono::TimeDelta;

use super::{assert_counts, count, id_of, publish, text_of};
use crate::testing::TestApp;

#[tokio::test]
async fn a_post_is_published_and_leads_to_itself() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let answer = publish(&ada, "Bread at altitude", "It *rises*.").await;
    assert_eq!(answer.redirect(), "/blog/post/bread-at-altitude");
    let (status, slug, version) = text_of(&app, "Bread at altitude").await;
    assert_eq!((status.as_str(), slug.as_str(), version), ("published", "bread-at-altitude", 1));
    assert_counts(&app).await;
}

#[tokio::test]
async fn mistakes_come_back_with_what_was_typed() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let long = "x".repeat(201);
    for (fields, message) in [
        ([("title", "  "), ("content", "Kept <b>text</b>")], "Give the post a title."),
        ([("title", "Kept"), ("content", " \n ")], "Write something first."),
        ([("title", &long), ("content", "Kept")], "201 characters"),
        ([("tags", "a,b,c,d,e,f,g,h,i,j,k"), ("content", "Kept")], "11 tags are too many"),
        ([("category_id", "999"), ("content", "Kept")], "title"),
        ([("canonical_url", "javascript:alert(1)"), ("title", "Kept")], "whole address"),
    ] {
        let answer = ada.post("/blog/create", &fields).await;
        answer
            .expect(StatusCode::UNPROCESSABLE_ENTITY)
            .contains(message)
            .contains("Kept")
            .lacks("<b>");
    }
    let unknown = [("title", "a"), ("content", "b"), ("category_id", "999")];
    let answer = ada.post("/blog/create", &unknown).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("There is no such category.");
    assert_eq!(count(&app, "select count(*) from post where id > $1", 0_i64).await, 0);
}

#[tokio::test]
async fn fields_that_do_not_belong_are_refused() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    for (name, value) in [
        ("user_id", "1"),
        ("like_count", "99"),
        ("is_featured", "true"),
        ("id", "7"),
        ("html", "x"),
    ] {
        let fields = [("title", "a"), ("content", "b"), (name, value)];
        ada.post("/blog/create", &fields).await.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let twice = [("title", "a"), ("title", "b"), ("content", "c")];
    ada.post("/blog/create", &twice).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(count(&app, "select count(*) from post where id > $1", 0_i64).await, 0);
}

#[tokio::test]
async fn the_second_click_makes_nothing_twice() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let page = ada.get("/blog/create").await;
    let nonce = page.hidden("nonce").unwrap();
    let fields = [("title", "Once"), ("content", "x"), ("nonce", &nonce), ("status", "published")];
    let (first, second) =
        tokio::join!(ada.post("/blog/create", &fields), ada.post("/blog/create", &fields));
    assert_eq!(first.redirect(), second.redirect());
    // Also from a sender that knows nothing of marks.
    let first = publish(&ada, "Plain", "x").await;
    let second = publish(&ada, "Plain", "x").await;
    assert_eq!(first.redirect(), second.redirect());
    app.advance(TimeDelta::minutes(1));
    let later = publish(&ada, "Plain", "x").await;
    assert_eq!(later.redirect(), "/blog/post/plain-2");
    assert_eq!(count(&app, "select count(*) from post where id > $1", 0_i64).await, 3);
    assert_counts(&app).await;
}

#[tokio::test]
async fn titles_of_any_script_get_addresses() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    for (title, slug) in [
        ("Crème brûlée à l’ancienne", "creme-brulee-a-l-ancienne"),
        ("Żółć", "zolc"),
        ("2026", "post-2026"),
        ("!!!", "post"),
    ] {
        publish(&ada, title, "x").await.expect(StatusCode::SEE_OTHER);
        assert_eq!(text_of(&app, title).await.1, slug);
    }
    for title in ["吾輩は猫である".repeat(28), "العربية تُكتب من اليمين ".repeat(8)]
    {
        let title = title.trim().to_owned();
        publish(&ada, &title, "x").await.expect(StatusCode::SEE_OTHER);
        let slug = text_of(&app, &title).await.1;
        assert!(slug.len() <= 200 && !slug.is_ascii(), "{slug}");
    }
}

#[tokio::test]
async fn an_address_follows_the_title_until_readers_know_it() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    ada.post("/blog/create", &[("title", "First"), ("content", "x"), ("status", "draft")]).await;
    let edit = format!("/blog/post/{}/edit", id_of(&app, "First").await);
    ada.post(&edit, &[("title", "Second"), ("content", "x"), ("status", "draft")]).await;
    assert_eq!(text_of(&app, "Second").await.1, "second");
    ada.post(&edit, &[("title", "Second"), ("content", "x"), ("status", "published")]).await;
    ada.post(&edit, &[("title", "Third"), ("content", "x"), ("status", "published")]).await;
    assert_eq!(text_of(&app, "Third").await.1, "second");
    let chosen =
        [("title", "Third"), ("content", "x"), ("slug", "My Way"), ("status", "published")];
    let answer = ada.post(&edit, &chosen).await;
    assert_eq!(answer.redirect(), "/blog/post/my-way");
    let former = "select count(*) from post_slug where slug = $1";
    assert_eq!(count(&app, former, "second").await, 1);
    // A former address is nobody else's.
    publish(&ada, "Second", "y").await;
    assert_eq!(text_of(&app, "Second").await.1, "second-2");
}

#[tokio::test]
async fn counts_follow_every_change() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let fields = [
        ("title", "Counted"),
        ("content", "x"),
        ("category_id", "1"),
        ("tags", "rivers, bread"),
        ("status", "published"),
    ];
    ada.post("/blog/create", &fields).await.expect(StatusCode::SEE_OTHER);
    assert_counts(&app).await;
    let rivers = "select post_count from tag where slug = $1";
    assert_eq!(count(&app, rivers, "rivers").await, 1);
    let id = id_of(&app, "Counted").await;
    let edit = format!("/blog/post/{id}/edit");
    for fields in [
        [("category_id", "2"), ("tags", "bread, salt"), ("status", "published")],
        [("category_id", "2"), ("tags", "bread"), ("status", "hidden")],
        [("category_id", ""), ("tags", ""), ("status", "draft")],
        [("category_id", "3"), ("tags", "rivers"), ("status", "published")],
    ] {
        let fields: Vec<_> =
            fields.into_iter().chain([("title", "Counted"), ("content", "x")]).collect();
        ada.post(&edit, &fields).await.expect(StatusCode::SEE_OTHER);
        assert_counts(&app).await;
    }
    ada.post(&format!("/blog/post/{id}/delete"), &[]).await.expect(StatusCode::SEE_OTHER);
    assert_counts(&app).await;
    assert_eq!(count(&app, rivers, "rivers").await, 0);
    ada.post(&format!("/blog/post/{id}/delete"), &[]).await;
    assert_counts(&app).await;
    ada.post(&format!("/blog/post/{id}/restore"), &[]).await.expect(StatusCode::SEE_OTHER);
    assert_counts(&app).await;
    assert_eq!(count(&app, rivers, "rivers").await, 1);
}

#[tokio::test]
async fn a_scheduled_post_is_published_at_its_time_and_once() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let at = |time| {
        [("title", "Later"), ("content", "x"), ("scheduled_at", time), ("status", "scheduled")]
    };
    let past = ada.post("/blog/create", &at("2025-12-31T23:59")).await;
    past.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("This time has passed");
    let never = ada.post("/blog/create", &at("")).await;
    never.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("Say when");
    ada.post("/blog/create", &at("2026-01-01T06:00")).await.expect(StatusCode::SEE_OTHER);
    app.run_jobs().await;
    assert_eq!(text_of(&app, "Later").await.0, "scheduled");
    assert_counts(&app).await;
    app.advance(TimeDelta::hours(7));
    let id = crate::ids::PostId(id_of(&app, "Later").await);
    let work = (0..8).map(|_| crate::posts::deletion::publish_scheduled(&app.app, id));
    for outcome in futures_util::future::join_all(work).await {
        outcome.unwrap();
    }
    app.run_jobs().await;
    assert_eq!(text_of(&app, "Later").await.0, "published");
    let announced = "select count(*) from event where kind = $1";
    assert_eq!(count(&app, announced, "post_published").await, 1);
    let dated = "select count(*) from post where published_at = $1";
    let six = crate::testing::beginning() + TimeDelta::hours(6);
    assert_eq!(count(&app, dated, six).await, 1);
    assert_counts(&app).await;
}

#[tokio::test]
async fn a_deleted_post_can_be_had_back_for_a_while() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    publish(&ada, "Gone & back", "x").await;
    let id = id_of(&app, "Gone & back").await;
    ada.get(&format!("/blog/post/{id}/delete")).await.expect(StatusCode::OK).contains("30 days");
    let answer = ada.post(&format!("/blog/post/{id}/delete"), &[]).await;
    assert_eq!(answer.redirect(), "/blog/mine?show=deleted");
    let list = ada.get("/blog/mine?show=deleted").await.expect(StatusCode::OK);
    list.contains("was deleted").contains("Bring back");
    ada.get("/blog/mine").await.lacks("Gone &#38; back");
    app.advance(TimeDelta::days(29));
    crate::posts::jobs::tick(&app.app).await.unwrap();
    assert_eq!(count(&app, "select count(*) from post where id = $1", id).await, 1);
    app.advance(TimeDelta::days(2));
    crate::posts::jobs::tick(&app.app).await.unwrap();
    assert_eq!(count(&app, "select count(*) from post where id = $1", id).await, 0);
}

#[tokio::test]
async fn a_text_of_two_megabytes_is_taken_and_a_longer_one_is_not() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let line = "The river carried the ledger past the lighthouse, slowly. ";
    let two = line.repeat((2 << 20) / line.len());
    publish(&ada, "Long", &two).await.expect(StatusCode::SEE_OTHER);
    let answer = publish(&ada, "Longer", &line.repeat((2 << 20) / line.len() + 2)).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("longer than 2 MiB");
}

#[tokio::test]
async fn going_back_to_a_form_that_was_sent_loses_nothing() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let nonce = ada.get("/blog/create").await.hidden("nonce").unwrap();
    let form = |content: &'static str, status: &'static str| {
        [("title", "Back"), ("content", content), ("nonce", nonce.as_str()), ("status", status)]
            .map(|(name, value)| (name, value.to_owned()))
    };
    let send = async |fields: [(&str, String); 4]| {
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        ada.post("/blog/create", &fields).await.expect(StatusCode::SEE_OTHER).redirect().to_owned()
    };
    let first = send(form("one", "draft")).await;
    // Back, some words more, and this time the other button: it is the same post.
    assert_eq!(send(form("one and two", "published")).await, "/blog/post/back");
    ada.get(&first).await.expect(StatusCode::OK).contains("one and two");
    // The same click once more changes nothing, whatever has happened since.
    assert_eq!(send(form("one", "draft")).await, "/blog/post/back");
    ada.get(&first).await.contains("one and two");
    // More has happened to that post: a third text is kept beside it, not over it.
    let third = send(form("three", "draft")).await;
    assert_ne!(third, first);
    ada.get(&third).await.contains("three");
    ada.get(&first).await.contains("one and two");
    assert_eq!(count(&app, "select count(*) from post where id > $1", 0_i64).await, 2);
    assert_counts(&app).await;
}

#[tokio::test]
async fn a_title_that_nobody_can_see_is_none() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    for title in ["\u{200b}", "\u{200f}\u{2060} \u{feff}", "\u{202e}\u{202c}", "\u{3164}"] {
        publish(&ada, title, "x").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    publish(&ada, "می\u{200c}خواهم", "x").await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_refusal_for_another_reason_keeps_what_was_typed() {
    let app = TestApp::with(|config| {
        config.limits.enabled = true;
        config.limits.post = 1;
    })
    .await;
    let ada = app.member("ada").await;
    publish(&ada, "First", "x").await.expect(StatusCode::SEE_OTHER);
    let late = publish(&ada, "Second", "words of an hour").await;
    let late = late.expect(StatusCode::TOO_MANY_REQUESTS).contains("words of an hour");
    assert!(!late.header("retry-after").is_empty());
    // Deleted in another tab meanwhile.
    let id = id_of(&app, "First").await;
    ada.post(&format!("/blog/post/{id}/delete"), &[]).await.expect(StatusCode::SEE_OTHER);
    let fields = [("title", "First"), ("content", "typed for nothing?"), ("version", "1")];
    let gone = ada.post(&format!("/blog/post/{id}/edit"), &fields).await;
    gone.expect(StatusCode::GONE).contains("typed for nothing?").contains("lost");
}

#[tokio::test]
async fn a_form_sent_after_logging_out_in_another_tab_is_shown_again() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    let token = ada.get("/blog/create").await.csrf_token().unwrap();
    let form = format!("csrf_token={token}&title=Stale&content=words+of+an+hour");
    ada.post("/auth/logout", &[]).await.expect(StatusCode::SEE_OTHER);
    let send = async |origin: Option<&str>| {
        let mut request = axum::http::Request::post("/blog/create")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        app.visitor().send(request, form.clone().into_bytes()).await.expect(StatusCode::FORBIDDEN)
    };
    send(Some("http://streamly.test")).await.contains("words of an hour");
    // Nobody else's text gets onto our page.
    send(Some("https://evil.example")).await.lacks("words of an hour");
    send(None).await.lacks("words of an hour");
}

#[tokio::test]
async fn two_megabytes_of_any_script_are_taken_in_any_coding() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    for (title, unit) in [("Arabic", "مرحبا بالعالم "), ("Japanese", "日本語の文章です。")]
    {
        let text = unit.repeat((2 << 20) / unit.len());
        publish(&ada, title, &text).await.expect(StatusCode::SEE_OTHER);
        let more = format!("{text}{unit}");
        publish(&ada, title, &more).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn made_up_page_links_are_no_error() {
    let app = TestApp::start().await;
    let ada = app.member("ada").await;
    for path in ["/blog/mine", "/media", "/blog/", "/users", "/dev/mail"] {
        for key in ["-8330000000000000000-1", "-210866803200000001-1", "9223372036854775807-1"] {
            for way in ["before", "after"] {
                let answer = ada.get(&format!("{path}?{way}={key}")).await;
                assert!(!answer.status.is_server_error(), "{path} {way} {key}: {}", answer.status);
            }
        }
    }
}
