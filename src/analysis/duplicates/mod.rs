//! Items that say the same thing, and sentences that many documents share.

mod boilerplate;
mod threshold;

pub use boilerplate::{Boilerplate, RepeatedSentence, boilerplate};
pub use threshold::{ScoreHistogram, suggested_threshold};

use super::neighbors::NeighborGraph;

/// Items of which each is near-identical to another of the group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Two or more items, in order. Chains count: the first may be unlike the last.
    pub items: Vec<usize>,
    /// Lowest cosine among the pairs that hold the group together.
    pub weakest: f32,
    /// Highest cosine among them.
    pub strongest: f32,
}

/// What is near-identical.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicates {
    /// The largest group first, equal ones by their first item. No item is in two.
    pub groups: Vec<Group>,
    /// Pairs at or above the threshold that the graph lists, the lower item first: strongest first,
    /// equal ones in order.
    pub pairs: Vec<(usize, usize, f32)>,
    /// Items all of whose listed neighbors are at or above the threshold while there are more items
    /// than the graph lists, so that there may be more pairs. Groups are complete all the same where
    /// it is copies that are many: equal cosines are listed by item, so that all copies list the
    /// lowest of them.
    pub n_items_at_limit: usize,
}

/// Groups the items that are connected by cosines of at least `threshold` in the graph.
pub fn duplicate_groups(graph: &NeighborGraph, threshold: f32) -> Duplicates {
    let n = graph.n();
    let near = |item: usize| {
        let neighbors = graph.of(item);
        &neighbors[..neighbors.partition_point(|n| n.cosine >= threshold)]
    };
    let mut pairs = Vec::new();
    let mut roots = Roots((0..n).collect());
    let mut n_items_at_limit = 0;
    for item in 0..n {
        for neighbor in near(item) {
            let other = neighbor.item;
            roots.join(item, other);
            pairs.push((item.min(other), item.max(other), neighbor.cosine));
        }
        let listed = graph.k();
        let at_limit = listed > 0 && near(item).len() == listed && listed < n - 1;
        n_items_at_limit += usize::from(at_limit);
    }
    // A pair that both list may differ in the last bit: the higher cosine is kept.
    pairs.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.total_cmp(&a.2)));
    pairs.dedup_by_key(|pair| (pair.0, pair.1));
    let groups = groups(&mut roots, &pairs);
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    Duplicates {
        groups,
        pairs,
        n_items_at_limit,
    }
}

fn groups(roots: &mut Roots, pairs: &[(usize, usize, f32)]) -> Vec<Group> {
    let n = roots.0.len();
    let mut by_root: Vec<Group> = (0..n)
        .map(|_| Group {
            items: Vec::new(),
            weakest: f32::INFINITY,
            strongest: f32::NEG_INFINITY,
        })
        .collect();
    for item in 0..n {
        by_root[roots.of(item)].items.push(item);
    }
    for (a, _, cosine) in pairs {
        let group = &mut by_root[roots.of(*a)];
        group.weakest = group.weakest.min(*cosine);
        group.strongest = group.strongest.max(*cosine);
    }
    by_root.retain(|group| group.items.len() > 1);
    by_root.sort_by_key(|group| std::cmp::Reverse(group.items.len()));
    by_root
}

/// Disjoint sets (Tarjan 1975), each known by its lowest item.
struct Roots(Vec<usize>);

impl Roots {
    fn of(&mut self, mut item: usize) -> usize {
        while self.0[item] != item {
            self.0[item] = self.0[self.0[item]];
            item = self.0[item];
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;
    use crate::progress::Progress;
    use crate::vectors::Embeddings;
    use ndarray::Array2;

    fn graph(rows: Array2<f32>, k: usize) -> NeighborGraph {
        NeighborGraph::exact(&Embeddings::normalized(rows), k, &Progress::new()).unwrap()
    }

    fn fan(angles: &[f32]) -> Array2<f32> {
        let rows = angles
            .iter()
            .flat_map(|a| [a.to_radians().cos(), a.to_radians().sin()]);
        Array2::from_shape_vec((angles.len(), 2), rows.collect()).unwrap()
    }

    #[test]
    fn chains_are_groups_and_loners_are_in_none() {
        let graph = graph(fan(&[0.0, 50.0, 3.0, 120.0, 51.0, 6.0]), 4);
        // 4° apart at most.
        let found = duplicate_groups(&graph, 4.0_f32.to_radians().cos());
        let items: Vec<_> = found.groups.iter().map(|g| g.items.clone()).collect();
        assert_eq!(items, [vec![0, 2, 5], vec![1, 4]]);
        let pairs: Vec<_> = found.pairs.iter().map(|p| (p.0, p.1)).collect();
        assert_eq!(pairs[0], (1, 4));
        assert_eq!(pairs.len(), 3);
        let cosine = 3.0_f32.to_radians().cos();
        assert!((found.groups[0].weakest - cosine).abs() < 1e-6);
        assert_eq!(found.n_items_at_limit, 0);
    }

    #[test]
    fn more_copies_than_the_graph_lists_are_one_group() {
        let mut random = Random::new(1);
        // 300 copies in two places among 100 others.
        let mut rows = Array2::from_shape_simple_fn((700, 24), || random.unit() as f32 - 0.5);
        let copied = [rows.row(0).to_owned(), rows.row(1).to_owned()];
        for i in 0..600 {
            rows.row_mut(i + i / 10).assign(&copied[i % 2]);
        }
        let found = duplicate_groups(&graph(rows, 16), 0.99);
        let sizes: Vec<usize> = found.groups.iter().map(|g| g.items.len()).collect();
        assert_eq!(sizes, [300, 300]);
        assert_eq!(found.n_items_at_limit, 600);
        let copies = duplicate_groups(&graph(Array2::ones((300, 5)), 16), 0.99);
        assert_eq!(copies.groups[0].items.len(), 300);
        assert_eq!(copies.n_items_at_limit, 300);
    }

    #[test]
    fn groups_are_those_of_all_pairs() {
        let mut random = Random::new(2);
        let rows = Array2::from_shape_simple_fn((150, 3), || random.unit() as f32 - 0.5);
        let embeddings = Embeddings::normalized(rows.clone());
        let found = duplicate_groups(&graph(rows, 149), 0.995);
        // Labels spread along pairs until nothing changes.
        let mut labels: Vec<usize> = (0..150).collect();
        let mut n_pairs = 0;
        for _ in 0..150 {
            n_pairs = 0;
            for a in 0..150 {
                for b in a + 1..150 {
                    if embeddings.cosine(a, b) >= 0.995 {
                        let label = labels[a].min(labels[b]);
                        (labels[a], labels[b]) = (label, label);
                        n_pairs += 1;
                    }
                }
            }
        }
        assert_eq!(found.pairs.len(), n_pairs);
        for group in &found.groups {
            assert!(
                group
                    .items
                    .iter()
                    .all(|i| labels[*i] == labels[group.items[0]])
            );
        }
        let grouped: usize = found.groups.iter().map(|g| g.items.len()).sum();
        let alone = |i: &usize| labels.iter().filter(|l| **l == labels[*i]).count() == 1;
        assert_eq!(grouped, 150 - (0..150).filter(alone).count());
    }

    #[test]
    fn few_items_have_few_duplicates() {
        for n in [0, 1] {
            assert!(
                duplicate_groups(&graph(Array2::ones((n, 3)), 5), 0.9)
                    .groups
                    .is_empty()
            );
        }
        let two = duplicate_groups(&graph(Array2::ones((2, 3)), 5), 0.9);
        assert_eq!(two.groups[0].items, [0, 1]);
        assert_eq!(two.n_items_at_limit, 0);
        // Rows of zeros are like nothing, each other included.
        let zeros = duplicate_groups(&graph(Array2::zeros((9, 3)), 5), 0.9);
        assert!(zeros.groups.is_empty());
    }
}
