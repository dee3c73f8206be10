//! Stands in for `hub.rs` in a build without the feature `hub`.

use std::path::PathBuf;

use crate::embed::EmbedError;
use crate::progress::Progress;

/// Refuses, and says why.
pub fn fetch(name: &str, _progress: &Progress) -> Result<PathBuf, EmbedError> {
    Err(EmbedError::Fetch {
        name: name.to_owned(),
        hint: "This build cannot use the network; choose a folder that holds the model with --model",
        source: None,
    })
}
