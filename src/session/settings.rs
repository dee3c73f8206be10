//! What the user can set. Compared with `==`: a changed setting makes work due by itself.

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
    /// How items are grouped.
    pub cluster: ClusterRule,
}
