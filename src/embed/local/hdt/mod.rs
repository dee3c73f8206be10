//! HDT-E, the hierarchical document transformer: one vector for a whole document of thousands of
//! tokens. Experimental, and off until [`SWITCH`] names it.
//!
//! Experimental because the published weights were trained to fill in missing words and not to put
//! like texts side by side, so nobody should expect them to beat a sentence model at that; and
//! because only tiny random weights were tried here, against an implementation of its own in numpy
//! (`tests/fixtures/hdt`).
//!
//! Read [`layout`] first: what the model sees of a document, and which tokens see each other; then
//! [`attention`], which uses that, and [`model`], the layers around it. [`tokenize`] makes layouts
//! of texts, [`weights`] and [`config`] a model of files.

mod attention;
mod config;
mod layout;
mod model;
mod product;
#[cfg(test)]
mod random;
mod tokenize;
mod weights;

use ndarray::Axis;
use rayon::prelude::*;

use self::config::Config;
use self::model::{Model, Threads};
use self::tokenize::{LayoutTokenizer, N_ANCHORS};
use super::files::{FilesError, ModelFiles};
use crate::embed::{Each, EmbedError, Embedder};
use crate::progress::Progress;
use crate::vectors::{ModelTag, Precision, normalize};

/// The environment variable that switches experiments on: names with commas between them.
const SWITCH: &str = "SEMASCOPE_EXPERIMENTAL";
/// The name of this one.
const NAME: &str = "hdt";

/// Bytes from which on a document has all threads to itself: some 2,000 tokens of English. Shorter
/// ones are embedded side by side, a thread to each.
const LONG_BYTES: usize = 8192;

/// A loaded model.
pub struct HdtModel {
    tag: ModelTag,
    tokenizer: LayoutTokenizer,
    model: Model,
    normalizes: bool,
}

/// Opens an HDT, if the experiment is switched on.
///
/// # Errors
/// [`FilesError::Experimental`] when it is not; [`FilesError::Invalid`] as [`HdtModel::new`].
pub fn open(files: &ModelFiles) -> Result<HdtModel, FilesError> {
    let experiments = std::env::var(SWITCH).unwrap_or_default();
    if !is_named(&experiments) {
        return Err(FilesError::Experimental(format!("{SWITCH}={NAME}")));
    }
    HdtModel::new(files)
}

/// Whether the experiments that are switched on include this one.
fn is_named(experiments: &str) -> bool {
    experiments.split(',').any(|name| name.trim() == NAME)
}

impl HdtModel {
    /// Loads the weights, widened to f32.
    ///
    /// # Errors
    /// [`FilesError::Invalid`] when a file asks for what cannot be run, or does not fit the others.
    fn new(files: &ModelFiles) -> Result<Self, FilesError> {
        let config = Config::read(&files.config)?;
        let tokenizer = LayoutTokenizer::new(&files.tokenizer, files.max_tokens)?;
        let model = weights::model(&files.weights, config);
        let model = model.map_err(|error| FilesError::Invalid {
            file: "model.safetensors",
            reason: error.to_string(),
        })?;
        Ok(Self {
            tag: files.tag(config.d, Precision::F32),
            tokenizer,
            model,
            normalizes: files.normalizes,
        })
    }

    /// Embeds one text, and hands its vector on.
    fn run(
        &self,
        texts: &[&str],
        text: usize,
        threads: Threads,
        progress: &Progress,
        each: &Each<'_>,
    ) -> Result<(), EmbedError> {
        progress.check()?;
        let layout = self.tokenizer.layout(texts[text])?;
        let n_words = self.model.words.nrows();
        if layout.ids.iter().any(|id| *id as usize >= n_words) {
            return Err(EmbedError::Vocabulary);
        }
        let hidden = self.model.hidden(&layout, threads, progress)?;
        let mut vector = self.model.pooled(&hidden);
        if self.normalizes {
            normalize(vector.view_mut());
        }
        each(&[text], vector.view().insert_axis(Axis(0)));
        progress.advance(1)?;
        Ok(())
    }
}

impl Embedder for HdtModel {
    fn tag(&self) -> &ModelTag {
        &self.tag
    }

    fn summary(&self) -> String {
        format!("{} · HDT (experimental), f32", self.tag.model_id)
    }

    fn n_tokens(&self, text: &str) -> usize {
        self.tokenizer.n_tokens(text)
    }

    fn max_text_tokens(&self) -> usize {
        self.tag.max_tokens - N_ANCHORS
    }

    fn embed_each(
        &self,
        texts: &[&str],
        progress: &Progress,
        each: &Each<'_>,
    ) -> Result<(), EmbedError> {
        progress.step("Embedding", texts.len());
        // No two documents are laid out alike, so there are no batches. Long ones come one after
        // the other, so that no more than one holds the memory that it takes.
        let (long, short): (Vec<usize>, Vec<usize>) =
            (0..texts.len()).partition(|text| texts[*text].len() >= LONG_BYTES);
        long.into_iter()
            .try_for_each(|text| self.run(texts, text, Threads::All, progress, each))?;
        short
            .into_par_iter()
            .try_for_each(|text| self.run(texts, text, Threads::One, progress, each))
    }
}

#[cfg(test)]
mod tests;
