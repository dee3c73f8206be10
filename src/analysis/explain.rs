//! What each sentence of two texts contributes to their score.
//!
//! A text's vector is the length-1 mean of its token vectors (of a long text, the length-1 sum of
//! its passages' vectors), so it is a sum of one vector per sentence, and the cosine of two texts is
//! a sum over pairs of sentences: `u · v = Σₐ Σ_b pₐ · q_b`. Nothing is estimated; what belongs to no
//! sentence, the model's own tokens, stands in a last part, the residual. Moeller et al. 2023 ("An
//! attribution method for Siamese encoders") and Vasileiou and Eberle 2024 ("Explaining text
//! similarity in transformer models") explain the same scores by pairs of tokens and go on through
//! the layers below, which takes an attribution method and its assumptions; here it ends at the last
//! layer, where the sum is exact.
//!
//! A contribution is no cause. Every token vector has read its whole passage, so a sentence also
//! carries what its neighbors say, and without it those would have other vectors. Only embedding the
//! text anew without the sentence shows that; [`Parts::without`] is arithmetic on what is there.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::BLOCK_ROWS;
use super::product::products;
use crate::progress::{Cancelled, Progress};

/// The most that may be missing to a vector for its parts to count as exact, as a length: rounding,
/// and differences between instruction sets.
const ROUNDING: f64 = 1e-4;

/// A text's vector as a sum of vectors, one per sentence, and the residual.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parts {
    /// Shape `(sentences + 1, d)`, the residual last. The rows sum to the text's vector.
    pub vectors: Array2<f32>,
    /// The share of the text that each part is, by tokens, shape `(sentences + 1)`; sums to 1, or
    /// to 0 for a text without tokens.
    pub weights: Array1<f32>,
    /// Whether the sentences' rows are what the model itself adds up.
    pub is_exact: bool,
}

/// Some sentences of a longer text.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The longer text's sentence that is this piece's first.
    pub first: usize,
    /// How much the piece weighs in the sum.
    pub weight: f32,
    /// Its own parts.
    pub parts: Parts,
}

impl Parts {
    /// The length-1 mean of token vectors, shape `(tokens, d)`, parted into what each of
    /// `n_sentences` sentences adds to it; tokens of no sentence are the residual.
    pub fn of_tokens(
        tokens: ArrayView2<'_, f32>,
        sentence_of: &[Option<usize>],
        n_sentences: usize,
    ) -> Self {
        let mut parts = Self::empty(n_sentences, tokens.ncols());
        let share = 1.0 / tokens.nrows().max(1) as f32;
        for (token, sentence) in tokens.rows().into_iter().zip(sentence_of) {
            let part = sentence.unwrap_or(n_sentences);
            parts.vectors.row_mut(part).scaled_add(share, &token);
            parts.weights[part] += share;
        }
        parts.with_length_one()
    }

    /// The length-1 sum of weighted pieces. A sentence that several pieces share is one part.
    pub fn joined(n_sentences: usize, dim: usize, pieces: &[Piece]) -> Self {
        let mut parts = Self::empty(n_sentences, dim);
        let total: f32 = pieces.iter().map(|piece| piece.weight).sum();
        for Piece {
            first,
            weight,
            parts: of_piece,
        } in pieces
        {
            let n = of_piece.n_sentences();
            for from in 0..=n {
                let to = if from == n { n_sentences } else { first + from };
                let mut row = parts.vectors.row_mut(to);
                row.scaled_add(*weight, &of_piece.vectors.row(from));
                parts.weights[to] += weight / total * of_piece.weights[from];
            }
            parts.is_exact &= of_piece.is_exact;
        }
        parts.with_length_one()
    }

    /// For a model whose vectors are no sum over tokens: sentences embedded one by one, rows of
    /// length 1 and shape `(sentences, d)`, stand for what they add to the whole text's vector.
    ///
    /// They are weighted by their tokens and scaled together, so that they leave the shortest
    /// residual that they can. The residual holds what they do not say one by one: their context.
    pub fn approximate(
        whole: ArrayView1<'_, f32>,
        sentences: ArrayView2<'_, f32>,
        n_tokens: &[usize],
    ) -> Self {
        let n = sentences.nrows();
        let mut parts = Self::empty(n, whole.len());
        let total: usize = n_tokens.iter().sum();
        for (at, (sentence, n_tokens)) in sentences.rows().into_iter().zip(n_tokens).enumerate() {
            parts.weights[at] = *n_tokens as f32 / total.max(1) as f32;
            parts.vectors.row_mut(at).assign(&sentence);
            parts
                .vectors
                .row_mut(at)
                .mapv_inplace(|x| x * *n_tokens as f32);
        }
        let mut parts = parts.with_length_one();
        // Sentences that point away from their text explain nothing of it.
        let scale = parts.sum().dot(&whole).max(0.0);
        parts.vectors.mapv_inplace(|x| x * scale);
        let rest = &whole - &parts.sum();
        parts.vectors.row_mut(n).assign(&rest);
        parts.is_exact = false;
        parts
    }

    /// A vector that is not told apart, such as the center of a cluster, as a single part; its
    /// residual is zero.
    pub fn single(vector: ArrayView1<'_, f32>) -> Self {
        let mut parts = Self::empty(1, vector.len());
        parts.vectors.row_mut(0).assign(&vector);
        parts.weights[0] = 1.0;
        parts
    }

    /// Makes the parts sum to `whole`, the vector that scores are made from: what is missing goes
    /// into the residual. That is rounding; if it is more, the parts are exact no longer.
    pub fn summing_to(mut self, whole: ArrayView1<'_, f32>) -> Self {
        let missing = &whole - &self.sum();
        self.is_exact &= length(missing.view()) <= ROUNDING;
        let mut residual = self.vectors.row_mut(self.weights.len() - 1);
        residual += &missing;
        self
    }

    /// The parts of u − `baseline`: each part pₐ, wₐ of the text by tokens, becomes pₐ − wₐ ·
    /// baseline. With the mean of a corpus as the baseline nothing is left but what sets a text
    /// apart from the others.
    ///
    /// The contributions of two such texts sum to (u − μ) · (v − μ), which is no cosine: neither
    /// vector has length 1. The split of the baseline is a convention, and a fair one: a sentence
    /// that says no more than any text would has a part near 0.
    #[must_use]
    pub fn relative_to(&self, baseline: ArrayView1<'_, f32>) -> Self {
        let mut parts = self.clone();
        for (mut row, weight) in parts.vectors.rows_mut().into_iter().zip(&self.weights) {
            row.scaled_add(-weight, &baseline);
        }
        parts
    }

    /// Number of sentences.
    pub fn n_sentences(&self) -> usize {
        self.weights.len().saturating_sub(1)
    }

    /// The text's vector, shape `(d)`.
    pub fn sum(&self) -> Array1<f32> {
        let sum = self.vectors.mapv(f64::from).sum_axis(Axis(0));
        sum.mapv(|x| x as f32)
    }

    /// For each sentence the cosine to `other`, −1 to 1, when the sentence's tokens are left out of
    /// the sum and the rest is given length 1 again; shape `(sentences)`.
    ///
    /// A check on contributions: where one is large, the cosine should fall without it. The other
    /// tokens keep the vectors and weights that they have; nothing is embedded anew.
    pub fn without(&self, other: ArrayView1<'_, f32>) -> Vec<f32> {
        let whole = self.sum();
        let other_length = length(other);
        let sentences = self.vectors.slice(s![..self.n_sentences(), ..]);
        sentences
            .rows()
            .into_iter()
            .map(|part| {
                let rest = &whole - &part;
                let lengths = length(rest.view()) * other_length;
                if lengths > 0.0 {
                    (dot(rest.view(), other) / lengths) as f32
                } else {
                    0.0
                }
            })
            .collect()
    }

    fn empty(n_sentences: usize, dim: usize) -> Self {
        Self {
            vectors: Array2::zeros((n_sentences + 1, dim)),
            weights: Array1::zeros(n_sentences + 1),
            is_exact: true,
        }
    }

    fn with_length_one(mut self) -> Self {
        let length = length(self.sum().view());
        if length > 0.0 {
            self.vectors
                .mapv_inplace(|x| (f64::from(x) / length) as f32);
        }
        self
    }
}

/// What each pair of sentences contributes to a score.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// Shape `(left sentences + 1, right sentences + 1)`, the residuals last. Sums to the score.
    pub contributions: Array2<f32>,
    /// The score: the cosine, where the parts are those of vectors of length 1.
    pub score: f32,
    /// Whether the model itself adds the score up so, but for rounding. Otherwise sentences stand
    /// in that were embedded one by one, and the residuals hold the difference.
    pub is_exact: bool,
}

/// A pair of sentences and what it adds to the score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contribution {
    /// Sentence of the left text.
    pub left: usize,
    /// Sentence of the right text.
    pub right: usize,
    /// What is added, in the unit of the score; may be negative.
    pub value: f32,
}

/// All dot products of the parts of two texts.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per block of 256 sentences.
pub fn explain(left: &Parts, right: &Parts, progress: &Progress) -> Result<Explanation, Cancelled> {
    let (m, n) = (left.vectors.nrows(), right.vectors.nrows());
    progress.step("Explaining", m.div_ceil(BLOCK_ROWS));
    let mut contributions = Array2::zeros((m, n));
    let numbers = contributions.as_slice_mut().expect("a new array is whole");
    numbers
        .par_chunks_mut(BLOCK_ROWS * n.max(1))
        .enumerate()
        .try_for_each(|(block, out)| {
            let rows = block * BLOCK_ROWS..m.min((block + 1) * BLOCK_ROWS);
            let rows = left.vectors.slice(s![rows, ..]);
            products(rows, right.vectors.view(), out);
            progress.advance(1)
        })?;
    Ok(Explanation {
        contributions,
        score: left.sum().dot(&right.sum()),
        is_exact: left.is_exact && right.is_exact,
    })
}

impl Explanation {
    /// What each left sentence contributes with all of the right text, the residual last.
    pub fn left_totals(&self) -> Vec<f32> {
        totals(self.contributions.rows())
    }

    /// What each right sentence contributes with all of the left text, the residual last.
    pub fn right_totals(&self) -> Vec<f32> {
        totals(self.contributions.columns())
    }

    /// What all pairs of sentences contribute; the rest of the score is the residuals'.
    pub fn of_sentences(&self) -> f32 {
        self.sentences().iter().copied().map(f64::from).sum::<f64>() as f32
    }

    /// What pairs of sentences with a negative contribution take off the score; 0 or less.
    pub fn against(&self) -> f32 {
        let negative = self
            .sentences()
            .iter()
            .fold(0.0, |sum, value| sum + f64::from(value.min(0.0)));
        negative as f32
    }

    /// The pairs of sentences that add most, at most `n`, greatest first; no residual.
    pub fn strongest(&self, n: usize) -> Vec<Contribution> {
        let by_value = |a: &Contribution, b: &Contribution| {
            let places = (a.left, a.right).cmp(&(b.left, b.right));
            b.value.total_cmp(&a.value).then(places)
        };
        // Not all pairs at once: there may be very many.
        let mut best: Vec<Contribution> = Vec::new();
        for (left, row) in self.sentences().rows().into_iter().enumerate() {
            let pairs = row.iter().enumerate();
            best.extend(pairs.map(|(right, value)| Contribution {
                left,
                right,
                value: *value,
            }));
            if best.len() > n {
                best.sort_by(by_value);
                best.truncate(n);
            }
        }
        best.sort_by(by_value);
        best
    }

    fn sentences(&self) -> ArrayView2<'_, f32> {
        let (m, n) = self.contributions.dim();
        self.contributions
            .slice(s![..m.saturating_sub(1), ..n.saturating_sub(1)])
    }
}

fn totals(lines: ndarray::iter::Lanes<'_, f32, ndarray::Ix1>) -> Vec<f32> {
    let lines = lines.into_iter();
    lines
        .map(|line| line.iter().copied().map(f64::from).sum::<f64>() as f32)
        .collect()
}

fn dot(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f64 {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

fn length(row: ArrayView1<'_, f32>) -> f64 {
    dot(row, row).sqrt()
}

#[cfg(test)]
mod tests;
