//! Where decoded bytes go: the history that later bytes refer to, and after it the message that is being decoded, in one piece.
//!
//! Decides when the history is moved to the front and when memory grows. Bounded: history, slack and one message.

use crate::Fault;

/// How much decoding may write beyond what it was asked to make sure of: copies go in words, and a match may pass the end.
pub(crate) const SPARE: usize = 320;

/// How many bytes are decoded between two moves of the history at least.
const SLACK: usize = 65_536;

/// What one message and one context may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest message, in bytes. Longer ones are [`Fault::TooLarge`].
    pub message: usize,
    /// Longest history, in bytes. Only zstd can ask for more: [`Fault::Window`].
    pub window: usize,
}

/// Memory that grows.
pub trait Room {
    /// All of it.
    fn bytes(&mut self) -> &mut [u8];

    /// Makes it at least this long, or says that it cannot.
    fn grow(&mut self, length: usize) -> bool;
}

#[cfg(not(target_arch = "wasm32"))]
impl Room for Vec<u8> {
    fn bytes(&mut self) -> &mut [u8] {
        self
    }

    fn grow(&mut self, length: usize) -> bool {
        if self.len() < length {
            self.resize(length, 0);
        }
        true
    }
}

/// History and message.
pub(crate) struct Output<R> {
    room: R,
    pub(crate) limit: usize,
    /// How much history to keep.
    pub(crate) window: usize,
    /// Where the message begins.
    start: usize,
    /// Where it ends so far.
    pub(crate) end: usize,
    /// The message was given out: the next byte begins another.
    given: bool,
}

impl<R: Room> Output<R> {
    pub(crate) const fn new(room: R, limit: usize) -> Self {
        Self { room, limit, window: 0, start: 0, end: 0, given: false }
    }

    /// Begins the next message when the last one was given out.
    pub(crate) fn begin(&mut self) {
        if !core::mem::take(&mut self.given) {
            return;
        }
        if self.end >= self.window + SLACK.max(self.window / 2) {
            self.room.bytes().copy_within(self.end - self.window..self.end, 0);
            self.end = self.window;
        }
        self.start = self.end;
    }

    /// Drops the history: what comes refers to nothing before it.
    pub(crate) fn forget(&mut self) {
        if self.end == self.start {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Memory with room for `more` bytes after `end`, and [`SPARE`]; less where the limit is nearer.
    pub(crate) fn open(&mut self, more: usize) -> Result<&mut [u8], Fault> {
        self.check()?;
        let most = (self.start + self.limit).min(self.end + more) + SPARE;
        if self.room.bytes().len() < most && !self.room.grow(most) {
            return Err(Fault::Memory);
        }
        // What happened to be there already may be more.
        let most = (self.start + self.limit).saturating_add(SPARE);
        let bytes = self.room.bytes();
        let length = bytes.len().min(most);
        Ok(&mut bytes[..length])
    }

    /// Whether the message is within its limit.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.end - self.start > self.limit { Err(Fault::TooLarge) } else { Ok(()) }
    }

    /// Gives the message out, unless it is empty.
    pub(crate) fn give(&mut self) -> Option<usize> {
        self.given = true;
        Some(self.end - self.start).filter(|length| *length > 0)
    }

    pub(crate) fn message(&mut self) -> &[u8] {
        &self.room.bytes()[self.start..self.end]
    }
}

/// Copies `length` bytes to `to` from `distance` before it, in words: up to 7 bytes beyond them are overwritten.
#[inline(always)]
pub(crate) fn repeat(bytes: &mut [u8], to: usize, distance: usize, length: usize) {
    let (mut at, end) = (to, to + length);
    if distance >= 8 {
        while at < end {
            let word = word(bytes, at - distance);
            bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
            at += 8;
        }
    } else if distance == 1 {
        let byte = bytes[to - 1];
        bytes[to..end].fill(byte);
    } else {
        while at < end {
            bytes[at] = bytes[at - distance];
            at += 1;
        }
    }
}

/// Eight bytes as a number.
#[inline(always)]
pub(crate) fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word))
}
