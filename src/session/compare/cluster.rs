//! An item against its cluster, member by member.

use std::ops::Range;

use ndarray::{Array1, Array2, Axis};

use super::{Beside, Comparison, item_parts, relative_to_corpus};
use crate::analysis::{Parts, explain};
use crate::embed::{EmbedError, Embedder};
use crate::message::grouped;
use crate::progress::Progress;
use crate::session::belonging::Placed;
use crate::session::embedded::Items;
use crate::session::work::Clusters;

/// Members that are listed one by one, the nearest to the item first; the others are one line.
const MAX_MEMBERS: usize = 500;

/// Letters of a title in the list of members.
const MAX_TITLE: usize = 120;

/// The cluster on the right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClusterSide {
    /// Which it is.
    pub cluster: usize,
    /// Whether the item is in it; else it is the nearest one.
    pub is_member: bool,
    /// The cluster that is next near, and its cosine.
    pub next: Option<(usize, f32)>,
    /// The item of each line, nearest first.
    pub members: Vec<usize>,
    /// Members that the last line stands for together.
    pub n_more: usize,
}

/// Compares an item with its cluster; `None` if there are no clusters.
///
/// # Errors
/// As [`Embedder::embed`].
pub fn compare_with_cluster(
    items: Items<'_>,
    item: usize,
    clusters: &Clusters,
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Option<Comparison>, EmbedError> {
    let Some(placed) = Placed::of(items, item, clusters) else {
        return Ok(None);
    };
    let nearest = nearest_first(items, item, clusters, placed.cluster);
    let (members, others) = nearest.split_at(nearest.len().min(MAX_MEMBERS));
    let (sentences, left) = item_parts(items, item, model, progress)?;
    let right = center_parts(items, members, others).summing_to(placed.center.view());
    let (right_text, lines) = listed(items, members, others.len());
    let parts = (left, right);
    Ok(Some(Comparison {
        pair: (item, item),
        beside: Some(Beside::Cluster),
        score: placed.score,
        right_text: right_text.into(),
        left: sentences,
        right: lines,
        explanation: explain(&parts.0, &parts.1, progress)?,
        relative: relative_to_corpus(items.embeddings(), &parts, progress)?,
        without: (
            parts.0.without(placed.center.view()),
            parts.1.without(items.embeddings().row(item)),
        ),
        cluster: Some(ClusterSide {
            cluster: placed.cluster,
            is_member: placed.is_member,
            next: placed.next,
            members: members.to_vec(),
            n_more: others.len(),
        }),
        ..Comparison::default()
    }))
}

fn nearest_first(items: Items<'_>, item: usize, clusters: &Clusters, cluster: usize) -> Vec<usize> {
    let labels = clusters.clustering.labels.iter().enumerate();
    let members = labels.filter(|(_, label)| **label == Some(cluster));
    let cosine = |other: usize| (other, items.embeddings().cosine(item, other));
    let mut members: Vec<_> = members.map(|(other, _)| cosine(other)).collect();
    members.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    members.into_iter().map(|(other, _)| other).collect()
}

/// The center as the sum of its members, one part each, and one for all `others` together.
fn center_parts(items: Items<'_>, members: &[usize], others: &[usize]) -> Parts {
    let embeddings = items.embeddings();
    let sum = |of: &[usize]| -> Array1<f32> {
        let mut sum = Array1::<f64>::zeros(embeddings.dim());
        for item in of {
            sum.zip_mut_with(&embeddings.row(*item), |a, b| *a += f64::from(*b));
        }
        sum.mapv(|x| x as f32)
    };
    let rest = sum(others);
    let whole = sum(members) + &rest;
    let length = whole.dot(&whole).sqrt().max(f32::MIN_POSITIVE);
    let n_parts = members.len() + usize::from(!others.is_empty());
    let n_all = (members.len() + others.len()).max(1) as f32;
    let mut vectors = Array2::zeros((n_parts + 1, embeddings.dim()));
    let mut weights = Array1::zeros(n_parts + 1);
    for (at, member) in members.iter().enumerate() {
        let part = embeddings.row(*member).mapv(|x| x / length);
        vectors.index_axis_mut(Axis(0), at).assign(&part);
        weights[at] = 1.0 / n_all;
    }
    if !others.is_empty() {
        let part = rest.mapv(|x| x / length);
        vectors.index_axis_mut(Axis(0), members.len()).assign(&part);
        weights[members.len()] = others.len() as f32 / n_all;
    }
    Parts {
        vectors,
        weights,
        is_exact: true,
    }
}

/// The titles, each on a line, and the bytes of each line.
fn listed(items: Items<'_>, members: &[usize], n_more: usize) -> (String, Vec<Range<usize>>) {
    let mut text = String::new();
    let mut lines = Vec::new();
    let mut add = |line: &str| {
        let start = text.len();
        text.push_str(line);
        text.push('\n');
        lines.push(start..text.len());
    };
    for member in members {
        add(&one_line(&items.title(*member)));
    }
    if n_more > 0 {
        add(&format!("and {} more", grouped(n_more)));
    }
    (text, lines)
}

/// A title without line breaks, and if it is very long its beginning, with how much is missing.
fn one_line(title: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let n_missing = title.chars().count().saturating_sub(MAX_TITLE);
    if n_missing == 0 {
        return title;
    }
    let beginning: String = title.chars().take(MAX_TITLE).collect();
    format!("{beginning}… (+{})", grouped(n_missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_takes_a_line_and_says_what_is_missing() {
        assert_eq!(one_line("Low\n water"), "Low water");
        assert_eq!(one_line("潮汐"), "潮汐");
        let long = one_line(&"é".repeat(1_200));
        assert!(long.ends_with("é… (+1,080)"), "{long}");
    }
}
