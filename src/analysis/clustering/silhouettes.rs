//! Silhouettes of several clusterings at once, for the cost of one matrix product.

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::analysis::BLOCK_ROWS;
use crate::analysis::product::products;
use crate::progress::{Cancelled, Progress};

/// Mean silhouette by cosine distance (Rousseeuw 1987) of every one of `labelings`, which give a
/// label to each leaf; row `i` of the unit vectors `rows` is in leaf `leaf_of[i]`. 0 for a labeling
/// with fewer than two clusters.
///
/// Exact but for f32: the mean cosine distance of a row to a cluster is one minus its dot product
/// with the cluster's mean.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per block of rows.
pub fn silhouettes(
    rows: ArrayView2<'_, f32>,
    leaf_of: &[usize],
    n_leaves: usize,
    labelings: &[Vec<usize>],
    progress: &Progress,
) -> Result<Vec<f64>, Cancelled> {
    let candidates = Candidates::new(rows, leaf_of, n_leaves, labelings);
    let of_block = |(block, leaves): (usize, &[usize])| {
        progress.check()?;
        let start = block * BLOCK_ROWS;
        let rows = rows.slice(s![start..start + leaves.len(), ..]);
        Ok(candidates.sums(rows, leaves, labelings))
    };
    let blocks = leaf_of
        .par_chunks(BLOCK_ROWS)
        .enumerate()
        .map(of_block)
        .collect::<Result<Vec<_>, Cancelled>>()?;
    let mut sums = vec![0.0; labelings.len()];
    for block in blocks {
        for (sum, of_block) in sums.iter_mut().zip(block) {
            *sum += of_block;
        }
    }
    Ok(sums
        .into_iter()
        .map(|sum| sum / rows.nrows().max(1) as f64)
        .collect())
}

/// The clusters of all labelings behind each other.
struct Candidates {
    /// Mean of each cluster.
    means: Array2<f32>,
    sizes: Vec<usize>,
    /// Where each labeling's clusters are.
    ranges: Vec<std::ops::Range<usize>>,
}

impl Candidates {
    fn new(
        rows: ArrayView2<'_, f32>,
        leaf_of: &[usize],
        n_leaves: usize,
        labelings: &[Vec<usize>],
    ) -> Self {
        let mut leaf_sums = Array2::<f64>::zeros((n_leaves, rows.ncols()));
        let mut leaf_sizes = vec![0_usize; n_leaves];
        for (row, leaf) in rows.axis_iter(Axis(0)).zip(leaf_of) {
            leaf_sums
                .row_mut(*leaf)
                .zip_mut_with(&row, |sum, x| *sum += f64::from(*x));
            leaf_sizes[*leaf] += 1;
        }
        let mut ranges = Vec::new();
        let mut end = 0;
        for labels in labelings {
            let start = end;
            end += labels.iter().max().map_or(0, |label| label + 1);
            ranges.push(start..end);
        }
        let mut sums = Array2::<f64>::zeros((end, rows.ncols()));
        let mut sizes = vec![0_usize; end];
        for (labels, range) in labelings.iter().zip(&ranges) {
            for (leaf, label) in labels.iter().enumerate() {
                let cluster = range.start + label;
                sums.row_mut(cluster)
                    .zip_mut_with(&leaf_sums.row(leaf), |sum, x| *sum += x);
                sizes[cluster] += leaf_sizes[leaf];
            }
        }
        for (mut sum, size) in sums.axis_iter_mut(Axis(0)).zip(&sizes) {
            sum /= (*size).max(1) as f64;
        }
        Self {
            means: sums.mapv(|x| x as f32),
            sizes,
            ranges,
        }
    }

    /// Sum of the silhouettes of some rows, for each labeling.
    fn sums(
        &self,
        rows: ArrayView2<'_, f32>,
        leaves: &[usize],
        labelings: &[Vec<usize>],
    ) -> Vec<f64> {
        let n_clusters = self.sizes.len();
        let mut cosines = vec![0.0; rows.nrows() * n_clusters];
        products(rows, self.means.view(), &mut cosines);
        let mut sums = vec![0.0; labelings.len()];
        for (row, leaf) in leaves.iter().enumerate() {
            let cosines = &cosines[row * n_clusters..][..n_clusters];
            for ((sum, labels), range) in sums.iter_mut().zip(labelings).zip(&self.ranges) {
                *sum += silhouette(
                    labels[*leaf],
                    &cosines[range.clone()],
                    &self.sizes[range.clone()],
                );
            }
        }
        sums
    }
}

/// Of a row with its mean cosine to each cluster.
fn silhouette(own_label: usize, cosines: &[f32], sizes: &[usize]) -> f64 {
    if sizes[own_label] < 2 {
        return 0.0;
    }
    let distance = |label: usize| 1.0 - f64::from(cosines[label]);
    let others = (0..sizes.len()).filter(|label| *label != own_label && sizes[*label] > 0);
    let nearest = others.map(distance).fold(f64::INFINITY, f64::min);
    if nearest.is_infinite() {
        return 0.0;
    }
    // The row's distance to itself is 0 and does not count.
    let size = sizes[own_label] as f64;
    let own = distance(own_label).max(0.0) * size / (size - 1.0);
    let larger = own.max(nearest);
    if larger > 0.0 {
        (nearest - own) / larger
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::clustering::Clustering;
    use crate::analysis::quality::silhouette;
    use crate::analysis::random::Random;
    use crate::vectors::Embeddings;

    #[test]
    fn each_is_the_silhouette_of_its_clustering() {
        let mut random = Random::new(4);
        let rows = Array2::from_shape_simple_fn((300, 6), || random.unit() as f32 - 0.3);
        let embeddings = Embeddings::normalized(rows);
        let leaf_of: Vec<usize> = (0..300).map(|_| random.below(9)).collect();
        let labelings: Vec<Vec<usize>> = [1, 2, 5]
            .map(|k| (0..9).map(|leaf| leaf % k).collect())
            .into();
        let progress = Progress::new();
        let found = silhouettes(embeddings.view(), &leaf_of, 9, &labelings, &progress).unwrap();
        for (found, labels) in found.iter().zip(&labelings) {
            let labels: Vec<usize> = leaf_of.iter().map(|leaf| labels[*leaf]).collect();
            let k = labels.iter().max().unwrap() + 1;
            let expected = silhouette(
                &embeddings,
                &Clustering::whole(labels, Array2::zeros((k, 6))),
            );
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}
