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

/// The `k` nearest neighbors of every item, best first, by blocked matrix products.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per block of rows.
pub fn neighbors(
    embeddings: &Embeddings,
    k: usize,
    progress: &Progress,
) -> Result<Vec<Vec<Neighbor>>, Cancelled> {
    let rows = embeddings.view();
    progress.step("Finding neighbors", embeddings.n());
    let blocks: Vec<usize> = (0..embeddings.n()).step_by(BLOCK_ROWS).collect();
    let found = blocks
        .into_par_iter()
        .map(|start| {
            let end = (start + BLOCK_ROWS).min(embeddings.n());
            let cosines = rows.slice(s![start..end, ..]).dot(&rows.t());
            let of_row =
                |(i, row): (usize, ArrayView1<'_, f32>)| nearest(&row.to_vec(), k, Some(start + i));
            let found: Vec<_> = cosines.axis_iter(Axis(0)).enumerate().map(of_row).collect();
            progress.advance(end - start)?;
            Ok(found)
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    Ok(found.into_iter().flatten().collect())
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
        let found = neighbors(&embeddings, 7, &Progress::new()).unwrap();
        for item in [0, 255, 256, 599] {
            let brute = nearest(&scores(&embeddings, embeddings.row(item)), 7, Some(item));
            let items = |list: &[Neighbor]| list.iter().map(|n| n.item).collect::<Vec<_>>();
            assert_eq!(items(&found[item]), items(&brute));
            assert!(brute.iter().all(|n| n.item != item));
        }
    }

    #[test]
    fn few_items_have_few_neighbors() {
        let one = Embeddings::normalized(Array2::ones((1, 3)));
        assert_eq!(neighbors(&one, 10, &Progress::new()).unwrap(), [[]]);
        let none = Embeddings::normalized(Array2::ones((0, 3)));
        assert!(neighbors(&none, 10, &Progress::new()).unwrap().is_empty());
    }
}
