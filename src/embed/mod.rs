//! Text becomes vectors: one trait, and one place that chooses who implements it.

mod batch;
mod cached;
mod local;
mod stored;

use std::path::PathBuf;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

use crate::progress::{Cancelled, Progress};
use crate::vectors::ModelTag;

pub use cached::{Known, Reuse, embed_cached};
pub use local::FilesError;
pub use stored::StoredVectors;

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

    /// One row per text, shape `(texts.len(), d)`, as the model defines it: of length 1 if the
    /// model normalizes. Each text is counted on `progress`.
    ///
    /// A text with more than [`Embedder::max_text_tokens`] tokens is read only so far: split first.
    ///
    /// # Errors
    /// [`EmbedError::Cancelled`] when stopped, checked once per batch.
    fn embed(&self, texts: &[&str], progress: &Progress) -> Result<Array2<f32>, EmbedError> {
        self.embed_each(texts, progress, &|_, _| {})
    }

    /// The same, and `each` gets every batch as soon as it is done: which texts, and their rows.
    /// It is called from several threads at once.
    ///
    /// # Errors
    /// As [`Embedder::embed`]; what `each` was given before is good all the same.
    fn embed_each(
        &self,
        texts: &[&str],
        progress: &Progress,
        each: &(dyn Fn(&[usize], ArrayView2<'_, f32>) + Sync),
    ) -> Result<Array2<f32>, EmbedError>;
}

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
    /// The model failed on a batch.
    #[error("the model could not embed a batch of texts")]
    Run(#[from] candle_core::Error),
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

/// Opens the chosen model.
///
/// # Errors
/// [`EmbedError::Files`] when a file is missing or not understood, [`EmbedError::Fetch`] when it
/// could not be fetched.
pub fn open(choice: &EmbedderChoice, progress: &Progress) -> Result<Arc<dyn Embedder>, EmbedError> {
    progress.step("Opening the model", 0);
    let files = match choice {
        EmbedderChoice::Bundled => local::ModelFiles::bundled(),
        EmbedderChoice::Folder(folder) => local::ModelFiles::read(folder, None)?,
        EmbedderChoice::Hub(name) => {
            let folder = local::fetch(name, progress)?;
            local::ModelFiles::read(&folder, Some(name))?
        }
    };
    progress.check()?;
    Ok(Arc::new(local::CandleBert::new(files)?))
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
