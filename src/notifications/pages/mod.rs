//! The pages of notifications.

mod broadcast;
mod list;
mod settings;
mod unsubscribe;

use axum::{
    Router,
    routing::{get, post},
};

use crate::app::App;

pub fn router() -> Router<App> {
    Router::new()
        .route("/notifications", get(list::index))
        .route("/notifications/read-all", post(list::read_all))
        .route("/notifications/settings", get(settings::edit).post(settings::update))
        .route("/notifications/send", get(broadcast::new).post(broadcast::create))
        .route("/notifications/{id}/open", post(list::open))
        .route("/notifications/{id}/read", post(list::read))
        .route("/notifications/{id}/unread", post(list::unread))
        .route("/notifications/{id}/delete", post(list::delete))
        .route(
            "/notifications/unsubscribe/{user}/{word}/{code}",
            get(unsubscribe::ask).post(unsubscribe::leave),
        )
}
