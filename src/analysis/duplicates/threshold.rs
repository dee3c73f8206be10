//! How alike two items must be to count as the same, read off the scores.
//!
//! Ordinary neighbors have cosines around some level that depends on the model and the corpus;
//! near-duplicates make a bump of their own near 1. The threshold is the valley between the two.

use super::NeighborGraph;
use crate::analysis::random::Random;
use crate::vectors::Embeddings;

/// Bins over the cosines −1 to 1.
const N_BINS: usize = 400;
const BIN: f32 = 2.0 / N_BINS as f32;
/// Random pairs that show the background.
const N_RANDOM_PAIRS: usize = 20_000;
const SEED: u64 = 42;
/// No threshold is suggested below this: texts on one subject reach it, copies lie above.
const LOWEST: f32 = 0.8;
/// A bump of near-duplicates holds a pair at least this alike.
const SURE: f32 = 0.95;
/// And one whose distance is at most this share of that of ordinary neighbors.
const SURE_SHARE: f32 = 0.25;
/// Half the width of the smoothing, in bins: 0.02.
const SMOOTHING: usize = 4;
/// The valley is at most this deep, as a share of the bump.
const VALLEY: f32 = 0.5;
/// Bins whose depth differs by less belong to one valley.
const ALIKE: f32 = 0.05;

/// Cosines counted in bins of equal width over −1 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreHistogram {
    /// Items by the cosine of their nearest neighbor; 400 bins, 0.005 wide.
    pub nearest: Vec<usize>,
    /// All listed neighbors of all items by cosine; the same bins.
    pub listed: Vec<usize>,
    /// Up to 20,000 random pairs of different items, by cosine; the same bins.
    pub background: Vec<usize>,
    /// Cosine that half of the items' last listed neighbors do not reach: the level of neighbors
    /// that are not copies.
    pub ordinary: f32,
    /// Cosine of the nearest pair of all; −1 without pairs.
    pub highest: f32,
}

impl ScoreHistogram {
    /// Counts the cosines of the graph, and those of a sample of random pairs, always the same ones.
    pub fn new(embeddings: &Embeddings, graph: &NeighborGraph) -> Self {
        let n = graph.n();
        let mut histogram = Self {
            nearest: vec![0; N_BINS],
            listed: vec![0; N_BINS],
            background: vec![0; N_BINS],
            ordinary: -1.0,
            highest: -1.0,
        };
        if n < 2 || graph.k() == 0 {
            return histogram;
        }
        for item in 0..n {
            let nearest = graph.of(item)[0].cosine;
            histogram.nearest[bin_of(nearest)] += 1;
            histogram.highest = histogram.highest.max(nearest);
            for neighbor in graph.of(item) {
                histogram.listed[bin_of(neighbor.cosine)] += 1;
            }
        }
        let mut last: Vec<f32> = (0..n).map(|i| graph.of(i)[graph.k() - 1].cosine).collect();
        let (_, median, _) = last.select_nth_unstable_by(n / 2, f32::total_cmp);
        histogram.ordinary = *median;
        let mut random = Random::new(SEED);
        for _ in 0..N_RANDOM_PAIRS.min(n * (n - 1) / 2) {
            let a = random.below(n);
            let b = (a + 1 + random.below(n - 1)) % n;
            histogram.background[bin_of(embeddings.cosine(a, b))] += 1;
        }
        histogram
    }

    /// The cosine at which a bin begins.
    pub fn start_of(bin: usize) -> f32 {
        bin as f32 * BIN - 1.0
    }
}

fn bin_of(cosine: f32) -> usize {
    // A little added, so that rounding does not move 0.8 to the bin below.
    let bin = (cosine + 1.0) / BIN + 1e-3;
    (bin.max(0.0) as usize).min(N_BINS - 1)
}

/// The cosine from which two items count as near-duplicates, 0.8 to 1, or `None` when the scores show
/// no near-duplicates that part from the rest.
///
/// The counts of all listed cosines are smoothed (triangle, 0.02 to either side). Looked at is what
/// lies above 0.8 and above the level of ordinary neighbors. For each place there, its depth is its
/// count over the highest count further up; the threshold is the middle of the widest stretch that is
/// as deep as the deepest, give or take 0.05. There is none if the deepest is more than half as high
/// as the bump above, or if no pair is sure to be a copy: at 0.95, and four times as near to 1 as
/// ordinary neighbors are, for models that find all texts alike.
///
/// When most items have more copies than the graph lists, the level of ordinary neighbors is unknown,
/// and 0.8 and 0.95 alone bound the search.
pub fn suggested_threshold(histogram: &ScoreHistogram) -> Option<f32> {
    let copies_everywhere = histogram.ordinary >= 0.99;
    let ordinary = if copies_everywhere {
        LOWEST
    } else {
        LOWEST.max(histogram.ordinary)
    };
    let sure = SURE.max(1.0 - SURE_SHARE * (1.0 - ordinary));
    if histogram.highest < sure {
        return None;
    }
    let counts = smoothed(&histogram.listed);
    let start = bin_of(ordinary);
    let depths: Vec<f32> = (start..N_BINS - 1)
        .map(|bin| {
            let bump = counts[bin + 1..].iter().copied().fold(0.0, f32::max);
            if bump > 0.0 {
                counts[bin] / bump
            } else {
                f32::INFINITY
            }
        })
        .collect();
    let deepest = depths.iter().copied().fold(f32::INFINITY, f32::min);
    if deepest > VALLEY {
        return None;
    }
    let (from, to) = widest_run(&depths, deepest + ALIKE)?;
    let middle = start as f32 + (from + to) as f32 / 2.0;
    Some(middle * BIN - 1.0)
}

/// The widest stretch of values up to `limit`, the first of equally wide ones, as a range.
fn widest_run(values: &[f32], limit: f32) -> Option<(usize, usize)> {
    let mut widest: Option<(usize, usize)> = None;
    let mut start = None;
    for (at, value) in values.iter().chain([&f32::INFINITY]).enumerate() {
        if *value <= limit {
            start.get_or_insert(at);
        } else if let Some(start) = start.take()
            && widest.is_none_or(|(from, to)| at - start > to - from)
        {
            widest = Some((start, at));
        }
    }
    widest
}

fn smoothed(counts: &[usize]) -> Vec<f32> {
    let at = |bin: usize| {
        let from = bin.saturating_sub(SMOOTHING - 1);
        let window = counts
            .iter()
            .enumerate()
            .skip(from)
            .take(bin + SMOOTHING - from);
        let weighed = window.map(|(i, n)| (SMOOTHING - i.abs_diff(bin)) as f32 * *n as f32);
        weighed.sum::<f32>() / (SMOOTHING * SMOOTHING) as f32
    };
    (0..counts.len()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::duplicates::duplicate_groups;
    use crate::progress::Progress;
    use ndarray::{Array1, Array2, s};

    fn normal(random: &mut Random) -> f32 {
        let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
        (radius * (std::f64::consts::TAU * random.unit()).cos()) as f32
    }

    fn direction(d: usize, random: &mut Random) -> Array1<f32> {
        let row = Array1::from_shape_simple_fn(d, || normal(random));
        &row / row.dot(&row).sqrt()
    }

    /// Texts on 12 subjects that all share a direction of weight `shared`. The first `copied` have near-
    /// copies; of the others, one in ten has a relative, which is more alike than other texts on the
    /// subject, and no copy. Returns the rows, and for each the text that it is (a copy of).
    fn corpus(n_texts: usize, copied: usize, shared: f32, seed: u64) -> (Embeddings, Vec<usize>) {
        let (d, mut random) = (48, Random::new(seed));
        let common = direction(d, &mut random);
        let subjects: Vec<_> = (0..12).map(|_| direction(d, &mut random)).collect();
        let (mut rows, mut source) = (Vec::new(), Vec::new());
        for text in 0..n_texts {
            let own = direction(d, &mut random);
            let base = &common * shared + &subjects[text % 12];
            let row = &base + &own;
            // One to three copies: exact ones, and with noise up to a cosine of about 0.92.
            let strength = [0.0, 0.14, 0.28, 0.42][text % 4] / (1.0 + shared);
            let length = strength * row.dot(&row).sqrt();
            for _ in 0..if text < copied { 1 + text % 3 } else { 0 } {
                rows.push(&row + direction(d, &mut random) * length);
                source.push(text);
            }
            if text >= copied && text % 10 == 0 {
                rows.push(base + own * 0.6 + direction(d, &mut random) * 0.8);
                source.push(n_texts + text);
            }
            rows.push(row);
            source.push(text);
        }
        let mut matrix = Array2::zeros((rows.len(), d));
        for (i, row) in rows.iter().enumerate() {
            matrix.slice_mut(s![i, ..]).assign(row);
        }
        (Embeddings::normalized(matrix), source)
    }

    fn suggestion(embeddings: &Embeddings, k: usize) -> (NeighborGraph, Option<f32>) {
        let graph = NeighborGraph::exact(embeddings, k, &Progress::new()).unwrap();
        let histogram = ScoreHistogram::new(embeddings, &graph);
        let threshold = suggested_threshold(&histogram);
        (graph, threshold)
    }

    #[test]
    #[expect(clippy::print_stdout, reason = "the figures are what the test is for")]
    fn it_finds_the_copies_in_a_seeded_corpus() {
        for (seed, shared) in [(1, 0.0), (2, 0.0), (3, 0.5), (4, 1.0), (8, 3.0)] {
            let (embeddings, source) = corpus(400, 60, shared, seed);
            let (graph, threshold) = suggestion(&embeddings, 16);
            let threshold = threshold.unwrap();
            let found = duplicate_groups(&graph, threshold);
            let together = |a: usize, b: usize| source[a] == source[b];
            let mut pairs = Vec::new();
            for group in &found.groups {
                for (at, a) in group.items.iter().enumerate() {
                    pairs.extend(group.items[at + 1..].iter().map(|b| (*a, *b)));
                }
            }
            let right = pairs.iter().filter(|(a, b)| together(*a, *b)).count() as f64;
            let n = source.len();
            let true_pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
            let n_true = true_pairs.filter(|(a, b)| together(*a, *b)).count() as f64;
            let (precision, recall) = (right / pairs.len() as f64, right / n_true);
            println!(
                "seed {seed}, shared {shared}: threshold {threshold:.3}, precision {precision:.3}, recall {recall:.3}"
            );
            assert!(precision >= 0.9 && recall >= 0.9);
        }
    }

    #[test]
    fn without_copies_nothing_is_suggested() {
        for shared in [0.0, 0.5, 1.0, 3.0] {
            let (embeddings, _) = corpus(400, 0, shared, 5);
            let (_, threshold) = suggestion(&embeddings, 16);
            assert_eq!(threshold, None, "{shared}");
        }
    }

    #[test]
    fn one_pair_of_copies_is_enough() {
        let (embeddings, _) = corpus(200, 1, 0.0, 6);
        let (graph, threshold) = suggestion(&embeddings, 16);
        let found = duplicate_groups(&graph, threshold.unwrap());
        assert_eq!(found.groups.len(), 1);
        assert_eq!(found.groups[0].items, [0, 1]);
    }

    #[test]
    fn copies_alone_are_found_too() {
        let copies = Embeddings::normalized(Array2::ones((300, 5)));
        let (graph, threshold) = suggestion(&copies, 16);
        assert_eq!(duplicate_groups(&graph, threshold.unwrap()).groups.len(), 1);
        let halves = Array2::from_shape_fn((300, 2), |(i, j)| f32::from(u8::from(i % 2 == j)));
        let (graph, threshold) = suggestion(&Embeddings::normalized(halves), 16);
        assert_eq!(duplicate_groups(&graph, threshold.unwrap()).groups.len(), 2);
    }

    #[test]
    fn few_items_and_zeros_are_calm() {
        for n in [0, 1] {
            let few = Embeddings::normalized(Array2::ones((n, 3)));
            assert_eq!(suggestion(&few, 5).1, None);
        }
        let two = Embeddings::normalized(Array2::ones((2, 3)));
        assert!(suggestion(&two, 5).1.is_some());
        let zeros = Embeddings::normalized(Array2::zeros((20, 3)));
        assert_eq!(suggestion(&zeros, 5).1, None);
    }

    #[test]
    fn each_item_and_each_random_pair_is_counted_once() {
        let (embeddings, _) = corpus(300, 20, 0.0, 7);
        let graph = NeighborGraph::exact(&embeddings, 4, &Progress::new()).unwrap();
        let histogram = ScoreHistogram::new(&embeddings, &graph);
        assert_eq!(histogram.nearest.iter().sum::<usize>(), embeddings.n());
        assert_eq!(histogram.listed.iter().sum::<usize>(), embeddings.n() * 4);
        assert_eq!(histogram.background.iter().sum::<usize>(), N_RANDOM_PAIRS);
        assert_eq!(histogram, ScoreHistogram::new(&embeddings, &graph));
        for cosine in [-1.0, -0.3, 0.0, 0.8, 0.999, 1.0] {
            let start = ScoreHistogram::start_of(bin_of(cosine));
            assert!(
                (start - 1e-5..=start + BIN + 1e-5).contains(&cosine),
                "{cosine}"
            );
        }
    }
}
