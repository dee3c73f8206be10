//! How the cosines of all pairs are spread: what the colors of the matrix are set by.

use rayon::prelude::*;

use super::random::Random;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Bins of equal width over the cosines −1 to 1, 0.01 wide each.
const N_BINS: usize = 200;
/// Pairs that are counted at most; of more, so many are drawn at random. The share of a bin is then
/// off by 0.07 points of a hundred at most, one time in three.
const MAX_PAIRS: usize = 500_000;
/// Pieces of the work, the same however many threads there are.
const N_PIECES: usize = 64;
const SEED: u64 = 0x00C0_517E;

/// The cosines of pairs of different items, counted in bins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosineSpread {
    /// Pairs by cosine; 200 bins over −1 to 1.
    pub counts: Vec<usize>,
    /// Pairs that were counted.
    pub n_counted: usize,
    /// Pairs that there are.
    pub n_pairs: usize,
}

impl CosineSpread {
    /// Counts all pairs, or of more than 500,000 so many that are drawn at random, with repetition
    /// and always the same ones.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped; checked 64 times.
    pub fn new(embeddings: &Embeddings, progress: &Progress) -> Result<Self, Cancelled> {
        let n = embeddings.n();
        let n_pairs = n * n.saturating_sub(1) / 2;
        progress.step("Counting scores", N_PIECES);
        let pieces: Vec<Vec<usize>> = (0..N_PIECES)
            .into_par_iter()
            .map(|piece| {
                progress.advance(1)?;
                Ok(if n_pairs > MAX_PAIRS {
                    counted(embeddings, drawn(n, piece))
                } else {
                    let rows = (piece..n).step_by(N_PIECES);
                    counted(
                        embeddings,
                        rows.flat_map(|a| (a + 1..n).map(move |b| (a, b))),
                    )
                })
            })
            .collect::<Result<_, Cancelled>>()?;
        let counts: Vec<usize> = (0..N_BINS)
            .map(|bin| pieces.iter().map(|counts| counts[bin]).sum())
            .collect();
        Ok(Self {
            n_counted: counts.iter().sum(),
            counts,
            n_pairs,
        })
    }

    /// Whether not all pairs were counted.
    pub fn is_sampled(&self) -> bool {
        self.n_pairs > MAX_PAIRS
    }

    /// The cosine at which a bin begins.
    pub fn start_of(bin: usize) -> f32 {
        // By a division, so that 0.3 is 0.3.
        (bin as f32 - 100.0) / 100.0
    }
}

/// A piece's part of the random pairs.
fn drawn(n: usize, piece: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut random = Random::new(SEED + piece as u64);
    let n_drawn = (piece + 1) * MAX_PAIRS / N_PIECES - piece * MAX_PAIRS / N_PIECES;
    (0..n_drawn).map(move |_| {
        let a = random.below(n);
        (a, (a + 1 + random.below(n - 1)) % n)
    })
}

fn counted(embeddings: &Embeddings, pairs: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut counts = vec![0; N_BINS];
    for (a, b) in pairs {
        // A little added, so that rounding does not move 0.8 to the bin below.
        let bin = (embeddings.cosine(a, b) + 1.0) * 100.0 + 1e-3;
        counts[(bin.max(0.0) as usize).min(N_BINS - 1)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn spread(rows: Array2<f32>) -> CosineSpread {
        CosineSpread::new(&Embeddings::normalized(rows), &Progress::new()).unwrap()
    }

    #[test]
    fn every_pair_is_counted_once() {
        // Cosines: 1 and twice 0.6.
        let found = spread(array![[1.0, 0.0], [1.0, 0.0], [0.6, 0.8]]);
        assert_eq!((found.n_counted, found.n_pairs), (3, 3));
        assert!(!found.is_sampled());
        assert_eq!((found.counts[199], found.counts[160]), (1, 2));
        assert!((CosineSpread::start_of(160) - 0.6).abs() < 1e-6);
    }

    #[test]
    fn there_may_be_no_pair() {
        for n in [0, 1] {
            let found = spread(Array2::ones((n, 3)));
            assert_eq!((found.n_counted, found.n_pairs), (0, 0));
        }
    }

    #[test]
    fn many_pairs_are_drawn_and_stand_for_all() {
        // Two directions at right angles, a third of the rows along the first.
        let n = 1_200;
        let rows = Array2::from_shape_fn((n, 2), |(i, axis)| {
            f32::from(u8::from((i % 3 == 0) == (axis == 0)))
        });
        let found = spread(rows.clone());
        assert!(found.is_sampled());
        assert_eq!(
            (found.n_counted, found.n_pairs),
            (MAX_PAIRS, n * (n - 1) / 2)
        );
        let unlike = found.counts[100] as f32 / found.n_counted as f32;
        assert!((unlike - 4.0 / 9.0).abs() < 0.01, "{unlike}");
        assert_eq!(found, spread(rows));
    }

    #[test]
    fn it_stops_when_told() {
        let progress = Progress::new();
        progress.stop();
        let embeddings = Embeddings::normalized(Array2::ones((3, 2)));
        assert!(CosineSpread::new(&embeddings, &progress).is_err());
    }
}
