//! A small seeded generator for jitter. Not for secrets.
//!
//! SplitMix64 (Steele, Lea, Flood 2014): one word of state, good enough to spread clients out.

use crate::time::Duration;

/// Gives the same numbers for the same seed, so that a run can be replayed.
#[derive(Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that starts from `seed`; any seed will do.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A random part of `whole`, from nothing up to all of it.
    pub fn part_of(&mut self, whole: Duration) -> Duration {
        Duration::from_micros(self.next() % whole.as_micros().saturating_add(1).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_reaches_both_ends_and_never_exceeds_the_whole() {
        let mut rng = Rng::new(7);
        let whole = Duration::from_micros(3);
        let mut seen = [false; 4];
        for _ in 0..200 {
            seen[rng.part_of(whole).as_micros() as usize] = true;
        }
        assert_eq!(seen, [true; 4]);
        assert_eq!(rng.part_of(Duration::ZERO), Duration::ZERO);
    }
}
