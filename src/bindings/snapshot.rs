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
    let array = Array::new();
    let push = |number: f64| {
        array.push(&JsValue::from_f64(number));
    };
    let count = |count: u64| push(count as f64);
    let millis = |duration: Option<Duration>| push(duration.map_or(NONE, Duration::as_millis_f64));
    push(f64::from(client.attempt(now)));
    millis(client.retry_in(now));
    push(size as f64);
    push(bytes as f64);
    count(stats.sent);
    count(stats.received);
    count(stats.acked);
    count(stats.failed);
    count(stats.bytes_sent);
    count(stats.bytes_received);
    count(stats.connections);
    count(stats.recovered);
    count(stats.replayed);
    count(stats.duplicates);
    count(stats.gaps);
    count(stats.skipped);
    millis(stats.uptime(now));
    push(f64::from(stats.quality(now) as u8));
    let latency = stats.latency();
    millis(latency.map(|latency| latency.last));
    millis(latency.map(|latency| latency.mean));
    millis(latency.map(|latency| latency.p50));
    millis(latency.map(|latency| latency.p95));
    millis(latency.map(|latency| latency.p99));
    for (code, times) in &stats.losses {
        push(f64::from(*code as u8));
        count(*times);
    }
    array
}
