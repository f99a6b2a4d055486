//! Time as an argument.
//!
//! In: readings of the driver's clocks. Out: an [`Instant`] that never goes backwards and does count the time a machine
//! slept. Not here: any clock. All of it is whole microseconds: the standard duration, in seconds and nanoseconds, costs
//! 4 kB more of wasm. Sums and differences are taken at a hundred places, so they are calls: inlined they are larger.

use core::num::NonZeroU64;
use core::ops::{Add, Div, Mul, Sub};

/// A point on the driver's time line. The core never asks what time it is; every input says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(
    // Counted from one, so that an `Option` of it is one word too.
    NonZeroU64,
);

impl Default for Instant {
    /// The driver's own beginning.
    fn default() -> Self {
        Self(NonZeroU64::MIN)
    }
}

impl Instant {
    /// `micros` microseconds after the driver's own beginning.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(micros))
    }

    /// `millis` milliseconds after the driver's own beginning.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self::from_micros(millis.saturating_mul(1000))
    }

    /// Microseconds after the driver's own beginning.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0.get() - 1
    }

    /// How long after `earlier`; zero when it is not after.
    #[must_use]
    #[inline(never)]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.get().saturating_sub(earlier.0.get()))
    }
}

/// In microseconds, 36,000 years, so that a deadline has room for its reason.
const LATEST: NonZeroU64 = NonZeroU64::new(1 << 60).unwrap();

impl Add<Duration> for Instant {
    type Output = Self;

    #[inline(never)]
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_micros()).min(LATEST))
    }
}

/// A length of time. What would be too long or below zero ends at the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(
    // Counted from one, like an `Instant`.
    NonZeroU64,
);

impl Default for Duration {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(NonZeroU64::MIN);

    /// `micros` microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(micros))
    }

    /// `millis` milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self::from_micros(millis.saturating_mul(1000))
    }

    /// `secs` seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self::from_micros(secs.saturating_mul(1_000_000))
    }

    /// `millis` milliseconds with their fraction, as JavaScript counts; what is not a sensible number is none at all.
    #[must_use]
    #[inline(never)]
    pub const fn from_millis_f64(millis: f64) -> Self {
        Self::from_micros((millis * 1000.0) as u64)
    }

    /// Microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0.get() - 1
    }

    /// Whole milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.as_micros() / 1000
    }

    /// Milliseconds with their fraction.
    #[must_use]
    #[inline(never)]
    pub const fn as_millis_f64(self) -> f64 {
        self.as_micros() as f64 / 1000.0
    }

    /// Whole seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.as_micros() / 1_000_000
    }

    /// Whether it is no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.as_micros() == 0
    }
}

impl From<core::time::Duration> for Duration {
    /// Rounded up, so that a deadline never comes before its time and finds nothing to do.
    fn from(duration: core::time::Duration) -> Self {
        Self::from_micros(u64::try_from(duration.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX))
    }
}

impl From<Duration> for core::time::Duration {
    fn from(duration: Duration) -> Self {
        Self::from_micros(duration.as_micros())
    }
}

impl Add for Duration {
    type Output = Self;

    #[inline(never)]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.as_micros()))
    }
}

impl Sub for Duration {
    type Output = Self;

    #[inline(never)]
    fn sub(self, other: Self) -> Self {
        Self::from_micros(self.0.get().saturating_sub(other.0.get()))
    }
}

impl Mul<u32> for Duration {
    type Output = Self;

    fn mul(self, factor: u32) -> Self {
        Self::from_micros(self.as_micros().saturating_mul(u64::from(factor)))
    }
}

impl Div<u32> for Duration {
    type Output = Self;

    /// By nothing: itself.
    fn div(self, divisor: u32) -> Self {
        Self::from_micros(self.as_micros() / u64::from(divisor.max(1)))
    }
}

/// Two readings a page can take, joined into one time line.
///
/// `performance.now()` never jumps but stands still on some systems while the machine sleeps; `Date.now()` counts the
/// sleep but may be set back by hand. This takes the first, and of the second only what it is clearly ahead.
#[derive(Debug, Default)]
pub struct Clock {
    monotonic_ms: f64,
    wall_ms: f64,
    now: Instant,
    started: bool,
    /// The wall clock was seen standing while time went on: tests of applications do that.
    stopped: bool,
}

/// Below this the two clocks differ by rounding and by slewing, not by sleep.
const SLEPT_MS: f64 = 1000.0;
/// A wall clock that shows the same millisecond for longer than this stands.
const STOOD_MS: f64 = 2.0;

impl Clock {
    /// Takes both readings, in milliseconds, and says what time it is.
    pub fn read(&mut self, monotonic_ms: f64, wall_ms: f64) -> Instant {
        if self.started {
            let ran = monotonic_ms - self.monotonic_ms;
            let passed = wall_ms - self.wall_ms;
            let elapsed = if passed - ran > SLEPT_MS { passed } else { ran };
            self.now = self.now + Duration::from_millis_f64(elapsed);
            self.stopped |= passed == 0.0 && ran > STOOD_MS;
        }
        self.started = true;
        self.monotonic_ms = monotonic_ms;
        self.wall_ms = wall_ms;
        self.now
    }

    /// The time of the last readings, if the wall clock still shows the same millisecond. The other clock costs four times as
    /// much to read, and a burst of messages would read it for each.
    #[must_use]
    pub fn glance(&self, wall_ms: f64) -> Option<Instant> {
        (wall_ms == self.wall_ms && !self.stopped).then_some(self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_that_stopped_the_monotonic_clock_still_counts() {
        let mut clock = Clock::default();
        let start = clock.read(10.0, 1_000_000.0);
        let woken = clock.read(20.0, 1_600_000.0);
        assert_eq!(woken.since(start), Duration::from_secs(600));
    }

    #[test]
    fn setting_the_wall_clock_back_never_moves_time_back() {
        let mut clock = Clock::default();
        let start = clock.read(0.0, 1_000_000.0);
        let later = clock.read(50.0, 1_000.0);
        assert_eq!(later.since(start), Duration::from_millis(50));
    }

    #[test]
    fn within_a_millisecond_one_reading_serves_and_after_it_none_does() {
        let mut clock = Clock::default();
        let start = clock.read(0.4, 1_000.0);
        assert_eq!(clock.glance(1_000.0), Some(start));
        assert_eq!(clock.glance(1_001.0), None);
    }

    #[test]
    fn a_wall_clock_that_stands_still_does_not_stop_time() {
        let mut clock = Clock::default();
        let start = clock.read(0.0, 1_000.0);
        let later = clock.read(500.0, 1_000.0);
        assert_eq!((later.since(start), clock.glance(1_000.0)), (Duration::from_millis(500), None));
    }

    #[test]
    fn small_differences_between_the_clocks_are_not_sleep() {
        let mut clock = Clock::default();
        let start = clock.read(0.0, 0.0);
        assert_eq!(clock.read(100.0, 900.0).since(start), Duration::from_millis(100));
    }
}
