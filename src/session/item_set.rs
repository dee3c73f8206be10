//! Which items, as one bit each: what is chosen, what is hidden, what passes a filter.

/// A set of items by number. Grows as needed; an item that was never put in is not in it.
#[derive(Debug, Clone, Default, Eq)]
pub struct ItemSet {
    bits: Vec<u64>,
    n: usize,
}

impl PartialEq for ItemSet {
    fn eq(&self, other: &Self) -> bool {
        // Sets that grew differently hold the same all the same.
        self.n == other.n && self.iter().eq(other.iter())
    }
}

/// How a set that is given joins the one that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// In its place.
    Replace,
    /// Both together.
    Add,
    /// What is there without what is given.
    Subtract,
}

impl ItemSet {
    /// Every item below `n`.
    pub fn all(n: usize) -> Self {
        (0..n).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Whether an item is in it.
    pub fn contains(&self, item: usize) -> bool {
        let word = self.bits.get(item / 64).copied().unwrap_or(0);
        word >> (item % 64) & 1 == 1
    }

    /// Puts one in.
    pub fn insert(&mut self, item: usize) {
        if self.bits.len() <= item / 64 {
            self.bits.resize(item / 64 + 1, 0);
        }
        self.n += usize::from(!self.contains(item));
        self.bits[item / 64] |= 1 << (item % 64);
    }

    /// Takes one out.
    pub fn remove(&mut self, item: usize) {
        if self.contains(item) {
            self.bits[item / 64] &= !(1 << (item % 64));
            self.n -= 1;
        }
    }

    /// Those in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.bits.iter().enumerate().filter(|(_, word)| **word != 0);
        words.flat_map(|(at, word)| {
            let bits = (0..64).filter(move |bit| word >> bit & 1 == 1);
            bits.map(move |bit| at * 64 + bit)
        })
    }

    /// A number that differs, as far as numbers can, for sets that do.
    pub fn fingerprint(&self) -> u64 {
        // FNV-1a by words; those behind the last item do not count.
        let end = self
            .bits
            .iter()
            .rposition(|word| *word != 0)
            .map_or(0, |last| last + 1);
        let words = self.bits[..end].iter();
        words.fold(0xCBF2_9CE4_8422_2325, |hash, word| {
            (hash ^ word).wrapping_mul(0x0100_0000_01B3)
        })
    }

    /// This set with another one joined to it.
    #[must_use]
    pub fn combined(&self, other: impl IntoIterator<Item = usize>, how: Combine) -> Self {
        let mut set = match how {
            Combine::Replace => Self::default(),
            Combine::Add | Combine::Subtract => self.clone(),
        };
        for item in other {
            match how {
                Combine::Replace | Combine::Add => set.insert(item),
                Combine::Subtract => set.remove(item),
            }
        }
        set
    }
}

impl FromIterator<usize> for ItemSet {
    fn from_iter<T: IntoIterator<Item = usize>>(items: T) -> Self {
        let mut set = Self::default();
        items.into_iter().for_each(|item| set.insert(item));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(items: &[usize]) -> ItemSet {
        items.iter().copied().collect()
    }

    #[test]
    fn it_holds_what_was_put_in() {
        let mut found = set(&[3, 64, 3, 200]);
        assert_eq!((found.len(), found.is_empty()), (3, false));
        assert_eq!(found.iter().collect::<Vec<_>>(), [3, 64, 200]);
        assert!(found.contains(64) && !found.contains(65) && !found.contains(100_000));
        found.remove(200);
        found.remove(7);
        // It grew to hold 200, and is the same as one that never did.
        assert_eq!(found, set(&[64, 3]));
        assert_eq!(found.fingerprint(), set(&[64, 3]).fingerprint());
        assert_ne!(found.fingerprint(), set(&[64, 4]).fingerprint());
        assert_eq!(ItemSet::all(70).len(), 70);
    }

    #[test]
    fn sets_are_joined_in_three_ways() {
        let found = set(&[1, 2, 3]);
        let with = |how| found.combined([3, 4], how).iter().collect::<Vec<_>>();
        assert_eq!(with(Combine::Replace), [3, 4]);
        assert_eq!(with(Combine::Add), [1, 2, 3, 4]);
        assert_eq!(with(Combine::Subtract), [1, 2]);
    }
}
