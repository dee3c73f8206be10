//! Token vectors become one vector per text.

use ndarray::{Array1, ArrayView2, Axis};

use crate::vectors::Pooling;

/// Joins the token vectors of one text, shape `(tokens, d)` without padding, into shape `(d,)`.
pub fn pooled(tokens: ArrayView2<'_, f32>, pooling: Pooling) -> Array1<f32> {
    match pooling {
        Pooling::Mean => tokens.sum_axis(Axis(0)) / tokens.nrows() as f32,
        Pooling::Cls => tokens.row(0).to_owned(),
        Pooling::Max => tokens.fold_axis(Axis(0), f32::NEG_INFINITY, |a, b| a.max(*b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn each_way_of_joining() {
        let tokens = array![[1.0, 4.0], [3.0, 2.0]];
        assert_eq!(pooled(tokens.view(), Pooling::Mean), array![2.0, 3.0]);
        assert_eq!(pooled(tokens.view(), Pooling::Cls), array![1.0, 4.0]);
        assert_eq!(pooled(tokens.view(), Pooling::Max), array![3.0, 4.0]);
    }
}
