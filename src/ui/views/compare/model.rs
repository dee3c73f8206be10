//! Texts cut into marked and plain stretches.

use std::ops::Range;

use crate::session::Comparison;

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
    /// Cosine of the two sentences.
    pub cosine: f32,
}

/// Both texts, marked as far as the comparison is done.
pub fn marked(left: &str, right: &str, comparison: Option<&Comparison>) -> (Marked, Marked) {
    let side = |text: &str, sentences: &[Range<usize>], sentence_of: &dyn Fn(usize) -> usize| {
        let matches = comparison.map_or(&[][..], |comparison| &comparison.matches);
        let mut marks: Vec<Mark> = matches
            .iter()
            .enumerate()
            .map(|(i, found)| Mark {
                range: trimmed(text, &sentences[sentence_of(i)]),
                number: i + 1,
                cosine: found.cosine,
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

fn trimmed(text: &str, range: &Range<usize>) -> Range<usize> {
    let sentence = &text[range.clone()];
    let start = range.start + (sentence.len() - sentence.trim_start().len());
    start..(range.start + sentence.trim_end().len()).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::SentenceMatch;

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
        };
        let (left, right) = marked("One. Two.", "A. B. ", Some(&comparison));
        let of = |marked: &Marked| {
            let text = |mark: &Mark| (marked.text[mark.range.clone()].to_owned(), mark.number);
            marked.marks.iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(of(&left), [("One.".into(), 2), ("Two.".into(), 1)]);
        assert_eq!(of(&right), [("A.".into(), 1), ("B.".into(), 2)]);
        assert!(marked("a", "b", None).0.marks.is_empty());
    }
}
