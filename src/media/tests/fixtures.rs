//! Real files, beside the checkout, through the door that people use: each is taken, or refused in
//! words that say what to do.

use std::{collections::BTreeMap, io::Write as _, path::PathBuf};

use axum::http::StatusCode;

use super::{ana, upload};
use crate::testing::TestApp;

/// What becomes of a file: its kind and size, or what is said.
type Expected = Result<(&'static str, i64, i64), &'static str>;

const FILES: &[(&str, Expected)] = &[
    ("2004-07-22-DSC_0007.jpg", Ok(("jpg", 426, 640))),
    ("2004-07-22-DSC_0008.jpg", Ok(("jpg", 426, 640))),
    ("2007-06-17DSC_4173.JPG", Ok(("jpg", 680, 1024))),
    ("33772.jpg", Ok(("jpg", 1920, 1080))),
    ("a2-small.jpg", Ok(("jpg", 400, 300))),
    ("avif-alpha-grid2x1.avif", Ok(("png", 199, 200))),
    ("avif-lossless.avif", Ok(("jpg", 400, 400))),
    ("avif-lossy.avif", Ok(("jpg", 400, 400))),
    ("avif-transparent.avif", Ok(("png", 128, 128))),
    ("canola.jpg", Ok(("jpg", 640, 480))),
    ("codeispoetry.png", Ok(("png", 190, 15))),
    ("gradient-square.jpg", Ok(("jpg", 100, 100))),
    ("one-blue-pixel-1-100x100.png", Ok(("png", 100, 100))),
    ("one-blue-pixel-100x100.png", Ok(("png", 100, 100))),
    ("sugarloaf-mountain.jpg", Ok(("jpg", 300, 169))),
    ("test-image-1-100x100.jpg", Ok(("jpg", 50, 50))),
    ("test-image-2.gif", Ok(("gif", 50, 50))),
    ("test-image-3.jpg", Ok(("jpg", 50, 50))),
    ("test-image-4.png", Ok(("png", 50, 50))),
    ("test-image-cmyk.jpg", Ok(("jpg", 50, 50))),
    ("test-image-grayscale.jpg", Ok(("jpg", 50, 50))),
    // Shrunk to what is kept.
    ("test-image-large.jpg", Ok(("jpg", 1920, 1440))),
    ("test-image-large.png", Ok(("png", 1600, 1200))),
    ("test-image-lzw.tiff", Err("TIFF files")),
    // Names say nothing: a JPEG called PNG, and a GIF called nothing.
    ("test-image-mime-jpg.png", Ok(("jpg", 50, 50))),
    ("test-image-no-extension", Ok(("gif", 50, 50))),
    ("test-image-upside-down.jpg", Ok(("jpg", 600, 450))),
    ("test-image-zip.tiff", Err("TIFF files")),
    ("test-image.bmp", Err("BMP files")),
    ("test-image.gif", Ok(("gif", 50, 50))),
    ("test-image.ico", Err("ICO files")),
    ("test-image.jpg", Ok(("jpg", 50, 50))),
    ("test-image.png", Ok(("png", 50, 50))),
    ("test-image.psd", Err("Photoshop files")),
    ("test-image.tiff", Err("TIFF files")),
    ("test-image.webp", Ok(("jpg", 50, 50))),
    ("test-square-150.jpg", Ok(("jpg", 150, 150))),
    ("transparent.png", Ok(("png", 10, 10))),
    ("waffles.jpg", Ok(("jpg", 600, 400))),
    // It moves, and goes on doing so.
    ("webp-animated.webp", Ok(("webp", 100, 100))),
    ("webp-lossless.webp", Ok(("webp", 1200, 675))),
    ("webp-lossy.webp", Ok(("jpg", 1200, 675))),
    ("webp-transparent.webp", Ok(("png", 1200, 675))),
];

fn folder() -> Option<BTreeMap<String, Vec<u8>>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/fixtures/images/photos");
    let Ok(entries) = std::fs::read_dir(PathBuf::from(folder)) else {
        let line = "\nLEFT OUT: what needs shared/fixtures/images/photos, for that is not here\n";
        std::io::stdout().write_all(line.as_bytes()).unwrap();
        return None;
    };
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(path).unwrap())
    };
    Some(entries.map(read).collect())
}

#[tokio::test]
async fn every_real_file_is_taken_or_refused_in_clear_words() {
    let Some(files) = folder() else { return };
    let named: Vec<_> = FILES.iter().map(|(name, _)| *name).collect();
    for name in files.keys() {
        assert!(named.contains(&&**name), "{name} lies there and is not in the table");
    }
    let app = TestApp::with(|config| {
        config.limits.enabled = false;
        // Not optimised, and beside all other tests, a large picture takes its time.
        config.media.decode_time.0 = 300;
        config.server.request_timeout.0 = 300;
    })
    .await;
    let ana = ana(&app).await;
    let visitor = app.visitor();
    for (name, expected) in FILES {
        let answer = upload(&ana, name, &files[*name]).await;
        match expected {
            Ok((kind, width, height)) => {
                let json = answer.expect(StatusCode::CREATED).json();
                let url = json["url"].as_str().unwrap();
                assert_eq!(url.rsplit_once('.').unwrap().1, *kind, "{name}");
                assert_eq!(json["width"].as_i64(), Some(*width), "{name}");
                assert_eq!(json["height"].as_i64(), Some(*height), "{name}");
                let kept = visitor.get(url).await.expect(StatusCode::OK);
                let again = pictures::sanitise(&kept.bytes, &pictures::Limits::default()).unwrap();
                assert_eq!(i64::from(again.width), *width, "{name}");
                if *name == "webp-animated.webp" {
                    let frames = kept.bytes.windows(4).filter(|four| four == b"ANMF").count();
                    assert_eq!(frames, 2, "{name} moves");
                }
            }
            Err(what) => {
                answer
                    .expect(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                    .contains(what)
                    .contains("Choose a JPEG, PNG, GIF, WebP or AVIF picture");
            }
        }
    }
}
