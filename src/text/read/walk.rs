//! Finds the files below what the user gave.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::super::document::{Corpus, Skipped, Source};
use super::Input;
use crate::message::grouped;
use crate::progress::{Cancelled, Progress};

/// Every regular file below `inputs`, each once, folders in order of file name. What cannot be
/// walked goes to `corpus.skipped`; hidden files and links are counted in `corpus.notes`.
pub fn files(
    inputs: &[Input],
    corpus: &mut Corpus,
    progress: &Progress,
) -> Result<Vec<PathBuf>, Cancelled> {
    progress.step("Looking for files", 0);
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut n_hidden = 0;
    let mut n_links = 0;
    for input in inputs {
        let Input::Path(root) = input else { continue };
        let walk = WalkDir::new(root).sort_by_file_name().into_iter();
        let shown = walk.filter_entry(|entry| {
            let hidden = is_hidden(entry);
            n_hidden += usize::from(hidden);
            !hidden
        });
        for entry in shown {
            progress.advance(1)?;
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    if seen.insert(entry.path().to_owned()) {
                        found.push(entry.into_path());
                    }
                }
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) if entry.file_type().is_symlink() => n_links += 1,
                Ok(entry) => corpus
                    .skipped
                    .push(skipped(entry.path(), "not a regular file")),
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    corpus.skipped.push(skipped(&path, &reason(&error)));
                }
            }
        }
    }
    note(
        corpus,
        n_hidden,
        "hidden file or folder",
        "hidden files and folders",
    );
    note(corpus, n_links, "link", "links");
    Ok(found)
}

fn is_hidden(entry: &DirEntry) -> bool {
    // What the user named is meant, however it is called.
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn skipped(path: &Path, reason: &str) -> Skipped {
    Skipped {
        source: Source::File(path.to_owned()),
        reason: reason.to_owned(),
    }
}

fn reason(error: &walkdir::Error) -> String {
    match error.io_error().map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => "does not exist".into(),
        Some(io::ErrorKind::PermissionDenied) => "no permission to read it".into(),
        _ => format!("could not be read ({error})"),
    }
}

fn note(corpus: &mut Corpus, n: usize, one: &str, many: &str) {
    if n == 1 {
        corpus.notes.push(format!("1 {one} was left out"));
    } else if n > 1 {
        corpus
            .notes
            .push(format!("{} {many} were left out", grouped(n)));
    }
}
