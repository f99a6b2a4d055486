//! The built binary over real sockets: what the hub's own tests cannot see.

mod closing;
mod config;
mod faults;
mod harness;
#[cfg(target_os = "linux")]
mod hostile;
mod http;
mod limits;
mod logs;
mod metrics;
mod raw;
mod readme;
mod tls;
mod websocket;
