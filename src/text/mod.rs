//! Documents: read from files and folders, split into the passages that a model reads at once.

mod diff;
mod document;
mod fields;
mod language;
mod read;
mod split;
mod words;

pub use diff::{DiffPart, TextDiff, text_diff};
pub use document::{Corpus, Crowd, Document, Mark, Passage, Passages, Place, Skipped, Source};
pub use fields::{Field, FieldKind, date, day, fields, number};
pub use language::Language;
#[doc(hidden)]
pub use read::fuzzing;
pub use read::{
    Amount, Input, LeftOut, MANY_BYTES, MANY_FILES, ReadRule, Tools, WORKER_FLAG, Workers,
    fingerprint, read, read_rows, serve_worker,
};
pub use split::{Measure, passages, sentences};
pub use words::{common_words, shared_words};
