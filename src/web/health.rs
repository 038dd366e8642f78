//! Health, for balancers and people: alive, ready, and what about each part (X79).

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use super::{Caching, view};
use crate::{app::App, rooms};

/// How long the parts together may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether this process has been told to stop.
#[derive(Default)]
pub struct Draining(pub AtomicBool);

pub fn router() -> Router<App> {
    Router::new()
        .route("/health", get(health))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

/// The process runs; nothing else is asked.
async fn live() -> Response {
    json(StatusCode::OK, &serde_json::json!({ "status": "alive" }))
}

/// Whether requests should be sent here.
async fn ready(State(app): State<App>) -> Response {
    let services = services(&app).await;
    let good = services.is_ready() && !app.state::<Draining>().0.load(Ordering::Relaxed);
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if good { "ready" } else { "not ready" };
    let mut body = serde_json::json!({ "status": word });
    // Without the messenger everything is right, and a second later: no reason to send people away.
    if rooms::messenger(&app) != "none" {
        body["redis"] = rooms::messenger(&app).into();
    }
    json(status, &body)
}

/// The answer of the original, with parts that are really asked (R-HEALTH).
async fn health(State(app): State<App>) -> Response {
    let services = services(&app).await;
    let good = services.is_ready();
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |good| if good { "healthy" } else { "unhealthy" };
    json(
        status,
        &serde_json::json!({
            "status": word(good),
            "timestamp": view::iso(app.clock.now()),
            "version": env!("CARGO_PKG_VERSION"),
            "services": {
                "database": word(services.database),
                "storage": word(services.storage),
                "cache": "in process",
                "redis": match rooms::messenger(&app) {
                    "none" => "not configured",
                    state => state,
                },
                "mail": if app.mailer.is_ready() { "healthy" } else { "not configured" },
            },
        }),
    )
}

struct Services {
    database: bool,
    storage: bool,
}

impl Services {
    fn is_ready(&self) -> bool {
        self.database && self.storage
    }
}

async fn services(app: &App) -> Services {
    let database =
        tokio::time::timeout(PATIENCE, app.db.check()).await.is_ok_and(|outcome| outcome.is_ok());
    Services { database, storage: app.files.check().await.is_ok() }
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    let mut response =
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response();
    response.extensions_mut().insert(Caching::Never);
    response
}
