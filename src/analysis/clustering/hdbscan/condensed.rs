//! From the spanning tree to clusters: the condensed tree and the excess of mass.
//!
//! Taking away the edges from the longest to the shortest, a cluster either loses a few items, which
//! fall out of it, or splits into two that are both large enough. Density is one over the length
//! at which that happens. A cluster is better than the clusters that it splits into when its items
//! stay in it over a larger range of densities, summed over the items.

use super::spanning::Edge;

pub struct Found {
    /// Any numbers; `None` for noise.
    pub labels: Vec<Option<usize>>,
    /// 0 to 1.
    pub memberships: Vec<f32>,
}

/// `edges` of a spanning tree over `n` items, shortest first.
pub fn condense(n: usize, edges: Vec<Edge>, min_cluster_size: usize) -> Found {
    let joins = Joins::new(n, edges);
    let tree = Condensed::new(&joins, min_cluster_size);
    let chosen = tree.chosen();
    let labels: Vec<Option<usize>> = tree.left_from.iter().map(|from| chosen[*from]).collect();
    let membership = |(item, label): (usize, &Option<usize>)| {
        let highest = tree.clusters[(*label)?].death;
        Some((tree.left_at[item].min(highest) / highest) as f32)
    };
    let memberships = labels.iter().enumerate().map(membership);
    Found {
        memberships: memberships.map(Option::unwrap_or_default).collect(),
        labels,
    }
}

/// Single linkage: node `n + i` joins two nodes by the `i`-th edge; nodes below `n` are items.
struct Joins {
    n: usize,
    sides: Vec<(usize, usize)>,
    lengths: Vec<f32>,
    sizes: Vec<usize>,
}

impl Joins {
    fn new(n: usize, edges: Vec<Edge>) -> Self {
        let mut parents: Vec<usize> = (0..n + edges.len()).collect();
        let mut joins = Self {
            n,
            sides: Vec::with_capacity(edges.len()),
            lengths: edges.iter().map(|edge| edge.length).collect(),
            sizes: Vec::with_capacity(edges.len()),
        };
        for edge in edges {
            let (a, b) = (root(&mut parents, edge.a), root(&mut parents, edge.b));
            let joined = n + joins.sides.len();
            parents[a] = joined;
            parents[b] = joined;
            joins.sizes.push(joins.size(a) + joins.size(b));
            joins.sides.push((a, b));
        }
        joins
    }

    fn size(&self, node: usize) -> usize {
        node.checked_sub(self.n).map_or(1, |join| self.sizes[join])
    }

    fn items(&self, node: usize) -> Vec<usize> {
        let mut items = Vec::new();
        let mut nodes = vec![node];
        while let Some(node) = nodes.pop() {
            match node.checked_sub(self.n) {
                None => items.push(node),
                Some(join) => nodes.extend([self.sides[join].0, self.sides[join].1]),
            }
        }
        items
    }
}

fn root(parents: &mut [usize], mut node: usize) -> usize {
    while parents[node] != node {
        parents[node] = parents[parents[node]];
        node = parents[node];
    }
    node
}

struct Cluster {
    parent: Option<usize>,
    /// Density at which it comes to be.
    birth: f64,
    /// Highest density at which an item leaves it.
    death: f64,
    /// Sum over its items of the range of densities that they stay for.
    mass: f64,
}

struct Condensed {
    /// The whole first, parents before children.
    clusters: Vec<Cluster>,
    /// The smallest cluster that each item was in.
    left_from: Vec<usize>,
    /// At which density it left that.
    left_at: Vec<f64>,
}

impl Condensed {
    fn new(joins: &Joins, min_cluster_size: usize) -> Self {
        let whole = Cluster {
            parent: None,
            birth: 0.0,
            death: 1.0,
            mass: 0.0,
        };
        let mut tree = Self {
            clusters: vec![whole],
            left_from: vec![0; joins.n],
            left_at: vec![1.0; joins.n],
        };
        if joins.sides.is_empty() {
            return tree;
        }
        tree.clusters[0].death = 0.0;
        let mut pending = vec![(joins.n + joins.sides.len() - 1, 0)];
        while let Some((node, cluster)) = pending.pop() {
            let join = node - joins.n;
            let density = 1.0 / f64::from(joins.lengths[join]);
            let (a, b) = joins.sides[join];
            let is_large = |node: usize| joins.size(node) >= min_cluster_size;
            if is_large(a) && is_large(b) {
                tree.leave(cluster, joins.size(node), density);
                for side in [a, b] {
                    tree.clusters.push(Cluster {
                        parent: Some(cluster),
                        birth: density,
                        death: 0.0,
                        mass: 0.0,
                    });
                    pending.push((side, tree.clusters.len() - 1));
                }
                continue;
            }
            for side in [a, b] {
                if is_large(side) {
                    pending.push((side, cluster));
                    continue;
                }
                tree.leave(cluster, joins.size(side), density);
                for item in joins.items(side) {
                    tree.left_from[item] = cluster;
                    tree.left_at[item] = density;
                }
            }
        }
        tree
    }

    fn leave(&mut self, cluster: usize, n_items: usize, density: f64) {
        let cluster = &mut self.clusters[cluster];
        cluster.mass += n_items as f64 * (density - cluster.birth);
        cluster.death = cluster.death.max(density);
    }

    /// For each cluster, the chosen one that it is or lies in.
    fn chosen(&self) -> Vec<Option<usize>> {
        let n = self.clusters.len();
        let mut mass_below = vec![0.0; n];
        let mut is_good = vec![false; n];
        for cluster in (1..n).rev() {
            let own = self.clusters[cluster].mass;
            is_good[cluster] = own >= mass_below[cluster];
            let parent = self.clusters[cluster].parent.unwrap_or(0);
            mass_below[parent] += own.max(mass_below[cluster]);
        }
        is_good[0] = n == 1;
        let mut chosen: Vec<Option<usize>> = vec![None; n];
        for cluster in 0..n {
            let above = self.clusters[cluster].parent.and_then(|p| chosen[p]);
            chosen[cluster] = above.or(is_good[cluster].then_some(cluster));
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_on_a_line_and_a_loner() {
        // 0 1 2 · · 3 4 5 · · · · 6
        let edge = |length, a, b| Edge { length, a, b };
        let edges = vec![
            edge(1.0, 0, 1),
            edge(1.0, 1, 2),
            edge(1.0, 3, 4),
            edge(2.0, 4, 5),
            edge(3.0, 2, 3),
            edge(5.0, 5, 6),
        ];
        let found = condense(7, edges, 3);
        let labels = &found.labels;
        assert!(labels[0].is_some() && labels[3].is_some() && labels[0] != labels[3]);
        assert_eq!(labels[0..3], [labels[0]; 3]);
        assert_eq!(labels[3..6], [labels[3]; 3]);
        assert_eq!(labels[6], None);
        // Item 5 leaves its cluster at half the density of 3 and 4, but takes them with it: two
        // items are no cluster.
        assert_eq!(found.memberships, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    }
}
