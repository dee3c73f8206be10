//! Which items pass the filters, and in which order the table lists them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::facts::{Cell, Column, Facts};
use super::item_set::ItemSet;
use crate::progress::{Cancelled, Progress};

/// What an item must be to be shown in full; all views agree on it. What does not pass stays on the
/// map as grey.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Narrowing {
    /// Clusters that were switched off, `None` for what is in none. Of the clusters there are now.
    pub hidden_clusters: BTreeSet<Option<usize>>,
    /// Items that were hidden by hand.
    pub hidden: ItemSet,
    /// What must stand in a column.
    pub wanted: BTreeMap<Column, Wanted>,
}

/// What must stand in a column. An item in whose column nothing stands does not pass.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// These letters, whatever their case.
    Letters(String),
    /// A number from the first to the last, both included; days count from 1970.
    Between(f64, f64),
}

impl Narrowing {
    /// Whether nothing is left out.
    pub fn is_none(&self) -> bool {
        self.hidden_clusters.is_empty() && self.hidden.is_empty() && self.wanted.is_empty()
    }

    fn passes(&self, facts: &Facts, item: usize) -> bool {
        let found = facts.hits().is_none_or(|hits| hits.passes(item));
        let is_shown = || {
            self.hidden_clusters.is_empty() || !self.hidden_clusters.contains(&facts.cluster(item))
        };
        let is_wanted = || {
            let mut wanted = self.wanted.iter();
            wanted.all(|(column, wanted)| wanted.is_met_by(&facts.cell(column, item)))
        };
        found && !self.hidden.contains(item) && is_shown() && is_wanted()
    }
}

impl Wanted {
    fn is_met_by(&self, cell: &Cell<'_>) -> bool {
        match self {
            Self::Letters(letters) => match cell {
                Cell::Text(text) => text.to_lowercase().contains(&letters.to_lowercase()),
                _ => false,
            },
            Self::Between(from, to) => cell
                .number()
                .is_some_and(|number| (*from..=*to).contains(&number)),
        }
    }
}

/// How the table is sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Sorting {
    /// By what.
    pub column: Column,
    /// The greatest first, or the last letters.
    pub is_descending: bool,
}

/// The items that pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// All that pass, in the order of the table.
    pub order: Vec<usize>,
    /// The same as a set.
    pub passing: ItemSet,
    /// How many do not pass.
    pub n_left_out: usize,
}

impl Rows {
    /// Filters and sorts. Without a column to sort by the order is that of the search, or of the
    /// documents.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn new(
        facts: &Facts,
        narrowing: &Narrowing,
        sorting: Option<&Sorting>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let n = facts.items().n();
        progress.step("Sorting", 0);
        let passing: ItemSet = (0..n)
            .into_par_iter()
            .filter(|item| narrowing.passes(facts, *item))
            .collect::<Vec<usize>>()
            .into_iter()
            .collect();
        progress.check()?;
        let found = facts.hits().filter(|hits| hits.is_ranked());
        let mut order: Vec<usize> = match found {
            Some(hits) => hits.hits.iter().map(|hit| hit.item).collect(),
            None => (0..n).collect(),
        };
        order.retain(|item| passing.contains(*item));
        if let Some(sorting) = sorting {
            sort(facts, sorting, &mut order);
        }
        Ok(Self {
            n_left_out: n - order.len(),
            order,
            passing,
        })
    }
}

/// What is missing comes last whichever way; equal ones keep their order.
fn sort(facts: &Facts, sorting: &Sorting, order: &mut [usize]) {
    let mut cells: Vec<(Cell<'_>, usize)> = order
        .par_iter()
        .map(|item| (facts.cell(&sorting.column, *item), *item))
        .collect();
    let is_missing = |cell: &Cell<'_>| *cell == Cell::Missing;
    cells.par_sort_by(|(a, _), (b, _)| {
        if sorting.is_descending && !is_missing(a) && !is_missing(b) {
            b.compare(a)
        } else {
            a.compare(b)
        }
    });
    for (place, (_, item)) in order.iter_mut().zip(cells) {
        *place = item;
    }
}
