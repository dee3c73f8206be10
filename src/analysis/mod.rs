//! Vectors become structure: pure functions of their arguments.
//!
//! No file, no clock, no global: the same input, rule and seed give the same bits whatever the
//! number of threads. Work in parallel is cut into blocks of fixed size whose results are joined
//! in order.

mod clustering;
mod keywords;
mod matches;
mod matrix;
mod neighbors;
mod order;
mod product;
mod projection;
mod quality;
mod random;

pub use clustering::{ClusterCount, ClusterRule, Clustering, kmeans};
pub use keywords::keywords;
pub use matches::{SentenceMatch, strongest_matches};
pub use matrix::{Pyramid, Tile, full_matrix};
pub use neighbors::{Neighbor, NeighborGraph, nearest, scores};
pub use order::matrix_order;
pub use projection::{Projection, pca};
pub use quality::silhouette;

/// Why an analysis has no result.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// Stopped on request.
    #[error(transparent)]
    Cancelled(#[from] crate::progress::Cancelled),
    /// A numeric routine gave up.
    #[error("the numbers could not be worked out: {0}")]
    Numeric(String),
}

/// Rows that one thread works on at a time.
const BLOCK_ROWS: usize = 256;
