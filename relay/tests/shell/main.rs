//! The built binary over real sockets: what the hub's own tests cannot see.

mod closing;
mod faults;
mod harness;
mod http;
mod websocket;
