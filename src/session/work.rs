//! The work itself: one variant per stage, run anywhere, told to stop through `Progress`.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::Array2;

use super::artifact::Key;
use super::embedded::{Embedded, Items};
use super::file::Stored;
use super::settings::Level;
use crate::analysis::{
    AnalysisError, ClusterRule, Clustering, Projection, Pyramid, SentenceMatch, keywords, kmeans,
    matrix_order, nearest, pca, scores, silhouette, strongest_matches,
};
use crate::cache::Cache;
use crate::embed::{self, EmbedError, Embedder, EmbedderChoice, Known, PrecisionRule};
use crate::message::{Level as MessageLevel, Message};
use crate::progress::{Cancelled, Progress};
use crate::text::{Corpus, Input, Passages, ReadRule, Tools, passages, read, sentences};
use crate::vectors::Embeddings;

/// The stages of the pipeline, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Opening the model.
    Model,
    /// Reading the inputs.
    Corpus,
    /// Splitting documents into passages.
    Passages,
    /// Embedding the passages.
    Embedding,
    /// Placing items on the map.
    Projection,
    /// Grouping items.
    Clusters,
    /// Ordering the matrix.
    Order,
    /// Comparing two items sentence by sentence.
    Comparison,
    /// Searching.
    Search,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Model,
        Self::Corpus,
        Self::Passages,
        Self::Embedding,
        Self::Projection,
        Self::Clusters,
        Self::Order,
        Self::Comparison,
        Self::Search,
    ];

    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "Model",
            Self::Corpus => "Reading",
            Self::Passages => "Splitting",
            Self::Embedding => "Embedding",
            Self::Projection => "Map",
            Self::Clusters => "Clusters",
            Self::Order => "Matrix",
            Self::Comparison => "Compare",
            Self::Search => "Search",
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
    /// Mean silhouette, −1 to 1.
    pub silhouette: f64,
}

impl Clusters {
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

/// Rows of the matrix, ordered.
#[derive(Debug)]
pub struct MatrixOrder {
    /// Item at each position.
    pub order: Vec<usize>,
    /// Position of each item.
    pub position: Vec<usize>,
    /// Block means in that order.
    pub pyramid: Pyramid,
}

/// Two items, sentence by sentence.
#[derive(Debug)]
pub struct Comparison {
    /// Left and right item.
    pub pair: (usize, usize),
    /// Their cosine.
    pub score: f32,
    /// Bytes of each sentence in the left text.
    pub left: Vec<Range<usize>>,
    /// Bytes of each sentence in the right text.
    pub right: Vec<Range<usize>>,
    /// Sentences that say the same thing, strongest first.
    pub matches: Vec<SentenceMatch>,
}

/// One item found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHit {
    /// Which item.
    pub item: usize,
    /// Its best passage.
    pub passage: usize,
    /// Cosine of that passage to the query.
    pub cosine: f32,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHits {
    /// The words searched for.
    pub query: String,
    /// Every item, best first.
    pub hits: Vec<SearchHit>,
}

/// Sentences less alike than this are not marked as matching.
pub const MATCH_THRESHOLD: f32 = 0.4;

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
    Split(Arc<Corpus>, Arc<dyn Embedder>),
    Stored(Arc<Stored>),
    Embed(
        Arc<Corpus>,
        Arc<Passages>,
        Arc<dyn Embedder>,
        Option<Cache>,
        Option<Arc<Stored>>,
    ),
    Project(Arc<Embedded>, Level),
    Cluster(Arc<Embedded>, Level, ClusterRule),
    Order(Arc<Embedded>, Level, Arc<Clusters>),
    Compare(Arc<Embedded>, Level, (usize, usize), Arc<dyn Embedder>),
    Search(Arc<Embedded>, Level, String, Arc<dyn Embedder>),
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
    Passages(Passages),
    Embedded(Embedded),
    Projection(Projection),
    Clusters(Clusters),
    Order(MatrixOrder),
    Comparison(Comparison),
    Search(SearchHits),
}

pub(super) enum Failure {
    Stopped,
    Failed(Message),
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
            Self::Split(corpus, model) => Value::Passages(split(&corpus, &*model, progress)?),
            Self::Stored(stored) => Value::Corpus(stored.corpus.clone()),
            Self::Embed(corpus, passages, model, cache, stored) => {
                let known = Known {
                    cache: cache.as_ref(),
                    stored: stored.as_ref().map(|stored| &stored.vectors),
                };
                Value::Embedded(Embedded::new(corpus, passages, &*model, known, progress)?)
            }
            Self::Project(embedded, level) => {
                Value::Projection(pca(Items::new(&embedded, level).embeddings(), 2, progress)?)
            }
            Self::Cluster(embedded, level, rule) => {
                Value::Clusters(cluster(Items::new(&embedded, level), rule, progress)?)
            }
            Self::Order(embedded, level, clusters) => {
                Value::Order(order(Items::new(&embedded, level), &clusters, progress)?)
            }
            Self::Compare(embedded, level, pair, model) => Value::Comparison(compare(
                Items::new(&embedded, level),
                pair,
                &*model,
                progress,
            )?),
            Self::Search(embedded, level, query, model) => Value::Search(search(
                Items::new(&embedded, level),
                query,
                &*model,
                progress,
            )?),
        })
    }
}

fn split(
    corpus: &Corpus,
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Passages, Cancelled> {
    progress.step("Splitting", corpus.documents.len());
    let mut out = Passages::default();
    for document in &corpus.documents {
        let n_tokens = |text: &str| model.n_tokens(text);
        out.push_document(passages(&document.text, model.max_text_tokens(), &n_tokens));
        progress.advance(1)?;
    }
    Ok(out)
}

fn cluster(
    items: Items<'_>,
    rule: ClusterRule,
    progress: &Progress,
) -> Result<Clusters, AnalysisError> {
    let clustering = kmeans(items.embeddings(), &rule, progress)?;
    let texts: Vec<&str> = (0..items.n()).map(|item| items.text(item)).collect();
    Ok(Clusters {
        sizes: clustering.members().iter().map(Vec::len).collect(),
        words: keywords(&texts, &clustering, WORDS_PER_CLUSTER),
        silhouette: silhouette(items.embeddings(), &clustering),
        clustering,
    })
}

fn order(
    items: Items<'_>,
    clusters: &Clusters,
    progress: &Progress,
) -> Result<MatrixOrder, Cancelled> {
    progress.step("Ordering the matrix", items.n());
    let order = matrix_order(items.embeddings(), &clusters.clustering);
    progress.check()?;
    let mut position = vec![0; order.len()];
    order
        .iter()
        .enumerate()
        .for_each(|(at, item)| position[*item] = at);
    let pyramid = Pyramid::new(items.embeddings(), &order);
    Ok(MatrixOrder {
        order,
        position,
        pyramid,
    })
}

fn compare(
    items: Items<'_>,
    pair: (usize, usize),
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Comparison, EmbedError> {
    let (left_text, right_text) = (items.text(pair.0), items.text(pair.1));
    let (left, right) = (sentences(left_text), sentences(right_text));
    let texts: Vec<&str> = left
        .iter()
        .map(|range| &left_text[range.clone()])
        .chain(right.iter().map(|range| &right_text[range.clone()]))
        .collect();
    let vectors = Embeddings::normalized(model.embed(&texts, progress)?);
    let (of_left, of_right) = vectors.view().split_at(ndarray::Axis(0), left.len());
    let cosines: Array2<f32> = of_left.dot(&of_right.t());
    Ok(Comparison {
        pair,
        score: items.embeddings().cosine(pair.0, pair.1),
        matches: strongest_matches(&cosines, MATCH_THRESHOLD),
        left,
        right,
    })
}

fn search(
    items: Items<'_>,
    query: String,
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<SearchHits, EmbedError> {
    let vector = Embeddings::normalized(model.embed(&[&query], progress)?);
    let scores = scores(&items.embedded().passage_vectors, vector.row(0));
    let mut best_of = vec![None; items.n()];
    for passage in nearest(&scores, scores.len(), None) {
        let item = items.item_of_passage(passage.item);
        best_of[item].get_or_insert(SearchHit {
            item,
            passage: passage.item,
            cosine: passage.cosine,
        });
    }
    let mut hits: Vec<SearchHit> = best_of.into_iter().flatten().collect();
    hits.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.item.cmp(&b.item)));
    Ok(SearchHits { query, hits })
}
