//! What to look for, from a text and from examples.

use ndarray::{Array1, ArrayView1};

use crate::vectors::normalize;

/// Weight of the mean of the examples to be alike, beside the text's weight of 1.
const PLUS: f32 = 0.75;
/// Weight of the mean of the examples to be unlike.
const MINUS: f32 = 0.15;

/// A vector of length 1 that is near `text` and the `plus` examples and away from the `minus` ones,
/// for [`scores`](super::scores); all have the same dimension, and length 1.
///
/// Rocchio's formula (1971): text + 0.75 × mean of plus − 0.15 × mean of minus, with the weights that
/// Manning, Raghavan and Schütze (2008, chapter 9) call reasonable: what a user likes says more than
/// what they do not. `None` if there is nothing to look for, or if it cancels out.
pub fn query_vector(
    text: Option<ArrayView1<'_, f32>>,
    plus: &[ArrayView1<'_, f32>],
    minus: &[ArrayView1<'_, f32>],
) -> Option<Array1<f32>> {
    let example = plus.first().map(ArrayView1::len);
    let example = example.or(minus.first().map(ArrayView1::len));
    let dim = text.map(|text| text.len()).or(example)?;
    let mut query: Array1<f32> = Array1::zeros(dim);
    if let Some(text) = text {
        query += &text;
    }
    for example in plus {
        query.scaled_add(PLUS / plus.len() as f32, example);
    }
    for example in minus {
        query.scaled_add(-MINUS / minus.len() as f32, example);
    }
    // What is left of vectors that cancel out is rounding, and points anywhere.
    let left = query.dot(&query).sqrt();
    if left < 1e-5 || !left.is_finite() {
        return None;
    }
    normalize(query.view_mut());
    Some(query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr1, array};

    #[test]
    fn a_text_alone_is_the_query() {
        let text = array![0.6, 0.8];
        assert_eq!(query_vector(Some(text.view()), &[], &[]), Some(text));
    }

    #[test]
    fn examples_alone_are_enough() {
        let (x, y) = (array![1.0, 0.0], array![0.0, 1.0]);
        let query = query_vector(None, &[x.view(), y.view()], &[]).unwrap();
        assert!(query.iter().all(|v| (v - 0.5_f32.sqrt()).abs() < 1e-6));
        assert_eq!(
            query_vector(None, &[], &[x.view()]),
            Some(arr1(&[-1.0, 0.0]))
        );
    }

    #[test]
    fn all_are_weighed_by_rocchio() {
        let axes = ndarray::Array2::<f32>::eye(4);
        let plus = [axes.row(1), axes.row(2)];
        let query = query_vector(Some(axes.row(0)), &plus, &[axes.row(3)]).unwrap();
        let weights = arr1(&[1.0_f32, 0.375, 0.375, -0.15]);
        let expected = &weights / weights.dot(&weights).sqrt();
        assert!(
            (query - expected)
                .iter()
                .all(|difference| difference.abs() < 1e-6)
        );
    }

    #[test]
    fn nothing_to_look_for_is_no_query() {
        assert_eq!(query_vector(None, &[], &[]), None);
        let (x, back) = (array![1.0, 0.0], array![-1.0, 0.0]);
        assert_eq!(query_vector(None, &[x.view(), back.view()], &[]), None);
        assert_eq!(query_vector(Some(array![0.0, 0.0].view()), &[], &[]), None);
    }
}
