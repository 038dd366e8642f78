//! The sizes in which pictures are shown, where files lie, and what guards the door.

use axum::http::StatusCode;

use super::{ana, person, png, upload, uploaded};
use crate::{
    config::Backend,
    db::{read, write},
    media::moving::{self, Moved},
    storage::Files,
    testing::{TestApp, bucket, google_bucket},
};

/// A JPEG with something to see, and another one each time: buckets outlive tests.
fn photo(width: u32, height: u32) -> Vec<u8> {
    let [a, b, c, ..] = uuid::Uuid::new_v4().into_bytes().map(u32::from);
    let pixels = (0..height)
        .flat_map(|y| {
            (0..width).flat_map(move |x| {
                [x + a, y + b, (x ^ y) + c].map(|n| u8::try_from(n % 256).unwrap())
            })
        })
        .collect();
    pictures::jpeg_of_rgb(width, height, pixels).unwrap()
}

async fn count(app: &TestApp) -> i64 {
    let mut conn = app.app.db.conn().await.unwrap();
    read("select count(*) from media_variant").value(&mut conn).await.unwrap()
}

#[tokio::test]
async fn a_photo_is_served_in_every_size_and_before_that_as_it_is() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let url = uploaded(&ana, &photo(700, 400)).await;
    let stem = url.strip_suffix(".jpg").unwrap();
    let visitor = app.visitor();
    let early = visitor.get(&format!("{stem}-320.webp")).await.expect(StatusCode::OK);
    assert_eq!(early.header("content-type"), "image/jpeg");
    assert!(early.header("cache-control").starts_with("public, max-age=60"));
    app.run_jobs().await;
    assert_eq!(count(&app).await, 6);
    for (name, mime) in [
        ("-320.webp", "image/webp"),
        ("-320.jpg", "image/jpeg"),
        ("-640.webp", "image/webp"),
        ("-640.jpg", "image/jpeg"),
        ("-700.webp", "image/webp"),
        ("-20.webp", "image/webp"),
    ] {
        let answer = visitor.get(&format!("{stem}{name}")).await.expect(StatusCode::OK);
        assert_eq!(answer.header("content-type"), mime, "{name}");
        assert!(answer.header("cache-control").contains("immutable"), "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
    }
    for bad in ["-0.webp", "-1921.webp", "-x.webp", "-320.svg", "-320-1.webp"] {
        visitor.get(&format!("{stem}{bad}")).await.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_variants_go_with_their_picture() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let url = uploaded(&ana, &photo(400, 300)).await;
    app.run_jobs().await;
    let small = url.replace(".jpg", "-320.webp");
    app.visitor().get(&small).await.expect(StatusCode::OK);
    let page = ana.get("/media").await.body;
    let at = page.find("/edit\">").unwrap();
    let id = page[..at].rsplit('/').next().unwrap().to_owned();
    ana.post(&format!("/media/{id}/delete"), &[]).await.expect(StatusCode::SEE_OTHER);
    app.run_jobs().await;
    app.visitor().get(&small).await.expect(StatusCode::NOT_FOUND);
    assert_eq!(count(&app).await, 0);
}

#[tokio::test]
async fn several_files_are_taken_or_refused_each_with_its_reason() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let (one, two) = (png(20, 1, &[]), png(20, 2, &[]));
    ana.post_files("/media", &[], &[("file", "a.png", &one), ("file", "b.png", &two)])
        .await
        .expect(StatusCode::SEE_OTHER);
    ana.get("/media").await.contains("2 pictures,");
    ana.post_files("/media", &[], &[("file", "c.svg", b"<svg/>"), ("file", "d.png", &one)])
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .contains("1 of 2 taken")
        .contains("c.svg: Not taken here: SVG files");
}

#[tokio::test]
async fn who_finds_no_room_is_told_to_come_back() {
    let app = TestApp::with(|config| config.media.queue = 0).await;
    let ana = ana(&app).await;
    let busy =
        upload(&ana, "a.png", &png(20, 1, &[])).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(busy.header("retry-after"), "2");
    busy.contains("Try again in a moment");

    let app = TestApp::with(|config| config.media.upload_memory.0 = 64 * 1024).await;
    let ana = super::ana(&app).await;
    upload(&ana, "a.png", &png(300, 1, &[])).await.expect(StatusCode::CREATED);
    let busy =
        upload(&ana, "a.png", &png(500, 1, &[])).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(busy.header("retry-after"), "2");
    // What was taken is given back.
    upload(&ana, "a.png", &png(300, 2, &[])).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn pages_name_the_cdn_and_allow_exactly_it() {
    let app =
        TestApp::with(|config| config.storage.public_url = "https://cdn.test".to_owned()).await;
    let ana = ana(&app).await;
    let url = uploaded(&ana, &photo(400, 300)).await;
    let page = ana.get("/media").await;
    let stem = url.strip_suffix(".jpg").unwrap();
    let page = page.contains(&format!("src=\"https://cdn.test{url}\""));
    page.contains(&format!(
        "srcset=\"https://cdn.test{stem}-320.webp 320w, https://cdn.test{stem}-400.webp 400w\""
    ));
    let policy = ana.get("/media").await.header("content-security-policy").to_owned();
    assert!(policy.contains("img-src 'self' https://cdn.test data:;"), "{policy}");
    // Styles and scripts come from there too, and may.
    let page = app.visitor().get("/").await;
    let page = page.contains("rel=\"stylesheet\" href=\"https://cdn.test/assets/");
    let page = page.contains("src=\"https://cdn.test/assets/").lacks("=\"/assets/");
    for part in ["script-src 'self' https://cdn.test;", "style-src 'self' https://cdn.test;"] {
        assert!(policy.contains(part), "{policy}");
    }
    let style = page.body.split("rel=\"stylesheet\" href=\"https://cdn.test").nth(1).unwrap();
    let style = app.visitor().get(style.split('"').next().unwrap()).await.expect(StatusCode::OK);
    assert_eq!(style.header("access-control-allow-origin"), "*");
    assert_eq!(style.header("cross-origin-resource-policy"), "cross-origin");
    let plain = TestApp::start().await.visitor().get("/").await;
    assert!(plain.header("content-security-policy").contains("img-src 'self' data:;"));
}

#[tokio::test]
async fn pictures_move_into_a_bucket_and_back_and_nothing_is_lost() {
    for storage in [bucket(), google_bucket()].into_iter().flatten() {
        moves_and_comes_back(storage).await;
    }
}

async fn moves_and_comes_back(storage: crate::config::Storage) {
    let backend = storage.backend;
    let app = TestApp::with(|config| {
        config.storage = crate::config::Storage {
            dir: config.storage.dir.clone(),
            backend: Backend::Local,
            ..storage
        };
    })
    .await;
    let ana = ana(&app).await;
    let url = uploaded(&ana, &photo(400, 300)).await;
    app.run_jobs().await;
    let away = Files::at(&app.app.config.storage, backend).unwrap();
    let here = &app.app.files;
    let first = moving::copy_all(&app.app, here, &away).await.unwrap();
    assert_eq!(first, Moved { copied: 5, ..Moved::default() });
    // Again: nothing is copied twice, and what was spoiled is copied anew.
    let name = url.strip_prefix("/media/").unwrap();
    away.put_named(name, b"spoiled".as_slice().into()).await.unwrap();
    let again = moving::copy_all(&app.app, here, &away).await.unwrap();
    assert_eq!(again, Moved { copied: 1, there: 4, ..Moved::default() });
    let whole = here.get(name).await.unwrap();
    assert_eq!(away.get(name).await.unwrap(), whole);
    here.remove(name).await.unwrap();
    let back = moving::copy_all(&app.app, &away, here).await.unwrap();
    assert_eq!((back.copied, back.there), (1, 4));
    assert_eq!(here.get(name).await.unwrap(), whole);
    // What is missing on both sides is said.
    here.remove(name).await.unwrap();
    away.remove(name).await.unwrap();
    let lost = moving::copy_all(&app.app, here, &away).await.unwrap();
    assert_eq!(lost.wrong, [name]);
    std::fs::remove_dir_all(away.root()).ok();
}

#[tokio::test]
async fn pictures_live_in_a_bucket() {
    let Some(storage) = bucket() else { return };
    let app = TestApp::with(|config| {
        config.storage = crate::config::Storage { dir: config.storage.dir.clone(), ..storage };
    })
    .await;
    let ana = ana(&app).await;
    let url = uploaded(&ana, &photo(401, 300)).await;
    app.run_jobs().await;
    let visitor = app.visitor();
    visitor.get(&url).await.expect(StatusCode::OK);
    let small = visitor.get(&url.replace(".jpg", "-320.webp")).await.expect(StatusCode::OK);
    assert_eq!(small.header("content-type"), "image/webp");
}

#[tokio::test]
async fn a_post_that_goes_for_good_takes_what_only_it_showed() {
    let app = TestApp::start().await;
    let (ana, user) = person(&app, "ana", "User").await;
    let only = uploaded(&ana, &png(20, 1, &[])).await;
    let both = uploaded(&ana, &png(20, 2, &[])).await;
    let long_ago = app.app.clock.now() - chrono::TimeDelta::days(365);
    let mut tx = app.app.db.begin().await.unwrap();
    for (deleted, content) in
        [(Some(long_ago), format!("![]({only}) ![]({both})")), (None, format!("![]({both})"))]
    {
        write(
            "insert into post (created_at, updated_at, user_id, title, content, deleted_at)
             values ($1, $1, $2, 'a', $3, $4)",
        )
        .bind(long_ago)
        .bind(user)
        .bind(content)
        .bind(deleted)
        .run(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    crate::posts::jobs::tick(&app.app).await.unwrap();
    app.run_jobs().await;
    app.visitor().get(&only).await.expect(StatusCode::NOT_FOUND);
    app.visitor().get(&both).await.expect(StatusCode::OK);
    ana.get("/media").await.contains("1 picture,");
}

/// `TEST_CLAMD` is where a clamd listens that knows `STREAMLY-TEST-SIGNATURE`, and
/// `TEST_CLAMD_SOCKET` its socket; `cargo xtask test` starts one.
#[tokio::test]
async fn a_virus_is_refused_and_a_clean_picture_is_taken() {
    for variable in ["TEST_CLAMD", "TEST_CLAMD_SOCKET"] {
        let Ok(clamd) = std::env::var(variable) else { continue };
        a_virus_is_refused(clamd).await;
    }
}

async fn a_virus_is_refused(clamd: String) {
    let app = TestApp::with(|config| config.scan.clamd = clamd).await;
    let ana = ana(&app).await;
    upload(&ana, "a.png", &png(20, 1, &[])).await.expect(StatusCode::CREATED);
    let bad: (&[u8; 4], &[u8]) = (b"tEXt", b"x\0STREAMLY-TEST-SIGNATURE");
    upload(&ana, "a.png", &png(20, 2, &[bad]))
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .contains("A virus was found");
    // The same in a large file, behind the first pieces.
    let mut large = png(400, 3, &[]);
    large.extend(b"STREAMLY-TEST-SIGNATURE");
    upload(&ana, "a.png", &large).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn without_its_scanner_the_site_refuses_or_not_as_it_was_told() {
    for (required, status) in
        [(true, StatusCode::SERVICE_UNAVAILABLE), (false, StatusCode::CREATED)]
    {
        let app = TestApp::with(|config| {
            config.scan.clamd = "127.0.0.1:1".to_owned();
            config.scan.required = required;
        })
        .await;
        let ana = person(&app, "ana", "User").await.0;
        upload(&ana, "a.png", &png(20, 1, &[])).await.expect(status);
    }
}
