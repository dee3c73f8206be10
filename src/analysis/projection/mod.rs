//! Many dimensions become two.

mod pca;

pub use pca::pca;

use ndarray::Array2;

/// A place on the map for every item.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Coordinates, shape `(n, axes)`.
    pub points: Array2<f32>,
    /// For each axis its share of the total variance, 0 to 1.
    pub variance_shares: Vec<f64>,
}
