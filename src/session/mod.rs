//! One exploration: what was asked for, what exists, and what is therefore due.
//!
//! No threads and no window. The window and the command line turn the same wheel: take what is
//! [`due`](Session::due), run it, [`absorb`](Session::absorb) the outcome, until nothing is due.

mod artifact;
mod changes;
mod command;
mod due;
mod embedded;
mod file;
mod messages;
mod selection;
mod settings;
mod work;

pub use artifact::{Artifact, Key, Rule, Status};
pub use command::Command;
pub use embedded::{Embedded, Items};
pub use file::{FileError, Opened, Stored, UserState, encode};
pub use messages::{Foreign, MULTILINGUAL_MODEL, MessagesKey, skipped_count};
pub use selection::Selection;
pub use settings::{Level, Settings};
pub use work::{
    Clusters, Comparison, MATCH_THRESHOLD, MatrixOrder, Outcome, SearchHit, SearchHits, Stage, Work,
};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::Projection;
use crate::embed::Embedder;
use crate::text::{Corpus, Crowd, Input, Passages, Source, Tools};

use artifact::Slot;
use changes::Changes;
use file::PendingSelection;
use work::{Failure, Value};

/// The state of one exploration. Changed only by [`apply`](Session::apply),
/// [`begin`](Session::begin) and [`absorb`](Session::absorb).
#[derive(Default)]
pub struct Session {
    /// What the user set.
    pub settings: Settings,
    /// What the user points at.
    pub selection: Selection,
    tools: Tools,
    inputs: Vec<Input>,
    inputs_revision: u64,
    changes: Option<Changes>,
    foreign: Option<Foreign>,
    query: String,
    tags: BTreeMap<String, String>,
    stored: Option<Arc<Stored>>,
    /// Whether they are shown as they came, and nothing is read.
    shows_stored: bool,
    pending: Option<PendingSelection>,
    next_revision: u64,
    model: Artifact<Arc<dyn Embedder>>,
    corpus: Artifact<Arc<Corpus>>,
    passages: Artifact<Arc<Passages>>,
    embedded: Artifact<Arc<Embedded>>,
    projection: Artifact<Arc<Projection>>,
    clusters: Artifact<Arc<Clusters>>,
    order: Artifact<Arc<MatrixOrder>>,
    comparison: Artifact<Arc<Comparison>>,
    search: Artifact<Arc<SearchHits>>,
}

impl Session {
    /// An empty exploration. Without a worker in its tools it reads text formats only, and without
    /// a cache it forgets what it embedded.
    pub fn new(settings: Settings, tools: Tools) -> Self {
        Self {
            settings,
            tools,
            ..Self::default()
        }
    }

    /// What the user gave, in order.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The words being searched for; empty when nothing is.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Documents in languages that the built-in model was not trained on.
    pub fn foreign(&self) -> Option<&Foreign> {
        self.foreign.as_ref()
    }

    /// Words that the user put on a document, by its source.
    pub fn tags(&self, source: &Source) -> &str {
        self.tags
            .get(&source.to_string())
            .map_or("", String::as_str)
    }

    /// The model, once it is open.
    pub fn model(&self) -> Option<&Arc<dyn Embedder>> {
        self.model.value()
    }

    /// What was read last.
    pub fn corpus(&self) -> Option<&Arc<Corpus>> {
        self.corpus.value()
    }

    /// The passages that are about to be, or have been, embedded.
    pub fn passages(&self) -> Option<&Arc<Passages>> {
        self.passages.value()
    }

    /// The items that every view shows, at the level that is set. While new documents are read and
    /// embedded these are the old ones.
    pub fn items(&self) -> Option<Items<'_>> {
        let embedded = self.embedded.value()?;
        Some(Items::new(embedded, self.settings.level))
    }

    /// Places on the map for the present items.
    pub fn projection(&self) -> Option<&Arc<Projection>> {
        self.of_items(&self.projection)
    }

    /// Clusters of the present items. After the rule was changed these are the old ones, until the
    /// new ones are ready.
    pub fn clusters(&self) -> Option<&Arc<Clusters>> {
        self.of_items(&self.clusters)
    }

    /// Row order of the matrix for the present items.
    pub fn order(&self) -> Option<&Arc<MatrixOrder>> {
        self.of_items(&self.order)
    }

    /// The two documents being compared, once their sentences are.
    pub fn comparison(&self) -> Option<&Arc<Comparison>> {
        let comparison = self.of_items(&self.comparison)?;
        (Some(comparison.pair) == self.selection.compared).then_some(comparison)
    }

    /// What the search found among the present items.
    pub fn search_hits(&self) -> Option<&Arc<SearchHits>> {
        let hits = self.of_items(&self.search)?;
        (hits.query == self.query).then_some(hits)
    }

    /// The value, if it belongs to the items that are shown now.
    fn of_items<'a, T>(&self, artifact: &'a Artifact<T>) -> Option<&'a T> {
        let key = &artifact.stamp()?.key;
        let same_items = key.inputs.first().copied() == self.revision(Stage::Embedding);
        let same_level = key
            .rule
            .level()
            .is_none_or(|level| level == self.settings.level);
        artifact.value().filter(|_| same_items && same_level)
    }

    /// How a stage stands.
    pub fn status(&self, stage: Stage) -> &Status {
        self.slot(stage).status()
    }

    /// Changes whenever the value of a stage does; views remember what they drew by it.
    pub fn revision(&self, stage: Stage) -> Option<u64> {
        self.slot(stage).stamp().map(|stamp| stamp.revision)
    }

    /// Seconds that the last good value of a stage took.
    pub fn seconds(&self, stage: Stage) -> Option<f64> {
        self.slot(stage).stamp().map(|stamp| stamp.seconds)
    }

    fn status_mut(&mut self, stage: Stage) -> &mut Status {
        self.slot_mut(stage).status_mut()
    }

    fn slot(&self, stage: Stage) -> &dyn Slot {
        match stage {
            Stage::Model => &self.model,
            Stage::Corpus => &self.corpus,
            Stage::Passages => &self.passages,
            Stage::Embedding => &self.embedded,
            Stage::Projection => &self.projection,
            Stage::Clusters => &self.clusters,
            Stage::Order => &self.order,
            Stage::Comparison => &self.comparison,
            Stage::Search => &self.search,
        }
    }

    fn slot_mut(&mut self, stage: Stage) -> &mut dyn Slot {
        match stage {
            Stage::Model => &mut self.model,
            Stage::Corpus => &mut self.corpus,
            Stage::Passages => &mut self.passages,
            Stage::Embedding => &mut self.embedded,
            Stage::Projection => &mut self.projection,
            Stage::Clusters => &mut self.clusters,
            Stage::Order => &mut self.order,
            Stage::Comparison => &mut self.comparison,
            Stage::Search => &mut self.search,
        }
    }

    /// Notes that `work` has been started.
    pub fn begin(&mut self, work: &Work) {
        *self.status_mut(work.stage) = Status::Working(work.key.clone());
    }

    /// Takes in what a piece of work gave. An outcome whose key is no longer wanted is dropped.
    pub fn absorb(&mut self, outcome: Outcome) {
        if *self.status(outcome.stage) != Status::Working(outcome.key.clone()) {
            return;
        }
        let (stage, key) = (outcome.stage, outcome.key);
        match outcome.result {
            Ok(value) => {
                self.next_revision += 1;
                let stamp = artifact::Stamp {
                    key,
                    revision: self.next_revision,
                    seconds: outcome.elapsed.as_secs_f64(),
                };
                self.store(value, stamp);
            }
            Err(Failure::Stopped) => *self.status_mut(stage) = Status::Stopped(key),
            Err(Failure::Failed(message)) => *self.status_mut(stage) = Status::Failed(key, message),
        }
    }

    fn store(&mut self, value: Value, stamp: artifact::Stamp) {
        match value {
            Value::Model(model) => self.model.set(model, stamp),
            Value::Corpus(corpus) => {
                self.changes = self
                    .corpus()
                    .and_then(|before| Changes::between(before, &corpus));
                self.foreign = Foreign::of(&corpus);
                self.corpus.set(Arc::new(corpus), stamp);
            }
            Value::Passages(passages) => self.passages.set(Arc::new(passages), stamp),
            Value::Embedded(embedded) => {
                self.embedded.set(Arc::new(embedded), stamp);
                // Indices of other items mean nothing here.
                self.selection = Selection::default();
                self.select_pending();
            }
            Value::Projection(projection) => self.projection.set(Arc::new(projection), stamp),
            Value::Clusters(clusters) => self.clusters.set(Arc::new(clusters), stamp),
            Value::Order(order) => self.order.set(Arc::new(order), stamp),
            Value::Comparison(comparison) => self.comparison.set(Arc::new(comparison), stamp),
            Value::Search(hits) => self.search.set(Arc::new(hits), stamp),
        }
    }

    /// Set while the user has to say how many of very many files to read.
    pub fn crowd(&self) -> Option<Crowd> {
        self.corpus()?.crowd
    }
}

#[cfg(test)]
mod tests;
