//! One's own pictures: describing, deleting, being one's face; and what the sweep takes.

use axum::http::{StatusCode, header};
use chrono::TimeDelta;

use super::{ana, person, png, upload, uploaded};
use crate::{
    db::{read, write},
    media::{jobs, store},
    testing::{Client, TestApp},
};

/// The number of the newest picture on somebody's page.
async fn newest_id(client: &Client) -> String {
    let page = client.get("/media").await.expect(StatusCode::OK).body;
    let at = page.find("/edit\">").unwrap();
    page[..at].rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_picture_sent_twice_is_one_picture() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let picture = png(20, 1, &[]);
    let (first, second) =
        tokio::join!(upload(&ana, "a.png", &picture), upload(&ana, "a.png", &picture));
    let (first, second) = (first.expect(StatusCode::CREATED), second.expect(StatusCode::CREATED));
    assert_eq!(first.json()["url"], second.json()["url"]);
    ana.get("/media").await.contains("1 picture,");
}

#[tokio::test]
async fn nobody_touches_the_pictures_of_others() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    uploaded(&ana, &png(20, 1, &[])).await;
    let id = newest_id(&ana).await;
    for (name, role) in [("ben", "User"), ("eve", "Administrator")] {
        let other = person(&app, name, role).await.0;
        other.get(&format!("/media/{id}/edit")).await.expect(StatusCode::NOT_FOUND);
        other
            .post(&format!("/media/{id}/alt"), &[("alt", "stolen")])
            .await
            .expect(StatusCode::NOT_FOUND);
        other.post(&format!("/media/{id}/delete"), &[]).await.expect(StatusCode::NOT_FOUND);
        other.get("/media").await.contains("No pictures yet");
    }
    ana.get(&format!("/media/{id}/edit")).await.expect(StatusCode::OK).lacks("stolen");
}

#[tokio::test]
async fn a_description_is_text_and_nothing_else() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    uploaded(&ana, &png(20, 1, &[])).await;
    let id = newest_id(&ana).await;
    let alt = "\"><img src=x onerror=alert(1)>\r\nline";
    let saved = ana.post(&format!("/media/{id}/alt"), &[("alt", alt)]).await;
    assert_eq!(
        (saved.status, saved.redirect()),
        (StatusCode::SEE_OTHER, &*format!("/media/{id}/edit"))
    );
    for page in ["/media".to_owned(), format!("/media/{id}/edit")] {
        ana.get(&page)
            .await
            .expect(StatusCode::OK)
            .lacks("<img src=x")
            .contains("&#34;&#62;&#60;img src=x onerror=alert(1)&#62; line");
    }
    let long = "x".repeat(501);
    ana.post(&format!("/media/{id}/alt"), &[("alt", &long)])
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .contains(&long)
        .contains("at most 500 characters");
}

#[tokio::test]
async fn a_deleted_picture_goes_when_the_last_one_has_deleted_it() {
    let app = TestApp::start().await;
    let (ana, ben) = (ana(&app).await, person(&app, "ben", "User").await.0);
    let url = uploaded(&ana, &png(20, 1, &[])).await;
    assert_eq!(uploaded(&ben, &png(20, 1, &[])).await, url);
    for (client, status) in [(&ana, StatusCode::OK), (&ben, StatusCode::NOT_FOUND)] {
        let id = newest_id(client).await;
        let deleted = client.post(&format!("/media/{id}/delete"), &[]).await;
        assert_eq!(deleted.redirect(), "/media");
        app.run_jobs().await;
        app.visitor().get(&url).await.expect(status);
    }
    let again = uploaded(&ana, &png(20, 1, &[])).await;
    app.visitor().get(&again).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_picture_that_posts_show_says_so_and_a_cover_stays() {
    let app = TestApp::start().await;
    let (ana, user) = person(&app, "ana", "User").await;
    let url = uploaded(&ana, &png(20, 1, &[])).await;
    let name = url.strip_prefix("/media/").unwrap();
    let id = newest_id(&ana).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let now = app.app.clock.now();
    write(
        "insert into post (created_at, updated_at, user_id, title, content)
         values ($1, $1, $2, 'My <cat>', $3)",
    )
    .bind(now)
    .bind(user)
    .bind(format!("![]({url})"))
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let page = format!("/media/{id}/edit");
    ana.get(&page).await.contains("My &#60;cat&#62;").lacks("as the cover");

    let mut tx = app.app.db.begin().await.unwrap();
    write("update post set image_filename = $1").bind(name).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    ana.get(&page).await.contains("as the cover");
    assert_eq!(ana.post(&format!("/media/{id}/delete"), &[]).await.redirect(), page);
    ana.get(&page).await.expect(StatusCode::OK).contains("Give that post another cover first");
    app.run_jobs().await;
    app.visitor().get(&url).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_face_can_be_had_changed_and_removed() {
    let app = TestApp::start().await;
    let (ana, user) = person(&app, "ana", "User").await;
    let avatar = async || -> Option<String> {
        let mut conn = app.app.db.conn().await.unwrap();
        read("select avatar_filename from \"user\" where id = $1")
            .bind(user)
            .value(&mut conn)
            .await
            .unwrap()
    };
    let path = "/auth/profile/avatar";
    let set = ana.post_files(path, &[], &[("avatar", "me.png", &png(400, 1, &[]))]).await;
    assert_eq!(set.redirect(), "/auth/profile");
    let first = avatar().await.unwrap();
    ana.get(path).await.expect(StatusCode::OK).contains(&first).contains("width=\"112\"");
    let mut conn = app.app.db.conn().await.unwrap();
    assert_eq!(store::sizes(&mut conn, &[&first]).await.unwrap()[0].1, 300);
    drop(conn);

    ana.post_files(path, &[], &[("avatar", "me.png", b"no picture")])
        .await
        .expect(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        .contains("avatar-error");
    ana.post(path, &[]).await.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("choose a picture");
    assert_eq!(avatar().await.as_deref(), Some(&*first));

    ana.post_files(path, &[], &[("avatar", "me.png", &png(40, 2, &[]))]).await;
    let second = avatar().await.unwrap();
    assert_ne!(first, second);
    app.run_jobs().await;
    app.visitor().get(&format!("/media/{first}")).await.expect(StatusCode::NOT_FOUND);
    app.visitor().get(&format!("/media/{second}")).await.expect(StatusCode::OK);

    assert_eq!(ana.post(&format!("{path}/remove"), &[]).await.redirect(), "/auth/profile");
    assert_eq!(avatar().await, None);
    app.run_jobs().await;
    app.visitor().get(&format!("/media/{second}")).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_sweep_takes_what_no_row_speaks_of_and_nothing_else() {
    let app = TestApp::start().await;
    let kept = uploaded(&ana(&app).await, &png(20, 1, &[])).await;
    let files = &app.app.files;
    let old = files.put(b"old".as_slice().into(), "png").await.unwrap();
    let new = files.put(b"new".as_slice().into(), "png").await.unwrap();
    let leftover = files.root().join("tmp/cut-off");
    std::fs::write(&leftover, b"half").unwrap();
    let age = |path: &std::path::Path, hours: i64| {
        let time = app.app.clock.now() - TimeDelta::hours(hours);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(time.into()).unwrap();
    };
    let place = |name: &str| files.root().join("media").join(&name[..2]).join(name);
    age(&place(&old), 25);
    age(&place(&new), 23);
    age(&place(kept.strip_prefix("/media/").unwrap()), 1_000);
    age(&leftover, 25);
    assert_eq!(jobs::sweep(&app.app).await.unwrap(), 1);
    assert!(files.get(&old).await.unwrap().is_none());
    assert!(files.get(&new).await.unwrap().is_some());
    assert!(!leftover.exists());
    app.visitor().get(&kept).await.expect(StatusCode::OK);

    // Stored once more, it counts as new.
    age(&place(&new), 1_000);
    files.put(b"new".as_slice().into(), "png").await.unwrap();
    assert_eq!(jobs::sweep(&app.app).await.unwrap(), 0);
}

#[tokio::test]
async fn pictures_stand_on_pages() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    for colour in 0..30 {
        uploaded(&ana, &png(20, colour, &[])).await;
        app.advance(TimeDelta::seconds(1));
    }
    let first = ana.get("/media").await;
    assert_eq!(first.body.matches("class=\"thumb\"").count(), 24);
    let at = first.body.find("/media?before=").unwrap();
    let link = first.body[at..].split('"').next().unwrap().to_owned();
    let second = ana.get(&link).await;
    assert_eq!(second.body.matches("class=\"thumb\"").count(), 6);
    let at = second.body.find("/media?after=").unwrap();
    let link = second.body[at..].split('"').next().unwrap().to_owned();
    let back = ana.get(&link).await;
    assert_eq!(back.body.matches("class=\"thumb\"").count(), 24);
    let kind = ana.get("/media?before=nonsense").await.expect(StatusCode::OK);
    assert_eq!(kind.header(header::CACHE_CONTROL.as_str()), "private, no-cache");
}

#[tokio::test]
async fn a_cover_stays_with_the_form_until_it_is_saved() {
    let app = TestApp::start().await;
    let (ana, _) = person(&app, "ana", "User").await;
    let (ben, _) = person(&app, "ben", "User").await;
    let cover = png(20, 1, &[]);
    let fields =
        [("title", ""), ("content", "Words."), ("cover_alt", "Grey"), ("status", "published")];
    let page = ana.post_files("/blog/create", &fields, &[("image", "a.png", &cover)]).await;
    let page = page.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("class=\"cover-now\"");
    let (_, rest) = page.body.split_once("name=\"cover_file\" value=\"").unwrap();
    let name = rest.split('"').next().unwrap();
    let fields = [
        ("title", "Covered"),
        ("content", "Words."),
        ("cover_file", name),
        ("cover_alt", "Grey"),
        ("status", "published"),
    ];
    let taken = ana.post_files("/blog/create", &fields, &[]).await.expect(StatusCode::SEE_OTHER);
    app.visitor().get(taken.redirect()).await.contains(&format!("/media/{name}"));
    // Nobody takes another's picture for a cover by its name.
    let other = ben.post_files("/blog/create", &fields, &[]).await;
    other.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("That picture is gone");
}
