//! Seeded choices.

use tautline::Duration;
use tautline::Rng;

pub(crate) struct Dice(Rng);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0.part_of(Duration::from_micros(end - 1)).as_micros()
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Mostly short, sometimes long.
    pub(crate) fn delay(&mut self) -> u64 {
        match self.below(20) {
            0 => self.below(3000),
            1..=3 => self.below(300),
            _ => self.below(40),
        }
    }
}
