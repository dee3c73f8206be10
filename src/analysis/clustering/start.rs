//! Where runs of k-means start: from a cut of Ward's tree over the items, or, of many, over small
//! groups of a seeded sample of them.
//!
//! The sample is spread evenly over the items, and its groups come from k-means++ (Arthur and
//! Vassilvitskii 2007) and a few steps. It is only where the start comes from: in every step of a
//! run all rows take part.

use ndarray::{Array2, ArrayView2, Axis};

use super::lloyd::{lloyd, nearest_centers};
use super::means;
use super::smooth::smoothed;
use super::ward::{Tree, ward};
use crate::analysis::neighbors::NeighborGraph;
use crate::analysis::random::Random;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Up to this many items the tree is built over the items themselves.
const MAX_LEAVES: usize = 1024;
/// Beyond it, over this many small groups of a sample of this many items, found in a few steps.
const N_GROUPS: usize = 256;
const N_SAMPLED: usize = 4096;
const GROUP_STEPS: usize = 5;
/// Items sampled for each cluster when there are to be more clusters than groups.
const SAMPLED_PER_CLUSTER: usize = 8;

/// Items or small groups of them, and the tree over them.
pub struct Leaves {
    /// Items that the tree was made from, in order; all of them if there are few.
    items: Vec<usize>,
    /// Leaf of each of `items`.
    leaf_of: Vec<usize>,
    /// Mean of the smoothed vectors in each leaf, shape `(n_leaves, d)`.
    pub means: Array2<f32>,
    pub tree: Tree,
    seed: u64,
}

impl Leaves {
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn new(
        embeddings: &Embeddings,
        graph: &NeighborGraph,
        seed: u64,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        Self::among(
            embeddings,
            graph,
            (0..embeddings.n()).collect(),
            seed,
            progress,
        )
    }

    /// As if the given items were all there are.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn among(
        embeddings: &Embeddings,
        graph: &NeighborGraph,
        items: Vec<usize>,
        seed: u64,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let n = items.len();
        let mut random = Random::new(seed);
        let allowed = (n < embeddings.n()).then(|| {
            let mut allowed = vec![false; embeddings.n()];
            for item in &items {
                allowed[*item] = true;
            }
            allowed
        });
        if n <= MAX_LEAVES {
            let means = smoothed(embeddings, graph, &items, allowed.as_deref(), progress)?;
            return Ok(Self {
                tree: ward(means.view(), &vec![1; n], progress)?,
                leaf_of: (0..n).collect(),
                items,
                means,
                seed,
            });
        }
        let sampled = sample(n, N_SAMPLED, &mut random);
        let items: Vec<usize> = sampled.into_iter().map(|at| items[at]).collect();
        let rows = smoothed(embeddings, graph, &items, allowed.as_deref(), progress)?;
        let seeds = seeds(rows.view(), N_GROUPS, &mut random, progress)?;
        let run = lloyd(rows.view(), None, seeds, GROUP_STEPS, progress)?;
        let (leaf_of, sizes, used) = numbered(&run.labels, N_GROUPS);
        let means = run.centers.select(Axis(0), &used);
        Ok(Self {
            tree: ward(means.view(), &sizes, progress)?,
            items,
            leaf_of,
            means,
            seed,
        })
    }

    /// Where a run with `k` clusters starts, shape `(k, d)`: means of the items as they are.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn centers(
        &self,
        embeddings: &Embeddings,
        k: usize,
        progress: &Progress,
    ) -> Result<Array2<f32>, Cancelled> {
        let mut random = Random::new(self.seed);
        if k > self.means.nrows() {
            let n_sampled = N_SAMPLED.max(k.saturating_mul(SAMPLED_PER_CLUSTER));
            let items = sample(embeddings.n(), n_sampled, &mut random);
            return seeds(embeddings.select(&items).view(), k, &mut random, progress);
        }
        let of_leaf = self.tree.cut(k);
        let labels: Vec<Option<usize>> = self
            .leaf_of
            .iter()
            .map(|leaf| Some(of_leaf[*leaf]))
            .collect();
        Ok(if self.items.len() == embeddings.n() {
            means(embeddings.view(), &labels, k)
        } else {
            means(embeddings.select(&self.items).view(), &labels, k)
        })
    }

    /// The leaf of every row of all smoothed vectors.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn of_all(
        &self,
        smoothed: &Array2<f32>,
        progress: &Progress,
    ) -> Result<Vec<usize>, Cancelled> {
        if self.items.len() == smoothed.nrows() {
            return Ok(self.leaf_of.clone());
        }
        nearest_centers(smoothed.view(), &self.means, progress)
    }
}

/// `n_sampled` of `n` items (or all), one drawn from each of as many equal stretches, in order.
fn sample(n: usize, n_sampled: usize, random: &mut Random) -> Vec<usize> {
    if n <= n_sampled {
        return (0..n).collect();
    }
    let stretch = n as f64 / n_sampled as f64;
    let drawn = |at: usize| ((at as f64 + random.unit()) * stretch) as usize;
    let mut items: Vec<usize> = (0..n_sampled).map(drawn).map(|at| at.min(n - 1)).collect();
    items.dedup();
    items
}

/// k-means++: each next seed is drawn with a chance that grows with its distance to the seeds
/// before it. Needs at least one row.
fn seeds(
    rows: ArrayView2<'_, f32>,
    k: usize,
    random: &mut Random,
    progress: &Progress,
) -> Result<Array2<f32>, Cancelled> {
    let n = rows.nrows();
    let mut chosen = vec![random.below(n)];
    let mut distances = vec![f32::INFINITY; n];
    while chosen.len() < k {
        progress.check()?;
        let cosines = rows.dot(&rows.row(chosen[chosen.len() - 1]));
        let mut sum = 0.0;
        for (distance, cosine) in distances.iter_mut().zip(&cosines) {
            *distance = distance.min((1.0 - cosine).max(0.0));
            sum += f64::from(*distance);
        }
        let mut left = random.unit() * sum;
        let drawn = distances.iter().position(|distance| {
            left -= f64::from(*distance);
            left < 0.0
        });
        // All distances are 0 when there are fewer different texts than clusters.
        chosen.push(drawn.unwrap_or_else(|| random.below(n)));
    }
    Ok(rows.select(Axis(0), &chosen))
}

/// Labels without the unused ones, the size of each, and which old labels they were.
fn numbered(labels: &[usize], k: usize) -> (Vec<usize>, Vec<usize>, Vec<usize>) {
    let mut sizes = vec![0; k];
    for label in labels {
        sizes[*label] += 1;
    }
    let used: Vec<usize> = (0..k).filter(|label| sizes[*label] > 0).collect();
    let mut new_label = vec![0; k];
    for (new, old) in used.iter().enumerate() {
        new_label[*old] = new;
    }
    let labels = labels.iter().map(|label| new_label[*label]).collect();
    (labels, used.iter().map(|old| sizes[*old]).collect(), used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_the_items() {
        let items = sample(1000, 100, &mut Random::new(1));
        assert_eq!(items.len(), 100);
        assert!(items.iter().enumerate().all(|(at, item)| item / 10 == at));
        assert_eq!(sample(5, 9, &mut Random::new(1)), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn unused_labels_go() {
        let (labels, sizes, used) = numbered(&[3, 1, 3], 5);
        assert_eq!(labels, [1, 0, 1]);
        assert_eq!(sizes, [1, 2]);
        assert_eq!(used, [1, 3]);
    }
}
