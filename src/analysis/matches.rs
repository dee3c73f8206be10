//! Which sentences of two documents say the same thing.

use ndarray::Array2;

/// A sentence of one document and one of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SentenceMatch {
    /// Sentence of the left document.
    pub left: usize,
    /// Sentence of the right document.
    pub right: usize,
    /// Their cosine, −1 to 1.
    pub cosine: f32,
}

/// Pairs of sentences that are each other's nearest and at least `threshold` alike, strongest
/// first. `cosines` has shape `(left sentences, right sentences)`.
pub fn strongest_matches(cosines: &Array2<f32>, threshold: f32) -> Vec<SentenceMatch> {
    let best = |values: ndarray::ArrayView1<'_, f32>| {
        let by_value = |a: &(usize, f32), b: &(usize, f32)| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0));
        values
            .iter()
            .copied()
            .enumerate()
            .max_by(by_value)
            .map(|(at, _)| at)
    };
    let best_left: Vec<Option<usize>> = cosines.columns().into_iter().map(best).collect();
    let mut found = Vec::new();
    for (left, row) in cosines.rows().into_iter().enumerate() {
        let Some(right) = best(row) else { continue };
        let cosine = cosines[[left, right]];
        if best_left[right] == Some(left) && cosine >= threshold {
            found.push(SentenceMatch {
                left,
                right,
                cosine,
            });
        }
    }
    found.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.left.cmp(&b.left)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn matches_are_mutual_and_sorted() {
        let cosines = array![[0.9, 0.2, 0.1], [0.8, 0.1, 0.3], [0.2, 0.95, 0.4]];
        let found = strongest_matches(&cosines, 0.35);
        let pairs: Vec<_> = found.iter().map(|m| (m.left, m.right)).collect();
        assert_eq!(pairs, [(2, 1), (0, 0)]);
        assert!(strongest_matches(&Array2::zeros((0, 3)), 0.0).is_empty());
    }
}
