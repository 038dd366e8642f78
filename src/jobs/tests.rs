//! Who takes which job, and for how long it is theirs.

use axum::http::StatusCode;

use super::*;
use crate::testing::TestApp;

async fn kinds(app: &TestApp) -> Vec<String> {
    let mut conn = app.app.db.conn().await.unwrap();
    let rows: Vec<(String,)> =
        read("select kind from job order by id").all(&mut conn).await.unwrap();
    rows.into_iter().map(|(kind,)| kind).collect()
}

/// A site where somebody has asked for an archive, and nothing else is to be done.
async fn with_an_export() -> TestApp {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    app.run_jobs().await;
    ana.post("/auth/export", &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(kinds(&app).await, ["make_export"]);
    app
}

#[tokio::test]
async fn what_takes_long_holds_up_nothing_else() {
    let app = with_an_export().await;
    assert!(!run_next(&app.app, Worker::Quick).await.unwrap());
    let fields = [("email", "ana@example.org")];
    app.visitor().post("/auth/reset-password-request", &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(kinds(&app).await, ["make_export", "send_reset"]);
    assert!(run_next(&app.app, Worker::Quick).await.unwrap());
    assert_eq!(kinds(&app).await, ["make_export"]);
    assert!(run_next(&app.app, Worker::Any).await.unwrap());
    assert!(!kinds(&app).await.contains(&"make_export".to_owned()));
}

#[tokio::test]
async fn a_job_is_kept_as_long_as_somebody_is_at_it() {
    let app = with_an_export().await;
    let clock = &app.app.clock;
    let taken = lease(&app.app, Worker::Any, clock.now()).await.unwrap().unwrap();
    for _ in 0..3 {
        app.advance(LEASE - TimeDelta::seconds(1));
        assert!(!run_next(&app.app, Worker::Any).await.unwrap(), "somebody is at it");
        assert!(renew(&app.app, taken.id).await.unwrap());
    }
    app.advance(LEASE + TimeDelta::seconds(1));
    assert!(!renew(&app.app, taken.id).await.unwrap(), "whoever was gone so long has lost it");
    assert!(run_next(&app.app, Worker::Any).await.unwrap());
    assert!(!renew(&app.app, taken.id).await.unwrap());
}
