//! Which items say the same: groups above a threshold, and the one of each that the others copy.

use super::embedded::Items;
use super::neighborhood::Neighborhood;
use super::original::{OriginalBy, original};
use crate::analysis::{ScoreHistogram, duplicate_groups, suggested_threshold};

/// From which cosine on two items say the same.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum DuplicateThreshold {
    /// Where the scores themselves part, or [`DEFAULT_THRESHOLD`] where they do not.
    #[default]
    Auto,
    /// This cosine.
    Fixed(f32),
}

/// Taken where the histogram of scores has no gap: texts above it differ by a word or two.
pub const DEFAULT_THRESHOLD: f32 = 0.95;

/// Items that say the same.
#[derive(Debug, Clone, PartialEq)]
pub struct DuplicateGroup {
    /// Its items, in order.
    pub items: Vec<usize>,
    /// The one that is proposed as the original.
    pub original: usize,
    /// Why it is.
    pub original_by: OriginalBy,
    /// Cosine of its least alike pair of those above the threshold.
    pub weakest: f32,
    /// Cosine of its most alike pair.
    pub strongest: f32,
}

/// All groups of items that say the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicates {
    /// The threshold that was used.
    pub threshold: f32,
    /// What the scores suggest, if they part at all.
    pub suggested: Option<f32>,
    /// How the scores of nearest neighbors are spread.
    pub histogram: ScoreHistogram,
    /// Groups, the largest first.
    pub groups: Vec<DuplicateGroup>,
    /// Pairs above the threshold with their cosine, the most alike first.
    pub pairs: Vec<(usize, usize, f32)>,
    /// Items with so many duplicates that not all of their pairs are listed; they are in the right
    /// group all the same.
    pub n_items_at_limit: usize,
}

impl Duplicates {
    /// Finds them in the neighbor graph.
    pub fn find(items: Items<'_>, neighborhood: &Neighborhood, rule: DuplicateThreshold) -> Self {
        let graph = &neighborhood.graph;
        let histogram = ScoreHistogram::new(items.embeddings(), graph);
        let suggested = suggested_threshold(&histogram);
        let threshold = match rule {
            DuplicateThreshold::Auto => suggested.unwrap_or(DEFAULT_THRESHOLD),
            DuplicateThreshold::Fixed(threshold) => threshold,
        };
        let found = duplicate_groups(graph, threshold);
        let groups = found.groups.into_iter().map(|group| {
            let (original, original_by) = original(items, &group.items);
            DuplicateGroup {
                original,
                original_by,
                weakest: group.weakest,
                strongest: group.strongest,
                items: group.items,
            }
        });
        Self {
            threshold,
            suggested,
            histogram,
            groups: groups.collect(),
            pairs: found.pairs,
            n_items_at_limit: found.n_items_at_limit,
        }
    }

    /// Items in any group.
    pub fn n_items(&self) -> usize {
        self.groups.iter().map(|group| group.items.len()).sum()
    }
}
