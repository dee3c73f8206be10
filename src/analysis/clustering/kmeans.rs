//! k-means on unit vectors: started from a cut of Ward's tree, then Lloyd's steps.

use ndarray::Array2;

use super::lloyd::lloyd;
use super::silhouettes::silhouettes;
use super::smooth::smoothed;
use super::start::Leaves;
use super::{ClusterCount, ClusterRule, Clustering, means};
use crate::analysis::AnalysisError;
use crate::analysis::neighbors::NeighborGraph;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// The largest number of clusters that [`ClusterCount::Auto`] tries.
const MAX_AUTO: usize = 24;
/// Steps after which a run ends even if rows still move; runs on text settle far earlier.
const MAX_STEPS: usize = 60;

/// Clusters the rows of `embeddings`; `graph` is over the same items.
///
/// The start is a cut of Ward's tree over smoothed items (see below) or, beyond 1,024 items, over
/// 256 small groups of 4,096 of them; every step of k-means takes all items as they are.
///
/// [`ClusterCount::Auto`] takes the number, from 2 to 24 and with at least three items to a cluster,
/// whose clusters have the best mean silhouette after every item is averaged with its five nearest
/// neighbors (fewer when there are fewer than 80 items). Without that, near-duplicates that part
/// from their cluster go on raising the silhouette, and it hardly depends on the number at all.
///
/// # Errors
/// [`AnalysisError::Cancelled`] when stopped; checked once per step and block of rows.
pub fn kmeans(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    rule: &ClusterRule,
    progress: &Progress,
) -> Result<Clustering, AnalysisError> {
    let n = embeddings.n();
    if n == 0 {
        let centers = Array2::zeros((0, embeddings.dim()));
        return Ok(Clustering::new(Vec::new(), centers));
    }
    progress.step("Clustering", 3);
    let leaves = Leaves::new(embeddings, graph, rule.seed, progress)?;
    progress.advance(1)?;
    let centers = match rule.count {
        ClusterCount::Fixed(k) => leaves.centers(embeddings, k.clamp(1, n), progress)?,
        ClusterCount::Auto => {
            let labels = best_labels(embeddings, graph, &leaves, progress)?;
            let k = labels.iter().max().map_or(0, |label| label + 1);
            let labels: Vec<Option<usize>> = labels.into_iter().map(Some).collect();
            means(embeddings.view(), &labels, k)
        }
    };
    progress.advance(1)?;
    let run = lloyd(embeddings.view(), None, centers, MAX_STEPS, progress)?;
    progress.advance(1)?;
    let labels: Vec<Option<usize>> = run.labels.into_iter().map(Some).collect();
    Ok(Clustering::from_labels(&labels, embeddings.view()))
}

/// A label for every item, with the number of clusters whose silhouette is best.
fn best_labels(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    leaves: &Leaves,
    progress: &Progress,
) -> Result<Vec<usize>, Cancelled> {
    let n = embeddings.n();
    let items: Vec<usize> = (0..n).collect();
    let smoothed = smoothed(embeddings, graph, &items, None, progress)?;
    let leaf_of = leaves.of_all(&smoothed, progress)?;
    let n_leaves = leaves.means.nrows();
    let leaf_means = means(
        smoothed.view(),
        &leaf_of.iter().copied().map(Some).collect::<Vec<_>>(),
        n_leaves,
    );
    let mut weights = vec![0.0_f32; n_leaves];
    for leaf in &leaf_of {
        weights[*leaf] += 1.0;
    }
    let mut labelings = Vec::new();
    for k in candidates(n) {
        // Over small groups, each with the weight of its items, a run costs next to nothing.
        let centers = weighted_means(&leaf_means, &weights, &leaves.tree.cut(k), k);
        let run = lloyd(
            leaf_means.view(),
            Some(&weights),
            centers,
            MAX_STEPS,
            progress,
        )?;
        labelings.push(run.labels);
    }
    let found = silhouettes(smoothed.view(), &leaf_of, n_leaves, &labelings, progress)?;
    let best = best(&found);
    Ok(leaf_of.iter().map(|leaf| labelings[best][*leaf]).collect())
}

/// Numbers of clusters that Auto tries for `n` items: on average a cluster should hold three items,
/// or the silhouette favors pairs.
pub fn candidates(n: usize) -> std::ops::RangeInclusive<usize> {
    match n {
        0..4 => 1..=1,
        _ => 2..=MAX_AUTO.min(n / 3).max(2),
    }
}

/// Where the highest is; the first of equals.
pub fn best(values: &[f64]) -> usize {
    let mut best = 0;
    for (at, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = at;
        }
    }
    best
}

fn weighted_means(rows: &Array2<f32>, weights: &[f32], labels: &[usize], k: usize) -> Array2<f32> {
    let mut sums = Array2::<f64>::zeros((k, rows.ncols()));
    let mut sizes = vec![0.0_f64; k];
    for ((row, weight), label) in rows.rows().into_iter().zip(weights).zip(labels) {
        let weight = f64::from(*weight);
        sums.row_mut(*label)
            .zip_mut_with(&row, |sum, x| *sum += weight * f64::from(*x));
        sizes[*label] += weight;
    }
    for (mut sum, size) in sums.rows_mut().into_iter().zip(&sizes) {
        sum /= size.max(1.0);
    }
    sums.mapv(|x| x as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::clustering::examples::{blobs, graph, sizes};

    fn clustered(embeddings: &Embeddings, count: ClusterCount) -> Clustering {
        let rule = ClusterRule {
            count,
            ..ClusterRule::default()
        };
        kmeans(embeddings, &graph(embeddings), &rule, &Progress::new()).unwrap()
    }

    #[test]
    fn blobs_part_and_the_largest_comes_first() {
        let clustering = clustered(&blobs(&[10, 40, 20, 30]), ClusterCount::Auto);
        assert_eq!(sizes(&clustering), [40, 30, 20, 10]);
        let second = &clustering.labels[10..50];
        assert!(second.iter().all(|label| *label == Some(0)));
    }

    #[test]
    fn many_items_start_from_small_groups() {
        let embeddings = blobs(&[500, 400, 300]);
        let auto = clustered(&embeddings, ClusterCount::Auto);
        assert_eq!(sizes(&auto), [500, 400, 300]);
        let fixed = clustered(&embeddings, ClusterCount::Fixed(300));
        assert_eq!(fixed.labels.len(), 1200);
        assert!(fixed.n_clusters() > 250);
    }

    #[test]
    fn it_is_the_same_on_any_number_of_threads() {
        let embeddings = blobs(&[500, 400, 300]);
        let on = |n_threads, count| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .unwrap();
            pool.install(|| clustered(&embeddings, count))
        };
        for count in [ClusterCount::Fixed(7), ClusterCount::Auto] {
            assert_eq!(on(1, count), on(3, count));
        }
    }

    #[test]
    fn the_same_text_again_and_again_is_one_cluster() {
        let same = Embeddings::normalized(Array2::ones((20, 5)));
        assert_eq!(clustered(&same, ClusterCount::Auto).n_clusters(), 1);
        assert_eq!(clustered(&same, ClusterCount::Fixed(20)).n_clusters(), 1);
        let one = Embeddings::normalized(Array2::ones((1, 5)));
        assert_eq!(clustered(&one, ClusterCount::Fixed(9)).n_clusters(), 1);
    }
}
