//! Bytes become documents: one file per format, chosen here.
//!
//! A file that cannot be read becomes one line in [`Corpus::skipped`]; it never ends the run.

mod decode;
mod json;
mod markdown;
mod plain;
mod sample;
mod table;
mod walk;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::document::{Corpus, Document, Skipped, Source};
use crate::progress::{Cancelled, Progress};

/// Something the user gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder with everything below it.
    Path(PathBuf),
    /// Text from the clipboard.
    Pasted(String),
    /// The sample corpus that the program carries.
    Sample,
}

/// How to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadRule {
    /// The column of a table that holds the text; `None` takes the longest on average.
    pub text_column: Option<String>,
}

/// Larger files are listed instead of read: a text file of this size is no document.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Reads everything. Folders are walked in order of file name, links and hidden files left out.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per file.
pub fn read(inputs: &[Input], rule: &ReadRule, progress: &Progress) -> Result<Corpus, Cancelled> {
    let mut corpus = Corpus::default();
    progress.check()?;
    let files = walk::files(inputs, &mut corpus, progress)?;
    progress.step("Reading", files.len());
    for path in &files {
        let found = content(path).and_then(|text| documents(path, &text, rule));
        absorb(&mut corpus, found, path);
        progress.advance(1)?;
    }
    if inputs.contains(&Input::Sample) {
        sample::read(&mut corpus, rule);
    }
    let pasted = inputs.iter().filter_map(|input| match input {
        Input::Pasted(text) => Some(text),
        Input::Path(_) | Input::Sample => None,
    });
    for (i, text) in pasted.enumerate() {
        let source = Source::Pasted(i + 1);
        match plain::document(text.clone(), source.clone(), "Pasted text") {
            Ok(document) => corpus.documents.push(document),
            Err(reason) => corpus.skipped.push(Skipped {
                source,
                reason: reason.0,
            }),
        }
    }
    Ok(corpus)
}

/// What one file gave.
#[derive(Debug, Default)]
struct Found {
    documents: Vec<Document>,
    skipped: Vec<Skipped>,
    notes: Vec<String>,
}

/// Why a whole file, or one text, could not be read: a phrase for people.
#[derive(Debug, PartialEq, Eq)]
struct Reason(String);

impl From<&str> for Reason {
    fn from(phrase: &str) -> Self {
        Self(phrase.to_owned())
    }
}

fn absorb(corpus: &mut Corpus, found: Result<Found, Reason>, path: &Path) {
    match found {
        Ok(found) => {
            corpus.documents.extend(found.documents);
            corpus.skipped.extend(found.skipped);
            corpus.notes.extend(found.notes);
        }
        Err(Reason(reason)) => corpus.skipped.push(Skipped {
            source: Source::File(path.to_owned()),
            reason,
        }),
    }
}

fn content(path: &Path) -> Result<String, Reason> {
    let bytes = bytes(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Reason::from("no longer there"),
        io::ErrorKind::PermissionDenied => Reason::from("no permission to read it"),
        _ => Reason(format!("could not be read ({error})")),
    })?;
    decode::text(&bytes?)
}

fn bytes(path: &Path) -> io::Result<Result<Vec<u8>, Reason>> {
    let file = File::open(path)?;
    let mut bytes = Vec::with_capacity(file.metadata()?.len().min(MAX_FILE_BYTES) as usize);
    // One byte more than is allowed tells a file that is too large, even if it grows meanwhile.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let megabytes = MAX_FILE_BYTES >> 20;
        return Ok(Err(Reason(format!("larger than {megabytes} MB"))));
    }
    Ok(Ok(bytes))
}

/// The file name decides between the text formats, which all look alike inside.
fn documents(path: &Path, text: &str, rule: &ReadRule) -> Result<Found, Reason> {
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    match extension.as_str() {
        "csv" | "tsv" | "tab" => table::read(path, text, rule),
        "json" => json::read(path, text, rule),
        "jsonl" | "ndjson" => json::read_lines(path, text, rule),
        "md" | "markdown" => markdown::read(path, text),
        _ => plain::read(path, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_is_read_in_order_and_bad_files_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("b")).unwrap();
        fs::write(at("b/two.txt"), "Two\n\nSecond text.").unwrap();
        fs::write(at("a.md"), "# One\n\nFirst *text*.").unwrap();
        fs::write(at("empty.txt"), "").unwrap();
        fs::write(at("picture.txt"), [0x89, b'P', b'N', b'G', 0, 0]).unwrap();
        fs::write(
            at("rows.csv"),
            "text,mark\nFirst row here,1\n,2\nThird row,3,extra\n",
        )
        .unwrap();
        fs::write(at(".hidden"), "x").unwrap();

        let inputs = [
            Input::Path(folder.path().into()),
            Input::Pasted("Hello there".into()),
        ];
        let corpus = read(&inputs, &ReadRule::default(), &Progress::new()).unwrap();

        let titles: Vec<&str> = corpus.documents.iter().map(|d| d.title.as_str()).collect();
        assert_eq!(
            titles,
            ["One", "Two", "First row here", "Third row", "Hello there"]
        );
        assert_eq!(corpus.documents[0].text, "One\n\nFirst text.");
        assert_eq!(corpus.documents[3].metadata["column 3"], "extra");
        let reasons: Vec<String> = corpus.skipped.iter().map(|s| s.reason.clone()).collect();
        assert_eq!(
            reasons,
            ["empty", "binary, not text", "no text in this row"]
        );
        assert!(corpus.notes.iter().any(|note| note.contains("1 hidden")));
    }

    #[test]
    fn what_is_not_there_is_listed() {
        let inputs = [Input::Path("/nowhere/at/all".into())];
        let corpus = read(&inputs, &ReadRule::default(), &Progress::new()).unwrap();
        assert_eq!(corpus.skipped[0].reason, "does not exist");
    }

    #[test]
    fn a_file_that_vanishes_is_listed() {
        assert_eq!(
            content(Path::new("/nowhere")),
            Err(Reason::from("no longer there"))
        );
    }

    #[test]
    fn it_stops() {
        let progress = Progress::new();
        progress.stop();
        let inputs = [Input::Path(env!("CARGO_MANIFEST_DIR").into())];
        assert_eq!(
            read(&inputs, &ReadRule::default(), &progress),
            Err(Cancelled)
        );
    }
}
