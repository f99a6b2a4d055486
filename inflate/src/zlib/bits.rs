//! The bits of a stream, the lowest first.

/// The bits that were read and not used yet; whatever is above `count` is what the next bytes say, too.
#[derive(Clone, Copy)]
pub(super) struct Bits {
    pub(super) bits: u64,
    pub(super) count: u32,
    /// The next byte.
    pub(super) next: usize,
}

impl Bits {
    /// At least 48 bits, if there are so many.
    #[inline(always)]
    pub(super) fn refill(&mut self, input: &[u8]) {
        if let Some(word) = input.get(self.next..).and_then(<[u8]>::first_chunk) {
            self.bits |= u64::from_le_bytes(*word) << self.count;
            self.next += ((63 - self.count) >> 3) as usize;
            self.count |= 56;
        } else {
            while self.count < 56
                && let Some(byte) = input.get(self.next)
            {
                self.bits |= u64::from(*byte) << self.count;
                self.next += 1;
                self.count += 8;
            }
        }
    }

    /// At most 16 bits, or none when there are not so many.
    #[inline(always)]
    pub(super) fn take(&mut self, input: &[u8], count: u32) -> Option<u32> {
        if self.count < count {
            self.refill(input);
            if self.count < count {
                return None;
            }
        }
        let taken = self.bits as u32 & ((1 << count) - 1);
        self.drop(count);
        Some(taken)
    }

    #[inline(always)]
    pub(super) fn drop(&mut self, count: u32) {
        self.bits >>= count;
        self.count -= count;
    }

    pub(super) fn align(&mut self) {
        self.drop(self.count & 7);
    }
}
