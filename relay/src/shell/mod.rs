//! The shell around the hub: HTTP, websockets, signals, the clock and the command line.
//!
//! It executes and decides nothing about the protocol. One task owns the hub; each websocket has a task of its own.

mod api;
mod clock;
mod faults;
mod hub_task;
mod line;
mod options;
mod origin;
mod server;
mod socket;

pub use options::{Options, OptionsError};
pub use server::{RunError, run};
