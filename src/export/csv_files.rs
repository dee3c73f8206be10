//! Tables for spreadsheets and scripts.

use std::sync::Arc;

use csv::Writer;

use super::documents::DocumentRow;
use crate::analysis::{NeighborGraph, Projection, Stability};
use crate::session::{Clusters, Duplicates, Items};

/// `id, title, source, tokens, tokens_read, cluster, nearest, outlier, x, y` and, on a map of three
/// axes, `z`; with no cluster for noise. Row `i` is row `i` of the vectors.
pub fn documents(rows: &[DocumentRow<'_>]) -> Vec<u8> {
    let has_z = rows.first().is_some_and(|row| row.z.is_some());
    let mut header = vec![
        "id",
        "title",
        "source",
        "tokens",
        "tokens_read",
        "cluster",
        "nearest",
        "outlier",
        "x",
        "y",
    ];
    header.extend(has_z.then_some("z"));
    table(&header, |out| {
        for row in rows {
            // Documents are split so that every token is read; both numbers are written because a
            // reader of the file cannot know that.
            let n_tokens = row.tokens.to_string();
            let mut record = vec![
                row.id.to_string(),
                row.title.to_string(),
                row.source.clone(),
                n_tokens.clone(),
                n_tokens,
                row.cluster
                    .map_or(String::new(), |cluster| cluster.to_string()),
                row.nearest
                    .map_or(String::new(), |cosine| format!("{cosine:.6}")),
                format!("{:.6}", row.outlier),
                format!("{:.6}", row.x),
                format!("{:.6}", row.y),
            ];
            record.extend(row.z.map(|z| format!("{z:.6}")));
            out.write_record(record)?;
        }
        Ok(())
    })
}

/// `cluster, words, size, central_title, stability`.
pub fn clusters(
    items: Items<'_>,
    clusters: &Clusters,
    stability: Option<&Arc<Stability>>,
) -> Vec<u8> {
    let header = ["cluster", "words", "size", "central_title", "stability"];
    table(&header, |out| {
        for (cluster, size) in clusters.sizes.iter().enumerate() {
            let central = clusters.central[cluster];
            let stable = stability.map(|stability| stability.of_cluster[cluster]);
            out.write_record([
                cluster.to_string(),
                clusters.name(cluster),
                size.to_string(),
                central.map_or(String::new(), |item| items.title(item).into_owned()),
                stable.map_or(String::new(), |share| format!("{share:.3}")),
            ])?;
        }
        Ok(())
    })
}

/// `id, neighbor, cosine`, the `k` nearest of each item, best first.
pub fn neighbors(graph: &NeighborGraph, k: usize) -> Vec<u8> {
    table(&["id", "neighbor", "cosine"], |out| {
        for item in 0..graph.n() {
            for neighbor in graph.of(item).iter().take(k) {
                out.write_record([
                    item.to_string(),
                    neighbor.item.to_string(),
                    format!("{:.6}", neighbor.cosine),
                ])?;
            }
        }
        Ok(())
    })
}

/// `a, b, title_a, title_b, cosine` of pairs that say the same, the most alike first.
pub fn pairs(items: Items<'_>, duplicates: &Duplicates) -> Vec<u8> {
    table(&["a", "b", "title_a", "title_b", "cosine"], |out| {
        for (a, b, cosine) in &duplicates.pairs {
            out.write_record([
                a.to_string(),
                b.to_string(),
                items.title(*a).into_owned(),
                items.title(*b).into_owned(),
                format!("{cosine:.6}"),
            ])?;
        }
        Ok(())
    })
}

/// `group, id, title, source, proposed_original` of items that say the same as another.
pub fn duplicates(items: Items<'_>, duplicates: &Duplicates) -> Vec<u8> {
    let header = ["group", "id", "title", "source", "proposed_original"];
    table(&header, |out| {
        for (number, group) in duplicates.groups.iter().enumerate() {
            for item in &group.items {
                out.write_record([
                    number.to_string(),
                    item.to_string(),
                    items.title(*item).into_owned(),
                    items.document(*item).source.to_string(),
                    (*item == group.original).to_string(),
                ])?;
            }
        }
        Ok(())
    })
}

/// `id, x, y` and, on a map of three axes, `z`.
pub fn map(projection: &Projection) -> Vec<u8> {
    let n_axes = projection.points.ncols();
    let header = &["id", "x", "y", "z"][..=n_axes.min(3)];
    table(header, |out| {
        for (item, point) in projection.points.rows().into_iter().enumerate() {
            let places = point.iter().map(|place| format!("{place:.6}"));
            out.write_record(std::iter::once(item.to_string()).chain(places))?;
        }
        Ok(())
    })
}

fn table(header: &[&str], rows: impl FnOnce(&mut Writer<Vec<u8>>) -> csv::Result<()>) -> Vec<u8> {
    let mut out = Writer::from_writer(Vec::new());
    let written = out.write_record(header).and_then(|()| rows(&mut out));
    written.expect("writing rows of equal length to memory cannot fail");
    out.into_inner().expect("flushing to memory cannot fail")
}
