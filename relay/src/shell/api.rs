//! The HTTP side: `POST /api/publish` for the application's own servers, `GET /health` for whoever watches.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::hub_task::Publication;
use super::metrics;
use super::server::Shared;
use crate::hub::{Refusal, RefusalCode};

#[derive(Deserialize)]
struct PublishBody<'a> {
    channel: String,
    event: String,
    #[serde(borrow)]
    payload: &'a RawValue,
}

#[derive(Serialize)]
struct Published<'a> {
    epoch: &'a str,
    offset: u64,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    connections: usize,
    sessions: usize,
    channels: usize,
    published: u64,
    refused: u64,
    replayed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    redis: Option<&'static str>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorDetail<'a>,
}

#[derive(Serialize)]
struct ErrorDetail<'a> {
    code: &'a str,
    message: &'a str,
}

/// An error as every address of this server answers it: `{"error":{"code","message"}}`.
pub(crate) fn failure(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(ErrorBody { error: ErrorDetail { code, message } })).into_response()
}

/// The bearer key of `POST /api/publish`, kept as a hash: hashes compare in constant time, whatever their texts' lengths.
#[derive(Clone)]
pub(crate) struct ApiKey([u8; 32]);

impl ApiKey {
    pub(crate) fn new(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    fn matches(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
        let Some((scheme, key)) = given.and_then(|value| value.split_at_checked("Bearer ".len())) else { return false };
        let hash: [u8; 32] = Sha256::digest(key).into();
        scheme.eq_ignore_ascii_case(b"Bearer ") && bool::from(hash.ct_eq(&self.0))
    }
}

fn unauthorized() -> Response {
    let message = "expected Authorization: Bearer and this server's API key";
    let mut response = failure(StatusCode::UNAUTHORIZED, "unauthorized", message);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    response
}

pub(crate) async fn publish(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(key) = &shared.api_key else {
        return failure(StatusCode::NOT_FOUND, "disabled", "start the relay with an API key to publish over HTTP");
    };
    if !key.matches(&headers) {
        return unauthorized();
    }
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return failure(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the body is larger than the frame limit");
        }
        Err(_) => return failure(StatusCode::BAD_REQUEST, "bad-body", "the body could not be read"),
    };
    let Ok(key) = idempotency_key(&headers) else {
        let message = "Idempotency-Key: expected one, of 1 to 128 printable ASCII characters";
        return failure(StatusCode::BAD_REQUEST, "bad-key", message);
    };
    let Ok(PublishBody { channel, event, payload }) = serde_json::from_slice(&body) else {
        return failure(StatusCode::BAD_REQUEST, "bad-body", "expected JSON {channel: string, event: string, payload}");
    };
    let message = Publication { key, channel, event, payload: payload.to_owned() };
    match shared.hub.publish(message).await {
        Some(Ok(position)) => Json(Published { epoch: &position.epoch, offset: position.offset }).into_response(),
        Some(Err(refusal)) => refused(&refusal),
        None => going_away(),
    }
}

/// What names this publish, however often it is sent (draft-ietf-httpapi-idempotency-key-header).
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ()> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    match key.to_str() {
        Ok(key) if (1..=128).contains(&key.len()) && keys.next().is_none() => Ok(Some(key.to_owned())),
        Ok(_) | Err(_) => Err(()),
    }
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal.code {
        RefusalCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        RefusalCode::Unavailable | RefusalCode::RateLimited => StatusCode::SERVICE_UNAVAILABLE,
        RefusalCode::AuthRequired
        | RefusalCode::TokenInvalid
        | RefusalCode::TokenExpired
        | RefusalCode::Forbidden
        | RefusalCode::BadFrame
        | RefusalCode::ChannelLimit
        | RefusalCode::NotSubscribed
        | RefusalCode::UnknownRequest => StatusCode::BAD_REQUEST,
    };
    failure(status, refusal.code.as_str(), &refusal.message)
}

fn going_away() -> Response {
    failure(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the server is going away")
}

pub(crate) async fn health(State(shared): State<Shared>) -> Response {
    let redis = shared.redis.as_ref().map(|redis| if redis.is_up() { "up" } else { "down" });
    match shared.hub.stats().await {
        Some(stats) => Json(Health {
            status: "ok",
            version: env!("CARGO_PKG_VERSION"),
            connections: stats.connections,
            sessions: stats.sessions,
            channels: stats.channels,
            published: stats.published,
            refused: stats.refused(),
            replayed: stats.replayed,
            redis,
        })
        .into_response(),
        None => going_away(),
    }
}

/// The metrics, on the listener that everybody reaches: for whoever has the API key. Without a key it is not there,
/// unless the server is open to everybody anyway.
pub(crate) async fn public_metrics(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    match &shared.api_key {
        Some(key) if !key.matches(&headers) => unauthorized(),
        Some(_) => metrics(State(shared)).await,
        None if shared.open => metrics(State(shared)).await,
        None => failure(StatusCode::NOT_FOUND, "disabled", "start the relay with an API key or --metrics-listen"),
    }
}

pub(crate) async fn metrics(State(shared): State<Shared>) -> Response {
    match shared.hub.stats().await {
        Some(stats) => (
            [(header::CONTENT_TYPE, metrics::CONTENT_TYPE)],
            metrics::render(&stats, &shared.counters, shared.redis.as_deref()),
        )
            .into_response(),
        None => going_away(),
    }
}
