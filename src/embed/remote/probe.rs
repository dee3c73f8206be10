//! Finds out what a destination does with three sentences that are nobody's, before it gets a text
//! that is somebody's.

use std::sync::{Arc, Mutex, PoisonError};

use ndarray::Array2;

use super::batches::AnswerSize;
use super::beginning;
use super::http::{Client, Reply};
use super::run::{Job, RunError, RunRule, run};
use crate::embed::wire::{Form, got, sent};
use crate::embed::{EmbedError, Embedder};
use crate::progress::Progress;
use crate::vectors::Embeddings;

/// From this cosine on between its vectors and ours, a model is the same as ours.
const SAME_MODEL: f32 = 0.999;

/// A short one and one in another script. The third, of [`long`], is longer than any model here reads.
const SENTENCES: [&str; 2] = [
    "The tide is low at noon.",
    "潮は正午に引く。 Ebbe um zwölf Uhr.",
];

/// Over 256 tokens, so that it shows where a server cuts.
fn long() -> String {
    let chapters = (1..=30).map(|n| format!("Chapter {n} tells how the lighthouse was built. "));
    chapters.collect()
}

/// The sentences that are nobody's.
pub fn test_sentences() -> [String; 3] {
    [SENTENCES[0].into(), SENTENCES[1].into(), long()]
}

/// What a destination does.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What its answers take.
    pub answer: AnswerSize,
    /// The lowest cosine to the vectors of the model on this computer, if they are of one length.
    pub to_local: Option<f32>,
    /// Whether vectors had length 1 as they came.
    pub is_normalized: bool,
    /// Requests that it took.
    pub n_calls: u64,
}

impl Found {
    /// Whether it has the same model as this computer.
    pub fn is_same_model(&self) -> bool {
        self.to_local.is_some_and(|cosine| cosine >= SAME_MODEL)
    }
}

/// Why nothing else is sent.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No vectors came.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The model on this computer failed.
    #[error(transparent)]
    Local(#[from] EmbedError),
    /// Vectors that are all zeros or all alike are none.
    #[error("the server gave the same vector for different sentences; it holds no model for texts")]
    Blind,
    /// It was to be the same model as here, and is another.
    #[error(
        "the server has another model than all-MiniLM-L6-v2, or cuts or pools texts otherwise: the \
         vectors of the test sentences have {} to those of this computer",
        cosine.map_or_else(|| "another length".into(), |cosine| format!("a cosine of {cosine:.4}"))
    )]
    OtherModel {
        /// The lowest cosine.
        cosine: Option<f32>,
    },
}

/// Sends the sentences, cut as texts will be, and compares what comes with the model on this
/// computer.
///
/// # Errors
/// [`ProbeError`]; [`ProbeError::OtherModel`] only where the destination `must_match`.
pub fn probe(
    client: &Arc<Client>,
    form: &Form,
    local: &dyn Embedder,
    must_match: bool,
    rule: &RunRule,
    progress: &Progress,
) -> Result<Found, ProbeError> {
    let sentences = test_sentences();
    let texts = sentences
        .each_ref()
        .map(|sentence| beginning(local, sentence));
    let rows = Mutex::new(Array2::zeros((0, 0)));
    // One by one, since it is not known yet what an answer takes.
    let job = Job {
        texts: &texts,
        batches: (0..texts.len()).map(|text| vec![text]).collect(),
        form: form.clone(),
        dimension: None,
        note: None,
    };
    let (tally, result) = run(client, job, rule, progress, &|batch, vectors| {
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.is_empty() {
            *rows = Array2::zeros((texts.len(), vectors.ncols()));
        }
        for (text, vector) in batch.iter().zip(vectors.rows()) {
            rows.row_mut(*text).assign(&vector);
        }
    });
    result?;
    let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    let differs = |a: usize, b: usize| rows.row(a).dot(&rows.row(b)) < 0.9999;
    if !(differs(0, 1) && differs(0, 2) && differs(1, 2)) {
        return Err(ProbeError::Blind);
    }
    let ours = Embeddings::normalized(local.embed(&texts, progress)?).into_rows();
    let to_local = (ours.ncols() == rows.ncols()).then(|| {
        let cosines = ours.rows().into_iter().zip(rows.rows());
        cosines.map(|(a, b)| a.dot(&b)).fold(1.0, f32::min)
    });
    let (is_token_level, is_normalized) = form_of_answers(client, form);
    let found = Found {
        answer: AnswerSize {
            dimension: rows.ncols(),
            is_token_level,
        },
        to_local,
        is_normalized,
        n_calls: tally.n_calls + 1,
    };
    if must_match && !found.is_same_model() {
        Err(ProbeError::OtherModel { cosine: to_local })
    } else {
        Ok(found)
    }
}

/// Whether answers have a vector for each token, and whether their vectors have length 1. When this
/// request goes wrong, the careful guess is taken.
fn form_of_answers(client: &Client, form: &Form) -> (bool, bool) {
    let answer = client.post(&sent(form, &SENTENCES[..1]));
    let Ok(Reply::Answered(answer)) = answer else {
        return (true, false);
    };
    let Ok(got) = got(&answer, 1) else {
        return (true, false);
    };
    let length = got.rows.row(0).dot(&got.rows.row(0)).sqrt();
    (got.is_token_level, (length - 1.0).abs() < 1e-3)
}
