//! Parts of pictures, from the folder and from buckets: no more is read than was asked for.

use axum::http::{Method, Request, StatusCode};

use super::{ana, png, uploaded};
use crate::testing::{Answer, TestApp, bucket, google_bucket};

async fn parts_are_served(app: &TestApp) {
    // Another picture each time: buckets outlive tests.
    let id = uuid::Uuid::new_v4().into_bytes();
    let side = 40 + u32::from(id[0]);
    let url = uploaded(&ana(app).await, &png(side, id[1], &[])).await;
    let visitor = app.visitor();
    let whole = visitor.get(&url).await.expect(StatusCode::OK);
    let total = whole.bytes.len();
    let tag = whole.header("etag").to_owned();
    let ask = async |method: Method, headers: &[(&str, &str)]| -> Answer {
        let mut request = Request::builder().method(method).uri(&url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        visitor.send(request, Vec::new()).await
    };
    let last = format!("bytes {}-{}/{total}", total - 3, total - 1);
    let suffix = format!("bytes 0-{}/{total}", total - 1);
    for (range, bytes, place) in [
        ("bytes=1-3", &whole.bytes[1..4], format!("bytes 1-3/{total}")),
        ("bytes=0-0", &whole.bytes[..1], format!("bytes 0-0/{total}")),
        ("bytes=-3", &whole.bytes[total - 3..], last.clone()),
        (&*format!("bytes={}-", total - 3), &whole.bytes[total - 3..], last),
        ("bytes=-999999", &whole.bytes[..], suffix.clone()),
        ("bytes=0-999999", &whole.bytes[..], suffix),
    ] {
        let part = ask(Method::GET, &[("range", range)]).await.expect(StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.bytes, bytes, "{range}");
        assert_eq!(part.header("content-range"), place, "{range}");
        assert_eq!(part.header("content-type"), "image/png");
        assert_eq!(part.header("etag"), tag);
    }
    for range in [format!("bytes={total}-"), "bytes=-0".to_owned()] {
        let outside = ask(Method::GET, &[("range", &range)]).await;
        assert_eq!(outside.status, StatusCode::RANGE_NOT_SATISFIABLE, "{range}");
        assert_eq!(outside.header("content-range"), format!("bytes */{total}"));
    }
    let same = [("range", "bytes=1-3"), ("if-range", &*tag)];
    assert_eq!(ask(Method::GET, &same).await.status, StatusCode::PARTIAL_CONTENT);
    for other in ["\"another\"", "Thu, 01 Jan 2026 00:00:00 GMT"] {
        let other = ask(Method::GET, &[("range", "bytes=1-3"), ("if-range", other)]).await;
        assert_eq!(other.expect(StatusCode::OK).bytes, whole.bytes);
    }
    // HEAD has the length and no bytes, and knows no ranges.
    for headers in [&[][..], &[("range", "bytes=1-3")][..]] {
        let head = ask(Method::HEAD, headers).await.expect(StatusCode::OK);
        assert_eq!(head.header("content-length"), total.to_string());
        assert_eq!((head.bytes.len(), head.header("accept-ranges")), (0, "bytes"));
    }
    let known = ask(Method::GET, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status, known.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    let gone = format!("/media/{}.png", "0".repeat(40));
    for (name, value) in [("range", "bytes=0-1"), ("x-nothing", "")] {
        let request = Request::builder().uri(&gone).header(name, value);
        let answer = visitor.send(request, Vec::new()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn parts_come_from_the_folder() {
    parts_are_served(&TestApp::start().await).await;
}

#[tokio::test]
async fn parts_come_from_a_bucket() {
    for storage in [bucket(), google_bucket()].into_iter().flatten() {
        let app = TestApp::with(|config| {
            config.storage = crate::config::Storage { dir: config.storage.dir.clone(), ..storage };
        })
        .await;
        parts_are_served(&app).await;
    }
}
