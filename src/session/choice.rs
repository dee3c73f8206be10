//! What is done to many items at once: choosing, tagging, leaving out, and going back.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Session;
use super::facts::Column;
use super::history::Moment;
use super::item_set::{Combine, ItemSet};
use super::rows::{Narrowing, Wanted};

impl Session {
    /// What a wish about many is about: those that are chosen, or without any the selected one.
    pub fn acted_on(&self) -> ItemSet {
        if self.selection.chosen.is_empty() {
            return self.selection.selected.into_iter().collect();
        }
        self.selection.chosen.clone()
    }

    pub(super) fn choose(&mut self, items: Vec<usize>, how: Combine) {
        let n = self.items().map_or(0, |items| items.n());
        let items = items.into_iter().filter(|item| *item < n);
        self.selection.chosen = self.selection.chosen.combined(items, how);
    }

    pub(super) fn choose_all(&mut self) {
        if let Some(rows) = self.rows() {
            self.selection.chosen = rows.passing.clone();
        }
    }

    /// Tags stand between commas; each is there once.
    pub(super) fn tag_chosen(&mut self, typed: &str, is_on: bool) {
        let Some(items) = self.items() else {
            return;
        };
        let of = |item: usize| items.document(item).source.to_string();
        let sources: BTreeSet<String> = self.acted_on().iter().map(of).collect();
        self.tag_sources(sources, typed, is_on);
    }

    /// Writes tags on documents, by their sources, or takes them off.
    pub(super) fn tag_sources(&mut self, sources: BTreeSet<String>, typed: &str, is_on: bool) {
        let wanted = tags(typed);
        if wanted.is_empty() || sources.is_empty() {
            return;
        }
        let all = Arc::make_mut(&mut self.tags);
        for source in sources {
            let present = all.remove(&source).unwrap_or_default();
            let mut now = tags(&present);
            now.retain(|tag| !wanted.contains(tag));
            if is_on {
                now.extend(&wanted);
            }
            if !now.is_empty() {
                all.insert(source, now.join(", "));
            }
        }
        self.tags_revision += 1;
    }

    pub(super) fn show_cluster(&mut self, cluster: Option<usize>, is_on: bool) {
        if is_on {
            self.narrowing.hidden_clusters.remove(&cluster);
        } else {
            self.narrowing.hidden_clusters.insert(cluster);
        }
    }

    pub(super) fn hide(&mut self, items: &ItemSet) {
        let hidden = self.narrowing.hidden.combined(items.iter(), Combine::Add);
        self.narrowing.hidden = hidden;
        self.selection.chosen = ItemSet::default();
    }

    pub(super) fn hide_others(&mut self) {
        let (n, kept) = (self.items().map_or(0, |items| items.n()), self.acted_on());
        if !kept.is_empty() {
            self.hide(&ItemSet::all(n).combined(kept.iter(), Combine::Subtract));
        }
    }

    pub(super) fn show_all(&mut self) {
        self.narrowing = Narrowing::default();
        self.query.filter.clear();
    }

    pub(super) fn want(&mut self, column: Column, wanted: Option<Wanted>) {
        match wanted {
            Some(wanted) => self.narrowing.wanted.insert(column, wanted),
            None => self.narrowing.wanted.remove(&column),
        };
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            selection: self.selection.clone(),
            narrowing: self.narrowing.clone(),
            query: self.query.clone(),
            tags: self.tags.clone(),
            saved: self.saved.clone(),
            decisions: self.decisions.clone(),
        }
    }

    pub(super) fn undo(&mut self) {
        let now = self.moment();
        if let Some(moment) = self.history.undo(now) {
            self.go_to(moment);
        }
    }

    pub(super) fn redo(&mut self) {
        let now = self.moment();
        if let Some(moment) = self.history.redo(now) {
            self.go_to(moment);
        }
    }

    fn go_to(&mut self, moment: Moment) {
        if self.tags != moment.tags {
            self.tags = moment.tags;
            self.tags_revision += 1;
        }
        self.selection = moment.selection;
        self.narrowing = moment.narrowing;
        self.query = moment.query;
        self.saved = moment.saved;
        self.set_decisions(moment.decisions);
    }
}

fn tags(typed: &str) -> Vec<&str> {
    let tags = typed.split(',').map(str::trim);
    tags.filter(|tag| !tag.is_empty()).collect()
}
