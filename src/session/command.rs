//! Everything a person can ask for.

use std::path::PathBuf;

use super::Session;
use super::artifact::Status;
use super::selection::Selection;
use super::settings::Level;
use super::work::Stage;
use crate::analysis::ClusterCount;
use crate::embed::EmbedderChoice;
use crate::text::{Amount, Input, Source};

/// A wish, applied between two frames.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Read these files and folders too.
    AddPaths(Vec<PathBuf>),
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
    /// Put two items side by side.
    Compare(usize, usize),
    /// Exchange left and right.
    SwapCompared,
    /// Search for words; empty ends the search.
    Search(String),
    /// Make documents or passages the items.
    SetLevel(Level),
    /// How many clusters to make.
    SetClusterCount(ClusterCount),
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
        match command {
            Command::AddPaths(paths) => self.add(paths.into_iter().map(Input::Path)),
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
            Command::Compare(left, right) => self.compare(left, right),
            Command::SwapCompared => self.swap_compared(),
            Command::Search(query) => query.trim().clone_into(&mut self.query),
            Command::SetLevel(level) => self.set_level(level),
            Command::SetClusterCount(count) => self.settings.cluster.count = count,
            Command::SetModel(model) => self.settings.model = model,
            Command::Stop(stage) => self.stop(stage),
            Command::Retry(stage) => self.retry(stage),
        }
    }

    fn add(&mut self, inputs: impl IntoIterator<Item = Input>) {
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
        if tags.trim().is_empty() {
            self.tags.remove(&source.to_string());
        } else {
            self.tags.insert(source.to_string(), tags.to_owned());
        }
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
        }
    }

    fn swap_compared(&mut self) {
        self.selection.compared = self.selection.compared.map(|(left, right)| (right, left));
    }

    fn set_level(&mut self, level: Level) {
        if self.settings.level != level {
            self.settings.level = level;
            self.selection = Selection::default();
        }
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
