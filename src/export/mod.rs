//! What leaves the program as files: tables, vectors, pictures, and a page for people without it.

mod comparison;
mod csv_files;
mod decisions;
mod documents;
mod escape;
mod html;
mod layout;
mod listed;
mod map_png;
mod markdown;
mod matrix_png;
mod palette;
mod pixels;
mod report;
mod svg;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use comparison::{CopyAs, comparison_text};
pub use decisions::decisions;
pub use html::html_report;
pub use listed::listed;
pub use palette::{
    N_GROUP_COLORS, Rgb, contribution_color, diverging_color, group_color, label_color,
    sequential_color,
};
pub use pixels::encoded as png;
pub use report::Report;

use crate::analysis::full_matrix;
use crate::progress::{Cancelled, Progress};
use crate::session::{
    Clusters, DocumentMap, Duplicates, Items, MatrixOrder, Neighborhood, Session,
};
use crate::vectors::{NpyError, write_npy};

/// Corpora up to this size get their whole similarity matrix, 4 n² bytes, too.
pub const MAX_FULL_MATRIX: usize = 5000;
/// Neighbors per row of the table of neighbors.
pub const NEIGHBORS_PER_ROW: usize = 16;

/// Why something could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Stopped on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There are no results to write.
    #[error("there is nothing to write yet")]
    Nothing,
    /// The file system said no.
    #[error("could not write {path}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The map that is shown as an SVG picture with its legend; `None` before there is one.
pub fn map_svg(session: &Session) -> Option<String> {
    let (_, map) = session.map()?;
    Some(svg::map(session.items()?, &map, session.clusters()?))
}

/// A format of the table of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableFormat {
    /// Comma-separated values.
    Csv,
    /// An object of JSON per line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// What is written.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportRule {
    /// In which formats the documents are written; everything else has one.
    pub formats: Vec<TableFormat>,
}

impl Default for ExportRule {
    fn default() -> Self {
        Self {
            formats: vec![TableFormat::Csv],
        }
    }
}

/// Writes everything that a finished session knows below `folder`, which is made if need be, and
/// returns the names of the files: tables, vectors, pictures, and the reports for people and scripts.
///
/// Corpora of up to [`MAX_FULL_MATRIX`] items get the matrix of all cosines; all get the nearest
/// neighbors of each item.
///
/// # Errors
/// [`ExportError::Nothing`] before the items are clustered, drawn and compared.
pub fn write_all(
    session: &Session,
    folder: &Path,
    rule: &ExportRule,
    progress: &Progress,
) -> Result<Vec<String>, ExportError> {
    let found = Found::of(session).ok_or(ExportError::Nothing)?;
    let (items, map, clusters) = (found.items, &found.map, found.clusters);
    let embeddings = items.embeddings();
    let is_small = items.n() <= MAX_FULL_MATRIX;
    progress.step("Writing", 0);
    let mut written = Vec::new();
    let mut write = |name: &str, bytes: Vec<u8>| {
        save(folder, name, &bytes)?;
        written.push(name.to_owned());
        progress.advance(1).map_err(ExportError::from)
    };
    let rows = documents::rows(items, &map.projection, clusters, found.neighborhood);
    for format in &rule.formats {
        match format {
            TableFormat::Csv => write("documents.csv", csv_files::documents(&rows)),
            TableFormat::Jsonl => write("documents.jsonl", documents::jsonl(&rows)),
            TableFormat::Parquet => write("documents.parquet", documents::parquet(&rows)),
        }?;
    }
    drop(rows);
    write("embeddings.npy", npy(embeddings.view()))?;
    if is_small {
        write("similarity.npy", npy(full_matrix(embeddings).view()))?;
    }
    let graph = &found.neighborhood.graph;
    write(
        "neighbors.csv",
        csv_files::neighbors(graph, NEIGHBORS_PER_ROW),
    )?;
    write("pairs.csv", csv_files::pairs(items, found.duplicates))?;
    write(
        "duplicates.csv",
        csv_files::duplicates(items, found.duplicates),
    )?;
    write(
        "clusters.csv",
        csv_files::clusters(items, clusters, session.stability()),
    )?;
    write("map.svg", svg::map(items, map, clusters).into_bytes())?;
    write("map.png", map_png::map(items, &map.projection, clusters))?;
    write("matrix.png", matrix_png::matrix(found.order))?;
    let similarities = if is_small {
        "similarity.npy"
    } else {
        "neighbors.csv"
    };
    let page = html_report(session).ok_or(ExportError::Nothing)?;
    write("report.html", page.into_bytes())?;
    let report = Report::new(session, similarities).ok_or(ExportError::Nothing)?;
    write("report.json", report.to_json())?;
    Ok(written)
}

/// Writes the map that a session shows now as `map-<method>.svg`, `.png` and `.csv`, and returns the
/// names.
///
/// # Errors
/// As [`write_all`].
pub fn write_map(session: &Session, folder: &Path) -> Result<Vec<String>, ExportError> {
    let found = Found::of(session).ok_or(ExportError::Nothing)?;
    let (items, map, clusters) = (found.items, &found.map, found.clusters);
    let method = map.rule.name().to_lowercase().replace([' ', '-'], "");
    let files = [
        ("svg", svg::map(items, map, clusters).into_bytes()),
        ("png", map_png::map(items, &map.projection, clusters)),
        ("csv", csv_files::map(&map.projection)),
    ];
    let mut written = Vec::new();
    for (kind, bytes) in files {
        let name = format!("map-{method}.{kind}");
        save(folder, &name, &bytes)?;
        written.push(name);
    }
    Ok(written)
}

/// What a session found, once all of it is there.
struct Found<'a> {
    items: Items<'a>,
    map: Arc<DocumentMap>,
    clusters: &'a Clusters,
    order: &'a MatrixOrder,
    neighborhood: &'a Neighborhood,
    duplicates: &'a Duplicates,
}

impl<'a> Found<'a> {
    fn of(session: &'a Session) -> Option<Self> {
        Some(Self {
            items: session.items()?,
            map: session.map()?.1,
            clusters: session.clusters()?,
            order: session.order()?,
            neighborhood: session.neighborhood()?,
            duplicates: session.duplicates()?,
        })
    }
}

fn save(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
    let path = folder.join(name);
    let saved = fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes));
    saved.map_err(|source| ExportError::Io { path, source })
}

fn npy(rows: ndarray::ArrayView2<'_, f32>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() * 4 + 128);
    match write_npy(&mut bytes, rows) {
        Ok(()) => bytes,
        Err(NpyError::Io(_) | NpyError::Unsupported(_)) => {
            unreachable!("writing to memory cannot fail")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Projection;
    use crate::session::{Command, MapRule, Settings};
    use crate::text::Tools;
    use ndarray::Array2;

    /// Four texts with vectors of their own.
    fn session(folder: &Path) -> Session {
        let at = |name: &str| folder.join(name);
        fs::write(at("v.csv"), "x,y,z\n1,0,0\n0.9,0.1,0\n0,1,0\n0,1,0.1\n").unwrap();
        fs::write(at("t.txt"), "Low water\nHigh water\nA bee\nTwo bees\n").unwrap();
        let mut session = Session::new(Settings::default(), Tools::default());
        session.apply(Command::Import {
            vectors: at("v.csv"),
            texts: at("t.txt"),
        });
        while let Some(work) = session.due().into_iter().next() {
            session.begin(&work);
            session.absorb(work.run(&Progress::new()));
        }
        session
    }

    #[test]
    fn a_map_may_have_three_axes_and_no_shares_of_the_variance() {
        let folder = tempfile::tempdir().unwrap();
        let session = session(folder.path());
        let (items, clusters) = (session.items().unwrap(), session.clusters().unwrap());
        let map = |axes, variance_shares| DocumentMap {
            projection: Projection {
                points: Array2::from_shape_fn((4, axes), |(item, axis)| (item + axis) as f32),
                variance_shares,
            },
            rule: MapRule::default(),
            added: Vec::new(),
            components: None,
        };
        let caption = "of the variance";
        assert!(svg::map(items, &map(2, vec![0.5, 0.25]), clusters).contains(caption));
        assert!(!svg::map(items, &map(3, Vec::new()), clusters).contains(caption));
        let header = "id,title,source,tokens,tokens_read,cluster,nearest,outlier,x,y";
        let table = |axes| {
            let (map, near) = (map(axes, Vec::new()), session.neighborhood().unwrap());
            let rows = documents::rows(items, &map.projection, clusters, near);
            String::from_utf8(csv_files::documents(&rows)).unwrap()
        };
        assert!(table(2).starts_with(&format!("{header}\n")));
        let with_z = table(3);
        assert!(with_z.starts_with(&format!("{header},z\n")));
        assert!(
            with_z
                .lines()
                .nth(2)
                .unwrap()
                .ends_with(",1.000000,2.000000,3.000000")
        );
    }

    #[test]
    fn it_writes_what_the_rule_says() {
        let folder = tempfile::tempdir().unwrap();
        let session = session(folder.path());
        let written = |rule: &ExportRule| {
            let out = folder.path().join("out");
            write_all(&session, &out, rule, &Progress::new()).unwrap()
        };
        let has = |files: &[String], name: &str| files.iter().any(|file| file == name);
        let plain = written(&ExportRule::default());
        assert!(has(&plain, "documents.csv") && has(&plain, "map.png"));
        let more = written(&ExportRule {
            formats: vec![TableFormat::Jsonl],
        });
        assert!(has(&more, "documents.jsonl") && !has(&more, "documents.csv"));
        let maps = write_map(&session, folder.path()).unwrap();
        assert_eq!(maps, ["map-pca.svg", "map-pca.png", "map-pca.csv"]);
    }
}
