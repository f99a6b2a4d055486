//! Why the core wants to be woken. A deadline always carries its reason.

use crate::time::Instant;

/// The reason of a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// When to give up waiting for the URL and token functions.
    GiveUpResolving,
    /// When to give up waiting for the socket to open.
    GiveUpOpening,
    /// When to give up waiting for the server's welcome.
    GiveUpHandshaking,
    /// When to try to connect again.
    Retry,
    /// When to forget a socket that was asked to close.
    GiveUpClosing,
    /// When to send a heartbeat.
    BeatHeart,
    /// When a missing sign of life means that the peer is dead.
    JudgeHeart,
    /// When to ask for a new token, before the old one expires.
    RefreshToken,
    /// When to look again whether messages may go out.
    Flush,
    /// When a missing acknowledgement means that the link is broken.
    GiveUpAck,
    /// When a queued message has outlived its time.
    ExpireMessage,
    /// When a request has waited long enough.
    GiveUpReply,
    /// When to ask for a subscription again.
    RetrySubscribe,
    /// When someone who fell silent no longer counts as typing.
    ExpireTyping,
}

impl Timer {
    const ALL: [Self; 14] = [
        Self::GiveUpResolving,
        Self::GiveUpOpening,
        Self::GiveUpHandshaking,
        Self::Retry,
        Self::GiveUpClosing,
        Self::BeatHeart,
        Self::JudgeHeart,
        Self::RefreshToken,
        Self::Flush,
        Self::GiveUpAck,
        Self::ExpireMessage,
        Self::GiveUpReply,
        Self::RetrySubscribe,
        Self::ExpireTyping,
    ];
}

/// An instant and its reason in one number, because the earlier of two is then the smaller one, and never is the largest: as
/// optional pairs they are much more wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deadline(u64);

/// How many bits name the reason; the latest instant leaves them free.
const REASON: u32 = 4;

impl Deadline {
    pub(crate) const NEVER: Self = Self(u64::MAX);

    pub(crate) fn new(at: impl Into<Option<Instant>>, why: Timer) -> Self {
        Self::NEVER.or(at.into(), why)
    }

    /// The earlier of both.
    #[inline(never)]
    pub(crate) fn or(self, at: Option<Instant>, why: Timer) -> Self {
        at.map_or(self, |at| self.min(Self(at.as_micros() << REASON | why as u64)))
    }

    pub(crate) const fn is_due(self, now: Instant) -> bool {
        self.0 >> REASON <= now.as_micros()
    }

    pub(crate) fn get(self) -> Option<(Instant, Timer)> {
        let why = Timer::ALL.get((self.0 & ((1 << REASON) - 1)) as usize)?;
        Some((Instant::from_micros(self.0 >> REASON), *why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn a_deadline_keeps_its_instant_and_its_reason_and_comes_before_never() {
        for why in Timer::ALL {
            let at = Instant::from_millis(7);
            let deadline = Deadline::new(at, why);
            assert_eq!(deadline.get(), Some((at, why)));
            assert!(deadline < Deadline::NEVER && deadline.is_due(at) && !deadline.is_due(Instant::from_millis(6)));
        }
        let latest = Deadline::new(Instant::default() + Duration::from_millis(u64::MAX), Timer::Retry);
        assert!(latest < Deadline::NEVER && !latest.is_due(Instant::from_millis(1 << 40)));
        assert_eq!(Deadline::NEVER.get(), None);
        assert!(!Deadline::NEVER.is_due(Instant::from_millis(1 << 40)));
    }
}
