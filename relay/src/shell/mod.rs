//! The shell around the hub: HTTP, websockets, signals, the clock and the command line.
//!
//! It executes and decides nothing about the protocol. One task owns the hub; each websocket has a task of its own.

mod accept;
mod address;
mod admission;
mod api;
mod clock;
mod config;
mod counters;
mod descriptors;
mod faults;
mod hub_task;
mod line;
mod metrics;
mod options;
mod origin;
mod secret;
mod server;
mod socket;
mod tls;
mod upgrade;

pub use config::{Config, ConfigError};
pub use options::{LogFormat, Options, OptionsError};
pub use secret::Secret;
pub use server::{RunError, run};
pub use tls::TlsError;
