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
    fn few_items_and_copies_are_calm() {
        assert!(outlier_scores(&graph(Array2::ones((0, 3)), 5), 5).is_empty());
        assert_eq!(outlier_scores(&graph(Array2::ones((1, 3)), 5), 5), [0.0]);
        let orthogonal = graph(array![[1.0, 0.0], [0.0, 1.0]], 5);
        assert_eq!(outlier_scores(&orthogonal, 5), [1.0, 1.0]);
        let copies = graph(Array2::ones((20, 3)), 5);
        assert!(
            outlier_scores(&copies, 5)
                .iter()
                .all(|score| score.abs() < 1e-6)
        );
    }
}
