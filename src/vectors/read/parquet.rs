//! Apache Parquet: a column of lists, or a column per dimension. Read column by column, because a
//! row at a time would make an object of every number.

use bytes::Bytes;
use half::f16;
use parquet::basic::{LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::{Raw, VectorsProblem, is_id_column, matrix, row_name};

/// Names that say which of several columns of lists is meant, the first that is there.
const NAMES: [&str; 4] = ["embeddings", "embedding", "vectors", "vector"];

/// Values that are asked for at once.
const RECORDS: usize = 4096;

type Reader = SerializedFileReader<Bytes>;

/// Reads a whole file.
pub fn read(bytes: Vec<u8>) -> Result<Raw, VectorsProblem> {
    let file = Reader::new(Bytes::from(bytes)).map_err(|error| damaged(&error))?;
    let schema = file.metadata().file_metadata().schema_descr_ptr();
    let columns: Vec<&ColumnDescriptor> = schema.columns().iter().map(AsRef::as_ref).collect();
    let is_id = |column: &usize| {
        columns[*column].max_rep_level() == 0 && is_id_column(name(columns[*column]))
    };
    let id = (0..columns.len()).find(is_id);
    let ids = id.map(|id| texts(&file, id)).transpose()?;
    let ids_known = ids.as_deref();
    if let Some(column) = list_column(&columns)? {
        let note = format!("column “{}” was read as the vectors", name(columns[column]));
        let values = numbers(&file, column)?;
        let (rows, n, d) = lists(&values, columns[column].max_def_level(), ids_known)?;
        return Ok(Raw {
            rows: matrix(rows, n, d),
            ids,
            notes: vec![note],
        });
    }
    let chosen = number_columns(&columns, id);
    let (Some(first), Some(last)) = (chosen.first(), chosen.last()) else {
        return Err(VectorsProblem::Unsupported(
            "no column of it holds lists of numbers, or numbers".into(),
        ));
    };
    let note = format!(
        "{} columns of numbers, from “{}” to “{}”, were read as the vectors",
        chosen.len(),
        name(columns[*first]),
        name(columns[*last])
    );
    let n = usize::try_from(file.metadata().file_metadata().num_rows()).unwrap_or(0);
    let mut rows = ndarray::Array2::zeros((n, chosen.len()));
    for (mut target, column) in rows.columns_mut().into_iter().zip(&chosen) {
        let found = numbers(&file, *column)?;
        if let Some(at) = first_missing(&found, columns[*column].max_def_level()) {
            return Err(VectorsProblem::NotANumber {
                row: row_name(at, ids_known),
                column: name(columns[*column]).to_owned(),
                cell: String::new(),
            });
        }
        if found.values.len() != n {
            return Err(cut_off());
        }
        target.assign(&ndarray::ArrayView1::from(&found.values));
    }
    Ok(Raw {
        rows,
        ids,
        notes: vec![note],
    })
}

fn damaged(error: &ParquetError) -> VectorsProblem {
    VectorsProblem::Damaged {
        format: "Parquet",
        reason: error.to_string(),
    }
}

fn cut_off() -> VectorsProblem {
    VectorsProblem::Damaged {
        format: "Parquet",
        reason: "its columns differ in length".into(),
    }
}

/// The name of the column of the table that a column of values belongs to.
fn name(column: &ColumnDescriptor) -> &str {
    column.path().parts().first().map_or("", String::as_str)
}

fn is_float(column: &ColumnDescriptor) -> bool {
    match column.physical_type() {
        Type::FLOAT | Type::DOUBLE => true,
        Type::FIXED_LEN_BYTE_ARRAY => {
            matches!(column.logical_type_ref(), Some(LogicalType::Float16))
        }
        _ => false,
    }
}

/// The one column of lists of numbers, or the one whose name says so.
fn list_column(columns: &[&ColumnDescriptor]) -> Result<Option<usize>, VectorsProblem> {
    let is_list = |column: &usize| {
        let column = columns[*column];
        column.max_rep_level() == 1 && is_float(column)
    };
    let found: Vec<usize> = (0..columns.len()).filter(is_list).collect();
    let called = |wanted: &&str| {
        let mut found = found.iter().copied();
        found.find(|column| name(columns[*column]).eq_ignore_ascii_case(wanted))
    };
    match found[..] {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => NAMES.iter().find_map(called).map(Some).ok_or_else(|| {
            let names: Vec<&str> = found.iter().map(|column| name(columns[*column])).collect();
            VectorsProblem::Unsupported(format!(
                "several columns of it hold lists of numbers ({}); call the one that is meant “embedding”",
                names.join(", ")
            ))
        }),
    }
}

/// All columns of floats, or for want of these all of integers.
fn number_columns(columns: &[&ColumnDescriptor], id: Option<usize>) -> Vec<usize> {
    let those = |wanted: fn(&ColumnDescriptor) -> bool| {
        let flat = (0..columns.len()).filter(|at| columns[*at].max_rep_level() == 0);
        let chosen = flat.filter(|at| Some(*at) != id && wanted(columns[*at]));
        chosen.collect::<Vec<_>>()
    };
    let floats = those(is_float);
    if floats.is_empty() {
        those(|column| matches!(column.physical_type(), Type::INT32 | Type::INT64))
    } else {
        floats
    }
}

/// What a column holds: the values that are there, and for every place the levels that tell where a
/// list begins and what is missing. Levels are empty where the schema leaves nothing to tell.
#[derive(Default)]
struct Column<T> {
    values: Vec<T>,
    definition: Vec<i16>,
    repetition: Vec<i16>,
}

impl<T> Column<T> {
    /// Adds what a part of the file holds, each value as `convert` says.
    fn extend<D: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<D>,
        convert: impl Fn(&D::T) -> T,
    ) -> Result<(), VectorsProblem> {
        let mut values = Vec::new();
        loop {
            values.clear();
            let (records, _, _) = reader
                .read_records(
                    RECORDS,
                    Some(&mut self.definition),
                    Some(&mut self.repetition),
                    &mut values,
                )
                .map_err(|error| damaged(&error))?;
            self.values.extend(values.iter().map(&convert));
            if records == 0 {
                return Ok(());
            }
        }
    }
}

fn readers(
    file: &Reader,
    column: usize,
) -> impl Iterator<Item = Result<ColumnReader, VectorsProblem>> + '_ {
    (0..file.num_row_groups()).map(move |group| {
        let group = file.get_row_group(group).map_err(|error| damaged(&error))?;
        group
            .get_column_reader(column)
            .map_err(|error| damaged(&error))
    })
}

fn numbers(file: &Reader, column: usize) -> Result<Column<f32>, VectorsProblem> {
    let mut out = Column::default();
    for reader in readers(file, column) {
        match reader? {
            ColumnReader::FloatColumnReader(reader) => out.extend(reader, |x| *x),
            ColumnReader::DoubleColumnReader(reader) => out.extend(reader, |x| *x as f32),
            ColumnReader::Int32ColumnReader(reader) => out.extend(reader, |x| *x as f32),
            ColumnReader::Int64ColumnReader(reader) => out.extend(reader, |x| *x as f32),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => out.extend(reader, |x| {
                let bytes = x.data().first_chunk().copied();
                bytes.map_or(f32::NAN, |bytes| f16::from_le_bytes(bytes).to_f32())
            }),
            _ => unreachable!("only columns of numbers are chosen"),
        }?;
    }
    Ok(out)
}

/// A column of ids; what is missing has an empty one.
fn texts(file: &Reader, column: usize) -> Result<Vec<String>, VectorsProblem> {
    let mut out = Column::default();
    for reader in readers(file, column) {
        match reader? {
            ColumnReader::ByteArrayColumnReader(reader) => {
                out.extend(reader, |x| String::from_utf8_lossy(x.data()).into_owned())
            }
            ColumnReader::Int32ColumnReader(reader) => out.extend(reader, ToString::to_string),
            ColumnReader::Int64ColumnReader(reader) => out.extend(reader, ToString::to_string),
            _ => Err(VectorsProblem::Unsupported(
                "the ids in it are neither texts nor whole numbers".into(),
            )),
        }?;
    }
    if out.definition.is_empty() {
        return Ok(out.values);
    }
    let mut values = out.values.into_iter();
    let top = out.definition.iter().copied().max().unwrap_or(0).max(1);
    let each = out.definition.iter();
    Ok(each
        .map(|level| if *level == top { values.next() } else { None }.unwrap_or_default())
        .collect())
}

fn first_missing(column: &Column<f32>, top: i16) -> Option<usize> {
    column.definition.iter().position(|level| *level < top)
}

/// Lists of one length behind each other, how many there are, and their length.
fn lists(
    column: &Column<f32>,
    top: i16,
    ids: Option<&[String]>,
) -> Result<(Vec<f32>, usize, usize), VectorsProblem> {
    let levels = column.definition.iter().zip(&column.repetition);
    let mut lengths: Vec<usize> = Vec::new();
    for (definition, repetition) in levels {
        if *repetition == 0 {
            lengths.push(0);
        }
        let row = lengths.len().saturating_sub(1);
        if *definition == top {
            *lengths.last_mut().ok_or_else(cut_off)? += 1;
        } else if *repetition > 0 || *definition + 1 == top {
            let of_row = row_name(row, ids);
            return Err(VectorsProblem::Unsupported(format!(
                "{of_row} has no value in a place of its list, or no list at all; mend that row or leave it out"
            )));
        }
    }
    let expected = lengths.first().copied().unwrap_or(0);
    if let Some(row) = lengths.iter().position(|found| *found != expected) {
        return Err(VectorsProblem::Ragged {
            row: row_name(row, ids),
            found: lengths[row],
            expected,
        });
    }
    let n = lengths.len();
    if column.values.len() != n * expected {
        return Err(cut_off());
    }
    Ok((column.values.clone(), n, expected))
}
