//! Nearest neighbors by true cosine, exactly.

use ndarray::{ArrayView1, Axis, s};
use rayon::prelude::*;

use super::BLOCK_ROWS;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Another item and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// Index of the item.
    pub item: usize,
    /// Cosine, −1 to 1.
    pub cosine: f32,
}

/// Cosine of every item to `query`, shape `(n,)`; `query` has length 1.
pub fn scores(embeddings: &Embeddings, query: ArrayView1<'_, f32>) -> Vec<f32> {
    embeddings
        .view()
        .axis_iter(Axis(0))
        .map(|row| row.dot(&query))
        .collect()
}

/// The `k` items with the highest scores, best first; equal scores in order of item. `but` is left
/// out.
pub fn nearest(scores: &[f32], k: usize, but: Option<usize>) -> Vec<Neighbor> {
    let mut all: Vec<Neighbor> = scores
        .iter()
        .enumerate()
        .filter(|(item, _)| Some(*item) != but)
        .map(|(item, cosine)| Neighbor {
            item,
            cosine: *cosine,
        })
        .collect();
    let by_score =
        |a: &Neighbor, b: &Neighbor| b.cosine.total_cmp(&a.cosine).then(a.item.cmp(&b.item));
    if k < all.len() {
        all.select_nth_unstable_by(k, by_score);
        all.truncate(k);
    }
    all.sort_by(by_score);
    all
}

/// The nearest neighbors of every item: one artifact that maps, clusters, duplicates and the quality
/// of a map all share.
///
/// Neighbors are ranked by cosine, equal ones by item, so that the first `k` of a graph with more are
/// the graph with `k`. An item is never its own neighbor.
#[derive(Debug, Clone, PartialEq)]
pub struct NeighborGraph {
    n: usize,
    k: usize,
    /// `k` neighbors of each item behind each other, best first.
    neighbors: Vec<Neighbor>,
}

impl NeighborGraph {
    /// Exactly the `k` nearest of every item, or all others if there are fewer.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped; checked once per block of rows.
    pub fn exact(
        embeddings: &Embeddings,
        k: usize,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let n = embeddings.n();
        let k = k.min(n.saturating_sub(1));
        let rows = embeddings.view();
        progress.step("Finding neighbors", n);
        let blocks: Vec<usize> = (0..n).step_by(BLOCK_ROWS).collect();
        let found = blocks
            .into_par_iter()
            .map(|start| {
                let end = (start + BLOCK_ROWS).min(n);
                let cosines = rows.slice(s![start..end, ..]).dot(&rows.t());
                let of_row = |(i, row): (usize, ArrayView1<'_, f32>)| {
                    nearest(&row.to_vec(), k, Some(start + i))
                };
                let found: Vec<_> = cosines
                    .axis_iter(Axis(0))
                    .enumerate()
                    .flat_map(of_row)
                    .collect();
                progress.advance(end - start)?;
                Ok(found)
            })
            .collect::<Result<Vec<_>, Cancelled>>()?;
        let neighbors = found.into_iter().flatten().collect();
        Ok(Self { n, k, neighbors })
    }

    /// Number of items.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Neighbors of each item.
    pub fn k(&self) -> usize {
        self.k
    }

    /// The neighbors of an item, best first.
    pub fn of(&self, item: usize) -> &[Neighbor] {
        &self.neighbors[item * self.k..][..self.k]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;
    use ndarray::Array2;

    #[test]
    fn the_blocked_search_finds_what_brute_force_finds() {
        let mut random = Random::new(3);
        let rows = Array2::from_shape_simple_fn((600, 12), || random.unit() as f32 - 0.5);
        let embeddings = Embeddings::normalized(rows);
        let graph = NeighborGraph::exact(&embeddings, 7, &Progress::new()).unwrap();
        for item in [0, 255, 256, 599] {
            let brute = nearest(&scores(&embeddings, embeddings.row(item)), 7, Some(item));
            let items = |list: &[Neighbor]| list.iter().map(|n| n.item).collect::<Vec<_>>();
            assert_eq!(items(graph.of(item)), items(&brute));
            assert!(brute.iter().all(|n| n.item != item));
        }
    }

    #[test]
    fn few_items_have_few_neighbors() {
        let one = Embeddings::normalized(Array2::ones((1, 3)));
        let graph = |embeddings| NeighborGraph::exact(embeddings, 10, &Progress::new()).unwrap();
        assert!(graph(&one).of(0).is_empty());
        let none = Embeddings::normalized(Array2::ones((0, 3)));
        assert_eq!(graph(&none).n(), 0);
        let three = Embeddings::normalized(Array2::eye(3));
        assert_eq!(graph(&three).of(1).len(), 2);
    }
}
