//! Deadlines, soonest first.
//!
//! An entry is a reason to look, not an order: whoever it wakes checks what is really due and sets the next one. So
//! nothing has to be found and taken out when a deadline moves.

use std::collections::BTreeSet;

#[derive(Debug)]
pub(crate) struct Timers<T>(BTreeSet<(u64, T)>);

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<T: Ord> Timers<T> {
    pub(crate) fn set(&mut self, at_ms: u64, timer: T) {
        self.0.insert((at_ms, timer));
    }

    pub(crate) fn next(&self) -> Option<u64> {
        self.0.first().map(|(at_ms, _)| *at_ms)
    }

    /// The soonest of those that are due, with the time it was set for.
    pub(crate) fn pop_due(&mut self, now_ms: u64) -> Option<(u64, T)> {
        if self.next()? > now_ms {
            return None;
        }
        self.0.pop_first()
    }
}
