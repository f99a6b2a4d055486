//! Packs a wasm as text for a JavaScript bundle, and unpacks it in the browser: a fifth smaller than under gzip, which is all that
//! servers put around a bundle, and synchronously, which no browser's own decompression is. It is unpacked in WebAssembly because
//! cold JavaScript takes several times as long.
//!
//! `model` says what is decided for each byte, and from what it is guessed; `table` says how likely each symbol of a decision is, with the
//! `lanes` of a register; `unpack` reads those decisions; `pack` chooses the cheapest ones and writes them. Not here: any check of what
//! is unpacked. It is our own, and the memory it is unpacked in holds nothing else; a broken one traps or gives wasm that does not compile.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
mod export;
mod lanes;
mod model;
#[cfg(not(target_arch = "wasm32"))]
mod pack;
mod table;
mod unpack;

#[cfg(not(target_arch = "wasm32"))]
pub use pack::pack;
pub use unpack::Unpacker;
