use super::*;
use crate::{
    Error,
    accounts::{actions, roles, sessions},
    app::token_hash,
};

/// The viewer behind a browser.
async fn viewer(app: &TestApp, client: &Client) -> std::sync::Arc<crate::accounts::Viewer> {
    let token = client.cookie("__Host-streamly_session").unwrap();
    assert_eq!(token_hash(&token).len(), 64);
    sessions::viewer(&app.app, &token).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let id = user(&app, "admin").await.id;
    let refused = |outcome: Error| assert!(matches!(outcome, Error::Invalid(_)), "{outcome}");
    refused(actions::set_role(&app.app, None, id, "User").await.unwrap_err());
    refused(actions::deactivate(&app.app, None, id).await.unwrap_err());
    let answer = admin.post("/auth/deactivate", &[]).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("the only administrator");
    let answer = admin.post("/auth/delete", &[("username", "admin")]).await;
    answer.expect(StatusCode::UNPROCESSABLE_ENTITY).contains("the only administrator");
    assert!(is_in(&admin).await);

    app.person("second", "admin").await;
    actions::set_role(&app.app, None, id, "Editor").await.unwrap();
    let second = user(&app, "second").await.id;
    refused(actions::deactivate(&app.app, None, second).await.unwrap_err());
}

#[tokio::test]
async fn two_administrators_cannot_both_go_at_once() {
    for round in 0..5 {
        let app = TestApp::start().await;
        let first = app.person("first", roles::ADMINISTRATOR).await;
        let second = app.person("second", roles::ADMINISTRATOR).await;
        let (a, b) = if round % 2 == 0 {
            tokio::join!(
                actions::deactivate(&app.app, None, first),
                actions::deactivate(&app.app, None, second)
            )
        } else {
            let demote = |user| actions::set_role(&app.app, None, user, "User");
            let (a, b) = tokio::join!(demote(first), demote(second));
            (a.map(drop), b.map(drop))
        };
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    }
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let editor = app.somebody("editor", roles::EDITOR).await;
    let ana = app.person("ana", roles::USER).await;
    let boss = user(&app, "admin").await.id;
    let by = viewer(&app, &editor).await;
    let forbidden = |outcome: Error| assert!(matches!(outcome, Error::Forbidden), "{outcome}");
    forbidden(actions::set_role(&app.app, Some(&by), ana, "Moderator").await.unwrap_err());
    forbidden(actions::set_role(&app.app, Some(&by), by.id, "Administrator").await.unwrap_err());
    forbidden(actions::deactivate(&app.app, Some(&by), ana).await.unwrap_err());
    forbidden(actions::deactivate(&app.app, Some(&by), boss).await.unwrap_err());
    forbidden(actions::reactivate(&app.app, Some(&by), ana).await.unwrap_err());
    let by = viewer(&app, &admin).await;
    actions::set_role(&app.app, Some(&by), ana, "Moderator").await.unwrap();
    actions::deactivate(&app.app, Some(&by), ana).await.unwrap();
    let unknown = actions::set_role(&app.app, Some(&by), ana, "King").await.unwrap_err();
    assert!(matches!(unknown, Error::Invalid(_)));
}

#[tokio::test]
async fn the_shell_makes_people_of_every_role() {
    let app = TestApp::start().await;
    for (name, role, is_called) in [
        ("one", "admin", "Administrator"),
        ("two", "Moderator", "Moderator"),
        ("three", "editor", "Editor"),
        ("four", "User", "User"),
    ] {
        app.person(name, role).await;
        let all = actions::list(&app.app, "").await.unwrap();
        let listed = all.iter().find(|person| person.username == name).unwrap();
        assert_eq!(listed.role.as_deref(), Some(is_called));
        assert!(listed.is_active && listed.email_confirmed);
        assert!(is_in(&app.log_in(name).await).await);
    }
    let mistaken = [
        ("one", "x@example.org", PASSWORD, "User"),
        ("five", "one@example.org", PASSWORD, "User"),
        ("five", "five", PASSWORD, "User"),
        ("five", "five@example.org", "password", "User"),
        ("five", "five@example.org", PASSWORD, "King"),
    ];
    for (username, email, password, role) in mistaken {
        let new = actions::NewMember {
            username: username.to_owned(),
            email: email.to_owned(),
            password: password.to_owned(),
            role: role.to_owned(),
        };
        let outcome = actions::create(&app.app, &new).await;
        assert!(matches!(outcome, Err(Error::Invalid(_))), "{username} {email} {role}");
    }
}

#[tokio::test]
async fn what_another_instance_changes_holds_here_a_second_later() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    visitor.get("/blog/").await.expect(StatusCode::OK);
    // No event reaches this instance.
    let mut tx = app.app.db.begin().await.unwrap();
    let guest =
        crate::accounts::store::roles::by_name(&mut tx, roles::GUEST).await.unwrap().unwrap();
    let read_posts = crate::accounts::Permission::ReadPosts;
    crate::accounts::store::roles::revoke(&mut tx, guest, read_posts).await.unwrap();
    tx.commit().await.unwrap();
    visitor.get("/blog/").await.expect(StatusCode::OK);
    app.advance(chrono::TimeDelta::seconds(1));
    visitor.get("/blog/").await.expect(StatusCode::SEE_OTHER);
}
