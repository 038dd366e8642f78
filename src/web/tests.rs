//! What holds for every request, whatever it asks for.

use axum::http::{Method, Request, StatusCode, header};

use crate::testing::TestApp;

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for (path, status) in [
        ("/nothing-here", StatusCode::NOT_FOUND),
        ("/health", StatusCode::OK),
        ("/favicon.ico", StatusCode::OK),
        ("/blog/mine", StatusCode::SEE_OTHER),
    ] {
        let answer = visitor.get(path).await.expect(status);
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        assert!(answer.header("server").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn another_host_is_not_answered() {
    let app = TestApp::start().await;
    for host in
        ["evil.example", "streamly.test.evil.example", "evilstreamly.test", "a@streamly.test"]
    {
        let request = Request::get("/").header(header::HOST, host);
        app.visitor().send(request, Vec::new()).await.expect(StatusCode::MISDIRECTED_REQUEST);
    }
    let request = Request::get("/health/live").header(header::HOST, "10.1.2.3:5000");
    app.visitor().send(request, Vec::new()).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn an_address_that_is_too_long_is_refused() {
    let app = TestApp::start().await;
    let path = format!("/{}", "a".repeat(9_000));
    app.visitor().get(&path).await.expect(StatusCode::URI_TOO_LONG);
}

#[tokio::test]
async fn nothing_changes_without_the_token() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    visitor.get("/nothing").await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "null"),
        ("origin", "https://evil.example"),
        ("origin", "http://streamly.test.evil.example"),
        ("origin", "http://streamly.test:8080"),
        ("referer", "https://evil.example/streamly.test"),
    ] {
        let request = Request::post("/blog/create")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value);
        let answer = visitor.send(request, b"title=x".to_vec()).await;
        answer.expect(StatusCode::FORBIDDEN).contains("did not come from a page of this site");
    }
    // A word said twice is believed by nobody.
    visitor.get("/auth/login").await;
    for (name, good, bad) in [
        ("sec-fetch-site", "same-origin", "cross-site"),
        ("origin", "http://streamly.test", "https://evil.example"),
    ] {
        let request = Request::post("/blog/create")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, good)
            .header(name, bad);
        let answer = visitor.send(request, b"title=x".to_vec()).await;
        answer.expect(StatusCode::FORBIDDEN).contains("did not come from a page of this site");
    }
    for token in ["", "x", &"A".repeat(64)] {
        let answer = visitor.post_with_token("/blog/create", &[("title", "x")], token).await;
        answer.expect(StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn methods_nobody_knows_are_refused() {
    let app = TestApp::start().await;
    for method in ["TRACE", "PROPFIND", "CONNECT"] {
        for (path, status) in
            [("/", StatusCode::METHOD_NOT_ALLOWED), ("/nothing", StatusCode::NOT_FOUND)]
        {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = Request::builder().method(method).uri(path);
            let answer = app.visitor().send(request, Vec::new()).await.expect(status);
            // A 405 has to say what else there is.
            assert_eq!(answer.header("allow").is_empty(), status == StatusCode::NOT_FOUND);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_with_the_limit() {
    let app = TestApp::with(|config| config.limits.body.0 = 1_024).await;
    let request = Request::post("/blog/create")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONTENT_LENGTH, "1025");
    let answer = app.visitor().send(request, vec![b'a'; 1_025]).await;
    answer.expect(StatusCode::PAYLOAD_TOO_LARGE).contains("larger than the 1 KiB allowed");
    // A script reads the same as JSON, also of a body that does not say its length.
    let request = Request::post("/blog/create")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json");
    let answer = app.visitor().send(request, vec![b'a'; 1_025]).await;
    let problem = answer.expect(StatusCode::PAYLOAD_TOO_LARGE).json();
    assert_eq!(problem["code"], "too_large");
    assert!(problem["message"].as_str().unwrap().contains("1 KiB"), "{problem}");
}

#[tokio::test]
async fn assets_are_kept_for_good() {
    let app = TestApp::start().await;
    let page = app.visitor().get("/nothing").await;
    let (_, rest) = page.body.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let address = rest.split('"').next().unwrap();
    let answer = app.visitor().get(address).await.expect(StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    let request = Request::get(address).header(header::ACCEPT_ENCODING, "br");
    let small = app.visitor().send(request, Vec::new()).await;
    assert_eq!(small.header("content-encoding"), "br");
    assert!(small.bytes.len() < answer.bytes.len());
    app.visitor().get("/assets/x/../Cargo.toml").await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn health_says_what_is_well() {
    let app = TestApp::start().await;
    let health = app.visitor().get("/health").await.expect(StatusCode::OK).json();
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["services"]["database"], "healthy");
    assert_eq!(health["timestamp"], "2026-01-01T00:00:00Z");
    app.visitor().get("/health/ready").await.expect(StatusCode::OK);
    let live = app.visitor().get("/health/live").await.expect(StatusCode::OK);
    assert_eq!(live.header("cache-control"), "no-store");
}

#[tokio::test]
async fn refusals_say_when_to_come_back() {
    let app = TestApp::with(|config| {
        config.limits.enabled = true;
        config.limits.other = 2;
    })
    .await;
    let visitor = app.visitor();
    for _ in 0..2 {
        visitor.post_with_token("/x", &[], "x").await.expect(StatusCode::FORBIDDEN);
    }
    let answer = visitor.post_with_token("/x", &[], "x").await;
    let answer = answer.expect(StatusCode::TOO_MANY_REQUESTS).contains("try again in");
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_page_of_plain_http_is_not_the_same_site() {
    let app =
        TestApp::with(|config| config.server.base_url = "https://streamly.test".to_owned()).await;
    let visitor = app.visitor();
    visitor.get("/auth/login").await;
    for (origin, is_ours) in [("https://streamly.test", true), ("http://streamly.test", false)] {
        let request = Request::post("/auth/login")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, origin);
        let answer = visitor.send(request, b"username=x".to_vec()).await;
        let answer = answer.expect(StatusCode::FORBIDDEN);
        assert_eq!(!answer.body.contains("did not come from a page"), is_ours, "{origin}");
    }
}

#[tokio::test]
async fn a_body_in_another_coding_than_chunked_is_refused() {
    let app = TestApp::start().await;
    let request = Request::post("/auth/login").header(header::TRANSFER_ENCODING, "gzip, chunked");
    let answer = app.visitor().send(request, b"a=b".to_vec()).await;
    let answer = answer.expect(StatusCode::BAD_REQUEST);
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn a_body_that_drips_is_not_waited_for() {
    let app = TestApp::start().await;
    let drops = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
    let request = Request::post("/auth/login")
        .header(header::HOST, "streamly.test")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(axum::body::Body::from_stream(drops))
        .unwrap();
    let router = super::router(app.app.clone());
    let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answer.headers()["connection"], "close");
}
