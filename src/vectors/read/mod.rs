//! Vectors that somebody else made: .npy, .safetensors, Parquet, CSV and TSV.
//!
//! One file per format turns bytes into [`Raw`] rows; what all share is here: the choice by file
//! name, the refusal of values that are no numbers, and the scaling to length 1.

mod npy;
mod parquet;
mod safetensors;
mod table;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView1, Axis};

use super::normalize;

/// Vectors read from a file, one row per item, shape `(n, d)`.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedVectors {
    /// Rows of length 1; a row of zeros stays one.
    pub rows: Array2<f32>,
    /// What the file calls each row, if it does.
    pub ids: Option<Vec<String>>,
    /// What was found odd or decided on the way, one phrase each.
    pub notes: Vec<String>,
}

/// Why vectors could not be read.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError {
    /// The file system said no.
    #[error("could not read {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It was read, and cannot be used.
    #[error("{problem}: {}", path.display())]
    Unusable {
        /// What is wrong with it.
        problem: VectorsProblem,
        /// Which file.
        path: PathBuf,
    },
}

/// What is wrong with a file of vectors.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VectorsProblem {
    /// A name that says no format.
    #[error(
        "vectors are read from files that end in .npy, .safetensors, .parquet, .csv or .tsv; save them as one of these"
    )]
    UnknownFormat,
    /// Not what its name says.
    #[error("this is not a {format} file, or it is damaged ({reason})")]
    Damaged {
        /// The format it should have.
        format: &'static str,
        /// What the parser said.
        reason: String,
    },
    /// A file of that format without vectors that could be used; says what to save instead.
    #[error("{0}")]
    Unsupported(String),
    /// No rows, or rows without values.
    #[error("there are no vectors in this file")]
    Nothing,
    /// A value that is no number, or one too large for 32 bits.
    #[error(
        "{row} holds a value that is not finite ({value}, at position {position}); mend that row or leave it out"
    )]
    NotFinite {
        /// Where.
        row: RowName,
        /// Which value of it, from 1.
        position: usize,
        /// What stands there.
        value: f32,
    },
    /// A row that is longer or shorter than the first.
    #[error("{row} has {found} values where the rows before it have {expected}")]
    Ragged {
        /// Where.
        row: RowName,
        /// Its length.
        found: usize,
        /// That of the first row.
        expected: usize,
    },
    /// A cell of a table that should hold a number.
    #[error("{row} holds “{cell}” in column “{column}”, which is not a number")]
    NotANumber {
        /// Where.
        row: RowName,
        /// Name of the column.
        column: String,
        /// What stands there.
        cell: String,
    },
}

/// A row as a person finds it: counted from 1, without a line of column names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowName {
    /// Its number, from 1.
    pub number: usize,
    /// Its id, if it has one.
    pub id: Option<String>,
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.number)?;
        match &self.id {
            Some(id) => write!(f, " (id “{id}”)"),
            None => Ok(()),
        }
    }
}

/// Rows as they stand in the file, shape `(n, d)`.
#[derive(Debug)]
struct Raw {
    rows: Array2<f32>,
    ids: Option<Vec<String>>,
    notes: Vec<String>,
}

/// Vectors whose length differs from 1 by more than this are said to have been scaled. Unit vectors
/// that were kept as f16 or bf16 stay below it.
const LENGTH_TOLERANCE: f64 = 5e-3;

/// Reads the vectors of a file, whose name says its format, and gives each length 1.
///
/// # Errors
/// [`VectorsError::Io`] when the file cannot be read; [`VectorsError::Unusable`] when it is damaged,
/// holds no vectors, rows of several lengths, or NaN: one sentence that names the row.
pub fn read_vectors(path: &Path) -> Result<ImportedVectors, VectorsError> {
    let whole = || {
        fs::read(path).map_err(|source| VectorsError::Io {
            path: path.to_owned(),
            source,
        })
    };
    let unusable = |problem: VectorsProblem| VectorsError::Unusable {
        problem,
        path: path.to_owned(),
    };
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let raw = match extension.to_lowercase().as_str() {
        "npy" => npy::read(&whole()?),
        "safetensors" => safetensors::read(&whole()?),
        "parquet" | "pq" => parquet::read(whole()?),
        "csv" => table::read(&whole()?, None),
        "tsv" => table::read(&whole()?, Some(b'\t')),
        _ => Err(VectorsProblem::UnknownFormat),
    };
    raw.and_then(normalized).map_err(unusable)
}

/// Whether a column of that name says which row is which.
pub fn is_id_column(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "id",
        "ids",
        "_id",
        "doc_id",
        "document_id",
        "uuid",
        "unnamed: 0",
    ];
    NAMES.contains(&name.trim().to_lowercase().as_str())
}

fn row_name(row: usize, ids: Option<&[String]>) -> RowName {
    RowName {
        number: row + 1,
        id: ids.and_then(|ids| ids.get(row)).cloned(),
    }
}

/// Refuses what has no direction, and counts what had another length than 1.
fn normalized(raw: Raw) -> Result<ImportedVectors, VectorsProblem> {
    let Raw {
        mut rows,
        ids,
        mut notes,
    } = raw;
    if rows.is_empty() {
        return Err(VectorsProblem::Nothing);
    }
    let (mut n_scaled, mut n_zeros) = (0, 0);
    for (at, row) in rows.axis_iter_mut(Axis(0)).enumerate() {
        if let Some(position) = row.iter().position(|x| !x.is_finite()) {
            return Err(VectorsProblem::NotFinite {
                row: row_name(at, ids.as_deref()),
                position: position + 1,
                value: row[position],
            });
        }
        let length = length(row.view());
        if length == 0.0 {
            n_zeros += 1;
        } else if (length - 1.0).abs() > LENGTH_TOLERANCE {
            n_scaled += 1;
        }
        normalize(row);
    }
    let n = rows.nrows();
    let (vectors, were) = if n == 1 {
        ("vector", "was")
    } else {
        ("vectors", "were")
    };
    if n_scaled > 0 {
        notes.push(format!(
            "{n_scaled} of {n} {vectors} did not have length 1 and {were} scaled"
        ));
    }
    if n_zeros > 0 {
        notes.push(format!(
            "{n_zeros} of {n} {vectors} hold nothing but zeros; the cosine of such a row to every other is 0"
        ));
    }
    Ok(ImportedVectors { rows, ids, notes })
}

fn length(row: ArrayView1<'_, f32>) -> f64 {
    row.iter()
        .map(|x| f64::from(*x).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// Rows of one length behind each other, as a matrix.
fn matrix(values: Vec<f32>, n: usize, d: usize) -> Array2<f32> {
    Array2::from_shape_vec((n, d), values).expect("every row was checked to have this length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/vectors")
            .join(name)
    }

    /// What `make.py` puts into every file: rows of lengths 1, 5, 2 and 0.
    fn expected() -> Array2<f32> {
        array![
            [1.0, 0.0, 0.0],
            [0.0, 0.6, 0.8],
            [0.0, -1.0, 0.0],
            [0.0, 0.0, 0.0]
        ]
    }

    #[track_caller]
    fn check(name: &str, ids: Option<[&str; 4]>) {
        let found = read_vectors(&fixture(name)).unwrap();
        let difference = (&found.rows - &expected()).mapv(f32::abs);
        assert!(
            difference.iter().all(|x| *x < 2e-3),
            "{name}: {}",
            found.rows
        );
        assert_eq!(
            found.ids,
            ids.map(|ids| ids.map(str::to_owned).to_vec()),
            "{name}"
        );
        let scaled = "2 of 4 vectors did not have length 1 and were scaled";
        assert!(
            found.notes.iter().any(|note| note == scaled),
            "{name}: {:?}",
            found.notes
        );
        assert!(
            found
                .notes
                .iter()
                .any(|note| note.starts_with("1 of 4 vectors hold nothing"))
        );
    }

    #[track_caller]
    fn check_refused(name: &str, sentence: &str) {
        let error = read_vectors(&fixture(name)).unwrap_err().to_string();
        assert!(error.starts_with(sentence), "{name}: {error}");
        assert!(error.ends_with(name), "{error}");
    }

    #[test]
    fn what_numpy_writes_is_read() {
        for name in ["f2.npy", "f4.npy", "f8.npy", "fortran.npy", "version2.npy"] {
            check(name, None);
        }
        check_refused("big-endian.npy", "the array holds “>f4”");
        check_refused("integers.npy", "the array holds “<i8”");
        check_refused("flat.npy", "the array has the shape (12,)");
        check_refused(
            "nan.npy",
            "row 3 holds a value that is not finite (NaN, at position 2)",
        );
        check_refused("empty.npy", "there are no vectors");
    }

    #[test]
    fn what_safetensors_writes_is_read() {
        for name in [
            "f2.safetensors",
            "bf16.safetensors",
            "f4.safetensors",
            "f8.safetensors",
            "named.safetensors",
        ] {
            check(name, None);
        }
        check_refused("two.safetensors", "there are several matrices in it (a, b)");
    }

    #[test]
    fn what_pyarrow_writes_is_read() {
        let ids = Some(["a", "b", "c", "d"]);
        check("list.parquet", ids);
        check("fixed.parquet", ids);
        check("halves.parquet", ids);
        check("columns.parquet", Some(["7", "8", "9", "10"]));
        check("no-id.parquet", None);
        check_refused(
            "ragged.parquet",
            "row 2 (id “b”) has 2 values where the rows before it have 3",
        );
        check_refused("missing.parquet", "row 3 (id “c”)");
        check_refused(
            "nan.parquet",
            "row 2 (id “b”) holds a value that is not finite",
        );
    }

    #[test]
    fn tables_are_read() {
        check("columns.csv", Some(["a", "b", "c", "d"]));
        check("lists.csv", Some(["a", "b", "c", "d"]));
        check("bare.csv", None);
        check("pandas.csv", Some(["0", "1", "2", "3"]));
        check("pandas-no-index.csv", None);
        check("tabs.tsv", Some(["a", "b", "c", "d"]));
        check_refused(
            "ragged.csv",
            "row 3 (id “c”) has 2 values where the rows before it have 3",
        );
        check_refused(
            "ragged-lists.csv",
            "row 2 (id “b”) has 4 values where the rows before it have 3",
        );
        check_refused(
            "nan.csv",
            "row 2 (id “b”) holds a value that is not finite (NaN, at position 3)",
        );
        check_refused(
            "words.csv",
            "row 2 (id “b”) holds “much” in column “x1”, which is not a number",
        );
        check_refused("no-numbers.csv", "no column of it holds numbers");
    }

    #[test]
    fn other_files_are_named_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let said = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, "something else").unwrap();
            read_vectors(&path).unwrap_err().to_string()
        };
        assert!(said("v.doc").starts_with("vectors are read from files that end in .npy"));
        assert!(said("v.npy").starts_with("this is not a .npy file, or it is damaged"));
        assert!(said("v.safetensors").starts_with("this is not a .safetensors file"));
        assert!(said("v.parquet").starts_with("this is not a Parquet file"));
        let gone = read_vectors(&folder.path().join("gone.npy")).unwrap_err();
        assert!(gone.to_string().starts_with("could not read"));
    }

    #[test]
    fn unit_vectors_are_read_without_a_note() {
        let raw = Raw {
            rows: array![[0.6, 0.8], [1.0, 0.0]],
            ids: None,
            notes: Vec::new(),
        };
        assert!(normalized(raw).unwrap().notes.is_empty());
    }
}
