//! The writer's pages. What readers see is in `reading`.

mod editor;
mod history;
mod mine;
mod scripts;

use axum::{
    Router,
    routing::{get, post},
};

use crate::app::App;

pub fn router() -> Router<App> {
    Router::new()
        .route("/blog/create", get(editor::new).post(editor::create))
        .route("/blog/mine", get(mine::index))
        .route("/blog/preview", post(scripts::preview))
        .route("/blog/autosave", post(scripts::begin))
        .route("/blog/post/{slug}/edit", get(editor::edit).post(editor::update))
        .route("/blog/post/{slug}/autosave", post(scripts::autosave))
        .route("/blog/post/{slug}/discard", post(editor::discard))
        .route("/blog/post/{slug}/delete", get(mine::ask_delete).post(mine::delete))
        .route("/blog/post/{slug}/restore", post(mine::restore))
        .route("/blog/post/{slug}/revisions", get(history::index))
        .route("/blog/post/{slug}/revisions/{revision}", get(history::show))
        .route("/blog/post/{slug}/revisions/{revision}/restore", post(history::restore))
}
