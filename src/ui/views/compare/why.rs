//! Why a score is as low, or as high, as it is: plain sentences, each from a number that was counted.

use crate::message::{count, grouped};
use crate::session::{Comparison, MATCH_THRESHOLD, Rank, Reasons};

/// Scores below this are called low.
const LOW: f32 = 0.4;

/// Texts that differ in length by more than this have it named as an effect.
const MUCH_LONGER: f32 = 3.0;

/// What the question is called.
pub fn question(score: f32) -> &'static str {
    if score < LOW {
        "Why so low?"
    } else {
        "Why this score?"
    }
}

/// The names of both clusters, where the sides have any.
pub type Clusters = Option<(String, String)>;

/// The answer. Coverage and length come last, and always.
pub fn lines(comparison: &Comparison, clusters: &Clusters, how_read: &str) -> Vec<String> {
    let Some(reasons) = &comparison.reasons else {
        return Vec::new();
    };
    let mut lines = ranks(reasons, comparison.score);
    lines.push(words(reasons));
    lines.extend(own_words(reasons));
    lines.push(unmatched(reasons, comparison));
    lines.extend(against(reasons));
    lines.extend(clusters.as_ref().map(|(left, right)| {
        if left == right {
            format!("Both are in the same cluster: {left}")
        } else {
            format!("They are in different clusters: {left} on the left, {right} on the right")
        }
    }));
    lines.push(length(reasons, comparison.score));
    lines.push(coverage(reasons, how_read));
    lines
}

fn ranks(reasons: &Reasons, score: f32) -> Vec<String> {
    let told = |rank: &Rank, side: &str| {
        let n_others = rank.n.saturating_sub(1);
        let place = match rank.n_nearer {
            0 => format!("Nothing else here is nearer to the {side} one"),
            n => format!(
                "{} of {} others {} nearer to the {side} one",
                grouped(n),
                grouped(n_others),
                if n == 1 { "is" } else { "are" }
            ),
        };
        let compared = if score < rank.median {
            "below"
        } else {
            "not below"
        };
        format!(
            "{place}; half of all have {:.3} or more with it, so {score:.3} is {compared} the middle",
            rank.median
        )
    };
    let sides = [(reasons.ranks.0, "left"), (reasons.ranks.1, "right")];
    let known = sides
        .iter()
        .filter_map(|(rank, side)| Some((rank.as_ref()?, side)));
    // Of a single other there is no rank to speak of.
    known
        .filter(|(rank, _)| rank.n > 1)
        .map(|(rank, side)| told(rank, side))
        .collect()
}

fn words(reasons: &Reasons) -> String {
    let percent = 100.0 * reasons.n_common_words as f32 / reasons.n_words.max(1) as f32;
    let stand = if reasons.n_common_words == 1 {
        "stands"
    } else {
        "stand"
    };
    format!(
        "{} of {} {stand} in both ({percent:.0} %)",
        grouped(reasons.n_common_words),
        count(reasons.n_words, "distinct word")
    )
}

fn own_words(reasons: &Reasons) -> Option<String> {
    let side = |words: &[String], side: &str| {
        (!words.is_empty()).then(|| format!("only on the {side}: {}", words.join(", ")))
    };
    let (left, right) = &reasons.own_words;
    let parts: Vec<String> = [side(left, "left"), side(right, "right")]
        .into_iter()
        .flatten()
        .collect();
    let line = parts.join("; ");
    (!line.is_empty()).then(|| crate::message::sentence(&line))
}

fn unmatched(reasons: &Reasons, comparison: &Comparison) -> String {
    let (left, right) = (comparison.left.len(), comparison.right.len());
    let (n_left, n_right) = reasons.n_unmatched;
    if n_left + n_right == 0 {
        return format!(
            "Every sentence has a like on the other side (cosine {MATCH_THRESHOLD:.2} or more)"
        );
    }
    format!(
        "{} of {} on the left and {} of {} on the right have no like on the other side (cosine below \
         {MATCH_THRESHOLD:.2} to all)",
        grouped(n_left),
        count(left, "sentence"),
        grouped(n_right),
        count(right, "sentence")
    )
}

fn against(reasons: &Reasons) -> Option<String> {
    let against = reasons.against;
    // What rounds to nothing is not worth a line.
    (against < -0.0005).then(|| {
        format!(
            "Pairs of sentences that pull apart take {:.3} off the score",
            -against
        )
    })
}

fn length(reasons: &Reasons, score: f32) -> String {
    let (left, right) = reasons.n_tokens;
    let tokens = format!(
        "Length: {} on the left, {} on the right",
        count(left, "token"),
        count(right, "token")
    );
    let (n_left, n_right) = reasons.n_passages;
    if n_left <= 1 && n_right <= 1 {
        return format!("{tokens}; each is a single passage, so nothing is averaged away");
    }
    let (short, long) = (left.min(right).max(1) as f32, left.max(right) as f32);
    let ratio = if long / short >= MUCH_LONGER {
        format!(", one {:.0} times as long as the other", long / short)
    } else {
        String::new()
    };
    let nearest = reasons.nearest_passages;
    let effect = if nearest > score {
        format!(
            "the two nearest passages have {nearest:.3}, the whole texts {score:.3}: the vector of a \
             text is the mean of its passages, and the others lower it"
        )
    } else {
        format!("the two nearest passages have {nearest:.3}, no more than the whole texts")
    };
    format!("{tokens}{ratio}; {effect}")
}

fn coverage(reasons: &Reasons, how_read: &str) -> String {
    let is_whole = |share: f32| share > 0.9995;
    let (left, right) = reasons.covered;
    if is_whole(left) && is_whole(right) {
        return "Coverage: the model read all of both".into();
    }
    format!(
        "Coverage: the model read {:.1} % of the left and {:.1} % of the right text ({how_read})",
        100.0 * left,
        100.0 * right
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons() -> Reasons {
        let rank = |n_nearer| Rank {
            n_nearer,
            n: 412,
            median: 0.21,
        };
        Reasons {
            n_common_words: 3,
            n_words: 60,
            own_words: (vec!["harbor".into(), "tide".into()], Vec::new()),
            n_unmatched: (4, 9),
            against: -0.04,
            n_passages: (1, 8),
            n_tokens: (100, 1_800),
            covered: (1.0, 1.0),
            nearest_passages: 0.55,
            ranks: (Some(rank(380)), Some(rank(0))),
        }
    }

    fn told(reasons: Reasons) -> Vec<String> {
        let comparison = Comparison {
            score: 0.12,
            left: vec![0..1; 5],
            right: vec![0..1; 10],
            reasons: Some(reasons),
            ..Comparison::default()
        };
        let clusters = Some(("tide".into(), "bread".into()));
        lines(&comparison, &clusters, "without 3 repeated sentences")
    }

    #[test]
    fn every_reason_is_one_of_the_numbers() {
        let lines = told(reasons());
        let expected = [
            "380 of 411 others are nearer to the left one",
            "Nothing else here is nearer to the right one",
            "3 of 60 distinct words stand in both (5 %)",
            "Only on the left: harbor, tide",
            "4 of 5 sentences on the left and 9 of 10 sentences on the right",
            "take 0.040 off the score",
            "tide on the left, bread on the right",
            "one 18 times as long as the other; the two nearest passages have 0.550",
            "Coverage: the model read all of both",
        ];
        assert_eq!(lines.len(), expected.len(), "{lines:#?}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.contains(expected), "{line}");
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_not_there() {
        let lines = told(Reasons {
            ranks: (None, None),
            own_words: (Vec::new(), Vec::new()),
            against: 0.0,
            n_unmatched: (0, 0),
            n_passages: (1, 1),
            covered: (0.5, 1.0),
            ..reasons()
        });
        assert_eq!(lines.len(), 5, "{lines:#?}");
        assert!(lines[3].ends_with("nothing is averaged away"));
        assert!(lines[4].contains("50.0 % of the left"));
        assert!(lines[4].contains("without 3 repeated sentences"));
        assert!(super::lines(&Comparison::default(), &None, "").is_empty());
    }

    #[test]
    fn only_a_low_score_is_called_low() {
        assert_eq!(question(0.1), "Why so low?");
        assert_eq!(question(0.8), "Why this score?");
    }
}
