//! What was different when the same inputs were read again.

use std::collections::BTreeMap;

use crate::message::{Level, Message, count};
use crate::text::{Corpus, Document};

/// Documents that came, went or changed between two readings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    changed: Vec<String>,
    new: Vec<String>,
    gone: Vec<String>,
}

impl Changes {
    /// What differs; `None` when nothing does, or when the two have nothing in common and are simply
    /// two corpora.
    pub fn between(before: &Corpus, after: &Corpus) -> Option<Self> {
        let (before, after) = (by_source(before), by_source(after));
        let mut changes = Self::default();
        for (source, document) in &after {
            match before.get(source) {
                None => changes.new.push(source.clone()),
                Some(old) if old.text != document.text => changes.changed.push(source.clone()),
                Some(_) => {}
            }
        }
        changes.gone = before
            .keys()
            .filter(|source| !after.contains_key(*source))
            .cloned()
            .collect();
        let has_common = after.keys().any(|source| before.contains_key(source));
        (has_common && changes != Self::default()).then_some(changes)
    }

    /// For people.
    pub fn message(&self) -> Message {
        let parts = [
            ("changed", &self.changed),
            ("new", &self.new),
            ("gone", &self.gone),
        ];
        let told = parts.iter().filter(|(_, list)| !list.is_empty());
        let summary: Vec<String> = told
            .clone()
            .map(|(what, list)| format!("{} {what}", count(list.len(), "document")))
            .collect();
        let details = told
            .flat_map(|(what, list)| list.iter().map(move |source| format!("{what}: {source}")));
        let summary = format!("Since the last reading: {}", summary.join(", "));
        Message::new(Level::Info, summary).with_details(details.collect())
    }
}

fn by_source(corpus: &Corpus) -> BTreeMap<String, &Document> {
    let mut found = BTreeMap::new();
    for document in &corpus.documents {
        for source in [&document.source].into_iter().chain(&document.copies) {
            found.insert(source.to_string(), document);
        }
    }
    found
}
