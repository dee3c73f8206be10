//! UMAP (`McInnes`, Healy and Melville 2018) on a neighbor graph that is already there.
//!
//! The published layout moves both ends of one edge after the other, so that its result depends on
//! the order of threads. Here every point gathers its own moves: it goes through its edges that are
//! due, stepping towards each partner and away from points drawn at random, while all others stand
//! still. Random numbers belong to the seed, the epoch and the point, so the bits are the same for
//! any number of threads.
//!
//! If all points moved at once, pairs would jump past each other. So an epoch has several rounds,
//! and each moves only some of the points.

use ndarray::{Array2, s};
use rayon::prelude::*;

use super::curve::{Kernel, Table};
use super::symmetric::Weights;
use super::{ProjectionRule, way};
use crate::analysis::NeighborGraph;
use crate::analysis::random::Random;
use crate::progress::{Cancelled, Progress};

/// Points drawn at random for every step along an edge.
const N_PUSHES: usize = 5;
/// Rounds per epoch; neighbors in the list of items move in different ones.
const N_ROUNDS: usize = 4;
/// Most that one step may move a point along one axis.
const MAX_STEP: f32 = 4.0;

/// Lays out the items so that neighbors lie together; shape `(n, rule.n_axes)`.
///
/// `start` holds the places to begin from, shape `(n, at least 2)`: the principal components keep
/// the large distances meaningful. `watch` sees the points after every epoch. Of the graph the first
/// `rule.n_neighbors − 1` neighbors count: the item itself is the first, as in umap-learn.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per epoch.
pub fn umap(
    graph: &NeighborGraph,
    start: &Array2<f32>,
    rule: &ProjectionRule,
    progress: &Progress,
    watch: &mut dyn FnMut(&Array2<f32>),
) -> Result<Array2<f32>, Cancelled> {
    match rule.n_axes {
        3 => laid_out::<3>(graph, start, rule, progress, watch),
        _ => laid_out::<2>(graph, start, rule, progress, watch),
    }
}

fn laid_out<const AXES: usize>(
    graph: &NeighborGraph,
    start: &Array2<f32>,
    rule: &ProjectionRule,
    progress: &Progress,
    watch: &mut dyn FnMut(&Array2<f32>),
) -> Result<Array2<f32>, Cancelled> {
    let n_epochs: u32 = if graph.n() <= 10_000 { 500 } else { 200 };
    progress.step("Laying out", n_epochs as usize);
    let mut points = scaled::<AXES>(start, rule.seed);
    let layout = Layout::new(graph, rule, n_epochs);
    let mut shown = as_array(&points);
    if graph.n() < 2 {
        return Ok(shown);
    }
    let mut moved = Vec::new();
    for epoch in 0..n_epochs {
        let rate = 1.0 - epoch as f32 / n_epochs as f32;
        for round in 0..N_ROUNDS {
            let of_round = graph.n().saturating_sub(round).div_ceil(N_ROUNDS);
            (0..of_round)
                .into_par_iter()
                .with_min_len(64)
                .map(|i| layout.moved(i * N_ROUNDS + round, &points, epoch, rate))
                .collect_into_vec(&mut moved);
            for (i, to) in moved.iter().enumerate() {
                points[i * N_ROUNDS + round] = *to;
            }
        }
        progress.advance(1)?;
        for (mut row, point) in shown.rows_mut().into_iter().zip(&points) {
            row.iter_mut().zip(point).for_each(|(to, from)| *to = *from);
        }
        watch(&shown);
    }
    Ok(shown)
}

/// The start, spread to ±10, with a little noise so that equal items can part.
fn scaled<const AXES: usize>(start: &Array2<f32>, seed: u64) -> Vec<[f32; AXES]> {
    let axes = start.ncols().min(AXES);
    let start = start.slice(s![.., ..axes]);
    let largest = start.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
    let scale = if largest > 0.0 { 10.0 / largest } else { 0.0 };
    let mut random = Random::new(seed);
    start
        .rows()
        .into_iter()
        .map(|row| {
            std::array::from_fn(|axis| {
                let noise = 2e-4 * (random.unit() as f32 - 0.5);
                row.get(axis).map_or(0.0, |x| x * scale) + noise
            })
        })
        .collect()
}

fn as_array<const AXES: usize>(points: &[[f32; AXES]]) -> Array2<f32> {
    Array2::from_shape_fn((points.len(), AXES), |(item, axis)| points[item][axis])
}

/// All that stays the same from epoch to epoch.
struct Layout {
    starts: Vec<usize>,
    edges: Vec<Edge>,
    n: u64,
    pull: Table,
    push: Table,
    seed: u64,
}

struct Edge {
    to: u32,
    /// How often the edge is due, as a share of the epochs, in units of 2^-32.
    often: u32,
}

impl Layout {
    fn new(graph: &NeighborGraph, rule: &ProjectionRule, n_epochs: u32) -> Self {
        let mut weights = fuzzy(graph, rule.n_neighbors);
        let largest = weights.all().iter().fold(0.0_f32, |a, b| a.max(b.weight));
        weights.retain(largest / n_epochs as f32);
        let mut starts = vec![0];
        let mut edges = Vec::with_capacity(weights.all().len());
        for item in 0..weights.n() {
            edges.extend(weights.of(item).iter().map(|partner| Edge {
                to: partner.item,
                often: (f64::from(partner.weight / largest) * 2.0_f64.powi(32)) as u32,
            }));
            starts.push(edges.len());
        }
        let kernel = Kernel::fitted(f64::from(rule.min_dist));
        Self {
            starts,
            edges,
            n: graph.n() as u64,
            pull: kernel.pull(),
            push: kernel.push(),
            seed: Random::new(rule.seed).next(),
        }
    }

    /// Where a point goes in one epoch.
    fn moved<const AXES: usize>(
        &self,
        item: usize,
        points: &[[f32; AXES]],
        epoch: u32,
        rate: f32,
    ) -> [f32; AXES] {
        let mut at = points[item];
        let mut random = Random::new(self.seed ^ ((u64::from(epoch) << 32) | item as u64));
        for edge in &self.edges[self.starts[item]..self.starts[item + 1]] {
            // Due when the number of times it should have been taken passes a whole number.
            if epoch.wrapping_mul(edge.often) >= edge.often {
                continue;
            }
            // The edge is taken twice: from this end, and from the other, which moves this one too.
            let partner = points[edge.to as usize];
            for _ in 0..2 {
                let (way, square) = way(&partner, &at);
                let strength = self.pull.at(square);
                for (at, way) in at.iter_mut().zip(way) {
                    *at += rate * (strength * way).clamp(-MAX_STEP, MAX_STEP);
                }
            }
            let mut off = [0.0_f32; AXES];
            for _ in 0..N_PUSHES {
                let other = ((random.next() >> 32) * self.n) >> 32;
                let (way, square) = way(&at, &points[other as usize]);
                let strength = self.push.at(square);
                for (off, way) in off.iter_mut().zip(way) {
                    *off += (strength * way).clamp(-MAX_STEP, MAX_STEP);
                }
            }
            for (at, off) in at.iter_mut().zip(off) {
                *at += rate * off;
            }
        }
        at
    }
}

/// How much two items belong together, 0 to 1: the fuzzy union of what each thinks.
fn fuzzy(graph: &NeighborGraph, n_neighbors: usize) -> Weights {
    let k = n_neighbors.saturating_sub(1).min(graph.k());
    let given: Vec<f32> = (0..graph.n())
        .into_par_iter()
        .flat_map_iter(|item| {
            let distances: Vec<f64> = graph.of(item)[..k]
                .iter()
                .map(|neighbor| f64::from((1.0 - neighbor.cosine).max(0.0)))
                .collect();
            memberships(&distances)
        })
        .collect();
    Weights::joined(graph, &given, |there, back| there + back - there * back)
}

/// How much neighbors at these distances, nearest first, belong to an item: 1 up to the nearest that
/// is not in the same place, then falling so that all, with the item itself, make log₂ of their
/// number.
fn memberships(distances: &[f64]) -> Vec<f32> {
    let nearest = distances.iter().copied().find(|d| *d > 0.0).unwrap_or(0.0);
    let beyond: Vec<f64> = distances.iter().map(|d| (d - nearest).max(0.0)).collect();
    let target = (distances.len() as f64 + 1.0).log2();
    let (mut low, mut high, mut scale) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..64 {
        let sum: f64 = beyond.iter().map(|d| (-d / scale).exp()).sum();
        if (sum - target).abs() < 1e-5 {
            break;
        }
        if sum > target {
            high = scale;
            scale = f64::midpoint(low, high);
        } else {
            low = scale;
            scale = if high.is_finite() {
                f64::midpoint(low, high)
            } else {
                scale * 2.0
            };
        }
    }
    // As umap-learn: no sharper than a thousandth of the mean distance, itself counted.
    let mean = distances.iter().sum::<f64>() / (distances.len() as f64 + 1.0);
    let scale = scale.max(1e-3 * mean);
    let membership = |d: f64| {
        if d > 0.0 {
            (-d / scale).exp() as f32
        } else {
            1.0
        }
    };
    beyond.into_iter().map(membership).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::projection::testing::{
        groups, n_with_foreign_neighbors, odd_inputs, on_threads,
    };

    fn map(embeddings: &crate::vectors::Embeddings, rule: &ProjectionRule) -> Array2<f32> {
        let graph = NeighborGraph::exact(embeddings, 15, &Progress::new()).unwrap();
        let start = embeddings.view().slice(s![.., ..rule.n_axes]).to_owned();
        umap(&graph, &start, rule, &Progress::new(), &mut |_| ()).unwrap()
    }

    #[test]
    fn groups_part() {
        let embeddings = groups(6, 50);
        for n_axes in [2, 3] {
            let rule = ProjectionRule {
                n_axes,
                ..ProjectionRule::default()
            };
            let points = map(&embeddings, &rule);
            assert_eq!(points.dim(), (300, n_axes));
            assert_eq!(n_with_foreign_neighbors(&points, 50), 0);
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_threads() {
        let embeddings = groups(4, 60);
        let rule = ProjectionRule::default();
        let one = on_threads(1, || map(&embeddings, &rule));
        assert_eq!(one, on_threads(3, || map(&embeddings, &rule)));
        let other = ProjectionRule { seed: 7, ..rule };
        assert_ne!(one, map(&embeddings, &other));
    }

    #[test]
    fn odd_inputs_have_finite_places() {
        for embeddings in odd_inputs() {
            let points = map(&embeddings, &ProjectionRule::default());
            assert_eq!(points.dim(), (embeddings.n(), 2));
            assert!(points.iter().all(|x| x.is_finite()), "{points}");
        }
    }

    #[test]
    fn it_is_watched_and_stopped() {
        let graph = NeighborGraph::exact(&groups(2, 10), 15, &Progress::new()).unwrap();
        let progress = Progress::new();
        let mut n_seen = 0;
        let result = umap(
            &graph,
            &Array2::zeros((20, 2)),
            &ProjectionRule::default(),
            &progress,
            &mut |points| {
                assert_eq!(points.dim(), (20, 2));
                n_seen += 1;
                if n_seen == 3 {
                    progress.stop();
                }
            },
        );
        assert_eq!((result, n_seen), (Err(Cancelled), 3));
    }

    #[test]
    fn memberships_are_those_of_umap_learn() {
        // umap.umap_.smooth_knn_dist and compute_membership_strengths of the distances 0 (itself),
        // 0.1, 0.15, 0.3 and 0.4; umap-learn 0.5.12.
        let found = memberships(&[0.1, 0.15, 0.3, 0.4]);
        let expected = [1.0, 0.768_192, 0.348_240, 0.205_503];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
        }
        let same = memberships(&[0.0, 0.0]);
        assert!(same.iter().all(|x| (x - 1.0).abs() < 1e-6));
        assert!(memberships(&[]).is_empty());
    }
}
