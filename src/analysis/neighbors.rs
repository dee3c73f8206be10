//! Nearest neighbors by true cosine, exactly.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use ndarray::{ArrayView1, Axis, s};
use rayon::prelude::*;

use super::product::products;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Rows that one thread scores at a time: few enough for all threads to share a small corpus.
const SCORE_ROWS: usize = 2_048;

/// Another item and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// Index of the item.
    pub item: usize,
    /// Cosine, −1 to 1.
    pub cosine: f32,
}

impl Neighbor {
    /// The nearer first, of equal ones that with the smaller index.
    fn ranking(&self, other: &Self) -> Ordering {
        let by_cosine = other.cosine.total_cmp(&self.cosine);
        by_cosine.then(self.item.cmp(&other.item))
    }

    fn is_before(&self, other: &Self) -> bool {
        self.cosine > other.cosine || (self.cosine >= other.cosine && self.item < other.item)
    }
}

/// Rows and columns of a tile, whose cosines are worked out at once.
const TILE_ROWS: usize = 512;

/// Cosine of every item to `query`, shape `(n,)`; `query` has length 1.
pub fn scores(embeddings: &Embeddings, query: ArrayView1<'_, f32>) -> Vec<f32> {
    let mut scores = vec![0.0; embeddings.n()];
    let blocks = scores.par_chunks_mut(SCORE_ROWS).enumerate();
    blocks.for_each(|(block, scores)| {
        let rows = embeddings.view();
        let rows = rows.slice(s![block * SCORE_ROWS.., ..]);
        let pairs = scores.iter_mut().zip(rows.axis_iter(Axis(0)));
        pairs.for_each(|(score, row)| *score = row.dot(&query));
    });
    scores
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
    if k < all.len() {
        all.select_nth_unstable_by(k, Neighbor::ranking);
        all.truncate(k);
    }
    all.sort_by(Neighbor::ranking);
    all
}

/// All items by score, the highest first; equal scores in order of item.
pub fn ranked(scores: &[f32]) -> Vec<Neighbor> {
    let neighbor = |(item, cosine): (usize, &f32)| Neighbor {
        item,
        cosine: *cosine,
    };
    let mut all: Vec<Neighbor> = scores.iter().enumerate().map(neighbor).collect();
    // No two are equal, so the order does not depend on how the work is shared.
    all.par_sort_unstable_by(Neighbor::ranking);
    all
}

/// The nearest neighbors of every item: one artifact that maps, clusters, duplicates and the quality
/// of a map all share.
///
/// Neighbors are ranked by cosine, equal ones by item, so that the first `k` of a graph with more are
/// the graph with `k`. An item is never its own neighbor.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// [`Cancelled`] when stopped; checked once per tile of 512 × 512 pairs.
    pub fn exact(
        embeddings: &Embeddings,
        k: usize,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        Self::default().extended(embeddings, k, progress)
    }

    /// The graph of `embeddings`, whose first rows are those that this graph was made of: only pairs
    /// with a new item are looked at.
    ///
    /// # Errors
    /// As [`NeighborGraph::exact`].
    pub fn extended(
        &self,
        embeddings: &Embeddings,
        k: usize,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let n = embeddings.n();
        if k.min(self.n.saturating_sub(1)) > self.k {
            // Its lists are too short to begin with.
            return Self::exact(embeddings, k, progress);
        }
        let k = k.min(n.saturating_sub(1));
        let first_new = self.n;
        let bounds: Vec<usize> = tile_bounds(first_new)
            .into_iter()
            .chain(
                tile_bounds(n - first_new)
                    .into_iter()
                    .map(|b| first_new + b),
            )
            .collect();
        let mut blocks: Vec<Range<usize>> = bounds.windows(2).map(|w| w[0]..w[1]).collect();
        blocks.retain(|block| !block.is_empty());
        let is_new = |block: &Range<usize>| block.start >= first_new;
        // A pair is looked at once, as part of the tile whose row block is not behind its column block.
        let tiles: Vec<(usize, usize)> = (0..blocks.len())
            .flat_map(|column| (0..=column).map(move |row| (row, column)))
            .filter(|(_, column)| is_new(&blocks[*column]))
            .collect();
        let pairs = |(row, column): &(usize, usize)| blocks[*row].len() * blocks[*column].len();
        progress.step("Finding neighbors", tiles.iter().map(pairs).sum());
        let known = |block: &Range<usize>| Mutex::new(Best::new(block.clone(), k, self));
        let lists: Vec<Mutex<Best>> = blocks.iter().map(known).collect();
        let room = TILE_ROWS * TILE_ROWS;
        tiles.par_iter().try_for_each_init(
            || vec![0.0; room],
            |cosines, tile| {
                let (rows, columns) = (&blocks[tile.0], &blocks[tile.1]);
                let part =
                    |range: &Range<usize>| embeddings.view().slice_move(s![range.clone(), ..]);
                products(part(rows), part(columns), cosines);
                let cosines = &cosines[..rows.len() * columns.len()];
                let lock =
                    |block: usize| lists[block].lock().unwrap_or_else(PoisonError::into_inner);
                lock(tile.0).offer_rows(cosines, rows, columns);
                if tile.0 != tile.1 {
                    lock(tile.1).offer_columns(cosines, rows, columns);
                }
                progress.advance(pairs(tile))
            },
        )?;
        let mut neighbors = Vec::with_capacity(n * k);
        for part in lists {
            neighbors.extend(
                part.into_inner()
                    .unwrap_or_else(PoisonError::into_inner)
                    .sorted(),
            );
        }
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

/// Where tiles of at most [`TILE_ROWS`] rows begin and end; all of nearly the same size, so that none
/// is a sliver.
fn tile_bounds(n: usize) -> Vec<usize> {
    let n_tiles = n.div_ceil(TILE_ROWS);
    (0..=n_tiles)
        .map(|tile| tile * n / n_tiles.max(1))
        .collect()
}

/// The best `k` so far of some items that lie behind each other.
///
/// Which they are in the end does not depend on the order in which they were offered, because no two
/// candidates of an item rank the same; so tiles may be done by any thread at any time.
struct Best {
    k: usize,
    /// The first item.
    start: usize,
    /// A heap of at most `k` for each item, its worst on top; padded by candidates worse than all.
    heaps: Vec<Neighbor>,
    /// Cosine of the worst of each item, which a candidate has to reach.
    bars: Vec<f32>,
}

/// Worse than every real candidate.
const NOBODY: Neighbor = Neighbor {
    item: usize::MAX,
    cosine: f32::NEG_INFINITY,
};

/// Candidates that are compared with their bars at once.
const LANES: usize = 16;

/// Whether any is true; all are looked at, so that a processor does it with a few instructions.
fn any(found: impl Iterator<Item = bool>) -> bool {
    found.map(u8::from).fold(0, |any, found| any | found) != 0
}

impl Best {
    /// What `graph` knows of `items`, and nobody yet for those that it does not hold.
    fn new(items: Range<usize>, k: usize, graph: &NeighborGraph) -> Self {
        let mut best = Self {
            k,
            start: items.start,
            heaps: vec![NOBODY; items.len() * k],
            bars: vec![f32::NEG_INFINITY; items.len()],
        };
        for item in items.start..items.end.min(graph.n) {
            let known = graph.of(item).iter();
            known.for_each(|neighbor| best.offer(item, *neighbor));
        }
        best
    }

    /// Takes a candidate if it is better than the worst of `item`.
    fn offer(&mut self, item: usize, candidate: Neighbor) {
        let at = item - self.start;
        let heap = &mut self.heaps[at * self.k..][..self.k];
        if heap.first().is_some_and(|worst| candidate.is_before(worst)) {
            heap[0] = candidate;
            sift_down(heap);
            self.bars[at] = heap[0].cosine;
        }
    }

    /// Offers every column of a tile to its rows.
    fn offer_rows(&mut self, cosines: &[f32], rows: &Range<usize>, columns: &Range<usize>) {
        for (item, row) in rows.clone().zip(cosines.chunks_exact(columns.len())) {
            let at = item - self.start;
            for (part, lanes) in row.chunks(LANES).enumerate() {
                let bar = self.bars[at];
                if any(lanes.iter().map(|cosine| *cosine >= bar)) {
                    for (lane, cosine) in lanes.iter().enumerate() {
                        let other = columns.start + part * LANES + lane;
                        if other != item {
                            self.offer(
                                item,
                                Neighbor {
                                    item: other,
                                    cosine: *cosine,
                                },
                            );
                        }
                    }
                }
            }
        }
    }

    /// Offers every row of a tile to its columns; no item is both.
    fn offer_columns(&mut self, cosines: &[f32], rows: &Range<usize>, columns: &Range<usize>) {
        for (item, row) in rows.clone().zip(cosines.chunks_exact(columns.len())) {
            for (part, lanes) in row.chunks(LANES).enumerate() {
                let first = part * LANES;
                let bars = &self.bars[first..first + lanes.len()];
                if any(lanes.iter().zip(bars).map(|(cosine, bar)| cosine >= bar)) {
                    for (lane, cosine) in lanes.iter().enumerate() {
                        let to = columns.start + first + lane;
                        self.offer(
                            to,
                            Neighbor {
                                item,
                                cosine: *cosine,
                            },
                        );
                    }
                }
            }
        }
    }

    /// Each item's list, best first.
    fn sorted(mut self) -> Vec<Neighbor> {
        for heap in self.heaps.chunks_exact_mut(self.k.max(1)) {
            heap.sort_unstable_by(Neighbor::ranking);
        }
        self.heaps
    }
}

/// Puts the first of a heap, worst on top, where it belongs.
fn sift_down(heap: &mut [Neighbor]) {
    let mut at = 0;
    loop {
        let (left, right) = (2 * at + 1, 2 * at + 2);
        let mut worst = at;
        for child in [left, right] {
            if child < heap.len() && heap[worst].is_before(&heap[child]) {
                worst = child;
            }
        }
        if worst == at {
            return;
        }
        heap.swap(at, worst);
        at = worst;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;
    use ndarray::Array2;

    fn random_rows(n: usize, d: usize) -> Embeddings {
        let mut random = Random::new(3);
        Embeddings::normalized(Array2::from_shape_simple_fn((n, d), || {
            random.unit() as f32 - 0.5
        }))
    }

    fn graph(embeddings: &Embeddings, k: usize) -> NeighborGraph {
        NeighborGraph::exact(embeddings, k, &Progress::new()).unwrap()
    }

    #[test]
    fn the_blocked_search_finds_what_brute_force_finds() {
        let embeddings = random_rows(600, 12);
        let graph = graph(&embeddings, 7);
        for item in [0, 255, 256, 599] {
            let brute = nearest(&scores(&embeddings, embeddings.row(item)), 7, Some(item));
            let items = |list: &[Neighbor]| list.iter().map(|n| n.item).collect::<Vec<_>>();
            assert_eq!(items(graph.of(item)), items(&brute));
            assert!(brute.iter().all(|n| n.item != item));
        }
    }

    #[test]
    fn every_number_of_threads_and_every_way_to_get_there_gives_the_same_bits() {
        let embeddings = random_rows(1300, 40);
        let on = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build();
            pool.unwrap().install(|| graph(&embeddings, 9))
        };
        let whole = on(1);
        assert_eq!(whole, on(3));
        let longer = graph(&embeddings, 20);
        assert!((0..1300).all(|item| longer.of(item)[..9] == *whole.of(item)));
        for n_old in [0, 1, 5, 700, 1299] {
            let old = Embeddings::normalized(embeddings.view().slice(s![..n_old, ..]).to_owned());
            let old = graph(&old, 9);
            let extended = old.extended(&embeddings, 9, &Progress::new()).unwrap();
            for item in 0..1300 {
                let items = |graph: &NeighborGraph| {
                    graph.of(item).iter().map(|n| n.item).collect::<Vec<_>>()
                };
                assert_eq!(items(&extended), items(&whole));
            }
        }
    }

    #[test]
    fn equal_items_are_ranked_by_their_number() {
        let same = Embeddings::normalized(Array2::ones((40, 3)));
        let graph = graph(&same, 3);
        let items = |item: usize| graph.of(item).iter().map(|n| n.item).collect::<Vec<_>>();
        assert_eq!(
            (items(0), items(1), items(39)),
            (vec![1, 2, 3], vec![0, 2, 3], vec![0, 1, 2])
        );
    }

    #[test]
    fn all_items_are_ranked_by_score_and_then_in_order() {
        let items: Vec<usize> = ranked(&[0.1, 0.7, -0.2, 0.7, 0.1])
            .iter()
            .map(|n| n.item)
            .collect();
        assert_eq!(items, [1, 3, 0, 4, 2]);
        assert!(ranked(&[]).is_empty());
    }

    #[test]
    fn scores_are_the_dot_products_whatever_the_block() {
        let mut random = Random::new(9);
        let rows = Array2::from_shape_simple_fn((SCORE_ROWS + 3, 5), || random.unit() as f32 - 0.5);
        let embeddings = Embeddings::normalized(rows);
        let scores = scores(&embeddings, embeddings.row(7));
        let expected: Vec<f32> = (0..embeddings.n())
            .map(|i| embeddings.cosine(i, 7))
            .collect();
        assert_eq!(scores, expected);
    }

    #[test]
    fn few_items_have_few_neighbors() {
        let one = Embeddings::normalized(Array2::ones((1, 3)));
        assert!(graph(&one, 10).of(0).is_empty());
        let none = Embeddings::normalized(Array2::ones((0, 3)));
        assert_eq!(graph(&none, 10).n(), 0);
        let three = Embeddings::normalized(Array2::eye(3));
        assert_eq!(graph(&three, 10).of(1).len(), 2);
    }
}
