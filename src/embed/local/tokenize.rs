//! Text becomes token ids, as the model was trained to see them.

use std::ops::Range;

use tokenizers::{Tokenizer, TruncationParams};

use super::files::FilesError;
use crate::embed::EmbedError;

/// For each token the bytes of the text that it stands for; `None` for those that a model adds.
type Places = Vec<Option<Range<usize>>>;

/// A tokenizer that cuts at the model's length, and its twin that never cuts and only counts.
pub struct TextTokenizer {
    cutting: Tokenizer,
    counting: Tokenizer,
    n_special: usize,
}

impl TextTokenizer {
    /// From the bytes of `tokenizer.json`. Whatever truncation and padding the file carries is
    /// replaced: all-MiniLM-L6-v2 says 128 and 128, but the model reads 256 and needs no padding.
    pub fn new(json: &[u8], max_tokens: usize) -> Result<Self, FilesError> {
        let invalid = |error: tokenizers::Error| FilesError::Invalid {
            file: "tokenizer.json",
            reason: error.to_string(),
        };
        let mut counting = Tokenizer::from_bytes(json).map_err(invalid)?;
        counting.with_padding(None);
        counting.with_truncation(None).map_err(invalid)?;
        let mut cutting = counting.clone();
        let truncation = TruncationParams {
            max_length: max_tokens,
            ..TruncationParams::default()
        };
        cutting.with_truncation(Some(truncation)).map_err(invalid)?;
        let n_special = counting.encode_fast("", true).map_err(invalid)?.len();
        Ok(Self {
            cutting,
            counting,
            n_special,
        })
    }

    /// Tokens that the model adds to every text.
    pub fn n_special(&self) -> usize {
        self.n_special
    }

    /// Tokens of the text itself.
    pub fn n_tokens(&self, text: &str) -> usize {
        // The only failure of the tokenizers that can be loaded is a broken vocabulary, which
        // `ids` reports; a count of 0 keeps the text in one piece until then.
        self.counting
            .encode_fast(text, false)
            .map_or(0, |encoding| encoding.len())
    }

    /// Ids of at most the model's length, special tokens included.
    pub fn ids(&self, text: &str) -> Result<Vec<u32>, EmbedError> {
        let encoding = self
            .cutting
            .encode_fast(text, true)
            .map_err(EmbedError::Tokenize)?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The same ids, and for each the bytes of the text that it stands for, without white space
    /// around them; `None` for tokens that the model adds.
    pub fn ids_and_ranges(&self, text: &str) -> Result<(Vec<u32>, Places), EmbedError> {
        // Unlike `encode_fast` this keeps track of places.
        let encoding = self
            .cutting
            .encode(text, true)
            .map_err(EmbedError::Tokenize)?;
        let places = encoding.get_offsets().iter();
        let ranges = places
            .zip(encoding.get_special_tokens_mask())
            .map(|((start, end), is_special)| {
                (*is_special == 0).then(|| trimmed(text, *start..*end))
            })
            .collect();
        Ok((encoding.get_ids().to_vec(), ranges))
    }
}

/// Some tokenizers count the space before a word as its first letter.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    match text.get(range.clone()) {
        Some(token) if !token.trim().is_empty() => {
            let start = range.start + (token.len() - token.trim_start().len());
            start..start + token.trim().len()
        }
        _ => range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Golden {
        name: String,
        text: String,
        n_tokens_untruncated: usize,
        input_ids: Vec<u32>,
    }

    /// The model's own tokens stand at both ends; the others stand for the words, in order.
    fn check_places(text: &str, ranges: &[Option<Range<usize>>]) {
        let n = ranges.len();
        for (at, range) in ranges.iter().enumerate() {
            assert_eq!(range.is_none(), at == 0 || at == n - 1, "{text}");
        }
        let mut end = 0;
        for range in ranges.iter().flatten() {
            assert!(range.start >= end || range.end == end, "{text}: {range:?}");
            let between = text.get(end..range.start).unwrap_or_default();
            // Nothing is left out but white space and what the model's tokenizer drops: control
            // characters and accents.
            assert!(
                !between.contains(|c: char| c.is_ascii_alphanumeric()),
                "{between}"
            );
            end = end.max(range.end);
        }
    }

    #[test]
    fn a_token_stands_for_its_word_without_the_space_before_it() {
        assert_eq!(trimmed("a b ", 1..3), 2..3);
        assert_eq!(trimmed("a b ", 2..4), 2..3);
        assert_eq!(trimmed("a  b", 1..3), 1..3);
        assert_eq!(trimmed("é", 1..2), 1..2);
    }

    #[test]
    fn ids_are_those_of_the_reference() {
        let tokenizer =
            TextTokenizer::new(include_bytes!("../../../assets/model/tokenizer.json"), 256)
                .unwrap();
        let texts = include_str!("../../../tests/fixtures/golden/texts.json");
        for golden in serde_json::from_str::<Vec<Golden>>(texts).unwrap() {
            assert_eq!(
                tokenizer.ids(&golden.text).unwrap(),
                golden.input_ids,
                "{}",
                golden.name
            );
            let (ids, ranges) = tokenizer.ids_and_ranges(&golden.text).unwrap();
            assert_eq!(ids, golden.input_ids, "{}", golden.name);
            check_places(&golden.text, &ranges);
            let n_tokens = tokenizer.n_tokens(&golden.text) + tokenizer.n_special();
            assert_eq!(n_tokens, golden.n_tokens_untruncated, "{}", golden.name);
        }
    }
}
