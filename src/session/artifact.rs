//! A result and the request that made it.

use std::path::PathBuf;
use std::sync::Arc;

use super::compare::Beside;
use super::duplicates::DuplicateThreshold;
use super::map::MapRule;
use super::order::RowOrder;
use super::rows::{Narrowing, Sorting};
use super::saved_searches::SavedSearch;
use super::search::Query;
use super::settings::Level;
use crate::analysis::ClusterRule;
use crate::embed::{EmbedderChoice, PrecisionRule};
use crate::message::Message;
use crate::text::ReadRule;

/// What a result was made from and how. Compared, never tracked: when a key that is wanted differs
/// from the key that is there, work is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Revisions of the inputs. For everything that is about items, the first is the embedding's.
    pub inputs: Vec<u64>,
    /// How the result is made.
    pub rule: Rule,
}

/// How a result is made from its inputs.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Open this model.
    Open(EmbedderChoice, PrecisionRule),
    /// Read the inputs.
    Read(ReadRule),
    /// Read texts in order, for vectors that are imported.
    ReadRows(ReadRule),
    /// Look for sentences that stand in many documents.
    FindBoilerplate,
    /// Split into passages; with such sentences left out or not.
    Split(bool),
    /// Embed the passages.
    Embed,
    /// Take the vectors of this file.
    Import(PathBuf),
    /// Place the items on that many principal axes.
    Project(Level, usize),
    /// Find each item's nearest.
    FindNeighbors(Level),
    /// Group the items.
    Cluster(Level, ClusterRule),
    /// Part the clusters.
    Part(Level, ClusterRule),
    /// Order the rows of the matrix.
    Order(Level, RowOrder),
    /// Place the items on a map.
    LayOut(Level, MapRule),
    /// Put them on a map that stays as it is; the number is that of the freezing.
    Freeze(Level, u64),
    /// Find items that say the same.
    FindDuplicates(Level, DuplicateThreshold),
    /// Measure the map.
    Measure(Level),
    /// Ask how much the clusters owe to chance.
    Repeat(Level, ClusterRule),
    /// Ask a second model.
    AskSecond(Level, EmbedderChoice, PrecisionRule),
    /// Compare the sentences of two items.
    Compare(Level, (usize, usize)),
    /// Compare an item with something that is none.
    CompareWith(Level, usize, Beside),
    /// Tell why an item is in its cluster.
    Explain(Level, usize),
    /// Filter and sort.
    List(Level, Box<Narrowing>, Option<Sorting>),
    /// Search.
    Search(Level, Query),
    /// Score the items by these searches.
    Score(Level, Arc<Vec<SavedSearch>>),
}

impl Rule {
    /// Whether the result is about documents or passages, if it is about items at all.
    pub fn level(&self) -> Option<Level> {
        match self {
            Self::Open(..)
            | Self::Read(_)
            | Self::FindBoilerplate
            | Self::Split(_)
            | Self::ReadRows(_)
            | Self::Embed
            | Self::Import(_) => None,
            Self::Project(level, _)
            | Self::FindNeighbors(level)
            | Self::Cluster(level, _)
            | Self::Part(level, _)
            | Self::Order(level, _)
            | Self::LayOut(level, _)
            | Self::Freeze(level, _)
            | Self::FindDuplicates(level, _)
            | Self::Measure(level)
            | Self::Repeat(level, _)
            | Self::AskSecond(level, ..)
            | Self::Compare(level, _)
            | Self::CompareWith(level, ..)
            | Self::Explain(level, _)
            | Self::List(level, ..)
            | Self::Score(level, _)
            | Self::Search(level, _) => Some(*level),
        }
    }
}

/// How the latest request for a result stands. `Stopped` is a state of its own, or the next turn of
/// the wheel would start the same work again.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Status {
    /// Never asked for, or no longer wanted.
    #[default]
    Missing,
    /// Being made.
    Working(Key),
    /// There.
    Ready(Key),
    /// Stopped by the user.
    Stopped(Key),
    /// Failed; the message says why.
    Failed(Key, Message),
}

impl Status {
    /// The request, whatever became of it.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::Missing => None,
            Self::Working(key) | Self::Ready(key) | Self::Stopped(key) | Self::Failed(key, _) => {
                Some(key)
            }
        }
    }
}

/// When and from what a value was made.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The request.
    pub key: Key,
    /// Larger than that of every earlier value.
    pub revision: u64,
    /// How long it took.
    pub seconds: f64,
}

/// One result of the pipeline. The last good value stays while a newer one is made.
#[derive(Clone)]
pub struct Artifact<T> {
    status: Status,
    value: Option<(Stamp, T)>,
}

impl<T> Default for Artifact<T> {
    fn default() -> Self {
        Self {
            status: Status::Missing,
            value: None,
        }
    }
}

impl<T> Artifact<T> {
    /// The last good value, which may be from an older request.
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref().map(|(_, value)| value)
    }

    /// The revision of the value, if it was made by `wanted`.
    pub fn revision_of(&self, wanted: &Key) -> Option<u64> {
        let (stamp, _) = self.value.as_ref()?;
        (stamp.key == *wanted).then_some(stamp.revision)
    }

    /// Takes in a new value.
    pub fn set(&mut self, value: T, stamp: Stamp) {
        self.status = Status::Ready(stamp.key.clone());
        self.value = Some((stamp, value));
    }
}

/// What is known of an artifact whatever its value is.
pub trait Slot {
    /// How the latest request stands.
    fn status(&self) -> &Status;
    /// The same, to be changed.
    fn status_mut(&mut self) -> &mut Status;
    /// When and from what the last good value was made.
    fn stamp(&self) -> Option<&Stamp>;
}

impl<T> Slot for Artifact<T> {
    fn status(&self) -> &Status {
        &self.status
    }

    fn status_mut(&mut self) -> &mut Status {
        &mut self.status
    }

    fn stamp(&self) -> Option<&Stamp> {
        self.value.as_ref().map(|(stamp, _)| stamp)
    }
}
