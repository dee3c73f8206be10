//! Words that set a cluster apart: class-based tf-idf, after Grootendorst 2022 (`BERTopic`).
//!
//! Differs from the paper in that a word counts once per text, so that one long text cannot name a
//! cluster, and in that words of a single text are left out when others are at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::clustering::Clustering;

/// English words that say nothing about a subject.
const STOP_WORDS: &str = "a about above after again against all almost along already also although always am among \
    an and another any anyone anything are around as at away back be became because become been before began being \
    below best better between both bring but by came can cannot come comes could day days did different do does doing \
    done down during each early easily easy eight either else end enough even ever every everyone everything few find fifth first \
    five for found four fourth from full further gave get gets give given gives go goes going gone good got had half has have \
    having he held her here hers herself him himself his how however i if in inside into is it its itself just keep \
    keeps kept kind knew know known large last late later least leave leaves left less let like little long longer look \
    made make makes making many may me mean means might mine more most much must my myself near need needs never new \
    next no nobody none nor not nothing now of off often old on once one only onto or other others our ours ourselves \
    out over own part people per perhaps place please put quite rather really right round said same saw say says second see \
    seem seems seen set several shall she should show shows side seven seventh simply since six sixth small so some someone something \
    sometimes soon still such take taken takes tell ten than that the their theirs them themselves then there therefore \
    these they thing things think third this those though three through thus time times to today together told too took \
    toward towards tried try turn turned turns twice two under until up upon us use used uses using usually very want \
    wants was way ways we week weeks well went were what when whenever where whether which while who whole whom whose \
    why will with within without work works would write writes written wrote year years yes yet you your yours yourself don't doesn't didn't isn't \
    it's i'm that's there's won't can't wasn't couldn't";

/// Letters of a word that can name a cluster; longer ones are no words.
const WORD_CHARS: RangeInclusive<usize> = 3..=32;

/// `n_words` words for each cluster, strongest first; fewer if the cluster has fewer. No two
/// clusters have the same first word. `texts[i]` belongs to item `i`.
pub fn keywords(texts: &[&str], clustering: &Clustering, n_words: usize) -> Vec<Vec<String>> {
    let stop_words: BTreeSet<&str> = STOP_WORDS.split_whitespace().collect();
    let mut counts = vec![BTreeMap::<String, Count>::new(); clustering.n_clusters()];
    for (text, label) in texts.iter().zip(&clustering.labels) {
        let Some(label) = label else { continue };
        for (word, n_times) in words(text, &stop_words) {
            let count = counts[*label].entry(word).or_default();
            count.texts += 1;
            count.times += n_times;
        }
    }
    let mut in_all = BTreeMap::<&str, usize>::new();
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

/// How often a word occurs in a cluster.
#[derive(Clone, Copy, Default)]
struct Count {
    /// In how many of its texts.
    texts: usize,
    /// How often in all of them together; decides between equals.
    times: usize,
}

/// The words of a text and how often each occurs, stop words and numbers left out, plurals joined
/// to singulars only where both occur in the text.
fn words(text: &str, stop_words: &BTreeSet<&str>) -> BTreeMap<String, usize> {
    let lower = text.to_lowercase().replace('’', "'");
    let is_part = |c: char| c.is_alphanumeric() || c == '\'' || c == '-';
    let trimmed = lower
        .split(|c: char| !is_part(c))
        .map(|word| word.trim_matches(['\'', '-']));
    let whole = trimmed.map(|word| word.strip_suffix("'s").unwrap_or(word));
    let said: Vec<&str> = whole
        .filter(|word| WORD_CHARS.contains(&word.chars().count()) && !stop_words.contains(word))
        .filter(|word| {
            word.chars()
                .all(|c| c.is_alphabetic() || c == '\'' || c == '-')
        })
        .collect();
    let different: BTreeSet<&str> = said.iter().copied().collect();
    let mut counts = BTreeMap::new();
    for word in said {
        let stem = word
            .strip_suffix('s')
            .filter(|stem| different.contains(stem));
        *counts.entry(stem.unwrap_or(word).to_owned()).or_default() += 1;
    }
    counts
}

/// Words of one cluster, strongest first.
fn ranked(
    counts: &BTreeMap<String, Count>,
    in_all: &BTreeMap<&str, usize>,
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
        let labels = keywords(&texts, &clustering, 2);
        assert_eq!(labels, [["tide", "harbour"], ["bread", "flour"]]);
    }

    #[test]
    fn what_is_said_most_names_texts_that_say_the_same() {
        let text =
            "A patch on a tube: press the patch, dust the tube, and the patch holds. Agents dry.";
        let clustering = Clustering::whole(vec![0, 0], Array2::zeros((1, 3)));
        assert_eq!(keywords(&[text, text], &clustering, 2), [["patch", "tube"]]);
    }

    #[test]
    fn labels_stay_distinct_and_empty_clusters_have_none() {
        let no_word = format!("12 of the 34 {}", "x".repeat(90));
        let texts = ["tide", "tide", &no_word];
        let clustering = Clustering::whole(vec![0, 1, 2], Array2::zeros((3, 3)));
        let labels = keywords(&texts, &clustering, 3);
        assert_eq!(labels, [vec!["tide".to_owned()], vec![], vec![]]);
    }
}
