//! Pages of analytics: what trends, what writers and readers learn; and where views come in.

mod chart;
mod seen;
mod stats;
mod trending;

use axum::{
    Router,
    routing::{get, post},
};

pub use self::seen::seen;
use crate::app::App;

pub fn router() -> Router<App> {
    Router::new()
        .route("/blog/trending", get(trending::show))
        .route("/blog/read", post(seen::report))
        .route("/blog/stats", get(stats::own))
        .route("/blog/stats/reading", get(stats::reading))
        .route("/blog/stats/site", get(stats::site))
        .route("/blog/stats/{id}", get(stats::of_post))
}
