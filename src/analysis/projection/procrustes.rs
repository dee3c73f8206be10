//! Two maps of the same items, turned so that they can be compared (Schönemann 1966).

use ndarray::{Array1, Array2, Axis, s};

/// `map` turned or mirrored, scaled and shifted as one piece so that the squared distances to the
/// same items in `to` are least; shape as `to`. Both have one row per item and 2 or 3 axes; a missing
/// axis counts as 0.
pub fn aligned(map: &Array2<f32>, to: &Array2<f32>) -> Array2<f32> {
    let fit = Fit::new(map, to);
    let scale = if fit.map_square > 0.0 {
        fit.overlap / fit.map_square
    } else {
        0.0
    };
    let turned = fit.map.dot(&fit.rotation) * scale + &fit.to_mean;
    turned.slice(s![.., ..to.ncols()]).mapv(|x| x as f32)
}

/// What stays different when one map is brought as near to another as it can be: the share of squared
/// distance that is left, 0 (the same) to 1 (nothing in common), as scipy's `procrustes` tells it. It
/// does not matter which map is which. 0 where both maps lie in one place, 1 where only one does.
pub fn disparity(map: &Array2<f32>, to: &Array2<f32>) -> f64 {
    let fit = Fit::new(map, to);
    match (fit.map_square > 0.0, fit.to_square > 0.0) {
        (true, true) => (1.0 - fit.overlap.powi(2) / fit.map_square / fit.to_square).max(0.0),
        (false, false) => 0.0,
        _ => 1.0,
    }
}

/// The best rotation, and what follows from it.
struct Fit {
    /// Around its mean, shape `(n, axes)`.
    map: Array2<f64>,
    to_mean: Array1<f64>,
    map_square: f64,
    to_square: f64,
    /// Orthogonal; multiplied from the right.
    rotation: Array2<f64>,
    /// Sum of singular values of the product of both maps.
    overlap: f64,
}

impl Fit {
    fn new(map: &Array2<f32>, to: &Array2<f32>) -> Self {
        let axes = map.ncols().max(to.ncols());
        let (map, _) = centered(map, axes);
        let (to, to_mean) = centered(to, axes);
        let (rotation, overlap) = rotation(map.t().dot(&to));
        let square = |map: &Array2<f64>| map.iter().map(|x| x * x).sum();
        Self {
            map_square: square(&map),
            to_square: square(&to),
            map,
            to_mean,
            rotation,
            overlap,
        }
    }
}

fn centered(map: &Array2<f32>, axes: usize) -> (Array2<f64>, Array1<f64>) {
    let mut wide = Array2::zeros((map.nrows(), axes));
    wide.slice_mut(s![.., ..map.ncols()])
        .assign(&map.mapv(f64::from));
    let mean = wide
        .mean_axis(Axis(0))
        .unwrap_or_else(|| Array1::zeros(axes));
    (wide - &mean, mean)
}

/// `U Vᵀ` and the trace of `S` for the singular value decomposition `U S Vᵀ` of a small square
/// matrix, by one-sided Jacobi rotations: columns are turned into one another until all are
/// orthogonal; then they are `U S`, and the turns are `V`.
fn rotation(matrix: Array2<f64>) -> (Array2<f64>, f64) {
    let axes = matrix.nrows();
    let (mut left, mut turns) = (matrix, Array2::<f64>::eye(axes));
    for _ in 0..60 {
        let mut largest = 0.0_f64;
        for (p, q) in [(0, 1), (0, 2), (1, 2)]
            .into_iter()
            .filter(|(_, q)| *q < axes)
        {
            let (first, second) = (left.column(p), left.column(q));
            let (pp, qq, pq) = (first.dot(&first), second.dot(&second), first.dot(&second));
            if pq.abs() <= 1e-15 * (pp * qq).sqrt() {
                continue;
            }
            largest = largest.max(pq.abs());
            let slope = (qq - pp) / (2.0 * pq);
            let tan = slope.signum() / (slope.abs() + slope.hypot(1.0));
            let cos = 1.0 / tan.hypot(1.0);
            for columns in [&mut left, &mut turns] {
                for mut row in columns.rows_mut() {
                    let (x, y) = (row[p], row[q]);
                    row[p] = cos * (x - tan * y);
                    row[q] = cos * (tan * x + y);
                }
            }
        }
        if largest <= 0.0 {
            break;
        }
    }
    let lengths: Vec<f64> = left
        .columns()
        .into_iter()
        .map(|one| one.dot(&one).sqrt())
        .collect();
    let longest = lengths.iter().copied().fold(0.0, f64::max);
    let mut order: Vec<usize> = (0..axes).collect();
    order.sort_by(|a, b| lengths[*b].total_cmp(&lengths[*a]));
    for (rank, column) in order.iter().copied().enumerate() {
        if lengths[column] > 1e-12 * longest {
            left.column_mut(column)
                .mapv_inplace(|x| x / lengths[column]);
        } else {
            // A direction that one of the maps does not have: any that is at right angles will do.
            let right_angled = perpendicular(&left, &order[..rank]);
            left.column_mut(column).assign(&right_angled);
        }
    }
    (left.dot(&turns.t()), lengths.iter().sum())
}

/// A unit vector at right angles to the chosen orthonormal columns.
fn perpendicular(columns: &Array2<f64>, chosen: &[usize]) -> Array1<f64> {
    let axes = columns.nrows();
    let candidate = |axis: usize| {
        let mut unit = Array1::zeros(axes);
        unit[axis] = 1.0;
        for column in chosen {
            let column = columns.column(*column);
            unit = &unit - &(&column * column[axis]);
        }
        let length = unit.dot(&unit).sqrt();
        (length, unit / length.max(1e-300))
    };
    let longest = (0..axes).map(candidate).max_by(|a, b| a.0.total_cmp(&b.0));
    longest.map_or_else(|| Array1::zeros(axes), |(_, unit)| unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn off(a: &Array2<f32>, b: &Array2<f32>) -> f32 {
        (a - b).iter().fold(0.0, |largest, x| x.abs().max(largest))
    }

    #[test]
    fn a_map_turned_mirrored_scaled_and_shifted_comes_back() {
        let to = array![[0.0_f32, 0.0], [3.0, 0.0], [0.0, 1.0], [-2.0, 5.0]];
        let (sin, cos) = 0.7_f32.sin_cos();
        for turn in [
            array![[cos, sin], [-sin, cos]],
            array![[cos, sin], [sin, -cos]],
        ] {
            let map = to.dot(&turn) * 0.3 + 5.0;
            assert!(off(&aligned(&map, &to), &to) < 1e-5);
            assert!(disparity(&map, &to) < 1e-9);
        }
        let solid = array![
            [0.0_f32, 0.0, 1.0],
            [3.0, 0.0, 2.0],
            [0.0, 1.0, 0.0],
            [-2.0, 5.0, 1.0]
        ];
        let turn = array![[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
        assert!(off(&aligned(&(solid.dot(&turn) * 4.0), &solid), &solid) < 1e-5);
    }

    #[test]
    fn what_is_left_is_what_scipy_tells() {
        // scipy.spatial.procrustes, scipy 1.17.1.
        let expected = 0.061_769_860;
        let a = array![
            [1.0_f32, 2.0],
            [2.0, 0.5],
            [3.0, 1.0],
            [-1.0, 4.0],
            [0.0, 0.0]
        ];
        let b = array![
            [0.0_f32, 1.0],
            [2.0, 2.0],
            [1.0, 3.5],
            [-2.0, -1.0],
            [1.0, 0.0]
        ];
        assert!(
            (disparity(&a, &b) - expected).abs() < 1e-6,
            "{}",
            disparity(&a, &b)
        );
        assert!((disparity(&b, &a) - expected).abs() < 1e-6);
    }

    #[test]
    fn flat_and_empty_maps_are_no_trouble() {
        let line = array![[0.0_f32, 0.0], [1.0, 1.0], [2.0, 2.0]];
        let other = array![[5.0_f32, 1.0], [5.0, 2.0], [5.0, 3.0]];
        assert!(off(&aligned(&line, &other), &other) < 1e-5);
        let point = Array2::ones((3, 2));
        let back = aligned(&point, &other);
        assert!(off(&back, &array![[5.0, 2.0], [5.0, 2.0], [5.0, 2.0]]) < 1e-6);
        assert!((disparity(&point, &other) - 1.0).abs() < 1e-9);
        let none = Array2::zeros((0, 2));
        assert_eq!(aligned(&none, &none).dim(), (0, 2));
        let solid = Array2::from_shape_fn((3, 3), |(i, j)| (i * j) as f32);
        assert_eq!(aligned(&line, &solid).dim(), (3, 3));
        assert_eq!(aligned(&solid, &line).dim(), (3, 2));
    }
}
