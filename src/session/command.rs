//! Everything a person can ask for.

use std::path::PathBuf;
use std::sync::Arc;

use super::Session;
use super::artifact::Status;
use super::compare::Beside;
use super::duplicates::DuplicateThreshold;
use super::facts::Column;
use super::history::step;
use super::item_set::Combine;
use super::map::{Frozen, MapRule};
use super::order::RowOrder;
use super::rows::{Sorting, Wanted};
use super::search::Query;
use super::selection::Selection;
use super::settings::Level;
use super::triage::Decision;
use super::work::Stage;
use crate::analysis::{ClusterCount, ClusterMethod};
use crate::embed::EmbedderChoice;
use crate::text::{Amount, Input, Source};

/// What an item is to a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// What is found shall be like it.
    Like,
    /// What is found shall be unlike it.
    Unlike,
    /// Nothing.
    Neither,
}

/// A wish, applied between two frames.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Read these files and folders too.
    AddPaths(Vec<PathBuf>),
    /// Show these vectors with these texts, one for each line or row, in place of what is open.
    Import {
        /// The file of vectors.
        vectors: PathBuf,
        /// The file of texts.
        texts: PathBuf,
    },
    /// Take this text as a document too.
    AddPasted(String),
    /// Open the sample corpus that the program carries.
    OpenSample,
    /// Read everything again: files may have changed.
    Refresh,
    /// The same, and give files another try that are known to be poisonous.
    TryAgain,
    /// Read hidden and ignored files too, or no longer.
    ReadHidden(bool),
    /// Put words on a document, in place of those that it has.
    SetTags(Source, String),
    /// How many of very many files to read.
    ReadAmount(Amount),
    /// Forget all documents.
    CloseAll,
    /// Show one item in the inspector, or none.
    Select(Option<usize>),
    /// The mouse is over this item, or none.
    Hover(Option<usize>),
    /// Choose many items, or add them to those that are chosen, or take them away.
    Choose(Vec<usize>, Combine),
    /// Choose all that pass the filters.
    ChooseAll,
    /// Write a tag on all documents that are chosen, beside those that they have.
    TagChosen(String),
    /// Take a tag off all documents that are chosen.
    UntagChosen(String),
    /// Show a cluster in full, or `None` what is in none; or leave it out.
    ShowCluster(Option<usize>, bool),
    /// Leave out the items that are chosen.
    HideChosen,
    /// Leave out all items but those that are chosen.
    ShowChosenOnly,
    /// Leave nothing out any more: no filter, no cluster, no item.
    ShowAll,
    /// What must stand in a column, or nothing of the kind.
    Want(Column, Option<Wanted>),
    /// Sort the table, or leave it in its own order.
    Sort(Option<Sorting>),
    /// Go back by a step: what was selected, filtered, hidden or tagged.
    Undo,
    /// Go forth again.
    Redo,
    /// Put two items side by side.
    Compare(usize, usize),
    /// Put an item side by side with something that is no item.
    CompareWith(usize, Beside),
    /// Put the right item there again.
    CompareItems,
    /// Tell why the selected item is in its cluster, or no longer.
    ExplainSelected(bool),
    /// Exchange left and right.
    SwapCompared,
    /// Search for what these words mean, in place of the words before; empty ends that.
    Search(String),
    /// Search for texts that hold these words, or between slashes this pattern; empty ends that.
    Filter(String),
    /// Search for texts like this item, or unlike it, or no longer.
    SearchLike(usize, Example),
    /// End the search.
    EndSearch,
    /// Keep what is searched for under a name, in place of what had that name.
    SaveSearch(String),
    /// Search for what was saved under this name.
    RunSaved(String),
    /// Forget the search of this name.
    RemoveSaved(String),
    /// What is to become of items that say the same as others; `None` takes a decision back.
    Decide(Vec<(usize, Option<Decision>)>),
    /// Items that were found to say the same do not, or they do after all.
    SetApart(Vec<usize>, bool),
    /// Make documents or passages the items.
    SetLevel(Level),
    /// How many clusters to make.
    SetClusterCount(ClusterCount),
    /// How to make clusters.
    SetClusterMethod(ClusterMethod),
    /// How to make the map.
    SetMap(MapRule),
    /// Keep the points of the map where they are, or no longer.
    FreezeMap(bool),
    /// By what to order the rows of the matrix.
    SetOrder(RowOrder),
    /// From which cosine on two items say the same.
    SetDuplicateThreshold(DuplicateThreshold),
    /// Leave out sentences that stand in many documents, or no longer.
    LeaveOutBoilerplate(bool),
    /// Compare with another model, or no longer.
    SetSecondModel(Option<EmbedderChoice>),
    /// Use another model.
    SetModel(EmbedderChoice),
    /// Stop what a stage is doing.
    Stop(Stage),
    /// Start a stage again that was stopped or failed.
    Retry(Stage),
}

impl Session {
    /// Carries out one wish. What follows from it becomes due.
    pub fn apply(&mut self, command: Command) {
        let Some((name, about)) = step(&command) else {
            return self.carry_out(command);
        };
        let before = self.moment();
        self.carry_out(command);
        let now = self.moment();
        self.history.note(before, &now, name, about);
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::AddPaths(paths) => self.add(paths.into_iter().map(Input::Path)),
            Command::Import { vectors, texts } => self.import(vectors, texts),
            Command::AddPasted(text) => self.add([Input::Pasted(text)]),
            Command::OpenSample => self.add([Input::Sample]),
            Command::Refresh => self.refresh(false),
            Command::TryAgain => self.refresh(true),
            Command::ReadHidden(with_hidden) => self.settings.read.with_hidden = with_hidden,
            Command::SetTags(source, tags) => self.set_tags(&source, &tags),
            Command::ReadAmount(amount) => self.settings.read.amount = amount,
            Command::CloseAll => self.close_all(),
            Command::Select(item) => self.select(item),
            Command::Hover(item) => self.selection.hovered = self.existing(item),
            Command::Choose(items, how) => self.choose(items, how),
            Command::ChooseAll => self.choose_all(),
            Command::TagChosen(tag) => self.tag_chosen(&tag, true),
            Command::UntagChosen(tag) => self.tag_chosen(&tag, false),
            Command::ShowCluster(cluster, is_on) => self.show_cluster(cluster, is_on),
            Command::HideChosen => self.hide(&self.acted_on()),
            Command::ShowChosenOnly => self.hide_others(),
            Command::ShowAll => self.show_all(),
            Command::Want(column, wanted) => self.want(column, wanted),
            Command::Sort(sorting) => self.sorting = sorting,
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::Compare(left, right) => self.compare(left, right),
            Command::CompareWith(item, beside) => self.compare_with(item, beside),
            Command::CompareItems => self.compare_items(),
            Command::ExplainSelected(is_on) => self.selection.is_explained = is_on,
            Command::SwapCompared => self.swap_compared(),
            Command::Search(words) => words.trim().clone_into(&mut self.query.words),
            Command::Filter(words) => words.trim().clone_into(&mut self.query.filter),
            Command::SearchLike(item, example) => self.search_like(item, example),
            Command::EndSearch => self.query = Query::default(),
            Command::SaveSearch(name) => self.save_search(&name),
            Command::RunSaved(name) => self.run_saved(&name),
            Command::RemoveSaved(name) => self.remove_saved(&name),
            Command::Decide(decisions) => self.decide(&decisions),
            Command::SetApart(items, are_apart) => self.set_apart(&items, are_apart),
            Command::SetLevel(level) => self.set_level(level),
            Command::SetClusterCount(count) => self.settings.cluster.count = count,
            Command::SetClusterMethod(method) => self.settings.cluster.method = method,
            Command::SetMap(rule) => self.set_map(rule),
            Command::FreezeMap(is_on) => self.freeze_map(is_on),
            Command::SetOrder(order) => self.settings.order = order,
            Command::SetDuplicateThreshold(rule) => self.settings.duplicates = rule,
            Command::LeaveOutBoilerplate(is_on) => self.settings.without_boilerplate = is_on,
            Command::SetSecondModel(model) => self.settings.second_model = model,
            Command::SetModel(model) => self.settings.model = model,
            Command::Stop(stage) => self.stop(stage),
            Command::Retry(stage) => self.retry(stage),
        }
    }

    fn import(&mut self, vectors: PathBuf, texts: PathBuf) {
        self.close_all();
        self.inputs.push(Input::Path(texts));
        self.vectors = Some(vectors);
    }

    fn add(&mut self, inputs: impl IntoIterator<Item = Input>) {
        if self.vectors.is_some() {
            // Vectors of unlike origin never meet.
            self.close_all();
        }
        for input in inputs {
            if !self.inputs.contains(&input) {
                self.inputs.push(input);
            }
        }
        // Adding the same again reads it again: the files may have changed.
        self.refresh(false);
    }

    fn refresh(&mut self, try_again: bool) {
        // What came with a workspace gives way to what is on the disk now.
        self.shows_stored = false;
        self.inputs_revision += 1;
        self.settings.read.try_again = try_again;
    }

    fn set_tags(&mut self, source: &Source, tags: &str) {
        let all = Arc::make_mut(&mut self.tags);
        if tags.trim().is_empty() {
            all.remove(&source.to_string());
        } else {
            all.insert(source.to_string(), tags.to_owned());
        }
        self.tags_revision += 1;
    }

    fn close_all(&mut self) {
        let settings = std::mem::take(&mut self.settings);
        let tools = self.tools.clone();
        let model = std::mem::take(&mut self.model);
        *self = Self {
            model,
            next_revision: self.next_revision,
            inputs_revision: self.inputs_revision + 1,
            ..Self::new(settings, tools)
        };
    }

    fn existing(&self, item: Option<usize>) -> Option<usize> {
        let n = self.items().map_or(0, |items| items.n());
        item.filter(|item| *item < n)
    }

    fn select(&mut self, item: Option<usize>) {
        let item = self.existing(item);
        if item != self.selection.selected {
            self.selection.selected_before = self.selection.selected;
            self.selection.selected = item;
        }
    }

    fn compare(&mut self, left: usize, right: usize) {
        if let (Some(left), Some(right)) = (self.existing(Some(left)), self.existing(Some(right))) {
            self.selection.compared = Some((left, right));
            self.selection.beside = None;
        }
    }

    fn compare_with(&mut self, item: usize, beside: Beside) {
        let Some(item) = self.existing(Some(item)) else {
            return;
        };
        // The right item is kept for going back to it.
        let right = self.selection.compared.filter(|(left, _)| *left == item);
        self.selection.compared = Some((item, right.map_or(item, |(_, right)| right)));
        self.selection.beside = Some(beside);
    }

    fn compare_items(&mut self) {
        self.selection.beside = None;
        let pair = self.selection.compared;
        self.selection.compared = pair.filter(|(left, right)| left != right);
    }

    fn swap_compared(&mut self) {
        if self.selection.beside.is_some() {
            return;
        }
        self.selection.compared = self.selection.compared.map(|(left, right)| (right, left));
    }

    fn set_level(&mut self, level: Level) {
        if self.settings.level != level {
            self.settings.level = level;
            self.selection = Selection::default();
            self.forget_items();
        }
    }

    fn search_like(&mut self, item: usize, example: Example) {
        let Some(item) = self.existing(Some(item)) else {
            return;
        };
        self.query.plus.retain(|other| *other != item);
        self.query.minus.retain(|other| *other != item);
        match example {
            Example::Like => self.query.plus.push(item),
            Example::Unlike => self.query.minus.push(item),
            Example::Neither => {}
        }
    }

    fn set_map(&mut self, rule: MapRule) {
        // A map that is asked for anew is not the one that was frozen.
        self.frozen = None;
        self.settings.map = rule;
    }

    fn freeze_map(&mut self, is_on: bool) {
        self.frozen = is_on.then(|| self.frozen_now()).flatten();
    }

    /// The map as it is now; there is one to freeze once the neighbors are known, too.
    fn frozen_now(&mut self) -> Option<(u64, Arc<Frozen>)> {
        let frozen = Frozen {
            embedded: self.embedded.value()?.clone(),
            level: self.settings.level,
            neighborhood: self.neighborhood()?.clone(),
            map: self.map()?.1,
        };
        self.next_revision += 1;
        Some((self.next_revision, Arc::new(frozen)))
    }

    fn stop(&mut self, stage: Stage) {
        if let Status::Working(key) = self.status(stage) {
            *self.status_mut(stage) = Status::Stopped(key.clone());
        }
    }

    fn retry(&mut self, stage: Stage) {
        if matches!(self.status(stage), Status::Stopped(_) | Status::Failed(..)) {
            *self.status_mut(stage) = Status::Missing;
        }
    }
}
