//! k-means on unit vectors: seeded k-means++ starts (Arthur and Vassilvitskii 2007), then Lloyd's
//! steps with the distances from one matrix product per block of rows.
//!
//! For unit rows the squared distance to a center is `1 − 2 x·c + c·c`, so nearness by distance and
//! by cosine differ only by the center's length.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::{ClusterCount, ClusterRule, Clustering};
use crate::analysis::quality::silhouette;
use crate::analysis::random::Random;
use crate::analysis::{AnalysisError, BLOCK_ROWS};
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// The largest number of clusters that [`ClusterCount::Auto`] tries.
const MAX_AUTO: usize = 24;
/// Steps after which a run ends even if rows still move; runs on text settle far earlier.
const MAX_STEPS: usize = 60;
/// Random starts; the best by inertia is kept. Large corpora are settled by one or two.
const fn n_starts(n: usize) -> usize {
    if n <= 4096 { 8 } else { 2 }
}

/// Clusters the rows of `embeddings`.
///
/// # Errors
/// [`AnalysisError::Cancelled`] when stopped; checked once per step.
pub fn kmeans(
    embeddings: &Embeddings,
    rule: &ClusterRule,
    progress: &Progress,
) -> Result<Clustering, AnalysisError> {
    let n = embeddings.n();
    let candidates: Vec<usize> = match rule.count {
        ClusterCount::Fixed(k) => vec![k.clamp(1, n.max(1))],
        ClusterCount::Auto if n < 4 => vec![1],
        // A cluster should hold three items on average, or the silhouette favors pairs.
        ClusterCount::Auto => (2..=MAX_AUTO.min(n / 3).max(2)).collect(),
    };
    if n == 0 {
        return Ok(Clustering::new(
            Vec::new(),
            Array2::zeros((0, embeddings.dim())),
        ));
    }
    progress.step("Clustering", candidates.len());
    let mut best: Option<(f64, Clustering)> = None;
    for k in &candidates {
        let clustering = best_of_starts(embeddings, *k, rule.seed, progress)?;
        let quality = silhouette(embeddings, &clustering);
        if best.as_ref().is_none_or(|(so_far, _)| quality > *so_far) {
            best = Some((quality, clustering));
        }
        progress.advance(1)?;
    }
    let (_, clustering) = best.expect("there is at least one candidate");
    Ok(largest_first(clustering))
}

fn best_of_starts(
    embeddings: &Embeddings,
    k: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Clustering, Cancelled> {
    let mut best: Option<Run> = None;
    for start in 0..n_starts(embeddings.n()) {
        let mut random = Random::new(seed ^ (k as u64) << 32 ^ start as u64);
        let run = lloyd(embeddings, seeds(embeddings, k, &mut random), progress)?;
        if best
            .as_ref()
            .is_none_or(|so_far| run.inertia < so_far.inertia)
        {
            best = Some(run);
        }
    }
    let run = best.expect("there is at least one start");
    Ok(without_empty(run))
}

/// k-means++: each next seed is drawn with a chance that grows with its distance to the seeds
/// before it.
fn seeds(embeddings: &Embeddings, k: usize, random: &mut Random) -> Array2<f32> {
    let n = embeddings.n();
    let mut chosen = vec![random.below(n)];
    let mut distances = vec![f64::INFINITY; n];
    while chosen.len() < k {
        let last = chosen[chosen.len() - 1];
        for (item, distance) in distances.iter_mut().enumerate() {
            let to_last = f64::from(1.0 - embeddings.cosine(item, last)).max(0.0);
            *distance = distance.min(to_last);
        }
        let mut left = random.unit() * distances.iter().sum::<f64>();
        let drawn = distances.iter().position(|distance| {
            left -= distance;
            left < 0.0
        });
        // All distances are 0 when there are fewer different texts than clusters.
        chosen.push(drawn.unwrap_or_else(|| random.below(n)));
    }
    embeddings.select(&chosen).into_rows()
}

struct Run {
    labels: Vec<usize>,
    centers: Array2<f32>,
    inertia: f64,
}

fn lloyd(
    embeddings: &Embeddings,
    mut centers: Array2<f32>,
    progress: &Progress,
) -> Result<Run, Cancelled> {
    let mut labels = Vec::new();
    let mut inertia = f64::INFINITY;
    for _ in 0..MAX_STEPS {
        progress.check()?;
        let step = assign(embeddings, &centers);
        let settled = step.labels == labels;
        labels = step.labels;
        inertia = step.inertia;
        if settled {
            break;
        }
        for (cluster, mut center) in centers.axis_iter_mut(Axis(0)).enumerate() {
            // An empty cluster keeps its center; `without_empty` drops it if it stays empty.
            if step.sizes[cluster] > 0 {
                let size = step.sizes[cluster] as f64;
                center.assign(&step.sums.row(cluster).mapv(|sum| (sum / size) as f32));
            }
        }
    }
    Ok(Run {
        labels,
        centers,
        inertia,
    })
}

struct Step {
    labels: Vec<usize>,
    sums: Array2<f64>,
    sizes: Vec<usize>,
    inertia: f64,
}

/// The nearest center of every row, and what the next centers need.
fn assign(embeddings: &Embeddings, centers: &Array2<f32>) -> Step {
    let squares: Array1<f32> = centers
        .rows()
        .into_iter()
        .map(|center| center.dot(&center))
        .collect();
    let rows = embeddings.view();
    let starts: Vec<usize> = (0..embeddings.n()).step_by(BLOCK_ROWS).collect();
    let blocks: Vec<Step> = starts
        .into_par_iter()
        .map(|start| {
            let end = (start + BLOCK_ROWS).min(embeddings.n());
            assign_block(rows.slice(s![start..end, ..]), centers, &squares)
        })
        .collect();
    // Joined in order, so that sums do not depend on which thread was first.
    let mut whole = Step {
        labels: Vec::with_capacity(embeddings.n()),
        sums: Array2::zeros(centers.dim()),
        sizes: vec![0; centers.nrows()],
        inertia: 0.0,
    };
    for block in blocks {
        whole.labels.extend(block.labels);
        whole.sums += &block.sums;
        whole
            .sizes
            .iter_mut()
            .zip(block.sizes)
            .for_each(|(sum, size)| *sum += size);
        whole.inertia += block.inertia;
    }
    whole
}

fn assign_block(rows: ArrayView2<'_, f32>, centers: &Array2<f32>, squares: &Array1<f32>) -> Step {
    let mut step = Step {
        labels: Vec::with_capacity(rows.nrows()),
        sums: Array2::zeros(centers.dim()),
        sizes: vec![0; centers.nrows()],
        inertia: 0.0,
    };
    let products = rows.dot(&centers.t());
    for (row, products) in rows.rows().into_iter().zip(products.rows()) {
        let (label, distance) = nearest(products, squares);
        step.labels.push(label);
        step.sizes[label] += 1;
        step.inertia += f64::from((row.dot(&row) + distance).max(0.0));
        step.sums
            .row_mut(label)
            .zip_mut_with(&row, |sum, x| *sum += f64::from(*x));
    }
    step
}

/// The nearest center and the squared distance to it, less the row's own square.
fn nearest(products: ArrayView1<'_, f32>, squares: &Array1<f32>) -> (usize, f32) {
    let distances = products
        .iter()
        .zip(squares)
        .map(|(product, square)| square - 2.0 * product);
    distances
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .expect("there is at least one center")
}

fn without_empty(run: Run) -> Clustering {
    let k = run.centers.nrows();
    let used: Vec<usize> = (0..k)
        .filter(|cluster| run.labels.contains(cluster))
        .collect();
    let mut new_label = vec![0; k];
    used.iter()
        .enumerate()
        .for_each(|(new, old)| new_label[*old] = new);
    let labels = run
        .labels
        .into_iter()
        .map(|label| new_label[label])
        .collect();
    Clustering::new(labels, run.centers.select(Axis(0), &used))
}

fn largest_first(clustering: Clustering) -> Clustering {
    let members = clustering.members();
    let mut by_size: Vec<usize> = (0..members.len()).collect();
    by_size.sort_by_key(|cluster| {
        (
            std::cmp::Reverse(members[*cluster].len()),
            members[*cluster].first().copied(),
        )
    });
    let mut new_label = vec![0; members.len()];
    by_size
        .iter()
        .enumerate()
        .for_each(|(new, old)| new_label[*old] = new);
    let labels = clustering
        .labels
        .into_iter()
        .map(|label| new_label[label])
        .collect();
    Clustering::new(labels, clustering.centers.select(Axis(0), &by_size))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sizes[i]` rows around the `i`-th axis.
    fn blobs(sizes: &[usize]) -> Embeddings {
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

    fn cluster(embeddings: &Embeddings, count: ClusterCount) -> Clustering {
        let rule = ClusterRule { count, seed: 42 };
        kmeans(embeddings, &rule, &Progress::new()).unwrap()
    }

    #[test]
    fn blobs_part_and_the_largest_comes_first() {
        let embeddings = blobs(&[10, 40, 20, 30]);
        let clustering = cluster(&embeddings, ClusterCount::Auto);
        let sizes: Vec<usize> = clustering.members().iter().map(Vec::len).collect();
        assert_eq!(sizes, [40, 30, 20, 10]);
        assert!(clustering.labels[10..50].iter().all(|label| *label == 0));
    }

    #[test]
    fn it_is_the_same_on_any_number_of_threads() {
        let embeddings = blobs(&[300, 300, 300]);
        let on = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .unwrap();
            pool.install(|| cluster(&embeddings, ClusterCount::Fixed(7)))
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn odd_inputs_are_calm() {
        let none = Embeddings::normalized(Array2::zeros((0, 5)));
        assert_eq!(cluster(&none, ClusterCount::Auto).n_clusters(), 0);
        let one = Embeddings::normalized(Array2::ones((1, 5)));
        assert_eq!(cluster(&one, ClusterCount::Fixed(9)).n_clusters(), 1);
        let same = Embeddings::normalized(Array2::ones((20, 5)));
        assert_eq!(cluster(&same, ClusterCount::Auto).n_clusters(), 1);
    }
}
