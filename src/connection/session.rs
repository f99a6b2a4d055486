//! What a connection was given by the server, and when its token wants renewing.
//!
//! In: the welcome, accepted tokens. Out: limits, a deadline. Not here: the sender's own name, which outlives connections.

use crate::time::Duration;
use crate::time::Instant;
use crate::timer::{Deadline, Timer};

/// The living connection's terms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    /// The largest frame the server takes.
    pub(crate) frame_limit: Option<u64>,
    refresh: Option<Instant>,
    expires: Option<Instant>,
}

/// No token is renewed sooner than this.
const MIN_LIFE: Duration = Duration::from_secs(1);
/// How long to wait after the token function failed.
const RETRY: Duration = Duration::from_secs(5);

impl Session {
    pub(crate) const fn new(frame_limit: Option<u64>) -> Self {
        Self { frame_limit, refresh: None, expires: None }
    }

    /// A token was accepted. The next is due after four fifths of its life: early enough for two more tries. A token that
    /// has hardly any life left is let go: asking for another at once would never end.
    pub(crate) fn token_accepted(&mut self, now: Instant, expires: Option<Duration>) {
        self.expires = expires.map(|left| now + left);
        self.refresh = expires.filter(|left| *left > MIN_LIFE).map(|left| now + (left - left / 5).max(MIN_LIFE));
    }

    /// The token function failed: ask again while the old token holds.
    pub(crate) fn refresh_failed(&mut self, now: Instant) {
        self.refresh = self.expires.map(|_| now + RETRY).filter(|retry| Some(*retry) < self.expires);
    }

    /// The token function was asked; once more, if it does not answer within `patience`.
    pub(crate) fn refresh_asked(&mut self, now: Instant, patience: Duration) {
        self.refresh = self.expires.map(|_| now + patience).filter(|again| Some(*again) < self.expires);
    }

    /// Whether it is time to ask for a new token; asks once.
    pub(crate) fn take_refresh(&mut self, now: Instant) -> bool {
        self.refresh.take_if(|due| *due <= now).is_some()
    }

    pub(crate) fn poll_timeout(&self) -> Deadline {
        Deadline::new(self.refresh, Timer::RefreshToken)
    }
}
