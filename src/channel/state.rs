//! Every transition of a channel is in this file.
//!
//! | state | on | next | asks for |
//! | --- | --- | --- | --- |
//! | Idle | wanted | Offline or Subscribing | subscribe, if there is a link |
//! | Offline | link up | Subscribing | subscribe |
//! | Subscribing | subscribed | Subscribed | |
//! | Subscribing | deadline | Subscribing | subscribe, and report |
//! | Subscribing | refused | Refused, or Held until the retry | |
//! | Held | deadline | Subscribing | subscribe |
//! | Held, Refused | subscribed | Subscribed | |
//! | Refused | wanted again, link up | Subscribing | subscribe |
//! | Subscribing, Subscribed, Held, Refused | link down | Offline | |
//! | any but Idle | unwanted | Idle | unsubscribe, if the server may know us there |

use crate::time::Duration;
use crate::time::Instant;

/// What a channel waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// For someone who wants it.
    Idle,
    /// For a link.
    Offline,
    /// For the server's answer.
    Subscribing { deadline: Instant, patience: Duration },
    /// For messages.
    Subscribed,
    /// For the time the server named.
    Held { until: Instant },
    /// For another link, or for someone who wants it again.
    Refused,
}

/// What can happen to a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// The application wants it.
    Wanted { link: bool },
    /// The application no longer wants it.
    Unwanted,
    /// The server welcomed us.
    LinkUp,
    /// The connection is lost.
    LinkDown,
    /// The server gave it to us.
    Subscribed,
    /// The server refused it, perhaps for a time.
    Refused { retry: Option<Duration> },
    /// Time passed.
    Deadline,
}

/// What is to be asked of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Subscribe,
    /// Subscribe again, and say that the last answer did not come.
    SubscribeLate,
    Unsubscribe,
}

impl State {
    /// `patience`: how long an answer may take.
    pub(crate) fn on(self, step: Step, now: Instant, patience: Duration) -> (Self, Option<Ask>) {
        match (self, step) {
            (Self::Idle | Self::Refused, Step::Wanted { link: true })
            | (Self::Offline | Self::Refused, Step::LinkUp) => subscribe(now, patience, Ask::Subscribe),
            (Self::Idle | Self::Refused, Step::Wanted { link: false }) => (Self::Offline, None),

            // Also after a refusal: of two questions the second may have been granted.
            (Self::Subscribing { .. } | Self::Held { .. } | Self::Refused, Step::Subscribed) => {
                (Self::Subscribed, None)
            }
            (Self::Subscribing { deadline, patience }, Step::Deadline) if deadline <= now => {
                subscribe(now, patience * 2, Ask::SubscribeLate)
            }
            (Self::Subscribing { .. }, Step::Refused { retry: Some(retry) }) => {
                (Self::Held { until: now + retry }, None)
            }
            (Self::Subscribing { .. }, Step::Refused { retry: None }) => (Self::Refused, None),
            (Self::Held { until }, Step::Deadline) if until <= now => subscribe(now, patience, Ask::Subscribe),

            (Self::Subscribing { .. } | Self::Subscribed, Step::Unwanted) => (Self::Idle, Some(Ask::Unsubscribe)),
            (_, Step::Unwanted) | (Self::Idle, Step::LinkDown) => (Self::Idle, None),
            (_, Step::LinkDown) => (Self::Offline, None),
            (state, _) => (state, None),
        }
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Subscribing { deadline, .. } => Some(*deadline),
            Self::Held { until } => Some(*until),
            Self::Idle | Self::Offline | Self::Subscribed | Self::Refused => None,
        }
    }
}

fn subscribe(now: Instant, patience: Duration, ask: Ask) -> (State, Option<Ask>) {
    (State::Subscribing { deadline: now + patience, patience }, Some(ask))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }

    fn step(state: State, seconds: u64, step: Step) -> (State, Option<Ask>) {
        state.on(step, at(seconds), PATIENCE)
    }

    #[test]
    fn a_wish_survives_lost_links_and_ends_only_with_the_wish() {
        let (state, ask) = step(State::Idle, 0, Step::Wanted { link: false });
        assert_eq!(ask, None);
        let (state, ask) = step(state, 1, Step::LinkUp);
        assert_eq!(ask, Some(Ask::Subscribe));
        let (state, _) = step(state, 1, Step::Subscribed);
        let (state, _) = step(state, 1, Step::LinkDown);
        let (state, ask) = step(state, 2, Step::LinkUp);
        assert_eq!(ask, Some(Ask::Subscribe));
        assert_eq!(step(state, 2, Step::Unwanted), (State::Idle, Some(Ask::Unsubscribe)));
    }

    #[test]
    fn an_answer_that_does_not_come_is_asked_for_again_with_more_patience() {
        let (state, _) = step(State::Offline, 0, Step::LinkUp);
        let (state, ask) = step(state, 10, Step::Deadline);
        assert_eq!(ask, Some(Ask::SubscribeLate));
        assert_eq!(state.deadline(), Some(at(30)));
    }

    #[test]
    fn a_refusal_for_a_time_is_not_a_refusal_for_ever() {
        let (state, _) = step(State::Offline, 0, Step::LinkUp);
        let refused = Step::Refused { retry: Some(Duration::from_secs(5)) };
        let (state, _) = step(state, 1, refused);
        assert_eq!(state.deadline(), Some(at(6)));
        assert_eq!(step(state, 6, Step::Deadline).1, Some(Ask::Subscribe));
    }

    #[test]
    fn a_step_that_means_nothing_changes_nothing() {
        for state in [State::Idle, State::Offline, State::Refused, State::Subscribed] {
            let copy = format!("{state:?}");
            let (after, ask) = step(state, 99, Step::Deadline);
            assert_eq!((format!("{after:?}"), ask), (copy, None));
        }
    }
}
