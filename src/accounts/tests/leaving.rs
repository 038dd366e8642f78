use std::io::{Cursor, Read as _};

use chrono::TimeDelta;

use super::*;
use crate::{
    accounts::{actions, roles},
    db::{read, write},
};

#[tokio::test]
async fn an_account_is_closed_for_a_while() {
    let app = TestApp::start().await;
    let (ana, there) = (app.member("ana").await, app.log_in("ana").await);
    ana.get("/auth/deactivate").await.expect(StatusCode::OK);
    assert!(is_in(&ana).await);
    ana.post("/auth/deactivate", &[]).await.expect(StatusCode::SEE_OTHER);
    assert!(!is_in(&ana).await && !is_in(&there).await);
    try_login(&ana, "ana", "wrong").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let offer = try_login(&ana, "ana", PASSWORD).await.expect(StatusCode::OK);
    let offer = offer.contains("Have your account back?");
    assert!(!is_in(&ana).await, "only an offer");
    let ticket = offer.hidden("ticket").unwrap();
    let answer = ana.post("/auth/come-back", &[("ticket", &ticket)]).await;
    answer.expect(StatusCode::SEE_OTHER);
    assert!(is_in(&ana).await);
    let again = app.visitor().post("/auth/come-back", &[("ticket", &ticket)]).await;
    again.expect(StatusCode::GONE);
}

#[tokio::test]
async fn an_offer_is_for_one_account_and_some_minutes() {
    let app = TestApp::start().await;
    for name in ["ana", "ben"] {
        let client = app.member(name).await;
        client.post("/auth/deactivate", &[]).await.expect(StatusCode::SEE_OTHER);
    }
    let client = app.visitor();
    let ticket = try_login(&client, "ana", PASSWORD).await.hidden("ticket").unwrap();
    let parts: Vec<&str> = ticket.split('.').collect();
    let ben = user(&app, "ben").await.id;
    let forged = [
        format!("{ben}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], 9_999_999_999_i64, parts[2]),
        format!("{}.{}.AAAA", parts[0], parts[1]),
        "nonsense".to_owned(),
        String::new(),
    ];
    for ticket in forged {
        let answer = client.post("/auth/come-back", &[("ticket", &ticket)]).await;
        answer.expect(StatusCode::GONE);
    }
    app.advance(TimeDelta::minutes(16));
    client.post("/auth/come-back", &[("ticket", &ticket)]).await.expect(StatusCode::GONE);
    assert!(!is_in(&client).await);
}

#[tokio::test]
async fn who_was_shut_out_does_not_come_back_alone() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let id = user(&app, "ana").await.id;
    ana.post("/auth/delete", &[("username", "ana")]).await.expect(StatusCode::SEE_OTHER);
    let ticket = try_login(&ana, "ana", PASSWORD).await.hidden("ticket").unwrap();
    actions::deactivate(&app.app, None, id).await.unwrap();
    let answer = ana.post("/auth/come-back", &[("ticket", &ticket)]).await;
    answer.expect(StatusCode::FORBIDDEN);
    let answer = try_login(&ana, "ana", PASSWORD).await.expect(StatusCode::FORBIDDEN);
    answer.contains("This account is closed").lacks("ticket");
    let before = app.mails().await.len();
    app.visitor().post("/auth/reset-password-request", &[("email", "ana@example.org")]).await;
    assert_eq!(app.mails().await.len(), before, "no reset either");
    actions::reactivate(&app.app, None, id).await.unwrap();
    try_login(&ana, "ana", PASSWORD).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_deleted_account_can_be_kept_until_its_day() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    ana.get("/auth/delete").await.expect(StatusCode::OK).contains("14 days");
    let answer = ana.post("/auth/delete", &[("username", "ben")]).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("Type your user name");
    ana.post("/auth/delete", &[("username", "Ana")]).await.expect(StatusCode::SEE_OTHER);
    assert!(!is_in(&ana).await);
    let mail = app.mail_to("ana@example.org").await;
    assert!(mail.kind == "deletion_requested" && mail.text_body.contains("15 January 2026"));
    app.advance(TimeDelta::days(13));
    crate::rooms::tick(&app.app).await.unwrap();
    let offer = try_login(&ana, "ana", PASSWORD).await.expect(StatusCode::OK);
    let ticket = offer.contains("15 Jan 2026").hidden("ticket").unwrap();
    let fields = [("ticket", ticket.as_str()), ("next", "/auth/settings")];
    let answer = ana.post("/auth/come-back", &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.redirect(), "/auth/settings");
    app.advance(TimeDelta::days(5));
    crate::rooms::tick(&app.app).await.unwrap();
    let row = user(&app, "ana").await;
    assert!(row.is_active && row.delete_after.is_none());
}

/// How many public posts the tags say they have, together.
async fn counted_by_tags(app: &TestApp) -> i64 {
    let mut conn = app.app.db.conn().await.unwrap();
    let total = read("select cast(coalesce(sum(post_count), 0) as bigint) from tag");
    total.value(&mut conn).await.unwrap()
}

#[tokio::test]
async fn after_the_grace_nothing_is_left() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    app.person("ben", roles::USER).await;
    app.visitor().post("/auth/reset-password-request", &[("email", "ana@example.org")]).await;
    try_login(&app.visitor(), "ana", "wrong").await;
    let post = [
        ("title", "A post"),
        ("content", "Text"),
        ("tags", "moss, heron"),
        ("status", "published"),
    ];
    ana.post("/blog/create", &post).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(counted_by_tags(&app).await, 2);
    ana.get("/auth/delete").await;
    ana.post("/auth/delete", &[("username", "ana")]).await.expect(StatusCode::SEE_OTHER);
    app.run_jobs().await;
    app.advance(TimeDelta::days(14) + TimeDelta::seconds(1));
    crate::rooms::tick(&app.app).await.unwrap();

    assert_eq!(counted_by_tags(&app).await, 0);
    let answer = try_login(&ana, "ana", PASSWORD).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let mut conn = app.app.db.conn().await.unwrap();
    let texts = [
        read("select username || ' ' || email || ' ' || email_key from \"user\"")
            .all::<(String,)>(&mut conn)
            .await
            .unwrap(),
        read("select data from event").all(&mut conn).await.unwrap(),
        read("select recipient || subject || text_body || html_body from outgoing_mail")
            .all(&mut conn)
            .await
            .unwrap(),
        read("select coalesce(email, '') from user_token").all(&mut conn).await.unwrap(),
        read("select payload from job").all(&mut conn).await.unwrap(),
    ];
    let all: Vec<String> = texts.into_iter().flatten().map(|(text,)| text).collect();
    let all = all.join("\n");
    assert!(!all.contains("ana@example.org") && all.contains("ben@example.org"), "{all}");
    assert!(all.contains("user_deleted"));
    // The name is free again.
    join(&app.visitor(), "ana", "ana@example.org").await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn ones_data_is_ones_own() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let ben = app.person("ben", roles::USER).await;
    let id = user(&app, "ana").await.id;
    let mut tx = app.app.db.begin().await.unwrap();
    for (owner, title) in [(id, "A \"quoted\" title"), (ben, "Of somebody else")] {
        write(
            "insert into post (created_at, updated_at, user_id, slug, title, content)
             values ($1, $1, $2, $3, $4, $5)",
        )
        .bind(app.app.clock.now())
        .bind(owner)
        .bind(format!("slug-of-{owner}"))
        .bind(title)
        .bind("# Hello\n\nWorld")
        .run(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    ana.get("/auth/export").await.expect(StatusCode::OK).contains("Make the file");
    ana.post("/auth/export", &[]).await.expect(StatusCode::SEE_OTHER);
    ana.get("/auth/export").await.contains("is being made").lacks("Make a");
    ana.get("/auth/export/file").await.expect(StatusCode::GONE);
    let mail = app.mail_to("ana@example.org").await;
    assert_eq!(mail.kind, "export_ready");
    ana.get(&mail.link("/auth/export")).await.expect(StatusCode::OK).contains("Download it");
    let answer = ana.get("/auth/export/file").await.expect(StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("cache-control"), "no-store");
    let disposition = "attachment; filename=\"ana-2026-01-01.zip\"";
    assert_eq!(answer.header("content-disposition"), disposition);
    assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
    let mut zip = zip::ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
    let mut all = String::new();
    let mut names = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        names.push(file.name().to_owned());
        file.read_to_string(&mut all).unwrap();
    }
    let post = names.iter().find(|name| name.starts_with("posts/")).unwrap();
    assert!(post.ends_with(&format!("-slug-of-{id}.md")), "{post}");
    for name in [
        "account.json",
        "sessions.json",
        "media.json",
        "events.json",
        "posts.json",
        "comments.json",
        "likes_and_follows.json",
        "reading.json",
    ] {
        assert!(names.iter().any(|other| other == name), "{names:?}");
    }
    for text in [
        "ana@example.org",
        "title: \"A \\\"quoted\\\" title\"",
        "# Hello\n\nWorld",
        "user_logged_in",
    ] {
        assert!(all.contains(text), "{text} is not in {all}");
    }
    let row = user(&app, "ana").await;
    for text in ["somebody else", "ben@example.org", "argon2", "hash", row.password_hash.as_str()] {
        assert!(!all.contains(text), "{text} is in {all}");
    }
}

#[tokio::test]
async fn the_file_with_ones_data_is_kept_for_a_day_and_for_nobody_else() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.member("ana").await, app.member("ben").await);
    let picture = crate::storage::PART;
    let parts = || {
        let media = app.app.files.root().join("media");
        let shelves = std::fs::read_dir(media).unwrap().map(|shelf| shelf.unwrap().path());
        let files = shelves.flat_map(|shelf| std::fs::read_dir(shelf).unwrap());
        let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        names
            .into_iter()
            .filter(|name| name.to_str().unwrap().ends_with(picture))
            .collect::<Vec<_>>()
    };
    app.visitor().get("/auth/export/file").await.expect(StatusCode::SEE_OTHER);
    let first = app.export(&ana).await;
    assert!(first.starts_with(b"PK"));
    ben.get("/auth/export/file").await.expect(StatusCode::GONE);
    let made = parts();
    assert_eq!(made.len(), 1);
    // No page of ours serves it by its name.
    let path = format!("/media/{}", made[0].to_str().unwrap());
    ana.get(&path).await.expect(StatusCode::NOT_FOUND);
    // A second wish makes a new one, and two wishes at once make one.
    ana.post("/auth/export", &[]).await.expect(StatusCode::SEE_OTHER);
    ana.post("/auth/export", &[]).await.expect(StatusCode::SEE_OTHER);
    let mails = app.mails().await;
    assert_eq!(mails.iter().filter(|mail| mail.kind == "export_ready").count(), 2);
    let again = parts();
    assert!(again.len() == 1 && again != made, "{made:?} {again:?}");
    // The mail alone opens nothing, and after a day nothing does.
    app.visitor()
        .get(&mails.last().unwrap().link("/auth/export"))
        .await
        .expect(StatusCode::SEE_OTHER);
    app.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let ana = app.log_in("ana").await;
    ana.get("/auth/export/file").await.expect(StatusCode::GONE);
    ana.get("/auth/export").await.expect(StatusCode::OK).contains("Make the file");
    crate::rooms::tick(&app.app).await.unwrap();
    app.run_jobs().await;
    assert!(parts().is_empty());
}

#[tokio::test]
async fn the_file_goes_with_its_owner() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    app.export(&ana).await;
    let part = {
        let mut conn = app.app.db.conn().await.unwrap();
        let (name,): (String,) = read("select name from data_export").one(&mut conn).await.unwrap();
        format!("{name}-0.part")
    };
    assert!(app.app.files.get(&part).await.unwrap().is_some());
    ana.post("/auth/delete", &[("username", "ana")]).await.expect(StatusCode::SEE_OTHER);
    app.advance(TimeDelta::days(14) + TimeDelta::seconds(1));
    crate::rooms::tick(&app.app).await.unwrap();
    app.run_jobs().await;
    assert!(app.app.files.get(&part).await.unwrap().is_none());
}
