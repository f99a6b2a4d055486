//! For whoever uses the wasm without the npm package's TypeScript: a method for each verb, what the client is and what it counted
//! as typed objects, and what is waited for as promises.

use super::client::{
    CANCEL, CANCEL_REQUEST, CLOSE, CONNECT, Core, DESTROY, PUBLISH, REFRESH, REQUEST, RESTORE, RETRY, SIGNAL,
    SUBSCRIBE, TRACK, TYPING, UNSUBSCRIBE, UNTRACK, VOLATILE,
};
use super::host::JsHost;
use crate::client::Client;
use crate::time::{Duration, Instant};
use serde::Serialize;
use std::future::poll_fn;
use std::task::Poll;
use tsify::Tsify;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

#[wasm_bindgen]
impl Core {
    /// Wants a connection.
    pub fn connect(&self) {
        self.call(CONNECT, 0.0, false);
    }

    /// Wants none.
    pub fn close(&self) {
        self.call(CLOSE, 0.0, false);
    }

    /// Wants the next attempt now.
    pub fn retry(&self) {
        self.call(RETRY, 0.0, false);
    }

    /// Closes for ever.
    pub fn destroy(&self) {
        self.call(DESTROY, 0.0, false);
    }

    /// Renews the token now.
    pub fn refresh(&self) {
        self.call(REFRESH, 0.0, false);
    }

    /// Wants a channel.
    pub fn subscribe(&self, channel: u32, presence: bool) {
        self.call(SUBSCRIBE, f64::from(channel), presence);
    }

    /// No longer wants a channel.
    pub fn unsubscribe(&self, channel: u32) {
        self.call(UNSUBSCRIBE, f64::from(channel), false);
    }

    /// Says that the user types, or stopped.
    pub fn typing(&self, channel: u32, active: bool) {
        self.call(TYPING, f64::from(channel), active);
    }

    /// Is present, with this state as JSON.
    pub fn track(&self, channel: u32, state: JsValue) {
        self.say(TRACK, channel, state, JsValue::UNDEFINED, 0.0, 0.0, 0.0);
    }

    /// Is no longer present.
    pub fn untrack(&self, channel: u32) {
        self.call(UNTRACK, f64::from(channel), false);
    }

    /// Sends a message, or says it now or never. Its id, or the negative code of why not. Events are JSON, payloads too, or bytes.
    pub fn publish(&self, channel: u32, event: JsValue, payload: JsValue, size: f64, ttl: f64, volatile: bool) -> f64 {
        self.at_once(self.say(if volatile { VOLATILE } else { PUBLISH }, channel, event, payload, size, ttl, 0.0))
    }

    /// Takes a message back.
    pub fn cancel(&self, id: f64) -> bool {
        self.call(CANCEL, id, false)
    }

    /// Puts a message of an earlier life back into the queue. False if its id does not fit.
    pub fn restore(&self, id: f64, channel: u32, event: JsValue, payload: JsValue, size: f64, ttl: f64) -> bool {
        self.at_once(self.say(RESTORE, channel, event, payload, size, ttl, id)) > 0.0
    }

    /// Says a passing word. 0, or the negative code of why not.
    pub fn signal(&self, channel: u32, event: JsValue, payload: JsValue, size: f64, ttl: f64) -> f64 {
        self.say(SIGNAL, channel, event, payload, size, ttl, 0.0)
    }

    /// Asks the server something. Its id, or the negative code of why not.
    pub fn request(&self, channel: u32, event: JsValue, payload: JsValue, timeout: f64) -> f64 {
        self.at_once(self.say(REQUEST, channel, event, payload, 0.0, timeout, 0.0))
    }

    /// No longer waits for an answer.
    #[wasm_bindgen(js_name = cancelRequest)]
    pub fn cancel_request(&self, id: f64) -> bool {
        self.call(CANCEL_REQUEST, id, false)
    }

    /// What the client is now.
    #[wasm_bindgen(unchecked_return_type = "CoreInfo")]
    pub fn info(&self) -> JsValue {
        serialise(&self.0.read(info))
    }

    /// What it counted.
    #[wasm_bindgen(unchecked_return_type = "CoreStats")]
    pub fn stats(&self) -> JsValue {
        serialise(&self.0.read(stats))
    }

    /// Resolves as soon as every message is settled.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn settled(&self) -> js_sys::Promise {
        let driver = self.0.clone();
        future_to_promise(poll_fn(move |context| {
            if driver.read(|client, _| client.queue().0) == 0 {
                return Poll::Ready(Ok(JsValue::UNDEFINED));
            }
            driver.wake_when_idle(context.waker().clone());
            Poll::Pending
        }))
    }
}

impl Core {
    /// Carries out what was said.
    fn at_once(&self, said: f64) -> f64 {
        self.0.with(|_, _| said)
    }
}

fn serialise(snapshot: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(snapshot).unwrap_or(JsValue::UNDEFINED)
}

/// What the client is now.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CoreInfo {
    /// Public state, 0 to 5.
    state: u8,
    /// Why the line is or was down; 0: no reason.
    cause: u8,
    /// Attempts since the last stable connection.
    attempt: u32,
    /// Milliseconds until the next attempt; missing when none is planned.
    retry_in_ms: Option<f64>,
    /// Messages that are not settled.
    queue_size: u32,
    /// Their bytes.
    queue_bytes: f64,
}

/// What the client counted since it was made.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CoreStats {
    /// Missing until a heartbeat was answered.
    latency: Option<CoreLatency>,
    sent: f64,
    received: f64,
    acked: f64,
    failed: f64,
    bytes_sent: f64,
    bytes_received: f64,
    connections: f64,
    /// Pairs of a code and how many connections ended by it.
    losses: Vec<(u8, f64)>,
    recovered: f64,
    replayed: f64,
    duplicates: f64,
    gaps: f64,
    skipped: f64,
    /// How long the present connection has held; missing when there is none.
    uptime_ms: Option<f64>,
    /// 0 unknown to 4 excellent.
    quality: u8,
}

/// Milliseconds.
#[derive(Serialize, Tsify)]
pub(crate) struct CoreLatency {
    last: f64,
    mean: f64,
    p50: f64,
    p95: f64,
    p99: f64,
}

fn info(client: &Client<JsHost>, now: Instant) -> CoreInfo {
    let (size, bytes) = client.queue();
    CoreInfo {
        state: client.state() as u8,
        cause: client.cause().map_or(0, |code| code as u8),
        attempt: client.attempt(now),
        retry_in_ms: client.retry_in(now).map(Duration::as_millis_f64),
        queue_size: u32::try_from(size).unwrap_or(u32::MAX),
        queue_bytes: bytes as f64,
    }
}

fn stats(client: &Client<JsHost>, now: Instant) -> CoreStats {
    let stats = client.stats();
    CoreStats {
        latency: stats.latency().map(|latency| CoreLatency {
            last: latency.last.as_millis_f64(),
            mean: latency.mean.as_millis_f64(),
            p50: latency.p50.as_millis_f64(),
            p95: latency.p95.as_millis_f64(),
            p99: latency.p99.as_millis_f64(),
        }),
        sent: stats.sent as f64,
        received: stats.received as f64,
        acked: stats.acked as f64,
        failed: stats.failed as f64,
        bytes_sent: stats.bytes_sent as f64,
        bytes_received: stats.bytes_received as f64,
        connections: stats.connections as f64,
        losses: stats.losses.iter().map(|(code, count)| (*code as u8, *count as f64)).collect(),
        recovered: stats.recovered as f64,
        replayed: stats.replayed as f64,
        duplicates: stats.duplicates as f64,
        gaps: stats.gaps as f64,
        skipped: stats.skipped as f64,
        uptime_ms: stats.uptime(now).map(Duration::as_millis_f64),
        quality: stats.quality(now) as u8,
    }
}
