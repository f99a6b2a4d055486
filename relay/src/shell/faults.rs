//! Faults on purpose, for the demo and the tests: a restart that forgets everything, a cut line, a stalled one.
//!
//! These addresses exist only with `--demo-faults`, which needs `--open` and a loopback address.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::time::Instant;

use super::api::failure;
use super::server::Shared;

/// The longest a fault may last.
const LONGEST_MS: u64 = 600_000;

/// Until when new websockets are turned away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outage(Arc<Mutex<Option<Instant>>>);

impl Outage {
    pub(crate) fn is_on(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| until > Instant::now())
    }

    fn start(&self, span: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + span);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestartBody {
    down_ms: u64,
}

#[derive(Deserialize)]
pub(crate) struct DropBody {
    member: String,
}

#[derive(Deserialize)]
pub(crate) struct StallBody {
    member: String,
    ms: u64,
}

fn span(ms: u64) -> Duration {
    Duration::from_millis(ms.min(LONGEST_MS))
}

fn stranger(shared: &Shared, headers: &HeaderMap) -> Option<Response> {
    let refused = !shared.origins.allows(headers);
    refused.then(|| failure(StatusCode::FORBIDDEN, "forbidden", "this origin may not do this"))
}

fn found(found: bool) -> Response {
    if found {
        StatusCode::NO_CONTENT.into_response()
    } else {
        failure(StatusCode::NOT_FOUND, "unknown-member", "no such member is connected")
    }
}

/// As if the process was killed and came back after `downMs`.
pub(crate) async fn restart(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<RestartBody>,
) -> Response {
    if let Some(refused) = stranger(&shared, &headers) {
        return refused;
    }
    shared.outage.start(span(body.down_ms));
    shared.hub.restart().await;
    StatusCode::NO_CONTENT.into_response()
}

/// Cuts a member's websocket without a close frame.
pub(crate) async fn cut(State(shared): State<Shared>, headers: HeaderMap, Json(body): Json<DropBody>) -> Response {
    match stranger(&shared, &headers) {
        Some(refused) => refused,
        None => found(shared.hub.cut(body.member).await),
    }
}

/// Stops reading and writing on a member's websocket for `ms`.
pub(crate) async fn stall(State(shared): State<Shared>, headers: HeaderMap, Json(body): Json<StallBody>) -> Response {
    match stranger(&shared, &headers) {
        Some(refused) => refused,
        None => found(shared.hub.stall(body.member, span(body.ms)).await),
    }
}
