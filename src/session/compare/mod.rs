//! Two texts side by side: which sentences say the same thing, and what each pair adds to the score.
//!
//! The left one is an item. The right one is another, or text that was pasted and is no document, or
//! a cluster: its center is the sum of its members, scaled, so that each member takes the place of a
//! sentence, and the contributions add up as ever.

mod cluster;
mod reading;
mod reasons;

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, Axis};

use super::embedded::{Embedded, Items};
use super::selection::Selection;
use super::settings::Level;
use super::work::{Clusters, Failure};
use crate::analysis::{Explanation, Parts, SentenceMatch, explain, strongest_matches};
use crate::embed::{EmbedError, Embedder};
use crate::progress::{Cancelled, Progress};
use crate::text::shared_words;
use crate::vectors::Embeddings;
use cluster::compare_with_cluster;
use reading::Reading;

pub use cluster::ClusterSide;
pub use reasons::{Rank, Reasons};

/// Sentences less alike than this are not marked as matching.
pub const MATCH_THRESHOLD: f32 = 0.4;

/// What an item is compared with when that is no item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beside {
    /// Text that was pasted. It is embedded for this, and becomes no document.
    Text(Arc<str>),
    /// The cluster that the item is in, or the nearest for an item in none.
    Cluster,
}

/// Two texts, sentence by sentence.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Left and right item; with something beside it, the left one alone counts.
    pub pair: (usize, usize),
    /// What stands on the right when that is no item.
    pub beside: Option<Beside>,
    /// Which cluster that is, when it is one.
    pub cluster: Option<ClusterSide>,
    /// Their cosine.
    pub score: f32,
    /// The right text; of a cluster the titles of its members, each on a line.
    pub right_text: Arc<str>,
    /// Bytes of each sentence in the left text.
    pub left: Vec<Range<usize>>,
    /// Bytes of each sentence in the right text; of a cluster those of each line.
    pub right: Vec<Range<usize>>,
    /// Cosines of the sentences, embedded one by one, shape `(left sentences, right sentences)`; of
    /// a cluster there are none.
    pub cosines: Array2<f32>,
    /// Sentences that say the same thing, strongest first; of a cluster there are none.
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
    /// Numbers that say why the score is what it is; of a cluster there are none.
    pub reasons: Option<Reasons>,
}

impl Comparison {
    /// What a left and a right sentence contribute to the score.
    pub fn contribution(&self, left: usize, right: usize) -> f32 {
        self.explanation.contributions[[left, right]]
    }

    /// Whether this is what is asked for.
    pub(super) fn is_of(&self, selection: &Selection) -> bool {
        let is_pair = |(left, right)| {
            let is_right = self.beside.is_some() || self.pair.1 == right;
            self.pair.0 == left && is_right
        };
        self.beside == selection.beside && selection.compared.is_some_and(is_pair)
    }
}

/// What stands on the right, with all that it takes to compare with it.
pub(super) enum Opposite {
    Item(usize),
    Text(Arc<str>),
    Cluster(Arc<Clusters>),
}

/// What is to be compared.
pub(super) struct Comparing {
    pub embedded: Arc<Embedded>,
    pub level: Level,
    pub left: usize,
    pub right: Opposite,
    pub model: Arc<dyn Embedder>,
}

impl Comparing {
    /// Compares.
    pub fn run(self, progress: &Progress) -> Result<Comparison, Failure> {
        let (items, left) = (Items::new(&self.embedded, self.level), self.left);
        let model = &*self.model;
        match self.right {
            Opposite::Item(right) => Ok(compare(items, (left, right), model, progress)?),
            Opposite::Text(text) => Ok(compare_with_text(items, left, &text, model, progress)?),
            Opposite::Cluster(clusters) => {
                compare_with_cluster(items, left, &clusters, model, progress)?
                    .ok_or_else(|| Failure::told("There are no clusters to compare with."))
            }
        }
    }
}

/// Compares two items sentence by sentence.
///
/// # Errors
/// As [`Embedder::embed`].
fn compare(
    items: Items<'_>,
    pair: (usize, usize),
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Comparison, EmbedError> {
    let left = Reading::of_item(items, pair.0);
    let right = Reading::of_item(items, pair.1);
    let compared = compare_readings(items, &left, &right, model, progress)?;
    let languages = [pair.0, pair.1].map(|item| items.document(item).language);
    let languages = languages.map(|language| language.map(|language| language.code));
    let mut reasons = Reasons::new(&left, &right, languages, &compared, progress)?;
    reasons.ranks.0 = Some(Rank::of(items, pair.0, Some(pair.1), compared.score));
    reasons.ranks.1 = Some(Rank::of(items, pair.1, Some(pair.0), compared.score));
    Ok(Comparison {
        pair,
        score: items.embeddings().cosine(pair.0, pair.1),
        reasons: Some(reasons),
        ..compared
    })
}

/// Compares an item with text that is none.
///
/// # Errors
/// As [`Embedder::embed`].
fn compare_with_text(
    items: Items<'_>,
    item: usize,
    text: &Arc<str>,
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Comparison, EmbedError> {
    let left = Reading::of_item(items, item);
    let right = Reading::of_text(text, model, progress)?;
    let compared = compare_readings(items, &left, &right, model, progress)?;
    let language = items.document(item).language.map(|language| language.code);
    let mut reasons = Reasons::new(&left, &right, [language, None], &compared, progress)?;
    reasons.ranks.1 = Some(Rank::from_vector(
        items,
        right.whole.view(),
        item,
        compared.score,
    ));
    Ok(Comparison {
        pair: (item, item),
        beside: Some(Beside::Text(text.clone())),
        reasons: Some(reasons),
        ..compared
    })
}

fn compare_readings(
    items: Items<'_>,
    left: &Reading<'_>,
    right: &Reading<'_>,
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Comparison, EmbedError> {
    let texts = [left.sentence_texts(), right.sentence_texts()].concat();
    let vectors = Embeddings::normalized(model.embed(&texts, progress)?);
    let (of_left, of_right) = vectors.view().split_at(Axis(0), left.sentences.len());
    let cosines: Array2<f32> = of_left.dot(&of_right.t());
    let parts = (
        left.parts(of_left, model, progress)?,
        right.parts(of_right, model, progress)?,
    );
    let matches = strongest_matches(&cosines, MATCH_THRESHOLD);
    let of_match = |found: &SentenceMatch| {
        let (left_at, right_at) = (&left.sentences[found.left], &right.sentences[found.right]);
        shared_words(&left.text[left_at.clone()], &right.text[right_at.clone()])
    };
    Ok(Comparison {
        score: left.whole.dot(&right.whole),
        right_text: right.text.into(),
        shared_words: (
            shared_words(left.text, right.text),
            matches.iter().map(of_match).collect(),
        ),
        matches,
        explanation: explain(&parts.0, &parts.1, progress)?,
        left: left.sentences.clone(),
        right: right.sentences.clone(),
        cosines,
        relative: relative_to_corpus(items.embeddings(), &parts, progress)?,
        without: (
            parts.0.without(right.whole.view()),
            parts.1.without(left.whole.view()),
        ),
        ..Comparison::default()
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
    let reading = Reading::of_item(items, item);
    if let Some(parts) = reading.exact_parts(model, progress)? {
        return Ok((reading.sentences, parts));
    }
    let vectors = Embeddings::normalized(model.embed(&reading.sentence_texts(), progress)?);
    let parts = reading.parts(vectors.view(), model, progress)?;
    Ok((reading.sentences, parts))
}
