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
    /// Items in no cluster.
    noise: usize,
    /// Share of the items of each cluster that are found together again from other starts.
    stability: Vec<f64>,
    /// Shares of the first principal axes.
    variance_shares: Vec<f64>,
    map: Option<MapEntry>,
    duplicates: Option<DuplicatesEntry>,
    similarities: &'static str,
    skipped: Vec<SkippedEntry>,
    copies: usize,
    hidden_left_out: usize,
    ignored_left_out: usize,
    links_left_out: usize,
    languages: BTreeMap<&'static str, usize>,
    notes: Vec<String>,
    /// The only part that differs between two runs, with `cache`.
    timing: Timing,
    cache: CacheEntry,
}

/// The map and how true it is to the vectors.
#[derive(Debug, Serialize)]
struct MapEntry {
    method: &'static str,
    trustworthiness: f64,
    continuity: f64,
    neighbor_overlap: f64,
    neighbors: usize,
    /// Items at which the first two were measured.
    measured: usize,
}

#[derive(Debug, Serialize)]
struct DuplicatesEntry {
    threshold: f64,
    suggested_threshold: Option<f64>,
    groups: usize,
    items: usize,
    pairs: usize,
    /// Items that have more pairs than are listed.
    items_with_more_pairs: usize,
    repeated_sentences: usize,
}

#[derive(Debug, Serialize)]
struct SkippedEntry {
    source: String,
    reason: String,
}

/// Passages whose vector was there already, equal passages, and those that the model read.
#[derive(Debug, Serialize)]
struct CacheEntry {
    hits: usize,
    equal: usize,
    misses: usize,
}

#[derive(Debug, Serialize)]
struct Timing {
    seconds: BTreeMap<&'static str, f64>,
    tokens_per_second: f64,
}

impl MapEntry {
    fn of(session: &Session) -> Option<Self> {
        let quality = session.quality()?;
        Some(Self {
            method: session.map()?.1.rule.name(),
            trustworthiness: rounded(quality.trustworthiness),
            continuity: rounded(quality.continuity),
            neighbor_overlap: rounded(quality.neighbor_overlap),
            neighbors: quality.k,
            measured: quality.n_measured,
        })
    }
}

impl DuplicatesEntry {
    fn of(session: &Session) -> Option<Self> {
        let found = session.duplicates()?;
        Some(Self {
            threshold: rounded(f64::from(found.threshold)),
            suggested_threshold: found.suggested.map(|cosine| rounded(f64::from(cosine))),
            groups: found.groups.len(),
            items: found.n_items(),
            pairs: found.pairs.len(),
            items_with_more_pairs: found.n_items_at_limit,
            repeated_sentences: session
                .boilerplate()
                .map_or(0, |found| found.sentences.len()),
        })
    }
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
        // What was known already took no time.
        let share_read =
            embedded.reuse.embedded as f64 / embedded.passages.list.len().max(1) as f64;
        Some(Self {
            version: env!("CARGO_PKG_VERSION"),
            model: embedded.tag.to_string(),
            documents: embedded.corpus.documents.len(),
            passages: embedded.passages.list.len(),
            tokens: n_tokens,
            tokens_read: n_tokens,
            clusters: clusters.clustering.n_clusters(),
            silhouette: rounded(clusters.silhouette),
            noise: clusters.clustering.n_noise(),
            stability: session
                .stability()
                .map(|stability| {
                    stability
                        .of_cluster
                        .iter()
                        .map(|share| rounded(f64::from(*share)))
                        .collect()
                })
                .unwrap_or_default(),
            map: MapEntry::of(session),
            duplicates: DuplicatesEntry::of(session),
            variance_shares: session
                .principal()?
                .projection
                .variance_shares
                .iter()
                .map(|share| rounded(*share))
                .collect(),
            similarities,
            skipped: skipped.collect(),
            copies: embedded.corpus.n_copies(),
            hidden_left_out: embedded.corpus.left_out.hidden,
            ignored_left_out: embedded.corpus.left_out.ignored,
            links_left_out: embedded.corpus.left_out.links,
            languages: embedded
                .corpus
                .languages()
                .into_iter()
                .map(|(language, n)| (language.map_or("unknown", |language| language.name), n))
                .collect(),
            notes: [&embedded.corpus.notes[..], &embedded.notes].concat(),
            cache: CacheEntry {
                hits: embedded.reuse.from_cache,
                equal: embedded.reuse.equal,
                misses: embedded.reuse.embedded,
            },
            timing: Timing {
                seconds,
                tokens_per_second: (n_tokens as f64 * share_read / embedding.max(1e-9)).round(),
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
