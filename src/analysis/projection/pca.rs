//! Principal components through linfa-reduction, at a cost that does not grow with its input.
//!
//! linfa works on the data matrix. A small matrix with the same covariance has the same axes, so it
//! is given the factor `R` with `RᵀR = C`, stacked as `[R; −R]` to keep its mean at zero: 2d rows
//! instead of n. `C` is streamed in one pass.
//!
//! linfa's own `explained_variance_ratio` divides by the variance of the kept components only (52 %
//! where the truth is 6 %), so shares are computed here, of the total variance, the trace of `C`.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use linfa_linalg::cholesky::Cholesky as _;
use linfa_reduction::Pca;
use ndarray::{Array1, Array2, Axis, concatenate, s};
use rayon::prelude::*;

use super::Projection;
use crate::analysis::{AnalysisError, BLOCK_ROWS};
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// The first `n_axes` principal components. Each axis points so that its largest coordinate is
/// positive, so the picture does not flip between runs.
///
/// # Errors
/// [`AnalysisError::Cancelled`] when stopped, checked once per block of rows;
/// [`AnalysisError::Numeric`] when the eigenvectors cannot be found.
pub fn pca(
    embeddings: &Embeddings,
    n_axes: usize,
    progress: &Progress,
) -> Result<Projection, AnalysisError> {
    progress.step("Projecting", embeddings.n());
    let mean = mean(embeddings);
    let covariance = covariance(embeddings, &mean, progress)?;
    let total = covariance.diag().sum();
    if total < 1e-9 || n_axes > embeddings.dim() {
        // One text, or the same text again and again: one place for all.
        return Ok(Projection {
            points: Array2::zeros((embeddings.n(), n_axes)),
            variance_shares: vec![0.0; n_axes],
        });
    }
    let axes = axes(&covariance, n_axes)?;
    let mut points = points(embeddings, &mean, &axes);
    let variance_shares = points
        .axis_iter(Axis(1))
        .map(|axis| {
            axis.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / embeddings.n() as f64 / total
        })
        .collect();
    for mut axis in points.axis_iter_mut(Axis(1)) {
        let largest = axis
            .iter()
            .copied()
            .fold(0.0_f32, |a, b| if b.abs() > a.abs() { b } else { a });
        if largest < 0.0 {
            axis.mapv_inplace(|x| -x);
        }
    }
    Ok(Projection {
        points,
        variance_shares,
    })
}

fn mean(embeddings: &Embeddings) -> Array1<f64> {
    let mut sum = Array1::<f64>::zeros(embeddings.dim());
    for row in embeddings.view().rows() {
        sum.zip_mut_with(&row, |sum, x| *sum += f64::from(*x));
    }
    sum / embeddings.n().max(1) as f64
}

/// Shape `(d, d)`, divided by n.
fn covariance(
    embeddings: &Embeddings,
    mean: &Array1<f64>,
    progress: &Progress,
) -> Result<Array2<f64>, Cancelled> {
    let starts: Vec<usize> = (0..embeddings.n()).step_by(BLOCK_ROWS).collect();
    let mut sum = Array2::<f64>::zeros((embeddings.dim(), embeddings.dim()));
    // A handful of blocks at a time: enough for every thread, without holding d × d per block.
    for group in starts.chunks(8) {
        let products: Vec<Array2<f64>> = group
            .par_iter()
            .map(|start| {
                let end = (start + BLOCK_ROWS).min(embeddings.n());
                let centered = embeddings.view().slice(s![*start..end, ..]).mapv(f64::from) - mean;
                centered.t().dot(&centered)
            })
            .collect();
        for product in &products {
            sum += product;
        }
        progress.advance(group.len() * BLOCK_ROWS)?;
    }
    Ok(sum / embeddings.n().max(1) as f64)
}

/// Unit vectors, shape `(n_axes, d)`.
fn axes(covariance: &Array2<f64>, n_axes: usize) -> Result<Array2<f64>, AnalysisError> {
    let numeric = |error: &dyn std::fmt::Display| AnalysisError::Numeric(error.to_string());
    let d = covariance.nrows();
    // Fewer items than dimensions leave the covariance singular. A ridge far below any variance that
    // could be seen makes it factorable and changes no eigenvector.
    let ridge = 1e-10 * covariance.diag().sum() / d as f64;
    let lower = (covariance + &(Array2::<f64>::eye(d) * ridge))
        .cholesky()
        .map_err(|error| numeric(&error))?;
    let factor = lower.t();
    let both = concatenate![Axis(0), factor, -&factor];
    let model = Pca::params(n_axes)
        .fit(&DatasetBase::from(both))
        .map_err(|error| numeric(&error))?;
    // linfa drops axes without variance; the map still has that many.
    let mut axes = Array2::zeros((n_axes, d));
    let found = model.components();
    axes.slice_mut(s![..found.nrows(), ..]).assign(found);
    Ok(axes)
}

fn points(embeddings: &Embeddings, mean: &Array1<f64>, axes: &Array2<f64>) -> Array2<f32> {
    let axes_f32 = axes.mapv(|x| x as f32);
    let origin = axes.dot(mean).mapv(|x| x as f32);
    embeddings.view().dot(&axes_f32.t()) - origin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;

    /// Rows stretched along known directions.
    fn stretched(n: usize) -> Embeddings {
        let mut random = Random::new(2);
        let scales = [1.0, 0.6, 0.3, 0.1, 0.05, 0.02];
        let mut rows = Array2::zeros((n, 24));
        for mut row in rows.axis_iter_mut(Axis(0)) {
            row[10] = 1.5;
            for (axis, scale) in scales.iter().enumerate() {
                row[axis * 2] = scale * (random.unit() as f32 - 0.5);
            }
        }
        Embeddings::normalized(rows)
    }

    #[test]
    fn axes_are_eigenvectors_and_shares_are_of_the_total() {
        let embeddings = stretched(700);
        let progress = Progress::new();
        let mean = mean(&embeddings);
        let covariance = covariance(&embeddings, &mean, &progress).unwrap();
        let axes = axes(&covariance, 2).unwrap();
        let total = covariance.diag().sum();
        let projection = pca(&embeddings, 2, &progress).unwrap();
        for (axis, share) in axes.rows().into_iter().zip(&projection.variance_shares) {
            let image = covariance.dot(&axis);
            let value = axis.dot(&image);
            let residual = (&image - &(&axis * value)).mapv(|x| x * x).sum().sqrt();
            assert!(
                residual < 1e-5 * value,
                "not an eigenvector: {residual} of {value}"
            );
            assert!((value / total - share).abs() < 1e-5);
        }
        assert!(projection.variance_shares[0] > projection.variance_shares[1]);
        assert!(projection.variance_shares.iter().sum::<f64>() < 0.98);
    }

    #[test]
    fn fewer_items_than_dimensions_are_no_trouble() {
        for n in [2, 3, 10] {
            let projection = pca(&stretched(n), 2, &Progress::new()).unwrap();
            assert_eq!(projection.points.dim(), (n, 2));
            assert!(projection.points.iter().all(|x| x.is_finite()));
            assert!(projection.variance_shares[0] > 0.5);
        }
    }

    #[test]
    fn odd_inputs_lie_in_one_place() {
        for rows in [
            Array2::zeros((0, 5)),
            Array2::ones((1, 5)),
            Array2::ones((9, 5)),
        ] {
            let n = rows.nrows();
            let projection = pca(&Embeddings::normalized(rows), 2, &Progress::new()).unwrap();
            assert_eq!(projection.points, Array2::<f32>::zeros((n, 2)));
        }
    }
}
