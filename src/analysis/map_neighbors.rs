//! Exact nearest neighbors among the points of a map, by a k-d tree with small buckets.
//!
//! The tree is split at the median by coordinate and, among equal coordinates, by item (Bentley 1975,
//! with bounding boxes); each node knows its lowest item. So points that lie on each other are parted
//! too, and a search among them stops as soon as no lower item can come: a million points in one place
//! cost no more than a million points apart.

use ndarray::Array2;
use rayon::prelude::*;

use super::BLOCK_ROWS;
use crate::progress::{Cancelled, Progress};

/// Points in a bucket, at most.
const BUCKET: usize = 16;
/// Nodes with more points than this build their two halves in parallel.
const PARALLEL: usize = 8192;

/// The nearest points of every point of a map.
///
/// Ranked by distance, equal ones by item; a point is never its own neighbor. Distances are worked out
/// in f64 from the f32 coordinates. A coordinate that is not a number is infinitely far from all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapNeighbors {
    n: usize,
    k: usize,
    items: Vec<u32>,
}

impl MapNeighbors {
    /// Exactly the `k` nearest of every point, or all others if there are fewer. `points` has shape
    /// `(n, axes)` with at most three axes and at most 2³² points.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped; checked once per block of points.
    pub fn exact(points: &Array2<f32>, k: usize, progress: &Progress) -> Result<Self, Cancelled> {
        let n = points.nrows();
        let k = k.min(n.saturating_sub(1));
        progress.step("Finding neighbors on the map", n);
        if k == 0 {
            let items = Vec::new();
            return Ok(Self { n, k, items });
        }
        let mut entries = entries(points);
        let tree = Node::build(&mut entries, 0);
        let found = entries
            .par_chunks(BLOCK_ROWS)
            .map(|block| {
                let mut found = Vec::with_capacity(block.len() * k);
                let mut best = Best::new(k);
                for entry in block {
                    best.search(&tree, &entries, entry);
                    found.extend(best.found.iter().map(|(_, item)| *item));
                }
                progress.advance(block.len())?;
                Ok(found)
            })
            .collect::<Result<Vec<Vec<u32>>, Cancelled>>()?;
        // The search went along the tree, which is kind to the caches; back to the order of items.
        let mut items = vec![0; n * k];
        let lists = found.iter().flat_map(|block| block.chunks_exact(k));
        for (entry, list) in entries.iter().zip(lists) {
            items[entry.item as usize * k..][..k].copy_from_slice(list);
        }
        Ok(Self { n, k, items })
    }

    /// Number of points.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Neighbors of each point.
    pub fn k(&self) -> usize {
        self.k
    }

    /// The neighbors of a point, nearest first.
    pub fn of(&self, item: usize) -> &[u32] {
        &self.items[item * self.k..][..self.k]
    }
}

/// A point of the map, with zeros for the axes that it lacks.
#[derive(Debug, Clone, Copy)]
struct Entry {
    at: [f32; 3],
    item: u32,
}

fn entries(points: &Array2<f32>) -> Vec<Entry> {
    assert!(points.ncols() <= 3, "a map has at most three axes");
    let entry = |(item, row): (usize, ndarray::ArrayView1<'_, f32>)| {
        let mut at = [0.0; 3];
        at.iter_mut().zip(row).for_each(|(to, from)| *to = *from);
        let item = u32::try_from(item).expect("a map has at most 2³² points");
        Entry { at, item }
    };
    points.outer_iter().enumerate().map(entry).collect()
}

fn squared_distance(a: [f32; 3], b: [f32; 3]) -> f64 {
    let squared = |axis: usize| (f64::from(a[axis]) - f64::from(b[axis])).powi(2);
    let distance = squared(0) + squared(1) + squared(2);
    if distance.is_nan() {
        f64::INFINITY
    } else {
        distance
    }
}

struct Node {
    low: [f32; 3],
    high: [f32; 3],
    first_item: u32,
    content: Content,
}

enum Content {
    Halves(Box<[Node; 2]>),
    /// A range of the entries.
    Bucket(usize, usize),
}

impl Node {
    /// Sorts `entries`, which begin at `start` of all, into a tree.
    fn build(entries: &mut [Entry], start: usize) -> Self {
        let mut low = [f32::INFINITY; 3];
        let mut high = [f32::NEG_INFINITY; 3];
        let mut first_item = u32::MAX;
        for entry in entries.iter() {
            for axis in 0..3 {
                low[axis] = low[axis].min(entry.at[axis]);
                high[axis] = high[axis].max(entry.at[axis]);
            }
            first_item = first_item.min(entry.item);
        }
        let content = if entries.len() <= BUCKET {
            Content::Bucket(start, start + entries.len())
        } else {
            let extent = |axis: usize| high[axis] - low[axis];
            let axis = (1..3).fold(0, |widest, axis| {
                if extent(axis) > extent(widest) {
                    axis
                } else {
                    widest
                }
            });
            let middle = entries.len() / 2;
            entries.select_nth_unstable_by(middle, |a, b| {
                let by_place = a.at[axis].total_cmp(&b.at[axis]);
                by_place.then(a.item.cmp(&b.item))
            });
            let parallel = entries.len() > PARALLEL;
            let (left, right) = entries.split_at_mut(middle);
            let mut left = || Self::build(left, start);
            let mut right = || Self::build(right, start + middle);
            let (left, right) = if parallel {
                rayon::join(left, right)
            } else {
                (left(), right())
            };
            Content::Halves(Box::new([left, right]))
        };
        Self {
            low,
            high,
            first_item,
            content,
        }
    }

    /// No point of the node comes before this: the squared distance of its box, and its lowest item.
    fn bound(&self, at: [f32; 3]) -> (f64, u32) {
        let squared = |axis: usize| {
            let at = f64::from(at[axis]);
            let below = f64::from(self.low[axis]) - at;
            let above = at - f64::from(self.high[axis]);
            below.max(above).max(0.0).powi(2)
        };
        (squared(0) + squared(1) + squared(2), self.first_item)
    }
}

/// The best found so far: squared distance and item, nearest first.
struct Best {
    k: usize,
    found: Vec<(f64, u32)>,
}

impl Best {
    fn new(k: usize) -> Self {
        let found = Vec::with_capacity(k + 1);
        Self { k, found }
    }

    fn search(&mut self, tree: &Node, entries: &[Entry], from: &Entry) {
        self.found.clear();
        self.visit(tree, entries, from);
    }

    fn admits(&self, candidate: (f64, u32)) -> bool {
        let full = self.found.len() == self.k;
        !full || self.found.last().is_none_or(|worst| candidate < *worst)
    }

    fn visit(&mut self, node: &Node, entries: &[Entry], from: &Entry) {
        match &node.content {
            Content::Bucket(start, end) => {
                for entry in &entries[*start..*end] {
                    let candidate = (squared_distance(from.at, entry.at), entry.item);
                    if entry.item != from.item && self.admits(candidate) {
                        let place = self.found.partition_point(|found| *found < candidate);
                        self.found.truncate(self.k - 1);
                        self.found.insert(place, candidate);
                    }
                }
            }
            Content::Halves(halves) => {
                let [mut near, mut far] = [&halves[0], &halves[1]].map(|h| (h.bound(from.at), h));
                if far.0 < near.0 {
                    std::mem::swap(&mut near, &mut far);
                }
                for (bound, half) in [near, far] {
                    if self.admits(bound) {
                        self.visit(half, entries, from);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;

    fn brute(points: &Array2<f32>, item: usize, k: usize) -> Vec<u32> {
        let distance = |other: usize| -> f64 {
            let axes = points.row(item).into_iter().zip(points.row(other));
            axes.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
                .sum()
        };
        let mut others: Vec<usize> = (0..points.nrows()).filter(|o| *o != item).collect();
        others.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)).then(a.cmp(b)));
        others.iter().take(k).map(|o| *o as u32).collect()
    }

    fn check(points: &Array2<f32>, k: usize) {
        let found = MapNeighbors::exact(points, k, &Progress::new()).unwrap();
        assert_eq!(found.k(), k.min(points.nrows().saturating_sub(1)));
        for item in 0..points.nrows() {
            assert_eq!(found.of(item), brute(points, item, k), "{item} of {k}");
        }
    }

    #[test]
    fn it_finds_what_brute_force_finds() {
        let mut random = Random::new(1);
        for axes in [1, 2, 3] {
            let points = Array2::from_shape_simple_fn((700, axes), || random.unit() as f32);
            check(&points, 1);
            check(&points, 12);
        }
    }

    #[test]
    fn equal_distances_come_in_order_of_item() {
        let grid = Array2::from_shape_fn((400, 2), |(i, axis)| [i % 20, i / 20][axis] as f32);
        check(&grid, 9);
        let mut random = Random::new(2);
        let few_places = Array2::from_shape_simple_fn((500, 2), || random.below(3) as f32);
        check(&few_places, 20);
        check(&Array2::zeros((300, 2)), 16);
    }

    #[test]
    fn few_points_have_few_neighbors() {
        for n in [0, 1, 2, 17] {
            check(&Array2::from_shape_fn((n, 2), |(i, _)| i as f32), 30);
        }
    }

    #[test]
    fn what_is_no_number_is_far_from_all() {
        let points = ndarray::array![[0.0, 0.0], [f32::NAN, 0.0], [1.0, 0.0], [3.0, 0.0]];
        let found = MapNeighbors::exact(&points, 3, &Progress::new()).unwrap();
        assert_eq!(found.of(0), [2, 3, 1]);
        assert_eq!(found.of(1), [0, 2, 3]);
    }

    #[test]
    fn many_points_in_one_place_take_no_longer_than_apart() {
        // Would be 4·10¹⁰ distances if the search looked at every point that is as near.
        let n = 200_000;
        let found = MapNeighbors::exact(&Array2::ones((n, 2)), 4, &Progress::new()).unwrap();
        assert_eq!(found.of(2), [0, 1, 3, 4]);
        assert_eq!(found.of(n - 1), [0, 1, 2, 3]);
    }
}
