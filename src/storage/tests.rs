//! Files in a folder and, when there is one, in a bucket.

use bytes::Bytes;

use super::*;
use crate::config::{Config, Environment};

/// Files in a folder of their own.
fn files(name: &str) -> Files {
    let folder = std::env::temp_dir().join(format!("streamly-{name}-{}", std::process::id()));
    Files::open(&settings(&folder)).unwrap()
}

fn settings(folder: &Path) -> Storage {
    let mut settings = Config::defaults(Environment::Testing).storage;
    settings.dir = folder.display().to_string();
    settings
}

#[test]
fn instances_that_start_at_once_have_one_secret() {
    for round in 0..20 {
        let name = format!("streamly-secret-{}-{round}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let files = Files::open(&settings(&folder)).unwrap();
        let secrets: Vec<Hidden> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| files.development_secret(&Random).unwrap()))
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

/// What every back end does.
async fn keeps_files(files: &Files) {
    // Another one each time: buckets outlive tests.
    let picture = Bytes::from(uuid::Uuid::new_v4().to_string());
    let name = files.put(picture.clone(), "png").await.unwrap();
    assert!(is_named_by(&name, &picture) && !is_named_by(&name, b"other"));
    assert_eq!(files.put(picture.clone(), "png").await.unwrap(), name);
    assert_eq!(files.get(&name).await.unwrap().as_deref(), Some(&picture[..]));
    assert_eq!(files.size(&name).await.unwrap(), Some(picture.len() as u64));
    assert_eq!(files.part(&name, 3..7).await.unwrap().as_deref(), Some(&picture[3..7]));
    let small = format!("{}-320.webp", &name[..40]);
    assert_eq!(files.size(&small).await.unwrap(), None);
    assert_eq!(files.part(&small, 0..1).await.unwrap(), None);
    assert!(files.get(&small).await.unwrap().is_none());
    files.put_named(&small, Bytes::from_static(b"small")).await.unwrap();
    files.put_named(&small, Bytes::from_static(b"other")).await.unwrap();
    for bad in ["../secret", "a.png", "", &name.to_uppercase(), &format!("{}/x.png", &name[..40])] {
        assert!(files.get(bad).await.unwrap().is_none(), "{bad}");
        assert!(files.put_named(bad, Bytes::from_static(b"x")).await.is_err(), "{bad}");
    }
    assert!(files.shelves().await.unwrap().iter().any(|shelf| *shelf == name[..2]));
    let later =
        DateTime::<Utc>::from(std::time::SystemTime::now() + std::time::Duration::from_mins(1));
    let mut names = files.untouched_since(&name[..2], later).await.unwrap();
    names.retain(|one| one.starts_with(&name[..40]));
    names.sort();
    assert_eq!(names, [small.clone(), name.clone()]);
    assert!(files.untouched_since(&name[..2], DateTime::default()).await.unwrap().is_empty());
    files.check().await.unwrap();
    for name in [&small, &name, &name] {
        files.remove(name).await.unwrap();
        assert!(files.get(name).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_folder_keeps_files() {
    let files = files("folder");
    keeps_files(&files).await;
    std::fs::remove_dir_all(files.root()).unwrap();
}

/// `TEST_S3_URL` is `http://key:secret@host:port/bucket`; `cargo xtask test` starts a server.
#[tokio::test]
async fn a_bucket_keeps_files() {
    let Some(storage) = crate::testing::bucket() else { return };
    let files = Files::open(&storage).unwrap();
    keeps_files(&files).await;
    let mut wrong = storage.clone();
    wrong.secret = Hidden::new("wrong".to_owned());
    let wrong = Files::open(&wrong).unwrap();
    assert!(wrong.put(Bytes::from_static(b"x"), "png").await.is_err(), "the signature is checked");
    std::fs::remove_dir_all(files.root()).unwrap();
}

/// `TEST_GCS_URL` is `http://host:port/bucket`; `cargo xtask test` starts a server.
#[tokio::test]
async fn a_google_bucket_keeps_files() {
    let Some(storage) = crate::testing::google_bucket() else { return };
    let files = Files::open(&storage).unwrap();
    keeps_files(&files).await;
    std::fs::remove_dir_all(files.root()).unwrap();
}
