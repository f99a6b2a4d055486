//! How many bytes many keepers hold together, and who holds most: channels their histories, sessions their answers.
//!
//! When the whole is too much, the largest gives way first: whoever fills one loses it, and small ones stay.

use std::collections::BTreeSet;

#[derive(Debug)]
pub(crate) struct Ledger<K> {
    total: usize,
    by_size: BTreeSet<(usize, K)>,
}

impl<K> Default for Ledger<K> {
    fn default() -> Self {
        Self { total: 0, by_size: BTreeSet::new() }
    }
}

impl<K: Clone + Ord> Ledger<K> {
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// This keeper went from so many bytes to so many.
    pub(crate) fn record(&mut self, keeper: &K, before: usize, after: usize) {
        if before == after {
            return;
        }
        self.total = self.total - before + after;
        if before > 0 {
            self.by_size.remove(&(before, keeper.clone()));
        }
        if after > 0 {
            self.by_size.insert((after, keeper.clone()));
        }
    }

    /// Who holds most, if the whole is more than `limit`.
    pub(crate) fn over(&self, limit: usize) -> Option<K> {
        if self.total <= limit {
            return None;
        }
        self.by_size.last().map(|(_, keeper)| keeper.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_gives_way_when_the_whole_is_too_much() {
        let (ann, bob) = ("ann", "bob");
        let mut ledger = Ledger::default();
        ledger.record(&ann, 0, 10);
        ledger.record(&bob, 0, 30);
        assert_eq!((ledger.total(), ledger.over(40)), (40, None));
        assert_eq!(ledger.over(39), Some(bob));
        ledger.record(&bob, 30, 5);
        ledger.record(&ann, 10, 12);
        assert_eq!((ledger.total(), ledger.over(16)), (17, Some(ann)));
        ledger.record(&ann, 12, 0);
        ledger.record(&bob, 5, 0);
        assert_eq!((ledger.total(), ledger.over(0)), (0, None));
    }
}
