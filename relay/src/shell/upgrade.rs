//! `GET /ws`: who gets a websocket, and how whoever gets none hears of it.

use std::net::IpAddr;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::address::{Peer, client_address};
use super::admission::Full;
use super::api::failure;
use super::counters::ShellLimit;
use super::line::line;
use super::server::Shared;
use super::socket;

/// The websocket subprotocol.
const PROTOCOL: &str = "tautline.v1";

/// What a websocket reads and writes at once. The library's own 128 KiB each would be most of what a quiet one costs.
const BUFFER: usize = 8 * 1_024;

const STRANGE_ORIGIN: (u16, &str) = (4403, "this origin may not connect");

pub(crate) async fn upgrade(
    State(shared): State<Shared>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if shared.outage.is_on() {
        return failure(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the server is down");
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]).read_buffer_size(BUFFER).write_buffer_size(BUFFER),
        Err(rejection) => return failure(rejection.status(), "upgrade", &rejection.body_text()),
    };
    if upgrade.selected_protocol().is_none() {
        return failure(StatusCode::BAD_REQUEST, "subprotocol", "expected the websocket subprotocol tautline.v1");
    }
    let client = client_address(peer, &headers, shared.trust_forwarded);
    if !shared.origins.allows(&headers) {
        let origin = headers.get(header::ORIGIN);
        tracing::info!(
            client.address = %client,
            http.request.header.origin = ?origin,
            "refused: this origin may not connect (--allow-origin)"
        );
        return refuse(&shared, client, upgrade, STRANGE_ORIGIN);
    }
    let seat = match shared.websockets.enter(client) {
        Ok(seat) => seat,
        Err(full) => {
            let (limit, reason) = match full {
                Full::All => (ShellLimit::Connections, "too many connections"),
                Full::Address => (ShellLimit::ConnectionsPerAddress, "too many connections from this address"),
            };
            shared.counters.limit(limit);
            tracing::debug!(client.address = %client, tautline.limit = limit.as_str(), "refused: {reason}");
            return refuse(&shared, client, upgrade, (4429, reason));
        }
    };
    let limit = shared.config.frame_limit;
    upgrade.max_message_size(limit).max_frame_size(limit).on_upgrade(move |websocket| async move {
        let _held = (seat, shared.alive);
        let line = line(&shared.config, shared.queue_total, shared.counters.clone());
        socket::serve(websocket, client, shared.hub, &shared.counters, line).await;
    })
}

/// Opens the websocket only to close it: a page never sees the status of a refused upgrade and would come back at once,
/// but it sees a close code. When too many linger for that already, the status has to do.
fn refuse(shared: &Shared, client: IpAddr, upgrade: WebSocketUpgrade, (code, reason): (u16, &'static str)) -> Response {
    let Ok(seat) = shared.lingering.enter(client) else {
        shared.counters.limit(ShellLimit::Lingering);
        let mut response = failure(StatusCode::SERVICE_UNAVAILABLE, "busy", reason);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    };
    shared.counters.closed(code);
    upgrade.max_message_size(BUFFER).max_frame_size(BUFFER).on_upgrade(move |websocket| async move {
        socket::refuse(websocket, code, reason).await;
        drop(seat);
    })
}
