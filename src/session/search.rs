//! Searching: by meaning, by examples, and with words that must be there.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::embedded::{Embedded, Items};
use super::settings::Level;
use super::work::Failure;
use crate::analysis::{Neighbor, query_vector, ranked, scores};
use crate::embed::Embedder;
use crate::progress::Progress;
use crate::vectors::Embeddings;

/// What is searched for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words, by their meaning; may be empty when there are examples.
    pub words: String,
    /// Items to be like.
    pub plus: Vec<usize>,
    /// Items to be unlike.
    pub minus: Vec<usize>,
    /// What a text must hold: words that must all be there, whatever their case, or between two
    /// slashes a regular expression.
    pub filter: String,
}

impl Query {
    /// Without examples.
    pub fn of_words(words: String, filter: String) -> Self {
        Self {
            words,
            filter,
            ..Self::default()
        }
    }

    /// Whether there is anything to search for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.plus.is_empty() && self.filter.is_empty()
    }
}

/// One item found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHit {
    /// Which item.
    pub item: usize,
    /// Its best passage.
    pub passage: usize,
    /// Cosine of that passage to the query; 0 when only words had to be there.
    pub cosine: f32,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHits {
    /// What was searched for.
    pub query: Query,
    /// Every item that passes the filter, best first.
    pub hits: Vec<SearchHit>,
    /// The cosine of each item, or `None` for one that does not pass; length n.
    pub of_item: Vec<Option<f32>>,
    /// The cosine of each passage to the query; empty when only words had to be there.
    pub of_passage: Vec<f32>,
    /// Items that the filter left out.
    pub n_filtered: usize,
}

impl SearchHits {
    /// Whether an item passes the filter.
    pub fn passes(&self, item: usize) -> bool {
        self.of_item.get(item).is_some_and(Option::is_some)
    }

    /// Whether meaning was searched for, so that the hits have scores; otherwise they are those that
    /// pass the filter, in their own order.
    pub fn is_ranked(&self) -> bool {
        !(self.query.words.is_empty() && self.query.plus.is_empty())
    }
}

const BAD_PATTERN: &str = "This is not a regular expression. Mend it, or leave out the slashes to \
                           look for the words as they are.";

/// What is searched in, and what reads the words; no words are read without it.
pub(super) struct Searched {
    pub embedded: Arc<Embedded>,
    pub level: Level,
    pub model: Option<Arc<dyn Embedder>>,
}

impl Searched {
    /// The items.
    pub(super) fn items(&self) -> Items<'_> {
        Items::new(&self.embedded, self.level)
    }

    /// Ranks the items by their best passage.
    pub(super) fn search(&self, query: Query, progress: &Progress) -> Result<SearchHits, Failure> {
        search(self.items(), query, self.model.as_deref(), progress)
    }
}

fn search(
    items: Items<'_>,
    query: Query,
    model: Option<&dyn Embedder>,
    progress: &Progress,
) -> Result<SearchHits, Failure> {
    let filter = Filter::new(&query.filter)?;
    let embeddings = items.embeddings();
    let words = match model.filter(|_| !query.words.is_empty()) {
        Some(model) => Some(Embeddings::normalized(
            model.embed(&[&query.words], progress)?,
        )),
        None => None,
    };
    let examples =
        |items: &[usize]| -> Vec<_> { items.iter().map(|i| embeddings.row(*i)).collect() };
    let vector = query_vector(
        words.as_ref().map(|words| words.row(0)),
        &examples(&query.plus),
        &examples(&query.minus),
    );
    let mut best: Vec<Option<SearchHit>> = vec![None; items.n()];
    let of_passage = vector.as_ref().map_or_else(Vec::new, |vector| {
        scores(&items.embedded().passage_vectors, vector.view())
    });
    let ranking = match &vector {
        Some(_) => ranked(&of_passage),
        None => (0..items.embedded().passages.list.len())
            .map(|item| Neighbor { item, cosine: 0.0 })
            .collect(),
    };
    for passage in ranking {
        let item = items.item_of_passage(passage.item);
        best[item].get_or_insert(SearchHit {
            item,
            passage: passage.item,
            cosine: passage.cosine,
        });
    }
    let passes = |hit: &SearchHit| filter.passes(items.text(hit.item));
    let mut hits: Vec<SearchHit> = best.into_iter().flatten().filter(passes).collect();
    hits.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.item.cmp(&b.item)));
    let mut of_item = vec![None; items.n()];
    for hit in &hits {
        of_item[hit.item] = Some(hit.cosine);
    }
    Ok(SearchHits {
        of_item,
        of_passage,
        n_filtered: items.n() - hits.len(),
        query,
        hits,
    })
}

/// What a text must hold.
enum Filter {
    Words(Vec<Regex>),
    Pattern(Regex),
}

impl Filter {
    fn new(typed: &str) -> Result<Self, Failure> {
        let typed = typed.trim();
        let built = |pattern: &str| {
            let mut builder = RegexBuilder::new(pattern);
            builder.case_insensitive(true).build()
        };
        let inside = typed
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        if let Some(pattern) = inside {
            let pattern = built(pattern);
            return pattern
                .map(Self::Pattern)
                .map_err(|error| Failure::told_with(BAD_PATTERN, vec![error.to_string()]));
        }
        let words = typed
            .split_whitespace()
            .map(|word| built(&regex::escape(word)));
        let words = words.collect::<Result<_, _>>();
        words.map(Self::Words).map_err(|error| {
            // Only a word of megabytes gets here.
            Failure::told_with("The filter is too long.", vec![error.to_string()])
        })
    }

    fn passes(&self, text: &str) -> bool {
        match self {
            Self::Words(words) => words.iter().all(|word| word.is_match(text)),
            Self::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_takes_words_or_a_pattern() {
        let passes = |filter: &str, text: &str| Filter::new(filter).ok().unwrap().passes(text);
        assert!(passes("", "anything"));
        assert!(passes("Tide table", "a table of tides"));
        assert!(!passes("tide bread", "a table of tides"));
        assert!(passes("1.5 (kg)", "it weighs 1.5 (KG)"));
        assert!(passes(r"/\d+ kg/", "it weighs 15 kg"));
        assert!(!passes(r"/\d+ kg/", "it weighs a kg"));
        assert!(Filter::new("/(/").is_err());
    }
}
