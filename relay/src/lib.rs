//! The server side of Tautline's own protocol (`docs/PROTOCOL.md`).
//!
//! [`hub`] decides: a state machine without clock, sockets or threads. Frames, closings and the time go in; frames,
//! closings and the next deadline come out. [`shell`] executes: HTTP, websockets, signals and the command line.

pub mod hub;
mod redis;
pub mod shell;
