//! What goes with those who showed it, and what is said of where a picture is used.

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::{person, png, uploaded};
use crate::{
    accounts,
    db::{read, write},
    testing::{TestApp, posts::TestPost},
};

#[tokio::test]
async fn who_goes_for_good_takes_the_files_that_nobody_else_has() {
    let app = TestApp::with(|config| config.limits.enabled = false).await;
    let (ana, user) = person(&app, "ana", "User").await;
    let only = uploaded(&ana, &png(20, 1, &[])).await;
    let both = uploaded(&ana, &png(20, 2, &[])).await;
    for colour in 10..120 {
        let name = format!("{colour}.png");
        super::upload(&ana, &name, &png(9, colour, &[])).await.expect(StatusCode::CREATED);
    }
    let face = [("avatar", "me.png", &png(30, 3, &[])[..])];
    ana.post_files("/auth/profile/avatar", &[], &face).await.expect(StatusCode::SEE_OTHER);
    let ben = person(&app, "ben", "User").await.0;
    uploaded(&ben, &png(20, 2, &[])).await;
    app.run_jobs().await;

    let now = app.app.clock.now();
    let mut tx = app.app.db.begin().await.unwrap();
    write(
        "update \"user\" set is_active = false, delete_after = $2, updated_at = $2 where id = $1",
    )
    .bind(user)
    .bind(now)
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(accounts::actions::purge_due(&app.app).await.unwrap(), 1);
    app.run_jobs().await;
    app.visitor().get(&only).await.expect(StatusCode::NOT_FOUND);
    app.visitor().get(&both).await.expect(StatusCode::OK);
    let (_, both) = both.rsplit_once('/').unwrap();
    for shelf in app.app.files.shelves().await.unwrap() {
        let folder = app.app.files.root().join("media").join(shelf);
        for file in std::fs::read_dir(folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert_eq!(name[..40], both[..40], "nothing but ben's is left, and that at once");
        }
    }
}

#[tokio::test]
async fn a_comment_that_leads_to_a_picture_is_a_use_of_it() {
    let app = TestApp::start().await;
    let (ana, user) = person(&app, "ana", "User").await;
    let face = png(30, 3, &[]);
    let set = ana.post_files("/auth/profile/avatar", &[], &[("avatar", "me.png", &face)]).await;
    set.expect(StatusCode::SEE_OTHER);
    let library = ana.get("/media").await.body;
    let at = library.find("/edit\">").unwrap();
    let id = library[..at].rsplit('/').next().unwrap().to_owned();
    let page = ana.get(&format!("/media/{id}/edit")).await.contains("As your profile picture");
    let at = page.body.find("](/media/").unwrap() + 2;
    let url = page.body[at..].split(')').next().unwrap().to_owned();

    app.insert_post(TestPost::new(user, "one", "One by one")).await;
    let fields = [("content", &*format!("Look: ![me]({url})"))];
    let said = ana.post("/blog/post/one/comment", &fields).await;
    said.expect(StatusCode::SEE_OTHER);
    let page = ana.get(&format!("/media/{id}/edit")).await.expect(StatusCode::OK);
    page.contains("Your comment</a> on One by one").contains("leaves a gap");

    // Another face: the old one stays, for the comment leads to it.
    let other = png(30, 4, &[]);
    ana.post_files("/auth/profile/avatar", &[], &[("avatar", "me.png", &other)]).await;
    app.run_jobs().await;
    app.visitor().get(&url).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_face_is_cut_again_from_the_picture_it_was_cut_from() {
    let app = TestApp::start().await;
    let ana = person(&app, "ana", "User").await.0;
    let path = "/auth/profile/avatar";
    let again = [("focus_x", "10"), ("focus_y", "50")];
    ana.post(&format!("{path}/cut"), &again).await.expect(StatusCode::NOT_FOUND);
    let wide = wide_photo();
    let sent = [("avatar", "me.jpg", &wide[..])];
    ana.post_files(path, &[("focus_x", "90"), ("focus_y", "50")], &sent).await;
    let page = ana.get(path).await.expect(StatusCode::OK).contains("value=\"90\"");
    let (first, whole) = (face_on(&page.body), whole_on(&page.body));
    assert_ne!(first, whole);
    ana.get("/media").await.contains("2 pictures,");

    assert_eq!(ana.post(&format!("{path}/cut"), &again).await.redirect(), path);
    let page = ana.get(path).await.contains("value=\"10\"");
    let second = face_on(&page.body);
    assert_ne!(first, second, "another part of the picture");
    assert_eq!(whole_on(&page.body), whole);
    app.run_jobs().await;
    let visitor = app.visitor();
    visitor.get(&first).await.expect(StatusCode::NOT_FOUND);
    visitor.get(&second).await.expect(StatusCode::OK);
    visitor.get(&whole).await.expect(StatusCode::OK);

    // It goes with what it was cut from; a picture that was here before stays.
    let kept = uploaded(&ana, &png(40, 7, &[])).await;
    let library = ana.get("/media").await.body;
    let at = library.find("/edit\">").unwrap();
    let id = library[..at].rsplit('/').next().unwrap().to_owned();
    let chosen = ana.post(&format!("/media/{id}/face"), &again).await;
    assert_eq!(chosen.redirect(), path);
    app.run_jobs().await;
    for gone in [&second, &whole] {
        visitor.get(gone).await.expect(StatusCode::NOT_FOUND);
    }
    ana.post(&format!("{path}/remove"), &[]).await.expect(StatusCode::SEE_OTHER);
    app.run_jobs().await;
    visitor.get(&kept).await.expect(StatusCode::OK);
    let ben = person(&app, "ben", "User").await.0;
    ben.post(&format!("/media/{id}/face"), &again).await.expect(StatusCode::NOT_FOUND);
}

/// Red grows to the right.
fn wide_photo() -> Vec<u8> {
    let pixels = (0..300)
        .flat_map(|_| (0..900_u32).flat_map(|x| [u8::try_from(x * 255 / 900).unwrap(), 40, 90]))
        .collect();
    pictures::jpeg_of_rgb(900, 300, pixels).unwrap()
}

fn face_on(page: &str) -> String {
    let at = page.find("<img class=\"face huge\" src=\"").unwrap();
    page[at..].split('"').nth(3).unwrap().to_owned()
}

fn whole_on(page: &str) -> String {
    let at = page.find("data-cut=\"").unwrap();
    page[at..].split('"').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_post_that_goes_for_good_takes_what_only_its_versions_showed() {
    let app = TestApp::start().await;
    let (ana, _) = person(&app, "ana", "User").await;
    let mut urls = Vec::new();
    for colour in 1..4 {
        urls.push(uploaded(&ana, &png(20, colour, &[])).await);
    }
    let (earlier, shared, typed) = (&urls[0], &urls[1], &urls[2]);
    // A post with two versions, and another one whose earlier version shows one of them.
    let save = async |path: &str, title: &str, content: &str| {
        let fields = [("title", title), ("content", content), ("status", "published")];
        ana.post(path, &fields).await.expect(StatusCode::SEE_OTHER).redirect().to_owned()
    };
    let mut ids = Vec::new();
    for (title, before) in
        [("Goes", format!("![]({earlier}) ![]({shared})")), ("Stays", format!("![]({shared})"))]
    {
        save("/blog/create", title, &before).await;
        let mut conn = app.app.db.conn().await.unwrap();
        let id: i64 = read("select max(id) from post").value(&mut conn).await.unwrap();
        drop(conn);
        save(&format!("/blog/post/{id}/edit"), title, "Words only.").await;
        ids.push(id);
    }
    let fields =
        serde_json::json!({ "title": "Goes", "content": format!("![]({typed})"), "version": 2 });
    ana.post_json(&format!("/blog/post/{}/autosave", ids[0]), &fields).await.expect(StatusCode::OK);
    ana.post(&format!("/blog/post/{}/delete", ids[0]), &[]).await.expect(StatusCode::SEE_OTHER);
    app.advance(TimeDelta::days(31));
    crate::posts::jobs::tick(&app.app).await.unwrap();
    app.run_jobs().await;
    for (url, status) in
        [(earlier, StatusCode::NOT_FOUND), (typed, StatusCode::NOT_FOUND), (shared, StatusCode::OK)]
    {
        assert_eq!(app.visitor().get(url).await.status, status, "{url} of {urls:?}");
    }
}
