//! How much clusters change when the items do: each run clusters a part of them from another seed
//! (Hennig 2007, "Cluster-wise assessment of cluster stability").

use super::hdbscan::hdbscan;
use super::lloyd::{lloyd, nearest_centers};
use super::start::Leaves;
use super::{ClusterMethod, ClusterRule, Clustering, HdbscanRule};
use crate::analysis::AnalysisError;
use crate::analysis::neighbors::NeighborGraph;
use crate::analysis::random::Random;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

const N_RUNS: usize = 8;
/// Share of the items that a run clusters.
const SHARE: f64 = 0.9;
/// But no more than so many; the means of clusters need no more, and density is a matter of n².
const MAX_ROWS: usize = 20_000;
const MAX_DENSITY_ROWS: usize = 5_000;
const MAX_STEPS: usize = 60;

/// How much clusters can be relied upon.
#[derive(Debug, Clone, PartialEq)]
pub struct Stability {
    /// For each cluster its mean overlap (Jaccard), 0 to 1, with the cluster of each run that is
    /// most like it. Hennig: above 0.75 it is there, below 0.5 it is an accident.
    pub of_cluster: Vec<f32>,
    /// For each item the share of runs, 0 to 1, in which it is with the majority of its cluster;
    /// for noise the share in which it is noise again. Of runs that it took part in; 0 if in none.
    pub of_item: Vec<f32>,
    /// Runs that the figures rest on.
    pub n_runs: usize,
}

/// Clusters 8 times again by the method of `rule`, and into as many clusters as `clustering` has,
/// which is what `rule` made of `embeddings` and `graph`.
///
/// Each run takes other 90 % of the items and, beyond 1,024 of them, another seed for its start.
/// k-means and the hierarchy look at no more than 20,000 items in a run, and then every item goes
/// to the nearest center. HDBSCAN has no such rule: a run looks at no more than 5,000 items, asks
/// for smaller clusters in proportion, and says nothing of the others.
///
/// # Errors
/// [`AnalysisError::Cancelled`] when stopped.
pub fn stability(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    rule: &ClusterRule,
    clustering: &Clustering,
    progress: &Progress,
) -> Result<Stability, AnalysisError> {
    let n = embeddings.n();
    let n_runs = if n < 2 || clustering.n_clusters() == 0 {
        0
    } else {
        N_RUNS
    };
    let mut tally = Tally::new(clustering);
    progress.step("Comparing runs", n_runs);
    for run in 0..n_runs {
        let seed = rule.seed.wrapping_add(1 + run as u64);
        let run = match rule.method {
            ClusterMethod::Hdbscan(density) => dense(embeddings, graph, density, seed, progress)?,
            ClusterMethod::KMeans | ClusterMethod::Hierarchy => {
                near(embeddings, graph, rule, clustering, seed, progress)?
            }
        };
        tally.add(clustering, &run);
        progress.advance(1)?;
    }
    Ok(tally.finish(n_runs))
}

/// What one run made of the items that it took.
struct Run {
    items: Vec<usize>,
    labels: Vec<Option<usize>>,
}

/// k-means or a cut of the tree over part of the items; then all go to the nearest center.
fn near(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    rule: &ClusterRule,
    clustering: &Clustering,
    seed: u64,
    progress: &Progress,
) -> Result<Run, Cancelled> {
    let n = embeddings.n();
    let k = clustering.n_clusters();
    let items = resample(n, MAX_ROWS, seed);
    let rows = embeddings.select(&items);
    let leaves = Leaves::among(embeddings, graph, items, seed, progress)?;
    let mut centers = leaves.centers(embeddings, k, progress)?;
    if rule.method == ClusterMethod::KMeans {
        centers = lloyd(rows.view(), None, centers, MAX_STEPS, progress)?.centers;
    }
    let labels = nearest_centers(embeddings.view(), &centers, progress)?;
    Ok(Run {
        items: (0..n).collect(),
        labels: labels.into_iter().map(Some).collect(),
    })
}

fn dense(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    rule: HdbscanRule,
    seed: u64,
    progress: &Progress,
) -> Result<Run, Cancelled> {
    let n = embeddings.n();
    let items = resample(n, MAX_DENSITY_ROWS, seed);
    let rows = embeddings.select(&items);
    let graph = NeighborGraph::exact(&rows, graph.k(), progress)?;
    let size = rule.cluster_size(n) as f64 * items.len() as f64 / n as f64;
    let rule = HdbscanRule {
        min_cluster_size: Some((size.round() as usize).max(2)),
        min_samples: Some(rule.samples(n, &graph)),
    };
    let labels = hdbscan(&rows, &graph, rule, progress)?.clustering.labels;
    Ok(Run { items, labels })
}

/// 90 % of `n` items, but at most `max`, in order.
fn resample(n: usize, max: usize, seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed);
    let n_taken = ((n as f64 * SHARE).ceil() as usize).min(max);
    let mut items: Vec<usize> = (0..n).collect();
    for at in 0..n_taken {
        items.swap(at, at + random.below(n - at));
    }
    items.truncate(n_taken);
    items.sort_unstable();
    items
}

struct Tally {
    overlaps: Vec<f64>,
    runs_of_cluster: Vec<usize>,
    runs_with: Vec<usize>,
    runs_of_item: Vec<usize>,
}

impl Tally {
    fn new(clustering: &Clustering) -> Self {
        let (n, k) = (clustering.labels.len(), clustering.n_clusters());
        Self {
            overlaps: vec![0.0; k],
            runs_of_cluster: vec![0; k],
            runs_with: vec![0; n],
            runs_of_item: vec![0; n],
        }
    }

    fn add(&mut self, clustering: &Clustering, run: &Run) {
        let k = clustering.n_clusters();
        let k_of_run = run.labels.iter().flatten().max().map_or(0, |max| max + 1);
        let mut sizes = vec![0_usize; k];
        let mut sizes_of_run = vec![0_usize; k_of_run];
        let mut both = vec![vec![0_usize; k_of_run]; k];
        for (item, of_run) in run.items.iter().zip(&run.labels) {
            let label = clustering.labels[*item];
            if let Some(label) = label {
                sizes[label] += 1;
            }
            if let Some(of_run) = *of_run {
                sizes_of_run[of_run] += 1;
            }
            if let (Some(label), Some(of_run)) = (label, *of_run) {
                both[label][of_run] += 1;
            }
        }
        let mut majority = vec![None; k];
        for cluster in (0..k).filter(|cluster| sizes[*cluster] > 0) {
            let counts = || both[cluster].iter().copied().enumerate();
            majority[cluster] = counts()
                .filter(|(_, count)| *count > 0)
                .max_by_key(|(at, count)| (*count, std::cmp::Reverse(*at)))
                .map(|(at, _)| at);
            let overlap = |(at, count): (usize, usize)| {
                count as f64 / (sizes[cluster] + sizes_of_run[at] - count) as f64
            };
            self.overlaps[cluster] += counts().map(overlap).fold(0.0, f64::max);
            self.runs_of_cluster[cluster] += 1;
        }
        for (item, of_run) in run.items.iter().zip(&run.labels) {
            let is_with = match clustering.labels[*item] {
                Some(label) => of_run.is_some() && *of_run == majority[label],
                None => of_run.is_none(),
            };
            self.runs_with[*item] += usize::from(is_with);
            self.runs_of_item[*item] += 1;
        }
    }

    fn finish(self, n_runs: usize) -> Stability {
        let of_cluster = self.overlaps.iter().zip(&self.runs_of_cluster);
        let of_item = self.runs_with.iter().zip(&self.runs_of_item);
        Stability {
            of_cluster: of_cluster
                .map(|(sum, n)| (sum / (*n).max(1) as f64) as f32)
                .collect(),
            of_item: of_item
                .map(|(with, n)| *with as f32 / (*n).max(1) as f32)
                .collect(),
            n_runs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::clustering::examples::{blobs, graph, odd};
    use crate::analysis::clustering::{ClusterCount, cluster};

    fn found(embeddings: &Embeddings, method: ClusterMethod, count: ClusterCount) -> Stability {
        let graph = graph(embeddings);
        let rule = ClusterRule {
            method,
            count,
            seed: 5,
        };
        let progress = Progress::new();
        let clustering = cluster(embeddings, &graph, &rule, &progress).unwrap();
        stability(embeddings, &graph, &rule, &clustering, &progress).unwrap()
    }

    const METHODS: [ClusterMethod; 3] = [
        ClusterMethod::KMeans,
        ClusterMethod::Hdbscan(HdbscanRule {
            min_cluster_size: None,
            min_samples: None,
        }),
        ClusterMethod::Hierarchy,
    ];

    #[test]
    fn blobs_are_found_again_and_halves_of_a_blob_are_not() {
        let embeddings = blobs(&[60, 50, 40]);
        for method in METHODS {
            let stability = found(&embeddings, method, ClusterCount::Auto);
            assert_eq!(stability.n_runs, 8);
            assert_eq!(stability.of_cluster.len(), 3, "{method:?}");
            assert!(stability.of_cluster.iter().all(|overlap| *overlap > 0.9));
            let firm = stability.of_item.iter().filter(|share| **share > 0.9);
            assert!(firm.count() > 140, "{method:?}");
        }
        let nine = found(&embeddings, ClusterMethod::KMeans, ClusterCount::Fixed(9));
        assert!(nine.of_cluster.iter().any(|overlap| *overlap < 0.75));
    }

    #[test]
    fn an_overlap_is_of_items_that_took_part() {
        let labels = vec![Some(0), Some(0), Some(0), Some(1), None];
        let clustering = Clustering::new(labels, ndarray::Array2::zeros((2, 1)));
        let mut tally = Tally::new(&clustering);
        let labels = vec![Some(1), Some(0), Some(0), None];
        let items = vec![0, 1, 3, 4];
        tally.add(&clustering, &Run { items, labels });
        let found = tally.finish(1);
        // Of {0, 1} with {1, 3} or {0}; of {3} with {1, 3}.
        assert_eq!(found.of_cluster, [0.5, 0.5]);
        assert_eq!(found.of_item, [0.0, 1.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn odd_inputs_are_calm() {
        for embeddings in odd() {
            for method in METHODS {
                let stability = found(&embeddings, method, ClusterCount::Auto);
                assert_eq!(stability.of_item.len(), embeddings.n());
                assert!(stability.of_item.iter().all(|x| (0.0..=1.0).contains(x)));
            }
        }
    }
}
