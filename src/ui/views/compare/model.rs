//! Two texts with their sentences marked, and what is told of them.

use std::ops::Range;

use crate::analysis::{Explanation, Neighbor, SentenceMatch};
use crate::message::grouped;
use crate::session::Comparison;
use crate::ui::widgets::{Mark, MarkedText};

/// Of a smaller score no shares are told: contributions of both signs cancel in it.
const LEAST_SHARED: f32 = 0.1;

/// Left or right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The left text.
    Left,
    /// The right text.
    Right,
}

/// A sentence of one of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointed {
    /// Of which text.
    pub side: Side,
    /// Its number, from 0.
    pub sentence: usize,
}

/// What is pointed at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lit {
    /// Nothing: matching sentences show how strong they are.
    #[default]
    Nothing,
    /// A sentence: those of the other text show what each contributes with it.
    Sentence(Pointed),
    /// A left and a right sentence.
    Pair(usize, usize),
}

/// What the numbers are measured from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Baseline {
    /// From nothing: contributions sum to the cosine.
    #[default]
    Nothing,
    /// From what all items share.
    Corpus,
}

/// The contributions that are shown; those relative to the corpus where there are any.
pub fn explanation(comparison: &Comparison, baseline: Baseline) -> &Explanation {
    let relative = comparison.relative.as_ref();
    let relative = relative.filter(|_| baseline == Baseline::Corpus);
    relative.unwrap_or(&comparison.explanation)
}

/// Both texts. Matching sentences carry a number and their contribution; the color tells how strong
/// they are, or once a sentence is pointed at, how much each of the other text contributes with it.
pub fn marked(
    (left, right): (&str, &str),
    comparison: Option<&Comparison>,
    baseline: Baseline,
    lit: Lit,
) -> (MarkedText, MarkedText) {
    let Some(comparison) = comparison else {
        let plain = |text: &str| MarkedText {
            text: text.to_owned(),
            marks: Vec::new(),
        };
        return (plain(left), plain(right));
    };
    let side = |side: Side, text: &str| {
        let sentences = sentences(comparison, side);
        let labels = labels(comparison, baseline, side);
        let strengths = match (lit, side) {
            (Lit::Sentence(pointed), _) => strengths_with(comparison, baseline, side, pointed),
            (Lit::Pair(left, _), Side::Left) => only(comparison.left.len(), left),
            (Lit::Pair(_, right), Side::Right) => only(comparison.right.len(), right),
            (Lit::Nothing, _) => strengths(comparison, baseline, side),
        };
        let mark = |(at, label): (usize, Option<String>)| {
            let strength = strengths[at];
            (label.is_some() || strength.is_some()).then(|| Mark {
                range: trimmed(text, &sentences[at]),
                label,
                strength: strength.unwrap_or(0.0),
            })
        };
        MarkedText {
            text: text.to_owned(),
            marks: labels.into_iter().enumerate().filter_map(mark).collect(),
        }
    };
    (side(Side::Left, left), side(Side::Right, right))
}

/// The bytes of each sentence of a text.
pub fn sentences(comparison: &Comparison, side: Side) -> &[Range<usize>] {
    match side {
        Side::Left => &comparison.left,
        Side::Right => &comparison.right,
    }
}

/// One of `n` sentences.
fn only(n: usize, sentence: usize) -> Vec<Option<f32>> {
    (0..n).map(|at| (at == sentence).then_some(1.0)).collect()
}

/// What each sentence contributes with all of the other text; no residual.
fn totals(comparison: &Comparison, baseline: Baseline, side: Side) -> Vec<f32> {
    let explanation = explanation(comparison, baseline);
    let mut totals = match side {
        Side::Left => explanation.left_totals(),
        Side::Right => explanation.right_totals(),
    };
    totals.truncate(sentences(comparison, side).len());
    totals
}

/// Against a cluster the sentences that contribute most are labeled; of the others the color tells
/// enough.
const N_LABELED: usize = 3;

fn labels_of_totals(totals: &[f32]) -> Vec<Option<String>> {
    let mut strongest = totals.to_vec();
    strongest.sort_by(|a, b| b.total_cmp(a));
    let bar = strongest.get(N_LABELED - 1).copied().unwrap_or(f32::MIN);
    let label = |total: &f32| (*total >= bar).then(|| format!("{total:+.3}"));
    totals.iter().map(label).collect()
}

/// For each sentence its number and contribution, if it is one that matches. 1 is the strongest.
fn labels(comparison: &Comparison, baseline: Baseline, side: Side) -> Vec<Option<String>> {
    if comparison.cluster.is_some() {
        return labels_of_totals(&totals(comparison, baseline, side));
    }
    let contributions = &explanation(comparison, baseline).contributions;
    let mut labels = vec![None; sentences(comparison, side).len()];
    for (i, found) in comparison.matches.iter().enumerate() {
        let contribution = contributions[[found.left, found.right]];
        let sentence = match side {
            Side::Left => found.left,
            Side::Right => found.right,
        };
        labels[sentence] = Some(format!("{}\u{a0}·\u{a0}{contribution:+.3}", i + 1));
    }
    labels
}

/// For each sentence that matches its contribution, as a share of the strongest.
fn strengths(comparison: &Comparison, baseline: Baseline, side: Side) -> Vec<Option<f32>> {
    if comparison.cluster.is_some() {
        let totals = totals(comparison, baseline, side);
        let most = totals.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let share = |total: &f32| Some((total / most).clamp(0.0, 1.0));
        return totals.iter().map(share).collect();
    }
    let contributions = &explanation(comparison, baseline).contributions;
    let of_match = |at: usize| {
        let found = &comparison.matches[at];
        contributions[[found.left, found.right]]
    };
    let matches = 0..comparison.matches.len();
    let strongest = matches
        .clone()
        .map(of_match)
        .fold(f32::MIN_POSITIVE, f32::max);
    let mut strengths = vec![None; sentences(comparison, side).len()];
    for at in matches {
        let sentence = match side {
            Side::Left => comparison.matches[at].left,
            Side::Right => comparison.matches[at].right,
        };
        strengths[sentence] = Some((of_match(at) / strongest).clamp(0.0, 1.0));
    }
    strengths
}

/// For each sentence what it contributes with the one that is pointed at, as a share of the most that
/// any does. On its own side only that one is marked.
fn strengths_with(
    comparison: &Comparison,
    baseline: Baseline,
    side: Side,
    pointed: Pointed,
) -> Vec<Option<f32>> {
    let n = sentences(comparison, side).len();
    if side == pointed.side {
        return only(n, pointed.sentence);
    }
    let contributions = &explanation(comparison, baseline).contributions;
    let with = |at: usize| match side {
        Side::Left => contributions[[at, pointed.sentence]],
        Side::Right => contributions[[pointed.sentence, at]],
    };
    let most = (0..n).map(with).fold(f32::MIN_POSITIVE, f32::max);
    let share = |at: usize| Some(with(at) / most).filter(|share| *share > 0.05);
    (0..n).map(share).collect()
}

/// The sentence that holds a byte of its text.
pub fn sentence_at(comparison: &Comparison, side: Side, byte: usize) -> Option<Pointed> {
    let sentences = sentences(comparison, side);
    let n_begun = sentences.partition_point(|sentence| sentence.start <= byte);
    let sentence = n_begun.checked_sub(1)?;
    Some(Pointed { side, sentence })
}

/// What a sentence contributes, with which it contributes most, and the score without it.
pub fn told(comparison: &Comparison, baseline: Baseline, pointed: Pointed) -> Vec<String> {
    let explanation = explanation(comparison, baseline);
    let at = pointed.sentence;
    let (total, without) = match pointed.side {
        Side::Left => (explanation.left_totals()[at], comparison.without.0[at]),
        Side::Right => (explanation.right_totals()[at], comparison.without.1[at]),
    };
    let exactly = if explanation.is_exact { "" } else { "about " };
    let beyond = match baseline {
        Baseline::Nothing => "",
        Baseline::Corpus => " beyond what all share",
    };
    let of_all = format!(
        "contributes {exactly}{total:+.3} to {:.3}{beyond}",
        explanation.score
    );
    let alone = format!(
        "without it the cosine would be {without:.3} in place of {:.3}",
        comparison.score
    );
    let is_of_it = |found: &SentenceMatch| match pointed.side {
        Side::Left => found.left == at,
        Side::Right => found.right == at,
    };
    let number = comparison.matches.iter().position(is_of_it);
    let shared = number.and_then(|number| Some((number, *comparison.shared_words.1.get(number)?)));
    let matched = shared.map(|(number, shared)| {
        let cosine = comparison.matches[number].cosine;
        let percent = 100.0 * shared;
        format!(
            "matches {} with a cosine of {cosine:.2} and {percent:.0} % of words the same",
            number + 1
        )
    });
    [of_all, alone].into_iter().chain(matched).collect()
}

/// Letters of a sentence that are shown where there is little room.
const MAX_QUOTED: usize = 160;

/// A sentence on one line; of a long one the beginning, and how much is missing.
fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count().saturating_sub(MAX_QUOTED) {
        0 => line,
        n => {
            let beginning: String = line.chars().take(MAX_QUOTED).collect();
            format!("{beginning}… (+{})", grouped(n))
        }
    }
}

/// A pair of sentences: both, and what they contribute.
pub fn pair_told(
    comparison: &Comparison,
    left_text: &str,
    baseline: Baseline,
    (left, right): (usize, usize),
) -> Option<[String; 3]> {
    let value = explanation(comparison, baseline)
        .contributions
        .get((left, right))?;
    let left_words = quoted(left_text.get(comparison.left.get(left)?.clone())?);
    let right_words = quoted(
        comparison
            .right_text
            .get(comparison.right.get(right)?.clone())?,
    );
    let cosine = comparison.cosines.get((left, right));
    let alone = cosine.map_or(String::new(), |cosine| {
        format!(" · cosine alone {cosine:.2}")
    });
    Some([
        format!("contributes {value:+.3}{alone}"),
        format!("Left {}: {left_words}", grouped(left + 1)),
        format!("Right {}: {right_words}", grouped(right + 1)),
    ])
}

/// How far the score is one of words, and how far one of meaning. The bounds are rough: half of the
/// words are much for two texts that were not copied.
pub fn words_told(comparison: &Comparison) -> String {
    let shared = comparison.shared_words.0;
    let kind = match (comparison.score, shared) {
        (_, 0.5..) => "mostly the same words",
        (0.6.., ..0.15) => "the same in other words",
        _ => "some of the same words",
    };
    format!("{:.0} % of words are the same: {kind}", 100.0 * shared)
}

/// The item to compare with next: the neighbor after or before the present one, nearest first; from
/// one that is no neighbor, the nearest. `None` at either end.
pub fn step(neighbors: &[Neighbor], right: usize, by: isize) -> Option<usize> {
    let place = neighbors.iter().position(|neighbor| neighbor.item == right);
    let place = match place {
        Some(place) => place.checked_add_signed(by)?,
        None => 0,
    };
    neighbors.get(place).map(|neighbor| neighbor.item)
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
    use ndarray::array;

    const TEXTS: (&str, &str) = ("One. Two.", "A. B. ");

    fn comparison() -> Comparison {
        let found = |left, right, cosine| SentenceMatch {
            left,
            right,
            cosine,
        };
        // The residuals stand last.
        let explanation = |contributions, score| Explanation {
            contributions,
            score,
            is_exact: true,
        };
        Comparison {
            pair: (0, 1),
            score: 0.5,
            left: vec![0..5, 5..9],
            right: vec![0..3, 3..6],
            matches: vec![found(1, 0, 0.9), found(0, 1, 0.6)],
            explanation: explanation(
                array![[0.0, 0.1, 0.0], [0.2, 0.1, 0.0], [0.0, 0.0, 0.1]],
                0.5,
            ),
            relative: Some(explanation(
                array![[0.0, 0.3, 0.0], [0.1, 0.0, 0.0], [0.0, 0.0, 0.0]],
                0.4,
            )),
            shared_words: (0.2, vec![0.5, 0.0]),
            without: (vec![0.45, 0.3], vec![0.35, 0.4]),
            ..Comparison::default()
        }
    }

    /// Text, label and strength of each mark.
    fn told_marks(marked: &MarkedText) -> Vec<(&str, &str, f32)> {
        let mut told = Vec::new();
        for mark in &marked.marks {
            let label = mark.label.as_deref().unwrap_or("");
            told.push((&marked.text[mark.range.clone()], label, mark.strength));
        }
        told
    }

    #[test]
    fn marks_stand_in_reading_order_and_share_their_number() {
        let comparison = comparison();
        let (left, right) = marked(TEXTS, Some(&comparison), Baseline::Nothing, Lit::Nothing);
        let expected = [
            ("One.", "2\u{a0}·\u{a0}+0.100", 0.5),
            ("Two.", "1\u{a0}·\u{a0}+0.200", 1.0),
        ];
        assert_eq!(told_marks(&left), expected);
        let expected = [
            ("A.", "1\u{a0}·\u{a0}+0.200", 1.0),
            ("B.", "2\u{a0}·\u{a0}+0.100", 0.5),
        ];
        assert_eq!(told_marks(&right), expected);
        assert!((share_of_marked(&comparison).unwrap() - 0.8).abs() < 1e-6);
        assert_eq!(share_of_marked(&Comparison::default()), None);
        let (left, _) = marked(TEXTS, None, Baseline::Nothing, Lit::Nothing);
        assert!(left.marks.is_empty());
    }

    #[test]
    fn relative_to_the_corpus_the_numbers_are_others() {
        let (left, _) = marked(TEXTS, Some(&comparison()), Baseline::Corpus, Lit::Nothing);
        let labels: Vec<&str> = told_marks(&left).into_iter().map(|mark| mark.1).collect();
        assert_eq!(labels, ["2\u{a0}·\u{a0}+0.300", "1\u{a0}·\u{a0}+0.100"]);
        // Without other documents there is nothing to be relative to.
        let alone = Comparison {
            relative: None,
            ..comparison()
        };
        assert!((explanation(&alone, Baseline::Corpus).score - 0.5).abs() < 1e-6);
    }

    #[test]
    fn the_same_words_are_told_from_the_same_meaning() {
        let told = |score, shared| {
            words_told(&Comparison {
                score,
                shared_words: (shared, Vec::new()),
                ..Comparison::default()
            })
        };
        assert_eq!(
            told(0.8, 0.05),
            "5 % of words are the same: the same in other words"
        );
        assert!(told(0.95, 0.8).ends_with("mostly the same words"));
        assert!(told(0.3, 0.1).ends_with("some of the same words"));
    }

    #[test]
    fn pairs_are_walked_by_nearness() {
        let near = [5, 2, 9].map(|item| Neighbor { item, cosine: 0.5 });
        assert_eq!(step(&near, 5, 1), Some(2));
        assert_eq!(step(&near, 2, -1), Some(5));
        assert_eq!((step(&near, 5, -1), step(&near, 9, 1)), (None, None));
        assert_eq!((step(&near, 7, 1), step(&[], 7, 1)), (Some(5), None));
    }

    #[test]
    fn a_pair_lights_up_both_its_sentences() {
        let comparison = comparison();
        let (left, right) = marked(TEXTS, Some(&comparison), Baseline::Nothing, Lit::Pair(0, 1));
        let lit = |text: &MarkedText| -> Vec<f32> {
            text.marks.iter().map(|mark| mark.strength).collect()
        };
        assert_eq!((lit(&left), lit(&right)), (vec![1.0, 0.0], vec![0.0, 1.0]));
        let comparison = Comparison {
            right_text: TEXTS.1.into(),
            ..comparison
        };
        let told = |pair| pair_told(&comparison, TEXTS.0, Baseline::Nothing, pair);
        assert_eq!(
            told((0, 1)).unwrap(),
            ["contributes +0.100", "Left 1: One.", "Right 2: B."]
        );
        assert_eq!(told((2, 0)), None);
        let long = quoted(&"潮 ".repeat(400));
        assert!(long.ends_with("… (+639)"), "{long}");
    }

    #[test]
    fn against_a_cluster_all_sentences_are_shaded() {
        let comparison = Comparison {
            cluster: Some(crate::session::ClusterSide::default()),
            matches: Vec::new(),
            ..comparison()
        };
        let (left, _) = marked(TEXTS, Some(&comparison), Baseline::Nothing, Lit::Nothing);
        let expected = [("One.", "+0.100", 1.0 / 3.0), ("Two.", "+0.300", 1.0)];
        for (mark, expected) in told_marks(&left).into_iter().zip(expected) {
            assert_eq!((mark.0, mark.1), (expected.0, expected.1));
            assert!((mark.2 - expected.2).abs() < 1e-6);
        }
    }

    #[test]
    fn a_sentence_lights_up_what_it_contributes_with() {
        let comparison = comparison();
        let pointed = sentence_at(&comparison, Side::Left, 6).unwrap();
        assert_eq!(
            pointed,
            Pointed {
                side: Side::Left,
                sentence: 1
            }
        );
        let (left, right) = marked(
            TEXTS,
            Some(&comparison),
            Baseline::Nothing,
            Lit::Sentence(pointed),
        );
        let strengths = |text: &MarkedText| -> Vec<f32> {
            text.marks.iter().map(|mark| mark.strength).collect()
        };
        assert_eq!(strengths(&left), [0.0, 1.0]);
        assert_eq!(strengths(&right), [1.0, 0.5]);
        assert_eq!(
            told(&comparison, Baseline::Nothing, pointed),
            [
                "contributes +0.300 to 0.500",
                "without it the cosine would be 0.300 in place of 0.500",
                "matches 1 with a cosine of 0.90 and 50 % of words the same"
            ]
        );
        assert_eq!(
            told(&comparison, Baseline::Corpus, pointed)[0],
            "contributes +0.100 to 0.400 beyond what all share"
        );
    }
}
