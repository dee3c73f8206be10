//! Numbers that say why a score is as low, or as high, as it is. Nothing here is a guess: each is
//! counted from the two texts, their passages, or all other items.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use super::reading::Reading;
use super::{Comparison, MATCH_THRESHOLD};
use crate::analysis::{Clustering, keywords, scores};
use crate::progress::{Cancelled, Progress};
use crate::session::embedded::Items;
use crate::text::common_words;

/// Words that are named for each side.
const N_WORDS: usize = 5;

/// Counts of a comparison; pairs are those of the left and of the right text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reasons {
    /// Distinct words that stand in both texts.
    pub n_common_words: usize,
    /// Distinct words of both texts together.
    pub n_words: usize,
    /// Words that set each text apart and that the other lacks, strongest first.
    pub own_words: (Vec<String>, Vec<String>),
    /// Sentences that have no like in the other text, see [`MATCH_THRESHOLD`].
    pub n_unmatched: (usize, usize),
    /// What pairs of sentences with a negative contribution take off the score; 0 or less.
    pub against: f32,
    /// Passages of each.
    pub n_passages: (usize, usize),
    /// Tokens of each that the model read.
    pub n_tokens: (usize, usize),
    /// The share of each text that stands in passages, and was therefore read, 0 to 1.
    pub covered: (f32, f32),
    /// The highest cosine of a passage of one and a passage of the other.
    pub nearest_passages: f32,
    /// How the score stands among those of all other items; `None` for text that is no item.
    pub ranks: (Option<Rank>, Option<Rank>),
}

/// How near a text is to another, among all items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    /// Items that are nearer.
    pub n_nearer: usize,
    /// Items that were looked at, the compared one included.
    pub n: usize,
    /// The cosine that half of them have, or more.
    pub median: f32,
}

impl Reasons {
    /// Counts what follows from the two texts. `languages` are ISO 639-3 codes.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped; checked once per passage.
    pub fn new(
        left: &Reading<'_>,
        right: &Reading<'_>,
        languages: [Option<&str>; 2],
        compared: &Comparison,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let (n_common_words, n_words) = common_words(left.text, right.text);
        Ok(Self {
            n_common_words,
            n_words,
            own_words: own_words([left.text, right.text], languages),
            n_unmatched: (
                n_unmatched(compared.cosines.view()),
                n_unmatched(compared.cosines.t()),
            ),
            against: compared.explanation.against(),
            n_passages: (left.passages.len(), right.passages.len()),
            n_tokens: (left.n_tokens(), right.n_tokens()),
            covered: (covered(left), covered(right)),
            nearest_passages: nearest_passages(left, right, progress)?,
            ranks: (None, None),
        })
    }
}

/// Rows whose highest cosine is no match.
fn n_unmatched(cosines: ArrayView2<'_, f32>) -> usize {
    let rows = cosines.rows().into_iter();
    let is_alone = |row: &ArrayView1<'_, f32>| row.iter().all(|cosine| *cosine < MATCH_THRESHOLD);
    rows.filter(is_alone).count()
}

fn own_words(texts: [&str; 2], languages: [Option<&str>; 2]) -> (Vec<String>, Vec<String>) {
    let apart = Clustering::whole(vec![0, 1], Array2::zeros((2, 1)));
    let mut words = keywords(&texts, &languages, &apart, 2 * N_WORDS).into_iter();
    let mut own = |other: &str| {
        let other = other.to_lowercase();
        let words = words.next().unwrap_or_default().into_iter();
        let own = words.filter(|word| !other.contains(&word.to_lowercase()));
        own.take(N_WORDS).collect::<Vec<_>>()
    };
    (own(texts[1]), own(texts[0]))
}

fn covered(reading: &Reading<'_>) -> f32 {
    let read: usize = reading.passages.iter().map(|(range, _)| range.len()).sum();
    read as f32 / reading.text.len().max(1) as f32
}

fn nearest_passages(
    left: &Reading<'_>,
    right: &Reading<'_>,
    progress: &Progress,
) -> Result<f32, Cancelled> {
    let rows = left.passage_vectors.view();
    progress.step("Comparing passages", rows.nrows());
    let mut nearest = -1.0_f32;
    for row in rows.axis_iter(Axis(0)) {
        let cosines = scores(&right.passage_vectors, row);
        nearest = cosines.into_iter().fold(nearest, f32::max);
        progress.advance(1)?;
    }
    Ok(nearest)
}

impl Rank {
    /// The place of a score between `item` and `other` among all scores of `item`.
    pub fn of(items: Items<'_>, item: usize, other: Option<usize>, score: f32) -> Self {
        let scores = scores(items.embeddings(), items.embeddings().row(item));
        Self::among(&scores, &[Some(item), other], score)
    }

    /// The place of the score of `item` among all scores of a vector that is no item's.
    pub fn from_vector(
        items: Items<'_>,
        vector: ArrayView1<'_, f32>,
        item: usize,
        score: f32,
    ) -> Self {
        Self::among(
            &scores(items.embeddings(), vector),
            &[None, Some(item)],
            score,
        )
    }

    /// `skipped` are the item itself, which is not looked at, and the one whose score it is.
    fn among(scores: &[f32], [itself, other]: &[Option<usize>; 2], score: f32) -> Self {
        let items = scores.iter().enumerate();
        let mut looked_at: Vec<(usize, f32)> = items
            .map(|(item, score)| (item, *score))
            .filter(|(item, _)| Some(*item) != *itself)
            .collect();
        let is_nearer = |(item, cosine): &&(usize, f32)| Some(*item) != *other && *cosine > score;
        let n_nearer = looked_at.iter().filter(is_nearer).count();
        let n = looked_at.len();
        let median = match n {
            0 => score,
            n => {
                let (_, (_, median), _) =
                    looked_at.select_nth_unstable_by(n / 2, |a, b| b.1.total_cmp(&a.1));
                *median
            }
        };
        Self {
            n_nearer,
            n,
            median,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_score_has_a_place_among_all() {
        let scores = [1.0, 0.9, 0.2, 0.5, 0.1];
        let rank = Rank::among(&scores, &[Some(0), Some(3)], 0.5);
        assert_eq!((rank.n_nearer, rank.n), (1, 4));
        assert!((rank.median - 0.2).abs() < 1e-6);
        let rank = Rank::among(&[1.0], &[Some(0), None], 1.0);
        assert_eq!((rank.n_nearer, rank.n), (0, 0));
    }

    #[test]
    fn sentences_without_a_like_are_counted_on_both_sides() {
        let cosines = array![[0.9, 0.1, 0.2], [0.3, 0.2, 0.39]];
        assert_eq!(n_unmatched(cosines.view()), 1);
        assert_eq!(n_unmatched(cosines.t()), 2);
    }

    #[test]
    fn own_words_are_those_that_the_other_lacks() {
        let texts = [
            "The harbour at low tide. Boats in the harbour.",
            "Bread needs a hot oven. Bread and boats.",
        ];
        let (left, right) = own_words(texts, [Some("eng"), Some("eng")]);
        assert!(left.contains(&"harbour".into()) && !left.contains(&"boats".into()));
        assert!(right.contains(&"bread".into()) && !right.contains(&"boats".into()));
    }
}
