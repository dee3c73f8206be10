//! Vectors that came with a file, by the same keys as those of the cache.

use std::collections::HashMap;

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::cache::Key;

/// Rows by key.
#[derive(Debug, Default)]
pub struct StoredVectors {
    rows: HashMap<Key, usize>,
    vectors: Array2<f32>,
}

impl StoredVectors {
    /// One key per row of `vectors`; `None` when the numbers differ.
    pub fn new(keys: &[Key], vectors: Array2<f32>) -> Option<Self> {
        (keys.len() == vectors.nrows()).then(|| Self {
            rows: keys
                .iter()
                .enumerate()
                .map(|(row, key)| (*key, row))
                .collect(),
            vectors,
        })
    }

    /// All rows, in the order in which they came.
    pub fn rows(&self) -> ArrayView2<'_, f32> {
        self.vectors.view()
    }

    /// The vector of a key, if it is there and has that many dimensions.
    pub fn get(&self, key: &Key, dim: usize) -> Option<ArrayView1<'_, f32>> {
        let row = self.vectors.row(*self.rows.get(key)?);
        (row.len() == dim).then_some(row)
    }
}
