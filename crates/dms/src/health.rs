use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use db::Db;
use serde_json::{Value, json};

/// Whether this process should get requests.
#[derive(Clone)]
pub struct Health {
    db: Db,
    draining: Arc<AtomicBool>,
}

impl Health {
    pub fn new(db: Db) -> Self {
        Health { db, draining: Arc::default() }
    }

    /// From now on not ready: no new requests, please.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// `/health/live`: the process runs. `/health/ready`: it can serve, the database answers.
    pub fn router(self) -> Router {
        Router::new()
            .route("/health/live", get(|| async { Json(json!({"status": "Healthy"})) }))
            .route("/health/ready", get(ready))
            .with_state(self)
    }
}

async fn ready(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    if health.draining.load(Ordering::SeqCst) {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "Unhealthy", "checks": {"draining": true}})),
        );
    }
    match health.db.ping().await {
        Ok(()) => (StatusCode::OK, Json(json!({"status": "Healthy", "checks": {"database": "Healthy"}}))),
        Err(error) => {
            tracing::warn!(error = %error, "not ready: the database doesn't answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(json!({"status": "Unhealthy", "checks": {"database": "Unhealthy"}})),
            )
        }
    }
}
