//! A text becomes sections and sentences, and these the layout that an HDT reads.
//!
//! The model was trained on documents whose structure was known: a heading is the first sentence of
//! its section. A plain text tells as much by its empty lines, and Markdown by its headings.

use tokenizers::Tokenizer;
use unicode_segmentation::UnicodeSegmentation as _;

use super::layout::{Anchors, Layout};
use crate::embed::EmbedError;
use crate::embed::local::files::FilesError;

/// `<doc>` and the first `<sec>`, which even an empty document has.
pub const N_ANCHORS: usize = 2;

/// Lays out texts.
pub struct LayoutTokenizer {
    tokenizer: Tokenizer,
    anchors: Anchors,
    max_tokens: usize,
}

impl LayoutTokenizer {
    /// From the bytes of `tokenizer.json`; layouts are cut to `max_tokens`, anchors included.
    ///
    /// # Errors
    /// [`FilesError::Invalid`] when the file is not understood, or knows no anchors.
    pub fn new(json: &[u8], max_tokens: usize) -> Result<Self, FilesError> {
        let mut tokenizer =
            Tokenizer::from_bytes(json).map_err(|error| invalid(error.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|error| invalid(error.to_string()))?;
        let anchor = |names: &[&str]| {
            let id = names.iter().find_map(|name| tokenizer.token_to_id(name));
            id.ok_or_else(|| invalid(format!("it has no {} token", names[0])))
        };
        let anchors = Anchors {
            document: anchor(&["<doc>"])?,
            section: anchor(&["<sec>"])?,
            // BERT's own, where its tokenizer was given the other two only.
            sentence: anchor(&["<cls>", "[CLS]"])?,
        };
        Ok(Self {
            tokenizer,
            anchors,
            max_tokens,
        })
    }

    /// The layout of a text, cut to the model's length.
    pub fn layout(&self, text: &str) -> Result<Layout, EmbedError> {
        self.cut_layout(text, self.max_tokens)
    }

    /// Tokens of a text without the two anchors that every text has. The anchors of its sentences
    /// and further sections count, since they take room.
    pub fn n_tokens(&self, text: &str) -> usize {
        // The only failure of the tokenizers that can be loaded is a broken vocabulary, which
        // `layout` reports; a count of 0 keeps the text in one piece until then.
        self.cut_layout(text, usize::MAX)
            .map_or(0, |layout| layout.n_tokens() - N_ANCHORS)
    }

    fn cut_layout(&self, text: &str, max_tokens: usize) -> Result<Layout, EmbedError> {
        let ids = |sentence: &String| -> Result<Vec<u32>, EmbedError> {
            // Special tokens are the layout's business.
            let encoding = self.tokenizer.encode_fast(sentence.as_str(), false);
            let encoding = encoding.map_err(EmbedError::Tokenize)?;
            Ok(encoding.get_ids().to_vec())
        };
        let sections = sections(text)
            .iter()
            .map(|sentences| sentences.iter().map(&ids).collect())
            .collect::<Result<Vec<Vec<Vec<u32>>>, EmbedError>>()?;
        Ok(Layout::new(&sections, self.anchors, max_tokens))
    }
}

/// The sections of a text, and the sentences of each; none is empty.
///
/// A section ends at an empty line and before a heading of Markdown, which begins the next one and
/// is never left alone by the empty line behind it.
fn sections(text: &str) -> Vec<Vec<String>> {
    let mut sections = Vec::new();
    let mut section = Section::default();
    for line in text.lines().map(str::trim) {
        let heading = heading(line);
        if heading.is_some() || (line.is_empty() && !section.lines.is_empty()) {
            sections.extend(std::mem::take(&mut section).sentences());
        }
        match heading {
            Some(heading) => section.heading = Some(heading),
            None if line.is_empty() => {}
            None => section.lines.push(line),
        }
    }
    sections.extend(section.sentences());
    sections
}

/// A section while it is read.
#[derive(Default)]
struct Section<'a> {
    heading: Option<&'a str>,
    lines: Vec<&'a str>,
}

impl Section<'_> {
    fn sentences(self) -> Option<Vec<String>> {
        // Lines that are only wrapped belong together; to Unicode (UAX #29) each break would end a
        // sentence.
        let text = self.lines.join(" ");
        let mut all: Vec<String> = self.heading.into_iter().map(str::to_owned).collect();
        all.retain(|heading| !heading.is_empty());
        // One by one: the iterator's guess of its length overflows on an empty text.
        for sentence in text.split_sentence_bounds() {
            if !sentence.trim().is_empty() {
                all.push(sentence.trim().to_owned());
            }
        }
        (!all.is_empty()).then_some(all)
    }
}

/// The words of a Markdown heading.
fn heading(line: &str) -> Option<&str> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let is_heading = (1..=6).contains(&level) && words.starts_with(char::is_whitespace);
    is_heading.then(|| words.trim())
}

fn invalid(reason: String) -> FilesError {
    FilesError::Invalid {
        file: "tokenizer.json",
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENIZER: &[u8] = include_bytes!("../../../../tests/fixtures/hdt/tokenizer.json");

    #[test]
    fn sections_end_at_empty_lines_and_before_headings() {
        assert_eq!(
            sections("One. Two is\nwrapped!\n \n\nThree."),
            [vec!["One.", "Two is wrapped!"], vec!["Three."]]
        );
        assert_eq!(
            sections("# Title\n\n## Part\r\n\r\nWords.\n### Next\nMore."),
            [vec!["Title"], vec!["Part", "Words."], vec!["Next", "More."]]
        );
        assert_eq!(
            sections("#tag and\n####### seven\n#"),
            [vec!["#tag and ####### seven #"]]
        );
        assert!(sections(" \n\n").is_empty());
    }

    #[test]
    fn anchors_count_but_for_the_two_of_every_text() {
        let tokenizer = LayoutTokenizer::new(TOKENIZER, 12).unwrap();
        let n_tokens = |text: &str| tokenizer.n_tokens(text);
        assert_eq!(n_tokens(""), 0);
        assert_eq!(n_tokens("The river"), 3);
        assert_eq!(n_tokens("The river. The road."), 8);
        assert_eq!(n_tokens("The river.\n\nThe road."), 9);
        // What has as many tokens as there is room for is read to its end, and no further.
        let whole = |text: &str| tokenizer.cut_layout(text, usize::MAX).unwrap();
        let fits = "The river. The road. River";
        assert_eq!(n_tokens(fits), 12 - N_ANCHORS);
        assert_eq!(tokenizer.layout(fits).unwrap(), whole(fits));
        let longer = "The river. The road. River road";
        assert_eq!(tokenizer.layout(longer).unwrap(), whole(fits));
    }

    #[test]
    fn the_tokenizer_of_another_model_is_refused() {
        let other = include_bytes!("../../../../assets/model/tokenizer.json");
        let error = LayoutTokenizer::new(other, 12).err().unwrap().to_string();
        assert!(error.contains("it has no <doc> token"), "{error}");
    }
}
