//! Options from JavaScript. TypeScript has checked them and filled in every default.

#[cfg(not(feature = "channels"))]
use super::host::as_number;
use super::host::{CoreHost, member};
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

#[wasm_bindgen(module = "/src/bindings/options.js")]
extern "C" {
    /// The numbers among the options, and whether the host has a token.
    fn numbers(options: &CoreOptions, host: &CoreHost) -> JsValue;
    /// One after the other.
    fn next(numbers: &JsValue) -> f64;
}

/// The options as the core wants them, and a random seed.
pub(crate) fn config(options: &CoreOptions, host: &CoreHost) -> (Config, u64) {
    let numbers = numbers(options, host);
    let number = || next(&numbers);
    // Fields are evaluated as they are written: the order is that of options.js.
    let millis = Duration::from_millis_f64;
    let config = Config {
        resolve_timeout: millis(number()),
        open_timeout: millis(number()),
        handshake_timeout: millis(number()),
        ack_timeout: millis(number()),
        subscribe_timeout: millis(number()),
        backoff: BackoffConfig {
            min: millis(number()),
            max: millis(number()),
            factor: number(),
            stable: millis(number()),
            fast_attempts: number() as u32,
            slow: millis(number()),
            max_attempts: attempts(number()),
            floor: Duration::ZERO,
        },
        heartbeat: HeartbeatConfig { interval: given(number()), timeout: given(number()), probe: millis(number()) },
        queue: QueueConfig {
            max: number() as usize,
            max_bytes: number() as usize,
            overflow: if number() == 1.0 { Overflow::DropOldest } else { Overflow::Reject },
            always: true,
        },
        rate: Some(Rate { frames: number() as u32, per: millis(number()) }).filter(|rate| rate.frames > 0),
        has_token: number() == 1.0,
    };
    (config, number() as u64)
}

/// One option that only some protocols have; what is missing is zero.
#[cfg(not(feature = "channels"))]
pub(crate) fn number(group: &JsValue, key: &str) -> f64 {
    Some(as_number(&member(group, key))).filter(|number| !number.is_nan()).unwrap_or(0.0)
}

/// The sender's secret name.
#[cfg(feature = "channels")]
pub(crate) fn session(options: &CoreOptions) -> JsValue {
    member(options, "session")
}

/// After how many there is no use in another one. JavaScript says `Infinity` for endless patience.
fn attempts(most: f64) -> Option<u32> {
    (most <= f64::from(u32::MAX)).then_some(most as u32)
}

/// Zero means "not given".
pub(crate) fn given(millis: f64) -> Option<Duration> {
    (millis > 0.0).then(|| Duration::from_millis_f64(millis))
}
