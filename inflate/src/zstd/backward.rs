//! Bits that are read from the end to the beginning.

use crate::Fault;
use crate::output::word;

/// How many bytes before the first one a reader may look at. What they are does not matter.
pub(super) const BEFORE: usize = 16;

/// The next bit is the highest of `word`.
pub(super) struct Backward<'a> {
    bytes: &'a [u8],
    /// Bits that are left, and as many more as stand before them: what is taken too much between two checks must not pass zero.
    left: usize,
    word: u64,
}

impl<'a> Backward<'a> {
    /// `bytes`: what is read, with [`BEFORE`] bytes before it.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Fault> {
        // The highest bit that is set says where the end is.
        let last = bytes.last().copied().filter(|last| *last > 0 && bytes.len() > BEFORE).ok_or(Fault::Corrupt)?;
        let mut reader = Self { bytes, left: bytes.len() * 8 - 1 - last.leading_zeros() as usize, word: 0 };
        reader.refill();
        Ok(reader)
    }

    /// At least 57 bits from now on. Beyond the beginning they mean nothing, and [`Self::is_over`].
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let end = (self.left + 7) >> 3;
        self.word = if end >= 8 { word(self.bytes, end - 8) << (end * 8 - self.left) } else { 0 };
    }

    /// At most 56 bits, of those that the last refill brought.
    #[inline(always)]
    pub(super) fn peek(&self, count: u32) -> usize {
        (self.word >> 1 >> (63 - count)) as usize
    }

    #[inline(always)]
    pub(super) fn drop(&mut self, count: u32) {
        self.word <<= count;
        self.left -= count as usize;
    }

    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> usize {
        let taken = self.peek(count);
        self.drop(count);
        taken
    }

    /// Whether more was taken than there was. To be asked at least once for every two refills.
    #[inline(always)]
    pub(super) fn is_over(&self) -> bool {
        self.left < BEFORE * 8
    }

    /// Whether exactly all of it was taken.
    pub(super) fn is_done(&self) -> bool {
        self.left == BEFORE * 8
    }
}
