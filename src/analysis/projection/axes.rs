//! Axes that mean something: from one text to another.

use ndarray::ArrayView1;

use crate::vectors::Embeddings;

/// How far each item lies on the way between two poles, shape `(n,)`: 0 at `from`, 1 at `to`; items
/// may lie before the one or beyond the other. Poles have shape `(d,)` and any length; what counts is
/// an item's foot on the line through both.
///
/// `None` if the poles coincide.
pub fn semantic_axis(
    embeddings: &Embeddings,
    from: ArrayView1<'_, f32>,
    to: ArrayView1<'_, f32>,
) -> Option<Vec<f32>> {
    let way = &to - &from;
    let square = way.dot(&way);
    // Rounding keeps even the same text apart by about 1e-7, squared 1e-14.
    if square.is_nan() || square < 1e-10 {
        return None;
    }
    let origin = from.dot(&way);
    let coordinate = |row: ArrayView1<'_, f32>| (row.dot(&way) - origin) / square;
    Some(
        embeddings
            .view()
            .rows()
            .into_iter()
            .map(coordinate)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn poles_lie_at_zero_and_one_and_the_rest_where_they_belong() {
        let items = Embeddings::normalized(array![
            [1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [1.0, 1.0, 0.0],
            [0.0, 0.0, 1.0],
            [1.0, -1.0, 0.0],
        ]);
        let axis = semantic_axis(&items, items.row(0), items.row(1)).unwrap();
        for (found, expected) in axis.iter().zip([0.0, 1.0, 0.5, 0.5, 0.5 - 0.5_f32.sqrt()]) {
            assert!((found - expected).abs() < 1e-6, "{axis:?}");
        }
    }

    #[test]
    fn poles_that_coincide_make_no_axis() {
        let items = Embeddings::normalized(Array2::eye(3));
        assert_eq!(semantic_axis(&items, items.row(0), items.row(0)), None);
        let none = Embeddings::normalized(Array2::zeros((0, 3)));
        let axis = semantic_axis(&none, items.row(0), items.row(1));
        assert_eq!(axis, Some(Vec::new()));
    }
}
