//! Which scores the colors of the cells stand for, and how the scores of all pairs are spread.

use crate::analysis::CosineSpread;
use crate::message::{count, grouped};

/// The smallest difference between the ends.
const MIN_WIDTH: f32 = 0.01;

/// The scores at the two ends of the colors, −1 to 1; the lower is lower.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreRange {
    low: f32,
    high: f32,
}

impl ScoreRange {
    /// The lower and the higher.
    pub fn ends(self) -> (f32, f32) {
        (self.low, self.high)
    }

    /// From the lower to the higher; moved apart if they are too near.
    pub fn new(low: f32, high: f32) -> Self {
        let low = low.clamp(-1.0, 1.0 - MIN_WIDTH);
        let high = high.clamp(low + MIN_WIDTH, 1.0);
        Self { low, high }
    }

    /// The score of the first color; that of lower ones, too.
    pub fn low(self) -> f32 {
        self.low
    }

    /// The score of the last color; that of higher ones, too.
    pub fn high(self) -> f32 {
        self.high
    }

    /// One end.
    pub fn end(self, end: End) -> f32 {
        match end {
            End::Low => self.low,
            End::High => self.high,
        }
    }

    /// With one end moved; it stops before the other.
    pub fn with(self, end: End, score: f32) -> Self {
        match end {
            End::Low => Self::new(score.min(self.high - MIN_WIDTH), self.high),
            End::High => Self::new(self.low, score.max(self.low + MIN_WIDTH)),
        }
    }

    /// How far a score is from the low end to the high one, 0 to 1.
    pub fn share(self, score: f32) -> f32 {
        ((score - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// One end of the colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The lowest score that is told from lower ones.
    Low,
    /// The highest that is told from higher ones.
    High,
}

/// The spread as bars of equal width, up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// The cosine at which the first begins.
    pub from: f32,
    /// Heights, 0 to 1: square roots of the counts, or all but the highest would be flat.
    pub heights: Vec<f32>,
}

impl Bars {
    /// The bars from the lowest score that there is, or from half of the way without any.
    pub fn new(spread: &CosineSpread) -> Self {
        let counts = &spread.counts;
        let first = counts.iter().position(|count| *count > 0);
        let first = first.unwrap_or(counts.len() / 2);
        let highest = counts.iter().copied().max().unwrap_or(0).max(1) as f32;
        let height = |count: &usize| (*count as f32 / highest).sqrt();
        Self {
            from: CosineSpread::start_of(first),
            heights: counts[first..].iter().map(height).collect(),
        }
    }
}

/// `all 4,950 pairs`, or how many of them were drawn.
pub fn told(spread: &CosineSpread) -> String {
    if spread.is_sampled() {
        let (counted, all) = (grouped(spread.n_counted), grouped(spread.n_pairs));
        return format!("{counted} of {all} pairs, drawn at random");
    }
    match spread.n_pairs {
        0 => "no pairs".to_owned(),
        1 => "1 pair".to_owned(),
        n => format!("all {}", count(n, "pair")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_keep_apart_and_in_order() {
        let range = ScoreRange::new(0.2, 0.6);
        assert_eq!(range.with(End::Low, 0.3), ScoreRange::new(0.3, 0.6));
        assert_eq!(range.with(End::High, 2.0), ScoreRange::new(0.2, 1.0));
        for score in [-2.0, -1.0, 0.0, 0.2, 0.5, 0.6, 1.0, 2.0] {
            for end in [End::Low, End::High] {
                let moved = range.with(end, score);
                assert!(moved.low() >= -1.0 && moved.high() <= 1.0);
                assert!(moved.high() - moved.low() >= MIN_WIDTH - 1e-6);
            }
        }
        // Even where all scores are the same.
        let range = ScoreRange::new(1.0, 1.0);
        assert!(range.low() < range.high());
    }

    #[test]
    fn a_score_has_its_place_between_the_ends() {
        let range = ScoreRange::new(0.2, 0.6);
        let places = [0.0, 0.2, 0.4, 0.6, 0.9].map(|score| range.share(score));
        for (place, expected) in places.into_iter().zip([0.0, 0.0, 0.5, 1.0, 1.0]) {
            assert!((place - expected).abs() < 1e-5);
        }
    }

    fn spread(n_pairs: usize, n_counted: usize) -> CosineSpread {
        let mut counts = vec![0; 200];
        counts[130] = n_counted;
        CosineSpread {
            counts,
            n_counted,
            n_pairs,
        }
    }

    #[test]
    fn bars_begin_at_the_lowest_score() {
        let mut found = spread(10, 9);
        found.counts[150] = 1;
        let bars = Bars::new(&found);
        assert!((bars.from - 0.3).abs() < 1e-6);
        assert_eq!(bars.heights.len(), 70);
        assert!((bars.heights[0] - 1.0).abs() < 1e-6);
        assert!((bars.heights[20] - 1.0 / 3.0).abs() < 1e-6);
        let none = Bars::new(&spread(0, 0));
        assert!(none.heights.iter().all(|height| *height == 0.0));
    }

    #[test]
    fn it_is_told_what_was_counted() {
        assert_eq!(told(&spread(0, 0)), "no pairs");
        assert_eq!(told(&spread(1, 1)), "1 pair");
        assert_eq!(told(&spread(4_950, 4_950)), "all 4,950 pairs");
        assert_eq!(
            told(&spread(4_999_950_000, 500_000)),
            "500,000 of 4,999,950,000 pairs, drawn at random"
        );
    }
}
