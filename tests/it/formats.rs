//! Real files of every format, with the words that each must yield.
//!
//! The files and their words were made by `tests/fixtures/corpus/make.py` with thirty programs.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::OnceLock;

use semascope::progress::Progress;
use semascope::text::{Corpus, Document, Input, ReadRule, Source, Tools, Workers, read};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::support::repository;

#[derive(Deserialize)]
struct Entry {
    file: String,
    format: String,
    lang: String,
    words: Vec<String>,
    documents: Option<usize>,
    text_column: Option<String>,
    #[serde(default)]
    repeated: Vec<String>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    places: Vec<(String, String)>,
}

impl Entry {
    fn path(&self) -> PathBuf {
        repository("tests/fixtures/corpus").join(&self.file)
    }
}

fn entries() -> Vec<Entry> {
    let manifest = std::fs::read(repository("tests/fixtures/corpus/manifest.json")).unwrap();
    serde_json::from_slice(&manifest).unwrap()
}

/// Tools with the real worker process.
pub fn tools() -> Tools {
    Tools {
        workers: Some(Workers::new(env!("CARGO_BIN_EXE_semascope").into())),
        cache: None,
    }
}

/// The whole folder, read once for all tests of this process.
fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let inputs = [Input::Path(repository("tests/fixtures/corpus"))];
        read(
            &inputs,
            &ReadRule::default(),
            &tools(),
            &[],
            &Progress::new(),
        )
        .unwrap()
    })
}

/// The documents of each file; a copy has those of its original.
fn by_file() -> HashMap<PathBuf, Vec<&'static Document>> {
    let mut found: HashMap<PathBuf, Vec<&Document>> = HashMap::new();
    for document in &corpus().documents {
        for source in [&document.source].into_iter().chain(&document.copies) {
            let file = source.file().unwrap().to_owned();
            found.entry(file).or_default().push(document);
        }
    }
    found
}

/// Letters and digits only, one form for each, without marks that are not seen.
fn normalized(text: &str) -> String {
    let text = text
        .nfkc()
        .filter(|c| !matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2066}'..='\u{2069}'));
    text.collect::<String>().to_lowercase()
}

fn words(text: &str) -> Vec<String> {
    let parts = normalized(text);
    let parts = parts.split(|c: char| !c.is_alphanumeric());
    parts
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn packed(text: &str) -> String {
    normalized(text)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// The share of the words that are there, as often as they should be. Where words are not parted,
/// of phrases.
fn recall(entry: &Entry, text: &str) -> f64 {
    if entry.lang.starts_with("zh") || entry.lang == "ja" {
        let text = packed(text);
        let found = entry
            .words
            .iter()
            .filter(|phrase| text.contains(&packed(phrase)));
        return found.count() as f64 / entry.words.len() as f64;
    }
    let mut there: HashMap<String, usize> = HashMap::new();
    for word in words(text) {
        *there.entry(word).or_default() += 1;
    }
    let wanted = words(&entry.words.join(" "));
    let n_found = wanted.iter().filter(|word| match there.get_mut(*word) {
        Some(n) if *n > 0 => {
            *n -= 1;
            true
        }
        _ => false,
    });
    n_found.count() as f64 / wanted.len() as f64
}

/// All that a person can see of a file's documents.
fn text_of(entry: &Entry, documents: &[&Document]) -> String {
    let mut text = String::new();
    for document in documents {
        text.push_str(&document.text);
        text.push('\n');
        if entry.text_column.is_none() {
            // Rows of a workbook: their other cells.
            if matches!(document.source, Source::Row { .. }) {
                for (name, value) in &document.metadata {
                    text.extend([name, " ", value, "\n"]);
                }
            }
        }
    }
    text
}

/// What is known to be read with gaps, and how much of it is read all the same.
const HARD: [(&str, f64); 5] = [
    // Boxes of text in a Word 97 file are not read.
    ("office/libreoffice-boxed.doc", 0.92),
    // Spaces between words that are kerned closely, or at the end of a Korean line, are lost.
    ("pdf/groff-ps2pdf.pdf", 0.88),
    ("pdf/reportlab-cid-korean.pdf", 0.79),
    ("pdf/xelatex-korean.pdf", 0.87),
    // No browser guesses this encoding of old Macintosh computers.
    ("text/mac-roman-german.txt", 0.77),
];

#[test]
fn every_file_yields_its_words() {
    let by_file = by_file();
    let mut of_format: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let entries = entries();
    let mut short = Vec::new();
    for entry in &entries {
        let documents = by_file
            .get(&entry.path())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let recall = recall(entry, &text_of(entry, documents));
        of_format.entry(&entry.format).or_default().push(recall);
        let least = HARD
            .iter()
            .find(|(file, _)| *file == entry.file)
            .map_or(0.98, |(_, least)| *least);
        if recall < least {
            let skipped = corpus()
                .skipped
                .iter()
                .find(|skipped| skipped.source.file() == Some(&entry.path()));
            let reason = skipped
                .map(|skipped| skipped.reason.as_str())
                .unwrap_or_default();
            short.push(format!("{recall:.3} {} {reason}", entry.file));
        }
    }
    println!(
        "{:10} {:>5} {:>6} {:>6}",
        "format", "files", "mean", "least"
    );
    for (format, recalls) in &of_format {
        let mean = recalls.iter().sum::<f64>() / recalls.len() as f64;
        let least = recalls.iter().copied().fold(1.0, f64::min);
        println!("{format:10} {:5} {mean:6.3} {least:6.3}", recalls.len());
    }
    assert!(entries.len() >= 150);
    assert!(
        short.is_empty(),
        "{} files yield too little:\n{}",
        short.len(),
        short.join("\n")
    );
}

#[test]
fn what_nobody_sees_is_left_out() {
    let by_file = by_file();
    let mut seen = Vec::new();
    for entry in entries() {
        let Some(documents) = by_file.get(&entry.path()) else {
            continue;
        };
        let text = packed(&text_of(&entry, documents));
        let meant = packed(&entry.words.join(" "));
        for phrase in entry
            .absent
            .iter()
            .chain(&entry.repeated)
            .map(|phrase| packed(phrase))
        {
            // A running header often says what the title says too.
            if !phrase.is_empty() && text.matches(&phrase).count() > meant.matches(&phrase).count()
            {
                seen.push(format!("{}: {phrase}", entry.file));
            }
        }
    }
    assert!(seen.is_empty(), "{}", seen.join("\n"));
}

#[test]
fn a_passage_knows_its_page_slide_or_heading() {
    let by_file = by_file();
    let (mut n, mut wrong) = (0, Vec::new());
    for entry in entries() {
        let Some(documents) = by_file.get(&entry.path()) else {
            continue;
        };
        for (phrase, place) in &entry.places {
            n += 1;
            let told: Vec<String> = documents
                .iter()
                .filter_map(|document| place_of(document, phrase))
                .collect();
            if !told
                .iter()
                .any(|told| told.split(" · ").any(|part| part == place))
            {
                wrong.push(format!(
                    "{}: “{phrase}” is at {place}, not {told:?}",
                    entry.file
                ));
            }
        }
    }
    println!("{} of {n} places are right", n - wrong.len());
    assert!(
        wrong.is_empty(),
        "{} of {n}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Where the words of `phrase` stand, however the lines break between them.
fn place_of(document: &Document, phrase: &str) -> Option<String> {
    let word = phrase.split_whitespace().next()?;
    // Where words are not parted a line may break anywhere.
    let first = &word[..word
        .char_indices()
        .nth(3)
        .map_or(word.len(), |(end, _)| end)];
    let starts = document.text.match_indices(first).map(|(at, _)| at);
    let wanted = packed(phrase);
    let starts = starts.filter(|at| {
        packed(
            &document.text[*at..]
                .chars()
                .take(4 * phrase.len())
                .collect::<String>(),
        )
        .starts_with(&wanted)
    });
    let at = starts.last()?;
    let sheet = document.metadata.get("sheet");
    document.place(&(at..at + first.len())).or(sheet.cloned())
}

#[test]
fn tables_and_mailboxes_give_a_document_each() {
    let by_file = by_file();
    let mut wrong = Vec::new();
    for entry in entries() {
        let n = by_file.get(&entry.path()).map_or(0, Vec::len);
        let workbook = ["xlsx", "xls", "ods"].contains(&entry.format.as_str());
        // A text that happens to be JSON may be read as either.
        if n != entry.documents.unwrap_or(1) && !workbook && entry.file != "disguised/records.txt" {
            wrong.push(format!(
                "{}: {n} documents instead of {:?}",
                entry.file, entry.documents
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
