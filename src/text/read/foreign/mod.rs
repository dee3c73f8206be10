//! Formats with a structure of their own. These parsers run in the worker process only: they may
//! panic, loop or ask for too much memory, and cost one file.

mod archive;
mod epub;
mod html;
mod mail;
mod office;
mod open_document;
mod parquet;
mod pdf;
mod rtf;
mod running;
mod xml;

use serde::{Deserialize, Serialize};

use super::Reason;
use super::draft::Draft;
use super::format::Foreign;

/// Raised when a parser changes, so that files which one version could not read get another try.
pub const VERSION: u32 = 1;

/// What is said of headers and footers that a format keeps apart from its text.
const RUNNING_LINES: &str = "running headers and footers were left out";

/// What a foreign file gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Extracted {
    /// One text.
    Text(Draft),
    /// The messages of a mailbox; `Err` says why one has no text.
    Messages(Vec<Result<Draft, Reason>>),
    /// The sheets of a workbook.
    Sheets(Vec<Sheet>),
    /// A table whose first row is certainly names.
    Table(Sheet),
}

/// Cells as text; rows may be of different lengths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// What it is called.
    pub name: String,
    /// From the top, empty rows left out.
    pub rows: Vec<Vec<String>>,
}

/// Parses a file.
pub fn extract(format: Foreign, bytes: &[u8]) -> Result<Extracted, Reason> {
    match format {
        Foreign::Html => html::read(bytes).map(Extracted::Text),
        Foreign::Pdf => pdf::read(bytes).map(Extracted::Text),
        Foreign::Office => office::read(bytes),
        Foreign::OpenDocument => open_document::read(bytes),
        Foreign::Epub => epub::read(bytes).map(Extracted::Text),
        Foreign::Rtf => rtf::read(bytes).map(Extracted::Text),
        Foreign::Mail => mail::read(bytes).map(Extracted::Text),
        Foreign::Mailbox => Ok(mail::read_mailbox(bytes)),
        Foreign::Parquet => parquet::read(bytes).map(Extracted::Table),
    }
}
