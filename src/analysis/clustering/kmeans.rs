//! k-means on unit vectors: started from a cut of Ward's tree, then Lloyd's steps with the distances
//! from one matrix product per block of rows.
//!
//! The tree is built over the items themselves, or, when there are many, over a few hundred small
//! groups that a first k-means from seeded k-means++ starts (Arthur and Vassilvitskii 2007) finds.
//!
//! For unit rows the squared distance to a center is `1 − 2 x·c + c·c`, so nearness by distance and
//! by cosine differ only by the center's length.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::ward::{Tree, means, ward};
use super::{ClusterCount, ClusterRule, Clustering};
use crate::analysis::quality::silhouette;
use crate::analysis::random::Random;
use crate::analysis::{AnalysisError, BLOCK_ROWS};
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// The largest number of clusters that [`ClusterCount::Auto`] tries.
const MAX_AUTO: usize = 24;
/// Auto takes the fewest clusters whose mean silhouette is at least this share of the best: beyond
/// that, pairs of near-duplicates that part from their cluster go on raising it a little.
const GOOD_ENOUGH: f64 = 0.9;
/// Steps after which a run ends even if rows still move; runs on text settle far earlier.
const MAX_STEPS: usize = 60;
/// Up to this many items the tree is built over the items themselves.
const MAX_LEAVES: usize = 1024;
/// Beyond it, over this many small groups, found in a few steps.
const N_GROUPS: usize = 256;
const GROUP_STEPS: usize = 5;

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
    if n == 0 {
        let centers = Array2::zeros((0, embeddings.dim()));
        return Ok(Clustering::new(Vec::new(), centers));
    }
    let candidates: Vec<usize> = match rule.count {
        ClusterCount::Fixed(k) => vec![k.clamp(1, n)],
        ClusterCount::Auto if n < 4 => vec![1],
        // A cluster should hold three items on average, or the silhouette favors pairs.
        ClusterCount::Auto => (2..=MAX_AUTO.min(n / 3).max(2)).collect(),
    };
    progress.step("Clustering", candidates.len() + 1);
    let starts = Starts::new(embeddings, rule.seed, progress)?;
    progress.advance(1)?;
    let mut found = Vec::new();
    for k in candidates {
        let run = lloyd(
            embeddings,
            starts.centers(embeddings, k),
            MAX_STEPS,
            progress,
        )?;
        let clustering = without_empty(run);
        found.push((silhouette(embeddings, &clustering), clustering));
        progress.advance(1)?;
    }
    let best = found
        .iter()
        .map(|(quality, _)| *quality)
        .fold(f64::NEG_INFINITY, f64::max);
    let enough = best * if best > 0.0 { GOOD_ENOUGH } else { 1.0 };
    let chosen = found.into_iter().find(|(quality, _)| *quality >= enough);
    let (_, clustering) = chosen.expect("the best is good enough");
    Ok(largest_first(clustering))
}

/// Where runs with any number of clusters start.
struct Starts {
    /// Leaf of each item.
    leaves: Vec<usize>,
    n_leaves: usize,
    tree: Tree,
    seed: u64,
}

impl Starts {
    fn new(embeddings: &Embeddings, seed: u64, progress: &Progress) -> Result<Self, Cancelled> {
        let n = embeddings.n();
        if n <= MAX_LEAVES {
            return Ok(Self {
                leaves: (0..n).collect(),
                n_leaves: n,
                tree: ward(embeddings.view(), &vec![1; n], progress)?,
                seed,
            });
        }
        let seeds = seeds(embeddings, N_GROUPS, &mut Random::new(seed));
        let groups = without_empty(lloyd(embeddings, seeds, GROUP_STEPS, progress)?);
        let sizes: Vec<usize> = groups.members().iter().map(Vec::len).collect();
        Ok(Self {
            tree: ward(groups.centers.view(), &sizes, progress)?,
            n_leaves: groups.n_clusters(),
            leaves: groups.labels.into_iter().flatten().collect(),
            seed,
        })
    }

    /// Shape `(k, d)`.
    fn centers(&self, embeddings: &Embeddings, k: usize) -> Array2<f32> {
        if k > self.n_leaves {
            return seeds(embeddings, k, &mut Random::new(self.seed));
        }
        let of_leaf = self.tree.cut(k);
        let labels: Vec<usize> = self.leaves.iter().map(|leaf| of_leaf[*leaf]).collect();
        means(embeddings.view(), &labels, k)
    }
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
}

fn lloyd(
    embeddings: &Embeddings,
    mut centers: Array2<f32>,
    max_steps: usize,
    progress: &Progress,
) -> Result<Run, Cancelled> {
    let mut labels = Vec::new();
    for _ in 0..max_steps {
        progress.check()?;
        let step = assign(embeddings, &centers);
        let settled = step.labels == labels;
        labels = step.labels;
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
    Ok(Run { labels, centers })
}

struct Step {
    labels: Vec<usize>,
    sums: Array2<f64>,
    sizes: Vec<usize>,
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
    };
    for block in blocks {
        whole.labels.extend(block.labels);
        whole.sums += &block.sums;
        whole
            .sizes
            .iter_mut()
            .zip(block.sizes)
            .for_each(|(sum, size)| *sum += size);
    }
    whole
}

fn assign_block(rows: ArrayView2<'_, f32>, centers: &Array2<f32>, squares: &Array1<f32>) -> Step {
    let mut step = Step {
        labels: Vec::with_capacity(rows.nrows()),
        sums: Array2::zeros(centers.dim()),
        sizes: vec![0; centers.nrows()],
    };
    let products = rows.dot(&centers.t());
    for (row, products) in rows.rows().into_iter().zip(products.rows()) {
        let label = nearest(products, squares);
        step.labels.push(label);
        step.sizes[label] += 1;
        step.sums
            .row_mut(label)
            .zip_mut_with(&row, |sum, x| *sum += f64::from(*x));
    }
    step
}

fn nearest(products: ArrayView1<'_, f32>, squares: &Array1<f32>) -> usize {
    let distances = products
        .iter()
        .zip(squares)
        .map(|(product, square)| square - 2.0 * product);
    let nearest = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.expect("there is at least one center").0
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
    Clustering::whole(labels, run.centers.select(Axis(0), &used))
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
        .map(|label| label.map(|label| new_label[label]))
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
        assert!(
            clustering.labels[10..50]
                .iter()
                .all(|label| *label == Some(0))
        );
    }

    #[test]
    fn many_items_start_from_small_groups() {
        let embeddings = blobs(&[500, 400, 300]);
        let sizes: Vec<usize> = cluster(&embeddings, ClusterCount::Auto)
            .members()
            .iter()
            .map(Vec::len)
            .collect();
        assert_eq!(sizes, [500, 400, 300]);
        assert_eq!(
            cluster(&embeddings, ClusterCount::Fixed(300)).labels.len(),
            1200
        );
    }

    #[test]
    fn it_is_the_same_on_any_number_of_threads() {
        let embeddings = blobs(&[500, 400, 300]);
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
        assert_eq!(cluster(&same, ClusterCount::Fixed(20)).n_clusters(), 1);
    }
}
