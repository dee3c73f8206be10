//! Whether two models see the same corpus alike: for each item its neighbors in both, and the pairs
//! that they judge most differently.
//!
//! Cosines of two models cannot be compared: one spreads over −0.1 to 0.9, another over 0.7 to 1. So
//! a pair is judged by its place among all compared pairs of its own model: the share of them that
//! the model finds less alike. That needs no sample and no shape of a distribution, and does not
//! change when a model's scores are stretched. The compared pairs are those that either model lists
//! as neighbors, which are the ones a reader would look at; among random pairs nearly all of these
//! would stand at 100 %.

use rayon::prelude::*;

use super::BLOCK_ROWS;
use super::neighbors::NeighborGraph;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Neighbors whose overlap is measured.
const K: usize = 10;

/// Pairs that are listed.
const N_DISAGREEMENTS: usize = 200;

/// What one model says of the corpus: its vectors and their neighbors.
type Judge<'a> = (&'a Embeddings, &'a NeighborGraph);

/// How far two models agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// For each item the Jaccard index of its 10 nearest (or as many as both graphs list) in either
    /// model: shared over all, 0 to 1. 1 where there are none.
    pub of_item: Vec<f32>,
    /// Mean over the items; 1 without items.
    pub mean: f64,
    /// All items whose neighbors are not the same set, lowest overlap first, equal ones in order.
    pub movers: Vec<usize>,
    /// The 200 pairs judged most differently, or fewer, largest difference first.
    pub disagreements: Vec<Disagreement>,
    /// Pairs that were compared: all that either graph lists.
    pub n_pairs: usize,
}

/// A pair that two models judge differently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disagreement {
    /// The lower item.
    pub a: usize,
    /// The higher item.
    pub b: usize,
    /// Cosine in the first model.
    pub cosine_a: f32,
    /// Cosine in the second model.
    pub cosine_b: f32,
    /// Rank of one among the neighbors of the other in the first model, the better of the two, 1 for
    /// the nearest; `None` where neither lists the other.
    pub rank_a: Option<usize>,
    /// The same in the second model.
    pub rank_b: Option<usize>,
    /// By how much more alike the first model finds the pair, measured by its place among all
    /// compared pairs: −1 to 1. 0.4 says that it stands above 40 % more of them than in the second.
    pub difference: f32,
}

/// A neighbor of an item in one model or in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankChange {
    /// The neighbor.
    pub item: usize,
    /// Its rank in the first model, 1 for the nearest; `None` if it is not listed there.
    pub rank_a: Option<usize>,
    /// The same in the second model.
    pub rank_b: Option<usize>,
}

/// Compares two models, each given by its vectors and their neighbors. Row `i` of both belongs to item
/// `i`; their dimensions may differ.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per block of pairs.
pub fn agreement(
    first: (&Embeddings, &NeighborGraph),
    second: (&Embeddings, &NeighborGraph),
    progress: &Progress,
) -> Result<Agreement, Cancelled> {
    let n = first.1.n();
    assert!(
        [first.0.n(), second.0.n(), second.1.n()] == [n; 3],
        "both models are about the same items"
    );
    let k = K.min(first.1.k()).min(second.1.k());
    let of_item: Vec<f32> = (0..n)
        .into_par_iter()
        .map(|item| jaccard(first.1, second.1, item, k))
        .collect();
    let sum: f64 = of_item.iter().map(|overlap| f64::from(*overlap)).sum();
    let mean = if n == 0 { 1.0 } else { sum / n as f64 };
    let mut movers: Vec<usize> = (0..n).filter(|item| of_item[*item] < 1.0).collect();
    movers.sort_by(|a, b| of_item[*a].total_cmp(&of_item[*b]).then(a.cmp(b)));
    let pairs = pairs(first.1, second.1);
    let disagreements = disagreements(first, second, &pairs, progress)?;
    Ok(Agreement {
        of_item,
        mean,
        movers,
        disagreements,
        n_pairs: pairs.len(),
    })
}

/// The neighbors of `item` in either graph, each with its ranks: those of the first in its order,
/// then the others in the order of the second.
pub fn rank_changes(first: &NeighborGraph, second: &NeighborGraph, item: usize) -> Vec<RankChange> {
    let listed = first.of(item).iter().map(|neighbor| neighbor.item);
    let others = second.of(item).iter().map(|neighbor| neighbor.item);
    let new = others.filter(|other| rank(first, item, *other).is_none());
    listed
        .chain(new)
        .map(|other| RankChange {
            item: other,
            rank_a: rank(first, item, other),
            rank_b: rank(second, item, other),
        })
        .collect()
}

/// Place of `other` among the neighbors of `item`, from 1.
fn rank(graph: &NeighborGraph, item: usize, other: usize) -> Option<usize> {
    let place = graph.of(item).iter().position(|n| n.item == other);
    place.map(|place| place + 1)
}

fn jaccard(first: &NeighborGraph, second: &NeighborGraph, item: usize, k: usize) -> f32 {
    if k == 0 {
        return 1.0;
    }
    let (first, second) = (&first.of(item)[..k], &second.of(item)[..k]);
    let in_second = |item: usize| second.iter().any(|n| n.item == item);
    let shared = first.iter().filter(|n| in_second(n.item)).count();
    shared as f32 / (2 * k - shared) as f32
}

/// Every pair that either graph lists, once, the lower item first, in order.
fn pairs(first: &NeighborGraph, second: &NeighborGraph) -> Vec<(u32, u32)> {
    let of_graph = |graph: &NeighborGraph, item: usize| -> Vec<(u32, u32)> {
        let pair = |other: usize| (item.min(other) as u32, item.max(other) as u32);
        graph.of(item).iter().map(|n| pair(n.item)).collect()
    };
    let both = |item: usize| [of_graph(first, item), of_graph(second, item)].concat();
    let mut pairs: Vec<(u32, u32)> = (0..first.n()).into_par_iter().flat_map_iter(both).collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs
}

fn disagreements(
    first: Judge<'_>,
    second: Judge<'_>,
    pairs: &[(u32, u32)],
    progress: &Progress,
) -> Result<Vec<Disagreement>, Cancelled> {
    progress.step("Comparing two models", 2 * pairs.len());
    // Worked out anew for both, since the graphs hold only their own.
    let cosines_a = cosines(first.0, pairs, progress)?;
    let cosines_b = cosines(second.0, pairs, progress)?;
    let (places_a, places_b) = (places(&cosines_a), places(&cosines_b));
    let difference = |pair: usize| places_a[pair] - places_b[pair];
    let mut order: Vec<usize> = (0..pairs.len())
        .filter(|pair| difference(*pair) != 0.0)
        .collect();
    let by_size = |a: &usize, b: &usize| {
        let sizes = difference(*b).abs().total_cmp(&difference(*a).abs());
        sizes.then(a.cmp(b))
    };
    if N_DISAGREEMENTS < order.len() {
        order.select_nth_unstable_by(N_DISAGREEMENTS, by_size);
        order.truncate(N_DISAGREEMENTS);
    }
    order.sort_by(by_size);
    let disagreement = |pair: usize| {
        let (a, b) = (pairs[pair].0 as usize, pairs[pair].1 as usize);
        let better = |graph: &NeighborGraph| {
            let ranks = [rank(graph, a, b), rank(graph, b, a)];
            ranks.into_iter().flatten().min()
        };
        Disagreement {
            a,
            b,
            cosine_a: cosines_a[pair],
            cosine_b: cosines_b[pair],
            rank_a: better(first.1),
            rank_b: better(second.1),
            difference: difference(pair) as f32,
        }
    };
    Ok(order.into_iter().map(disagreement).collect())
}

fn cosines(
    embeddings: &Embeddings,
    pairs: &[(u32, u32)],
    progress: &Progress,
) -> Result<Vec<f32>, Cancelled> {
    let cosine = |(a, b): &(u32, u32)| embeddings.cosine(*a as usize, *b as usize);
    let blocks = pairs
        .par_chunks(16 * BLOCK_ROWS)
        .map(|block| {
            progress.advance(block.len())?;
            Ok(block.iter().map(cosine).collect())
        })
        .collect::<Result<Vec<Vec<f32>>, Cancelled>>()?;
    Ok(blocks.concat())
}

/// For each value the share of all that lie below it, equal ones counted half: 0 to 1.
fn places(values: &[f32]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.par_sort_unstable_by(f32::total_cmp);
    let place = |value: &f32| {
        let below = sorted.partition_point(|other| other < value);
        let up_to = sorted.partition_point(|other| other <= value);
        (below + up_to) as f64 / 2.0 / sorted.len() as f64
    };
    values.par_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "these values are exact")]

    use super::*;
    use crate::analysis::random::Random;
    use ndarray::{Array2, s};

    fn random_embeddings(n: usize, d: usize, seed: u64) -> Embeddings {
        let mut random = Random::new(seed);
        let rows = Array2::from_shape_simple_fn((n, d), || random.unit() as f32 - 0.4);
        Embeddings::normalized(rows)
    }

    fn graph(embeddings: &Embeddings, k: usize) -> NeighborGraph {
        NeighborGraph::exact(embeddings, k, &Progress::new()).unwrap()
    }

    fn compare(first: &Embeddings, second: &Embeddings, k: usize) -> Agreement {
        let (graph_a, graph_b) = (graph(first, k), graph(second, k));
        agreement((first, &graph_a), (second, &graph_b), &Progress::new()).unwrap()
    }

    #[test]
    fn identical_models_agree_exactly() {
        let embeddings = random_embeddings(200, 7, 1);
        let found = compare(&embeddings, &embeddings, 12);
        assert!(found.of_item.iter().all(|overlap| *overlap == 1.0));
        assert_eq!(found.mean, 1.0);
        assert!(found.movers.is_empty() && found.disagreements.is_empty());
        assert!(found.n_pairs >= 200 * 12 / 2);
    }

    #[test]
    fn overlap_is_jaccard_of_the_ten_nearest() {
        let (a, b) = (random_embeddings(80, 7, 1), random_embeddings(80, 5, 2));
        let found = compare(&a, &b, 14);
        let (a, b) = (graph(&a, 10), graph(&b, 10));
        for (item, overlap) in found.of_item.iter().enumerate() {
            let mut all: Vec<usize> = a
                .of(item)
                .iter()
                .chain(b.of(item))
                .map(|n| n.item)
                .collect();
            all.sort_unstable();
            all.dedup();
            assert_eq!(*overlap, (20 - all.len()) as f32 / all.len() as f32);
        }
        let sorted = found.movers.windows(2);
        assert!(
            sorted
                .into_iter()
                .all(|w| found.of_item[w[0]] <= found.of_item[w[1]])
        );
    }

    #[test]
    fn the_one_pair_judged_differently_comes_first() {
        // The second model differs from the first in that it takes item 4 for a copy of item 3.
        let first = random_embeddings(60, 6, 3);
        let mut rows = first.view().to_owned();
        let third = first.row(3).to_owned();
        rows.row_mut(4).assign(&third);
        let found = compare(&first, &Embeddings::normalized(rows), 10);
        assert!(found.mean > 0.7 && found.mean < 1.0);
        assert_eq!(found.movers[0], 4);
        let most = found.disagreements[0];
        assert!(most.a == 4 || most.b == 4, "{most:?}");
        let pair = found
            .disagreements
            .iter()
            .find(|d| (d.a, d.b) == (3, 4))
            .unwrap();
        assert!((pair.cosine_b - 1.0).abs() < 1e-6 && pair.difference < 0.0);
        assert_eq!(pair.rank_b, Some(1));
    }

    #[test]
    fn a_stretched_scale_is_no_disagreement() {
        // A shared direction raises every cosine: 0.2 becomes 0.84, and all keep their order.
        let n = 50;
        let first = random_embeddings(n, 6, 4);
        let mut rows = Array2::from_elem((n, 7), 2.0);
        rows.slice_mut(s![.., ..6]).assign(&first.view());
        let found = compare(&first, &Embeddings::normalized(rows), 8);
        // Rounding may swap two that are almost equal.
        assert!(found.mean > 0.99, "{}", found.mean);
        assert!(
            found
                .disagreements
                .iter()
                .all(|d| d.difference.abs() < 0.01)
        );
    }

    #[test]
    fn differences_follow_the_definition() {
        let (a, b) = (random_embeddings(30, 4, 5), random_embeddings(30, 4, 6));
        let found = compare(&a, &b, 4);
        let (graph_a, graph_b) = (graph(&a, 4), graph(&b, 4));
        let listed = |graph: &NeighborGraph, a, b| graph.of(a).iter().any(|n| n.item == b);
        let mut pairs = Vec::new();
        for low in 0..30 {
            for high in low + 1..30 {
                let either = |graph| listed(graph, low, high) || listed(graph, high, low);
                if either(&graph_a) || either(&graph_b) {
                    pairs.push((low, high));
                }
            }
        }
        assert_eq!(found.n_pairs, pairs.len());
        let place = |embeddings: &Embeddings, cosine: f32| {
            let below = pairs
                .iter()
                .filter(|(a, b)| embeddings.cosine(*a, *b) < cosine);
            (below.count() as f32 + 0.5) / pairs.len() as f32
        };
        for pair in &found.disagreements {
            let expected = place(&a, pair.cosine_a) - place(&b, pair.cosine_b);
            assert!((pair.difference - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn ranks_are_told_for_neighbors_in_either() {
        let (a, b) = (random_embeddings(30, 4, 7), random_embeddings(30, 4, 8));
        let (a, b) = (graph(&a, 5), graph(&b, 5));
        let changes = rank_changes(&a, &b, 3);
        assert_eq!(changes[0].rank_a, Some(1));
        for change in &changes {
            let place =
                |graph: &NeighborGraph| graph.of(3).iter().position(|n| n.item == change.item);
            assert_eq!(change.rank_a, place(&a).map(|p| p + 1));
            assert_eq!(change.rank_b, place(&b).map(|p| p + 1));
        }
        let shared = changes
            .iter()
            .filter(|c| c.rank_a.is_some() && c.rank_b.is_some());
        assert_eq!(changes.len(), 10 - shared.count());
    }

    #[test]
    fn few_items_agree() {
        for n in [0, 1, 2] {
            let found = compare(&random_embeddings(n, 3, 1), &random_embeddings(n, 4, 2), 10);
            assert_eq!((found.mean, found.disagreements.len()), (1.0, 0));
        }
        let copies = Embeddings::normalized(Array2::ones((40, 3)));
        assert_eq!(compare(&copies, &copies, 10).mean, 1.0);
    }
}
