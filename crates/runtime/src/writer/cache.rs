//! What was used lately: two generations, so that forgetting costs nothing.

use std::{collections::HashMap, hash::Hash};

/// Keeps at the most `2 * size` entries; whatever was not used since the last
/// turn of a generation is forgotten.
pub struct Cache<K, V> {
    size: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Copy, V> Cache<K, V> {
    /// Empty.
    pub fn of(size: usize) -> Self {
        Self { size, young: HashMap::new(), old: HashMap::new() }
    }

    /// Brings it to the front, if it is there.
    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        if !self.young.contains_key(&key) {
            let value = self.old.remove(&key)?;
            self.put(key, value);
        }
        self.young.get_mut(&key)
    }

    /// Keeps it.
    pub fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.size {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    /// Takes it out, to be put back or forgotten.
    pub fn take(&mut self, key: K) -> Option<V> {
        self.young.remove(&key).or_else(|| self.old.remove(&key))
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn what_is_used_stays_and_what_is_not_goes() {
        let mut cache = Cache::of(2);
        cache.put(1, "one");
        cache.put(2, "two");
        cache.put(3, "three"); // a new generation: 1 and 2 are old
        assert_eq!(cache.get_mut(1), Some(&mut "one"));
        cache.put(4, "four"); // 3 and 1 are old now, 2 is gone
        assert_eq!(cache.get_mut(2), None);
        assert_eq!(cache.get_mut(1), Some(&mut "one"));
    }
}
