//! What the view says and lists, from what was found.

use crate::analysis::ScoreHistogram;
use crate::message::{count, grouped};
use crate::session::{DEFAULT_THRESHOLD, Duplicates, Level, Standing};

/// One line of the list of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// A group, by its number.
    Group(usize),
    /// An item of that group.
    Member(usize, usize),
}

impl Line {
    /// The group and the item, of a line of an item.
    pub fn member(self) -> Option<(usize, usize)> {
        match self {
            Self::Group(_) => None,
            Self::Member(group, item) => Some((group, item)),
        }
    }
}

/// Groups, each followed by its items, the proposed original first. `standings` are those of all
/// groups; with `only_open` the groups that are decided are left out.
pub fn lines(found: &Duplicates, standings: &[Standing], only_open: bool) -> Vec<Line> {
    let mut lines = Vec::with_capacity(found.groups.len() + found.n_items());
    for (number, group) in found.groups.iter().enumerate() {
        if only_open && standings[number].is_decided() {
            continue;
        }
        let others = group.items.iter().filter(|item| **item != group.original);
        lines.push(Line::Group(number));
        lines.push(Line::Member(number, group.original));
        lines.extend(others.map(|item| Line::Member(number, *item)));
    }
    lines
}

/// `3 of 12 groups decided`.
pub fn decided(standings: &[Standing]) -> String {
    let n = standings.iter().filter(|s| s.is_decided()).count();
    format!(
        "{} of {} decided",
        grouped(n),
        count(standings.len(), "group")
    )
}

/// How a group stands, of how many items.
pub fn standing(standing: Standing, n_items: usize) -> String {
    match standing {
        Standing::Open(0) => "undecided".into(),
        Standing::Open(n) => format!("{} of {} decided", grouped(n), grouped(n_items)),
        Standing::Decided => "decided".into(),
        Standing::Apart => "not duplicates".into(),
    }
}

/// Where a key moves to: the line of the next item `by` steps on, from the item that is selected, or
/// from the first if none of these is.
pub fn moved(lines: &[Line], selected: Option<usize>, by: isize) -> Option<usize> {
    let is_member = |line: &usize| lines[*line].member().is_some();
    let members: Vec<usize> = (0..lines.len()).filter(is_member).collect();
    let item = |line: &usize| lines[*line].member().map(|(_, item)| item);
    let at = members
        .iter()
        .position(|line| selected.is_some() && item(line) == selected);
    let next = match at {
        Some(at) => at
            .saturating_add_signed(by)
            .min(members.len().saturating_sub(1)),
        None => 0,
    };
    members.get(next).copied()
}

/// What a person calls an item.
pub fn noun(level: Level) -> &'static str {
    match level {
        Level::Documents => "document",
        Level::Passages => "passage",
    }
}

/// `12 groups, 31 documents, 44 pairs`.
pub fn totals(found: &Duplicates, level: Level) -> String {
    format!(
        "{}, {}, {}",
        count(found.groups.len(), "group"),
        count(found.n_items(), noun(level)),
        count(found.pairs.len(), "pair")
    )
}

/// What the scores suggest.
pub fn suggestion(found: &Duplicates) -> String {
    match found.suggested {
        Some(suggested) => format!("The scores part at {suggested:.2}"),
        None => format!("The scores show no gap, so {DEFAULT_THRESHOLD:.2} is used"),
    }
}

/// Why there may be more pairs than are counted, if so.
pub fn shortfall(found: &Duplicates, level: Level, n_neighbors: usize) -> Option<String> {
    let n = found.n_items_at_limit;
    let (has, its) = if n == 1 {
        ("has", "its")
    } else {
        ("have", "their")
    };
    (n > 0).then(|| {
        format!(
            "{} {has} more duplicates than the {} nearest that are looked at, so not all of {its} \
             pairs are counted",
            count(n, noun(level)),
            grouped(n_neighbors)
        )
    })
}

/// `0.95 to 0.99`, or one number when they are the same to two decimals.
pub fn range(weakest: f32, strongest: f32) -> String {
    let (weakest, strongest) = (format!("{weakest:.2}"), format!("{strongest:.2}"));
    if weakest == strongest {
        weakest
    } else {
        format!("{weakest} to {strongest}")
    }
}

/// Scores of nearest neighbors as bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Where the first begins; the last ends at 1.
    pub from: f32,
    /// Height of each, 0 to 1; the square root of the count, or a few copies would not be seen.
    pub heights: Vec<f32>,
}

impl Bars {
    /// Only from the lowest score on.
    pub fn new(histogram: &ScoreHistogram) -> Self {
        const BINS_PER_BAR: usize = 2;
        let counts = histogram.nearest.rchunks(BINS_PER_BAR).rev();
        let counts: Vec<usize> = counts.map(|bins| bins.iter().sum()).collect();
        // At least the upper quarter, so that a threshold has its place on it.
        let least = counts.len() - counts.len() / 8;
        let first = counts.iter().position(|n| *n > 0).unwrap_or(least);
        let first = first.saturating_sub(1).min(least);
        let highest = counts.iter().copied().max().unwrap_or(0).max(1) as f32;
        let n_bins = histogram.nearest.len();
        let skipped = n_bins - (counts.len() - first) * BINS_PER_BAR;
        Self {
            from: ScoreHistogram::start_of(skipped),
            heights: counts[first..]
                .iter()
                .map(|n| (*n as f32 / highest).sqrt())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{DuplicateGroup, OriginalBy};

    fn histogram(cosines: &[f32]) -> ScoreHistogram {
        let mut nearest = vec![0; 400];
        for cosine in cosines {
            nearest[((cosine + 1.0) * 199.5) as usize] += 1;
        }
        ScoreHistogram {
            listed: vec![0; 400],
            nearest,
            background: vec![0; 400],
            ordinary: 0.5,
            highest: 1.0,
        }
    }

    fn found() -> Duplicates {
        Duplicates {
            threshold: 0.9,
            suggested: Some(0.9),
            histogram: histogram(&[]),
            groups: vec![DuplicateGroup {
                items: vec![2, 5, 7],
                original: 5,
                original_by: OriginalBy::Length,
                weakest: 0.9,
                strongest: 0.99,
            }],
            pairs: vec![(2, 5, 0.99), (5, 7, 0.9)],
            n_items_at_limit: 0,
        }
    }

    #[test]
    fn a_group_begins_with_its_original() {
        let expected = [
            Line::Group(0),
            Line::Member(0, 5),
            Line::Member(0, 2),
            Line::Member(0, 7),
        ];
        assert_eq!(lines(&found(), &[Standing::Open(1)], true), expected);
        assert_eq!(lines(&found(), &[Standing::Decided], false), expected);
        assert_eq!(lines(&found(), &[Standing::Apart], true), []);
    }

    #[test]
    fn it_says_how_much_is_decided() {
        let standings = [Standing::Apart, Standing::Open(1), Standing::Decided];
        assert_eq!(decided(&standings), "2 of 3 groups decided");
        assert_eq!(standing(Standing::Open(0), 3), "undecided");
        assert_eq!(standing(Standing::Open(1), 3), "1 of 3 decided");
    }

    #[test]
    fn keys_move_between_items_and_pass_over_headings() {
        let lines = [
            Line::Group(0),
            Line::Member(0, 5),
            Line::Member(0, 2),
            Line::Group(1),
            Line::Member(1, 9),
            Line::Member(1, 8),
        ];
        let to = |selected, by| moved(&lines, selected, by).and_then(|line| lines[line].member());
        assert_eq!(to(None, 1), Some((0, 5)));
        assert_eq!(to(Some(77), -1), Some((0, 5)));
        assert_eq!(to(Some(2), 1), Some((1, 9)));
        assert_eq!(to(Some(9), -1), Some((0, 2)));
        assert_eq!(to(Some(5), -1), Some((0, 5)));
        assert_eq!(to(Some(8), 1), Some((1, 8)));
        assert_eq!(moved(&[], None, 1), None);
    }

    #[test]
    fn it_says_how_much_and_why() {
        let mut found = found();
        assert_eq!(
            totals(&found, Level::Documents),
            "1 group, 3 documents, 2 pairs"
        );
        assert_eq!(suggestion(&found), "The scores part at 0.90");
        assert_eq!(shortfall(&found, Level::Documents, 90), None);
        found.suggested = None;
        found.n_items_at_limit = 1;
        assert_eq!(
            suggestion(&found),
            "The scores show no gap, so 0.95 is used"
        );
        let text = shortfall(&found, Level::Passages, 90).unwrap();
        assert!(text.starts_with("1 passage has more duplicates than the 90 nearest"));
        assert_eq!(range(0.951, 0.988), "0.95 to 0.99");
        assert_eq!(range(0.999, 1.0), "1.00");
    }

    #[test]
    fn bars_begin_where_the_scores_do() {
        let bars = Bars::new(&histogram(&[0.5, 0.5, 0.5, 0.5, 1.0]));
        assert!(bars.from < 0.5 && bars.from > 0.45, "{}", bars.from);
        let width = (1.0 - bars.from) / bars.heights.len() as f32;
        assert!((width - 0.01).abs() < 1e-5, "{width}");
        let is = |height: f32| move |other: &&f32| (**other - height).abs() < 1e-6;
        let of = |height: f32| bars.heights.iter().filter(is(height)).count();
        assert_eq!((of(1.0), of(0.5)), (1, 1));
        // Nothing, and only copies: the upper part is there all the same.
        for cosines in [&[][..], &[1.0]] {
            assert!(Bars::new(&histogram(cosines)).from < 0.8);
        }
    }
}
