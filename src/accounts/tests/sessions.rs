use super::*;
use crate::accounts::actions;

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions() {
    let app = TestApp::start().await;
    let (here, there) = (app.member("ana").await, app.log_in("ana").await);
    let ben = app.member("ben").await;
    let list = here.get("/auth/sessions").await.expect(StatusCode::OK);
    assert_eq!(list.body.matches("(this one)").count(), 1);
    let list = list.contains("127.0.0.0").contains("Log out everywhere else");
    let at = list.body.find("/auth/sessions/").unwrap();
    let path = list.body[at..].split('"').next().unwrap().to_owned();
    assert!(path.ends_with("/end"));

    ben.get("/auth/sessions").await;
    ben.post(&path, &[]).await.expect(StatusCode::NOT_FOUND);
    assert!(is_in(&there).await, "nobody else may");
    here.get(&path).await.expect(StatusCode::METHOD_NOT_ALLOWED);
    here.post(&path, &[]).await.expect(StatusCode::SEE_OTHER);
    assert!(is_in(&here).await && !is_in(&there).await);

    let (third, fourth) = (app.log_in("ana").await, app.log_in("ana").await);
    here.post("/auth/sessions/end-others", &[]).await.expect(StatusCode::SEE_OTHER);
    assert!(is_in(&here).await && !is_in(&third).await && !is_in(&fourth).await);
    assert!(is_in(&ben).await);
}

#[tokio::test]
async fn a_change_of_role_begins_sessions_anew() {
    let app = TestApp::start().await;
    let ana = app.member("ana").await;
    let id = user(&app, "ana").await.id;
    assert_eq!(actions::set_role(&app.app, None, id, "moderator").await.unwrap(), "Moderator");
    assert!(!is_in(&ana).await);
}

#[tokio::test]
async fn closing_an_account_ends_its_sessions_at_once() {
    let app = TestApp::start().await;
    let (ana, again) = (app.member("ana").await, app.log_in("ana").await);
    let id = user(&app, "ana").await.id;
    actions::deactivate(&app.app, None, id).await.unwrap();
    assert!(!is_in(&ana).await && !is_in(&again).await);
    actions::reactivate(&app.app, None, id).await.unwrap();
    assert!(!is_in(&ana).await, "and they do not come back");
}
