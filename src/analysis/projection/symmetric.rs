//! Sparse symmetric weights between items: what both layouts pull along.

use rayon::prelude::*;

use crate::analysis::NeighborGraph;

/// For every item its partners and their weights, in order of item. Whoever is listed lists back,
/// with the same weight.
pub struct Weights {
    /// Where the partners of each item begin, `n + 1` entries.
    starts: Vec<usize>,
    partners: Vec<Partner>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Partner {
    pub item: u32,
    pub weight: f32,
}

impl Weights {
    /// Joins the weights that items give their neighbors: `given` holds, item after item, one for
    /// each of its first `given.len() / n` neighbors. A pair is weighed by `join` of the weights
    /// given both ways, 0 where one does not list the other; `join` must not care for their order.
    pub fn joined(
        graph: &NeighborGraph,
        given: &[f32],
        join: impl Fn(f32, f32) -> f32 + Sync,
    ) -> Self {
        let n = graph.n();
        let k = given.len() / n.max(1);
        let mut ends = vec![k; n];
        for neighbor in (0..n).flat_map(|item| &graph.of(item)[..k]) {
            ends[neighbor.item] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum - *end;
        }
        let mut both = vec![(0, 0.0, 0.0); sum];
        for item in 0..n {
            for (neighbor, weight) in graph.of(item)[..k].iter().zip(&given[item * k..]) {
                both[ends[item]] = (neighbor.item as u32, *weight, 0.0);
                ends[item] += 1;
                both[ends[neighbor.item]] = (item as u32, 0.0, *weight);
                ends[neighbor.item] += 1;
            }
        }
        let rows: Vec<Vec<Partner>> = (0..n)
            .into_par_iter()
            .map(|item| {
                let start = if item == 0 { 0 } else { ends[item - 1] };
                let mut row = both[start..ends[item]].to_vec();
                row.sort_unstable_by_key(|(item, ..)| *item);
                row.chunk_by(|a, b| a.0 == b.0)
                    .map(|same| {
                        let (there, back) = same.iter().fold((0.0, 0.0), |(there, back), one| {
                            (there + one.1, back + one.2)
                        });
                        Partner {
                            item: same[0].0,
                            weight: join(there, back),
                        }
                    })
                    .collect()
            })
            .collect();
        let mut starts = vec![0];
        let mut partners = Vec::with_capacity(sum);
        for row in rows {
            partners.extend(row);
            starts.push(partners.len());
        }
        Self { starts, partners }
    }

    /// Number of items.
    pub fn n(&self) -> usize {
        self.starts.len() - 1
    }

    /// The partners of an item.
    pub fn of(&self, item: usize) -> &[Partner] {
        &self.partners[self.starts[item]..self.starts[item + 1]]
    }

    /// Every pair, twice.
    pub fn all(&self) -> &[Partner] {
        &self.partners
    }

    /// Keeps the pairs whose weight is at least `least`.
    pub fn retain(&mut self, least: f32) {
        let mut starts = vec![0];
        let mut kept = Vec::with_capacity(self.partners.len());
        for item in 0..self.n() {
            kept.extend(self.of(item).iter().filter(|one| one.weight >= least));
            starts.push(kept.len());
        }
        (self.starts, self.partners) = (starts, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::vectors::Embeddings;
    use ndarray::array;

    #[test]
    fn a_pair_has_one_weight_seen_from_both_sides() {
        let rows = array![[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]];
        let graph = NeighborGraph::exact(&Embeddings::normalized(rows), 1, &Progress::new());
        // 0 → 1, 1 → 0, 2 → 1.
        let mut weights = Weights::joined(&graph.unwrap(), &[0.5, 0.25, 0.1], |a, b| a + b);
        let of = |weights: &Weights, item| -> Vec<(u32, f32)> {
            weights
                .of(item)
                .iter()
                .map(|one| (one.item, one.weight))
                .collect()
        };
        assert_eq!(of(&weights, 0), [(1, 0.75)]);
        assert_eq!(of(&weights, 1), [(0, 0.75), (2, 0.1)]);
        assert_eq!(of(&weights, 2), [(1, 0.1)]);
        weights.retain(0.5);
        assert_eq!(of(&weights, 1), [(0, 0.75)]);
        assert!(of(&weights, 2).is_empty());
    }
}
