//! What a run will take, before it starts.

use super::batches::{AnswerSize, Cost, batches};
use crate::embed::Embedder;
use crate::embed::wire::Form;

/// What a user pays; nobody here knows a price list.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Price {
    /// For a thousand tokens.
    pub per_1000_tokens: f64,
    /// For a request.
    pub per_request: f64,
}

/// What a run will take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    /// Texts whose vectors are not known.
    pub n_texts: usize,
    /// Their characters.
    pub n_characters: usize,
    /// Their tokens, as the model on this computer counts them.
    pub n_tokens: usize,
    /// Requests, if none is repeated or split.
    pub n_calls: usize,
    /// Bytes of bodies there.
    pub bytes_sent: usize,
    /// Bytes of bodies back.
    pub bytes_got: usize,
}

impl Estimate {
    /// Counts texts that are to be sent.
    pub fn of(texts: &[&str], local: &dyn Embedder, form: &Form, answer: AnswerSize) -> Self {
        use rayon::prelude::*;
        let n_tokens: Vec<usize> = texts.par_iter().map(|text| local.n_tokens(text)).collect();
        let costs: Vec<Cost> = texts
            .iter()
            .zip(&n_tokens)
            .map(|(text, n)| Cost::of(text, *n, answer))
            .collect();
        let (sent, got): (Vec<usize>, Vec<usize>) = costs.iter().map(Cost::bytes).unzip();
        Self {
            n_texts: texts.len(),
            n_characters: texts.iter().map(|text| text.chars().count()).sum(),
            n_tokens: n_tokens.iter().sum(),
            n_calls: batches(&costs, form).len(),
            bytes_sent: sent.iter().sum(),
            bytes_got: got.iter().sum(),
        }
    }

    /// What that costs.
    pub fn cost(&self, price: Price) -> f64 {
        self.n_tokens as f64 / 1000.0 * price.per_1000_tokens
            + self.n_calls as f64 * price.per_request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::{EmbedderChoice, PrecisionRule, open};
    use crate::progress::Progress;

    #[test]
    fn texts_tokens_calls_bytes_and_cost_are_counted() {
        let choice = EmbedderChoice::Bundled;
        let local = open(&choice, PrecisionRule::Auto, &Progress::new()).unwrap();
        let texts = vec!["Low water."; 70];
        let answer = AnswerSize {
            dimension: 384,
            is_token_level: false,
        };
        let estimate = Estimate::of(&texts, &*local, &Form::Inputs, answer);
        assert_eq!((estimate.n_texts, estimate.n_characters), (70, 700));
        assert_eq!((estimate.n_tokens, estimate.n_calls), (210, 3));
        assert_eq!(estimate.bytes_sent, 70 * 13);
        let price = Price {
            per_1000_tokens: 0.1,
            per_request: 0.01,
        };
        assert!((estimate.cost(price) - 0.051).abs() < 1e-9);
    }
}
