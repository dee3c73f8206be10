//! Two items side by side: which sentences say the same thing, and what each pair adds to the score.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::embedded::Items;
use super::settings::Level;
use crate::analysis::{Explanation, Parts, Piece, SentenceMatch, explain, strongest_matches};
use crate::embed::{EmbedError, Embedder, TokenVectors};
use crate::progress::{Cancelled, Progress};
use crate::text::{sentences, shared_words};
use crate::vectors::Embeddings;

/// Sentences less alike than this are not marked as matching.
pub const MATCH_THRESHOLD: f32 = 0.4;

/// Two items, sentence by sentence.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Left and right item.
    pub pair: (usize, usize),
    /// Their cosine.
    pub score: f32,
    /// Bytes of each sentence in the left text.
    pub left: Vec<Range<usize>>,
    /// Bytes of each sentence in the right text.
    pub right: Vec<Range<usize>>,
    /// Cosines of the sentences, embedded one by one, shape `(left sentences, right sentences)`.
    pub cosines: Array2<f32>,
    /// Sentences that say the same thing, strongest first.
    pub matches: Vec<SentenceMatch>,
    /// What each pair of sentences contributes to the score.
    pub explanation: Explanation,
    /// What each pair of sentences contributes beyond what all items share: to (u − μ) · (v − μ),
    /// where μ is the mean of all items. `None` for fewer than three items, whose mean tells
    /// nothing but how far apart they are.
    pub relative: Option<Explanation>,
    /// The share of words that both texts use, 0 to 1, and that of each match.
    pub shared_words: (f32, Vec<f32>),
    /// For each left sentence the cosine without it, and for each right one.
    pub without: (Vec<f32>, Vec<f32>),
}

impl Comparison {
    /// What a left and a right sentence contribute to the score.
    pub fn contribution(&self, left: usize, right: usize) -> f32 {
        self.explanation.contributions[[left, right]]
    }
}

/// Compares two items sentence by sentence.
///
/// # Errors
/// As [`Embedder::embed`].
pub(super) fn compare(
    items: Items<'_>,
    pair: (usize, usize),
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Comparison, EmbedError> {
    let (left_text, right_text) = (items.text(pair.0), items.text(pair.1));
    let (left, right) = (sentences(left_text), sentences(right_text));
    let texts: Vec<&str> = left
        .iter()
        .map(|range| &left_text[range.clone()])
        .chain(right.iter().map(|range| &right_text[range.clone()]))
        .collect();
    let vectors = Embeddings::normalized(model.embed(&texts, progress)?);
    let (of_left, of_right) = vectors.view().split_at(Axis(0), left.len());
    let cosines: Array2<f32> = of_left.dot(&of_right.t());
    let parts = (
        parts(items, pair.0, &left, of_left, model, progress)?,
        parts(items, pair.1, &right, of_right, model, progress)?,
    );
    let matches = strongest_matches(&cosines, MATCH_THRESHOLD);
    let of_match = |found: &SentenceMatch| {
        let (left, right) = (left[found.left].clone(), right[found.right].clone());
        shared_words(&left_text[left], &right_text[right])
    };
    Ok(Comparison {
        pair,
        score: items.embeddings().cosine(pair.0, pair.1),
        shared_words: (
            shared_words(left_text, right_text),
            matches.iter().map(of_match).collect(),
        ),
        matches,
        explanation: explain(&parts.0, &parts.1, progress)?,
        left,
        right,
        cosines,
        relative: relative_to_corpus(items.embeddings(), &parts, progress)?,
        without: (
            parts.0.without(items.embeddings().row(pair.1)),
            parts.1.without(items.embeddings().row(pair.0)),
        ),
    })
}

fn relative_to_corpus(
    embeddings: &Embeddings,
    (left, right): &(Parts, Parts),
    progress: &Progress,
) -> Result<Option<Explanation>, Cancelled> {
    let mean = embeddings.view().mean_axis(Axis(0));
    let Some(mean) = mean.filter(|_| embeddings.n() > 2) else {
        return Ok(None);
    };
    let (left, right) = (
        left.relative_to(mean.view()),
        right.relative_to(mean.view()),
    );
    explain(&left, &right, progress).map(Some)
}

/// An item's vector as a sum over its sentences, which are given too: bytes of the item's text. To
/// be explained against another item, or against a cluster's center as [`Parts::single`].
///
/// # Errors
/// As [`Embedder::embed`].
pub(super) fn item_parts(
    items: Items<'_>,
    item: usize,
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<(Vec<Range<usize>>, Parts), EmbedError> {
    let text = items.text(item);
    let ranges = sentences(text);
    if let Some(parts) = exact_parts(items, item, &ranges, model, progress)? {
        return Ok((ranges, parts));
    }
    let texts: Vec<&str> = ranges.iter().map(|range| &text[range.clone()]).collect();
    let vectors = Embeddings::normalized(model.embed(&texts, progress)?);
    let parts = approximate_parts(items, item, &ranges, vectors.view(), model);
    Ok((ranges, parts))
}

/// As [`item_parts`], where the sentences' own vectors are known.
fn parts(
    items: Items<'_>,
    item: usize,
    sentences: &[Range<usize>],
    vectors: ArrayView2<'_, f32>,
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Parts, EmbedError> {
    let exact = exact_parts(items, item, sentences, model, progress)?;
    Ok(exact.unwrap_or_else(|| approximate_parts(items, item, sentences, vectors, model)))
}

/// `None` when the model's vectors are no sums over tokens.
///
/// Passages are read again, since their token vectors are too many to keep; all else is the sum
/// that made the item's vector.
fn exact_parts(
    items: Items<'_>,
    item: usize,
    sentences: &[Range<usize>],
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Option<Parts>, EmbedError> {
    let embedded = items.embedded();
    let passages = &embedded.passages.list[items.passages_of(item)];
    let text = items.text(item);
    let start = match items.level() {
        Level::Documents => 0,
        Level::Passages => passages[0].range.start,
    };
    progress.step("Reading token by token", passages.len());
    let pieces = passages
        .par_iter()
        .map(|passage| {
            let range = passage.range.start - start..passage.range.end - start;
            let tokens = model.tokens(&text[range.clone()], progress)?;
            progress.advance(1)?;
            Ok(tokens.map(|tokens| {
                let (first, parts) = passage_parts(&tokens, range, sentences);
                // The weight of a passage in its document's vector.
                let weight = passage.n_tokens.max(1) as f32;
                Piece {
                    first,
                    weight,
                    parts,
                }
            }))
        })
        .collect::<Result<Option<Vec<Piece>>, EmbedError>>()?;
    let whole = items.embeddings().row(item);
    Ok(pieces.map(|pieces| Parts::joined(sentences.len(), whole.len(), &pieces).summing_to(whole)))
}

/// The first sentence of a passage, and its parts from there on. A token belongs to the sentence
/// that it begins in.
fn passage_parts(
    tokens: &TokenVectors,
    passage: Range<usize>,
    sentences: &[Range<usize>],
) -> (usize, Parts) {
    // Sentences tile the text, so there is one that holds a place, unless there is none at all.
    let holding = |place: usize| {
        let n_begun = sentences.partition_point(|sentence| sentence.start <= place);
        n_begun.saturating_sub(1)
    };
    let first = holding(passage.start);
    let last = holding(passage.end.saturating_sub(1)).max(first);
    let n_sentences = (last + 1 - first).min(sentences.len());
    let sentence_of: Vec<Option<usize>> = tokens
        .ranges
        .iter()
        .map(|range| {
            let place = passage.start + range.as_ref()?.start;
            let sentence = holding(place).clamp(first, last) - first;
            (sentence < n_sentences).then_some(sentence)
        })
        .collect();
    let parts = Parts::of_tokens(tokens.vectors.view(), &sentence_of, n_sentences);
    (first, parts)
}

fn approximate_parts(
    items: Items<'_>,
    item: usize,
    sentences: &[Range<usize>],
    vectors: ArrayView2<'_, f32>,
    model: &dyn Embedder,
) -> Parts {
    let text = items.text(item);
    let n_tokens = |range: &Range<usize>| model.n_tokens(&text[range.clone()]).max(1);
    let n_tokens: Vec<usize> = sentences.iter().map(n_tokens).collect();
    Parts::approximate(items.embeddings().row(item), vectors, &n_tokens)
}
