//! Ward's tree: groups are joined two by two, always the pair that adds least to the sum of squared
//! distances (Ward 1963), found by the nearest-neighbor chain (Murtagh 1983).
//!
//! Cutting it gives k-means a start. On short texts, in hundreds of dimensions, that start ends at a
//! lower inertia than the best of fifty random ones.

use ndarray::{Array2, ArrayView2};

use crate::progress::{Cancelled, Progress};

/// All joins, cheapest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    n_leaves: usize,
    /// What it costs, and a leaf of either side.
    joins: Vec<(f32, usize, usize)>,
}

/// Builds the tree over groups given by their means, shape `(m, d)`, and sizes. Takes m² d steps.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per link of the chain.
pub fn ward(
    means: ArrayView2<'_, f32>,
    sizes: &[usize],
    progress: &Progress,
) -> Result<Tree, Cancelled> {
    let mut groups = Groups {
        squares: means
            .rows()
            .into_iter()
            .map(|mean| mean.dot(&mean))
            .collect(),
        means: means.to_owned(),
        sizes: sizes.iter().map(|size| *size as f32).collect(),
        active: (0..sizes.len()).collect(),
    };
    let mut joins: Vec<(f32, usize, usize)> = Vec::new();
    let mut chain: Vec<usize> = Vec::new();
    while groups.active.len() > 1 {
        progress.check()?;
        let tip = *chain.last().unwrap_or(&groups.active[0]);
        if chain.is_empty() {
            chain.push(tip);
        }
        let before = chain.len().checked_sub(2).map(|at| chain[at]);
        let (cost, nearest) = groups.nearest(tip, before);
        if Some(nearest) == before {
            joins.push((cost, tip.min(nearest), tip.max(nearest)));
            groups.join(tip.min(nearest), tip.max(nearest));
            chain.truncate(chain.len() - 2);
        } else {
            chain.push(nearest);
        }
    }
    // The chain finds joins out of order; a join never costs less than those inside it, so sorting
    // by cost (and, among equals, keeping the order in which they were found) gives the tree.
    joins.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(Tree {
        n_leaves: sizes.len(),
        joins,
    })
}

struct Groups {
    means: Array2<f32>,
    squares: Vec<f32>,
    sizes: Vec<f32>,
    active: Vec<usize>,
}

impl Groups {
    /// The group that is cheapest to join with `of`; among equals `before`, so that the chain ends.
    fn nearest(&self, of: usize, before: Option<usize>) -> (f32, usize) {
        let others = self.active.iter().copied().filter(|other| *other != of);
        let costs = others.map(|other| (self.cost(of, other), other));
        let found = costs.min_by(|a, b| {
            a.0.total_cmp(&b.0)
                .then((Some(b.1) == before).cmp(&(Some(a.1) == before)))
        });
        found.expect("at least two groups are left")
    }

    fn cost(&self, a: usize, b: usize) -> f32 {
        let product = self.means.row(a).dot(&self.means.row(b));
        let distance = (self.squares[a] + self.squares[b] - 2.0 * product).max(0.0);
        distance * self.sizes[a] * self.sizes[b] / (self.sizes[a] + self.sizes[b])
    }

    /// Joins `b` into `a`.
    fn join(&mut self, a: usize, b: usize) {
        let share = self.sizes[b] / (self.sizes[a] + self.sizes[b]);
        let (mut kept, gone) = self
            .means
            .multi_slice_mut((ndarray::s![a, ..], ndarray::s![b, ..]));
        kept.zip_mut_with(&gone, |kept, gone| *kept += share * (gone - *kept));
        self.sizes[a] += self.sizes[b];
        self.squares[a] = self.means.row(a).dot(&self.means.row(a));
        self.active.retain(|group| *group != b);
    }
}

impl Tree {
    /// By how much each join raises the sum of squared distances, rising.
    pub fn heights(&self) -> Vec<f32> {
        self.joins.iter().map(|(cost, ..)| *cost).collect()
    }

    /// A label below `k` for every leaf; `k` is at most the number of leaves.
    pub fn cut(&self, k: usize) -> Vec<usize> {
        let mut parent: Vec<usize> = (0..self.n_leaves).collect();
        for (_, a, b) in &self.joins[..self.n_leaves - k.min(self.n_leaves)] {
            let (a, b) = (root(&parent, *a), root(&parent, *b));
            parent[a.max(b)] = a.min(b);
        }
        let mut label_of_root = vec![None; self.n_leaves];
        let mut n_labels = 0;
        (0..self.n_leaves)
            .map(|leaf| {
                *label_of_root[root(&parent, leaf)].get_or_insert_with(|| {
                    n_labels += 1;
                    n_labels - 1
                })
            })
            .collect()
    }
}

fn root(parent: &[usize], mut leaf: usize) -> usize {
    while parent[leaf] != leaf {
        leaf = parent[leaf];
    }
    leaf
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn near_groups_join_first_and_every_cut_has_its_number() {
        let means = array![
            [0.0, 0.0],
            [10.0, 0.0],
            [0.0, 1.0],
            [10.0, 1.5],
            [30.0, 0.0]
        ];
        let tree = ward(means.view(), &[1; 5], &Progress::new()).unwrap();
        assert_eq!(tree.cut(3), [0, 1, 0, 1, 2]);
        assert_eq!(tree.cut(4), [0, 1, 0, 2, 3]);
        assert_eq!(tree.cut(1), [0; 5]);
        assert_eq!(tree.cut(5), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn equal_points_are_no_trouble() {
        let tree = ward(Array2::zeros((6, 3)).view(), &[1; 6], &Progress::new()).unwrap();
        assert_eq!(tree.cut(1), [0; 6]);
        let none = ward(Array2::zeros((0, 3)).view(), &[], &Progress::new()).unwrap();
        assert!(none.cut(0).is_empty());
    }
}
