//! The minimum spanning tree of mutual reachability, by Borůvka's steps over the neighbor graph.
//!
//! The mutual reachability of two items is the largest of their distance and their two core
//! distances. In each step every tree of the forest but the largest takes the shortest edge that
//! leaves it, and at least half of the trees are gone. The neighbor graph settles most of these: an
//! item lists its nearest, and whatever it does not list is at least as far as the last of them.
//! The items that could still have a shorter edge are compared with all others, by blocked matrix
//! products, and then list the nearest few outside their tree.

use std::collections::BTreeMap;

use ndarray::{ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::analysis::BLOCK_ROWS;
use crate::analysis::neighbors::NeighborGraph;
use crate::analysis::product::products;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Up to this many items every item that is in doubt is compared with all others.
const MAX_EXACT: usize = 20_000;
/// Beyond it, only this many of a tree in one step, those where it is densest: edges between
/// clusters run between dense items, because core distances are part of their length.
const MAX_COMPARED: usize = 32;
/// Candidates that a comparison leaves with an item, so that the next step rarely needs another.
const N_KEPT: usize = 8;
/// Columns of one product.
const TILE: usize = 2048;
/// Closer ones are not told apart by f32 cosines.
const MIN_DISTANCE: f32 = 1e-3;

/// Edge of the tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// Mutual reachability.
    pub length: f32,
    /// The lower item.
    pub a: usize,
    /// The higher one.
    pub b: usize,
}

impl Edge {
    fn new(length: f32, i: usize, j: usize) -> Self {
        Self {
            length,
            a: i.min(j),
            b: i.max(j),
        }
    }

    /// Shorter first, equal ones by their items.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.length
            .total_cmp(&other.length)
            .then((self.a, self.b).cmp(&(other.a, other.b)))
    }
}

pub struct SpanningTree {
    /// `n − 1` edges, shortest first.
    pub edges: Vec<Edge>,
    /// Whether nothing was left uncompared.
    pub is_exact: bool,
}

/// # Errors
/// [`Cancelled`] when stopped; checked once per product.
pub fn spanning_tree(
    embeddings: &Embeddings,
    graph: &NeighborGraph,
    min_samples: usize,
    progress: &Progress,
) -> Result<SpanningTree, Cancelled> {
    let n = embeddings.n();
    progress.step("Clustering", n.saturating_sub(1));
    let limit = if n <= MAX_EXACT { n } else { MAX_COMPARED };
    let mut forest = Forest::new(embeddings, graph, min_samples);
    let mut edges = Vec::with_capacity(n.saturating_sub(1));
    let mut is_exact = true;
    while edges.len() + 1 < n {
        forest.skip_inside();
        let largest = forest.largest();
        let doubtful = forest.doubtful(largest, limit, &mut is_exact);
        forest.compare(&doubtful, progress)?;
        let mut shortest = forest.shortest();
        // Its items were not compared, so what is known to lead out of it need not be the shortest.
        shortest[largest] = None;
        let mut shortest: Vec<Edge> = shortest.into_iter().flatten().collect();
        shortest.sort_by(Edge::order);
        let before = edges.len();
        edges.extend(shortest.into_iter().filter(|edge| forest.join(edge)));
        forest.relabel();
        progress.advance(edges.len() - before)?;
    }
    edges.sort_by(Edge::order);
    Ok(SpanningTree { edges, is_exact })
}

struct Forest<'a> {
    rows: ArrayView2<'a, f32>,
    /// Distance of each item to its `min_samples`-th neighbor.
    cores: Vec<f32>,
    /// Items in reach of each, nearest by mutual reachability last; none of its own tree is last.
    candidates: Vec<Vec<(f32, usize)>>,
    /// Whatever an item does not list is at least so far.
    bounds: Vec<f32>,
    parents: Vec<usize>,
    /// Tree of each item: its lowest item.
    trees: Vec<usize>,
}

impl<'a> Forest<'a> {
    fn new(embeddings: &'a Embeddings, graph: &NeighborGraph, min_samples: usize) -> Self {
        let n = embeddings.n();
        let core = |item: usize| {
            let neighbors = graph.of(item);
            let at = min_samples.min(neighbors.len()).checked_sub(1);
            at.map_or(MIN_DISTANCE, |at| distance(neighbors[at].cosine))
        };
        let cores: Vec<f32> = (0..n).map(core).collect();
        let listed = |item: usize| {
            let reach = |j: usize, cosine| distance(cosine).max(cores[item]).max(cores[j]);
            let neighbors = graph.of(item).iter();
            let mut list: Vec<(f32, usize)> = neighbors
                .map(|other| (reach(other.item, other.cosine), other.item))
                .collect();
            list.sort_by(farthest_first);
            list
        };
        let bound = |item: usize| match graph.of(item).last() {
            Some(last) if graph.k() + 1 < n => distance(last.cosine).max(cores[item]),
            _ => f32::INFINITY,
        };
        Self {
            rows: embeddings.view(),
            candidates: (0..n).map(listed).collect(),
            bounds: (0..n).map(bound).collect(),
            parents: (0..n).collect(),
            trees: (0..n).collect(),
            cores,
        }
    }

    /// Drops candidates that have come into the item's own tree.
    fn skip_inside(&mut self) {
        let trees = &self.trees;
        self.candidates
            .par_iter_mut()
            .enumerate()
            .for_each(|(item, list)| {
                while list
                    .pop_if(|(_, other)| trees[*other] == trees[item])
                    .is_some()
                {}
            });
    }

    /// The shortest known edge out of each tree, by the tree's lowest item.
    fn shortest(&self) -> Vec<Option<Edge>> {
        let mut shortest: Vec<Option<Edge>> = vec![None; self.trees.len()];
        for (item, list) in self.candidates.iter().enumerate() {
            let Some((length, other)) = list.last() else {
                continue;
            };
            let edge = Edge::new(*length, item, *other);
            for tree in [self.trees[item], self.trees[*other]] {
                if shortest[tree].is_none_or(|known| edge.order(&known).is_lt()) {
                    shortest[tree] = Some(edge);
                }
            }
        }
        shortest
    }

    /// The tree with the most items, the first of equals.
    fn largest(&self) -> usize {
        let mut sizes = vec![0_usize; self.trees.len()];
        self.trees.iter().for_each(|tree| sizes[*tree] += 1);
        let largest = (0..sizes.len()).rev().max_by_key(|tree| sizes[*tree]);
        largest.unwrap_or_default()
    }

    /// Items whose unlisted edges might be shorter than the shortest known one out of their tree. The
    /// largest tree needs none: all others join something.
    fn doubtful(&self, largest: usize, limit: usize, is_exact: &mut bool) -> Vec<usize> {
        let shortest = self.shortest();
        let mut of_tree: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (item, tree) in self.trees.iter().enumerate() {
            let known = shortest[*tree].map_or(f32::INFINITY, |edge| edge.length);
            if *tree != largest && self.bounds[item] < known {
                of_tree.entry(*tree).or_default().push(item);
            }
        }
        for items in of_tree.values_mut().filter(|items| items.len() > limit) {
            *is_exact = false;
            items.sort_by(|a, b| self.cores[*a].total_cmp(&self.cores[*b]).then(a.cmp(b)));
            items.truncate(limit);
        }
        of_tree.into_values().flatten().collect()
    }

    /// Gives each of `items` its nearest few outside its tree.
    fn compare(&mut self, items: &[usize], progress: &Progress) -> Result<(), Cancelled> {
        let found = items
            .par_chunks(BLOCK_ROWS)
            .map(|items| self.nearest_outside(items, progress))
            .collect::<Result<Vec<_>, Cancelled>>()?;
        for (item, list) in items.iter().zip(found.into_iter().flatten()) {
            self.bounds[*item] = match list.first() {
                Some((length, _)) if list.len() == N_KEPT => *length,
                _ => f32::INFINITY,
            };
            self.candidates[*item] = list;
        }
        Ok(())
    }

    fn nearest_outside(
        &self,
        items: &[usize],
        progress: &Progress,
    ) -> Result<Vec<Vec<(f32, usize)>>, Cancelled> {
        let n = self.rows.nrows();
        let block = self.rows.select(Axis(0), items);
        let mut cosines = vec![0.0; items.len() * TILE.min(n)];
        let mut lists: Vec<Vec<(f32, usize)>> = vec![Vec::new(); items.len()];
        for start in (0..n).step_by(TILE) {
            progress.check()?;
            let end = (start + TILE).min(n);
            products(
                block.view(),
                self.rows.slice(s![start..end, ..]),
                &mut cosines,
            );
            for ((item, list), cosines) in items
                .iter()
                .zip(&mut lists)
                .zip(cosines.chunks(end - start))
            {
                for (other, cosine) in (start..end).zip(cosines) {
                    if self.trees[other] == self.trees[*item] {
                        continue;
                    }
                    let length = distance(*cosine)
                        .max(self.cores[*item])
                        .max(self.cores[other]);
                    keep(list, (length, other));
                }
            }
        }
        Ok(lists)
    }

    /// Joins the trees of both ends; `false` if they are one already.
    fn join(&mut self, edge: &Edge) -> bool {
        let (a, b) = (self.root(edge.a), self.root(edge.b));
        self.parents[a.max(b)] = a.min(b);
        a != b
    }

    fn root(&mut self, mut item: usize) -> usize {
        while self.parents[item] != item {
            self.parents[item] = self.parents[self.parents[item]];
            item = self.parents[item];
        }
        item
    }

    fn relabel(&mut self) {
        for item in 0..self.trees.len() {
            self.trees[item] = self.root(item);
        }
    }
}

/// Distance of two unit vectors.
fn distance(cosine: f32) -> f32 {
    (2.0 - 2.0 * cosine).max(0.0).sqrt().max(MIN_DISTANCE)
}

fn farthest_first(a: &(f32, usize), b: &(f32, usize)) -> std::cmp::Ordering {
    b.0.total_cmp(&a.0).then(b.1.cmp(&a.1))
}

/// Keeps the nearest [`N_KEPT`], farthest first.
fn keep(list: &mut Vec<(f32, usize)>, new: (f32, usize)) {
    if list.len() == N_KEPT {
        if farthest_first(&list[0], &new).is_gt() {
            return;
        }
        list.remove(0);
    }
    let at = list.partition_point(|known| farthest_first(known, &new).is_lt());
    list.insert(at, new);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::clustering::examples::blobs;

    /// Prim's, pair by pair.
    fn length_by_definition(embeddings: &Embeddings, min_samples: usize) -> f64 {
        let n = embeddings.n();
        let apart = |i: usize, j: usize| distance(embeddings.cosine(i, j));
        let core = |i: usize| {
            let mut all: Vec<f32> = (0..n).filter(|j| *j != i).map(|j| apart(i, j)).collect();
            all.sort_by(f32::total_cmp);
            all[min_samples - 1]
        };
        let cores: Vec<f32> = (0..n).map(core).collect();
        let reach = |i: usize, j: usize| apart(i, j).max(cores[i]).max(cores[j]);
        let mut left: Vec<(f32, usize)> = (1..n).map(|j| (reach(0, j), j)).collect();
        let mut sum = 0.0;
        while !left.is_empty() {
            let nearest = (0..left.len()).min_by(|a, b| left[*a].0.total_cmp(&left[*b].0));
            let (length, item) = left.swap_remove(nearest.unwrap());
            sum += f64::from(length);
            for (length, other) in &mut left {
                *length = length.min(reach(item, *other));
            }
        }
        sum
    }

    #[test]
    fn it_is_as_short_as_by_definition_however_few_neighbors_are_listed() {
        let embeddings = blobs(&[120, 80, 60, 9]);
        for (k, min_samples) in [(3, 3), (16, 5), (400, 1)] {
            let progress = Progress::new();
            let graph = NeighborGraph::exact(&embeddings, k, &progress).unwrap();
            let tree = spanning_tree(&embeddings, &graph, min_samples, &progress).unwrap();
            let length: f64 = tree.edges.iter().map(|edge| f64::from(edge.length)).sum();
            let expected = length_by_definition(&embeddings, min_samples);
            assert!(
                (length - expected).abs() < 1e-4 * expected,
                "{length} {expected}"
            );
            assert_eq!(tree.edges.len(), 268);
            assert!(tree.is_exact);
        }
    }
}
