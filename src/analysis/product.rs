//! The one product that everything here rests on: all dot products between two sets of rows.
//!
//! By the crate gemm on one thread: what calls it cuts its work into blocks of fixed size and gives
//! each block to one thread, so that the bits do not depend on how many there are.

use ndarray::ArrayView2;

/// `out[i * b.nrows() + j] = a[i] · b[j]`; rows of both lie behind each other in memory.
pub fn products(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, out: &mut [f32]) {
    let (n_rows, n_columns, dim) = (a.nrows(), b.nrows(), a.ncols());
    let n_products = n_rows * n_columns;
    assert!(
        b.ncols() == dim && out.len() >= n_products,
        "shapes must fit"
    );
    if n_products == 0 {
        return;
    }
    let (a_row, a_column) = strides(a);
    let (b_row, b_column) = strides(b);
    // SAFETY: the pointers are valid for the shapes and strides of their views, and `out`, which is
    // borrowed mutably, has room for `n_products` numbers.
    #[expect(unsafe_code, reason = "gemm takes pointers")]
    unsafe {
        gemm::gemm(
            n_rows,
            n_columns,
            dim,
            out.as_mut_ptr(),
            1,
            n_columns.cast_signed(),
            false,
            a.as_ptr(),
            a_column,
            a_row,
            b.as_ptr(),
            b_row,
            b_column,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

fn strides(rows: ArrayView2<'_, f32>) -> (isize, isize) {
    (rows.strides()[0], rows.strides()[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    #[test]
    fn it_is_the_product_of_rows_with_rows() {
        let a = Array2::from_shape_fn((5, 7), |(i, j)| (i * 7 + j) as f32 / 9.0 - 1.0);
        let b = Array2::from_shape_fn((8, 7), |(i, j)| (i as f32 - j as f32) / 5.0);
        let b = b.slice(s![2..6, ..]);
        let mut out = vec![f32::NAN; 20];
        products(a.view(), b, &mut out);
        for ((i, j), expected) in a.dot(&b.t()).indexed_iter() {
            assert!((out[i * 4 + j] - expected).abs() < 1e-5);
        }
    }
}
