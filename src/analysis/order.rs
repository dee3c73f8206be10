//! Orders matrix rows so that like rows sit next to each other.

use ndarray::{Array2, Axis};

use super::clustering::Clustering;
use crate::vectors::Embeddings;

/// A permutation of the items: clusters in a chain of nearest centers, and inside each cluster from
/// the side of the cluster before to the side of the cluster behind. Noise comes last.
///
/// The chain begins at the center that is farthest from all others and always goes on to the
/// nearest that is left; then stretches of it are turned around as long as that brings like centers
/// together (2-opt; Croes 1958).
pub fn matrix_order(embeddings: &Embeddings, clustering: &Clustering) -> Vec<usize> {
    let centers = Embeddings::normalized(clustering.centers.clone());
    let chain = chain(&centers);
    let members = clustering.members();
    let mut order = Vec::with_capacity(embeddings.n());
    for (at, cluster) in chain.iter().enumerate() {
        let before = at.checked_sub(1).map(|i| chain[i]);
        let after = chain.get(at + 1).copied();
        let lean = |item: usize| {
            let to = |cluster: Option<usize>| {
                cluster.map_or(0.0, |c| embeddings.row(item).dot(&centers.row(c)))
            };
            to(after) - to(before)
        };
        let mut items: Vec<(f32, usize)> = members[*cluster]
            .iter()
            .map(|item| (lean(*item), *item))
            .collect();
        items.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        order.extend(items.into_iter().map(|(_, item)| item));
    }
    let noise = clustering.labels.iter().enumerate();
    order.extend(
        noise
            .filter(|(_, label)| label.is_none())
            .map(|(item, _)| item),
    );
    order
}

fn chain(centers: &Embeddings) -> Vec<usize> {
    let k = centers.n();
    let cosines: Array2<f32> = centers.view().dot(&centers.view().t());
    let loneliness = |c: usize| cosines.index_axis(Axis(0), c).sum();
    let Some(first) = (0..k).min_by(|a, b| loneliness(*a).total_cmp(&loneliness(*b))) else {
        return Vec::new();
    };
    let mut chain = vec![first];
    let mut left: Vec<usize> = (0..k).filter(|c| *c != first).collect();
    while let Some(last) = chain.last().copied().filter(|_| !left.is_empty()) {
        let nearest = (0..left.len())
            .max_by(|a, b| cosines[[last, left[*a]]].total_cmp(&cosines[[last, left[*b]]]))
            .expect("clusters are left");
        chain.push(left.remove(nearest));
    }
    untangle(&mut chain, &cosines);
    chain
}

/// Turns stretches of `chain` around while that raises the sum of the cosines of those who stand side
/// by side. No end has a neighbor, so a stretch at an end may be turned too.
fn untangle(chain: &mut [usize], cosines: &Array2<f32>) {
    /// Less is rounding, and could go on for ever.
    const LEAST_GAIN: f32 = 1e-5;
    let k = chain.len();
    let mut improved = true;
    while improved {
        improved = false;
        for start in 0..k {
            for end in start + 1..k {
                let before = |at: usize| {
                    start
                        .checked_sub(1)
                        .map_or(0.0, |left| cosines[[chain[left], chain[at]]])
                };
                let after = |at: usize| {
                    chain
                        .get(end + 1)
                        .map_or(0.0, |right| cosines[[chain[at], *right]])
                };
                let gain = before(end) + after(start) - before(start) - after(end);
                if gain > LEAST_GAIN {
                    chain[start..=end].reverse();
                    improved = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn like_clusters_are_neighbors_and_every_item_appears_once() {
        // Four directions in a fan; the labels are shuffled against it.
        let angles = [0.0_f32, 80.0, 30.0, 55.0, 2.0, 82.0, 32.0, 57.0];
        let rows = angles
            .iter()
            .flat_map(|a| [a.to_radians().cos(), a.to_radians().sin()])
            .collect();
        let embeddings = Embeddings::normalized(Array2::from_shape_vec((8, 2), rows).unwrap());
        let labels = vec![0, 1, 2, 3, 0, 1, 2, 3];
        let centers = array![[1.0, 0.02], [0.16, 0.98], [0.86, 0.51], [0.56, 0.83]];
        let clustering = Clustering::whole(labels, centers);
        let order = matrix_order(&embeddings, &clustering);
        let fan: Vec<f32> = order.iter().map(|item| angles[*item]).collect();
        let mut sorted = fan.clone();
        sorted.sort_by(f32::total_cmp);
        let reversed: Vec<f32> = sorted.iter().rev().copied().collect();
        assert!(fan == sorted || fan == reversed, "{fan:?}");
    }

    #[test]
    fn a_chain_in_knots_is_untangled() {
        // Centers along a quarter circle, in an order that a greedy walk could not end with.
        let angle = |i: usize| (i as f32 * 15.0).to_radians();
        let cosines = Array2::from_shape_fn((7, 7), |(a, b)| (angle(a) - angle(b)).cos());
        let mut chain = [3, 0, 5, 1, 6, 2, 4];
        untangle(&mut chain, &cosines);
        let length: usize = chain.windows(2).map(|pair| pair[0].abs_diff(pair[1])).sum();
        assert!(length <= 7, "{chain:?}");
    }

    #[test]
    fn nothing_has_an_order_too() {
        let none = Embeddings::normalized(Array2::zeros((0, 4)));
        let clustering = Clustering::whole(Vec::new(), Array2::zeros((0, 4)));
        assert!(matrix_order(&none, &clustering).is_empty());
    }
}
