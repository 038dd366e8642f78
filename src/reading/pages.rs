//! The pages that readers see.

mod article;
mod home;
mod list;
mod old;
mod topics;

use axum::{Router, routing::get};

use crate::app::App;

pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(home::index))
        .route("/blog", get(old::blog))
        .route("/blog/", get(list::index))
        .route("/blog/post/{slug}", get(article::show))
        .route("/blog/categories", get(topics::index))
        .route("/blog/category/{slug}", get(topics::category))
        .route("/blog/tag/{slug}", get(topics::tag))
        .merge(old::router())
}
