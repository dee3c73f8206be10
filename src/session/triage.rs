//! What was decided about items that say the same. Decisions are notes: no file is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Session;
use super::duplicates::DuplicateGroup;
use super::file::item_name;

/// The tag that [`Decision::Tag`] writes.
pub const DUPLICATE_TAG: &str = "duplicate";

/// What is to become of an item of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is the one, or one of those, to go by.
    Keep,
    /// It can be passed over.
    Ignore,
    /// Its document has the tag [`DUPLICATE_TAG`], to be dealt with later.
    Tag,
}

impl Decision {
    /// All of them, in the order of their buttons.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Ignore, Self::Tag];

    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "Keep",
            Self::Ignore => "Ignore",
            Self::Tag => "Tag",
        }
    }
}

/// All decisions, by what items are known by in a file: so they last when items have other numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    pub(super) of_item: BTreeMap<String, Decision>,
    /// Items that were found to say the same and do not, in the order of their names.
    pub(super) apart: BTreeSet<Vec<String>>,
}

impl Decisions {
    /// Whether items were judged to say different things, by their names in order: they are, if all
    /// of them are among some that were.
    fn are_apart(&self, names: &[String]) -> bool {
        let mut apart = self.apart.iter();
        apart.any(|all| names.iter().all(|name| all.binary_search(name).is_ok()))
    }
}

/// How a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Something is yet to be decided; of how many it is.
    Open(usize),
    /// All of its items have their decision.
    Decided,
    /// Its items are no duplicates.
    Apart,
}

impl Standing {
    /// Whether nothing is left to do.
    pub fn is_decided(self) -> bool {
        !matches!(self, Self::Open(_))
    }
}

impl Session {
    /// Changes whenever a decision does.
    pub fn decisions_revision(&self) -> u64 {
        self.decisions_revision
    }

    /// What was decided about an item.
    pub fn decision(&self, item: usize) -> Option<Decision> {
        let name = item_name(self.items()?, item);
        self.decisions.of_item.get(&name).copied()
    }

    /// How a group stands.
    pub fn standing(&self, group: &DuplicateGroup) -> Standing {
        let names = self.names(&group.items);
        if self.decisions.are_apart(&names) {
            return Standing::Apart;
        }
        let of_item = &self.decisions.of_item;
        let is_decided = |name: &&String| of_item.contains_key(*name);
        match names.iter().filter(is_decided).count() {
            n if n == names.len() => Standing::Decided,
            n => Standing::Open(n),
        }
    }

    /// In order.
    fn names(&self, items: &[usize]) -> Vec<String> {
        let Some(all) = self.items() else {
            return Vec::new();
        };
        let items = items.iter().filter(|item| **item < all.n());
        let mut names: Vec<String> = items.map(|item| item_name(all, *item)).collect();
        names.sort();
        names
    }

    pub(super) fn decide(&mut self, decisions: &[(usize, Option<Decision>)]) {
        let Some(items) = self.items() else { return };
        let known = decisions.iter().filter(|(item, _)| *item < items.n());
        let known = known.map(|(item, decision)| {
            let source = items.document(*item).source.to_string();
            (item_name(items, *item), source, *decision)
        });
        let mut all = (*self.decisions).clone();
        let (mut tagged, mut untagged) = (BTreeSet::new(), BTreeSet::new());
        for (name, source, decision) in known {
            let before = match decision {
                Some(decision) => all.of_item.insert(name, decision),
                None => all.of_item.remove(&name),
            };
            if decision == Some(Decision::Tag) {
                tagged.insert(source);
            } else if before == Some(Decision::Tag) {
                untagged.insert(source);
            }
        }
        self.tag_sources(tagged, DUPLICATE_TAG, true);
        self.tag_sources(untagged, DUPLICATE_TAG, false);
        self.set_decisions(Arc::new(all));
    }

    pub(super) fn set_apart(&mut self, items: &[usize], are_apart: bool) {
        let names = self.names(items);
        let mut all = (*self.decisions).clone();
        if are_apart {
            all.apart.insert(names);
        } else {
            let holds = |more: &Vec<String>| names.iter().all(|n| more.binary_search(n).is_ok());
            all.apart.retain(|more| !holds(more));
        }
        self.set_decisions(Arc::new(all));
    }

    pub(super) fn set_decisions(&mut self, decisions: Arc<Decisions>) {
        if self.decisions != decisions {
            self.decisions = decisions;
            self.decisions_revision += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_parted_stays_apart_in_a_smaller_group() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        let decisions = Decisions {
            apart: [names(&["a", "b", "c"])].into(),
            ..Decisions::default()
        };
        assert!(decisions.are_apart(&names(&["a", "b", "c"])));
        assert!(decisions.are_apart(&names(&["a", "c"])));
        // One more came: that one has to be judged.
        assert!(!decisions.are_apart(&names(&["a", "b", "c", "d"])));
    }
}
