//! The order of the matrix' rows, its block means in that order, and how its cells are spread.

use super::embedded::Items;
use super::work::Clusters;
use crate::analysis::{CosineSpread, Pyramid, matrix_order, ranked, scores};
use crate::progress::{Cancelled, Progress};

/// By what rows are ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RowOrder {
    /// By cluster, like clusters side by side, and by likeness inside each.
    #[default]
    Clusters,
    /// By folder, and by name inside each.
    Folders,
    /// By title.
    Titles,
    /// By likeness to one item.
    LikenessTo(usize),
}

/// Rows of the matrix, ordered.
#[derive(Debug)]
pub struct MatrixOrder {
    /// Item at each position.
    pub order: Vec<usize>,
    /// Position of each item.
    pub position: Vec<usize>,
    /// Block means in that order.
    pub pyramid: Pyramid,
    /// How the cosines of its cells are spread, whatever their order.
    pub spread: CosineSpread,
}

impl MatrixOrder {
    /// Orders the items.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn new(
        items: Items<'_>,
        clusters: &Clusters,
        by: RowOrder,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        progress.step("Ordering the matrix", items.n());
        let order = ordered(items, clusters, by);
        progress.check()?;
        let mut position = vec![0; order.len()];
        order
            .iter()
            .enumerate()
            .for_each(|(at, item)| position[*item] = at);
        Ok(Self {
            pyramid: Pyramid::new(items.embeddings(), &order),
            spread: CosineSpread::new(items.embeddings(), progress)?,
            order,
            position,
        })
    }
}

fn ordered(items: Items<'_>, clusters: &Clusters, by: RowOrder) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.n()).collect();
    match by {
        RowOrder::Clusters => return matrix_order(items.embeddings(), &clusters.clustering),
        RowOrder::Folders => {
            order.sort_by_cached_key(|item| {
                let source = &items.document(*item).source;
                (source.folder(), source.to_string(), *item)
            });
        }
        RowOrder::Titles => order.sort_by_cached_key(|item| items.title(*item).to_lowercase()),
        RowOrder::LikenessTo(item) if item < items.n() => {
            let likeness = scores(items.embeddings(), items.embeddings().row(item));
            order = ranked(&likeness)
                .into_iter()
                .map(|found| found.item)
                .collect();
        }
        RowOrder::LikenessTo(_) => {}
    }
    order
}
