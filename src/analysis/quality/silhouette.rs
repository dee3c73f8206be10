//! How well items sit in their clusters.

use ndarray::{Array2, ArrayView1, Axis, s};
use rayon::prelude::*;

use crate::analysis::BLOCK_ROWS;
use crate::analysis::clustering::Clustering;
use crate::analysis::product::products;
use crate::vectors::Embeddings;

/// Rows whose sums are worked out by one thread at a time.
const SUM_ROWS: usize = 8_192;
/// Distances below this are rounding: rows that near are the same.
const SAME: f64 = 1e-6;

/// Mean silhouette by cosine distance, −1 to 1 (Rousseeuw 1987), over the items that are in a
/// cluster. 0 with fewer than two clusters.
///
/// Exact, yet linear in n: the mean cosine distance of a row to a cluster is one minus its dot
/// product with the cluster's mean.
pub fn silhouette(embeddings: &Embeddings, clustering: &Clustering) -> f64 {
    let values = silhouettes(embeddings, clustering);
    let n = values.iter().flatten().count();
    let sum: f64 = values.iter().flatten().map(|value| f64::from(*value)).sum();
    sum / n.max(1) as f64
}

/// The silhouette of each item, −1 to 1, length n; `None` for noise. 0 for an item alone in its
/// cluster, and for all with fewer than two clusters.
pub fn silhouettes(embeddings: &Embeddings, clustering: &Clustering) -> Vec<Option<f32>> {
    let k = clustering.n_clusters();
    if k < 2 {
        return clustering.labels.iter().map(|l| l.map(|_| 0.0)).collect();
    }
    let (sizes, means) = sizes_and_means(embeddings, &clustering.labels, k);
    let rows = embeddings.view();
    let blocks: Vec<Vec<Option<f32>>> = clustering
        .labels
        .par_chunks(BLOCK_ROWS)
        .enumerate()
        .map(|(block, labels)| {
            let start = block * BLOCK_ROWS;
            let rows = rows.slice(s![start..start + labels.len(), ..]);
            let mut cosines = vec![0.0; labels.len() * k];
            products(rows, means.view(), &mut cosines);
            let items = labels
                .iter()
                .zip(cosines.chunks_exact(k))
                .zip(rows.outer_iter());
            let value =
                |((label, cosines), row): ((&Option<usize>, &[f32]), ArrayView1<'_, f32>)| {
                    label.map(|label| of_item(label, cosines, &sizes, row) as f32)
                };
            items.map(value).collect()
        })
        .collect();
    blocks.concat()
}

/// `cosines` are the dot products with the means of all clusters.
fn of_item(label: usize, cosines: &[f32], sizes: &[usize], row: ArrayView1<'_, f32>) -> f64 {
    let size = sizes[label] as f64;
    if sizes[label] < 2 {
        return 0.0;
    }
    // The item itself is in its cluster's mean, but is none of its neighbors. Its cosine to itself is
    // 1, or 0 for a row of zeros.
    let itself = f64::from(u8::from(row.iter().any(|x| *x != 0.0)));
    let own = 1.0 - (f64::from(cosines[label]) * size - itself) / (size - 1.0);
    let nearest = cosines
        .iter()
        .enumerate()
        .filter(|(cluster, _)| *cluster != label && sizes[*cluster] > 0)
        .map(|(_, cosine)| 1.0 - f64::from(*cosine))
        .fold(f64::INFINITY, f64::min);
    let larger = own.max(nearest);
    if larger > SAME && larger.is_finite() {
        (nearest - own) / larger
    } else {
        0.0
    }
}

/// Members of each cluster, and the means of their rows, shape `(k, d)`, summed in f64.
fn sizes_and_means(
    embeddings: &Embeddings,
    labels: &[Option<usize>],
    k: usize,
) -> (Vec<usize>, Array2<f32>) {
    let rows = embeddings.view();
    let sums: Vec<Array2<f64>> = labels
        .par_chunks(SUM_ROWS)
        .enumerate()
        .map(|(block, labels)| {
            let mut sums: Array2<f64> = Array2::zeros((k, embeddings.dim()));
            let rows = rows.slice(s![block * SUM_ROWS.., ..]);
            for (row, label) in rows.outer_iter().zip(labels) {
                let Some(label) = label else { continue };
                sums.row_mut(*label)
                    .zip_mut_with(&row, |sum, x| *sum += f64::from(*x));
            }
            sums
        })
        .collect();
    let mut sizes = vec![0_usize; k];
    for label in labels.iter().flatten() {
        sizes[*label] += 1;
    }
    let mut whole: Array2<f64> = Array2::zeros((k, embeddings.dim()));
    for sums in &sums {
        whole += sums;
    }
    for (mut sum, size) in whole.axis_iter_mut(Axis(0)).zip(&sizes) {
        sum /= (*size).max(1) as f64;
    }
    (sizes, whole.mapv(|x| x as f32))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "these values are exact")]

    use super::*;
    use crate::analysis::random::Random;

    /// The definition, pair by pair.
    fn by_definition(embeddings: &Embeddings, labels: &[usize], k: usize) -> f64 {
        let n = embeddings.n();
        let mean_to = |i: usize, cluster: usize| {
            let others: Vec<usize> = (0..n)
                .filter(|j| *j != i && labels[*j] == cluster)
                .collect();
            let sum: f64 = others
                .iter()
                .map(|j| 1.0 - f64::from(embeddings.cosine(i, *j)))
                .sum();
            (others.len(), sum / others.len() as f64)
        };
        let value = |i: usize| {
            let (size, own) = mean_to(i, labels[i]);
            let others = (0..k).filter(|c| *c != labels[i]).map(|c| mean_to(i, c).1);
            let nearest = others.fold(f64::INFINITY, f64::min);
            if size == 0 {
                0.0
            } else {
                (nearest - own) / own.max(nearest)
            }
        };
        (0..n).map(value).sum::<f64>() / n as f64
    }

    #[test]
    fn it_equals_the_definition() {
        let mut random = Random::new(11);
        let rows = Array2::from_shape_simple_fn((40, 6), || random.unit() as f32 - 0.3);
        let embeddings = Embeddings::normalized(rows);
        let mut labels: Vec<usize> = (0..40).map(|_| random.below(3)).collect();
        labels[7] = 3;
        let expected = by_definition(&embeddings, &labels, 4);
        let clustering = Clustering::whole(labels, Array2::zeros((4, 6)));
        // f32 dot products in the definition, f64 here.
        assert!((silhouette(&embeddings, &clustering) - expected).abs() < 1e-5);
    }

    #[test]
    fn it_is_calm_with_nothing_to_part() {
        let clustering =
            |labels: &[Option<usize>], k| Clustering::new(labels.to_vec(), Array2::zeros((k, 3)));
        let value = |rows: Array2<f32>, labels: &[Option<usize>], k| {
            silhouette(&Embeddings::normalized(rows), &clustering(labels, k))
        };
        assert_eq!(value(Array2::ones((0, 3)), &[], 0), 0.0);
        assert_eq!(value(Array2::ones((2, 3)), &[Some(0), Some(0)], 1), 0.0);
        let halves = [Some(0), Some(1), Some(0), Some(1)];
        assert_eq!(value(Array2::ones((4, 3)), &halves, 2), 0.0);
        assert_eq!(value(Array2::zeros((4, 3)), &halves, 2), 0.0);
        assert_eq!(value(Array2::ones((4, 3)), &[None; 4], 2), 0.0);
        // An empty cluster is nobody's nearest.
        let axes = Array2::from_shape_fn((4, 3), |(i, j)| f32::from(u8::from(i % 2 == j)));
        assert!((value(axes, &halves, 3) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn noise_has_none() {
        let embeddings = Embeddings::normalized(Array2::eye(3));
        let clustering = Clustering::new(vec![Some(0), None, Some(1)], Array2::zeros((2, 3)));
        assert_eq!(
            silhouettes(&embeddings, &clustering),
            [Some(0.0), None, Some(0.0)]
        );
    }
}
