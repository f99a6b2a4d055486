//! Decompresses what a gateway sends, message by message: [`zlib::Zlib`] and [`zstd::Zstd`]. Each is a wasm of its own, loaded
//! when its compression is asked for.
//!
//! In: bytes as they come, split anywhere. Out: a message wherever bytes given as the last of a frame end on a flush, or a
//! [`Fault`]. One decoder is one connection's context; to start anew, make another. Memory is bounded by the [`Limits`]. Not here:
//! text (JavaScript's) and what to do about a fault (the adapter's).
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(all(target_arch = "wasm32", any(feature = "zlib", feature = "zstd")))]
mod export;
pub mod fault;
pub mod output;
#[cfg(any(not(target_arch = "wasm32"), feature = "zlib"))]
pub mod zlib;
#[cfg(any(not(target_arch = "wasm32"), feature = "zstd"))]
pub mod zstd;

pub use fault::Fault;
pub use output::{Limits, Room};

/// How many bytes [`Decoder::input`] has room for at least.
pub const CHUNK: usize = 65_536;

/// What the door for JavaScript asks of a decoder.
pub trait Decoder {
    /// Before the first bytes: other limits than it was made with. `whole`: each frame is a stream of its own, where that differs.
    fn limit(&mut self, limits: Limits, whole: bool);

    /// Where the next bytes go: at least [`CHUNK`] of them.
    fn input(&mut self) -> &mut [u8];

    /// Decodes the first `length` bytes of [`Decoder::input`]. `last`: they are the last of a frame. Returns how long the message
    /// is that they completed, if they did; [`Decoder::message`] has it until the next call.
    ///
    /// # Errors
    /// Any [`Fault`]; and the same again for ever after, because the context is broken.
    fn push(&mut self, length: usize, last: bool) -> Result<Option<usize>, Fault>;

    /// The last message that was completed.
    fn message(&mut self) -> &[u8];
}
