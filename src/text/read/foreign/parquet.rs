//! Apache Parquet: a table, one document per row.

use bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;

use super::super::Reason;
use super::Sheet;

/// Reads all rows; the first of the sheet holds the names of the columns.
pub fn read(bytes: &[u8]) -> Result<Sheet, Reason> {
    let damaged = |error| Reason(format!("a damaged Parquet file ({error})"));
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(damaged)?;
    let columns = reader.metadata().file_metadata().schema().get_fields();
    let names: Vec<String> = columns
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    let mut rows = vec![names];
    for row in reader.get_row_iter(None).map_err(damaged)? {
        let row = row.map_err(damaged)?;
        rows.push(
            row.get_column_iter()
                .map(|(_, field)| cell(field))
                .collect(),
        );
    }
    Ok(Sheet {
        name: String::new(),
        rows,
    })
}

fn cell(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        // Some writers do not say that their bytes are text.
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::ListInternal(list) => list
            .elements()
            .iter()
            .map(cell)
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}
