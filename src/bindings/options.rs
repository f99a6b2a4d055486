//! Options from JavaScript, read by typed getters. TypeScript has checked them and filled in every default.

use crate::BackoffConfig;
use crate::config::{Config, HeartbeatConfig, Overflow, QueueConfig, Rate};
use crate::time::Duration;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What the constructor of [`Core`](super::Core) takes.
    #[wasm_bindgen(typescript_type = "CoreOptions")]
    pub type CoreOptions;

    #[wasm_bindgen(method, getter, js_name = resolveTimeoutMs)]
    fn resolve_timeout_ms(this: &CoreOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = connectTimeoutMs)]
    fn connect_timeout_ms(this: &CoreOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = handshakeTimeoutMs)]
    fn handshake_timeout_ms(this: &CoreOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = ackTimeoutMs)]
    fn ack_timeout_ms(this: &CoreOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = subscribeTimeoutMs)]
    fn subscribe_timeout_ms(this: &CoreOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn backoff(this: &CoreOptions) -> BackoffOptions;
    #[wasm_bindgen(method, getter)]
    fn heartbeat(this: &CoreOptions) -> HeartbeatOptions;
    #[wasm_bindgen(method, getter)]
    fn queue(this: &CoreOptions) -> QueueOptions;
    #[wasm_bindgen(method, getter)]
    fn rate(this: &CoreOptions) -> RateOptions;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn session(this: &CoreOptions) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn seed(this: &CoreOptions) -> f64;

    type BackoffOptions;
    #[wasm_bindgen(method, getter, js_name = minMs)]
    fn min_ms(this: &BackoffOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = maxMs)]
    fn max_ms(this: &BackoffOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn factor(this: &BackoffOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = stableMs)]
    fn stable_ms(this: &BackoffOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = fastAttempts)]
    fn fast_attempts(this: &BackoffOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = slowMs)]
    fn slow_ms(this: &BackoffOptions) -> f64;

    type HeartbeatOptions;
    #[wasm_bindgen(method, getter, js_name = intervalMs)]
    fn interval_ms(this: &HeartbeatOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    fn timeout_ms(this: &HeartbeatOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = probeMs)]
    fn probe_ms(this: &HeartbeatOptions) -> f64;

    type QueueOptions;
    #[wasm_bindgen(method, getter)]
    fn max(this: &QueueOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = maxBytes)]
    fn max_bytes(this: &QueueOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn overflow(this: &QueueOptions) -> f64;

    type RateOptions;
    #[wasm_bindgen(method, getter)]
    fn messages(this: &RateOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = perMs)]
    fn per_ms(this: &RateOptions) -> f64;
}

/// The options as the core wants them.
pub(crate) fn config(options: &CoreOptions, has_token: bool) -> Config {
    let (backoff, heartbeat) = (options.backoff(), options.heartbeat());
    let (queue, rate) = (options.queue(), options.rate());
    Config {
        resolve_timeout: Duration::from_millis_f64(options.resolve_timeout_ms()),
        open_timeout: Duration::from_millis_f64(options.connect_timeout_ms()),
        handshake_timeout: Duration::from_millis_f64(options.handshake_timeout_ms()),
        backoff: BackoffConfig {
            min: Duration::from_millis_f64(backoff.min_ms()),
            max: Duration::from_millis_f64(backoff.max_ms()),
            factor: backoff.factor(),
            stable: Duration::from_millis_f64(backoff.stable_ms()),
            fast_attempts: backoff.fast_attempts() as u32,
            slow: Duration::from_millis_f64(backoff.slow_ms()),
        },
        heartbeat: HeartbeatConfig {
            interval: given(heartbeat.interval_ms()),
            timeout: given(heartbeat.timeout_ms()),
            probe: Duration::from_millis_f64(heartbeat.probe_ms()),
        },
        ack_timeout: Duration::from_millis_f64(options.ack_timeout_ms()),
        subscribe_timeout: Duration::from_millis_f64(options.subscribe_timeout_ms()),
        queue: QueueConfig {
            max: queue.max() as usize,
            max_bytes: queue.max_bytes() as usize,
            overflow: if queue.overflow() == 1.0 { Overflow::DropOldest } else { Overflow::Reject },
        },
        rate: (rate.messages() > 0.0)
            .then(|| Rate { frames: rate.messages() as u32, per: Duration::from_millis_f64(rate.per_ms()) }),
        has_token,
    }
}

/// Zero means "not given".
pub(crate) fn given(millis: f64) -> Option<Duration> {
    (millis > 0.0).then(|| Duration::from_millis_f64(millis))
}
