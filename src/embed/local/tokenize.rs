//! Text becomes token ids, as the model was trained to see them.

use tokenizers::{Tokenizer, TruncationParams};

use super::files::FilesError;
use crate::embed::EmbedError;

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
            let n_tokens = tokenizer.n_tokens(&golden.text) + tokenizer.n_special();
            assert_eq!(n_tokens, golden.n_tokens_untruncated, "{}", golden.name);
        }
    }
}
