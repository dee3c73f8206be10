//! How well a picture or a grouping fits the vectors.

mod map;
mod ranks;
mod silhouette;

pub use map::{MapQuality, PointQuality, map_quality};
pub use silhouette::{silhouette, silhouettes};
