//! How fast one connection may send: a token bucket, and beyond it the point where patience ends.

/// A token bucket: `capacity` frames at once, refilled evenly over `per_ms`.
///
/// Counted in frames × `per_ms`, so that a refill of whole milliseconds never rounds.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    capacity: u64,
    per_ms: u64,
    refill: u64,
    level: u64,
    at_ms: u64,
}

impl Bucket {
    /// A full bucket of `capacity` frames that gains `refill` frames in each `per_ms`.
    pub(crate) fn new(capacity: u64, refill: u64, per_ms: u64, now_ms: u64) -> Self {
        let per_ms = per_ms.max(1);
        Self { capacity, per_ms, refill, level: capacity.saturating_mul(per_ms), at_ms: now_ms }
    }

    /// Takes one frame's worth, or nothing when less than that is there.
    pub(crate) fn take(&mut self, now_ms: u64) -> bool {
        self.fill(now_ms);
        match self.level.checked_sub(self.per_ms) {
            Some(rest) => {
                self.level = rest;
                true
            }
            None => false,
        }
    }

    /// Milliseconds until the bucket is full again: a sender that waits so long may send a whole burst.
    pub(crate) fn full_in_ms(&self) -> u64 {
        let missing = self.capacity.saturating_mul(self.per_ms) - self.level;
        missing.div_ceil(self.refill.max(1)).max(1)
    }

    fn fill(&mut self, now_ms: u64) {
        let elapsed = now_ms.saturating_sub(self.at_ms);
        self.at_ms = self.at_ms.max(now_ms);
        let gained = elapsed.saturating_mul(self.refill);
        self.level = self.level.saturating_add(gained).min(self.capacity.saturating_mul(self.per_ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_frame_per_refill() {
        let mut bucket = Bucket::new(3, 3, 1_000, 0);
        assert!((0..3).all(|_| bucket.take(0)));
        assert!(!bucket.take(333));
        assert!(bucket.take(334));
        assert!(!bucket.take(334));
    }

    #[test]
    fn waiting_as_long_as_told_gives_a_whole_burst_again() {
        let mut bucket = Bucket::new(5, 5, 1_000, 0);
        while bucket.take(10) {}
        let wait = bucket.full_in_ms();
        assert!((0..5).all(|_| bucket.take(10 + wait)));
    }

    #[test]
    fn a_clock_that_stands_still_or_jumps_far_does_not_break_it() {
        let mut bucket = Bucket::new(2, 2, 1_000, 5_000);
        assert!(bucket.take(0));
        assert!(bucket.take(u64::MAX));
        assert!(bucket.take(u64::MAX));
        assert!(!bucket.take(u64::MAX));
    }
}
