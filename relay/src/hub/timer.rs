//! The hub's deadlines, soonest first.
//!
//! An entry is a reason to look, not an order: whoever it wakes checks what is really due and sets the next one. So
//! nothing has to be found and taken out when a deadline moves.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::connection::ConnectionId;

/// What to look at when the time comes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Connection(ConnectionId),
    Member { channel: Arc<str>, member: Arc<str> },
    Channel(Arc<str>),
    Shutdown,
}

#[derive(Debug, Default)]
pub(crate) struct Timers(BTreeSet<(u64, Timer)>);

impl Timers {
    pub(crate) fn set(&mut self, at_ms: u64, timer: Timer) {
        self.0.insert((at_ms, timer));
    }

    pub(crate) fn next(&self) -> Option<u64> {
        self.0.first().map(|(at_ms, _)| *at_ms)
    }

    /// The soonest of those that are due, with the time it was set for.
    pub(crate) fn pop_due(&mut self, now_ms: u64) -> Option<(u64, Timer)> {
        if self.next()? > now_ms {
            return None;
        }
        self.0.pop_first()
    }
}
