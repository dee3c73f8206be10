//! Sentences that many documents share: signatures, disclaimers, headers.

use std::collections::{HashMap, HashSet};

/// A sentence in fewer than this share of the documents is no boilerplate,
const MIN_SHARE: f64 = 0.01;
/// nor is one in fewer documents than this.
const MIN_DOCUMENTS: usize = 3;

/// A sentence that many documents hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedSentence {
    /// As it reads where it first occurs.
    pub text: String,
    /// Documents that hold it.
    pub n_documents: usize,
}

/// Repeated sentences, and where they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boilerplate {
    /// In the most documents first, equal ones in order of first occurrence.
    pub sentences: Vec<RepeatedSentence>,
    /// For each document which of its sentences are boilerplate, in order.
    pub of_document: Vec<Vec<usize>>,
}

/// Finds the sentences that occur in at least 1 % of the documents, and in no fewer than three.
/// `sentences_of` holds the sentences of each document; they are the same if they differ
/// in case and white space alone. Sentences without a letter or digit do not count.
pub fn boilerplate(sentences_of: &[Vec<&str>]) -> Boilerplate {
    let enough = (MIN_SHARE * sentences_of.len() as f64).ceil() as usize;
    let enough = enough.max(MIN_DOCUMENTS);
    let mut ids = HashMap::new();
    let mut found: Vec<RepeatedSentence> = Vec::new();
    let mut ids_of: Vec<Vec<Option<usize>>> = Vec::with_capacity(sentences_of.len());
    for sentences in sentences_of {
        let mut seen = HashSet::new();
        let mut ids_here = Vec::with_capacity(sentences.len());
        for sentence in sentences {
            let Some(key) = normalized(sentence) else {
                ids_here.push(None);
                continue;
            };
            let id = *ids.entry(key).or_insert_with(|| {
                found.push(RepeatedSentence {
                    text: sentence.trim().to_owned(),
                    n_documents: 0,
                });
                found.len() - 1
            });
            found[id].n_documents += usize::from(seen.insert(id));
            ids_here.push(Some(id));
        }
        ids_of.push(ids_here);
    }
    let mut order: Vec<usize> = (0..found.len())
        .filter(|id| found[*id].n_documents >= enough)
        .collect();
    order.sort_by_key(|id| std::cmp::Reverse(found[*id].n_documents));
    let is_repeated = |id: usize| found[id].n_documents >= enough;
    let of_document = |ids: &Vec<Option<usize>>| -> Vec<usize> {
        (0..ids.len())
            .filter(|at| ids[*at].is_some_and(is_repeated))
            .collect()
    };
    Boilerplate {
        of_document: ids_of.iter().map(of_document).collect(),
        sentences: order.iter().map(|id| found[*id].clone()).collect(),
    }
}

/// Lower case, single spaces; `None` if it says nothing.
fn normalized(sentence: &str) -> Option<String> {
    let says_something = sentence.chars().any(char::is_alphanumeric);
    says_something.then(|| {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        words.join(" ").to_lowercase()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(documents: &[Vec<&str>], expected: &[(&str, usize)]) -> Boilerplate {
        let found = boilerplate(documents);
        let sentences: Vec<_> = found
            .sentences
            .iter()
            .map(|s| (&*s.text, s.n_documents))
            .collect();
        assert_eq!(sentences, expected);
        assert_eq!(found.of_document.len(), documents.len());
        found
    }

    #[test]
    fn repeated_sentences_are_found_where_they_are() {
        let documents = [
            vec!["Dear all,", "The pump leaks.", "Sent from  my phone"],
            vec![
                "Dear all,",
                "Lunch is at noon.",
                "sent from my\nphone",
                "Sent from my phone",
            ],
            vec!["The pump leaks.", "Dear all,", "SENT FROM MY PHONE", "***"],
            vec!["Dear all,", "***", "The pump is new.", "***"],
        ];
        let expected = [("Dear all,", 4), ("Sent from  my phone", 3)];
        let found = check(&documents, &expected);
        assert_eq!(found.of_document[1], [0, 2, 3]);
        assert_eq!(found.of_document[3], [0]);
    }

    #[test]
    fn many_documents_ask_for_a_share() {
        let documents = |n: usize| -> Vec<Vec<&str>> {
            let text = |i: usize| if i < 4 { vec!["Best wishes"] } else { vec![] };
            (0..n).map(text).collect()
        };
        check(&documents(400), &[("Best wishes", 4)]);
        check(&documents(401), &[]);
    }

    #[test]
    fn few_documents_have_no_boilerplate() {
        check(&[], &[]);
        check(&[vec!["Same."], vec!["Same."]], &[]);
        check(&[vec![], vec!["", " "], vec!["Same."; 9]], &[]);
    }

    #[test]
    fn a_sentence_counts_once_per_document() {
        let refrain = vec!["Hold on."; 20];
        check(&[refrain.clone(), refrain.clone()], &[]);
        check(
            &[refrain.clone(), refrain.clone(), refrain],
            &[("Hold on.", 3)],
        );
    }
}
