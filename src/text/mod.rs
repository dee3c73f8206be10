//! Documents: read from files and folders, split into the passages that a model reads at once.

mod document;
mod read;
mod split;

pub use document::{Corpus, Document, Passage, Passages, Skipped, Source};
pub use read::{Input, ReadRule, read};
pub use split::{Measure, passages, sentences};
