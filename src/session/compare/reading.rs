//! A text as the model read it: an item, or text that was pasted and is none.

use std::ops::Range;

use ndarray::{Array1, ArrayView2};
use rayon::prelude::*;

use crate::analysis::{Parts, Piece};
use crate::embed::{EmbedError, Embedder, TokenVectors};
use crate::progress::Progress;
use crate::session::embedded::{Items, document_vectors};
use crate::session::settings::Level;
use crate::text::{Passages, passages, sentences};
use crate::vectors::Embeddings;

/// A text, its passages and its vectors.
pub struct Reading<'a> {
    /// The whole text.
    pub text: &'a str,
    /// Bytes of each sentence.
    pub sentences: Vec<Range<usize>>,
    /// Bytes and tokens of each passage.
    pub passages: Vec<(Range<usize>, usize)>,
    /// One row per passage.
    pub passage_vectors: Embeddings,
    /// The vector that scores are made from, shape `(d)`.
    pub whole: Array1<f32>,
}

impl<'a> Reading<'a> {
    /// An item, as it was read when it was embedded.
    pub fn of_item(items: Items<'a>, item: usize) -> Self {
        let (embedded, text) = (items.embedded(), items.text(item));
        let of_item: Vec<usize> = items.passages_of(item).collect();
        let list = of_item.iter().map(|at| &embedded.passages.list[*at]);
        let start = match items.level() {
            Level::Documents => 0,
            Level::Passages => embedded.passages.list[item].range.start,
        };
        Self {
            text,
            sentences: sentences(text),
            passages: list
                .map(|passage| {
                    let range = passage.range.start - start..passage.range.end - start;
                    (range, passage.n_tokens)
                })
                .collect(),
            passage_vectors: embedded.passage_vectors.select(&of_item),
            whole: items.embeddings().row(item).to_owned(),
        }
    }

    /// Text that is no item, read by the model in the way in which documents are.
    ///
    /// # Errors
    /// As [`Embedder::embed`].
    pub fn of_text(
        text: &'a str,
        model: &dyn Embedder,
        progress: &Progress,
    ) -> Result<Self, EmbedError> {
        let n_tokens = |text: &str| model.n_tokens(text);
        let found = passages(text, model.max_text_tokens(), &n_tokens);
        let texts: Vec<&str> = found
            .iter()
            .map(|(range, _)| &text[range.clone()])
            .collect();
        let passage_vectors = Embeddings::normalized(model.embed(&texts, progress)?);
        let mut of_one = Passages::default();
        of_one.push_document(found.clone());
        let whole = document_vectors(&of_one, &passage_vectors)
            .row(0)
            .to_owned();
        Ok(Self {
            text,
            sentences: sentences(text),
            passages: found,
            passage_vectors,
            whole,
        })
    }

    /// The text of each sentence.
    pub fn sentence_texts(&self) -> Vec<&'a str> {
        let ranges = self.sentences.iter();
        ranges.map(|range| &self.text[range.clone()]).collect()
    }

    /// Tokens of all passages.
    pub fn n_tokens(&self) -> usize {
        self.passages.iter().map(|(_, n_tokens)| n_tokens).sum()
    }

    /// The vector as a sum over the sentences, whose own vectors, embedded one by one, are `alone`.
    ///
    /// # Errors
    /// As [`Embedder::embed`].
    pub fn parts(
        &self,
        alone: ArrayView2<'_, f32>,
        model: &dyn Embedder,
        progress: &Progress,
    ) -> Result<Parts, EmbedError> {
        if let Some(parts) = self.exact_parts(model, progress)? {
            return Ok(parts);
        }
        let texts = self.sentence_texts();
        let n_tokens = texts.iter().map(|text| model.n_tokens(text).max(1));
        let n_tokens: Vec<usize> = n_tokens.collect();
        Ok(Parts::approximate(self.whole.view(), alone, &n_tokens))
    }

    /// `None` when the model's vectors are no sums over tokens.
    ///
    /// Passages are read again, since their token vectors are too many to keep; all else is the sum
    /// that made the text's vector.
    ///
    /// # Errors
    /// As [`Embedder::embed`].
    pub fn exact_parts(
        &self,
        model: &dyn Embedder,
        progress: &Progress,
    ) -> Result<Option<Parts>, EmbedError> {
        progress.step("Reading token by token", self.passages.len());
        let pieces = self
            .passages
            .par_iter()
            .map(|(range, n_tokens)| {
                let tokens = model.tokens(&self.text[range.clone()], progress)?;
                progress.advance(1)?;
                Ok(tokens.map(|tokens| {
                    let (first, parts) = passage_parts(&tokens, range.clone(), &self.sentences);
                    // The weight of a passage in its document's vector.
                    let weight = (*n_tokens).max(1) as f32;
                    Piece {
                        first,
                        weight,
                        parts,
                    }
                }))
            })
            .collect::<Result<Option<Vec<Piece>>, EmbedError>>()?;
        let whole = self.whole.view();
        let joined = |pieces: Vec<Piece>| Parts::joined(self.sentences.len(), whole.len(), &pieces);
        Ok(pieces.map(|pieces| joined(pieces).summing_to(whole)))
    }
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
