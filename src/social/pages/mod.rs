//! The doors of social: buttons, and the lists they make.

mod buttons;
mod lists;
mod parts;

use axum::{
    Router,
    routing::{get, post},
};

pub use self::parts::{LikeButton, PersonLine};
use crate::app::App;

pub fn router() -> Router<App> {
    Router::new()
        .route("/blog/post/{slug}/like", post(buttons::like))
        .route("/blog/post/{slug}/bookmark", post(buttons::bookmark))
        .route("/blog/post/{slug}/feature", post(buttons::feature))
        .route("/blog/post/{slug}/likes", get(lists::likers))
        .route("/blog/user/{username}/follow", post(buttons::follow))
        .route("/blog/user/{username}/block", post(buttons::block))
        .route("/blog/user/{username}/mute", post(buttons::mute))
        .route("/blog/category/{slug}/follow", post(buttons::category))
        .route("/blog/tag/{slug}/follow", post(buttons::tag))
        .route("/blog/feed", get(lists::feed))
        .route("/user/{username}/followers", get(lists::followers))
        .route("/user/{username}/following", get(lists::following))
        .route("/user/{username}/mutual", get(lists::mutual))
        .route("/user/{username}/likes", get(lists::liked))
        .route("/bookmarks", get(lists::bookmarks))
        .route("/auth/settings/blocked", get(lists::blocked))
}
