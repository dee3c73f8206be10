//! Clusters as dense regions, with noise between them: HDBSCAN (Campello, Moulavi and Sander 2013,
//! "Density-based clustering based on hierarchical density estimates"; `McInnes` and Healy 2017,
//! "Accelerated hierarchical density based clustering").

mod condensed;
mod spanning;

use condensed::condense;
use spanning::spanning_tree;

use super::Clustering;
use crate::analysis::neighbors::NeighborGraph;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// What counts as dense.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HdbscanRule {
    /// The fewest items of a cluster, at least 2. `None`: half the square root of the number of
    /// items, but from 5 to 100, see [`HdbscanRule::cluster_size`].
    pub min_cluster_size: Option<usize>,
    /// An item's density is taken at its so-many-th nearest neighbor; more calls more items noise.
    /// At most as many as the neighbor graph lists. `None`: the smallest cluster, but at most 5.
    pub min_samples: Option<usize>,
}

impl HdbscanRule {
    /// The fewest items of a cluster among `n` items.
    pub fn cluster_size(&self, n: usize) -> usize {
        let usual = ((n as f64).sqrt() / 2.0).round() as usize;
        self.min_cluster_size.unwrap_or(usual.clamp(5, 100)).max(2)
    }

    /// The neighbor whose distance says how dense it is around an item, counted from 1.
    pub(super) fn samples(&self, n: usize, graph: &NeighborGraph) -> usize {
        let usual = self.cluster_size(n).min(5);
        self.min_samples.unwrap_or(usual).clamp(1, graph.k().max(1))
    }
}

/// Dense clusters.
#[derive(Debug, Clone, PartialEq)]
pub struct Hdbscan {
    /// Labels are `None` for noise; centers are plain means.
    pub clustering: Clustering,
    /// How firmly each item belongs to its cluster, 0 to 1: its density against the highest in the
    /// cluster. 0 for noise.
    pub memberships: Vec<f32>,
    /// Whether the spanning tree is the exact one. Up to 20,000 items it always is.
    pub is_exact: bool,
}

/// Clusters the rows of `embeddings`; `graph` is over the same items.
///
/// The distance of two items is that of their unit vectors, `√(2 − 2 cos)`; any two closer than
/// 0.001, which f32 cannot tell apart, count as that far. Clusters are chosen by excess of mass. The
/// whole is never one of them, but where nothing ever splits in two, all items are one cluster (the
/// Python package would call them noise).
///
/// The spanning tree is exact up to 20,000 items. Beyond, the neighbor graph settles most of it, and
/// of each part that is left only the 32 densest items are compared with all others at a time.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per block of rows.
pub fn hdbscan(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    rule: HdbscanRule,
    progress: &Progress,
) -> Result<Hdbscan, Cancelled> {
    let n = embeddings.n();
    let tree = spanning_tree(embeddings, graph, rule.samples(n, graph), progress)?;
    let found = condense(n, tree.edges, rule.cluster_size(n));
    Ok(Hdbscan {
        clustering: Clustering::from_labels(&found.labels, embeddings.view()),
        memberships: found.memberships,
        is_exact: tree.is_exact,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::clustering::examples::{blobs, graph, odd, sizes};
    use ndarray::Array2;
    use std::collections::{BTreeMap, BTreeSet};

    fn found(embeddings: &Embeddings, rule: HdbscanRule) -> Hdbscan {
        hdbscan(embeddings, &graph(embeddings), rule, &Progress::new()).unwrap()
    }

    #[test]
    fn blobs_are_clusters_and_a_loner_is_noise() {
        let mut rows = blobs(&[40, 30, 20]).into_rows();
        rows.row_mut(5).fill(-1.0);
        let found = found(&Embeddings::normalized(rows), HdbscanRule::default());
        assert_eq!(sizes(&found.clustering), [39, 30, 20]);
        assert_eq!(found.clustering.labels[5], None);
        assert!(found.is_exact);
        assert!(found.memberships[5] == 0.0 && found.memberships[6] > 0.0);
        assert!(found.memberships.iter().all(|x| (0.0..=1.0).contains(x)));
    }

    /// Rows and the answers of the Python package hdbscan, written by `hdbscan.py` beside it.
    #[derive(serde::Deserialize)]
    struct Reference {
        rows: Vec<[f32; 6]>,
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        min_cluster_size: usize,
        min_samples: usize,
        /// −1 for noise.
        labels: Vec<i32>,
    }

    #[test]
    fn labels_are_those_of_the_python_package() {
        let text = include_str!("../../../../tests/fixtures/analysis/hdbscan.json");
        let reference: Reference = serde_json::from_str(text).unwrap();
        let embeddings = Embeddings::normalized(Array2::from(reference.rows));
        for case in reference.cases {
            let rule = HdbscanRule {
                min_cluster_size: Some(case.min_cluster_size),
                min_samples: Some(case.min_samples),
            };
            let found = found(&embeddings, rule);
            let mut names = BTreeMap::new();
            for (item, label) in found.clustering.labels.iter().enumerate() {
                let expected = usize::try_from(case.labels[item]).ok();
                assert_eq!(label.is_some(), expected.is_some(), "item {item}");
                assert_eq!(*names.entry(*label).or_insert(expected), expected);
            }
            let different: BTreeSet<_> = names.values().collect();
            assert_eq!(different.len(), names.len());
        }
    }

    #[test]
    fn odd_inputs_are_calm() {
        for embeddings in odd() {
            let n = embeddings.n();
            let found = found(&embeddings, HdbscanRule::default());
            assert_eq!(found.memberships.len(), n);
            if n < 12 {
                assert_eq!(found.clustering.n_clusters(), usize::from(n > 0));
            }
        }
        let rule = HdbscanRule {
            min_cluster_size: Some(0),
            min_samples: Some(999),
        };
        let two = Embeddings::normalized(Array2::eye(2));
        assert_eq!(found(&two, rule).clustering.n_clusters(), 1);
    }
}
