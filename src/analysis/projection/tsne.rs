//! t-SNE (van der Maaten and Hinton 2008) by the method of Barnes and Hut (van der Maaten 2014), in
//! two or three dimensions.
//!
//! Schedule and step sizes are openTSNE's: a start of principal components, early exaggeration, and a
//! learning rate that grows with n (Belkina et al. 2019).

use ndarray::{Array2, Axis, s};
use rayon::prelude::*;

use super::symmetric::Weights;
use super::tree::{Push, Tree};
use super::{ProjectionRule, way};
use crate::analysis::random::Random;
use crate::analysis::{BLOCK_ROWS, NeighborGraph};
use crate::progress::{Cancelled, Progress};

const EXAGGERATION: f32 = 12.0;
const N_EXAGGERATED: usize = 250;
const N_STEPS: usize = 750;
/// How wide a cell may be, as a share of its distance, to count as one point.
const THETA: f32 = 0.5;
/// No point moves farther in one step.
const MAX_STEP: f32 = 5.0;

/// Lays out the items so that neighbors lie together in islands; shape `(n, rule.n_axes)`.
///
/// `start` holds the places to begin from, shape `(n, at least 2)`. `watch` sees the points after
/// every step. Of the graph the first `3 · perplexity` neighbors count; with fewer, the perplexity is
/// lowered to a third of them.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per step.
pub fn tsne(
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
    progress.step("Laying out", N_STEPS);
    let mut motion = Motion::<AXES>::new(start, rule.seed);
    let mut shown = Array2::zeros((graph.n(), AXES));
    if graph.n() < 2 {
        return Ok(shown);
    }
    let weights = affinities(graph, rule.perplexity);
    for step in 0..N_STEPS {
        let (exaggeration, momentum) = if step < N_EXAGGERATED {
            (EXAGGERATION, 0.5)
        } else {
            (1.0, 0.8)
        };
        if step == N_EXAGGERATED {
            motion.rest();
        }
        let forces = forces(&weights, &motion.points, exaggeration);
        motion.step(&forces, momentum, graph.n() as f32 / exaggeration);
        progress.advance(1)?;
        for (mut row, point) in shown.rows_mut().into_iter().zip(&motion.points) {
            row.iter_mut().zip(point).for_each(|(to, from)| *to = *from);
        }
        watch(&shown);
    }
    Ok(shown)
}

/// The negative gradient for every point, without the factor 4 that most leave to the learning rate.
fn forces<const AXES: usize>(
    weights: &Weights,
    points: &[[f32; AXES]],
    exaggeration: f32,
) -> Vec<[f32; AXES]> {
    let tree = Tree::new(points, THETA);
    // In the order of the curve, on which a point walks through the same cells as the one before it.
    let blocks: Vec<Vec<(Push<AXES>, [f32; AXES])>> = tree
        .order
        .par_chunks(BLOCK_ROWS)
        .enumerate()
        .map(|(block, items)| {
            let of_item = |(i, item): (usize, &u32)| {
                let push = tree.push(block * BLOCK_ROWS + i);
                (push, pull(weights, points, *item as usize))
            };
            items.iter().enumerate().map(of_item).collect()
        })
        .collect();
    let sum_of = |block: &Vec<(Push<AXES>, _)>| -> f64 {
        block.iter().map(|(push, _)| f64::from(push.sum)).sum()
    };
    let sum = blocks.iter().map(sum_of).sum::<f64>().max(1e-12) as f32;
    let mut forces = vec![[0.0; AXES]; points.len()];
    for (item, (push, pull)) in tree.order.iter().zip(blocks.iter().flatten()) {
        forces[*item as usize] =
            std::array::from_fn(|axis| exaggeration * pull[axis] + push.force[axis] / sum);
    }
    forces
}

/// `Σ p q (y_j − y)` over the partners of an item.
fn pull<const AXES: usize>(weights: &Weights, points: &[[f32; AXES]], item: usize) -> [f32; AXES] {
    let at = points[item];
    let mut pull = [0.0; AXES];
    for partner in weights.of(item) {
        let (way, square) = way(&points[partner.item as usize], &at);
        let strength = partner.weight / (1.0 + square);
        for (pull, way) in pull.iter_mut().zip(way) {
            *pull += strength * way;
        }
    }
    pull
}

/// Where points are and how they move.
struct Motion<const AXES: usize> {
    points: Vec<[f32; AXES]>,
    speeds: Vec<[f32; AXES]>,
    /// Grow where a point keeps its direction (Jacobs 1988).
    gains: Vec<[f32; AXES]>,
}

impl<const AXES: usize> Motion<AXES> {
    /// The start, shrunk to a standard deviation of 1e-4 along its first axis, with a little noise so
    /// that equal items can part.
    fn new(start: &Array2<f32>, seed: u64) -> Self {
        let axes = start.ncols().min(AXES);
        let start = start.slice(s![.., ..axes]);
        let spread = start
            .axis_iter(Axis(1))
            .next()
            .map_or(0.0, |axis| axis.std(0.0));
        let scale = if spread > 0.0 { 1e-4 / spread } else { 0.0 };
        let mut random = Random::new(seed);
        let points: Vec<[f32; AXES]> = start
            .rows()
            .into_iter()
            .map(|row| {
                std::array::from_fn(|axis| {
                    let noise = 2e-6 * (random.unit() as f32 - 0.5);
                    row.get(axis).map_or(0.0, |x| x * scale) + noise
                })
            })
            .collect();
        let mut motion = Self {
            speeds: Vec::new(),
            gains: Vec::new(),
            points,
        };
        motion.rest();
        motion
    }

    fn rest(&mut self) {
        self.speeds = vec![[0.0; AXES]; self.points.len()];
        self.gains = vec![[1.0; AXES]; self.points.len()];
    }

    fn step(&mut self, forces: &[[f32; AXES]], momentum: f32, rate: f32) {
        let mut sum = [0.0_f64; AXES];
        for (item, force) in forces.iter().enumerate() {
            let (speed, gain) = (&mut self.speeds[item], &mut self.gains[item]);
            for (axis, force) in force.iter().enumerate() {
                let keeps = speed[axis] * force > 0.0;
                gain[axis] = if keeps {
                    gain[axis] + 0.2
                } else {
                    (gain[axis] * 0.8).max(0.01)
                };
                speed[axis] = momentum * speed[axis] + rate * gain[axis] * force;
            }
            let length = speed.iter().map(|x| x * x).sum::<f32>().sqrt();
            if length > MAX_STEP {
                for x in speed.iter_mut() {
                    *x *= MAX_STEP / length;
                }
            }
            for ((x, sum), speed) in self.points[item].iter_mut().zip(&mut sum).zip(speed) {
                *x += *speed;
                *sum += f64::from(*x);
            }
        }
        let mean = sum.map(|x| (x / forces.len() as f64) as f32);
        for point in &mut self.points {
            for (x, mean) in point.iter_mut().zip(mean) {
                *x -= mean;
            }
        }
    }
}

/// The joint probabilities `p`, which sum to 1.
fn affinities(graph: &NeighborGraph, perplexity: f32) -> Weights {
    let k = ((3.0 * perplexity).ceil() as usize)
        .clamp(1, graph.k().max(1))
        .min(graph.k());
    let perplexity = f64::from(perplexity).min(k as f64 / 3.0).max(1.0);
    let given: Vec<f32> = (0..graph.n())
        .into_par_iter()
        .flat_map_iter(|item| {
            // The squared distance between unit vectors, which the Gaussian of the paper asks for.
            // It is twice the cosine distance, and the factor drops out as the width is fitted.
            let squares: Vec<f64> = graph.of(item)[..k]
                .iter()
                .map(|neighbor| 2.0 - 2.0 * f64::from(neighbor.cosine))
                .collect();
            shares(&squares, perplexity)
        })
        .collect();
    let total = 2.0 * graph.n() as f32;
    Weights::joined(graph, &given, |there, back| (there + back) / total)
}

/// Gaussian shares of neighbors at these squared distances, nearest first, whose entropy is the
/// logarithm of `perplexity`. They sum to 1.
fn shares(squares: &[f64], perplexity: f64) -> Vec<f32> {
    let nearest = squares.first().copied().unwrap_or(0.0);
    let beyond: Vec<f64> = squares.iter().map(|square| square - nearest).collect();
    let target = perplexity.ln();
    let (mut low, mut high, mut sharpness) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..100 {
        let (mut sum, mut weighted) = (0.0, 0.0);
        for square in &beyond {
            let share = (-sharpness * square).exp();
            sum += share;
            weighted += share * square;
        }
        let entropy = sum.ln() + sharpness * weighted / sum;
        if (entropy - target).abs() < 1e-5 {
            break;
        }
        if entropy > target {
            low = sharpness;
            sharpness = if high.is_finite() {
                f64::midpoint(low, high)
            } else {
                sharpness * 2.0
            };
        } else {
            high = sharpness;
            sharpness = f64::midpoint(low, high);
        }
    }
    let shares: Vec<f64> = beyond
        .iter()
        .map(|square| (-sharpness * square).exp())
        .collect();
    let sum: f64 = shares.iter().sum();
    shares
        .into_iter()
        .map(|share| (share / sum) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::projection::testing::{
        groups, n_with_foreign_neighbors, odd_inputs, on_threads,
    };
    use crate::vectors::Embeddings;

    fn map(embeddings: &Embeddings, rule: &ProjectionRule) -> Array2<f32> {
        let graph = NeighborGraph::exact(embeddings, 30, &Progress::new()).unwrap();
        let start = embeddings.view().slice(s![.., ..rule.n_axes]).to_owned();
        tsne(&graph, &start, rule, &Progress::new(), &mut |_| ()).unwrap()
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
        let embeddings = groups(4, 100);
        let rule = ProjectionRule::default();
        let one = on_threads(1, || map(&embeddings, &rule));
        assert_eq!(one, on_threads(3, || map(&embeddings, &rule)));
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
        let (start, rule, progress) = (
            Array2::zeros((20, 2)),
            ProjectionRule::default(),
            Progress::new(),
        );
        let mut n_seen = 0;
        let mut watch = |_: &Array2<f32>| {
            n_seen += 1;
            if n_seen == 3 {
                progress.stop();
            }
        };
        let result = tsne(&graph, &start, &rule, &progress, &mut watch);
        assert_eq!((result, n_seen), (Err(Cancelled), 3));
    }

    #[test]
    fn shares_have_the_perplexity_asked_for() {
        let squares: Vec<f64> = (0..40).map(|i| 0.3 + f64::from(i) / 50.0).collect();
        for perplexity in [2.0, 10.0, 30.0] {
            let shares = shares(&squares, perplexity);
            let entropy: f64 = shares
                .iter()
                .map(|share| f64::from(-share * share.ln()))
                .sum();
            assert!(
                (entropy.exp() - perplexity).abs() < 0.01,
                "{}",
                entropy.exp()
            );
            assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
        let same = shares(&[0.5, 0.5], 1.0);
        assert!(same.iter().all(|share| (share - 0.5).abs() < 1e-6));
    }

    #[test]
    fn probabilities_sum_to_one() {
        let graph = NeighborGraph::exact(&groups(3, 20), 30, &Progress::new()).unwrap();
        let weights = affinities(&graph, 1000.0);
        let sum: f32 = weights.all().iter().map(|partner| partner.weight).sum();
        assert!((sum - 1.0).abs() < 1e-4);
    }
}
