//! Decides whether a frame may go out now: a sliding window over the stricter of our limit and the server's.
//!
//! No window of the agreed length ever sees more frames than agreed. Heartbeats and answers are never held back, so room is
//! kept for them.

use crate::config::Rate;
use crate::time::Duration;
use crate::time::Instant;
use std::collections::VecDeque;

/// One connection's frames.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    /// How many may be in the window when one more is asked for, and how long the window is.
    limit: Option<(usize, Duration)>,
    /// When each frame of the window went out, oldest first.
    sent: VecDeque<Instant>,
}

/// A limit of more frames than this is kept over a part of the time, so that the window stays small.
const MAX_FRAMES: u32 = 1024;
/// The driver's clock shows no less: a full window that is shorter limits nothing, because all that is sent within it has one time.
const TICK: Duration = Duration::from_millis(1);

impl Limiter {
    pub(crate) fn new(rate: Option<Rate>) -> Self {
        let limit = rate.map(|Rate { frames, per }| {
            let parts = frames.div_ceil(MAX_FRAMES).max(1);
            let limit = ((frames / parts).max(1) as usize, per / parts);
            (parts == 1 || limit.1 >= TICK).then_some(limit)
        });
        Self { limit: limit.flatten(), sent: VecDeque::new() }
    }

    /// Whether it matters when a frame goes out.
    pub(crate) const fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Keeps to the stricter of two limits. Of the server's, `reserve` frames are kept for what is not held back.
    pub(crate) fn restart(&mut self, ours: Option<Rate>, servers: Option<Rate>, reserve: u32) {
        let servers = servers.map(|rate| Rate { frames: rate.frames.saturating_sub(reserve).max(1), ..rate });
        let speed = |rate: &Rate| f64::from(rate.frames) / rate.per.as_millis_f64();
        let strictest = match (ours, servers) {
            (Some(a), Some(b)) => Some(if speed(&a) < speed(&b) { a } else { b }),
            (a, b) => a.or(b),
        };
        *self = Self::new(strictest);
    }

    /// Takes one frame's worth, or says when there will be one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let Some((most, per)) = self.limit else { return Ok(()) };
        self.charge(now);
        if self.sent.len() <= most {
            return Ok(());
        }
        self.sent.pop_back();
        // As soon as the last of those that are too many has left the window.
        Err(self.sent[self.sent.len() - most] + per)
    }

    /// How many frames may go out now; `None` where there is no limit.
    pub(crate) fn left(&self, now: Instant) -> Option<usize> {
        let (most, per) = self.limit?;
        Some(most.saturating_sub(self.sent.iter().filter(|sent| **sent + per > now).count()))
    }

    /// Counts a frame that goes out in any case.
    pub(crate) fn charge(&mut self, now: Instant) {
        let Some((_, per)) = self.limit else { return };
        while self.sent.front().is_some_and(|sent| *sent + per <= now) {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn limiter(frames: u32, per: Duration, reserve: u32) -> Limiter {
        let mut limiter = Limiter::default();
        limiter.restart(None, Some(Rate { frames, per }), reserve);
        limiter
    }

    #[test]
    fn no_window_ever_sees_more_than_the_limit_and_the_limit_is_used() {
        let mut limiter = limiter(10, Duration::from_secs(1), 0);
        let (mut now, mut sent) = (at(0), vec![]);
        while now < at(10_000) {
            match limiter.take(now) {
                Ok(()) => sent.push(now),
                Err(later) => now = later,
            }
        }
        assert_eq!(sent.len(), 100);
        let most = sent.windows(11).map(|eleven| eleven[10].since(eleven[0])).min();
        assert!(most >= Some(Duration::from_secs(1)), "eleven in {most:?}");
    }

    #[test]
    fn what_is_not_held_back_has_its_room_and_beyond_it_holds_the_rest_back() {
        let mut limiter = limiter(120, Duration::from_secs(60), 20);
        for frame in 0..100 {
            assert_eq!(limiter.take(at(0)), Ok(()), "{frame}");
        }
        assert_eq!(limiter.take(at(1)), Err(at(60_000)));
        assert_eq!((limiter.left(at(1)), limiter.left(at(60_000))), (Some(0), Some(100)));
        for _ in 0..30 {
            limiter.charge(at(30_000));
        }
        for frame in 0..70 {
            assert_eq!(limiter.take(at(60_000)), Ok(()), "{frame}");
        }
        assert_eq!(limiter.take(at(60_001)), Err(at(90_000)));
    }

    #[test]
    fn a_huge_limit_keeps_no_huge_window() {
        let mut limiter = limiter(1_000_000, Duration::from_secs(10), 0);
        let granted = (0..5_000).filter(|_| limiter.take(at(0)).is_ok()).count();
        assert!((900..=1024).contains(&granted), "{granted}");
        assert!(limiter.take(at(11)).is_ok());
    }

    #[test]
    fn a_window_that_no_clock_shows_holds_nothing_back() {
        let mut limiter = limiter(1_000_000_000, Duration::from_secs(1), 0);
        assert!(!limiter.is_limited());
        assert!((0..5_000).all(|_| limiter.take(at(0)).is_ok()));
    }

    #[test]
    fn a_slow_limit_of_a_short_window_is_kept() {
        let mut limiter = limiter(1, Duration::from_micros(500), 0);
        assert!(limiter.take(at(0)).is_ok() && limiter.take(at(0)).is_err() && limiter.take(at(1)).is_ok());
    }

    #[test]
    fn the_stricter_of_the_two_limits_holds() {
        let ours = Rate { frames: 2, per: Duration::from_secs(1) };
        let servers = Rate { frames: 100, per: Duration::from_secs(1) };
        let mut limiter = Limiter::default();
        limiter.restart(Some(ours), Some(servers), 10);
        let now = at(5);
        assert!(limiter.take(now).is_ok() && limiter.take(now).is_ok() && limiter.take(now).is_err());
    }
}
