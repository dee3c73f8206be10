//! What two models say, in words.

use crate::analysis::{Agreement, Disagreement, RankChange};
use crate::message::grouped;
use crate::session::{Items, TwoModels};
use crate::vectors::ModelTag;

/// Neighbors that are compared, of as many as there are.
const K: usize = 10;

/// Mean share of an item's nearest in one model that are among those in the other, 0 to 1. From the
/// Jaccard index `j` of two lists of one length it follows as `2 j / (1 + j)`.
pub fn shared(agreement: &Agreement) -> f64 {
    let n = agreement.of_item.len();
    if n == 0 {
        return 1.0;
    }
    let share = |overlap: &f32| f64::from(share_of(*overlap));
    agreement.of_item.iter().map(share).sum::<f64>() / n as f64
}

/// The share of one item.
pub fn share_of(overlap: f32) -> f32 {
    2.0 * overlap / (1.0 + overlap)
}

/// `Of the 10 nearest, 64 % are the same for both`.
pub fn headline(agreement: &Agreement) -> String {
    let percent = 100.0 * shared(agreement);
    match agreement.of_item.len().saturating_sub(1).min(K) {
        0 => "There is nothing to compare with yet".into(),
        1 => format!("The nearest is the same for both in {percent:.0} %"),
        k => format!("Of the {k} nearest, {percent:.0} % are the same for both"),
    }
}

/// `The 200 of 3,412 pairs that the two judge most differently`.
pub fn pairs_headline(agreement: &Agreement) -> String {
    format!(
        "The {} of {} compared pairs that the two judge most differently",
        grouped(agreement.disagreements.len()),
        grouped(agreement.n_pairs)
    )
}

/// The names of both models, told apart when they are the same.
pub fn names(models: &TwoModels) -> (String, String) {
    let (first, second) = (name(&models.tags.0), name(&models.tags.1));
    if first == second {
        (format!("{first} (first)"), format!("{second} (second)"))
    } else {
        (first, second)
    }
}

fn name(tag: &ModelTag) -> String {
    let last = tag.model_id.trim_end_matches(['/', '\\']);
    last.rsplit(['/', '\\']).next().unwrap_or(last).to_owned()
}

/// The nearest of an item, and how far each stands from it in the two models.
pub fn rank_changes(items: Items<'_>, models: &TwoModels, item: usize) -> Vec<String> {
    let names = names(models);
    let rank = |rank: Option<usize>| rank.map_or("–".into(), |rank| rank.to_string());
    let head = format!("Rank among the nearest by {}, and by {}", names.0, names.1);
    let changes = models.rank_changes(item, K).into_iter();
    let line = |change: RankChange| {
        let ranks = (rank(change.rank_a), rank(change.rank_b));
        format!("{} → {}  {}", ranks.0, ranks.1, items.title(change.item))
    };
    [head].into_iter().chain(changes.map(line)).collect()
}

/// How unlike the two maps are, in words.
pub fn disparity(models: &TwoModels) -> String {
    let percent = 100.0 * models.disparity;
    format!("turned to lie as near as it can; {percent:.0} % of squared distance is left")
}

/// Both titles of a pair.
pub fn pair_title(items: Items<'_>, pair: &Disagreement) -> String {
    format!("{} – {}", items.title(pair.a), items.title(pair.b))
}

/// What each model says of a pair.
pub fn pair_judgment(pair: &Disagreement, names: &(String, String)) -> String {
    let rank = |rank: Option<usize>| match rank {
        Some(rank) => format!("neighbor number {rank}"),
        None => "not among the nearest".to_owned(),
    };
    format!(
        "{}: cosine {:.3}, {}\n{}: cosine {:.3}, {}\nMore alike for the {} model: it stands above \
         {:.0} % more of all compared pairs there",
        names.0,
        pair.cosine_a,
        rank(pair.rank_a),
        names.1,
        pair.cosine_b,
        rank(pair.rank_b),
        if pair.difference > 0.0 {
            "first"
        } else {
            "second"
        },
        100.0 * pair.difference.abs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(of_item: &[f32]) -> Agreement {
        Agreement {
            of_item: of_item.to_vec(),
            mean: 0.0,
            movers: Vec::new(),
            disagreements: Vec::new(),
            n_pairs: 3412,
        }
    }

    #[test]
    fn the_share_follows_from_the_overlap() {
        // 5 of 10 shared are 5 of 15 in either; 10 of 10 are all.
        let halves = agreement(&[1.0 / 3.0; 20]);
        assert!((shared(&halves) - 0.5).abs() < 1e-6);
        let text = headline(&halves);
        assert_eq!(text, "Of the 10 nearest, 50 % are the same for both");
        assert!((shared(&agreement(&[])) - 1.0).abs() < 1e-6);
        assert!(headline(&agreement(&[1.0, 1.0])).ends_with("in 100 %"));
        assert!(headline(&agreement(&[1.0])).starts_with("There is nothing"));
        assert_eq!(
            pairs_headline(&halves),
            "The 0 of 3,412 compared pairs that the two judge most differently"
        );
    }

    #[test]
    fn a_judgment_names_both_models() {
        let pair = Disagreement {
            a: 0,
            b: 1,
            cosine_a: 0.8,
            cosine_b: 0.2,
            rank_a: Some(2),
            rank_b: None,
            difference: 0.4,
        };
        let text = pair_judgment(&pair, &("one".into(), "two".into()));
        assert!(text.contains("one: cosine 0.800, neighbor number 2"));
        assert!(text.contains("two: cosine 0.200, not among the nearest"));
        assert!(text.contains("More alike for the first model"));
    }
}
