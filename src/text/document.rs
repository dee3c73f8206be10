//! What was read: documents, where each came from, and what could not be read.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// Where a document came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A whole file.
    File(PathBuf),
    /// One row of a table; rows count from 1, the header left out.
    Row {
        /// The table.
        file: PathBuf,
        /// Which of its rows.
        row: usize,
    },
    /// Text that the user pasted, counted from 1.
    Pasted(usize),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Row { file, row } => write!(f, "{}, row {row}", file.display()),
            Self::Pasted(n) => write!(f, "pasted text {n}"),
        }
    }
}

impl Source {
    /// The folder that holds the document, for grouping; `None` for pasted text.
    pub fn folder(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(path.parent()?.file_name()?.to_string_lossy().into_owned()),
            Self::Row { file, .. } => Some(file.file_name()?.to_string_lossy().into_owned()),
            Self::Pasted(_) => None,
        }
    }
}

/// One text with its name. Never empty: what has no words is listed as [`Skipped`] instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// A name for people, from the text or the file name.
    pub title: String,
    /// The whole text.
    pub text: String,
    /// Where it came from.
    pub source: Source,
    /// The other columns of its table row, by column name.
    pub metadata: BTreeMap<String, String>,
}

/// Something that could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file, or the row of a file.
    pub source: Source,
    /// A phrase that a person can act on.
    pub reason: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.source)
    }
}

/// Everything that was read, in a fixed order: as the user gave the inputs, folders by file name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corpus {
    /// The documents; an index into this is a document's identity everywhere.
    pub documents: Vec<Document>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
    /// Oddities that cost nothing, such as ragged rows or which column was taken as the text.
    pub notes: Vec<String>,
}

/// A stretch of one document, short enough for the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Index of its document.
    pub document: usize,
    /// Bytes of the document's text.
    pub range: Range<usize>,
    /// Tokens of the text itself, special tokens left out.
    pub n_tokens: usize,
}

/// All passages of a corpus, in reading order: those of one document are neighbors, and together
/// they are its whole text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passages {
    /// The passages.
    pub list: Vec<Passage>,
    /// For each document, which of them are its own.
    pub of_document: Vec<Range<usize>>,
}

impl Passages {
    /// Adds the passages of the next document: bytes of its text, and tokens of each.
    pub fn push_document(&mut self, found: impl IntoIterator<Item = (Range<usize>, usize)>) {
        let document = self.of_document.len();
        let start = self.list.len();
        self.list
            .extend(found.into_iter().map(|(range, n_tokens)| Passage {
                document,
                range,
                n_tokens,
            }));
        self.of_document.push(start..self.list.len());
    }

    /// Tokens of one document.
    pub fn document_tokens(&self, document: usize) -> usize {
        self.list[self.of_document[document].clone()]
            .iter()
            .map(|p| p.n_tokens)
            .sum()
    }

    /// Tokens of the whole corpus.
    pub fn total_tokens(&self) -> usize {
        self.list.iter().map(|p| p.n_tokens).sum()
    }
}
