//! What leaves the program as files: tables, vectors and pictures.

mod csv_files;
mod matrix_png;
mod palette;
mod report;
mod svg;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use palette::{N_GROUP_COLORS, Rgb, group_color, label_color, sequential_color};
pub use report::Report;

use crate::analysis::{AnalysisError, NeighborGraph, full_matrix};
use crate::progress::{Cancelled, Progress};
use crate::session::Session;
use crate::vectors::{NpyError, write_npy};

/// Corpora up to this size get their whole similarity matrix, 4 n² bytes; larger ones the nearest
/// neighbors of each row instead.
pub const MAX_FULL_MATRIX: usize = 5000;
/// Neighbors per row in that case.
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
    /// An analysis that only the export needs failed.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
}

/// Writes everything that a finished session knows below `folder`, which is made if need be, and
/// returns the names of the files.
///
/// # Errors
/// [`ExportError::Nothing`] before the items are clustered and projected.
pub fn write_all(
    session: &Session,
    folder: &Path,
    progress: &Progress,
) -> Result<Vec<&'static str>, ExportError> {
    let (Some(items), Some(projection), Some(clusters), Some(order)) = (
        session.items(),
        session.projection(),
        session.clusters(),
        session.order(),
    ) else {
        return Err(ExportError::Nothing);
    };
    let embeddings = items.embeddings();
    // Before the writing, whose counter it would set back.
    let (similarities, similarity_bytes) = if items.n() <= MAX_FULL_MATRIX {
        ("similarity.npy", npy(full_matrix(embeddings).view()))
    } else {
        let found = NeighborGraph::exact(embeddings, NEIGHBORS_PER_ROW, progress)?;
        ("neighbors.csv", csv_files::neighbors(&found))
    };
    progress.step("Writing", 7);
    let mut written = Vec::new();
    let mut write = |name: &'static str, bytes: Vec<u8>| {
        let path = folder.join(name);
        let saved = fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes));
        saved.map_err(|source| ExportError::Io { path, source })?;
        written.push(name);
        progress.advance(1).map_err(ExportError::from)
    };
    write(
        "documents.csv",
        csv_files::documents(items, projection, clusters),
    )?;
    write("embeddings.npy", npy(embeddings.view()))?;
    write(similarities, similarity_bytes)?;
    write("clusters.csv", csv_files::clusters(items, clusters))?;
    write(
        "map.svg",
        svg::map(items, projection, clusters).into_bytes(),
    )?;
    write("matrix.png", matrix_png::matrix(order))?;
    let report = Report::new(session, similarities).ok_or(ExportError::Nothing)?;
    write("report.json", report.to_json())?;
    Ok(written)
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
