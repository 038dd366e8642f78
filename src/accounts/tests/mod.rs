//! The room seen from outside: forms, cookies, mails.

mod addresses;
mod enumeration;
mod joining;
mod leaving;
mod login;
mod passwords;
mod profile;
mod roles;
mod sessions;
mod states;

use axum::http::StatusCode;

use crate::{
    accounts::User,
    testing::{Answer, Client, PASSWORD, TestApp},
};

/// A password that nobody in tests has yet.
const OTHER: &str = "eleven quiet paper boats";

/// Sends the login form.
async fn try_login(client: &Client, name: &str, password: &str) -> Answer {
    client.post("/auth/login", &[("username", name), ("password", password)]).await
}

/// Whether the browser is logged in.
async fn is_in(client: &Client) -> bool {
    client.get("/auth/settings").await.status == StatusCode::OK
}

/// Fills in the form of somebody who joins.
async fn join(client: &Client, name: &str, email: &str) -> Answer {
    let fields = [
        ("username", name),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    client.post("/auth/register", &fields).await
}

async fn user(app: &TestApp, name: &str) -> User {
    let mut conn = app.app.db.conn().await.unwrap();
    crate::accounts::store::users::by_username(&mut conn, name).await.unwrap().unwrap()
}

/// Follows a link in a mail and presses its button.
async fn follow(client: &Client, link: &str) -> Answer {
    client.get(link).await.expect(StatusCode::OK);
    client.post(link, &[]).await
}
