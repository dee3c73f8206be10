//! Items averaged with their nearest neighbors, in which subjects stand out.
//!
//! Two short texts about one subject share little more than two about different ones: in 384
//! dimensions most of what sets a text apart is its own. What a text and its neighbors have in
//! common is the subject, and their mean keeps it while the rest averages out. (One step of blurring
//! mean shift, Fukunaga and Hostetler 1975; as a filter on the neighbor graph, Zhang et al. 2019,
//! "Attributed graph clustering via adaptive graph convolution".)
//!
//! Only the number of clusters and the start of k-means come from smoothed rows: k-means itself
//! runs on the rows as they are.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::analysis::BLOCK_ROWS;
use crate::analysis::neighbors::NeighborGraph;
use crate::progress::{Cancelled, Progress};
use crate::vectors::{Embeddings, normalize};

/// More neighbors would reach beyond a cluster of half a dozen items.
const MAX_NEIGHBORS: usize = 5;
/// Of few items, fewer: a neighbor for every so many.
const ITEMS_PER_NEIGHBOR: usize = 16;

/// The chosen items, each added to its nearest neighbors weighted by their cosine, as unit rows.
/// Neighbors that are not `allowed` are passed over.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per block of rows.
pub fn smoothed(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    items: &[usize],
    allowed: Option<&[bool]>,
    progress: &Progress,
) -> Result<Array2<f32>, Cancelled> {
    let n_neighbors = (embeddings.n() / ITEMS_PER_NEIGHBOR).clamp(1, MAX_NEIGHBORS);
    let is_allowed = |item: usize| allowed.is_none_or(|allowed| allowed[item]);
    let sums = |items: &[usize]| {
        progress.check()?;
        let mut sums = embeddings.view().select(Axis(0), items);
        for (mut sum, item) in sums.axis_iter_mut(Axis(0)).zip(items) {
            let neighbors = graph.of(*item).iter();
            let neighbors = neighbors.filter(|neighbor| is_allowed(neighbor.item));
            for neighbor in neighbors.take(n_neighbors) {
                // An opposite has nothing in common.
                let weight = neighbor.cosine.max(0.0);
                sum.scaled_add(weight, &embeddings.row(neighbor.item));
            }
            normalize(sum);
        }
        Ok(sums.into_raw_vec_and_offset().0)
    };
    let blocks: Vec<Vec<f32>> = items
        .par_chunks(BLOCK_ROWS)
        .map(sums)
        .collect::<Result<_, Cancelled>>()?;
    let rows = Array2::from_shape_vec((items.len(), embeddings.dim()), blocks.concat());
    Ok(rows.expect("every item has a row"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::clustering::examples::graph;
    use ndarray::array;

    #[test]
    fn an_item_moves_towards_its_nearest_neighbor() {
        let embeddings = Embeddings::normalized(array![[1.0, 0.0], [0.8, 0.6], [-1.0, 0.0]]);
        let found = smoothed(
            &embeddings,
            &graph(&embeddings),
            &[0, 2],
            None,
            &Progress::new(),
        )
        .unwrap();
        let expected = Embeddings::normalized(array![[1.0 + 0.64, 0.48], [-1.0, 0.0]]);
        for (x, expected) in found.iter().zip(expected.view()) {
            assert!((x - expected).abs() < 1e-6);
        }
    }
}
