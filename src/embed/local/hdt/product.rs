//! The one product of matrices that the model rests on.
//!
//! By the crate gemm on one thread: what calls it cuts its work into blocks of fixed size and gives
//! each block to one thread, so that the bits do not depend on how many there are.

use ndarray::ArrayView2;

/// `out = a · b` for `a` of shape `(m, k)`, `b` of shape `(k, n)` and `out` of shape `(m, n)`, row
/// by row.
pub fn product(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, out: &mut [f32]) {
    let (n_rows, n_inner, n_columns) = (a.nrows(), a.ncols(), b.ncols());
    assert!(
        b.nrows() == n_inner && n_inner > 0 && out.len() == n_rows * n_columns,
        "shapes must fit"
    );
    if out.is_empty() {
        return;
    }
    // SAFETY: the pointers are valid for the shapes and strides of their views, and `out`, which is
    // borrowed mutably, holds `n_rows` rows of `n_columns` numbers.
    #[expect(unsafe_code, reason = "gemm takes pointers")]
    unsafe {
        gemm::gemm(
            n_rows,
            n_columns,
            n_inner,
            out.as_mut_ptr(),
            1,
            n_columns.cast_signed(),
            false,
            a.as_ptr(),
            a.strides()[1],
            a.strides()[0],
            b.as_ptr(),
            b.strides()[1],
            b.strides()[0],
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn it_is_the_product_of_two_matrices_however_they_lie_in_memory() {
        let a = Array2::from_shape_fn((5, 7), |(i, j)| (i * 7 + j) as f32 / 9.0 - 1.0);
        let b = Array2::from_shape_fn((7, 4), |(i, j)| (i as f32 - j as f32) / 5.0);
        let transposed = Array2::from_shape_fn((4, 7), |(i, j)| b[(j, i)]);
        for b_view in [b.view(), transposed.t()] {
            let mut out = vec![f32::NAN; 20];
            product(a.view(), b_view, &mut out);
            for ((i, j), expected) in a.dot(&b).indexed_iter() {
                assert!((out[i * 4 + j] - expected).abs() < 1e-5);
            }
        }
    }
}
