//! Words that set a cluster apart: class-based tf-idf, after Grootendorst 2022 (`BERTopic`).
//!
//! Differs from the paper in that a word counts once per text, so that one long text cannot name a
//! cluster, and in that words of a single text are left out when others are at hand.

mod stop_words;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;

use rayon::prelude::*;

use stop_words::stop_words;

use super::clustering::Clustering;
use crate::vectors::Embeddings;

/// Texts that one thread counts at a time.
const BLOCK_TEXTS: usize = 256;
/// The language of a text that is too short to tell.
const UNTOLD: &str = "eng";
/// Letters of a word that can name a cluster; longer ones are no words.
const WORD_CHARS: RangeInclusive<usize> = 3..=32;

/// `n_words` words for each cluster, strongest first; fewer if the cluster has fewer. No two
/// clusters have the same first word. `texts[i]` belongs to item `i` and is written in
/// `languages[i]`, an ISO 639-3 code such as "deu", which says what words are stop words: English
/// ones for `None`, none for a language without a list. A list is for the
/// texts of its language alone: German "die" is no English word lost.
///
/// Chinese, Japanese, Thai, Lao, Khmer and Burmese put no space between words: of these scripts,
/// pairs of neighboring letters stand in for words.
pub fn keywords(
    texts: &[&str],
    languages: &[Option<&str>],
    clustering: &Clustering,
    n_words: usize,
) -> Vec<Vec<String>> {
    let stop_words = StopWords::new(languages);
    let items: Vec<usize> = (0..texts.len().min(clustering.labels.len())).collect();
    let of_block = |items: &[usize]| {
        let mut counts = vec![HashMap::<String, Count>::new(); clustering.n_clusters()];
        for item in items {
            let Some(label) = clustering.labels[*item] else {
                continue;
            };
            let language = languages.get(*item).copied().flatten();
            for (word, times) in words(texts[*item], stop_words.of(language)) {
                counts[label]
                    .entry(word)
                    .or_default()
                    .add(Count { texts: 1, times });
            }
        }
        counts
    };
    let blocks: Vec<_> = items.par_chunks(BLOCK_TEXTS).map(of_block).collect();
    let mut counts = vec![BTreeMap::<String, Count>::new(); clustering.n_clusters()];
    for (whole, part) in blocks.into_iter().flat_map(|block| (0..).zip(block)) {
        let whole: &mut BTreeMap<String, Count> = &mut counts[whole];
        #[expect(
            clippy::iter_over_hash_type,
            reason = "sums of whole numbers are the same in any order"
        )]
        for (word, count) in part {
            whole.entry(word).or_default().add(count);
        }
    }
    let mut in_all = HashMap::<&str, usize>::new();
    for (word, count) in counts.iter().flatten() {
        *in_all.entry(word).or_default() += count.texts;
    }
    let mut taken = BTreeSet::new();
    let mut labels = Vec::new();
    for counts in &counts {
        let ranked = ranked(counts, &in_all, texts.len());
        let label = distinct(&ranked, &taken, n_words);
        taken.extend(label.first().cloned());
        labels.push(label);
    }
    labels
}

/// The most central item of each cluster: the one nearest to its center by cosine, the first of
/// equals; `None` for a cluster without items.
pub fn central_items(embeddings: &Embeddings, clustering: &Clustering) -> Vec<Option<usize>> {
    let mut central: Vec<Option<(f32, usize)>> = vec![None; clustering.n_clusters()];
    for (item, label) in clustering.labels.iter().enumerate() {
        let Some(label) = *label else { continue };
        let nearness = embeddings.row(item).dot(&clustering.centers.row(label));
        if central[label].is_none_or(|(best, _)| nearness > best) {
            central[label] = Some((nearness, item));
        }
    }
    central
        .into_iter()
        .map(|best| best.map(|(_, item)| item))
        .collect()
}

/// The lists of the languages of a corpus.
struct StopWords<'a>(HashMap<&'a str, HashSet<&'static str>>);

impl<'a> StopWords<'a> {
    fn new(languages: &[Option<&'a str>]) -> Self {
        let mut lists = HashMap::new();
        for language in languages.iter().flatten().chain([&UNTOLD]) {
            lists.entry(*language).or_insert_with(|| {
                let list = stop_words(language).unwrap_or_default();
                list.split_whitespace().collect()
            });
        }
        Self(lists)
    }

    fn of(&self, language: Option<&str>) -> &HashSet<&'static str> {
        let list = self.0.get(language.unwrap_or(UNTOLD));
        list.expect("every language of the corpus has an entry")
    }
}

/// How often a word occurs in a cluster.
#[derive(Clone, Copy, Default)]
struct Count {
    /// In how many of its texts.
    texts: usize,
    /// How often in all of them together; decides between equals.
    times: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.texts += other.texts;
        self.times += other.times;
    }
}

/// The words of a text and how often each occurs, in order; stop words and numbers left out, plurals
/// joined to singulars only where both occur in the text.
fn words(text: &str, stop_words: &HashSet<&str>) -> BTreeMap<String, usize> {
    let lower = text.to_lowercase().replace('’', "'");
    let is_part = |c: char| c.is_alphanumeric() || c == '\'' || c == '-';
    let trimmed = lower
        .split(|c: char| !is_part(c))
        .map(|word| word.trim_matches(['\'', '-']));
    let whole = trimmed.map(|word| word.strip_suffix("'s").unwrap_or(word));
    let is_said = |word: &&str| {
        WORD_CHARS.contains(&word.chars().count())
            && !stop_words.contains(word)
            && word
                .chars()
                .all(|c| (c.is_alphabetic() || c == '\'' || c == '-') && !is_unspaced(c))
    };
    let said: Vec<&str> = whole.filter(is_said).collect();
    let different: HashSet<&str> = said.iter().copied().collect();
    let mut counts = BTreeMap::new();
    for word in said {
        let stem = word
            .strip_suffix('s')
            .filter(|stem| different.contains(stem));
        *counts.entry(stem.unwrap_or(word).to_owned()).or_default() += 1;
    }
    for pair in pairs(&lower) {
        *counts.entry(pair).or_default() += 1;
    }
    counts
}

/// Neighboring letters of scripts without spaces.
fn pairs(text: &str) -> impl Iterator<Item = String> {
    let next = text.chars().skip(1);
    let both = text.chars().zip(next);
    both.filter(|(a, b)| is_unspaced(*a) && is_unspaced(*b))
        // Hiragana are mostly endings and particles.
        .filter(|(a, b)| !(is_hiragana(*a) || is_hiragana(*b)))
        .map(|(a, b)| [a, b].iter().collect())
}

fn is_hiragana(c: char) -> bool {
    ('\u{3041}'..='\u{309f}').contains(&c)
}

/// Whether it is a letter of a script without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e01}'..='\u{e4e}' | '\u{e81}'..='\u{edf}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17d3}'
        | '\u{3005}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Words of one cluster, strongest first.
fn ranked(
    counts: &BTreeMap<String, Count>,
    in_all: &HashMap<&str, usize>,
    n_texts: usize,
) -> Vec<String> {
    let repeated: Vec<_> = counts.iter().filter(|(_, count)| count.texts > 1).collect();
    let candidates = if repeated.is_empty() {
        counts.iter().collect()
    } else {
        repeated
    };
    let weight = |word: &str, count: usize| {
        let everywhere = in_all.get(word).copied().unwrap_or(count) as f64;
        // Squared share of the word's texts that lie here: what a label must do is tell apart.
        let share = count as f64 / everywhere;
        count as f64 * (1.0 + n_texts as f64 / everywhere).ln() * share * share
    };
    let mut weighted: Vec<(f64, usize, &String)> = candidates
        .into_iter()
        .map(|(word, count)| (weight(word, count.texts), count.times, word))
        .collect();
    weighted.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
    weighted
        .into_iter()
        .map(|(_, _, word)| word.clone())
        .collect()
}

/// The strongest words, led by one that leads no other cluster, without plurals of one another.
fn distinct(ranked: &[String], taken: &BTreeSet<String>, n_words: usize) -> Vec<String> {
    let mut label: Vec<String> = Vec::new();
    for word in ranked {
        let leads = label.is_empty();
        let same = |other: &String| *other == format!("{word}s") || *word == format!("{other}s");
        if (leads && taken.contains(word)) || label.iter().any(same) {
            continue;
        }
        label.push(word.clone());
        if label.len() == n_words {
            break;
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn the_words_that_set_a_cluster_apart_name_it() {
        let texts = [
            "The tide turns and the harbour fills.",
            "A tide table for the harbour; the tides again.",
            "Bread rises in the oven, the flour is old.",
            "Flour and water make bread in an oven.",
        ];
        let clustering = Clustering::whole(vec![0, 0, 1, 1], Array2::zeros((2, 3)));
        let labels = keywords(&texts, &[], &clustering, 2);
        assert_eq!(labels, [["tide", "harbour"], ["bread", "flour"]]);
    }

    #[test]
    fn what_is_said_most_names_texts_that_say_the_same() {
        let text =
            "A patch on a tube: press the patch, dust the tube, and the patch holds. Agents dry.";
        let clustering = Clustering::whole(vec![0, 0], Array2::zeros((1, 3)));
        assert_eq!(
            keywords(&[text, text], &[], &clustering, 2),
            [["patch", "tube"]]
        );
    }

    #[test]
    fn labels_stay_distinct_and_empty_clusters_have_none() {
        let no_word = format!("12 of the 34 {}", "x".repeat(90));
        let texts = ["tide", "tide", &no_word];
        let clustering = Clustering::whole(vec![0, 1, 2], Array2::zeros((3, 3)));
        let labels = keywords(&texts, &[], &clustering, 3);
        assert_eq!(labels, [vec!["tide".to_owned()], vec![], vec![]]);
    }

    #[test]
    fn stop_words_are_of_the_language_of_each_text() {
        let texts = [
            "Die Fähre und die Gezeiten, aber nicht ohne die Fähre.",
            "Die Gezeiten und die Fähre, aber nicht heute.",
            "Dice die in a die press; the die is cast aber.",
            "The die press, and a die.",
        ];
        let clustering = Clustering::whole(vec![0, 0, 1, 1], Array2::zeros((2, 3)));
        let languages = [Some("deu"), Some("deu"), Some("eng"), None];
        let labels = keywords(&texts, &languages, &clustering, 9);
        assert_eq!(labels, [["fähre", "gezeiten"], ["die", "press"]]);
    }

    #[test]
    fn scripts_without_spaces_are_named_by_pairs_of_letters() {
        let texts = ["铁路很长。铁路旁边。", "铁路 2024", "面包很香", "吃面包"];
        let clustering = Clustering::whole(vec![0, 0, 1, 1], Array2::zeros((2, 3)));
        let labels = keywords(&texts, &[Some("cmn"); 4], &clustering, 3);
        assert_eq!(labels, [["铁路"], ["面包"]]);
    }

    #[test]
    fn the_central_item_is_nearest_to_the_center() {
        let rows = ndarray::array![[1.0, 0.0], [0.9, 0.5], [0.5, 0.9], [0.0, -1.0]];
        let labels = vec![Some(0), Some(0), Some(0), None];
        let centers = ndarray::array![[0.8, 0.46], [0.0, 0.0]];
        let clustering = Clustering::new(labels, centers);
        let central = central_items(&Embeddings::normalized(rows), &clustering);
        assert_eq!(central, [Some(1), None]);
    }
}
