//! Ward's tree over all items, to cut at any level.

use ndarray::{Array2, Axis};

use super::kmeans::{best, candidates};
use super::silhouettes::silhouettes;
use super::smooth::smoothed;
use super::start::Leaves;
use super::ward::Tree;
use super::{Clustering, means};
use crate::analysis::neighbors::NeighborGraph;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Clusters within clusters: every cut of one tree. A cut with more clusters only splits those of a
/// cut with fewer.
///
/// The tree joins smoothed items (each averaged with its nearest neighbors, see [`super::kmeans`]).
/// Up to 1,024 items it has one leaf per item; beyond that one for each of up to 256 small groups,
/// so that it can be cut into so many clusters at most.
#[derive(Debug, Clone, PartialEq)]
pub struct Hierarchy {
    leaf_of: Vec<usize>,
    /// Of the items as they are, shape `(n_leaves, d)`.
    leaf_means: Array2<f32>,
    leaf_sizes: Vec<usize>,
    tree: Tree,
    best: usize,
}

impl Hierarchy {
    /// Builds the tree; `graph` is over the same items.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped; checked once per join and block of rows.
    pub fn new(
        embeddings: &Embeddings,
        graph: &NeighborGraph,
        seed: u64,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        progress.step("Clustering", 2);
        let n = embeddings.n();
        let leaves = Leaves::new(embeddings, graph, seed, progress)?;
        progress.advance(1)?;
        let items: Vec<usize> = (0..n).collect();
        let smoothed = smoothed(embeddings, graph, &items, None, progress)?;
        let leaf_of = leaves.of_all(&smoothed, progress)?;
        let n_leaves = leaves.means.nrows();
        let tried: Vec<usize> = candidates(n).filter(|k| *k <= n_leaves).collect();
        let cuts: Vec<Vec<usize>> = tried.iter().map(|k| leaves.tree.cut(*k)).collect();
        let found = silhouettes(smoothed.view(), &leaf_of, n_leaves, &cuts, progress)?;
        let labels: Vec<Option<usize>> = leaf_of.iter().copied().map(Some).collect();
        let mut leaf_sizes = vec![0; n_leaves];
        for leaf in &leaf_of {
            leaf_sizes[*leaf] += 1;
        }
        progress.advance(1)?;
        Ok(Self {
            leaf_means: means(embeddings.view(), &labels, n_leaves),
            leaf_of,
            leaf_sizes,
            tree: leaves.tree,
            best: tried.get(best(&found)).copied().unwrap_or(0),
        })
    }

    /// The most clusters that it can be cut into.
    pub fn max_clusters(&self) -> usize {
        self.leaf_sizes.len()
    }

    /// The number of clusters, from 2 to 24, whose mean silhouette over the smoothed items is best;
    /// 1 below four items.
    pub fn best_n_clusters(&self) -> usize {
        self.best
    }

    /// How much each join adds to the sum of squared distances of smoothed items to the mean of
    /// their cluster, rising; one fewer than [`Hierarchy::max_clusters`]. Cutting into `k` clusters
    /// undoes the last `k − 1` joins, so a level between `heights[m − k]` and the one before it
    /// gives `k`, where m is the most clusters.
    pub fn heights(&self) -> Vec<f32> {
        self.tree.heights()
    }

    /// How many clusters a cut at `height` leaves: all joins that cost no more are made.
    pub fn n_clusters_at(&self, height: f32) -> usize {
        let n_joined = self.heights().partition_point(|join| *join <= height);
        self.max_clusters() - n_joined
    }

    /// Cuts into `k` clusters, at least one and at most [`Hierarchy::max_clusters`].
    pub fn cut(&self, k: usize) -> Clustering {
        let n_leaves = self.leaf_sizes.len();
        let k = k.clamp(usize::from(n_leaves > 0), n_leaves);
        let of_leaf = self.tree.cut(k);
        let mut sums = Array2::<f64>::zeros((k, self.leaf_means.ncols()));
        let mut sizes = vec![0_usize; k];
        for (leaf, label) in of_leaf.iter().enumerate() {
            let size = self.leaf_sizes[leaf] as f64;
            sums.row_mut(*label)
                .zip_mut_with(&self.leaf_means.row(leaf), |sum, x| {
                    *sum += size * f64::from(*x);
                });
            sizes[*label] += self.leaf_sizes[leaf];
        }
        for (mut sum, size) in sums.axis_iter_mut(Axis(0)).zip(&sizes) {
            sum /= (*size).max(1) as f64;
        }
        // A leaf of the sample may be empty, and labels follow the order of leaves, not of size.
        let mut by_size: Vec<usize> = (0..k).filter(|label| sizes[*label] > 0).collect();
        by_size.sort_by_key(|label| std::cmp::Reverse(sizes[*label]));
        let mut new_label = vec![0; k];
        for (new, old) in by_size.iter().enumerate() {
            new_label[*old] = new;
        }
        let labels = self.leaf_of.iter().map(|leaf| new_label[of_leaf[*leaf]]);
        let centers = sums.select(Axis(0), &by_size).mapv(|x| x as f32);
        Clustering::whole(labels.collect(), centers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::clustering::examples::{blobs, graph, odd, sizes};

    fn hierarchy(embeddings: &Embeddings) -> Hierarchy {
        Hierarchy::new(embeddings, &graph(embeddings), 3, &Progress::new()).unwrap()
    }

    #[test]
    fn a_finer_cut_splits_the_clusters_of_a_coarser_one() {
        for embeddings in [blobs(&[30, 20, 10]), blobs(&[700, 500, 300])] {
            let hierarchy = hierarchy(&embeddings);
            assert_eq!(hierarchy.best_n_clusters(), 3);
            let coarse = hierarchy.cut(3);
            let fine = hierarchy.cut(9);
            assert_eq!(fine.n_clusters(), 9);
            for members in fine.members() {
                let label = coarse.labels[members[0]];
                assert!(members.iter().all(|item| coarse.labels[*item] == label));
            }
            let by_rows = Clustering::from_labels(&coarse.labels, embeddings.view());
            assert_eq!(by_rows.labels, coarse.labels);
            for (x, expected) in coarse.centers.iter().zip(&by_rows.centers) {
                assert!((x - expected).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_level_says_how_many_clusters() {
        let hierarchy = hierarchy(&blobs(&[30, 20, 10]));
        let heights = hierarchy.heights();
        assert_eq!(heights.len(), 59);
        assert!(heights.is_sorted());
        assert_eq!(hierarchy.n_clusters_at(heights[58]), 1);
        let between = f32::midpoint(heights[56], heights[57]);
        assert_eq!(hierarchy.n_clusters_at(between), 3);
        assert_eq!(hierarchy.n_clusters_at(-1.0), 60);
        assert_eq!(sizes(&hierarchy.cut(3)), [30, 20, 10]);
    }

    #[test]
    fn odd_inputs_are_calm() {
        for embeddings in odd() {
            let hierarchy = hierarchy(&embeddings);
            assert_eq!(hierarchy.max_clusters(), embeddings.n());
            for k in [0, 1, 2, 99] {
                assert!(hierarchy.cut(k).n_clusters() <= embeddings.n());
            }
        }
    }
}
