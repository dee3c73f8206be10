//! Text becomes vectors: one trait, and one place that chooses who implements it.

mod batch;
mod cached;
mod gate;
mod local;
#[cfg(feature = "cloud")]
pub mod remote;
mod stored;
mod tokens;
pub mod wire;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{Array2, ArrayView2};

use crate::progress::{Cancelled, Progress};
use crate::vectors::ModelTag;
use local::ModelFiles;

pub use cached::{Known, Reuse, embed_cached, missing};
pub use gate::{NetworkForbidden, NetworkGate, forbid_network, is_network_forbidden};
#[doc(hidden)]
pub use local::measuring;
pub use local::{FilesError, InstructionSet};
pub use stored::StoredVectors;
pub use tokens::TokenVectors;

/// Something that turns texts into vectors.
pub trait Embedder: Send + Sync {
    /// What made the vectors.
    fn tag(&self) -> &ModelTag;

    /// One line for the status bar, such as "all-MiniLM-L6-v2 · candle, f32".
    fn summary(&self) -> String;

    /// Tokens of a text itself, special tokens left out.
    fn n_tokens(&self, text: &str) -> usize;

    /// The most tokens of text, special tokens left out, that one vector can cover.
    fn max_text_tokens(&self) -> usize;

    /// Hands every batch to `each` as soon as it is done: which texts, and their rows, shape
    /// `(batch, d)`, as the model defines them: of length 1 if the model normalizes. `each` is
    /// called from several threads at once, and each text is counted on `progress`.
    ///
    /// A text with more than [`Embedder::max_text_tokens`] tokens is read only so far: split first.
    ///
    /// # Errors
    /// [`EmbedError::Cancelled`] when stopped; what `each` was given before is good all the same.
    fn embed_each(
        &self,
        texts: &[&str],
        progress: &Progress,
        each: &Each<'_>,
    ) -> Result<(), EmbedError>;

    /// The token vectors whose mean a text's vector is, so that a score between two texts can be
    /// told apart into what each of their words adds to it. `None` from a model whose vectors are
    /// no mean of token vectors.
    ///
    /// Like [`Embedder::embed_each`] it reads no more than [`Embedder::max_text_tokens`].
    ///
    /// # Errors
    /// As [`Embedder::embed_each`].
    fn tokens(
        &self,
        _text: &str,
        _progress: &Progress,
    ) -> Result<Option<TokenVectors>, EmbedError> {
        Ok(None)
    }

    /// Rows that are kept until there are enough to be worth a transaction of the cache: what a
    /// crash may cost.
    fn rows_per_store(&self) -> usize {
        256
    }

    /// One row per text, shape `(texts.len(), d)`.
    ///
    /// # Errors
    /// As [`Embedder::embed_each`].
    fn embed(&self, texts: &[&str], progress: &Progress) -> Result<Array2<f32>, EmbedError> {
        let rows = Mutex::new(Array2::zeros((texts.len(), self.tag().dimension)));
        self.embed_each(texts, progress, &|batch, vectors| {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            for (text, vector) in batch.iter().zip(vectors.rows()) {
                rows.row_mut(*text).assign(&vector);
            }
        })?;
        Ok(rows.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is done with a batch: which texts, and one row for each.
pub type Each<'a> = dyn Fn(&[usize], ArrayView2<'_, f32>) + Sync + 'a;

/// Which model to use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EmbedderChoice {
    /// all-MiniLM-L6-v2, which the program carries.
    #[default]
    Bundled,
    /// A sentence-transformers folder.
    Folder(PathBuf),
    /// `OWNER/NAME` on the model hub. Needs the network the first time.
    Hub(String),
    /// A model elsewhere, that texts are sent to.
    #[cfg(feature = "cloud")]
    Remote(Arc<remote::RemoteRule>),
}

impl EmbedderChoice {
    /// What was meant on the command line: a folder that exists, else `OWNER/NAME`, else a folder
    /// that will be reported as missing.
    pub fn from_arg(arg: &str) -> Self {
        let is_name = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let path = PathBuf::from(arg);
        match arg.split_once('/') {
            Some((owner, name))
                if !path.exists() && is_name(owner) && is_name(name) && !owner.starts_with('.') =>
            {
                Self::Hub(arg.to_owned())
            }
            _ => Self::Folder(path),
        }
    }
}

/// Why there are no vectors.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// Stopped on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The model's files are not as they should be.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The tokenizer failed on a text.
    #[error("the tokenizer could not read a text")]
    Tokenize(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The tokenizer and the weights are of different models.
    #[error("the tokenizer knows words that the model does not; take both files from one model")]
    Vocabulary,
    /// The model failed on a batch.
    #[error("the model could not embed a batch of texts")]
    Run(#[from] candle_core::Error),
    /// The model is elsewhere, and gave no vectors.
    #[error(transparent)]
    Remote(Box<dyn std::error::Error + Send + Sync>),
    /// All use of the network is switched off.
    #[error(transparent)]
    Forbidden(#[from] NetworkForbidden),
    /// The model could not be fetched.
    #[error("could not fetch the model {name}. {hint}")]
    Fetch {
        /// `OWNER/NAME`.
        name: String,
        /// What to do.
        hint: &'static str,
        /// What went wrong.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// How exactly a model computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PrecisionRule {
    /// As fast as this processor can while the vectors keep a cosine of 0.9999 to the exact ones.
    #[default]
    Auto,
    /// In 32-bit floats.
    F32,
}

/// Opens the chosen model, to run in the fastest way that the rule and this processor allow.
///
/// # Errors
/// [`EmbedError::Files`] when a file is missing or not understood, [`EmbedError::Fetch`] when it
/// could not be fetched.
pub fn open(
    choice: &EmbedderChoice,
    precision: PrecisionRule,
    progress: &Progress,
) -> Result<Arc<dyn Embedder>, EmbedError> {
    #[cfg(feature = "cloud")]
    if let EmbedderChoice::Remote(rule) = choice {
        let local = local::open(ModelFiles::bundled(), precision)?;
        let connected = remote::RemoteEmbedder::connect((**rule).clone(), local, progress);
        return match connected {
            Ok(model) => Ok(Arc::new(model)),
            Err(error) => Err(EmbedError::Remote(error.into())),
        };
    }
    let files = files(choice, progress)?;
    Ok(local::open(files, precision)?)
}

/// Opens the chosen model to run on one instruction set, whatever is faster: to measure and to
/// test each. It must be among [`InstructionSet::available`].
///
/// # Errors
/// As [`open`]; and [`FilesError::Architecture`] for a model that the fused encoder cannot run.
pub fn open_on(
    choice: &EmbedderChoice,
    set: InstructionSet,
    progress: &Progress,
) -> Result<Arc<dyn Embedder>, EmbedError> {
    let files = files(choice, progress)?;
    Ok(local::open_on(files, set)?)
}

fn files(choice: &EmbedderChoice, progress: &Progress) -> Result<ModelFiles, EmbedError> {
    progress.step("Opening the model", 0);
    let files = match choice {
        EmbedderChoice::Bundled => ModelFiles::bundled(),
        // Opened by `open` alone; whoever asks for its files gets the model that counts its tokens.
        #[cfg(feature = "cloud")]
        EmbedderChoice::Remote(_) => ModelFiles::bundled(),
        EmbedderChoice::Folder(folder) => ModelFiles::read(folder, None)?,
        EmbedderChoice::Hub(name) => {
            let folder = local::fetch(name, progress)?;
            ModelFiles::read(&folder, Some(name))?
        }
    };
    progress.check()?;
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_argument_is_a_folder_or_a_name() {
        let hub = |name: &str| EmbedderChoice::Hub(name.into());
        let folder = |path: &str| EmbedderChoice::Folder(path.into());
        assert_eq!(
            EmbedderChoice::from_arg("BAAI/bge-small-en-v1.5"),
            hub("BAAI/bge-small-en-v1.5")
        );
        assert_eq!(
            EmbedderChoice::from_arg("assets/model"),
            folder("assets/model")
        );
        assert_eq!(EmbedderChoice::from_arg("./my/model"), folder("./my/model"));
        assert_eq!(EmbedderChoice::from_arg("models"), folder("models"));
    }
}
