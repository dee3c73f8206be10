//! Parts texts into requests by what they will take: bytes there, bytes back, and number.

use crate::embed::wire::{Form, json_bytes};

/// SageMaker's serverless endpoints take and give 4 MB at most; a margin is left.
const MOST_BYTES: usize = 3_500_000;
/// Bytes of one number in an answer: doubles of a 32-bit float, with comma, as Python writes them.
const BYTES_PER_NUMBER: usize = 21;
/// Tokens that a model adds to a text.
const N_SPECIAL: usize = 2;

/// What is known of a server's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerSize {
    /// Length of a vector.
    pub dimension: usize,
    /// Whether each token has one.
    pub is_token_level: bool,
}

/// What a text takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    sent: usize,
    got: usize,
}

impl Cost {
    /// Predicts it from a text and the number of its tokens.
    pub fn of(text: &str, n_tokens: usize, answer: AnswerSize) -> Self {
        let n_vectors = if answer.is_token_level {
            n_tokens + N_SPECIAL
        } else {
            1
        };
        Self {
            sent: json_bytes(text),
            got: n_vectors * answer.dimension * BYTES_PER_NUMBER,
        }
    }

    /// Bytes there and back.
    pub fn bytes(&self) -> (usize, usize) {
        (self.sent, self.got)
    }
}

/// Parts texts `0..costs.len()` into requests, in order. A text that takes too much by itself comes
/// alone.
pub fn batches(costs: &[Cost], form: &Form) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = Vec::new();
    let mut sum = Cost { sent: 0, got: 0 };
    for (text, cost) in costs.iter().enumerate() {
        let fits = sum.sent + cost.sent <= MOST_BYTES && sum.got + cost.got <= MOST_BYTES;
        match out.last_mut() {
            Some(batch) if batch.len() < form.max_texts() && fits => {
                batch.push(text);
                sum.sent += cost.sent;
                sum.got += cost.got;
            }
            _ => {
                out.push(vec![text]);
                sum = *cost;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[(&str, usize)], is_token_level: bool, form: &Form) -> Vec<usize> {
        let size = AnswerSize {
            dimension: 384,
            is_token_level,
        };
        let costs: Vec<Cost> = texts
            .iter()
            .map(|(text, n)| Cost::of(text, *n, size))
            .collect();
        let out = batches(&costs, form);
        let all: Vec<usize> = out.iter().flatten().copied().collect();
        assert_eq!(all, (0..texts.len()).collect::<Vec<_>>());
        for batch in &out {
            let sum = |part: fn(&Cost) -> usize| {
                batch.iter().map(|text| part(&costs[*text])).sum::<usize>()
            };
            let fits = sum(|cost| cost.sent) <= MOST_BYTES && sum(|cost| cost.got) <= MOST_BYTES;
            assert!(batch.len() == 1 || fits && batch.len() <= form.max_texts());
        }
        out.iter().map(Vec::len).collect()
    }

    #[test]
    fn answers_of_token_vectors_are_the_limit_and_not_the_number_of_texts() {
        // 258 tokens of 8 kB each are 2 MB: one text a request.
        assert_eq!(check(&[("word ", 256); 3], true, &Form::Inputs), [1, 1, 1]);
        assert_eq!(
            check(&[("word ", 30); 40], true, &Form::Inputs),
            [13, 13, 13, 1]
        );
        assert_eq!(check(&[("word ", 256); 40], false, &Form::Inputs), [32, 8]);
    }

    #[test]
    fn bytes_that_are_sent_and_the_form_are_limits_too() {
        let long = "\u{1}".repeat(200_000);
        assert_eq!(check(&[(&*long, 256); 5], false, &Form::Inputs), [2, 2, 1]);
        assert_eq!(check(&[("a", 1); 3], false, &Form::Titan1), [1, 1, 1]);
        assert_eq!(check(&[("a", 1); 100], false, &Form::Cohere), [96, 4]);
        let huge = "x".repeat(4_000_000);
        assert_eq!(
            check(&[("a", 1), (&huge, 9), ("a", 1)], false, &Form::Inputs),
            [1, 1, 1]
        );
    }
}
