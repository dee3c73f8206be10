//! The work itself: one variant per stage, run anywhere, told to stop through `Progress`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::agreement::{Second, TwoModels};
use super::artifact::Key;
use super::belonging::Belonging;
use super::boilerplate::Boilerplate;
use super::compare::{Comparing, Comparison};
use super::duplicates::{DuplicateThreshold, Duplicates};
use super::embedded::{Embedded, Items};
use super::facts::Facts;
use super::file::Stored;
use super::import::{ImportError, fits, whole_documents, with_stored, with_vectors};
use super::map::{DocumentMap, Frozen, Layout, SemanticAxes, on_frozen};
use super::neighborhood::Neighborhood;
use super::order::{MatrixOrder, RowOrder};
use super::rows::{Narrowing, Rows, Sorting};
use super::saved_searches::{SavedScores, SavedSearch};
use super::search::{Query, SearchHits, Searched};
use super::settings::Level;
use super::split::split;
use super::subgroups::Subgroups;
use crate::analysis::{
    AnalysisError, ClusterRule, Clustering, MapQuality, NeighborGraph, Stability, central_items,
    cluster, keywords, map_quality, silhouette, stability,
};
use crate::cache::Cache;
use crate::embed::{self, EmbedError, Embedder, EmbedderChoice, Known, PrecisionRule};
use crate::message::{Level as MessageLevel, Message};
use crate::progress::{Cancelled, Progress};
use crate::text::{Corpus, Input, Passages, ReadRule, Tools, read, read_rows};

/// The stages of the pipeline, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Opening the model.
    Model,
    /// Reading the inputs.
    Corpus,
    /// Looking for sentences that stand in many documents.
    Boilerplate,
    /// Splitting documents into passages.
    Passages,
    /// Embedding the passages.
    Embedding,
    /// Placing items on the map by their principal components.
    Projection,
    /// Finding each item's nearest.
    Neighbors,
    /// Grouping items.
    Clusters,
    /// Parting clusters.
    Subgroups,
    /// Ordering the matrix.
    Order,
    /// Placing items on the map by another method.
    Layout,
    /// Finding items that say the same.
    Duplicates,
    /// Measuring what the map shows and what it does not.
    Quality,
    /// Asking how much the clusters owe to chance.
    Stability,
    /// Asking a second model.
    Agreement,
    /// Comparing two items sentence by sentence.
    Comparison,
    /// Explaining an item against its cluster.
    Belonging,
    /// Searching.
    Search,
    /// Scoring items by saved searches.
    Saved,
    /// Filtering and sorting.
    Rows,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Model,
        Self::Corpus,
        Self::Passages,
        Self::Embedding,
        Self::Projection,
        Self::Neighbors,
        Self::Clusters,
        Self::Order,
        Self::Layout,
        Self::Comparison,
        Self::Belonging,
        Self::Search,
        Self::Saved,
        Self::Rows,
        Self::Boilerplate,
        Self::Duplicates,
        Self::Quality,
        Self::Stability,
        Self::Subgroups,
        Self::Agreement,
    ];

    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "Model",
            Self::Corpus => "Reading",
            Self::Boilerplate => "Repeated sentences",
            Self::Passages => "Splitting",
            Self::Embedding => "Embedding",
            Self::Projection => "Map",
            Self::Neighbors => "Neighbors",
            Self::Clusters => "Clusters",
            Self::Subgroups => "Parts of clusters",
            Self::Order => "Matrix",
            Self::Layout => "Layout",
            Self::Duplicates => "Duplicates",
            Self::Quality => "Map quality",
            Self::Stability => "Stability",
            Self::Agreement => "Second model",
            Self::Comparison => "Compare",
            Self::Belonging => "Why here",
            Self::Search => "Search",
            Self::Saved => "Saved searches",
            Self::Rows => "Table",
        }
    }
}

/// Clusters with names.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// Which item is in which.
    pub clustering: Clustering,
    /// Items in each.
    pub sizes: Vec<usize>,
    /// Words that set each apart, strongest first.
    pub words: Vec<Vec<String>>,
    /// The item in the middle of each.
    pub central: Vec<Option<usize>>,
    /// Mean silhouette, −1 to 1.
    pub silhouette: f64,
}

impl Clusters {
    /// Groups the items and names the groups.
    ///
    /// # Errors
    /// As [`cluster`].
    pub fn new(
        items: Items<'_>,
        graph: &NeighborGraph,
        rule: &ClusterRule,
        progress: &Progress,
    ) -> Result<Self, AnalysisError> {
        let embeddings = items.embeddings();
        let clustering = cluster(embeddings, graph, rule, progress)?;
        let texts: Vec<&str> = (0..items.n()).map(|item| items.text(item)).collect();
        let language = |item: usize| items.document(item).language.map(|language| language.code);
        let languages: Vec<Option<&str>> = (0..items.n()).map(language).collect();
        Ok(Self {
            sizes: clustering.members().iter().map(Vec::len).collect(),
            words: keywords(&texts, &languages, &clustering, WORDS_PER_CLUSTER),
            central: central_items(embeddings, &clustering),
            silhouette: silhouette(embeddings, &clustering),
            clustering,
        })
    }

    /// What a cluster is called: its words, or its number when it has none.
    pub fn name(&self, cluster: usize) -> String {
        match &self.words[cluster][..] {
            [] => format!("Cluster {}", cluster + 1),
            words => words.join(", "),
        }
    }

    /// What the cluster of an item is called; noise is in none.
    pub fn label(&self, label: Option<usize>) -> String {
        label.map_or("In no cluster".into(), |cluster| self.name(cluster))
    }
}

/// Neighbors for which the map is measured against the vectors.
const MEASURED: usize = 10;

/// Words in a cluster's name.
const WORDS_PER_CLUSTER: usize = 3;

/// A piece of work: what to do, and the request it answers.
pub struct Work {
    /// Which stage it belongs to.
    pub stage: Stage,
    /// The request.
    pub key: Key,
    pub(super) task: Task,
}

pub(super) enum Task {
    Open(EmbedderChoice, PrecisionRule),
    Read(Vec<Input>, ReadRule, Tools, Option<Arc<Stored>>),
    Boilerplate(Arc<Corpus>),
    Split(Arc<Corpus>, Option<Arc<Boilerplate>>, Arc<dyn Embedder>),
    ReadRows(Input, ReadRule, Tools),
    WholeDocuments(Arc<Corpus>),
    Import(Arc<Corpus>, Arc<Passages>, PathBuf, Option<Arc<Stored>>),
    Stored(Arc<Stored>),
    Embed(
        Arc<Corpus>,
        Arc<Passages>,
        Arc<dyn Embedder>,
        Option<Cache>,
        Option<Arc<Stored>>,
    ),
    Project(Arc<Embedded>, Level, usize),
    Neighbors(Arc<Embedded>, Level, Option<Arc<Neighborhood>>),
    Cluster(Arc<Embedded>, Level, Arc<Neighborhood>, ClusterRule),
    Subgroups(Arc<Embedded>, Level, Arc<Clusters>, ClusterRule),
    Order(Arc<Embedded>, Level, Arc<Clusters>, RowOrder),
    Layout(Layout, Arc<Neighborhood>),
    Axes(Layout, SemanticAxes, Arc<dyn Embedder>),
    Frozen(Arc<Frozen>, Arc<Embedded>),
    Duplicates(Arc<Embedded>, Level, Arc<Neighborhood>, DuplicateThreshold),
    Quality(Arc<Embedded>, Level, Arc<Neighborhood>, Arc<DocumentMap>),
    Stability(
        Arc<Embedded>,
        Level,
        Arc<Neighborhood>,
        Arc<Clusters>,
        ClusterRule,
    ),
    Agreement(Second, Arc<Neighborhood>),
    Compare(Comparing),
    Explain(
        Arc<Embedded>,
        Level,
        usize,
        Arc<Clusters>,
        Arc<dyn Embedder>,
    ),
    Search(Searched, Query),
    Saved(Searched, Arc<Vec<SavedSearch>>),
    List(Facts, Narrowing, Option<Sorting>),
}

/// What a piece of work gave.
pub struct Outcome {
    /// Which stage it belongs to.
    pub stage: Stage,
    /// The request it answers.
    pub key: Key,
    pub(super) elapsed: Duration,
    pub(super) result: Result<Value, Failure>,
}

pub(super) enum Value {
    Model(Arc<dyn Embedder>),
    Corpus(Corpus),
    Boilerplate(Boilerplate),
    Passages(Passages),
    Embedded(Embedded),
    Projection(DocumentMap),
    Neighbors(Neighborhood),
    Clusters(Clusters),
    Subgroups(Subgroups),
    Order(MatrixOrder),
    Layout(DocumentMap),
    Duplicates(Duplicates),
    Quality(MapQuality),
    Stability(Stability),
    Agreement(TwoModels),
    Comparison(Box<Comparison>),
    Belonging(Box<Belonging>),
    Search(SearchHits),
    Saved(SavedScores),
    Rows(Rows),
}

pub(super) enum Failure {
    Stopped,
    Failed(Message),
}

impl Failure {
    /// A sentence for people.
    pub(super) fn told(summary: &str) -> Self {
        Self::told_with(summary, Vec::new())
    }

    /// The same, and what lies behind it.
    pub(super) fn told_with(summary: &str, details: Vec<String>) -> Self {
        Self::Failed(Message::new(MessageLevel::Error, summary).with_details(details))
    }
}

impl From<Cancelled> for Failure {
    fn from(_: Cancelled) -> Self {
        Self::Stopped
    }
}

impl From<EmbedError> for Failure {
    fn from(error: EmbedError) -> Self {
        match error {
            EmbedError::Cancelled(_) => Self::Stopped,
            error => Self::Failed(Message::from_error(&error)),
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Cancelled(_) => Self::Stopped,
            error => Self::Failed(Message::from_error(&error)),
        }
    }
}

impl From<AnalysisError> for Failure {
    fn from(error: AnalysisError) -> Self {
        match error {
            AnalysisError::Cancelled(_) => Self::Stopped,
            error @ AnalysisError::Numeric(_) => Self::Failed(Message::from_error(&error)),
        }
    }
}

impl Work {
    /// Does it. A panic, say of a parser that met a strange file, is a failure of this piece of
    /// work and of nothing else.
    pub fn run(self, progress: &Progress) -> Outcome {
        let (stage, key) = (self.stage, self.key);
        let started = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| self.task.run(progress)))
            .unwrap_or_else(|panic| Err(Failure::Failed(unexpected(stage, &*panic))));
        Outcome {
            stage,
            key,
            elapsed: started.elapsed(),
            result,
        }
    }
}

fn unexpected(stage: Stage, panic: &(dyn std::any::Any + Send)) -> Message {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no details");
    let summary = format!(
        "{} failed unexpectedly. Nothing else is affected; try again.",
        stage.name()
    );
    Message::new(MessageLevel::Error, summary).with_details(vec![text.to_owned()])
}

impl Task {
    fn run(self, progress: &Progress) -> Result<Value, Failure> {
        Ok(match self {
            Self::Open(choice, precision) => {
                Value::Model(embed::open(&choice, precision, progress)?)
            }
            Self::Read(inputs, rule, tools, stored) => {
                let kept = stored.as_ref().map(|stored| &stored.corpus.documents[..]);
                Value::Corpus(read(
                    &inputs,
                    &rule,
                    &tools,
                    kept.unwrap_or_default(),
                    progress,
                )?)
            }
            Self::Boilerplate(corpus) => Value::Boilerplate(Boilerplate::find(&corpus, progress)?),
            Self::Split(corpus, without, model) => {
                Value::Passages(split(&corpus, without.as_deref(), &*model, progress)?)
            }
            Self::ReadRows(input, rule, tools) => Value::Corpus(match input {
                Input::Path(path) => read_rows(&path, &rule, &tools, progress)?,
                Input::Pasted(_) | Input::Sample => Corpus::default(),
            }),
            Self::WholeDocuments(corpus) => Value::Passages(whole_documents(&corpus)),
            Self::Import(corpus, passages, vectors, stored) => {
                Value::Embedded(match stored.filter(|stored| fits(stored, &corpus)) {
                    Some(stored) => with_stored(corpus, passages, &vectors, &stored),
                    None => with_vectors(corpus, passages, &vectors, progress)?,
                })
            }
            Self::Stored(stored) => Value::Corpus(stored.corpus.clone()),
            Self::Embed(corpus, passages, model, cache, stored) => {
                let known = Known {
                    cache: cache.as_ref(),
                    stored: stored.as_ref().map(|stored| &stored.vectors),
                };
                Value::Embedded(Embedded::new(corpus, passages, &*model, known, progress)?)
            }
            Self::Project(embedded, level, n_axes) => {
                let items = Items::new(&embedded, level);
                let map = DocumentMap::principal(items.embeddings(), n_axes, progress)?;
                Value::Projection(map)
            }
            Self::Neighbors(embedded, level, previous) => Value::Neighbors(Neighborhood::new(
                embedded,
                level,
                previous.as_deref(),
                progress,
            )?),
            Self::Cluster(embedded, level, near, rule) => {
                let items = Items::new(&embedded, level);
                Value::Clusters(Clusters::new(items, &near.graph, &rule, progress)?)
            }
            Self::Subgroups(embedded, level, clusters, rule) => {
                let items = Items::new(&embedded, level);
                Value::Subgroups(Subgroups::new(items, &clusters, rule, progress)?)
            }
            Self::Order(embedded, level, clusters, by) => {
                let items = Items::new(&embedded, level);
                Value::Order(MatrixOrder::new(items, &clusters, by, progress)?)
            }
            Self::Layout(layout, near) => Value::Layout(layout.by_method(&near.graph, progress)?),
            Self::Axes(layout, axes, model) => {
                Value::Layout(layout.on_axes(&axes, &*model, progress)?)
            }
            Self::Frozen(frozen, embedded) => {
                Value::Layout(on_frozen(&frozen, &embedded, progress)?)
            }
            Self::Duplicates(embedded, level, near, rule) => {
                Value::Duplicates(Duplicates::find(Items::new(&embedded, level), &near, rule))
            }
            Self::Quality(embedded, level, near, map) => {
                let (embeddings, k) = (Items::new(&embedded, level).embeddings(), MEASURED);
                let points = &map.projection.points;
                Value::Quality(map_quality(embeddings, points, &near.graph, k, progress)?)
            }
            Self::Stability(embedded, level, near, clusters, rule) => {
                let embeddings = Items::new(&embedded, level).embeddings();
                let (graph, found) = (&near.graph, &clusters.clustering);
                Value::Stability(stability(embeddings, graph, &rule, found, progress)?)
            }
            Self::Agreement(second, near) => Value::Agreement(second.run(&near, progress)?),
            Self::Compare(pair) => Value::Comparison(Box::new(pair.run(progress)?)),
            Self::Explain(embedded, level, item, clusters, model) => {
                let items = Items::new(&embedded, level);
                let found = Belonging::of(items, item, &clusters, &*model, progress)?;
                Value::Belonging(Box::new(
                    found.ok_or_else(|| Failure::told("There are no clusters to be in."))?,
                ))
            }
            Self::List(facts, narrowing, sorting) => {
                Value::Rows(Rows::new(&facts, &narrowing, sorting.as_ref(), progress)?)
            }
            Self::Saved(searched, saved) => {
                Value::Saved(SavedScores::new(&searched, &saved, progress)?)
            }
            Self::Search(searched, query) => Value::Search(searched.search(query, progress)?),
        })
    }
}
