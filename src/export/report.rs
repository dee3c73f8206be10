//! What was done, for people and scripts: counts, what was skipped and why, the model, the times.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::session::{Session, Stage};

/// The content of `report.json`.
#[derive(Debug, Serialize)]
pub struct Report {
    version: &'static str,
    model: String,
    documents: usize,
    passages: usize,
    tokens: usize,
    tokens_read: usize,
    clusters: usize,
    silhouette: f64,
    variance_shares: Vec<f64>,
    similarities: &'static str,
    skipped: Vec<SkippedEntry>,
    notes: Vec<String>,
    /// The only part that differs between two runs.
    timing: Timing,
}

#[derive(Debug, Serialize)]
struct SkippedEntry {
    source: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct Timing {
    seconds: BTreeMap<&'static str, f64>,
    tokens_per_second: f64,
}

impl Report {
    /// The report of a finished session. `similarities` names the file that holds them.
    pub fn new(session: &Session, similarities: &'static str) -> Option<Self> {
        let (items, clusters) = (session.items()?, session.clusters()?);
        let embedded = items.embedded();
        let n_tokens = embedded.passages.total_tokens();
        let skipped = embedded.corpus.skipped.iter().map(|skipped| SkippedEntry {
            source: skipped.source.to_string(),
            reason: skipped.reason.clone(),
        });
        let seconds: BTreeMap<&'static str, f64> = Stage::ALL
            .iter()
            .filter_map(|stage| Some((stage.name(), rounded(session.seconds(*stage)?))))
            .collect();
        let embedding = session.seconds(Stage::Embedding)?;
        Some(Self {
            version: env!("CARGO_PKG_VERSION"),
            model: embedded.tag.to_string(),
            documents: embedded.corpus.documents.len(),
            passages: embedded.passages.list.len(),
            tokens: n_tokens,
            tokens_read: n_tokens,
            clusters: clusters.clustering.n_clusters(),
            silhouette: rounded(clusters.silhouette),
            variance_shares: session
                .projection()?
                .variance_shares
                .iter()
                .map(|share| rounded(*share))
                .collect(),
            similarities,
            skipped: skipped.collect(),
            notes: embedded.corpus.notes.clone(),
            timing: Timing {
                seconds,
                tokens_per_second: (n_tokens as f64 / embedding.max(1e-9)).round(),
            },
        })
    }

    /// Indented JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes =
            serde_json::to_vec_pretty(self).expect("plain values can be written as JSON");
        bytes.push(b'\n');
        bytes
    }
}

fn rounded(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}
