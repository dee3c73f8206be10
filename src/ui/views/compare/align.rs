//! Which place of one text stands beside which of the other, for scrolling both in step.

use crate::analysis::SentenceMatch;

/// The longest chain of matches that come in the same order in both texts: left and right sentences.
/// Matches that cross it are left out, or scrolling down on one side would jump up on the other.
pub fn chain(matches: &[SentenceMatch]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<_> = matches
        .iter()
        .map(|found| (found.left, found.right))
        .collect();
    pairs.sort_unstable();
    // For each length the pair that ends a chain of it earliest on the right; Fredman 1975.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; pairs.len()];
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < pair.1);
        before[at] = length.checked_sub(1).map(|length| ends[length]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut chain = Vec::new();
    let mut next = ends.last().copied();
    while let Some(at) = next {
        chain.push(pairs[at]);
        next = before[at];
    }
    chain.reverse();
    chain
}

/// Heights in both texts that belong together, in points below the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment(Vec<(f32, f32)>);

impl Alignment {
    /// From the heights of all sentences and of both texts. Between sentences of the chain the way
    /// is shared out evenly.
    pub fn new(chain: &[(usize, usize)], tops: (&[f32], &[f32]), heights: (f32, f32)) -> Self {
        let mut points = vec![(0.0, 0.0)];
        let of_pair =
            |(left, right): &(usize, usize)| Some((*tops.0.get(*left)?, *tops.1.get(*right)?));
        for (left, right) in chain.iter().filter_map(of_pair).chain([heights]) {
            // Two sentences on one line are one place.
            let last = points[points.len() - 1];
            if left > last.0 && right > last.1 && left <= heights.0 && right <= heights.1 {
                points.push((left, right));
            }
        }
        Self(points)
    }

    /// The height on the right that stands beside one on the left.
    pub fn right_of(&self, left: f32) -> f32 {
        between(self.0.iter().copied(), left)
    }

    /// The height on the left that stands beside one on the right.
    pub fn left_of(&self, right: f32) -> f32 {
        between(self.0.iter().map(|(left, right)| (*right, *left)), right)
    }
}

fn between(points: impl Iterator<Item = (f32, f32)>, at: f32) -> f32 {
    let mut last = (0.0, 0.0);
    for point in points {
        if point.0 >= at && point.0 > last.0 {
            let part = (at - last.0) / (point.0 - last.0);
            return last.1 + part.clamp(0.0, 1.0) * (point.1 - last.1);
        }
        last = point;
    }
    last.1
}

/// How high a text is, and how much of it is seen at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Extent {
    /// Height of all of it.
    pub content: f32,
    /// Height of the window on it.
    pub viewport: f32,
}

impl Extent {
    /// How far it can be scrolled.
    fn way(self) -> f32 {
        (self.content - self.viewport).max(0.0)
    }
}

/// Where the other side is to be scrolled to when this one is at `offset`; `beside` gives the height
/// over there for one over here.
///
/// What is lined up is no fixed line of the window: it goes from its top to its bottom with the
/// text, so that both sides begin and end together. `None` when this side shows all it has.
pub fn followed(
    offset: f32,
    (from, to): (Extent, Extent),
    beside: impl FnOnce(f32) -> f32,
) -> Option<f32> {
    if from.way() <= 0.0 {
        return None;
    }
    let focus = offset * from.content / from.way();
    let focus = beside(focus);
    Some((focus * to.way() / to.content.max(1.0)).clamp(0.0, to.way()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(left: usize, right: usize) -> SentenceMatch {
        SentenceMatch {
            left,
            right,
            cosine: 0.9,
        }
    }

    #[test]
    fn a_chain_goes_down_on_both_sides() {
        let matches = [
            found(4, 5),
            found(0, 1),
            found(1, 9),
            found(2, 3),
            found(3, 0),
        ];
        assert_eq!(chain(&matches), [(0, 1), (2, 3), (4, 5)]);
        assert_eq!(chain(&[]), []);
        let backwards: Vec<_> = (0..50).map(|at| found(at, 49 - at)).collect();
        assert_eq!(chain(&backwards).len(), 1);
    }

    #[test]
    fn heights_go_there_and_back() {
        let tops = ([0.0, 20.0, 40.0, 60.0], [0.0, 100.0, 200.0]);
        let aligned = Alignment::new(&[(1, 1), (3, 2)], (&tops.0, &tops.1), (80.0, 300.0));
        assert!((aligned.right_of(20.0) - 100.0).abs() < 1e-4);
        assert!((aligned.right_of(40.0) - 150.0).abs() < 1e-4);
        let mut last = 0.0;
        for at in 0..=80_u8 {
            let right = aligned.right_of(f32::from(at));
            assert!(right >= last);
            assert!((aligned.left_of(right) - f32::from(at)).abs() < 1e-3);
            last = right;
        }
        assert!((last - 300.0).abs() < 1e-4);
    }

    #[test]
    fn both_sides_begin_and_end_together() {
        let extent = |content| Extent {
            content,
            viewport: 100.0,
        };
        let (from, to) = (extent(500.0), extent(1_100.0));
        let aligned = Alignment::new(&[], (&[], &[]), (500.0, 1_100.0));
        let follow = |offset| followed(offset, (from, to), |at| aligned.right_of(at)).unwrap();
        assert!(follow(0.0).abs() < 1e-3);
        assert!((follow(200.0) - 500.0).abs() < 1e-2);
        assert!((follow(400.0) - 1_000.0).abs() < 1e-2);
        // A side that shows everything leads nowhere, and follows nowhere.
        assert_eq!(followed(0.0, (extent(50.0), to), |at| at), None);
        assert_eq!(followed(9.0, (from, extent(50.0)), |at| at), Some(0.0));
    }
}
