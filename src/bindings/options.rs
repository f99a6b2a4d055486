//! Options from JavaScript. TypeScript has checked them and filled in every default.

use super::host::member;
use crate::BackoffConfig;
use crate::config::{Config, HeartbeatConfig, Overflow, QueueConfig, Rate};
use crate::time::Duration;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What the constructor of [`Core`](super::Core) takes.
    #[wasm_bindgen(typescript_type = "CoreOptions")]
    pub type CoreOptions;
}

/// The options as the core wants them.
pub(crate) fn config(options: &CoreOptions, has_token: bool) -> Config {
    let (backoff, heartbeat) = (member(options, "backoff"), member(options, "heartbeat"));
    let (queue, rate) = (member(options, "queue"), member(options, "rate"));
    let frames = number(&rate, "messages") as u32;
    Config {
        resolve_timeout: millis(options, "resolveTimeoutMs"),
        open_timeout: millis(options, "connectTimeoutMs"),
        handshake_timeout: millis(options, "handshakeTimeoutMs"),
        backoff: BackoffConfig {
            min: millis(&backoff, "minMs"),
            max: millis(&backoff, "maxMs"),
            factor: number(&backoff, "factor"),
            stable: millis(&backoff, "stableMs"),
            fast_attempts: number(&backoff, "fastAttempts") as u32,
            slow: millis(&backoff, "slowMs"),
            floor: Duration::ZERO,
            max_attempts: None,
        },
        heartbeat: HeartbeatConfig {
            interval: given(number(&heartbeat, "intervalMs")),
            timeout: given(number(&heartbeat, "timeoutMs")),
            probe: millis(&heartbeat, "probeMs"),
        },
        ack_timeout: millis(options, "ackTimeoutMs"),
        subscribe_timeout: millis(options, "subscribeTimeoutMs"),
        queue: QueueConfig {
            max: number(&queue, "max") as usize,
            max_bytes: number(&queue, "maxBytes") as usize,
            overflow: if number(&queue, "overflow") == 1.0 { Overflow::DropOldest } else { Overflow::Reject },
            always: true,
        },
        rate: (frames > 0).then(|| Rate { frames, per: millis(&rate, "perMs") }),
        has_token,
    }
}

/// One option; what is missing is zero.
pub(crate) fn number(group: &JsValue, key: &str) -> f64 {
    member(group, key).as_f64().unwrap_or(0.0)
}

/// After how many attempts there is no use in another one. JavaScript says `Infinity` for an endless patience.
#[cfg(any(all(feature = "json", not(feature = "tautline")), not(feature = "framed")))]
pub(crate) fn most_attempts(group: &JsValue) -> Option<u32> {
    let most = number(group, "maxAttempts");
    (most <= f64::from(u32::MAX)).then_some(most as u32)
}

/// The sender's secret name.
#[cfg(feature = "channels")]
pub(crate) fn session(options: &CoreOptions) -> String {
    member(options, "session").as_string().unwrap_or_default()
}

fn millis(group: &JsValue, key: &str) -> Duration {
    Duration::from_millis_f64(number(group, key))
}

/// Zero means "not given".
pub(crate) fn given(millis: f64) -> Option<Duration> {
    (millis > 0.0).then(|| Duration::from_millis_f64(millis))
}
