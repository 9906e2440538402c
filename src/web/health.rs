//! Whether the service works, for machines that watch it. Anybody may ask, so it says nothing of readers, paths or keys.

use crate::store::Store;
use crate::web::WebState;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `GET /health`: 200 and `{"ok":true,…}` while the database answers, else 503. `alarms` counts what the operators should look at.
pub(super) async fn health(State(state): State<WebState>) -> Response {
    let newsletters = state.site().newsletters.len();
    let alarms = state.with_store(Store::alarms).await.map(|alarms| alarms.len());
    let (status, body) = match alarms {
        Ok(alarms) => (
            StatusCode::OK,
            serde_json::json!({"ok": true, "version": env!("CARGO_PKG_VERSION"), "newsletters": newsletters, "alarms": alarms}),
        ),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, serde_json::json!({"ok": false, "version": env!("CARGO_PKG_VERSION")}))
        }
    };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
