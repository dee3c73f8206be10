//! What the user can set. Compared with `==`: a changed setting makes work due by itself.

use super::duplicates::DuplicateThreshold;
use super::map::MapRule;
use super::order::RowOrder;
use crate::analysis::ClusterRule;
use crate::embed::{EmbedderChoice, PrecisionRule};
use crate::text::ReadRule;

/// What one item is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// A whole document.
    #[default]
    Documents,
    /// A passage of one.
    Passages,
}

/// Everything that decides what is made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// The model.
    pub model: EmbedderChoice,
    /// How exactly it computes.
    pub precision: PrecisionRule,
    /// How files are read.
    pub read: ReadRule,
    /// What an item is.
    pub level: Level,
    /// Whether sentences that stand in many documents are left out of the passages.
    pub without_boilerplate: bool,
    /// How items are grouped.
    pub cluster: ClusterRule,
    /// How the map is made.
    pub map: MapRule,
    /// By what the rows of the matrix are ordered.
    pub order: RowOrder,
    /// From which cosine on two items say the same.
    pub duplicates: DuplicateThreshold,
    /// Another model to compare with.
    pub second_model: Option<EmbedderChoice>,
}
