//! A frozen map: new items take a place on it, and old ones stay where they are.
//!
//! Principal components place new items exactly, by [`super::PcaModel::project`]. Maps that have no
//! formula place them amid their nearest neighbors among the old.

use ndarray::{Array2, Axis, s};
use rayon::prelude::*;

use crate::analysis::neighbors::nearest;
use crate::analysis::{BLOCK_ROWS, Neighbor, NeighborGraph, product};
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Where a new item lies on a map made without it.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Coordinates, one per axis.
    pub at: Vec<f32>,
    /// Mean cosine to its neighbors among the old items, −1 to 1; 0 if there are none.
    pub fit: f32,
    /// Whether it is so unlike the old items that its place says little.
    pub is_misfit: bool,
}

/// Places new items at the mean of their `k` nearest old ones, weighted by cosine.
///
/// `points` holds the places of `old`, shape `(n, axes)`, which nothing here can change. Items that
/// fit less than `misfit_below`, best from [`misfit_bar`], are flagged. Where no neighbor has a
/// cosine above 0, the plain mean of the neighbors is the place.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per block of rows.
pub fn place(
    old: &Embeddings,
    points: &Array2<f32>,
    new: &Embeddings,
    k: usize,
    misfit_below: f32,
    progress: &Progress,
) -> Result<Vec<Placed>, Cancelled> {
    progress.step("Placing", new.n());
    let starts: Vec<usize> = (0..new.n()).step_by(BLOCK_ROWS).collect();
    let blocks = starts
        .into_par_iter()
        .map(|start| {
            let end = (start + BLOCK_ROWS).min(new.n());
            let found = nearest_old(old, new, start..end, k, progress)?;
            progress.advance(end - start)?;
            Ok(found
                .into_iter()
                .map(|neighbors| amid(&neighbors, points, misfit_below))
                .collect::<Vec<_>>())
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    Ok(blocks.into_iter().flatten().collect())
}

/// Below which [`Placed::fit`] an item is a misfit: the first percentile of the mean cosine of the
/// graph's items to their first `k` neighbors. −1, so that all fit, for a graph without neighbors.
pub fn misfit_bar(graph: &NeighborGraph, k: usize) -> f32 {
    let mut fits: Vec<f32> = (0..graph.n())
        .map(|item| &graph.of(item)[..k.min(graph.k())])
        .filter(|neighbors| !neighbors.is_empty())
        .map(mean_cosine)
        .collect();
    fits.sort_by(f32::total_cmp);
    fits.get(fits.len() / 100).copied().unwrap_or(-1.0)
}

/// The `k` nearest old items of some new ones. Old rows come in blocks too, so that memory does not
/// grow with both.
fn nearest_old(
    old: &Embeddings,
    new: &Embeddings,
    rows: std::ops::Range<usize>,
    k: usize,
    progress: &Progress,
) -> Result<Vec<Vec<Neighbor>>, Cancelled> {
    const OLD_ROWS: usize = 4096;
    let block = new.view().slice_move(s![rows, ..]);
    let mut best = vec![Vec::new(); block.nrows()];
    let mut scores = vec![0.0; block.nrows() * OLD_ROWS.min(old.n())];
    for start in (0..old.n()).step_by(OLD_ROWS) {
        let end = (start + OLD_ROWS).min(old.n());
        product::products(
            block,
            old.view().slice_move(s![start..end, ..]),
            &mut scores,
        );
        for (best, scores) in best.iter_mut().zip(scores.chunks(end - start)) {
            let found = nearest(scores, k, None)
                .into_iter()
                .map(|neighbor| Neighbor {
                    item: neighbor.item + start,
                    ..neighbor
                });
            best.extend(found);
            best.sort_by(|a: &Neighbor, b| b.cosine.total_cmp(&a.cosine).then(a.item.cmp(&b.item)));
            best.truncate(k);
        }
        progress.check()?;
    }
    Ok(best)
}

fn amid(neighbors: &[Neighbor], points: &Array2<f32>, misfit_below: f32) -> Placed {
    let fit = if neighbors.is_empty() {
        0.0
    } else {
        mean_cosine(neighbors)
    };
    let mut weights: Vec<f32> = neighbors.iter().map(|one| one.cosine.max(0.0)).collect();
    if weights.iter().sum::<f32>() <= 0.0 {
        weights.fill(1.0);
    }
    let total = weights.iter().sum::<f32>();
    let mut at = vec![0.0; points.len_of(Axis(1))];
    for (neighbor, weight) in neighbors.iter().zip(weights) {
        for (at, x) in at.iter_mut().zip(points.row(neighbor.item)) {
            *at += weight / total * x;
        }
    }
    Placed {
        at,
        fit,
        is_misfit: fit < misfit_below,
    }
}

fn mean_cosine(neighbors: &[Neighbor]) -> f32 {
    neighbors.iter().map(|one| one.cosine).sum::<f32>() / neighbors.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;
    use ndarray::array;

    #[test]
    fn a_new_item_lies_amid_its_neighbors_and_a_stranger_is_flagged() {
        let old = Embeddings::normalized(array![
            [1.0, 0.0, 0.0],
            [1.0, 0.1, 0.0],
            [0.0, 1.0, 0.0],
            [0.1, 1.0, 0.0],
        ]);
        let points = array![[0.0, 0.0], [2.0, 0.0], [0.0, 10.0], [0.0, 12.0]];
        let graph = NeighborGraph::exact(&old, 1, &Progress::new()).unwrap();
        let bar = misfit_bar(&graph, 2);
        let new = Embeddings::normalized(array![
            [1.0, 0.05, 0.0],
            [0.05, 1.0, 0.0],
            [0.0, 0.0, 1.0],
            [1.0, 0.0, 0.0],
        ]);
        let placed = place(&old, &points, &new, 2, bar - 0.01, &Progress::new()).unwrap();
        let near =
            |at: &[f32], x: f32, y: f32| (at[0] - x).abs() < 0.01 && (at[1] - y).abs() < 0.01;
        assert!(near(&placed[0].at, 1.0, 0.0), "{placed:?}");
        assert!(near(&placed[1].at, 0.0, 11.0), "{placed:?}");
        let flags: Vec<bool> = placed.iter().map(|one| one.is_misfit).collect();
        assert_eq!(flags, [false, false, true, false]);
        assert!(placed[2].fit.abs() < 1e-6);
        assert!(
            placed
                .iter()
                .all(|one| one.at.iter().all(|x| x.is_finite()))
        );
    }

    #[test]
    fn blocks_find_the_neighbors_that_one_pass_finds() {
        let mut random = Random::new(5);
        let mut rows = |n| Array2::from_shape_simple_fn((n, 6), || random.unit() as f32 - 0.5);
        let old = Embeddings::normalized(rows(5000));
        let new = Embeddings::normalized(rows(300));
        let points = rows(5000);
        let placed = place(&old, &points, &new, 3, -1.0, &Progress::new()).unwrap();
        for item in [0, 255, 256, 299] {
            let scores: Vec<f32> = old.view().dot(&new.row(item)).to_vec();
            let expected = amid(&nearest(&scores, 3, None), &points, -1.0);
            assert!((expected.fit - placed[item].fit).abs() < 1e-5);
            assert!((expected.at[0] - placed[item].at[0]).abs() < 1e-4);
        }
    }

    #[test]
    fn a_map_of_nothing_places_at_the_origin() {
        let none = Embeddings::normalized(Array2::zeros((0, 3)));
        let some = Embeddings::normalized(Array2::eye(3));
        let empty = Array2::zeros((0, 2));
        let placed = place(&none, &empty, &some, 5, -1.0, &Progress::new()).unwrap();
        assert!(
            placed
                .iter()
                .all(|one| one.at == [0.0, 0.0] && one.fit.abs() < 1e-9)
        );
        let placed = place(
            &some,
            &Array2::zeros((3, 2)),
            &none,
            5,
            -1.0,
            &Progress::new(),
        );
        assert!(placed.unwrap().is_empty());
        let graph = NeighborGraph::exact(&none, 5, &Progress::new()).unwrap();
        assert!(misfit_bar(&graph, 5) <= -1.0);
    }
}
