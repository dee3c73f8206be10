//! What a model makes of each token of a text, before it joins them into one vector.

use std::ops::Range;

use ndarray::Array2;

/// The token vectors of one text, of a model that takes their mean.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenVectors {
    /// Shape `(tokens, d)`, special tokens included: the rows whose mean is the text's vector,
    /// before that is given length 1. Each has read the whole text, so it says what its word means
    /// here and not what the word alone means.
    pub vectors: Array2<f32>,
    /// For each token the bytes of the text that it stands for, without white space around them;
    /// `None` for tokens that the model adds to every text. In order, and one word's tokens may
    /// share a character.
    pub ranges: Vec<Option<Range<usize>>>,
}
