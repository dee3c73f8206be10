//! Embeddings: what every model makes and every analysis reads.

mod npy;
mod read;
mod tag;

pub use npy::{NpyError, read_npy, write_npy};
pub use read::{
    ImportedVectors, RowName, VectorsError, VectorsProblem, is_id_column, read_vectors,
};
pub use tag::{ModelTag, Pooling, Precision};

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis};

/// Gives a vector length 1; zeros stay as they are.
pub fn normalize(mut row: ArrayViewMut1<'_, f32>) {
    // Summed in f64, so that the length does not depend on how a compiler vectorizes.
    let length = row
        .iter()
        .map(|x| f64::from(*x).powi(2))
        .sum::<f64>()
        .sqrt();
    if length > 0.0 {
        row.mapv_inplace(|x| (f64::from(x) / length) as f32);
    }
}

/// Unit vectors, one row per item, shape `(n, d)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings(Array2<f32>);

impl Embeddings {
    /// Takes rows of any length and gives each length 1. A row of zeros stays as it is, so its
    /// cosine to everything is 0.
    pub fn normalized(mut rows: Array2<f32>) -> Self {
        rows.axis_iter_mut(Axis(0)).for_each(normalize);
        Self(rows)
    }

    /// Number of items.
    pub fn n(&self) -> usize {
        self.0.nrows()
    }

    /// Dimension of the space.
    pub fn dim(&self) -> usize {
        self.0.ncols()
    }

    /// The vector of one item, shape `(d,)`.
    pub fn row(&self, item: usize) -> ArrayView1<'_, f32> {
        self.0.row(item)
    }

    /// All rows, shape `(n, d)`.
    pub fn view(&self) -> ArrayView2<'_, f32> {
        self.0.view()
    }

    /// The bare matrix, shape `(n, d)`.
    pub fn into_rows(self) -> Array2<f32> {
        self.0
    }

    /// The chosen rows, in the order of `items`.
    pub fn select(&self, items: &[usize]) -> Self {
        Self(self.0.select(Axis(0), items))
    }

    /// Cosine of two items, −1 to 1.
    ///
    /// Every score in the program that is not part of a larger product comes from here.
    pub fn cosine(&self, a: usize, b: usize) -> f32 {
        self.row(a).dot(&self.row(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn rows_have_length_one_and_zeros_stay_zeros() {
        let embeddings = Embeddings::normalized(array![[3.0, 4.0], [0.0, 0.0]]);
        assert_eq!(embeddings.view(), array![[0.6, 0.8], [0.0, 0.0]]);
        assert!((embeddings.cosine(0, 0) - 1.0).abs() < 1e-6);
        assert!(embeddings.cosine(0, 1).abs() < 1e-6);
    }
}
