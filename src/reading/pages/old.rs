//! Addresses of the first version, and shorter ones that people type (R-ROUTE.50).

use axum::{Router, response::Response, routing::get};

use crate::{
    app::App,
    links,
    web::{Path, RequestContext, moved},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/search", get(search))
        .route("/post/{id}", get(post))
        .route("/categories", get(|| async { moved("/blog/categories") }))
        .route("/category/{id}", get(category))
        .route("/create_post", get(|| async { moved("/blog/create") }))
}

/// `/blog` is a page's name, `/blog/` its address.
pub async fn blog(context: RequestContext) -> Response {
    moved(&with_query("/blog/", &context))
}

async fn search(context: RequestContext) -> Response {
    moved(&with_query("/blog/search", &context))
}

async fn post(Path(id): Path<String>) -> Response {
    moved(&links::post(&id))
}

async fn category(Path(id): Path<String>) -> Response {
    moved(&links::category(&id))
}

fn with_query(path: &str, context: &RequestContext) -> String {
    match &context.info.query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}
