//! Plain text, and what all formats share: a title, and the check that there are words at all.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::document::{Document, Source};
use super::super::language::language;
use super::Reason;

/// A title longer than this is cut at a word, for lists.
const MAX_TITLE_CHARS: usize = 80;

/// A document titled by its first line, if that stands alone, else by `fallback`.
pub fn document(text: String, source: Source, fallback: &str) -> Result<Document, Reason> {
    let title = first_line_title(&text).unwrap_or_else(|| fallback.to_owned());
    let document = titled(title, text, source, BTreeMap::new())?;
    Ok(Document {
        language: language(&document.text),
        ..document
    })
}

/// A document with a known title. Its language is left open.
pub fn titled(
    title: String,
    text: String,
    source: Source,
    metadata: BTreeMap<String, String>,
) -> Result<Document, Reason> {
    if !text.chars().any(char::is_alphanumeric) {
        return Err("no words in it".into());
    }
    Ok(Document {
        title,
        text,
        source,
        metadata,
        marks: Vec::new(),
        copies: Vec::new(),
        language: None,
    })
}

/// The file's name without its extension.
pub fn file_title(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The beginning of a text, cut at a word.
pub fn opening(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    if line.chars().count() <= MAX_TITLE_CHARS {
        return line.to_owned();
    }
    let cut: String = line.chars().take(MAX_TITLE_CHARS).collect();
    let whole_words = cut
        .rsplit_once(char::is_whitespace)
        .map_or(cut.as_str(), |(words, _)| words);
    format!("{whole_words}…")
}

/// The first line, if it is short and stands alone.
pub fn first_line_title(text: &str) -> Option<String> {
    let mut lines = text.trim_start().lines();
    let first = lines.next()?.trim();
    let stands_alone = lines.next().is_none_or(|second| second.trim().is_empty());
    let short = !first.is_empty() && first.chars().count() <= MAX_TITLE_CHARS;
    (stands_alone && short).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_title(text: &str, expected: &str) {
        let document = document(text.into(), Source::Pasted(1), "fallback").unwrap();
        assert_eq!(
            (document.title.as_str(), document.text.as_str()),
            (expected, text)
        );
    }

    #[test]
    fn the_first_line_is_the_title_if_it_stands_alone() {
        check_title("Low water\n\nThe sea went out.", "Low water");
        check_title("One line only", "One line only");
        check_title("The sea went out\nand came back.", "fallback");
        check_title(&"long ".repeat(40), "fallback");
    }

    #[test]
    fn a_text_without_words_is_refused() {
        let refused = document(" \n--- !\n".into(), Source::Pasted(1), "x");
        assert_eq!(refused, Err("no words in it".into()));
    }

    #[test]
    fn an_opening_is_cut_at_a_word() {
        assert_eq!(opening("short text\nmore"), "short text");
        let cut = opening(&"twelve chars ".repeat(10));
        assert!(cut.ends_with("chars…") || cut.ends_with("twelve…"));
        assert!(cut.chars().count() <= MAX_TITLE_CHARS + 1);
    }
}
