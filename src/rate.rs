//! Decides whether a frame may go out now: a token bucket over the stricter of our limit and the server's.

use crate::config::Rate;
use crate::time::Duration;
use crate::time::Instant;

/// One bucket.
#[derive(Debug)]
pub(crate) struct Limiter {
    rate: Option<Rate>,
    /// Microseconds of credit: one frame costs `per / frames`.
    credit: Duration,
    updated: Instant,
}

impl Limiter {
    pub(crate) fn new(now: Instant, rate: Option<Rate>) -> Self {
        Self { rate, credit: rate.map_or(Duration::ZERO, |rate| rate.per), updated: now }
    }

    /// Keeps to the stricter of two limits. A server's limit is kept with a tenth to spare: it counts heartbeats and its
    /// clock is not ours.
    pub(crate) fn restart(&mut self, now: Instant, ours: Option<Rate>, servers: Option<Rate>) {
        let servers = servers.map(|rate| Rate { frames: (rate.frames - rate.frames / 10).max(1), ..rate });
        let cost = |rate: &Rate| rate.per / rate.frames.max(1);
        let strictest = match (ours, servers) {
            (Some(a), Some(b)) => Some(if cost(&a) > cost(&b) { a } else { b }),
            (a, b) => a.or(b),
        };
        *self = Self::new(now, strictest);
    }

    /// Takes one frame's worth, or says when there will be one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let Some(rate) = self.rate else { return Ok(()) };
        self.credit = (self.credit + now.since(self.updated)).min(rate.per);
        self.updated = now;
        let cost = rate.per / rate.frames.max(1);
        if self.credit >= cost {
            self.credit = self.credit - cost;
            Ok(())
        } else {
            Err(now + (cost - self.credit))
        }
    }

    /// Counts a frame that goes out in any case.
    pub(crate) fn charge(&mut self, now: Instant) {
        if self.take(now).is_err() {
            self.credit = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_window_ever_sees_more_than_twice_the_limit_and_the_long_run_keeps_it() {
        let rate = Rate { frames: 10, per: Duration::from_secs(1) };
        let mut limiter = Limiter::new(Instant::from_millis(0), Some(rate));
        let mut now = Instant::from_millis(0);
        let mut sent = 0;
        while now < Instant::from_millis(10_000) {
            match limiter.take(now) {
                Ok(()) => sent += 1,
                Err(later) => now = later,
            }
        }
        assert_eq!(sent, 10 + 100 - 1);
    }

    #[test]
    fn the_stricter_of_the_two_limits_holds() {
        let ours = Rate { frames: 2, per: Duration::from_secs(1) };
        let servers = Rate { frames: 100, per: Duration::from_secs(1) };
        let now = Instant::from_millis(5);
        let mut limiter = Limiter::new(now, None);
        limiter.restart(now, Some(ours), Some(servers));
        assert!(limiter.take(now).is_ok() && limiter.take(now).is_ok() && limiter.take(now).is_err());
    }
}
