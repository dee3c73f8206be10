//! Bytes become documents: one file per format, chosen here.
//!
//! A file that cannot be read becomes one line in [`Corpus::skipped`]; it never ends the run. Text,
//! Markdown, tables of text and JSON are read here; all other formats by a worker process.

mod decode;
mod draft;
mod foreign;
mod format;
pub mod fuzzing;
mod json;
mod markdown;
mod notebook;
mod plain;
mod rows;
mod sample;
mod subtitles;
mod table;
mod walk;
mod worker;

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use rows::read_rows;
pub use walk::LeftOut;
pub use worker::{WORKER_FLAG, Workers, serve_worker};

use super::document::{Corpus, Crowd, Document, Skipped, Source};
use crate::cache::Cache;
use crate::message::{count, grouped};
use crate::progress::{Cancelled, Progress};
use draft::Draft;
use foreign::Extracted;
use format::Format;
use worker::{Fault, Worker};

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
    /// Read hidden files too, and those that a `.gitignore` names.
    pub with_hidden: bool,
    /// How many files to read when there are very many.
    pub amount: Amount,
    /// Try files again that are known to have cost a worker its life.
    pub try_again: bool,
}

/// How many files to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Amount {
    /// Every one.
    #[default]
    All,
    /// Every one, but ask first when there are more than [`MANY_FILES`] or [`MANY_BYTES`].
    Ask,
    /// So many, in order of folder and name.
    First(usize),
}

/// More files than this are a question before they are work.
pub const MANY_FILES: usize = 10_000;

/// And so are more bytes.
pub const MANY_BYTES: u64 = 2 << 30;

/// What reading rests on.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    /// The processes that parse foreign formats; without them those are listed as skipped.
    pub workers: Option<Workers>,
    /// What is known from earlier runs.
    pub cache: Option<Cache>,
}

/// Larger files are listed instead of read: a file of this size is no document.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Reads everything. Folders are walked in order of file name, links and hidden files left out.
/// `kept` are documents that came with a workspace: those whose file is not here stay as they were.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per file, and while a worker is waited for.
pub fn read(
    inputs: &[Input],
    rule: &ReadRule,
    tools: &Tools,
    kept: &[Document],
    progress: &Progress,
) -> Result<Corpus, Cancelled> {
    progress.check()?;
    let walk = walk::walk(inputs, rule, progress)?;
    let mut corpus = Corpus {
        skipped: walk.skipped,
        left_out: walk.left_out,
        ..Corpus::default()
    };
    let is_crowd = walk.files.len() > MANY_FILES || walk.n_bytes > MANY_BYTES;
    if rule.amount == Amount::Ask && is_crowd {
        corpus.crowd = Some(Crowd {
            n_files: walk.files.len(),
            n_bytes: walk.n_bytes,
        });
        return Ok(corpus);
    }
    let mut files = walk.files;
    if let Amount::First(n) = rule.amount
        && n < files.len()
    {
        corpus.notes.push(format!(
            "only the first {} of {} files were read, as you asked",
            grouped(n),
            grouped(files.len())
        ));
        files.truncate(n);
    }
    progress.step("Reading", files.len());
    for (path, found) in read_files(&files, rule, tools, progress)? {
        absorb(&mut corpus, found, path);
    }
    if inputs.contains(&Input::Sample) {
        sample::read(&mut corpus, rule);
    }
    read_pasted(inputs, &mut corpus);
    keep_missing(&mut corpus, kept);
    merge_copies(&mut corpus.documents);
    Ok(corpus)
}

/// A number that differs when a file below the inputs came, went, or changed its size or time.
///
/// # Errors
/// [`Cancelled`] when stopped.
pub fn fingerprint(
    inputs: &[Input],
    rule: &ReadRule,
    progress: &Progress,
) -> Result<u64, Cancelled> {
    Ok(walk::walk(inputs, rule, progress)?.fingerprint)
}

/// What one file gave.
#[derive(Debug, Default)]
struct Found {
    documents: Vec<Document>,
    skipped: Vec<Skipped>,
    notes: Vec<String>,
}

/// Why a whole file, or one text, could not be read: a phrase for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reason(String);

impl From<&str> for Reason {
    fn from(phrase: &str) -> Self {
        Self(phrase.to_owned())
    }
}

type Outcome = Result<Found, Reason>;

/// Reads the files on all cores, each with a worker of its own, and gives what they hold in order.
fn read_files<'a>(
    files: &'a [PathBuf],
    rule: &ReadRule,
    tools: &Tools,
    progress: &Progress,
) -> Result<Vec<(&'a Path, Outcome)>, Cancelled> {
    let n_threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(files.len());
    let next = AtomicUsize::new(0);
    let read_some = || -> Result<Vec<(usize, Outcome)>, Cancelled> {
        let mut worker = tools.workers.as_ref().map(Workers::worker);
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(at) else {
                return Ok(done);
            };
            done.push((at, read_file(path, rule, worker.as_mut(), tools, progress)?));
            progress.advance(1)?;
        }
    };
    let mut found = thread::scope(|scope| {
        let readers: Vec<_> = (1..n_threads)
            .filter_map(|_| {
                thread::Builder::new()
                    .name("reader".into())
                    .spawn_scoped(scope, read_some)
                    .ok()
            })
            .collect();
        // This thread reads too, so a system that has no thread left is only slower.
        let mut found = read_some()?;
        for reader in readers {
            found.extend(reader.join().expect("every file is read behind a guard")?);
        }
        Ok(found)
    })?;
    found.sort_by_key(|(at, _)| *at);
    Ok(found
        .into_iter()
        .map(|(at, outcome)| (files[at].as_path(), outcome))
        .collect())
}

fn read_file(
    path: &Path,
    rule: &ReadRule,
    worker: Option<&mut Worker>,
    tools: &Tools,
    progress: &Progress,
) -> Result<Outcome, Cancelled> {
    let bytes = match bytes(path) {
        Ok(bytes) => bytes,
        Err(reason) => return Ok(Err(reason)),
    };
    let foreign = match format::format(path, &bytes) {
        Ok(Format::Foreign(foreign)) => foreign,
        Ok(format) => return Ok(guarded(|| native(path, format, &bytes, rule))),
        Err(reason) => return Ok(Err(reason)),
    };
    let Some(worker) = worker else {
        return Ok(Err(
            "a format that needs a reader process, and there is none here".into(),
        ));
    };
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let cache = tools.cache.as_ref();
    if !rule.try_again
        && let Some(known) = cache.and_then(|cache| cache.verdict(&hash, foreign::VERSION))
    {
        return Ok(Err(Reason(format!("{known} (known from an earlier time)"))));
    }
    let extracted = match worker.extract(foreign, &bytes, progress) {
        Ok(extracted) => extracted,
        Err(Fault::Stopped) => return Err(Cancelled),
        Err(Fault::Refused(reason) | Fault::NoWorker(reason)) => return Ok(Err(reason)),
        Err(Fault::Poisonous(reason)) => {
            if let Some(cache) = cache {
                cache.remember_verdict(&hash, foreign::VERSION, &reason.0);
            }
            return Ok(Err(reason));
        }
    };
    Ok(guarded(|| documents(path, extracted, rule)))
}

/// A panic on one file is a reason not to read that file.
fn guarded(read: impl FnOnce() -> Outcome) -> Outcome {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err("damaged in a way that its parser did not expect".into()))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Reason> {
    let reason = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Reason::from("no longer there"),
        io::ErrorKind::PermissionDenied => Reason::from("no permission to read it"),
        _ => Reason(format!("could not be read ({error})")),
    };
    let file = open(path).map_err(reason)?;
    let metadata = file.metadata().map_err(reason)?;
    // Looked at once more: since the walk it may have become a pipe, which would never end.
    if !metadata.is_file() {
        return Err("a pipe, socket or device, not a file".into());
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(MAX_FILE_BYTES) as usize);
    // One byte more than is allowed tells a file that is too large, even if it grows meanwhile.
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(reason)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let megabytes = MAX_FILE_BYTES >> 20;
        return Err(Reason(format!("larger than {megabytes} MB")));
    }
    Ok(bytes)
}

/// Opens for reading, without waiting for the other end if it is a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK);
    }
    options.open(path)
}

/// Formats that are read in this process.
fn native(path: &Path, format: Format, bytes: &[u8], rule: &ReadRule) -> Outcome {
    let decode::Decoded {
        text,
        n_broken,
        n_control,
        ..
    } = decode::text(bytes)?;
    let mut found = match format {
        Format::Table => table::read(path, &text, rule),
        Format::Json => json::read(path, &text, rule),
        Format::JsonLines => json::read_lines(path, &text, rule),
        Format::Notebook => notebook::read(&text).and_then(|draft| one(path, draft)),
        Format::Markdown => one(path, markdown::draft(&text)),
        Format::Subtitles => one(path, subtitles::read(&text)),
        Format::Plain => one(
            path,
            Draft {
                text,
                ..Draft::default()
            },
        ),
        Format::Foreign(_) => Err("a format of the reader process".into()),
    }?;
    if n_broken > 0 {
        let places = count(n_broken, "place");
        found.notes.push(format!(
            "{places} that could not be decoded show as �: {}",
            path.display()
        ));
    }
    if n_control > 0 {
        let characters = count(n_control, "control character");
        found
            .notes
            .push(format!("{characters} left out: {}", path.display()));
    }
    Ok(found)
}

/// What a worker found, as documents.
fn documents(path: &Path, extracted: Extracted, rule: &ReadRule) -> Outcome {
    match extracted {
        Extracted::Text(draft) => one(path, draft),
        Extracted::Table(sheet) => table::documents(path, &table::named(sheet.rows), rule),
        Extracted::Messages(messages) => {
            let mut found = Found::default();
            for (i, message) in messages.into_iter().enumerate() {
                let source = Source::Message {
                    file: path.to_owned(),
                    number: i + 1,
                };
                let notes = message
                    .as_ref()
                    .map(|draft| draft.notes.clone())
                    .unwrap_or_default();
                found
                    .notes
                    .extend(notes.iter().map(|note| format!("{note}: {source}")));
                match message.and_then(|draft| draft.into_document(source.clone(), path)) {
                    Ok(document) => found.documents.push(document),
                    Err(Reason(reason)) => found.skipped.push(Skipped { source, reason }),
                }
            }
            if found.documents.is_empty() && found.skipped.is_empty() {
                return Err("a mailbox without messages".into());
            }
            Ok(found)
        }
        Extracted::Sheets(sheets) => table::workbook(path, sheets, rule),
    }
}

/// One document for the whole file.
fn one(path: &Path, draft: Draft) -> Outcome {
    let notes = draft
        .notes
        .iter()
        .map(|note| format!("{note}: {}", path.display()));
    Ok(Found {
        notes: notes.collect(),
        documents: vec![draft.into_document(Source::File(path.to_owned()), path)?],
        ..Found::default()
    })
}

fn absorb(corpus: &mut Corpus, found: Outcome, path: &Path) {
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

/// Documents whose file is not on this computer are shown as they came.
fn keep_missing(corpus: &mut Corpus, kept: &[Document]) {
    let is_missing =
        |document: &&Document| document.source.file().is_some_and(|file| !file.exists());
    let missing: Vec<Document> = kept.iter().filter(is_missing).cloned().collect();
    if missing.is_empty() {
        return;
    }
    corpus.notes.push(format!(
        "{} shown as they came with the workspace, because their files are not here",
        count(missing.len(), "document")
    ));
    let is_shown = |skipped: &Skipped| {
        let path = skipped.source.file();
        let below = |document: &Document| {
            document
                .source
                .file()
                .zip(path)
                .is_some_and(|(file, path)| file.starts_with(path))
        };
        missing.iter().any(below)
    };
    corpus.skipped.retain(|skipped| !is_shown(skipped));
    corpus.documents.extend(missing);
}

fn read_pasted(inputs: &[Input], corpus: &mut Corpus) {
    let pasted = inputs.iter().filter_map(|input| match input {
        Input::Pasted(text) => Some(text),
        Input::Path(_) | Input::Sample => None,
    });
    for (i, text) in pasted.enumerate() {
        let source = Source::Pasted(i + 1);
        match plain::document(text.clone(), source.clone(), "Pasted text") {
            Ok(document) => corpus.documents.push(document),
            Err(Reason(reason)) => corpus.skipped.push(Skipped { source, reason }),
        }
    }
}

/// Files with exactly the same text become one document that lists its copies: the one that knows
/// most of where its words stand, or the first. Rows and messages stay what they are: how often
/// somebody gave the same answer is part of what a table says.
fn merge_copies(documents: &mut Vec<Document>) {
    let mut best_of: HashMap<[u8; 32], usize> = HashMap::new();
    let mut kept: Vec<Option<Document>> = Vec::with_capacity(documents.len());
    for mut document in documents.drain(..) {
        if matches!(document.source, Source::File(_)) {
            let hash = Sha256::digest(document.text.as_bytes()).into();
            if let Some(known) = best_of.get(&hash).and_then(|best| kept[*best].as_mut()) {
                if document.marks.len() <= known.marks.len() {
                    known.copies.push(document.source);
                    continue;
                }
                document.copies = std::mem::take(&mut known.copies);
                document.copies.insert(0, known.source.clone());
            }
            if let Some(worse) = best_of.insert(hash, kept.len()) {
                kept[worse] = None;
            }
        }
        kept.push(Some(document));
    }
    documents.extend(kept.into_iter().flatten());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read_all(inputs: &[Input], rule: &ReadRule) -> Corpus {
        read(inputs, rule, &Tools::default(), &[], &Progress::new()).unwrap()
    }

    #[test]
    fn a_folder_is_read_in_order_and_bad_files_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("b")).unwrap();
        fs::write(at("b/two.txt"), "Two\n\nSecond text.").unwrap();
        fs::write(at("a.md"), "# One\n\nFirst *text*.").unwrap();
        fs::write(at("empty.txt"), "").unwrap();
        fs::write(at("picture.txt"), [0x89, b'P', b'N', b'G', 0x0D, 0x0A]).unwrap();
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
        let corpus = read_all(&inputs, &ReadRule::default());

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
            ["empty", "a picture, not text", "no text in this row"]
        );
        assert_eq!(corpus.left_out.hidden, 1);
    }

    #[test]
    fn what_is_not_there_is_listed() {
        let inputs = [Input::Path("/nowhere/at/all".into())];
        let corpus = read_all(&inputs, &ReadRule::default());
        assert_eq!(corpus.skipped[0].reason, "does not exist");
        assert_eq!(
            bytes(Path::new("/nowhere")),
            Err(Reason::from("no longer there"))
        );
    }

    #[test]
    fn equal_files_are_one_document_with_copies_and_equal_rows_are_not() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.txt", "b.md", "c.txt"] {
            fs::write(folder.path().join(name), "The same words.").unwrap();
        }
        fs::write(folder.path().join("d.csv"), "id,text\n1,Good\n2,Good\n").unwrap();
        let corpus = read_all(&[Input::Path(folder.path().into())], &ReadRule::default());
        assert_eq!(corpus.documents.len(), 3);
        let copies = [folder.path().join("b.md"), folder.path().join("c.txt")].map(Source::File);
        assert_eq!(corpus.documents[0].copies, copies);

        // One of them turns out to have a heading, and stands for all.
        fs::write(folder.path().join("c.md"), "# The same words.").unwrap();
        let corpus = read_all(&[Input::Path(folder.path().into())], &ReadRule::default());
        let best = corpus
            .documents
            .iter()
            .find(|document| !document.copies.is_empty())
            .unwrap();
        assert_eq!(best.source, Source::File(folder.path().join("c.md")));
        assert_eq!((best.copies.len(), best.marks.len()), (3, 1));
    }

    #[test]
    fn very_many_files_are_a_question_first() {
        let folder = tempfile::tempdir().unwrap();
        for i in 0..=MANY_FILES {
            fs::write(
                folder.path().join(format!("{i:05}.txt")),
                format!("Text {i}"),
            )
            .unwrap();
        }
        let inputs = [Input::Path(folder.path().into())];
        let rule = |amount: Amount| ReadRule {
            amount,
            ..ReadRule::default()
        };
        let asked = read_all(&inputs, &rule(Amount::Ask));
        assert_eq!(asked.crowd.map(|crowd| crowd.n_files), Some(MANY_FILES + 1));
        assert!(asked.documents.is_empty());
        let first = read_all(&inputs, &rule(Amount::First(3)));
        assert_eq!(first.documents.len(), 3);
        assert_eq!(
            first.notes,
            ["only the first 3 of 10,001 files were read, as you asked"]
        );
        assert_eq!(
            read_all(&inputs, &rule(Amount::All)).documents.len(),
            MANY_FILES + 1
        );
    }

    #[test]
    fn it_stops() {
        let progress = Progress::new();
        progress.stop();
        let inputs = [Input::Path(env!("CARGO_MANIFEST_DIR").into())];
        let stopped = read(
            &inputs,
            &ReadRule::default(),
            &Tools::default(),
            &[],
            &progress,
        );
        assert_eq!(stopped, Err(Cancelled));
    }
}
