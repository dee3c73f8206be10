//! A result and the request that made it.

use crate::embed::{EmbedderChoice, PrecisionRule};
use crate::message::Message;
use crate::session::settings::Level;
use crate::text::ReadRule;

use crate::analysis::ClusterRule;

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
    /// Split into passages.
    Split,
    /// Embed the passages.
    Embed,
    /// Place the items on a map.
    Project(Level),
    /// Group the items.
    Cluster(Level, ClusterRule),
    /// Order the rows of the matrix.
    Order(Level),
    /// Compare the sentences of two items.
    Compare(Level, (usize, usize)),
    /// Search for words.
    Search(Level, String),
}

impl Rule {
    /// Whether the result is about documents or passages, if it is about items at all.
    pub fn level(&self) -> Option<Level> {
        match self {
            Self::Open(..) | Self::Read(_) | Self::Split | Self::Embed => None,
            Self::Project(level)
            | Self::Cluster(level, _)
            | Self::Order(level)
            | Self::Compare(level, _)
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
