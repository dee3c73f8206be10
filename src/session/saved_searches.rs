//! Searches that are kept under a name: to be run again, and each a column of cosines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Session;
use super::embedded::Items;
use super::facts::Column;
use super::file::item_name;
use super::search::{Query, Searched};
use super::work::Failure;
use crate::progress::Progress;

/// A search with a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedSearch {
    /// What the user calls it; no two have the same.
    pub name: String,
    /// Words, by their meaning.
    pub words: String,
    /// What a text must hold.
    pub filter: String,
    /// Items to be like, by what they are known by in a file: their numbers change.
    pub plus: Vec<String>,
    /// Items to be unlike.
    pub minus: Vec<String>,
}

impl SavedSearch {
    /// Whether items are nearer to it or farther from it; one for certain words alone has no scores.
    pub fn has_scores(&self) -> bool {
        !(self.words.is_empty() && self.plus.is_empty())
    }

    /// The column of its cosines.
    pub fn column(&self) -> Option<Column> {
        let name = format!("Search: {}", self.name);
        self.has_scores().then_some(Column::Saved(name))
    }

    /// What it searches for among these items, and how many of its examples are not among them.
    pub fn query(&self, items: Items<'_>) -> (Query, usize) {
        let names: BTreeSet<&String> = self.plus.iter().chain(&self.minus).collect();
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        if !names.is_empty() {
            let named = (0..items.n()).map(|item| (item_name(items, item), item));
            found.extend(named.filter(|(name, _)| names.contains(name)));
        }
        let those = |names: &[String]| names.iter().filter_map(|n| found.get(n)).copied().collect();
        let query = Query {
            words: self.words.clone(),
            filter: self.filter.clone(),
            plus: those(&self.plus),
            minus: those(&self.minus),
        };
        (query, names.len() - found.len())
    }
}

/// How near every item is to every saved search that has scores.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SavedScores {
    of_column: BTreeMap<Column, Vec<Option<f32>>>,
    /// By the name of a search, why it could not be run.
    failed: BTreeMap<String, String>,
}

impl SavedScores {
    /// Runs them all. One that cannot be run, say for a pattern that is none, has no column.
    pub(super) fn new(
        searched: &Searched,
        saved: &[SavedSearch],
        progress: &Progress,
    ) -> Result<Self, Failure> {
        progress.step("Scoring saved searches", 0);
        let mut scores = Self::default();
        for one in saved {
            progress.check()?;
            let Some(column) = one.column() else { continue };
            if !one.words.is_empty() && searched.model.is_none() {
                continue;
            }
            let (query, _) = one.query(searched.items());
            match searched.search(query, progress) {
                Ok(hits) if hits.is_ranked() => {
                    scores.of_column.insert(column, hits.of_item);
                }
                Err(Failure::Stopped) => return Err(Failure::Stopped),
                Err(Failure::Failed(message)) => {
                    scores.failed.insert(one.name.clone(), message.summary);
                }
                Ok(_) => {}
            }
        }
        Ok(scores)
    }

    /// Why the search of that name could not be run, if it could not.
    pub fn why_not(&self, name: &str) -> Option<&str> {
        self.failed.get(name).map(String::as_str)
    }

    /// The cosine of each item to the search of a column; `None` for one that its words leave out.
    pub fn of(&self, column: &Column) -> Option<&[Option<f32>]> {
        self.of_column.get(column).map(Vec::as_slice)
    }
}

impl Session {
    pub(super) fn save_search(&mut self, name: &str) {
        let name = name.trim();
        let Some(items) = self.items().filter(|_| !name.is_empty()) else {
            return;
        };
        if self.query.is_empty() {
            return;
        }
        let names = |list: &[usize]| list.iter().map(|item| item_name(items, *item)).collect();
        let saved = SavedSearch {
            name: name.to_owned(),
            words: self.query.words.clone(),
            filter: self.query.filter.clone(),
            plus: names(&self.query.plus),
            minus: names(&self.query.minus),
        };
        let all = Arc::make_mut(&mut self.saved);
        match all.iter_mut().find(|other| other.name == name) {
            Some(other) => *other = saved,
            None => all.push(saved),
        }
    }

    pub(super) fn run_saved(&mut self, name: &str) {
        let Some(items) = self.items() else { return };
        let saved = self.saved.iter().find(|saved| saved.name == name);
        if let Some((query, _)) = saved.map(|saved| saved.query(items)) {
            self.query = query;
        }
    }

    pub(super) fn remove_saved(&mut self, name: &str) {
        let all = Arc::make_mut(&mut self.saved);
        let Some(at) = all.iter().position(|saved| saved.name == name) else {
            return;
        };
        // Nothing would pass a filter on a column that is gone.
        if let Some(column) = all.remove(at).column() {
            self.narrowing.wanted.remove(&column);
            self.sorting.take_if(|sorting| sorting.column == column);
        }
    }
}
