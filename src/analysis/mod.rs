//! Vectors become structure: pure functions of their arguments.
//!
//! No file, no clock, no global: the same input, rule and seed give the same bits whatever the
//! number of threads. Work in parallel is cut into blocks of fixed size whose results are joined
//! in order.

mod agreement;
mod clustering;
mod duplicates;
mod explain;
mod keywords;
mod map_neighbors;
mod matches;
mod matrix;
mod neighbors;
mod order;
mod outliers;
mod product;
mod projection;
mod quality;
mod random;
mod search;
mod spread;

pub use agreement::{Agreement, Disagreement, RankChange, agreement, rank_changes};
pub use clustering::{
    ClusterCount, ClusterMethod, ClusterRule, Clustering, Hdbscan, HdbscanRule, Hierarchy,
    Stability, cluster, hdbscan, kmeans, stability,
};
pub use duplicates::{
    Boilerplate, Duplicates, Group, RepeatedSentence, ScoreHistogram, boilerplate,
    duplicate_groups, suggested_threshold,
};
pub use explain::{Contribution, Explanation, Parts, Piece, explain};
pub use keywords::{central_items, keywords};
pub use map_neighbors::MapNeighbors;
pub use matches::{SentenceMatch, strongest_matches};
pub use matrix::{Pyramid, Tile, full_matrix};
pub use neighbors::{Neighbor, NeighborGraph, nearest, ranked, scores};
pub use order::matrix_order;
pub use outliers::{outlier_ranking, outlier_scores};
pub use projection::{
    PcaModel, Placed, Projection, ProjectionMethod, ProjectionRule, aligned, disparity, misfit_bar,
    pca, place, semantic_axis, tsne, umap,
};
pub use quality::{MapQuality, PointQuality, map_quality, silhouette, silhouettes};
pub use search::query_vector;
pub use spread::CosineSpread;

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
