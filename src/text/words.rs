//! Words of texts, to tell the same words from the same meaning.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation as _;

/// Distinct words, whatever their case; without those of one or two letters, which every text has.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.unicode_words().map(str::to_lowercase);
    words.filter(|word| word.chars().count() > 2).collect()
}

/// The share of distinct words that two texts have in common, of all words of both, 0 to 1: the
/// Jaccard index. 0 when neither has any.
///
/// Two texts that say the same with other words have a high cosine and little of this.
pub fn shared_words(a: &str, b: &str) -> f32 {
    let (n_shared, n_all) = common_words(a, b);
    n_shared as f32 / n_all.max(1) as f32
}

/// How many distinct words two texts have in common, and how many they have together.
pub fn common_words(a: &str, b: &str) -> (usize, usize) {
    let (a, b) = (words(a), words(b));
    let n_shared = a.intersection(&b).count();
    (n_shared, a.len() + b.len() - n_shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shared_whatever_their_case() {
        assert!((shared_words("The tide is OUT.", "the Tide, out!") - 1.0).abs() < 1e-6);
        assert!((shared_words("low tide", "tide table") - 1.0 / 3.0).abs() < 1e-6);
        assert!(shared_words("Ebbe und Flut", "low and high water") < 1e-6);
        assert!(shared_words("", "…") < 1e-6);
    }
}
