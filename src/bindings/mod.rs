//! The wasm boundary: one class whose methods convert, call and nothing else. Which one, the cargo features say: a wasm is built
//! with the feature of one protocol.
//!
//! Not here: names for people, checks of arguments, words of errors. They live in TypeScript (pkg-template/src).

#[cfg(feature = "channels")]
mod client;
#[cfg(feature = "channels")]
mod events;
mod host;
#[cfg(all(feature = "json", not(feature = "tautline")))]
mod json;
mod options;
#[cfg(feature = "channels")]
mod snapshot;
#[cfg(not(feature = "channels"))]
mod socket;
#[cfg(all(feature = "standalone", feature = "channels"))]
mod standalone;

#[cfg(feature = "channels")]
pub use client::Core;
#[cfg(feature = "channels")]
pub(crate) use events::tell;
pub use host::CoreHost;
pub(crate) use host::{Frames, JsHost, header};
pub use options::CoreOptions;
#[cfg(not(feature = "channels"))]
pub use socket::Core;
#[cfg(not(feature = "channels"))]
pub(crate) use socket::tell;
