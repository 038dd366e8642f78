//! A message to everybody, from whoever may send one.

use askama::Template;
use axum::{extract::State, response::Response};

use super::super::actions::{self, BroadcastInput, MESSAGE, PATH, TITLE};
use crate::{
    Error,
    accounts::Permission,
    app::App,
    error::FieldErrors,
    web::{Flash, Form, Layout, Limit, PageResult, SignedIn, page},
};

#[derive(Template)]
#[template(path = "notifications/send.html")]
struct SendPage {
    layout: Layout,
    form: BroadcastInput,
    errors: FieldErrors,
}

pub async fn new(visitor: SignedIn) -> PageResult {
    if !visitor.viewer.can(Permission::SendNotifications) {
        return Err(Error::Forbidden.into());
    }
    let form = BroadcastInput {
        priority: "normal".to_owned(),
        batch_id: uuid::Uuid::new_v4().to_string(),
        ..BroadcastInput::default()
    };
    page(&SendPage { layout: visitor.layout(), form, errors: FieldErrors::default() })
}

pub async fn create(
    State(app): State<App>,
    visitor: SignedIn,
    Form { input, .. }: Form<BroadcastInput>,
) -> PageResult<Response> {
    visitor.spend(Limit::Contact)?;
    match actions::broadcast(&app, &visitor.viewer, &input).await {
        Ok(()) => {
            let text = "It is on its way to everybody.";
            Ok(visitor.redirect_with("/notifications", &Flash::success(text)))
        }
        Err(Error::Invalid(errors)) => {
            Ok(page(&SendPage { layout: visitor.layout(), form: input, errors })?.unprocessable())
        }
        Err(error) => Err(error.into()),
    }
}
