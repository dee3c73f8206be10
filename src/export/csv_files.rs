//! Tables for spreadsheets and scripts.

use csv::Writer;

use crate::analysis::{NeighborGraph, Projection};
use crate::session::{Clusters, Items};

/// `id, title, source, tokens, tokens_read, cluster, x, y`, with no cluster for noise; row `i` is row `i` of the vectors.
pub fn documents(items: Items<'_>, projection: &Projection, clusters: &Clusters) -> Vec<u8> {
    table(
        &[
            "id",
            "title",
            "source",
            "tokens",
            "tokens_read",
            "cluster",
            "x",
            "y",
        ],
        |out| {
            for item in 0..items.n() {
                // Documents are split so that every token is read; both numbers are written because a
                // reader of the file cannot know that.
                let n_tokens = items.n_tokens(item).to_string();
                out.write_record([
                    item.to_string(),
                    items.title(item).into_owned(),
                    items.document(item).source.to_string(),
                    n_tokens.clone(),
                    n_tokens,
                    clusters.clustering.labels[item]
                        .map_or(String::new(), |cluster| cluster.to_string()),
                    format!("{:.6}", projection.points[[item, 0]]),
                    format!("{:.6}", projection.points[[item, 1]]),
                ])?;
            }
            Ok(())
        },
    )
}

/// `cluster, words, size, central_title`.
pub fn clusters(items: Items<'_>, clusters: &Clusters) -> Vec<u8> {
    let embeddings = items.embeddings();
    table(&["cluster", "words", "size", "central_title"], |out| {
        for (cluster, members) in clusters.clustering.members().iter().enumerate() {
            let center = clusters.clustering.centers.row(cluster);
            let nearness = |item: &usize| embeddings.row(*item).dot(&center);
            let central = members
                .iter()
                .copied()
                .max_by(|a, b| nearness(a).total_cmp(&nearness(b)));
            out.write_record([
                cluster.to_string(),
                clusters.name(cluster),
                members.len().to_string(),
                central
                    .map(|item| items.title(item).into_owned())
                    .unwrap_or_default(),
            ])?;
        }
        Ok(())
    })
}

/// `id, neighbor, cosine`, the nearest first.
pub fn neighbors(graph: &NeighborGraph) -> Vec<u8> {
    table(&["id", "neighbor", "cosine"], |out| {
        for item in 0..graph.n() {
            for neighbor in graph.of(item) {
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

fn table(header: &[&str], rows: impl FnOnce(&mut Writer<Vec<u8>>) -> csv::Result<()>) -> Vec<u8> {
    let mut out = Writer::from_writer(Vec::new());
    let written = out.write_record(header).and_then(|()| rows(&mut out));
    written.expect("writing rows of equal length to memory cannot fail");
    out.into_inner().expect("flushing to memory cannot fail")
}
