//! The leading eigenvectors of a symmetric matrix of a few hundred rows.
//!
//! A block Krylov method (Golub and Underwood 1977; Musco and Musco 2015): the matrix is applied to a
//! few vectors again and again, and the best that these span is taken, until nothing is left to mend.
//! A block finds what a single vector would miss, eigenvalues that are the same. Solving for all
//! eigenvectors of 384 rows takes ten times as long.

use linfa_linalg::eigh::EighInto as _;
use ndarray::{Array1, Array2, ArrayView1, Axis, concatenate, s};

use crate::analysis::AnalysisError;
use crate::analysis::random::Random;

/// Vectors of the block beyond those that are asked for; they make the last of those come sooner.
const BEYOND: usize = 3;
/// How often the matrix is applied before the best is taken.
const N_STEPS: usize = 10;
/// More rounds are never needed but by eigenvalues that differ by rounding; then any of their vectors
/// is as good.
const MAX_ROUNDS: usize = 60;
/// What may be left, as a share of the largest eigenvalue.
const TOLERANCE: f64 = 1e-10;

/// Unit eigenvectors of the `n` largest eigenvalues of a symmetric matrix without negative ones, the
/// largest first, shape `(n, d)`. Zeros where an eigenvalue is 0, and beyond the d-th.
///
/// # Errors
/// [`AnalysisError::Numeric`] when a number is not finite.
pub fn leading_eigenvectors(matrix: &Array2<f64>, n: usize) -> Result<Array2<f64>, AnalysisError> {
    let d = matrix.nrows();
    let wanted = n.min(d);
    let mut random = Random::new(7);
    let start = Array2::from_shape_simple_fn(((wanted + BEYOND).min(d), d), || random.unit() - 0.5);
    let mut block = orthonormal(&start, None);
    let mut vectors = Array2::zeros((n, d));
    for _ in 0..MAX_ROUNDS {
        let basis = krylov(matrix, &block);
        let applied = basis.dot(matrix);
        let (values, inside) = eigen(&basis.dot(&applied.t()))?;
        block = inside.dot(&basis);
        let images = inside.dot(&applied);
        let largest = values.first().copied().unwrap_or(0.0).max(0.0);
        vectors.fill(0.0);
        let mut left = 0.0_f64;
        let found = block.rows().into_iter().zip(images.rows()).zip(&values);
        for (mut to, ((vector, image), value)) in
            vectors.rows_mut().into_iter().zip(found).take(wanted)
        {
            let rest = &image - &(&vector * *value);
            left = left.max(length(rest.view()));
            if *value > TOLERANCE * largest {
                to.assign(&vector);
            }
        }
        if left <= TOLERANCE * largest {
            break;
        }
        block = block
            .slice(s![..block.nrows().min(wanted + BEYOND), ..])
            .to_owned();
    }
    Ok(vectors)
}

/// Unit vectors at right angles that span a block and what the matrix makes of it, in rows.
fn krylov(matrix: &Array2<f64>, block: &Array2<f64>) -> Array2<f64> {
    let mut basis = block.clone();
    let mut last = block.clone();
    for _ in 0..N_STEPS {
        last = orthonormal(&last.dot(matrix), Some(&basis));
        if last.nrows() == 0 {
            break;
        }
        basis = concatenate![Axis(0), basis, last];
    }
    basis
}

/// Rows made of length 1 and at right angles to each other and to those of a basis; what lies in
/// these already is left out. Each is worked out twice, since once leaves rounding (Kahan's rule).
fn orthonormal(rows: &Array2<f64>, basis: Option<&Array2<f64>>) -> Array2<f64> {
    let mut found: Vec<Array1<f64>> = Vec::new();
    for row in rows.rows() {
        let before = length(row);
        let mut row = row.to_owned();
        for _ in 0..2 {
            if let Some(basis) = basis {
                row = &row - &basis.dot(&row).dot(basis);
            }
            for other in &found {
                row.scaled_add(-other.dot(&row), other);
            }
        }
        let after = length(row.view());
        if after > 1e-12 * before {
            found.push(row / after);
        }
    }
    let mut rows = Array2::zeros((found.len(), rows.ncols()));
    for (mut row, found) in rows.rows_mut().into_iter().zip(&found) {
        row.assign(found);
    }
    rows
}

/// Eigenvalues and unit eigenvectors, in rows, of a small symmetric matrix, the largest first.
fn eigen(small: &Array2<f64>) -> Result<(Vec<f64>, Array2<f64>), AnalysisError> {
    if small.iter().any(|x| !x.is_finite()) {
        return Err(AnalysisError::Numeric("a number is not finite".into()));
    }
    // Rounding leaves the halves a little different.
    let small = (small + &small.t()) * 0.5;
    let found = small.eigh_into();
    let (values, vectors) = found.map_err(|error| AnalysisError::Numeric(error.to_string()))?;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    let sorted = order.iter().map(|at| values[*at]).collect();
    Ok((sorted, vectors.t().select(Axis(0), &order)))
}

fn length(row: ArrayView1<'_, f64>) -> f64 {
    row.dot(&row).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A symmetric matrix with these eigenvalues, and its eigenvectors in rows.
    fn with_eigenvalues(values: &[f64]) -> (Array2<f64>, Array2<f64>) {
        let d = values.len();
        let mut random = Random::new(3);
        let rows = Array2::from_shape_simple_fn((d, d), || random.unit() - 0.5);
        let vectors = orthonormal(&rows, None);
        let scaled = &vectors * &Array1::from(values.to_vec()).insert_axis(Axis(1));
        (vectors.t().dot(&scaled), vectors)
    }

    #[test]
    fn the_vectors_are_those_that_the_matrix_was_made_of() {
        let values: Vec<f64> = (0..200).map(|i| 0.96_f64.powi(i)).collect();
        let (matrix, expected) = with_eigenvalues(&values);
        let found = leading_eigenvectors(&matrix, 4).unwrap();
        for (found, expected) in found.rows().into_iter().zip(expected.rows()) {
            assert!((found.dot(&expected).abs() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn equal_eigenvalues_are_all_found() {
        let mut values = vec![0.01; 150];
        values[..3].fill(2.0);
        let (matrix, _) = with_eigenvalues(&values);
        let found = leading_eigenvectors(&matrix, 3).unwrap();
        for row in found.rows() {
            let rest = &matrix.dot(&row) - &(&row * 2.0);
            assert!(length(rest.view()) < 1e-8);
        }
        let products = found.dot(&found.t());
        assert!(
            (products - Array2::<f64>::eye(3))
                .iter()
                .all(|x| x.abs() < 1e-9)
        );
    }

    #[test]
    fn close_eigenvalues_are_told_apart() {
        let mut values = vec![1.0; 300];
        values[0] = 1.02;
        values[1] = 1.01;
        let (matrix, expected) = with_eigenvalues(&values);
        let found = leading_eigenvectors(&matrix, 2).unwrap();
        for (found, expected) in found.rows().into_iter().zip(expected.rows()) {
            assert!((found.dot(&expected).abs() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn what_has_no_variance_is_zero() {
        let (matrix, _) = with_eigenvalues(&[1.0, 0.0, 0.0, 0.0]);
        let found = leading_eigenvectors(&matrix, 6).unwrap();
        assert_eq!(found.dim(), (6, 4));
        assert!((length(found.row(0)) - 1.0).abs() < 1e-12);
        assert!(found.slice(s![1.., ..]).iter().all(|x| *x == 0.0));
        assert_eq!(
            leading_eigenvectors(&Array2::zeros((3, 3)), 2).unwrap(),
            Array2::<f64>::zeros((2, 3))
        );
        assert!(leading_eigenvectors(&Array2::from_elem((3, 3), f64::NAN), 1).is_err());
    }
}
