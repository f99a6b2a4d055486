//! The wasm boundary: one class whose methods convert, call and nothing else. Which one, the cargo features say: a wasm is built
//! with the feature of one protocol.
//!
//! Not here: names for people, checks of arguments, words of errors. They live in TypeScript (pkg-template/src).

#[cfg(any(feature = "json", feature = "tautline"))]
mod client;
#[cfg(any(feature = "json", feature = "tautline"))]
mod events;
mod host;
#[cfg(all(feature = "inspect", any(feature = "json", feature = "tautline")))]
mod inspect;
#[cfg(all(feature = "json", not(feature = "tautline")))]
mod json;
mod options;
#[cfg(any(feature = "json", feature = "tautline"))]
mod snapshot;
#[cfg(not(any(feature = "json", feature = "tautline")))]
mod socket;

#[cfg(any(feature = "json", feature = "tautline"))]
pub use client::Core;
#[cfg(any(feature = "json", feature = "tautline"))]
pub(crate) use events::tell;
pub use host::CoreHost;
pub(crate) use host::{Frames, JsHost, header};
pub use options::CoreOptions;
#[cfg(not(any(feature = "json", feature = "tautline")))]
pub use socket::Core;
#[cfg(not(any(feature = "json", feature = "tautline")))]
pub(crate) use socket::tell;
