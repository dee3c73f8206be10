//! Two models on one corpus: whom each thinks near whom, and where they part.

use std::sync::Arc;

use ndarray::Array2;

use super::embedded::{Embedded, Items};
use super::neighborhood::Neighborhood;
use super::settings::Level;
use super::split::split;
use super::work::Failure;
use crate::analysis::{self, NeighborGraph, RankChange, aligned, disparity, pca, rank_changes};
use crate::cache::Cache;
use crate::embed::{self, EmbedderChoice, Known, PrecisionRule};
use crate::progress::Progress;
use crate::vectors::ModelTag;

/// What a second model makes of the same items.
#[derive(Debug)]
pub struct TwoModels {
    /// The first model and the second.
    pub tags: (ModelTag, ModelTag),
    /// How far they agree.
    pub agreement: analysis::Agreement,
    /// The first model's principal components, shape `(n, 2)`.
    pub first_map: Array2<f32>,
    /// The second's, turned, scaled and shifted to lie as near to the first's as it can.
    pub second_map: Array2<f32>,
    /// What stays different between the maps, 0 to 1; see [`disparity`].
    pub disparity: f64,
    /// Whom each model thinks near whom.
    graphs: (Arc<Neighborhood>, NeighborGraph),
}

impl TwoModels {
    /// The nearest of an item in either model, at most `k` of each, with their ranks in both.
    pub fn rank_changes(&self, item: usize, k: usize) -> Vec<RankChange> {
        let near = |rank: Option<usize>| rank.is_some_and(|rank| rank <= k);
        let mut changes = rank_changes(&self.graphs.0.graph, &self.graphs.1, item);
        changes.retain(|change| near(change.rank_a) || near(change.rank_b));
        changes
    }
}

/// What is asked of a second model.
pub struct Second {
    /// The items and the first model's vectors.
    pub embedded: Arc<Embedded>,
    /// Documents or passages.
    pub level: Level,
    /// Which model.
    pub choice: EmbedderChoice,
    /// How exactly it computes.
    pub precision: PrecisionRule,
    /// Where its vectors may be already.
    pub cache: Option<Cache>,
}

impl Second {
    /// Runs the second model on the same texts and compares.
    pub(super) fn run(
        self,
        neighborhood: &Arc<Neighborhood>,
        progress: &Progress,
    ) -> Result<TwoModels, Failure> {
        let first = Items::new(&self.embedded, self.level);
        let model = embed::open(&self.choice, self.precision, progress)?;
        let passages = match self.level {
            // The second model may read more or less of a text at once.
            Level::Documents => Arc::new(split(&self.embedded.corpus, None, &*model, progress)?),
            // The items are the first model's passages, whatever the second would make of the texts.
            Level::Passages => self.embedded.passages.clone(),
        };
        let known = Known {
            cache: self.cache.as_ref(),
            stored: None,
        };
        let corpus = self.embedded.corpus.clone();
        let embedded = Arc::new(Embedded::new(corpus, passages, &*model, known, progress)?);
        let second = Items::new(&embedded, self.level);
        let graph = NeighborGraph::exact(second.embeddings(), neighborhood.graph.k(), progress)?;
        let (first_map, second_map) = (
            pca(first.embeddings(), 2, progress)?.points,
            pca(second.embeddings(), 2, progress)?.points,
        );
        Ok(TwoModels {
            tags: (self.embedded.tag.clone(), embedded.tag.clone()),
            agreement: analysis::agreement(
                (first.embeddings(), &neighborhood.graph),
                (second.embeddings(), &graph),
                progress,
            )?,
            disparity: disparity(&second_map, &first_map),
            second_map: aligned(&second_map, &first_map),
            first_map,
            graphs: (neighborhood.clone(), graph),
        })
    }
}
