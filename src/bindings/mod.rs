//! The wasm boundary: one class whose methods convert, call and nothing else. Which one, the cargo features say: a wasm is built
//! with the feature of one protocol.
//!
//! Not here: names for people, checks of arguments, words of errors. They live in TypeScript (pkg-template/src).

#[cfg(feature = "tautline")]
mod client;
#[cfg(feature = "tautline")]
mod events;
mod host;
mod options;
#[cfg(feature = "tautline")]
mod snapshot;
#[cfg(not(feature = "tautline"))]
mod socket;

#[cfg(feature = "tautline")]
pub use client::Core;
#[cfg(feature = "tautline")]
pub(crate) use events::tell;
pub use host::CoreHost;
pub(crate) use host::{Frames, JsHost, header};
pub use options::CoreOptions;
#[cfg(not(feature = "tautline"))]
pub use socket::Core;
#[cfg(not(feature = "tautline"))]
pub(crate) use socket::tell;
