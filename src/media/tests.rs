//! Pictures seen from outside: uploading and serving here, what becomes of them in `keeping`.

mod fixtures;
mod keeping;
mod leaving;
mod ranges;
mod shown;

use axum::http::{Request, StatusCode};
use chrono::TimeDelta;

use super::store;
use crate::{
    app::token_hash,
    db::write,
    ids::UserId,
    testing::{Answer, Client, TestApp},
};

/// A picture of one colour, with whatever further chunks.
fn png(side: u32, colour: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let rows: Vec<u8> = (0..side)
        .flat_map(|_| std::iter::once(0).chain(std::iter::repeat_n(colour, side as usize)))
        .collect();
    let mut header = [side.to_be_bytes(), side.to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 0]); // eight bits of grey
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(*b"IHDR", &header));
    for (kind, data) in chunks {
        file.extend(chunk(**kind, data));
    }
    file.extend(chunk(*b"IDAT", &zlib(&rows)));
    file.extend(chunk(*b"IEND", b""));
    file
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let crc = body.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    });
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], &body, &(!crc).to_be_bytes()].concat()
}

/// Deflate without compressing.
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 1];
    let blocks: Vec<_> = data.chunks(65_535).collect();
    for (nth, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        stream.push(u8::from(nth + 1 == blocks.len()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(*block);
    }
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

/// Somebody logged in, with a certain role.
async fn person(app: &TestApp, name: &str, role: &str) -> (Client, UserId) {
    let now = app.app.clock.now();
    let mut tx = app.app.db.begin().await.unwrap();
    let id: UserId = write(
        "insert into \"user\" (created_at, updated_at, username, username_key, email, email_key,
                password_hash, password_changed_at, last_seen, email_confirmed, role_id)
         values ($1, $1, $2, $2, $3, $3, '', $1, $1, true,
                 (select id from role where name = $4)) returning id",
    )
    .bind(now)
    .bind(name)
    .bind(format!("{name}@example.org"))
    .bind(role)
    .value(&mut tx)
    .await
    .unwrap();
    let token = format!("token-of-{name}");
    write(
        "insert into session (created_at, updated_at, user_id, token_hash, last_seen_at,
                expires_at, proved_at) values ($1, $1, $2, $3, $1, $4, $1)",
    )
    .bind(now)
    .bind(id)
    .bind(token_hash(&token))
    .bind(now + TimeDelta::days(365))
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let client = app.visitor();
    client.set_cookie("__Host-streamly_session", &token);
    (client, id)
}

async fn ana(app: &TestApp) -> Client {
    person(app, "ana", "User").await.0
}

async fn upload(client: &Client, name: &str, bytes: &[u8]) -> Answer {
    client.post_files("/media/upload", &[], &[("file", name, bytes)]).await
}

/// Uploads a picture that is good, and says where it is served.
async fn uploaded(client: &Client, bytes: &[u8]) -> String {
    let answer = upload(client, "a.png", bytes).await.expect(StatusCode::CREATED);
    answer.json()["url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_picture_is_written_anew_and_served_as_nothing_but_a_picture() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let secret: (&[u8; 4], &[u8]) = (b"tEXt", b"GPS\0at home");
    let answer = ana
        .post_files(
            "/media/upload",
            &[("alt", "A [grey] square")],
            &[("file", "Holiday.jpeg", &png(20, 99, &[secret]))],
        )
        .await
        .expect(StatusCode::CREATED);
    let json = answer.json();
    assert_eq!((json["width"].as_i64(), json["height"].as_i64()), (Some(20), Some(20)));
    let url = json["url"].as_str().unwrap();
    assert_eq!(json["markdown"], format!("![A \\[grey\\] square]({url})"));
    assert_eq!(url.split_once('.').unwrap().1, "png", "the bytes decide");

    let picture = app.visitor().get(url).await.expect(StatusCode::OK);
    let name = url.strip_prefix("/media/").unwrap();
    for (header, expected) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("content-disposition", &format!("inline; filename=\"{name}\"")),
        ("accept-ranges", "bytes"),
        ("set-cookie", ""),
    ] {
        assert_eq!(picture.header(header), expected, "{header}");
    }
    assert!(!picture.body.contains("at home"), "hidden data is gone");

    let mut conn = app.app.db.conn().await.unwrap();
    let sizes = store::sizes(&mut conn, &["nothing", name]).await.unwrap();
    assert_eq!(sizes, [(name.to_owned(), 20, 20)]);
}

#[tokio::test]
async fn a_large_picture_is_shrunk() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let json = upload(&ana, "a.png", &png(2_000, 1, &[])).await.expect(StatusCode::CREATED).json();
    assert_eq!(json["width"], 1_920);
}

#[tokio::test]
async fn parts_of_a_picture_and_its_headers_alone_can_be_had() {
    let app = TestApp::start().await;
    let url = uploaded(&ana(&app).await, &png(20, 99, &[])).await;
    let visitor = app.visitor();
    let whole = visitor.get(&url).await;
    let ask = |name: &'static str, value: String| {
        visitor.send(Request::get(&url).header(name, value), Vec::new())
    };

    let part = ask("range", "bytes=1-3".to_owned()).await.expect(StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes, b"PNG");
    assert_eq!(part.header("content-range"), format!("bytes 1-3/{}", whole.bytes.len()));
    assert_eq!(part.header("content-security-policy"), "default-src 'none'; sandbox");
    let outside = ask("range", "bytes=999999-".to_owned()).await;
    assert_eq!(outside.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(outside.header("content-range"), format!("bytes */{}", whole.bytes.len()));

    let tag = whole.header("etag").to_owned();
    let known = ask("if-none-match", tag).await.expect(StatusCode::NOT_MODIFIED);
    assert!(known.bytes.is_empty());
    let head = visitor.send(Request::head(&url), Vec::new()).await.expect(StatusCode::OK);
    assert!(head.bytes.is_empty());
    assert_eq!(head.header("content-length"), whole.bytes.len().to_string());
}

#[tokio::test]
async fn what_is_no_picture_is_refused_whatever_it_is_called() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let good = png(20, 99, &[]);
    let table: [(&str, &[u8], StatusCode); 9] = [
        ("a.png", b"<script>alert(1)</script>", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("a.jpg", b"#!/bin/sh\nrm -rf /\n", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            "a.png",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        ("a.png", b"%PDF-1.7\n", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("a.png", b"PK\x03\x04zip", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("a.png", b"", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("a.png", &good[..40], StatusCode::UNPROCESSABLE_ENTITY),
        ("a.gif", b"GIF89a/*<script>*/=1;alert(1)//", StatusCode::UNPROCESSABLE_ENTITY),
        ("a.png", &png_that_claims(50_000), StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (name, bytes, status) in table {
        let answer = upload(&ana, name, bytes).await;
        assert_eq!(
            answer.status,
            status,
            "{name} {:?}: {}",
            String::from_utf8_lossy(bytes),
            answer.body
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.json()["message"].as_str().unwrap().len() > 10, "{}", answer.body);
    }
    ana.get("/media").await.contains("No pictures yet");
}

/// A header that claims a size, and little behind it.
fn png_that_claims(side: u32) -> Vec<u8> {
    let mut header = [side.to_be_bytes(), side.to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 0]);
    let start = b"\x89PNG\r\n\x1a\n".to_vec();
    [start, chunk(*b"IHDR", &header), chunk(*b"IDAT", &zlib(&[0; 100])), chunk(*b"IEND", b"")]
        .concat()
}

#[tokio::test]
async fn what_follows_a_picture_does_not_survive() {
    let app = TestApp::start().await;
    let ana = ana(&app).await;
    let mut polyglot = png(20, 99, &[]);
    polyglot.extend(b"<script>alert(document.domain)</script>PK\x03\x04");
    let answer = upload(&ana, "a.png", &polyglot).await;
    if answer.status == StatusCode::CREATED {
        let picture = ana.get(answer.json()["url"].as_str().unwrap()).await;
        assert!(!picture.body.contains("script"));
    } else {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn uploads_have_their_measure() {
    let app = TestApp::with(|config| {
        config.media.max.0 = 1_000;
        config.media.quota_files = 2;
        config.limits.enabled = true;
        config.limits.upload = 5;
    })
    .await;
    let ana = ana(&app).await;
    upload(&ana, "a.png", &png(50, 1, &[])).await.expect(StatusCode::PAYLOAD_TOO_LARGE);
    upload(&ana, "a.png", &png(20, 1, &[])).await.expect(StatusCode::CREATED);
    upload(&ana, "a.png", &png(20, 2, &[])).await.expect(StatusCode::CREATED);
    let full = upload(&ana, "a.png", &png(20, 3, &[])).await;
    assert_eq!(full.status, StatusCode::UNPROCESSABLE_ENTITY);
    full.contains("no more are allowed");
    ana.post_files("/media", &[("alt", "kept <b>")], &[("file", "a.png", &png(20, 3, &[]))])
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .contains("no more are allowed")
        .contains("kept &#60;b&#62;");
    let often = upload(&ana, "a.png", &png(20, 3, &[])).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(!often.header("retry-after").is_empty());

    let app = TestApp::with(|config| config.media.quota.0 = 100).await;
    let ana = person(&app, "ana", "User").await.0;
    upload(&ana, "a.png", &png(20, 1, &[])).await.expect(StatusCode::CREATED);
    upload(&ana, "a.png", &png(200, 2, &[]))
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .contains("does not fit any more");
}

#[tokio::test]
async fn many_uploads_at_once_keep_the_quota() {
    let app = TestApp::with(|config| config.media.quota_files = 3).await;
    let ana = ana(&app).await;
    uploaded(&ana, &png(20, 200, &[])).await;
    let pictures: Vec<_> = (0..6).map(|colour| png(20, colour, &[])).collect();
    let all = pictures.iter().map(|bytes| upload(&ana, "a.png", bytes));
    let answers = futures_util::future::join_all(all).await;
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    assert_eq!(taken, 2);
}

#[tokio::test]
async fn only_those_who_may_upload_do() {
    let app = TestApp::start().await;
    let picture = png(20, 1, &[]);
    let visitor = app.visitor();
    visitor.get("/contact").await;
    let refused = upload(&visitor, "a.png", &picture).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(refused.json()["code"], "unauthenticated");
    assert_eq!(visitor.get("/media").await.redirect(), "/auth/login?next=%2Fmedia");
    let guest = person(&app, "guest", "Guest").await.0;
    upload(&guest, "a.png", &picture).await.expect(StatusCode::FORBIDDEN);
    guest
        .post_files("/auth/profile/avatar", &[], &[("avatar", "a.png", &picture)])
        .await
        .expect(StatusCode::FORBIDDEN);
    let ana = ana(&app).await;
    ana.post_files("/media/upload", &[("user_id", "1")], &[("file", "a.png", &picture)])
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY);
    ana.post_files("/media/upload", &[], &[("other", "a.png", &picture)])
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY);
    ana.post_files("/media/upload", &[], &[("file", "a", &picture), ("file", "b", &picture)])
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY);
    ana.post("/media/upload", &[("alt", "no file")]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn names_lead_nowhere_else() {
    let app = TestApp::start().await;
    let url = uploaded(&ana(&app).await, &png(20, 1, &[])).await;
    let visitor = app.visitor();
    let name = url.strip_prefix("/media/").unwrap();
    for path in [
        "/media/..%2f..%2fsecret".to_owned(),
        "/media/..%5c..%5csecret.png".to_owned(),
        "/media/%2e%2e%2fsecret.jpg".to_owned(),
        "/media/../secret".to_owned(),
        format!("/media/{}%2f{name}", &name[..2]),
        format!("/media/{name}%00.png"),
        format!("/media/{}.html", &name[..40]),
        format!("/media/{}", name.to_uppercase()),
        format!("/media/{}.png", "0".repeat(40)),
        "/media/secret".to_owned(),
        "/media/test.db".to_owned(),
    ] {
        let answer = visitor.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
