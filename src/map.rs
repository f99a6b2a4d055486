//! A small sorted map. The standard one costs 12 kB of wasm, and ours hold tens of entries.

use core::borrow::Borrow;

/// Values by key, in the order of the keys. Keys stand apart, so that finding is the same code whatever the values are.
#[derive(Debug)]
pub(crate) struct Map<K, V> {
    keys: Vec<K>,
    values: Vec<V>,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { keys: Vec::new(), values: Vec::new() }
    }
}

impl<K: Ord, V> Map<K, V> {
    pub(crate) const fn new() -> Self {
        Self { keys: Vec::new(), values: Vec::new() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.keys.len()
    }

    #[cfg(feature = "json")]
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.values.get(find(&self.keys, key).ok()?)
    }

    /// Puts a value in; the one that was there comes out.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match find(&self.keys, &key) {
            Ok(index) => Some(core::mem::replace(&mut self.values[index], value)),
            Err(index) => {
                self.keys.insert(index, key);
                self.values.insert(index, value);
                None
            }
        }
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let index = find(&self.keys, key).ok()?;
        Some(self.remove_at(index))
    }

    /// Takes out the last value that is `such`.
    pub(crate) fn take(&mut self, such: impl Fn(&V) -> bool) -> Option<V> {
        let index = self.values.iter().rposition(such)?;
        Some(self.remove_at(index))
    }

    #[inline(never)]
    fn remove_at(&mut self, index: usize) -> V {
        self.keys.remove(index);
        self.values.remove(index)
    }

    pub(crate) fn keys(&self) -> &[K] {
        &self.keys
    }

    pub(crate) fn values(&self) -> &[V] {
        &self.values
    }
}

fn find<K: Borrow<Q>, Q: Ord + ?Sized>(keys: &[K], key: &Q) -> Result<usize, usize> {
    keys.binary_search_by(|known| known.borrow().cmp(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_sorted_and_unique_whatever_the_order_of_insertion() {
        let mut map = Map::new();
        for key in [3, 1, 2, 3] {
            map.insert(key, key * 10);
        }
        assert_eq!(map.keys(), [1, 2, 3]);
        assert_eq!((map.remove(&2), map.remove(&2), map.values()), (Some(20), None, [10, 30].as_slice()));
    }
}
