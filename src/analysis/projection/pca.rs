//! Principal components, at a cost that hardly grows with the dimension.
//!
//! The covariance is streamed in one pass, and its leading eigenvectors are the axes.
//! `linfa-reduction`, which the tests compare with, finds the same from the rows themselves; from a
//! factor of the covariance it took twice as long as all of this does for 10,000 rows. Shares are of
//! the total variance, the trace of the covariance.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::Projection;
use super::eigen::leading_eigenvectors;
use crate::analysis::product::products;
use crate::analysis::{AnalysisError, BLOCK_ROWS};
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Rows multiplied at once: few enough that sums in f32 stay exact to seven digits, enough that the
/// product runs at full speed.
const PRODUCT_ROWS: usize = 1024;
/// Columns multiplied at once; the half below the diagonal of such squares is never computed.
const PRODUCT_COLUMNS: usize = 96;
/// Stretches that the rows are cut into, each summed by one thread, joined in order.
const N_STRETCHES: usize = 16;

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
    PcaModel::fitted(embeddings, n_axes, progress).map(|(_, projection)| projection)
}

/// What places any item, new ones too, on a map of principal components.
#[derive(Debug, Clone, PartialEq)]
pub struct PcaModel {
    /// Mean of the items, shape `(d,)`.
    pub mean: Array1<f64>,
    /// Unit vectors at right angles, shape `(n_axes, d)`; zeros where an axis has no variance.
    pub axes: Array2<f32>,
}

impl PcaModel {
    /// The model, and the map of the items that it was fitted to; see [`pca`].
    ///
    /// # Errors
    /// As [`pca`].
    pub fn fitted(
        embeddings: &Embeddings,
        n_axes: usize,
        progress: &Progress,
    ) -> Result<(Self, Projection), AnalysisError> {
        progress.step("Projecting", embeddings.n());
        let (mean, covariance) = moments(embeddings, progress)?;
        let total = covariance.diag().sum();
        let mut axes = Array2::zeros((n_axes, embeddings.dim()));
        let mut variance_shares = vec![0.0; n_axes];
        // Otherwise one text, or the same text again and again: one place for all.
        if total >= 1e-9 {
            let found = leading_eigenvectors(&covariance, n_axes)?;
            for (share, axis) in variance_shares.iter_mut().zip(found.rows()) {
                *share = axis.dot(&covariance.dot(&axis)) / total;
            }
            axes = found.mapv(|x| x as f32);
        }
        let mut model = Self { mean, axes };
        let mut points = model.project(embeddings);
        for (mut axis, mut of_points) in model.axes.rows_mut().into_iter().zip(points.columns_mut())
        {
            let further = |a: f32, b: &f32| if b.abs() > a.abs() { *b } else { a };
            if of_points.iter().fold(0.0, further) < 0.0 {
                axis.mapv_inplace(|x| -x);
                of_points.mapv_inplace(|x| -x);
            }
        }
        let projection = Projection {
            points,
            variance_shares,
        };
        Ok((model, projection))
    }

    /// Coordinates of items of the same dimension, shape `(n, n_axes)`. Those that the model was
    /// fitted to come out where they are on its map, to the bit.
    pub fn project(&self, embeddings: &Embeddings) -> Array2<f32> {
        let origin = self.axes.mapv(f64::from).dot(&self.mean).mapv(|x| x as f32);
        let mut points = Array2::zeros((embeddings.n(), self.axes.nrows()));
        let view = embeddings.view();
        let blocks: Vec<_> = points
            .axis_chunks_iter_mut(Axis(0), BLOCK_ROWS)
            .zip(view.axis_chunks_iter(Axis(0), BLOCK_ROWS))
            .collect();
        blocks.into_par_iter().for_each(|(mut points, rows)| {
            for (mut point, row) in points.rows_mut().into_iter().zip(rows.rows()) {
                for ((x, axis), origin) in point.iter_mut().zip(self.axes.rows()).zip(&origin) {
                    *x = row.dot(&axis) - origin;
                }
            }
        });
        points
    }
}

/// Mean, shape `(d,)`, and covariance, shape `(d, d)`, divided by n, in one pass.
///
/// Products are taken of rows less a rough mean, which keeps f32 exact where all items are much alike;
/// what the rough mean is off by is taken out of the sums.
fn moments(
    embeddings: &Embeddings,
    progress: &Progress,
) -> Result<(Array1<f64>, Array2<f64>), Cancelled> {
    let (n, d) = (embeddings.n(), embeddings.dim());
    let rough = rough_mean(embeddings);
    let of_stretch = |rows: ArrayView2<'_, f32>| -> Result<Sums, Cancelled> {
        let mut sums = Sums::new(d);
        for block in rows.axis_chunks_iter(Axis(0), PRODUCT_ROWS) {
            sums.add(block, &rough);
            progress.advance(block.nrows())?;
        }
        Ok(sums)
    };
    let blocks_per_stretch = n.div_ceil(PRODUCT_ROWS).div_ceil(N_STRETCHES).max(1);
    let view = embeddings.view();
    let stretches = view
        .axis_chunks_iter(Axis(0), blocks_per_stretch * PRODUCT_ROWS)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(of_stretch)
        .collect::<Result<Vec<_>, Cancelled>>()?;
    let mut sums = Sums::new(d);
    for stretch in &stretches {
        sums.rows += &stretch.rows;
        for (sum, more) in sums.products.iter_mut().zip(&stretch.products) {
            *sum += more;
        }
    }
    let count = n.max(1) as f64;
    let off = &sums.rows / count;
    let mut covariance = Array2::zeros((d, d));
    let mut from = 0;
    for (start, end) in squares(d) {
        let len = (end - start) * (d - start);
        let products =
            ArrayView2::from_shape((end - start, d - start), &sums.products[from..][..len]);
        let products = products.expect("each strip has its own numbers");
        for ((i, j), product) in products.indexed_iter() {
            let (i, j) = (start + i, start + j);
            let value = product / count - off[i] * off[j];
            covariance[[i, j]] = value;
            covariance[[j, i]] = value;
        }
        from += len;
    }
    Ok((rough.mapv(f64::from) + off, covariance))
}

/// Of at most a thousand rows, evenly spread.
fn rough_mean(embeddings: &Embeddings) -> Array1<f32> {
    let mut sum = Array1::<f64>::zeros(embeddings.dim());
    let step = embeddings.n().div_ceil(1000).max(1);
    let rows = embeddings.view().slice_move(s![..;step, ..]);
    for row in rows.rows() {
        sum.zip_mut_with(&row, |sum, x| *sum += f64::from(*x));
    }
    (sum / rows.nrows().max(1) as f64).mapv(|x| x as f32)
}

/// From which to which column the strips reach that the upper half of a `(d, d)` matrix is cut into.
fn squares(d: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..d)
        .step_by(PRODUCT_COLUMNS)
        .map(move |start| (start, (start + PRODUCT_COLUMNS).min(d)))
}

/// Sums over rows, less the rough mean.
struct Sums {
    rows: Array1<f64>,
    /// Of every column with every column, strip after strip of [`squares`].
    products: Vec<f64>,
    /// Room for one block.
    centered: Vec<f32>,
    block: Vec<f32>,
}

impl Sums {
    fn new(d: usize) -> Self {
        Self {
            rows: Array1::zeros(d),
            products: vec![
                0.0;
                squares(d)
                    .map(|(start, end)| (end - start) * (d - start))
                    .sum()
            ],
            centered: Vec::new(),
            block: vec![0.0; PRODUCT_COLUMNS.min(d) * d],
        }
    }

    fn add(&mut self, rows: ArrayView2<'_, f32>, rough: &Array1<f32>) {
        if rows.is_empty() {
            return;
        }
        let d = rough.len();
        let mut sum = vec![0.0_f32; d];
        self.centered.resize(rows.len(), 0.0);
        let rough = rough.as_slice().expect("a new array is whole");
        let numbers = rows
            .as_slice()
            .expect("rows of embeddings lie behind each other");
        // Over slices, since this is as slow as the memory lets it be.
        for (to, from) in self
            .centered
            .chunks_exact_mut(d)
            .zip(numbers.chunks_exact(d))
        {
            for (((to, x), rough), sum) in to.iter_mut().zip(from).zip(rough).zip(&mut sum) {
                *to = x - rough;
                *sum += *to;
            }
        }
        self.rows
            .iter_mut()
            .zip(sum)
            .for_each(|(all, sum)| *all += f64::from(sum));
        let centered = ArrayView2::from_shape((rows.nrows(), d), &self.centered);
        let columns = centered
            .expect("one number per row and column")
            .reversed_axes();
        let mut from = 0;
        for (start, end) in squares(d) {
            let (left, right) = (
                columns.slice(s![start..end, ..]),
                columns.slice(s![start.., ..]),
            );
            products(left, right, &mut self.block);
            let len = (end - start) * (d - start);
            for (sum, more) in self.products[from..].iter_mut().zip(&self.block[..len]) {
                *sum += f64::from(*more);
            }
            from += len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::projection::testing::on_threads;
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
    fn rounding_does_not_keep_few_items_from_a_map() {
        let mut random = Random::new(4);
        for n in 2..12 {
            let noise = Array2::from_shape_simple_fn((n, 32), || random.unit() as f32 - 0.3);
            let projection = pca(&Embeddings::normalized(noise), 2, &Progress::new()).unwrap();
            assert!(projection.points.iter().all(|x| x.is_finite()));
        }
    }

    #[test]
    fn axes_are_eigenvectors_and_shares_are_of_the_total() {
        let embeddings = stretched(700);
        let progress = Progress::new();
        let (_, covariance) = moments(&embeddings, &progress).unwrap();
        let axes = leading_eigenvectors(&covariance, 2).unwrap();
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
    fn axes_are_those_of_linfa() {
        use linfa::traits::Fit as _;
        let embeddings = stretched(900);
        let (model, _) = PcaModel::fitted(&embeddings, 3, &Progress::new()).unwrap();
        let rows = linfa::DatasetBase::from(embeddings.view().mapv(f64::from));
        let expected = linfa_reduction::Pca::params(3).fit(&rows).unwrap();
        for (axis, expected) in model
            .axes
            .rows()
            .into_iter()
            .zip(expected.components().rows())
        {
            let cosine = axis.mapv(f64::from).dot(&expected);
            assert!((cosine.abs() - 1.0).abs() < 1e-6, "{cosine}");
        }
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
    #[test]
    fn points_are_those_of_scikit_learn() {
        // tests/fixtures/analysis/pca.py; items 0, 1, 2, 17 and 39 of 40.
        let rows = Array2::from_shape_fn((40, 12), |(i, j)| {
            let (x, y) = (i as f64, j as f64);
            let same = if i % 3 == j % 3 { 0.3 } else { 0.0 };
            ((0.7 * x + 1.3 * y).sin() + 0.5 * (0.11 * x * y).cos() + same) as f32
        });
        let projection = pca(&Embeddings::normalized(rows), 3, &Progress::new()).unwrap();
        let expected = [
            (0, [-0.470_288, 0.617_382, -0.033_136]),
            (1, [-0.720_898, 0.247_368, -0.071_009]),
            (2, [-0.707_831, -0.319_086, 0.109_158]),
            (17, [0.090_945, 0.973_837, -0.098_182]),
            (39, [-0.218_471, -0.769_959, -0.361_538]),
        ];
        for (item, point) in expected {
            for (found, expected) in projection.points.row(item).iter().zip(point) {
                assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
            }
        }
        let shares = [0.431_617, 0.407_240, 0.031_171];
        for (found, expected) in projection.variance_shares.iter().zip(shares) {
            assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
        }
    }

    #[test]
    fn moments_are_those_of_the_definition() {
        let mut random = Random::new(6);
        let rows = Array2::from_shape_fn((2500, 150), |(_, j)| {
            0.01 * random.unit() as f32 + if j < 3 { 1.0 } else { 0.0 }
        });
        let embeddings = Embeddings::normalized(rows);
        let (mean, covariance) = moments(&embeddings, &Progress::new()).unwrap();
        let rows = embeddings.view().mapv(f64::from);
        let expected_mean = rows.mean_axis(Axis(0)).unwrap();
        let centered = &rows - &expected_mean;
        let expected = centered.t().dot(&centered) / 2500.0;
        let scale = expected.diag().sum() / 150.0;
        assert!((&mean - &expected_mean).iter().all(|x| x.abs() < 1e-8));
        assert!(
            (&covariance - &expected)
                .iter()
                .all(|x| x.abs() < 1e-6 * scale)
        );
    }

    #[test]
    fn new_items_fall_where_old_ones_like_them_are_whatever_the_threads() {
        let embeddings = stretched(3000);
        let fitted = || PcaModel::fitted(&embeddings, 3, &Progress::new()).unwrap();
        let one = on_threads(1, fitted);
        assert_eq!(one, on_threads(3, fitted));
        let (model, projection) = one;
        let some = model.project(&embeddings.select(&[5, 2999]));
        assert_eq!(some, projection.points.select(Axis(0), &[5, 2999]));
    }

    #[test]
    fn more_axes_than_dimensions_stay_empty() {
        let rows = ndarray::array![[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]];
        let projection = pca(&Embeddings::normalized(rows), 3, &Progress::new()).unwrap();
        assert!(projection.points.column(0).iter().any(|x| x.abs() > 0.1));
        assert!(projection.points.column(2).iter().all(|x| x.abs() < 1e-6));
    }
}
