//! Remembers what was worked out for a key until another key is asked for.

/// One remembered value.
pub struct Memo<K, V>(Option<(K, V)>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

/// A copy works everything out anew: what is remembered may belong to one window, such as a texture.
impl<K, V> Clone for Memo<K, V> {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl<K: PartialEq, V> Memo<K, V> {
    /// The value for `key`, worked out only if the last key was another one.
    pub fn get(&mut self, key: K, work: impl FnOnce() -> V) -> &V {
        if self.0.as_ref().is_none_or(|(last, _)| *last != key) {
            self.0 = None;
        }
        &self.0.get_or_insert_with(|| (key, work())).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_works_once_per_key() {
        let mut memo = Memo::default();
        let mut n_calls = 0;
        for key in [1, 1, 2, 1] {
            memo.get(key, || n_calls += 1);
        }
        assert_eq!(n_calls, 3);
    }
}
