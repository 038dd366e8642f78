//! What somebody wants to be told, by kind and channel.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::State, response::Response};

use super::super::{Choice, Kind, Mailing, settings};
use crate::{
    app::App,
    web::{Flash, Form, Layout, PageResult, SignedIn, page},
};

#[derive(Template)]
#[template(path = "notifications/settings.html")]
struct SettingsPage {
    layout: Layout,
    email: String,
    choices: Vec<(Kind, Choice)>,
}

/// How mail is sent, and how the page calls it.
const MAILINGS: [(Mailing, &str); 4] = [
    (Mailing::Off, "No mail"),
    (Mailing::Now, "At once"),
    (Mailing::Daily, "Once a day"),
    (Mailing::Weekly, "Once a week"),
];

pub async fn edit(State(app): State<App>, visitor: SignedIn) -> PageResult {
    let mut conn = app.db.conn().await?;
    let choices = settings::choices(&mut conn, visitor.viewer.id).await?;
    drop(conn);
    let email = visitor.viewer.email.clone();
    page(&SettingsPage { layout: visitor.layout(), email, choices })
}

pub async fn update(
    State(app): State<App>,
    visitor: SignedIn,
    Form { input, .. }: Form<BTreeMap<String, String>>,
) -> PageResult<Response> {
    let wanted = settings::parse(&input)?;
    settings::save(&app, &visitor.viewer, &wanted).await?;
    Ok(visitor.redirect_with("/notifications/settings", &Flash::success("Saved.")))
}
