//! Texts in order, for vectors that came from elsewhere: a line or a row of a table each.

use std::path::Path;

use super::super::document::{Corpus, Skipped, Source};
use super::format::{self, Format};
use super::table::is_numbers;
use super::{
    Found, Input, Outcome, ReadRule, Reason, Tools, absorb, bytes, decode, guarded, plain, read,
};
use crate::progress::{Cancelled, Progress};

/// Reads one text per line, or per row of a table. Every line counts, also one without words, which
/// is listed as skipped: the number of its [`Source::Row`] tells its place.
///
/// # Errors
/// [`Cancelled`] when stopped.
pub fn read_rows(
    path: &Path,
    rule: &ReadRule,
    tools: &Tools,
    progress: &Progress,
) -> Result<Corpus, Cancelled> {
    progress.step("Reading", 1);
    let mut corpus = Corpus::default();
    match plain_bytes(path) {
        Ok(Some(bytes)) => absorb(&mut corpus, guarded(|| lines(path, &bytes)), path),
        Ok(None) => corpus = read(&[Input::Path(path.to_owned())], rule, tools, &[], progress)?,
        Err(reason) => absorb(&mut corpus, Err(reason), path),
    }
    keep_rows(&mut corpus);
    progress.advance(1)?;
    Ok(corpus)
}

/// What a file of lines holds; `None` for formats that have rows of their own.
fn plain_bytes(path: &Path) -> Result<Option<Vec<u8>>, Reason> {
    if path.is_dir() {
        return Err("a folder, not a file with one text per line or row".into());
    }
    let bytes = bytes(path)?;
    let format = format::format(path, &bytes)?;
    Ok(matches!(format, Format::Plain | Format::Markdown).then_some(bytes))
}

fn lines(path: &Path, bytes: &[u8]) -> Outcome {
    let text = decode::text(bytes)?.text;
    let mut found = Found::default();
    for (i, line) in text.lines().enumerate() {
        let source = Source::Row {
            file: path.to_owned(),
            row: i + 1,
        };
        let line = line.trim();
        match plain::document(line.to_owned(), source.clone(), "") {
            Ok(mut document) => {
                document.title = plain::opening(line);
                found.documents.push(document);
            }
            Err(_) => found.skipped.push(Skipped {
                source,
                reason: "no words in this line".into(),
            }),
        }
    }
    Ok(found)
}

/// Leaves out whole documents, which have no place in an order of rows, and vectors that lie in the
/// same table as the texts.
fn keep_rows(corpus: &mut Corpus) {
    let (rows, others): (Vec<_>, Vec<_>) = corpus
        .documents
        .drain(..)
        .partition(|document| matches!(document.source, Source::Row { .. }));
    corpus.documents = rows;
    corpus
        .skipped
        .extend(others.into_iter().map(|document| Skipped {
            source: document.source,
            reason: "a document, not a file with one text per line or row".into(),
        }));
    for document in &mut corpus.documents {
        document.metadata.retain(|_, cell| !is_numbers(cell));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[track_caller]
    fn check(name: &str, content: &str, texts: &[&str], n_skipped: usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let rule = ReadRule::default();
        let corpus = read_rows(&path, &rule, &Tools::default(), &Progress::new()).unwrap();
        let found: Vec<&str> = corpus.documents.iter().map(|d| d.text.as_str()).collect();
        assert_eq!((&found[..], corpus.skipped.len()), (texts, n_skipped));
    }

    #[test]
    fn every_line_and_every_row_has_its_place() {
        check(
            "a.txt",
            "Low water\n\n Low water \n--\n",
            &["Low water", "Low water"],
            2,
        );
        check("a.md", "# One\n* two", &["# One", "* two"], 0);
        check("a.csv", "id,text\n1,Low water\n2,\n", &["Low water"], 1);
        check(
            "a.jsonl",
            "{\"text\": \"one word\"}\n{\"text\": \"two\"}\n",
            &["one word", "two"],
            0,
        );
        check("a.html", "<html><p>A page</p></html>", &[], 1);
    }

    #[test]
    fn vectors_beside_the_texts_are_not_the_text() {
        let table =
            "id,text,vector\n1,tea,\"[0.12345678, 0.98765432]\"\n2,milk,\"[1.0, 2.5e-3]\"\n";
        check("a.csv", table, &["tea", "milk"], 0);
    }
}
