//! The neighbor graph of the items, and what follows from it at once.

use std::sync::Arc;

use ndarray::s;

use super::embedded::{Embedded, Items};
use super::settings::Level;
use crate::analysis::{NeighborGraph, outlier_ranking, outlier_scores};
use crate::progress::{Cancelled, Progress};

/// Neighbors of each item in the graph. t-SNE wants three for each unit of its perplexity, which is
/// 30; all others want fewer, and take the first ones.
pub const NEIGHBORS_PER_ITEM: usize = 90;

/// Neighbors that say whether an item stands alone.
pub const OUTLIER_NEIGHBORS: usize = 5;

/// Who is near whom.
#[derive(Debug)]
pub struct Neighborhood {
    /// The exact graph.
    pub graph: NeighborGraph,
    /// How far each item is from its five nearest: one minus their mean cosine, 0 to 2.
    pub outlier_scores: Vec<f32>,
    /// Items whose neighbors were known from before; only pairs with others were looked at.
    pub n_known: usize,
    embedded: Arc<Embedded>,
    level: Level,
}

impl Neighborhood {
    /// Finds the neighbors of all items. When the first of them are those of `previous`, as they are
    /// after documents were added, only pairs with the new ones are looked at.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn new(
        embedded: Arc<Embedded>,
        level: Level,
        previous: Option<&Self>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let embeddings = Items::new(&embedded, level).embeddings();
        let known = previous.filter(|previous| previous.begins(&embedded, level));
        let (graph, n_known) = match known {
            Some(known) => (
                known
                    .graph
                    .extended(embeddings, NEIGHBORS_PER_ITEM, progress)?,
                known.graph.n(),
            ),
            None => (
                NeighborGraph::exact(embeddings, NEIGHBORS_PER_ITEM, progress)?,
                0,
            ),
        };
        Ok(Self {
            outlier_scores: outlier_scores(&graph, OUTLIER_NEIGHBORS),
            graph,
            n_known,
            embedded,
            level,
        })
    }

    /// Items that stand most alone, the loneliest first.
    pub fn loneliest(&self) -> Vec<usize> {
        outlier_ranking(&self.outlier_scores)
    }

    /// The two items with the highest cosine. `None` when there are no two.
    pub fn most_alike(&self) -> Option<(usize, usize)> {
        let nearest =
            (0..self.graph.n()).filter_map(|item| Some((item, self.graph.of(item).first()?)));
        let best = nearest.reduce(|best, next| {
            if next.1.cosine > best.1.cosine {
                next
            } else {
                best
            }
        });
        best.map(|(item, neighbor)| (item, neighbor.item))
    }

    /// Whether the first items of `embedded` are these.
    fn begins(&self, embedded: &Arc<Embedded>, level: Level) -> bool {
        let (old, new) = (
            Items::new(&self.embedded, self.level),
            Items::new(embedded, level),
        );
        let n = old.n();
        self.level == level
            && n <= new.n()
            && old.embeddings().dim() == new.embeddings().dim()
            && self.embedded.tag == embedded.tag
            && old.embeddings().view() == new.embeddings().view().slice(s![..n, ..])
    }
}
