//! Items that are like nothing else.

use rayon::prelude::*;

use super::neighbors::{Neighbor, NeighborGraph};

/// How unlike its neighbors each item is: one minus the mean cosine to its `k` nearest (or as many as
/// the graph has), 0 to 2, length n. 0 for an item that has no neighbors.
///
/// The mean of a few, and not the nearest alone: two copies of one odd text are odd still.
pub fn outlier_scores(graph: &NeighborGraph, k: usize) -> Vec<f32> {
    let score =
        |item: usize| 1.0 - mean(nearest(graph, item, k).iter().map(|n| f64::from(n.cosine)));
    let alone = k.min(graph.k()) == 0;
    let scores = (0..graph.n()).into_par_iter();
    scores
        .map(|item| if alone { 0.0 } else { score(item) as f32 })
        .collect()
}

/// How much thinner it is around each item than around its neighbors: the local outlier factor
/// (Breunig, Kriegel, Ng and Sander 2000) by cosine distance, over the `k` nearest, length n.
///
/// About 1 among items that lie as densely as their neighbors, also in a thin cluster; larger for an
/// item off a dense one. 1 for an item that has no neighbors.
pub fn local_outlier_factors(graph: &NeighborGraph, k: usize) -> Vec<f32> {
    let k = k.min(graph.k());
    if k == 0 {
        return vec![1.0; graph.n()];
    }
    let distance = |neighbor: &Neighbor| (1.0 - f64::from(neighbor.cosine)).max(0.0);
    let reach: Vec<f64> = (0..graph.n())
        .into_par_iter()
        .map(|item| distance(&graph.of(item)[k - 1]))
        .collect();
    let density: Vec<f64> = (0..graph.n())
        .into_par_iter()
        .map(|item| {
            let distances = nearest(graph, item, k).iter();
            // The small number keeps copies from lying infinitely dense.
            1.0 / (mean(distances.map(|n| distance(n).max(reach[n.item]))) + 1e-10)
        })
        .collect();
    let factor = |item: usize| {
        let neighbors = nearest(graph, item, k).iter();
        (mean(neighbors.map(|n| density[n.item])) / density[item]) as f32
    };
    (0..graph.n()).into_par_iter().map(factor).collect()
}

/// Items with the highest scores first, equal ones in order of item.
pub fn outlier_ranking(scores: &[f32]) -> Vec<usize> {
    let mut items: Vec<usize> = (0..scores.len()).collect();
    items.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    items
}

fn nearest(graph: &NeighborGraph, item: usize, k: usize) -> &[Neighbor] {
    &graph.of(item)[..k.min(graph.k())]
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len();
    values.sum::<f64>() / n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::vectors::Embeddings;
    use ndarray::{Array2, array};

    fn graph(rows: Array2<f32>, k: usize) -> NeighborGraph {
        NeighborGraph::exact(&Embeddings::normalized(rows), k, &Progress::new()).unwrap()
    }

    /// Rows in a plane, at these angles in degrees.
    fn fan(angles: &[f32]) -> Array2<f32> {
        let rows = angles
            .iter()
            .flat_map(|a| [a.to_radians().cos(), a.to_radians().sin()]);
        Array2::from_shape_vec((angles.len(), 2), rows.collect()).unwrap()
    }

    #[test]
    fn the_odd_one_comes_first() {
        let graph = graph(fan(&[0.0, 1.0, 2.0, 90.0, 3.0, 4.0]), 10);
        let scores = outlier_scores(&graph, 2);
        assert_eq!(outlier_ranking(&scores)[0], 3);
        let cosine = |degrees: f32| degrees.to_radians().cos();
        let expected = 1.0 - 0.5 * cosine(1.0) - 0.5 * cosine(2.0);
        assert!((scores[0] - expected).abs() < 1e-6);
    }

    #[test]
    fn thin_clusters_are_no_outliers_by_local_density() {
        // A dense cluster with one item off it, and a thin cluster as wide as that item is far.
        let angles = [
            0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 3.5, 60.0, 63.0, 66.0, 69.0, 72.0, 75.0,
        ];
        let graph = graph(fan(&angles), 4);
        let factors = local_outlier_factors(&graph, 4);
        assert_eq!(outlier_ranking(&factors)[0], 6);
        assert!(factors[6] > 10.0);
        assert!(
            factors[7..]
                .iter()
                .all(|factor| (0.5..2.0).contains(factor))
        );
        assert!(outlier_ranking(&outlier_scores(&graph, 4))[0] > 6);
    }

    #[test]
    fn local_density_follows_the_definition() {
        let angles: Vec<f32> = (0..30).map(|i| (i * i * 7 % 83) as f32).collect();
        let (graph, k) = (graph(fan(&angles), 6), 3);
        let near = |item: usize| &graph.of(item)[..k];
        let distance = |n: &Neighbor| f64::from(1.0 - n.cosine);
        let density = |item: usize| {
            let reach = |n: &Neighbor| distance(n).max(distance(&near(n.item)[k - 1]));
            k as f64 / near(item).iter().map(reach).sum::<f64>()
        };
        for (item, factor) in local_outlier_factors(&graph, k).iter().enumerate() {
            let around = near(item).iter().map(|n| density(n.item)).sum::<f64>() / k as f64;
            let expected = around / density(item);
            assert!((f64::from(*factor) / expected - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn few_items_and_copies_are_calm() {
        assert!(outlier_scores(&graph(Array2::ones((0, 3)), 5), 5).is_empty());
        assert_eq!(outlier_scores(&graph(Array2::ones((1, 3)), 5), 5), [0.0]);
        assert_eq!(
            local_outlier_factors(&graph(Array2::ones((1, 3)), 5), 5),
            [1.0]
        );
        let orthogonal = graph(array![[1.0, 0.0], [0.0, 1.0]], 5);
        assert_eq!(outlier_scores(&orthogonal, 5), [1.0, 1.0]);
        let copies = graph(Array2::ones((20, 3)), 5);
        assert!(
            outlier_scores(&copies, 5)
                .iter()
                .all(|score| score.abs() < 1e-6)
        );
        assert!(
            local_outlier_factors(&copies, 5)
                .iter()
                .all(|factor| factor.is_finite())
        );
    }
}
