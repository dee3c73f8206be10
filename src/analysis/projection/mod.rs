//! Many dimensions become two or three.

mod axes;
mod curve;
mod eigen;
mod frozen;
mod pca;
mod procrustes;
mod symmetric;
#[cfg(test)]
mod testing;
mod tree;
mod tsne;
mod umap;

pub use axes::semantic_axis;
pub use frozen::{Placed, misfit_bar, place};
pub use pca::{PcaModel, pca};
pub use procrustes::{aligned, disparity};
pub use tsne::tsne;
pub use umap::umap;

use ndarray::Array2;

/// A place on the map for every item.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Coordinates, shape `(n, axes)`.
    pub points: Array2<f32>,
    /// For each axis its share of the total variance, 0 to 1; empty where axes have none, as those
    /// of UMAP and t-SNE.
    pub variance_shares: Vec<f64>,
}

/// How a map is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ProjectionMethod {
    /// Principal components: axes mean something and distances are true, but clusters overlap.
    #[default]
    Pca,
    /// UMAP: neighbors lie together; distances between clusters mean little.
    Umap,
    /// t-SNE: neighbors lie together in islands; sizes and distances of islands mean little.
    Tsne,
}

/// What a map depends on, beside the items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProjectionRule {
    /// How the map is made.
    pub method: ProjectionMethod,
    /// 2 or 3.
    pub n_axes: usize,
    /// UMAP: how many items, itself counted, an item takes for its surroundings. More show the whole,
    /// fewer the detail.
    pub n_neighbors: usize,
    /// UMAP: how near points may come, as a share of the scale of 1 within which neighbors lie.
    pub min_dist: f32,
    /// t-SNE: how many neighbors an item has in effect.
    pub perplexity: f32,
    /// Where randomness starts.
    pub seed: u64,
}

impl Default for ProjectionRule {
    fn default() -> Self {
        Self {
            method: ProjectionMethod::Pca,
            n_axes: 2,
            n_neighbors: 15,
            min_dist: 0.1,
            perplexity: 30.0,
            seed: 42,
        }
    }
}

impl ProjectionRule {
    /// How many neighbors of each item the graph should hold; 0 if none is needed.
    pub fn n_neighbors_needed(&self) -> usize {
        match self.method {
            ProjectionMethod::Pca => 0,
            ProjectionMethod::Umap => self.n_neighbors,
            ProjectionMethod::Tsne => (3.0 * self.perplexity).ceil() as usize,
        }
    }
}

/// The way to `to` from `from`, and its squared length.
#[inline]
fn way<const AXES: usize>(to: &[f32; AXES], from: &[f32; AXES]) -> ([f32; AXES], f32) {
    let way: [f32; AXES] = std::array::from_fn(|axis| to[axis] - from[axis]);
    let square = way.iter().map(|x| x * x).sum();
    (way, square)
}
