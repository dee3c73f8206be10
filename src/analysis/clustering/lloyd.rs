//! Lloyd's steps on unit vectors (or on weighted means of them), with the distances from one matrix
//! product per block of rows.
//!
//! The squared distance of a row to a center is `x·x − 2 x·c + c·c`, of which the first part is the
//! same for every center.

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::analysis::BLOCK_ROWS;
use crate::analysis::product::products;
use crate::progress::{Cancelled, Progress};

/// Sums are kept per part and joined in order. So few parts, whatever the number of threads, keep
/// the sums of many clusters small.
const N_PARTS: usize = 64;
/// A run is over when no more than one row in so many changes its cluster.
const SETTLED: usize = 10_000;

pub struct Run {
    /// Of each row; some of the `k` labels may be on no row.
    pub labels: Vec<usize>,
    /// Means of the rows with each label, shape `(k, d)`; a cluster without rows keeps its center.
    pub centers: Array2<f32>,
}

/// At most `max_steps` steps from `centers`, shape `(k, d)` with k ≥ 1. `weights` are how many items
/// each row stands for.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per step and part.
pub fn lloyd(
    rows: ArrayView2<'_, f32>,
    weights: Option<&[f32]>,
    mut centers: Array2<f32>,
    max_steps: usize,
    progress: &Progress,
) -> Result<Run, Cancelled> {
    let n = rows.nrows();
    let mut labels = vec![usize::MAX; n];
    let mut sums = Array2::<f64>::zeros(centers.dim());
    let mut sizes = vec![0.0_f64; centers.nrows()];
    for _ in 0..max_steps {
        let changes = assign(rows, weights, &centers, &mut labels, progress)?;
        let mut n_changed = 0;
        // Joined in order, so that sums do not depend on which thread was first.
        for change in changes {
            n_changed += change.n_changed;
            sums += &change.sums;
            for (size, by) in sizes.iter_mut().zip(change.sizes) {
                *size += by;
            }
        }
        for (cluster, mut center) in centers.axis_iter_mut(Axis(0)).enumerate() {
            if sizes[cluster] > 0.5 {
                center.zip_mut_with(&sums.row(cluster), |center, sum| {
                    *center = (sum / sizes[cluster]) as f32;
                });
            }
        }
        if n_changed * SETTLED <= n {
            break;
        }
    }
    Ok(Run { labels, centers })
}

/// The label of the nearest center of every row; equally near ones in order.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per part.
pub fn nearest_centers(
    rows: ArrayView2<'_, f32>,
    centers: &Array2<f32>,
    progress: &Progress,
) -> Result<Vec<usize>, Cancelled> {
    let mut labels = vec![usize::MAX; rows.nrows()];
    let squares = squares(centers);
    let of_block = |(at, labels): (usize, &mut [usize])| {
        let rows = rows.slice(s![at * BLOCK_ROWS..at * BLOCK_ROWS + labels.len(), ..]);
        let mut scratch = vec![0.0; labels.len() * centers.nrows()];
        nearest(rows, centers, &squares, &mut scratch, |row, label| {
            labels[row] = label;
        });
        progress.check()
    };
    labels
        .par_chunks_mut(BLOCK_ROWS)
        .enumerate()
        .try_for_each(of_block)?;
    Ok(labels)
}

/// By how much one part of the rows changes what clusters hold.
struct Change {
    n_changed: usize,
    sums: Array2<f64>,
    sizes: Vec<f64>,
}

fn assign(
    rows: ArrayView2<'_, f32>,
    weights: Option<&[f32]>,
    centers: &Array2<f32>,
    labels: &mut [usize],
    progress: &Progress,
) -> Result<Vec<Change>, Cancelled> {
    let squares = squares(centers);
    let part_rows = rows.nrows().div_ceil(N_PARTS).max(BLOCK_ROWS);
    let of_part = |(part, labels): (usize, &mut [usize])| {
        progress.check()?;
        let mut change = Change {
            n_changed: 0,
            sums: Array2::zeros(centers.dim()),
            sizes: vec![0.0; centers.nrows()],
        };
        let mut scratch = vec![0.0; BLOCK_ROWS.min(labels.len()) * centers.nrows()];
        for (block, labels) in labels.chunks_mut(BLOCK_ROWS).enumerate() {
            let start = part * part_rows + block * BLOCK_ROWS;
            let rows = rows.slice(s![start..start + labels.len(), ..]);
            nearest(rows, centers, &squares, &mut scratch, |row, new| {
                let old = std::mem::replace(&mut labels[row], new);
                if old == new {
                    return;
                }
                let weight = weights.map_or(1.0, |weights| f64::from(weights[start + row]));
                let row = rows.row(row);
                change.n_changed += 1;
                change.sizes[new] += weight;
                let add = |sum: &mut f64, x: &f32| *sum += weight * f64::from(*x);
                change.sums.row_mut(new).zip_mut_with(&row, add);
                if old != usize::MAX {
                    change.sizes[old] -= weight;
                    let take = |sum: &mut f64, x: &f32| *sum -= weight * f64::from(*x);
                    change.sums.row_mut(old).zip_mut_with(&row, take);
                }
            });
        }
        Ok(change)
    };
    labels
        .par_chunks_mut(part_rows)
        .enumerate()
        .map(of_part)
        .collect()
}

fn squares(centers: &Array2<f32>) -> Vec<f32> {
    let square = |center: ndarray::ArrayView1<'_, f32>| center.dot(&center);
    centers.rows().into_iter().map(square).collect()
}

/// Calls `found(row, label)` for every row of one block.
fn nearest(
    rows: ArrayView2<'_, f32>,
    centers: &Array2<f32>,
    squares: &[f32],
    scratch: &mut [f32],
    mut found: impl FnMut(usize, usize),
) {
    products(rows, centers.view(), scratch);
    for (row, products) in scratch
        .chunks_exact(squares.len())
        .take(rows.nrows())
        .enumerate()
    {
        let mut best = (f32::INFINITY, 0);
        for (label, (product, square)) in products.iter().zip(squares).enumerate() {
            let distance = square - 2.0 * product;
            if distance < best.0 {
                best = (distance, label);
            }
        }
        found(row, best.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn centers_are_the_means_of_their_rows() {
        let rows = array![[0.0, 1.0], [0.0, 3.0], [10.0, 0.0], [10.0, 4.0]];
        let start = array![[0.0, 0.0], [9.0, 9.0], [50.0, 0.0]];
        let run = lloyd(rows.view(), None, start.clone(), 9, &Progress::new()).unwrap();
        assert_eq!(run.labels, [0, 0, 1, 1]);
        assert_eq!(run.centers, array![[0.0, 2.0], [10.0, 2.0], [50.0, 0.0]]);
        let weights = [1.0, 3.0, 1.0, 1.0];
        let run = lloyd(rows.view(), Some(&weights), start, 9, &Progress::new()).unwrap();
        assert_eq!(run.centers.row(0), array![0.0, 2.5]);
        let labels = nearest_centers(rows.view(), &run.centers, &Progress::new()).unwrap();
        assert_eq!(labels, run.labels);
    }
}
