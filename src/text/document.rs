//! What was read: documents, where each came from, and what could not be read.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::language::Language;
use super::read::LeftOut;

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
    /// One message of a mailbox, counted from 1.
    Message {
        /// The mailbox.
        file: PathBuf,
        /// Which of its messages.
        number: usize,
    },
    /// Text that the user pasted, counted from 1.
    Pasted(usize),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Row { file, row } => write!(f, "{}, row {row}", file.display()),
            Self::Message { file, number } => write!(f, "{}, message {number}", file.display()),
            Self::Pasted(n) => write!(f, "pasted text {n}"),
        }
    }
}

impl Source {
    /// The folder that holds the document, for grouping; `None` for pasted text.
    pub fn folder(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(path.parent()?.file_name()?.to_string_lossy().into_owned()),
            Self::Row { file, .. } | Self::Message { file, .. } => {
                Some(file.file_name()?.to_string_lossy().into_owned())
            }
            Self::Pasted(_) => None,
        }
    }

    /// The file on disk that holds the document; `None` for pasted text.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) | Self::Row { file, .. } | Self::Message { file, .. } => Some(file),
            Self::Pasted(_) => None,
        }
    }
}

/// A place in a file that a person can find again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// A page, counted from 1.
    Page(usize),
    /// A slide, counted from 1.
    Slide(usize),
    /// A sheet of a workbook.
    Sheet(String),
    /// The text under a heading, or a chapter.
    Heading(String),
}

/// Where a place begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Byte of the text.
    pub at: usize,
    /// What begins there.
    pub place: Place,
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
    /// The other columns of its table row, or what its file says about itself.
    pub metadata: BTreeMap<String, String>,
    /// Pages, slides, sheets and headings, in order of the text.
    pub marks: Vec<Mark>,
    /// Other files with exactly the same text.
    pub copies: Vec<Source>,
    /// What it is written in, if that can be told.
    pub language: Option<Language>,
}

impl Document {
    /// Where a stretch of the text stands, as in `page 12 · 3.2 Methods` or `pages 3 to 4`.
    pub fn place(&self, range: &Range<usize>) -> Option<String> {
        // What begins after leading white space begins here.
        let text = &self.text[range.clone()];
        let start = range.start + (text.len() - text.trim_start().len());
        let end = range.end - (text.len() - text.trim_end().len());
        let before = |at: usize| self.marks.iter().take_while(move |mark| mark.at <= at);
        let numbered = |at: usize| {
            before(at).filter_map(|mark| match mark.place {
                Place::Page(n) => Some(("page", n)),
                Place::Slide(n) => Some(("slide", n)),
                Place::Sheet(_) | Place::Heading(_) => None,
            })
        };
        let named = |at: usize| {
            before(at).filter_map(|mark| match &mark.place {
                Place::Sheet(name) | Place::Heading(name) => Some(name.clone()),
                Place::Page(_) | Place::Slide(_) => None,
            })
        };
        let number = match (
            numbered(start).last(),
            numbered(end.saturating_sub(1)).last(),
        ) {
            (Some((kind, first)), Some((_, last))) if last > first => {
                Some(format!("{kind}s {first} to {last}"))
            }
            (Some((kind, first)), _) => Some(format!("{kind} {first}")),
            (None, _) => None,
        };
        let parts: Vec<String> = number.into_iter().chain(named(start).last()).collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }
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
    /// What was left out on purpose.
    pub left_out: LeftOut,
    /// Set when there is so much that nothing was read before asking.
    pub crowd: Option<Crowd>,
}

impl Corpus {
    /// Files that are listed as copies of another.
    pub fn n_copies(&self) -> usize {
        self.documents
            .iter()
            .map(|document| document.copies.len())
            .sum()
    }

    /// Languages with their documents, the most frequent first; `None` stands for those that could
    /// not be told.
    pub fn languages(&self) -> Vec<(Option<Language>, usize)> {
        let mut counts: BTreeMap<Option<Language>, usize> = BTreeMap::new();
        for document in &self.documents {
            *counts.entry(document.language).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        counts
    }
}

/// More than anybody drops by accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowd {
    /// Files found.
    pub n_files: usize,
    /// Their size.
    pub n_bytes: u64,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_pages_and_headings() {
        let mark = |at: usize, place: Place| Mark { at, place };
        let document = Document {
            title: String::new(),
            text: "Opening words.\n\nMethods\n\nWe counted.\n\nAnd went on.".into(),
            source: Source::Pasted(1),
            metadata: BTreeMap::new(),
            marks: vec![
                mark(0, Place::Page(1)),
                mark(16, Place::Heading("Methods".into())),
                mark(38, Place::Page(2)),
            ],
            copies: Vec::new(),
            language: None,
        };
        let place = |range: Range<usize>| document.place(&range);
        assert_eq!(place(0..14).as_deref(), Some("page 1"));
        assert_eq!(place(14..36).as_deref(), Some("page 1 · Methods"));
        assert_eq!(place(25..50).as_deref(), Some("pages 1 to 2 · Methods"));
        assert_eq!(place(38..50).as_deref(), Some("page 2 · Methods"));
    }
}
