//! A document in the making: what every format gives, before it has a source.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::document::{Document, Mark, Place, Source};
use super::super::language::language;
use super::{Reason, plain};

/// Text with its places, as one format found it. Blocks are parted by an empty line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What the file calls itself.
    pub title: Option<String>,
    /// The text so far.
    pub text: String,
    /// Pages, slides, sheets and headings.
    pub marks: Vec<Mark>,
    /// What the file says about itself, such as its author.
    pub metadata: BTreeMap<String, String>,
    /// What was left out, for people.
    pub notes: Vec<String>,
}

impl Draft {
    /// Ends the block before, if there is one: what is pushed next stands by itself.
    pub fn end_block(&mut self) {
        self.trim_line();
        self.text.truncate(self.text.trim_end().len());
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
    }

    /// Ends the line before, if there is one.
    pub fn end_line(&mut self) {
        self.trim_line();
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn trim_line(&mut self) {
        self.text
            .truncate(self.text.trim_end_matches([' ', '\t']).len());
    }

    /// Adds words to the present block; runs of white space become one space.
    pub fn push_words(&mut self, words: &str) {
        let starts_with_space = words.starts_with(char::is_whitespace);
        if starts_with_space {
            self.push_space();
        }
        for (i, word) in words.split_whitespace().enumerate() {
            if i > 0 {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
        if words.ends_with(char::is_whitespace) && !words.trim().is_empty() {
            self.push_space();
        }
    }

    /// Parts two words, if there is a word to part from.
    pub fn push_space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    /// Adds a block of its own.
    pub fn block(&mut self, words: &str) {
        self.end_block();
        self.push_words(words.trim());
        self.end_block();
    }

    /// Adds lines as they are, as a block of their own.
    pub fn lines(&mut self, lines: &str) {
        self.end_block();
        self.text.push_str(lines.trim_matches('\n'));
        self.end_block();
    }

    /// A place begins here.
    pub fn mark(&mut self, place: Place) {
        self.end_block();
        self.marks.push(Mark {
            at: self.text.len(),
            place,
        });
    }

    /// Adds a heading, which names what follows.
    pub fn heading(&mut self, words: &str) {
        let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return;
        }
        self.mark(Place::Heading(plain::opening(&name)));
        self.block(&name);
    }

    /// Adds something that the file says about itself, unless it is empty.
    pub fn about(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
            self.metadata.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Appends another text, its places moved along.
    pub fn append(&mut self, other: &Self) {
        self.end_block();
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.marks.extend(other.marks.iter().map(|mark| Mark {
            at: mark.at + start,
            place: mark.place.clone(),
        }));
        self.end_block();
    }

    /// The document, called by its own title, its first line or its file.
    pub fn into_document(mut self, source: Source, path: &Path) -> Result<Document, Reason> {
        self.text.truncate(self.text.trim_end().len());
        // A text that is only white space up to a mark would leave the mark beyond its end.
        self.marks.retain(|mark| mark.at < self.text.len());
        let own = self
            .title
            .as_deref()
            .map(plain::opening)
            .filter(|title| !title.is_empty());
        let title = own
            .or_else(|| plain::first_line_title(&self.text))
            .unwrap_or_else(|| plain::file_title(path));
        let document = plain::titled(title, self.text, source, self.metadata)?;
        Ok(Document {
            language: language(&document.text),
            marks: self.marks,
            ..document
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_parted_and_places_point_at_their_text() {
        let mut draft = Draft::default();
        draft.mark(Place::Page(1));
        draft.heading(" Low \n water ");
        draft.push_words("The sea ");
        draft.push_words(" went\nout.");
        draft.mark(Place::Page(2));
        draft.block("And came back.");
        let mut whole = Draft::default();
        whole.block("Before.");
        whole.append(&draft);
        let document = whole
            .into_document(Source::Pasted(1), Path::new("a/tides.pdf"))
            .unwrap();
        assert_eq!(
            document.text,
            "Before.\n\nLow water\n\nThe sea went out.\n\nAnd came back."
        );
        let starts: Vec<&str> = document
            .marks
            .iter()
            .map(|mark| document.text[mark.at..].split(' ').next().unwrap())
            .collect();
        assert_eq!(starts, ["Low", "Low", "And"]);
        assert_eq!(document.title, "Before.");
    }
}
