//! Groups of items.

mod kmeans;
mod ward;

pub use kmeans::kmeans;

use ndarray::Array2;

/// How many clusters to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterCount {
    /// The fewest that come within a tenth of the best mean silhouette, up to 24.
    Auto,
    /// This many, or one per item if there are fewer items.
    Fixed(usize),
}

/// How to cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterRule {
    /// How many.
    pub count: ClusterCount,
    /// Where the random starts come from.
    pub seed: u64,
}

impl Default for ClusterRule {
    fn default() -> Self {
        Self {
            count: ClusterCount::Auto,
            seed: 42,
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
