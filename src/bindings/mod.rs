//! The wasm boundary: one class whose methods convert, call and nothing else. Which one, the cargo features say: a wasm is built
//! with the feature of one protocol.
//!
//! Not here: names for people, checks of arguments, words of errors. They live in TypeScript (pkg-template/src).

#[cfg(feature = "channels")]
mod client;
#[cfg(feature = "framed")]
mod events;
#[cfg(all(feature = "discord", not(feature = "channels")))]
mod gateway;
mod host;
#[cfg(all(feature = "json", not(feature = "tautline")))]
mod json;
mod options;
#[cfg(feature = "framed")]
mod snapshot;
#[cfg(not(feature = "framed"))]
mod socket;
#[cfg(all(feature = "standalone", feature = "channels"))]
mod standalone;

#[cfg(feature = "channels")]
pub use client::Core;
#[cfg(feature = "framed")]
pub(crate) use events::{Told, emit};
#[cfg(all(feature = "discord", not(feature = "channels")))]
pub use gateway::Core;
pub use host::CoreHost;
pub(crate) use host::{Frames, JsHost, given, item};
pub use options::CoreOptions;
#[cfg(not(feature = "framed"))]
pub use socket::Core;
#[cfg(not(feature = "framed"))]
pub(crate) use socket::{Told, emit};
