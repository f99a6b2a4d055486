//! Decides how long to wait before the next attempt.
//!
//! Clamp the exponent, clamp the delay, then full jitter: in this order the spread never dies at the cap, and all tabs of
//! all users do not come back in step. Not here: when the count resets (connection/state.rs).

use crate::rng::Rng;
use crate::time::Duration;

/// How attempts spread out.
#[derive(Clone, Debug)]
pub struct BackoffConfig {
    /// The ceiling of the first wait. Default 500 ms.
    pub min: Duration,
    /// The ceiling of every later wait. Default 20 s.
    pub max: Duration,
    /// What the ceiling grows by from attempt to attempt. Default 2.
    pub factor: f64,
    /// How long a connection must hold before the attempts are counted from zero again. Default 5 s: a server that accepts
    /// and drops at once is not hammered.
    pub stable: Duration,
    /// How many attempts follow the curve. Default 15. Then one attempt per [`slow`](Self::slow): the limit ends the fast
    /// phase, not the client.
    pub fast_attempts: u32,
    /// No wait is shorter. Default none: full jitter, down to zero, spreads clients best.
    pub floor: Duration,
    /// After how many attempts without a stable connection the client gives up; the first attempt is not counted. Default
    /// `None`: never.
    pub max_attempts: Option<u32>,
    /// The wait after the fast phase, and while the browser says it is offline. Default 60 s, jittered by a quarter.
    pub slow: Duration,
}

impl Default for BackoffConfig {
    fn default() -> Self {
        Self {
            min: Duration::from_millis(500),
            max: Duration::from_secs(20),
            factor: 2.0,
            stable: Duration::from_secs(5),
            fast_attempts: 15,
            floor: Duration::ZERO,
            max_attempts: None,
            slow: Duration::from_secs(60),
        }
    }
}

/// Counts failed attempts and turns the count into waits.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    attempt: u32,
}

/// 2^16 times any sensible minimum is beyond any sensible maximum.
const MAX_EXPONENT: u32 = 16;

impl Backoff {
    /// The wait before the next attempt; counts one.
    pub(crate) fn next(&mut self, config: &BackoffConfig, rng: &mut Rng) -> Duration {
        let attempt = self.attempt;
        self.attempt += 1;
        if attempt >= config.fast_attempts {
            return Self::slow(config, rng).max(config.floor);
        }
        let mut ceiling = config.min.as_millis_f64();
        for _ in 0..attempt.min(MAX_EXPONENT) {
            ceiling *= config.factor;
        }
        // Above the floor there is as much jitter as without one, and the cap holds for the sum.
        let most = config.max - config.floor;
        config.floor + rng.part_of(Duration::from_millis_f64(ceiling).min(most))
    }

    /// The wait when there is little hope: long, but never for ever.
    pub(crate) fn slow(config: &BackoffConfig, rng: &mut Rng) -> Duration {
        config.slow + rng.part_of(config.slow / 4)
    }

    /// Whether there is no use in another attempt.
    pub(crate) fn is_exhausted(&self, config: &BackoffConfig) -> bool {
        config.max_attempts.is_some_and(|most| self.attempt >= most)
    }

    pub(crate) const fn reset(&mut self) {
        self.attempt = 0;
    }

    /// Attempts since the last stable connection.
    pub(crate) const fn attempt(&self) -> u32 {
        self.attempt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(config: &BackoffConfig, seed: u64, count: usize) -> Vec<Duration> {
        let (mut backoff, mut rng) = (Backoff::default(), Rng::new(seed));
        (0..count).map(|_| backoff.next(config, &mut rng)).collect()
    }

    #[test]
    fn every_wait_stays_under_its_ceiling_and_under_the_cap() {
        let config = BackoffConfig::default();
        for seed in 0..200 {
            for (attempt, wait) in waits(&config, seed, 15).into_iter().enumerate() {
                let ceiling = config.min * 2u32.pow(u32::try_from(attempt).unwrap());
                assert!(wait <= ceiling.min(config.max), "attempt {attempt}: {wait:?}");
            }
        }
    }

    #[test]
    fn jitter_still_spreads_clients_at_the_cap() {
        let config = BackoffConfig::default();
        let at_cap: Vec<_> = (0..100).map(|seed| waits(&config, seed, 15)[14]).collect();
        assert!(at_cap.iter().min() < Some(&(config.max / 5)) && at_cap.iter().max() > Some(&(config.max / 5 * 4)));
    }

    #[test]
    fn above_a_floor_waits_still_spread_and_the_cap_holds_for_their_sum() {
        let (floor, max) = (Duration::from_secs(1), Duration::from_secs(10));
        let config =
            BackoffConfig { min: floor, factor: 1.3, floor, max, fast_attempts: u32::MAX, ..Default::default() };
        for attempt in [0, 3, 50] {
            let all: Vec<_> = (0..100).map(|seed| waits(&config, seed, attempt + 1)[attempt]).collect();
            let (least, most) = (*all.iter().min().unwrap(), *all.iter().max().unwrap());
            assert!(least >= floor && most <= max, "attempt {attempt}: {least:?} to {most:?}");
            assert!(most - least > Duration::from_millis(800), "attempt {attempt}: {least:?} to {most:?}");
        }
    }

    #[test]
    fn after_the_fast_attempts_it_goes_on_slowly_instead_of_giving_up() {
        let config = BackoffConfig { fast_attempts: 3, ..BackoffConfig::default() };
        let waits = waits(&config, 1, 1000);
        assert!(waits[3..].iter().all(|wait| *wait >= config.slow && *wait <= config.slow * 5 / 4));
    }
}
