//! What operators and their tools look at: health, readiness, metrics, the description of the API and the log's tiles.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use serde_json::json;

use super::{Server, api, openapi};

/// Whether this node takes new work.
#[derive(Default)]
pub struct Readiness(AtomicBool);

impl Readiness {
    pub fn drain(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn draining(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

pub fn routes(router: Router, server: &Server) -> Router {
    let own = Router::new()
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(description))
        .with_state(server.clone());
    router.merge(own)
}

/// The process runs.
async fn healthy() -> Response<Body> {
    api::json_response(200, &json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The database answers and the node is not leaving.
async fn ready(State(server): State<Server>) -> Response<Body> {
    if server.readiness.draining() {
        return api::json_response(503, &json!({ "status": "draining" }));
    }
    let answer = async {
        let mut tx = server.app.db().read().await?;
        tx.number("SELECT 1", &[]).await?;
        tx.rollback().await
    };
    match answer.await {
        Ok(()) => api::json_response(200, &json!({ "status": "ready" })),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            api::json_response(503, &json!({ "status": "database unreachable" }))
        }
    }
}

/// Prometheus text format.
async fn metrics(State(server): State<Server>) -> Response<Body> {
    let Some(handle) = &server.metrics else {
        let mut response = Response::new(Body::from("metrics are off\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let mut response = Response::new(Body::from(handle.render()));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

async fn description(State(server): State<Server>) -> Response<Body> {
    api::json_response(200, &openapi::document(server.app.registry()))
}
