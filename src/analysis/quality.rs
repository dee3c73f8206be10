//! How well a picture or a grouping fits the vectors.

use ndarray::{Array2, Axis};

use super::clustering::Clustering;
use crate::vectors::Embeddings;

/// Mean silhouette by cosine distance, −1 to 1 (Rousseeuw 1987), over the items that are in a
/// cluster. 0 with fewer than two clusters.
///
/// Exact, yet linear in n: the mean cosine distance of a row to a cluster is one minus its dot
/// product with the cluster's mean.
pub fn silhouette(embeddings: &Embeddings, clustering: &Clustering) -> f64 {
    let k = clustering.n_clusters();
    if k < 2 || embeddings.n() == 0 {
        return 0.0;
    }
    let mut sums: Array2<f64> = Array2::zeros((k, embeddings.dim()));
    let mut sizes = vec![0_usize; k];
    for (row, label) in embeddings.view().axis_iter(Axis(0)).zip(&clustering.labels) {
        let Some(label) = label else { continue };
        sums.row_mut(*label)
            .zip_mut_with(&row, |sum, x| *sum += f64::from(*x));
        sizes[*label] += 1;
    }
    let of_row = |(row, label): (ndarray::ArrayView1<'_, f32>, &Option<usize>)| {
        let label = label.as_ref()?;
        let row = row.mapv(f64::from);
        let distances_to = |cluster: usize| sizes[cluster] as f64 - row.dot(&sums.row(cluster));
        if sizes[*label] < 2 {
            return Some(0.0);
        }
        let own = distances_to(*label) / (sizes[*label] - 1) as f64;
        let others = (0..k).filter(|cluster| cluster != label && sizes[*cluster] > 0);
        let nearest = others
            .map(|c| distances_to(c) / sizes[c] as f64)
            .fold(f64::INFINITY, f64::min);
        let larger = own.max(nearest);
        Some(if larger > 0.0 {
            (nearest - own) / larger
        } else {
            0.0
        })
    };
    let rows = embeddings.view();
    let labelled = rows.axis_iter(Axis(0)).zip(&clustering.labels);
    let values: Vec<f64> = labelled.filter_map(of_row).collect();
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
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
}
