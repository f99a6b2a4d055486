//! How many bytes all histories together hold, and whose is the largest.
//!
//! When the whole is too much, the largest history gives way first: whoever fills one loses it, and small ones stay.

use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    total: usize,
    by_size: BTreeSet<(usize, Arc<str>)>,
}

impl Ledger {
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// The history of this channel went from so many bytes to so many.
    pub(crate) fn record(&mut self, name: &Arc<str>, before: usize, after: usize) {
        if before == after {
            return;
        }
        self.total = self.total - before + after;
        if before > 0 {
            self.by_size.remove(&(before, name.clone()));
        }
        if after > 0 {
            self.by_size.insert((after, name.clone()));
        }
    }

    /// The channel with the largest history, if the whole is more than `limit`.
    pub(crate) fn over(&self, limit: usize) -> Option<Arc<str>> {
        if self.total <= limit {
            return None;
        }
        self.by_size.last().map(|(_, name)| name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_history_gives_way_when_the_whole_is_too_much() {
        let (ann, bob): (Arc<str>, Arc<str>) = ("ann".into(), "bob".into());
        let mut ledger = Ledger::default();
        ledger.record(&ann, 0, 10);
        ledger.record(&bob, 0, 30);
        assert_eq!((ledger.total(), ledger.over(40)), (40, None));
        assert_eq!(ledger.over(39), Some(bob.clone()));
        ledger.record(&bob, 30, 5);
        ledger.record(&ann, 10, 12);
        assert_eq!((ledger.total(), ledger.over(16)), (17, Some(ann.clone())));
        ledger.record(&ann, 12, 0);
        ledger.record(&bob, 5, 0);
        assert_eq!((ledger.total(), ledger.over(0)), (0, None));
    }
}
