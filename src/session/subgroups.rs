//! What a cluster falls into: smaller groups with words of their own, for maps that are looked at
//! closely.

use super::embedded::Items;
use super::work::Clusters;
use crate::analysis::{
    AnalysisError, ClusterCount, ClusterRule, Clustering, NeighborGraph, keywords, kmeans,
};
use crate::progress::Progress;

/// Clusters with fewer items are not parted.
const MIN_PARTED: usize = 8;
/// Groups with fewer items have no name.
const MIN_NAMED: usize = 3;
/// Items to a group grow with the items of the cluster, as long as there are not more groups than this.
const MAX_GROUPS: usize = 8;
/// Words in the name of a group.
const WORDS: usize = 2;

/// A part of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subgroup {
    /// The cluster that it is a part of.
    pub cluster: usize,
    /// Its items, in order.
    pub members: Vec<usize>,
    /// Words that set it apart from the other parts of its cluster, strongest first; never empty.
    pub words: Vec<String>,
}

/// The parts of every cluster that is large enough, the largest of each first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subgroups(pub Vec<Subgroup>);

impl Subgroups {
    /// Parts every cluster by k-means and names the parts.
    ///
    /// # Errors
    /// As [`kmeans`].
    pub fn new(
        items: Items<'_>,
        clusters: &Clusters,
        rule: ClusterRule,
        progress: &Progress,
    ) -> Result<Self, AnalysisError> {
        let mut found = Vec::new();
        for (cluster, members) in clusters.clustering.members().into_iter().enumerate() {
            progress.check()?;
            let Some(n_groups) = n_groups(members.len()) else {
                continue;
            };
            let parts = ClusterRule {
                count: ClusterCount::Fixed(n_groups),
                ..rule
            };
            let embeddings = items.embeddings().select(&members);
            // Without neighbors the start is that of the items as they are.
            let parts = kmeans(&embeddings, &NeighborGraph::default(), &parts, progress)?;
            for (part, words) in parts
                .members()
                .into_iter()
                .zip(words(items, &members, &parts))
            {
                if part.len() >= MIN_NAMED && !words.is_empty() {
                    found.push(Subgroup {
                        cluster,
                        members: part.into_iter().map(|place| members[place]).collect(),
                        words,
                    });
                }
            }
        }
        Ok(Self(found))
    }
}

/// Into how many groups so many items are parted; `None` for too few.
fn n_groups(n: usize) -> Option<usize> {
    let n_groups = (n as f32 / 4.0).sqrt().round() as usize;
    (n >= MIN_PARTED).then(|| n_groups.clamp(2, MAX_GROUPS))
}

fn words(items: Items<'_>, members: &[usize], parts: &Clustering) -> Vec<Vec<String>> {
    let texts: Vec<&str> = members.iter().map(|item| items.text(*item)).collect();
    let language = |item: &usize| items.document(*item).language.map(|language| language.code);
    let languages: Vec<Option<&str>> = members.iter().map(language).collect();
    keywords(&texts, &languages, parts, WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_clusters_have_more_parts_up_to_a_limit() {
        assert_eq!(n_groups(7), None);
        assert_eq!(n_groups(8), Some(2));
        assert_eq!(n_groups(100), Some(5));
        assert_eq!(n_groups(1_000_000), Some(MAX_GROUPS));
        assert!((8..500).all(|n| n_groups(n) <= n_groups(n + 1)));
    }
}
