//! Why an item is in its cluster: what its sentences contribute to its cosine to the center.

use std::ops::Range;

use ndarray::{Array1, Axis};

use super::compare::item_parts;
use super::embedded::Items;
use super::work::Clusters;
use crate::analysis::{Parts, explain};
use crate::embed::{EmbedError, Embedder};
use crate::progress::Progress;
use crate::vectors::Embeddings;

/// An item against the center of a cluster, the mean of its members scaled to length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Belonging {
    /// Which item.
    pub item: usize,
    /// Its cluster, or the nearest for an item in none.
    pub cluster: usize,
    /// Whether the item is in it.
    pub is_member: bool,
    /// Cosine of the item and the center.
    pub score: f32,
    /// The nearest of the other clusters and the cosine to its center.
    pub next: Option<(usize, f32)>,
    /// Bytes of each sentence in the item's text.
    pub sentences: Vec<Range<usize>>,
    /// What each sentence contributes to the score; with the residual they sum to it.
    pub contributions: Vec<f32>,
    /// What the model's own tokens contribute.
    pub residual: f32,
    /// For each sentence the cosine without it.
    pub without: Vec<f32>,
    /// Whether the contributions are exact; see [`Explanation`](crate::analysis::Explanation).
    pub is_exact: bool,
}

/// Where an item is among the clusters.
pub(super) struct Placed {
    /// Its cluster, or the nearest for an item in none.
    pub cluster: usize,
    /// Whether the item is in it.
    pub is_member: bool,
    /// The center of that cluster, shape `(d)` and length 1.
    pub center: Array1<f32>,
    /// Cosine of the item and the center.
    pub score: f32,
    /// The nearest of the other clusters, and the cosine to its center.
    pub next: Option<(usize, f32)>,
}

impl Placed {
    /// `None` if there are no clusters.
    pub fn of(items: Items<'_>, item: usize, clusters: &Clusters) -> Option<Self> {
        let clustering = &clusters.clustering;
        let centers = Embeddings::normalized(clustering.centers.clone());
        let cosines = centers.view().dot(&items.embeddings().row(item));
        let nearest = |but: Option<usize>| {
            let others = cosines.iter().copied().enumerate();
            others
                .filter(|(cluster, _)| Some(*cluster) != but)
                .max_by(|a, b| a.1.total_cmp(&b.1))
        };
        let own = clustering.labels[item];
        let cluster = own.or_else(|| nearest(None).map(|(cluster, _)| cluster))?;
        Some(Self {
            cluster,
            is_member: own.is_some(),
            center: centers.row(cluster).to_owned(),
            score: cosines[cluster],
            next: nearest(Some(cluster)),
        })
    }
}

impl Belonging {
    /// Explains an item against its cluster; `None` if there are no clusters.
    ///
    /// # Errors
    /// As [`Embedder::embed`].
    pub(super) fn of(
        items: Items<'_>,
        item: usize,
        clusters: &Clusters,
        model: &dyn Embedder,
        progress: &Progress,
    ) -> Result<Option<Self>, EmbedError> {
        let Some(placed) = Placed::of(items, item, clusters) else {
            return Ok(None);
        };
        let center = placed.center.view();
        let (sentences, parts) = item_parts(items, item, model, progress)?;
        let explanation = explain(&parts, &Parts::single(center), progress)?;
        // The second column is the center's residual: nothing.
        let mut contributions = explanation.contributions.index_axis(Axis(1), 0).to_vec();
        let residual = contributions.pop().unwrap_or(0.0);
        Ok(Some(Self {
            item,
            cluster: placed.cluster,
            is_member: placed.is_member,
            score: placed.score,
            next: placed.next,
            sentences,
            contributions,
            residual,
            without: parts.without(center),
            is_exact: explanation.is_exact,
        }))
    }
}
