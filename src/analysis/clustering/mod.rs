//! Groups of items: by k-means, by density, or by cutting a tree.

mod hdbscan;
mod hierarchy;
mod kmeans;
mod lloyd;
mod silhouettes;
mod smooth;
mod stability;
mod start;
mod ward;

pub use hdbscan::{Hdbscan, HdbscanRule, hdbscan};
pub use hierarchy::Hierarchy;
pub use kmeans::kmeans;
pub use stability::{Stability, stability};

use std::cmp::Reverse;

use ndarray::{Array2, ArrayView2, Axis};

use super::AnalysisError;
use super::neighbors::NeighborGraph;
use crate::progress::Progress;
use crate::vectors::Embeddings;

/// How many clusters to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterCount {
    /// The number from 2 to 24 with the best mean silhouette once every item is averaged with its
    /// nearest neighbors, see [`kmeans`].
    Auto,
    /// This many, or one per item if there are fewer items.
    Fixed(usize),
}

/// By what method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClusterMethod {
    /// [`kmeans`]: every item belongs to the cluster with the nearest mean.
    #[default]
    KMeans,
    /// [`hdbscan`]: dense regions are clusters and what lies between them is noise. Finds the
    /// number of clusters itself: [`ClusterRule::count`] is not looked at.
    Hdbscan(HdbscanRule),
    /// [`Hierarchy`], cut at the number of clusters.
    Hierarchy,
}

/// How to cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterRule {
    /// By what method.
    pub method: ClusterMethod,
    /// How many.
    pub count: ClusterCount,
    /// Where the random starts come from.
    pub seed: u64,
}

impl Default for ClusterRule {
    fn default() -> Self {
        Self {
            method: ClusterMethod::KMeans,
            count: ClusterCount::Auto,
            seed: 42,
        }
    }
}

/// Clusters the rows of `embeddings` by the rule's method. `graph` is over the same items.
///
/// # Errors
/// [`AnalysisError::Cancelled`] when stopped.
pub fn cluster(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    rule: &ClusterRule,
    progress: &Progress,
) -> Result<Clustering, AnalysisError> {
    match rule.method {
        ClusterMethod::KMeans => kmeans(embeddings, graph, rule, progress),
        ClusterMethod::Hdbscan(density) => {
            Ok(hdbscan(embeddings, graph, density, progress)?.clustering)
        }
        ClusterMethod::Hierarchy => {
            let hierarchy = Hierarchy::new(embeddings, graph, rule.seed, progress)?;
            Ok(match rule.count {
                ClusterCount::Fixed(k) => hierarchy.cut(k),
                ClusterCount::Auto => hierarchy.cut(hierarchy.best_n_clusters()),
            })
        }
    }
}

/// Which item is in which cluster. Clusters are numbered from the largest to the smallest.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// Cluster of each item, length n; `None` for noise, which is in no cluster.
    pub labels: Vec<Option<usize>>,
    /// Mean vector of each cluster, shape `(k, d)`.
    pub centers: Array2<f32>,
}

impl Clustering {
    /// From labels below `centers.nrows()`.
    pub fn new(labels: Vec<Option<usize>>, centers: Array2<f32>) -> Self {
        debug_assert!(
            labels
                .iter()
                .flatten()
                .all(|label| *label < centers.nrows())
        );
        Self { labels, centers }
    }

    /// Every item in a cluster: no noise.
    pub fn whole(labels: Vec<usize>, centers: Array2<f32>) -> Self {
        Self::new(labels.into_iter().map(Some).collect(), centers)
    }

    /// From labels alone: the centers are means of `rows`, shape `(n, d)`. Clusters without items
    /// are dropped and the others numbered from the largest to the smallest, equal ones by their
    /// first item.
    fn from_labels(labels: &[Option<usize>], rows: ArrayView2<'_, f32>) -> Self {
        let k = labels.iter().flatten().max().map_or(0, |label| label + 1);
        let mut sizes = vec![0_usize; k];
        let mut first = vec![usize::MAX; k];
        for (item, label) in labels.iter().enumerate() {
            if let Some(label) = *label {
                sizes[label] += 1;
                first[label] = first[label].min(item);
            }
        }
        let mut by_size: Vec<usize> = (0..k).filter(|cluster| sizes[*cluster] > 0).collect();
        by_size.sort_by_key(|cluster| (Reverse(sizes[*cluster]), first[*cluster]));
        let mut new_label = vec![0; k];
        for (new, old) in by_size.iter().enumerate() {
            new_label[*old] = new;
        }
        let labels: Vec<Option<usize>> = labels
            .iter()
            .map(|label| label.map(|label| new_label[label]))
            .collect();
        let centers = means(rows, &labels, by_size.len());
        Self::new(labels, centers)
    }

    /// Items in no cluster.
    pub fn n_noise(&self) -> usize {
        self.labels.iter().filter(|label| label.is_none()).count()
    }

    /// Number of clusters.
    pub fn n_clusters(&self) -> usize {
        self.centers.nrows()
    }

    /// The items of each cluster.
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.n_clusters()];
        for (item, label) in self.labels.iter().enumerate() {
            if let Some(label) = label {
                members[*label].push(item);
            }
        }
        members
    }
}

/// Mean of the rows with each label, shape `(k, d)`; zeros for a label without rows.
fn means(rows: ArrayView2<'_, f32>, labels: &[Option<usize>], k: usize) -> Array2<f32> {
    let mut sums = Array2::<f64>::zeros((k, rows.ncols()));
    let mut sizes = vec![0_usize; k];
    for (row, label) in rows.axis_iter(Axis(0)).zip(labels) {
        let Some(label) = *label else { continue };
        sums.row_mut(label)
            .zip_mut_with(&row, |sum, x| *sum += f64::from(*x));
        sizes[label] += 1;
    }
    for (mut sum, size) in sums.axis_iter_mut(Axis(0)).zip(&sizes) {
        sum /= (*size).max(1) as f64;
    }
    sums.mapv(|x| x as f32)
}

/// Whom a test clusters.
#[cfg(test)]
mod examples {
    use super::*;
    use crate::analysis::random::Random;

    /// `sizes[i]` rows around the `i`-th axis.
    pub fn blobs(sizes: &[usize]) -> Embeddings {
        let mut random = Random::new(9);
        let d = sizes.len() + 4;
        let mut rows = Array2::zeros((sizes.iter().sum(), d));
        let axes = sizes
            .iter()
            .enumerate()
            .flat_map(|(axis, size)| vec![axis; *size]);
        for (mut row, axis) in rows.axis_iter_mut(Axis(0)).zip(axes) {
            row.mapv_inplace(|_: f32| (random.unit() as f32 - 0.5) * 0.3);
            row[axis] += 1.0;
        }
        Embeddings::normalized(rows)
    }

    pub fn graph(embeddings: &Embeddings) -> NeighborGraph {
        NeighborGraph::exact(embeddings, 16, &Progress::new()).unwrap()
    }

    pub fn sizes(clustering: &Clustering) -> Vec<usize> {
        clustering.members().iter().map(Vec::len).collect()
    }

    /// No item, one, two, the same again and again, zeros, and two orthogonal groups.
    pub fn odd() -> Vec<Embeddings> {
        let two_groups = Array2::from_shape_fn((12, 4), |(i, j)| f32::from(i % 2 == j));
        [
            Array2::zeros((0, 4)),
            Array2::ones((1, 4)),
            Array2::eye(2),
            Array2::ones((20, 4)),
            Array2::zeros((20, 4)),
            two_groups,
        ]
        .map(Embeddings::normalized)
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_calm_and_labels_every_item() {
        let methods = [
            ClusterMethod::KMeans,
            ClusterMethod::Hdbscan(HdbscanRule::default()),
            ClusterMethod::Hierarchy,
        ];
        let counts = [
            ClusterCount::Auto,
            ClusterCount::Fixed(0),
            ClusterCount::Fixed(3),
            ClusterCount::Fixed(999),
        ];
        for embeddings in examples::odd() {
            let graph = examples::graph(&embeddings);
            for (method, count) in methods.iter().flat_map(|m| counts.map(|c| (*m, c))) {
                let rule = ClusterRule {
                    method,
                    count,
                    seed: 1,
                };
                let found = cluster(&embeddings, &graph, &rule, &Progress::new()).unwrap();
                assert_eq!(found.labels.len(), embeddings.n());
                assert!(examples::sizes(&found).is_sorted_by(|a, b| a >= b));
                assert!(found.centers.iter().all(|x| x.is_finite()));
            }
        }
    }

    #[test]
    fn two_orthogonal_groups_part_by_every_method() {
        let embeddings = examples::odd().remove(5);
        let graph = examples::graph(&embeddings);
        let density = HdbscanRule::default();
        for method in [
            ClusterMethod::KMeans,
            ClusterMethod::Hdbscan(density),
            ClusterMethod::Hierarchy,
        ] {
            let rule = ClusterRule {
                method,
                ..ClusterRule::default()
            };
            let found = cluster(&embeddings, &graph, &rule, &Progress::new()).unwrap();
            assert_eq!(examples::sizes(&found), [6, 6], "{method:?}");
        }
    }
}
