//! The core of Tautline: a realtime client that loses no message, delivers none twice and believes no dead connection alive.
//!
//! It does no I/O. A driver tells it what happened and what time it is, and carries out what it orders:
//!
//! ```text
//! loop {
//!     client.handle_…(now, …);                     // the world did something, or the application asked
//!     while let Some(output) = client.poll_output() { carry out }
//!     sleep until client.poll_timeout(), or the next event
//! }
//! ```
//!
//! | module | decides |
//! | --- | --- |
//! | [`client`] | which part an input belongs to |
//! | `connection` | whether there is a line, when to come back, when the peer is dead |
//! | [`channel`] | what is subscribed, what was missed, who is there |
//! | `outbox`, `request` | what is still unsettled |
//! | [`protocol`] | what the bytes mean |
//! | [`host`] | who owns the payloads: never the core |
//!
//! On `wasm32` the crate also holds its browser driver and its bindings for JavaScript.

mod backoff;
pub mod channel;
pub mod client;
mod config;
mod connection;
mod error;
pub mod host;
mod input;
mod map;
mod outbox;
mod output;
pub mod protocol;
mod rate;
mod request;
mod rng;
mod stats;
mod time;
mod timer;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
#[cfg(target_arch = "wasm32")]
mod browser;

pub use backoff::BackoffConfig;
pub use channel::ChannelId;
pub use client::{Client, Message};
pub use config::{Config, HeartbeatConfig, Overflow, QueueConfig, Rate};
pub use error::{Blame, Code};
pub use input::{Endpoint, NetworkEvent, PageEvent, SocketEvent, TokenWhy};
pub use output::{Detail, Event, Output, PublicState, Recovered, Subprotocols};
pub use rng::Rng;
pub use stats::{Latency, Quality, Stats};
pub use time::{Clock, Duration, Instant};
pub use timer::Timer;
