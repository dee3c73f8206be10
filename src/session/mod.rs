//! One exploration: what was asked for, what exists, and what is therefore due.
//!
//! No threads and no window. The window and the command line turn the same wheel: take what is
//! [`due`](Session::due), run it, [`absorb`](Session::absorb) the outcome, until nothing is due.

mod agreement;
mod artifact;
mod belonging;
mod boilerplate;
mod changes;
mod choice;
mod command;
mod compare;
mod due;
mod duplicates;
mod embedded;
mod facts;
mod file;
mod history;
mod import;
mod item_set;
mod map;
mod messages;
mod neighborhood;
mod order;
mod original;
mod rows;
mod saved_searches;
mod saved_settings;
mod search;
mod selection;
mod settings;
mod split;
mod subgroups;
mod triage;
mod work;

pub use agreement::TwoModels;
pub use artifact::{Artifact, Key, Rule, Status};
pub use belonging::Belonging;
pub use boilerplate::Boilerplate;
pub use command::{Command, Example};
pub use compare::{Beside, ClusterSide, Comparison, MATCH_THRESHOLD, Rank, Reasons};
pub use duplicates::{DEFAULT_THRESHOLD, DuplicateGroup, DuplicateThreshold, Duplicates};
pub use embedded::{Embedded, Items};
pub use facts::{Cell, Column, Facts};
pub use file::{FileError, Opened, Stored, UserState, encode};
pub use history::History;
pub use import::ImportError;
pub use item_set::{Combine, ItemSet};
pub use map::{Added, DocumentMap, MapRule, Poles, SemanticAxes};
pub use messages::{Foreign, MULTILINGUAL_MODEL, MessagesKey, skipped_count};
pub use neighborhood::{NEIGHBORS_PER_ITEM, Neighborhood, OUTLIER_NEIGHBORS};
pub use order::{MatrixOrder, RowOrder};
pub use original::OriginalBy;
pub use rows::{Narrowing, Rows, Sorting, Wanted};
pub use saved_searches::{SavedScores, SavedSearch};
pub use search::{Query, SearchHit, SearchHits};
pub use selection::Selection;
pub use settings::{Level, Settings};
pub use subgroups::{Subgroup, Subgroups};
pub use triage::{DUPLICATE_TAG, Decision, Decisions, Standing};
pub use work::{Clusters, Outcome, Stage, Work};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::analysis::{MapQuality, Stability};
use crate::embed::Embedder;
use crate::text::{Corpus, Crowd, Input, Passages, Source, Tools};

use artifact::Slot;
use changes::Changes;
use file::PendingSelection;
use map::{Frozen, Preview};
use work::{Failure, Value};

/// Which map is shown: differs when its points do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapKey(u64, u64);

/// The state of one exploration. Changed only by [`apply`](Session::apply),
/// [`begin`](Session::begin) and [`absorb`](Session::absorb).
///
/// A copy is cheap: both share all results.
#[derive(Clone, Default)]
pub struct Session {
    /// What the user set.
    pub settings: Settings,
    /// What the user points at.
    pub selection: Selection,
    tools: Tools,
    inputs: Vec<Input>,
    inputs_revision: u64,
    /// The file of vectors that came with the inputs; with it no model is used.
    vectors: Option<PathBuf>,
    changes: Option<Changes>,
    foreign: Option<Foreign>,
    query: Query,
    tags: Arc<BTreeMap<String, String>>,
    /// Counts changes of the tags.
    tags_revision: u64,
    saved: Arc<Vec<SavedSearch>>,
    decisions: Arc<Decisions>,
    /// Counts changes of the decisions.
    decisions_revision: u64,
    narrowing: Narrowing,
    sorting: Option<Sorting>,
    history: History,
    stored: Option<Arc<Stored>>,
    /// Whether they are shown as they came, and nothing is read.
    shows_stored: bool,
    pending: Option<PendingSelection>,
    next_revision: u64,
    model: Artifact<Arc<dyn Embedder>>,
    corpus: Artifact<Arc<Corpus>>,
    passages: Artifact<Arc<Passages>>,
    embedded: Artifact<Arc<Embedded>>,
    boilerplate: Artifact<Arc<Boilerplate>>,
    projection: Artifact<Arc<DocumentMap>>,
    neighbors: Artifact<Arc<Neighborhood>>,
    clusters: Artifact<Arc<Clusters>>,
    subgroups: Artifact<Arc<Subgroups>>,
    order: Artifact<Arc<MatrixOrder>>,
    layout: Artifact<Arc<DocumentMap>>,
    /// Pictures of a layout on its way.
    preview: Arc<Preview>,
    /// The map that stays as it is, and the how manieth that was frozen.
    frozen: Option<(u64, Arc<Frozen>)>,
    duplicates: Artifact<Arc<Duplicates>>,
    quality: Artifact<Arc<MapQuality>>,
    stability: Artifact<Arc<Stability>>,
    agreement: Artifact<Arc<TwoModels>>,
    comparison: Artifact<Arc<Comparison>>,
    belonging: Artifact<Arc<Belonging>>,
    search: Artifact<Arc<SearchHits>>,
    saved_scores: Artifact<Arc<SavedScores>>,
    rows: Artifact<Arc<Rows>>,
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

    /// The file of vectors that were imported for the inputs. While there is one, nothing can be
    /// embedded: no words searched for, and no sentences compared.
    pub fn own_vectors(&self) -> Option<&Path> {
        self.vectors.as_deref()
    }

    /// What is being searched for; empty when nothing is.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Sentences that stand in many documents.
    pub fn boilerplate(&self) -> Option<&Arc<Boilerplate>> {
        self.boilerplate.value()
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

    /// The model, once it is open; none while the vectors are imported.
    pub fn model(&self) -> Option<&Arc<dyn Embedder>> {
        self.model.value().filter(|_| self.vectors.is_none())
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

    /// The map of the present items and a key that changes with it: the one that is asked for, a
    /// picture of it on its way, or until there is one the last or the principal components.
    pub fn map(&self) -> Option<(MapKey, Arc<DocumentMap>)> {
        let finished = |stage: Stage, artifact| {
            let map: &Arc<DocumentMap> = self.of_items(artifact)?;
            Some((MapKey(self.revision(stage)?, 0), map.clone()))
        };
        let principal = || finished(Stage::Projection, &self.projection);
        if let Some((number, frozen)) = self.frozen_here() {
            // Never another one meanwhile: it would seem to jump.
            let rule = Rule::Freeze(self.settings.level, number);
            let is_placed = self
                .layout
                .stamp()
                .is_some_and(|stamp| stamp.key.rule == rule);
            let placed = finished(Stage::Layout, &self.layout).filter(|_| is_placed);
            let now = self.embedded.value()?;
            let is_same = Arc::ptr_eq(now, &frozen.embedded);
            let same = || is_same.then(|| (MapKey(number, 0), frozen.map.clone()));
            return placed.or_else(same);
        }
        if !self.wants_layout() {
            return principal();
        }
        let n = self.items()?.n();
        let is_working = matches!(self.status(Stage::Layout), Status::Working(_));
        let picture = self.preview.latest().filter(|_| is_working);
        let picture = picture.filter(|(_, map)| map.projection.points.nrows() == n);
        picture
            .map(|(count, map)| (MapKey(0, count), map))
            .or_else(|| finished(Stage::Layout, &self.layout))
            .or_else(principal)
    }

    /// The principal components of the present items.
    pub fn principal(&self) -> Option<&Arc<DocumentMap>> {
        self.of_items(&self.projection)
    }

    /// Whether the map is another than that of the principal components.
    fn wants_layout(&self) -> bool {
        self.frozen_here().is_some() || !self.settings.map.is_pca()
    }

    /// The frozen map, if it is one of such items as are shown.
    fn frozen_here(&self) -> Option<(u64, &Arc<Frozen>)> {
        let (number, frozen) = self.frozen.as_ref()?;
        (frozen.level == self.settings.level).then_some((*number, frozen))
    }

    /// Whether the map keeps its points where they are when documents come.
    pub fn is_frozen(&self) -> bool {
        self.frozen_here().is_some()
    }

    /// The neighbors of the present items.
    pub fn neighborhood(&self) -> Option<&Arc<Neighborhood>> {
        self.of_items(&self.neighbors)
    }

    /// Which of the present items say the same.
    pub fn duplicates(&self) -> Option<&Arc<Duplicates>> {
        self.of_items(&self.duplicates)
    }

    /// What the map shows of the vectors and what it does not, once that is measured for the map
    /// that is shown.
    pub fn quality(&self) -> Option<&Arc<MapQuality>> {
        let shown = self.map()?.0.0;
        let measured = self.quality.stamp()?.key.inputs.last().copied();
        self.of_items(&self.quality)
            .filter(|_| measured == Some(shown))
    }

    /// How much the present clusters owe to chance.
    pub fn stability(&self) -> Option<&Arc<Stability>> {
        let of = self.stability.stamp()?.key.inputs.last().copied();
        self.of_items(&self.stability)
            .filter(|_| of == self.revision(Stage::Clusters))
    }

    /// What a second model makes of the present items.
    pub fn agreement(&self) -> Option<&Arc<TwoModels>> {
        let choice = self.settings.second_model.as_ref()?;
        let rule = &self.agreement.stamp()?.key.rule;
        let is_of_choice = matches!(rule, Rule::AskSecond(_, second, _) if second == choice);
        self.of_items(&self.agreement).filter(|_| is_of_choice)
    }

    /// Clusters of the present items. After the rule was changed these are the old ones, until the
    /// new ones are ready.
    pub fn clusters(&self) -> Option<&Arc<Clusters>> {
        self.of_items(&self.clusters)
    }

    /// What the present clusters fall into.
    pub fn subgroups(&self) -> Option<&Arc<Subgroups>> {
        let of = self.subgroups.stamp()?.key.inputs.last().copied();
        self.of_items(&self.subgroups)
            .filter(|_| of == self.revision(Stage::Clusters))
    }

    /// Row order of the matrix for the present items.
    pub fn order(&self) -> Option<&Arc<MatrixOrder>> {
        self.of_items(&self.order)
    }

    /// The two documents being compared, once their sentences are.
    pub fn comparison(&self) -> Option<&Arc<Comparison>> {
        let comparison = self.of_items(&self.comparison)?;
        let of = self.comparison.stamp()?.key.inputs.last().copied();
        let is_of_clusters = of == self.revision(Stage::Clusters);
        let is_present = comparison.cluster.is_none() || is_of_clusters;
        (is_present && comparison.is_of(&self.selection)).then_some(comparison)
    }

    /// Why the selected item is in its cluster, once that was asked for.
    pub fn belonging(&self) -> Option<&Arc<Belonging>> {
        let of = self.belonging.stamp()?.key.inputs.last().copied();
        let is_present = of == self.revision(Stage::Clusters) && self.selection.is_explained;
        self.of_items(&self.belonging)
            .filter(|found| is_present && Some(found.item) == self.selection.selected)
    }

    /// What the search found among the present items.
    pub fn search_hits(&self) -> Option<&Arc<SearchHits>> {
        let hits = self.of_items(&self.search)?;
        (hits.query == self.query).then_some(hits)
    }

    /// The same; while something else is being looked for, what was found before, so that lists do
    /// not blink with every letter that is typed.
    pub fn shown_hits(&self) -> Option<&Arc<SearchHits>> {
        let hits = self.of_items(&self.search)?;
        let status = self.status(Stage::Search);
        let is_over = matches!(status, Status::Failed(..) | Status::Stopped(_));
        let is_on_its_way = !is_over && !self.query.is_empty();
        (hits.query == self.query || is_on_its_way).then_some(hits)
    }

    /// Searches that were kept under a name, the oldest first.
    pub fn saved_searches(&self) -> &[SavedSearch] {
        &self.saved
    }

    /// How near the present items are to the saved searches.
    pub fn saved_scores(&self) -> Option<&Arc<SavedScores>> {
        self.of_items(&self.saved_scores)
            .filter(|_| !self.saved.is_empty())
    }

    /// Which of the present items pass the filters, and their order in the table. After a filter was
    /// changed these are the old ones, until the new ones are ready.
    pub fn rows(&self) -> Option<&Arc<Rows>> {
        self.of_items(&self.rows)
    }

    /// Whether an item passes the filters, as far as that is known.
    pub fn passes(&self, item: usize) -> bool {
        self.rows().is_none_or(|rows| rows.passing.contains(item))
    }

    /// What items must be to be shown in full.
    pub fn narrowing(&self) -> &Narrowing {
        &self.narrowing
    }

    /// How the table is sorted; `None` for the order of the search, or of the documents.
    pub fn sorting(&self) -> Option<&Sorting> {
        self.sorting.as_ref()
    }

    /// What can be undone and done again.
    pub fn history(&self) -> &History {
        &self.history
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
            Stage::Boilerplate => &self.boilerplate,
            Stage::Projection => &self.projection,
            Stage::Neighbors => &self.neighbors,
            Stage::Clusters => &self.clusters,
            Stage::Subgroups => &self.subgroups,
            Stage::Order => &self.order,
            Stage::Layout => &self.layout,
            Stage::Duplicates => &self.duplicates,
            Stage::Quality => &self.quality,
            Stage::Stability => &self.stability,
            Stage::Agreement => &self.agreement,
            Stage::Comparison => &self.comparison,
            Stage::Belonging => &self.belonging,
            Stage::Search => &self.search,
            Stage::Saved => &self.saved_scores,
            Stage::Rows => &self.rows,
        }
    }

    fn slot_mut(&mut self, stage: Stage) -> &mut dyn Slot {
        match stage {
            Stage::Model => &mut self.model,
            Stage::Corpus => &mut self.corpus,
            Stage::Passages => &mut self.passages,
            Stage::Embedding => &mut self.embedded,
            Stage::Boilerplate => &mut self.boilerplate,
            Stage::Projection => &mut self.projection,
            Stage::Neighbors => &mut self.neighbors,
            Stage::Clusters => &mut self.clusters,
            Stage::Subgroups => &mut self.subgroups,
            Stage::Order => &mut self.order,
            Stage::Layout => &mut self.layout,
            Stage::Duplicates => &mut self.duplicates,
            Stage::Quality => &mut self.quality,
            Stage::Stability => &mut self.stability,
            Stage::Agreement => &mut self.agreement,
            Stage::Comparison => &mut self.comparison,
            Stage::Belonging => &mut self.belonging,
            Stage::Search => &mut self.search,
            Stage::Saved => &mut self.saved_scores,
            Stage::Rows => &mut self.rows,
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
                self.forget_items();
                self.select_pending();
            }
            Value::Boilerplate(found) => self.boilerplate.set(Arc::new(found), stamp),
            Value::Projection(map) => self.projection.set(Arc::new(map), stamp),
            Value::Neighbors(found) => self.neighbors.set(Arc::new(found), stamp),
            Value::Clusters(clusters) => {
                // Those that were switched off are others now.
                self.narrowing.hidden_clusters.clear();
                self.clusters.set(Arc::new(clusters), stamp);
            }
            Value::Subgroups(found) => self.subgroups.set(Arc::new(found), stamp),
            Value::Order(order) => self.order.set(Arc::new(order), stamp),
            Value::Layout(map) => self.layout.set(Arc::new(map), stamp),
            Value::Duplicates(found) => self.duplicates.set(Arc::new(found), stamp),
            Value::Quality(quality) => self.quality.set(Arc::new(quality), stamp),
            Value::Stability(stability) => self.stability.set(Arc::new(stability), stamp),
            Value::Agreement(found) => self.agreement.set(Arc::new(found), stamp),
            Value::Comparison(comparison) => self.comparison.set(Arc::from(comparison), stamp),
            Value::Belonging(found) => self.belonging.set(Arc::from(found), stamp),
            Value::Search(hits) => self.search.set(Arc::new(hits), stamp),
            Value::Saved(scores) => self.saved_scores.set(Arc::new(scores), stamp),
            Value::Rows(rows) => self.rows.set(Arc::new(rows), stamp),
        }
    }

    /// Items by number mean nothing once there are others.
    fn forget_items(&mut self) {
        self.query.plus.clear();
        self.query.minus.clear();
        self.narrowing.hidden_clusters.clear();
        self.narrowing.hidden = ItemSet::default();
        self.history = History::default();
        if matches!(self.settings.order, RowOrder::LikenessTo(_)) {
            self.settings.order = RowOrder::default();
        }
    }

    /// Set while the user has to say how many of very many files to read.
    pub fn crowd(&self) -> Option<Crowd> {
        self.corpus()?.crowd
    }
}

#[cfg(test)]
mod tests;
