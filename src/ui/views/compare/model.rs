//! Texts cut into marked and plain stretches.

use std::ops::Range;

use crate::analysis::SentenceMatch;
use crate::session::Comparison;

/// Of a smaller score no shares are told: contributions of both signs cancel in it.
const LEAST_SHARED: f32 = 0.1;

/// A text and the stretches of it that match.
#[derive(Debug, Clone, PartialEq)]
pub struct Marked {
    /// The whole text.
    pub text: String,
    /// What is marked, in reading order.
    pub marks: Vec<Mark>,
}

/// A sentence that matches one of the other text.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Bytes of the text, without the white space behind the sentence.
    pub range: Range<usize>,
    /// The same on both sides; 1 is the strongest.
    pub number: usize,
    /// What the two sentences contribute to the score.
    pub contribution: f32,
    /// The same as a share of the strongest contribution that is marked, 0 to 1.
    pub strength: f32,
}

/// Both texts, marked as far as the comparison is done.
pub fn marked(left: &str, right: &str, comparison: Option<&Comparison>) -> (Marked, Marked) {
    let contributions: Vec<f32> = comparison.map_or_else(Vec::new, |comparison| {
        let of_pair = |found: &SentenceMatch| comparison.contribution(found.left, found.right);
        comparison.matches.iter().map(of_pair).collect()
    });
    let strongest = contributions
        .iter()
        .copied()
        .fold(f32::MIN_POSITIVE, f32::max);
    let side = |text: &str, sentences: &[Range<usize>], sentence_of: &dyn Fn(usize) -> usize| {
        let mut marks: Vec<Mark> = contributions
            .iter()
            .enumerate()
            .map(|(i, contribution)| Mark {
                range: trimmed(text, &sentences[sentence_of(i)]),
                number: i + 1,
                contribution: *contribution,
                strength: (contribution / strongest).clamp(0.0, 1.0),
            })
            .collect();
        marks.sort_by_key(|mark| mark.range.start);
        Marked {
            text: text.to_owned(),
            marks,
        }
    };
    let Some(comparison) = comparison else {
        return (side(left, &[], &|i| i), side(right, &[], &|i| i));
    };
    let matches = &comparison.matches;
    (
        side(left, &comparison.left, &|i| matches[i].left),
        side(right, &comparison.right, &|i| matches[i].right),
    )
}

/// The share of the score that the marked sentences contribute between them, 0 to 1. `None` when
/// the score is too small to have shares.
pub fn share_of_marked(comparison: &Comparison) -> Option<f32> {
    let mut contribution = 0.0;
    for left in &comparison.matches {
        for right in &comparison.matches {
            contribution += comparison.contribution(left.left, right.right);
        }
    }
    let has_shares = comparison.score >= LEAST_SHARED && !comparison.matches.is_empty();
    has_shares.then(|| (contribution / comparison.score).clamp(0.0, 1.0))
}

fn trimmed(text: &str, range: &Range<usize>) -> Range<usize> {
    let sentence = &text[range.clone()];
    let start = range.start + (sentence.len() - sentence.trim_start().len());
    start..(range.start + sentence.trim_end().len()).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Explanation;

    #[test]
    fn marks_stand_in_reading_order_and_share_their_number() {
        let comparison = Comparison {
            pair: (0, 1),
            score: 0.5,
            left: vec![0..5, 5..9],
            right: vec![0..3, 3..6],
            matches: vec![
                SentenceMatch {
                    left: 1,
                    right: 0,
                    cosine: 0.9,
                },
                SentenceMatch {
                    left: 0,
                    right: 1,
                    cosine: 0.6,
                },
            ],
            explanation: Explanation {
                // The residuals stand last.
                contributions: ndarray::array![[0.0, 0.1, 0.0], [0.2, 0.1, 0.0], [0.0, 0.0, 0.1]],
                score: 0.5,
                is_exact: true,
            },
            ..Comparison::default()
        };
        let (left, right) = marked("One. Two.", "A. B. ", Some(&comparison));
        let of = |marked: &Marked| {
            let text = |mark: &Mark| (marked.text[mark.range.clone()].to_owned(), mark.number);
            marked.marks.iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(of(&left), [("One.".into(), 2), ("Two.".into(), 1)]);
        assert_eq!(of(&right), [("A.".into(), 1), ("B.".into(), 2)]);
        let strengths: Vec<f32> = left.marks.iter().map(|mark| mark.strength).collect();
        assert_eq!(strengths, [0.5, 1.0]);
        assert!((share_of_marked(&comparison).unwrap() - 0.8).abs() < 1e-6);
        assert_eq!(share_of_marked(&Comparison::default()), None);
        assert!(marked("a", "b", None).0.marks.is_empty());
    }
}
