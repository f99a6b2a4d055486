//! What the client is and what it counted, as bare numbers: pkg-template/src/info.ts gives them their names. The typed objects of
//! inspect.rs are several times the wasm.

use super::host::JsHost;
use crate::client::Client;
use crate::time::{Duration, Instant};
use js_sys::Array;
use wasm_bindgen::JsValue;

/// For what there is not now.
const NONE: f64 = -1.0;

pub(super) fn numbers(client: &Client<JsHost>, now: Instant) -> Array {
    let (size, bytes) = client.queue();
    let stats = client.stats();
    let millis = |duration: Option<Duration>| duration.map_or(NONE, Duration::as_millis_f64);
    let latency = stats.latency();
    let array = Array::new();
    let push = |number: f64| {
        array.push(&JsValue::from_f64(number));
    };
    for number in [
        f64::from(client.attempt(now)),
        millis(client.retry_in(now)),
        size as f64,
        bytes as f64,
        stats.sent as f64,
        stats.received as f64,
        stats.acked as f64,
        stats.failed as f64,
        stats.bytes_sent as f64,
        stats.bytes_received as f64,
        stats.connections as f64,
        stats.recovered as f64,
        stats.replayed as f64,
        stats.duplicates as f64,
        stats.gaps as f64,
        stats.skipped as f64,
        millis(stats.uptime(now)),
        f64::from(stats.quality(now) as u8),
        millis(latency.map(|latency| latency.last)),
        millis(latency.map(|latency| latency.mean)),
        millis(latency.map(|latency| latency.p50)),
        millis(latency.map(|latency| latency.p95)),
        millis(latency.map(|latency| latency.p99)),
    ] {
        push(number);
    }
    for (code, count) in &stats.losses {
        push(f64::from(*code as u8));
        push(*count as f64);
    }
    array
}
