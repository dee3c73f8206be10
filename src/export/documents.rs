//! The table of documents in every format: what a row holds, as JSON Lines and as Parquet.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use serde::Serialize;

use crate::analysis::Projection;
use crate::session::{Clusters, Items, Neighborhood};

/// One item; row `i` is row `i` of the vectors.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DocumentRow<'a> {
    /// Its number, from 0.
    pub id: usize,
    /// A name for people.
    pub title: Cow<'a, str>,
    /// Where it came from.
    pub source: String,
    /// Tokens of its text.
    pub tokens: usize,
    /// The cluster it is in; noise is in none.
    pub cluster: Option<usize>,
    /// Cosine of its nearest neighbor, if there is another item.
    pub nearest: Option<f32>,
    /// One minus the mean cosine to its five nearest, 0 to 2: high for what stands alone.
    pub outlier: f32,
    /// Place on the map.
    pub x: f32,
    /// Place on the map.
    pub y: f32,
    /// The third axis, on maps that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub z: Option<f32>,
    /// The other columns of its table row, or what its file says about itself.
    pub metadata: &'a BTreeMap<String, String>,
}

/// All items.
pub fn rows<'a>(
    items: Items<'a>,
    projection: &Projection,
    clusters: &Clusters,
    neighborhood: &Neighborhood,
) -> Vec<DocumentRow<'a>> {
    let points = &projection.points;
    let row = |item: usize| DocumentRow {
        id: item,
        title: items.title(item),
        source: items.document(item).source.to_string(),
        tokens: items.n_tokens(item),
        cluster: clusters.clustering.labels[item],
        nearest: neighborhood.graph.of(item).first().map(|near| near.cosine),
        outlier: neighborhood.outlier_scores[item],
        x: points[[item, 0]],
        y: points[[item, 1]],
        z: points.get([item, 2]).copied(),
        metadata: &items.document(item).metadata,
    };
    (0..items.n()).map(row).collect()
}

/// An object per line; `metadata` is an object too.
pub fn jsonl(rows: &[DocumentRow<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut out, row).expect("plain values can be written as JSON");
        out.push(b'\n');
    }
    out
}

/// A Parquet file with the same columns; `metadata` is the text of a JSON object.
pub fn parquet(rows: &[DocumentRow<'_>]) -> Vec<u8> {
    written(rows).expect("a table of plain columns can be written to memory")
}

fn written(rows: &[DocumentRow<'_>]) -> Result<Vec<u8>, ParquetError> {
    let has_z = rows.first().is_some_and(|row| row.z.is_some());
    let rule = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema(has_z)?, Arc::new(rule))?;
    let mut group = file.next_row_group()?;
    let text = |text: &str| ByteArray::from(text.as_bytes().to_vec());
    let json = |row: &DocumentRow<'_>| {
        serde_json::to_string(row.metadata).expect("a map of texts can be written as JSON")
    };
    column::<Int64Type>(&mut group, rows.iter().map(|row| Some(whole(row.id))))?;
    column::<ByteArrayType>(&mut group, rows.iter().map(|row| Some(text(&row.title))))?;
    column::<ByteArrayType>(&mut group, rows.iter().map(|row| Some(text(&row.source))))?;
    column::<Int64Type>(&mut group, rows.iter().map(|row| Some(whole(row.tokens))))?;
    let clusters = rows.iter().map(|row| row.cluster.map(whole));
    column::<Int64Type>(&mut group, clusters)?;
    column::<FloatType>(&mut group, rows.iter().map(|row| row.nearest))?;
    column::<FloatType>(&mut group, rows.iter().map(|row| Some(row.outlier)))?;
    column::<FloatType>(&mut group, rows.iter().map(|row| Some(row.x)))?;
    column::<FloatType>(&mut group, rows.iter().map(|row| Some(row.y)))?;
    if has_z {
        column::<FloatType>(&mut group, rows.iter().map(|row| row.z))?;
    }
    column::<ByteArrayType>(&mut group, rows.iter().map(|row| Some(text(&json(row)))))?;
    group.close()?;
    file.into_inner()
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).expect("nothing here is counted beyond memory")
}

/// Only the cluster and the nearest cosine may be missing, but a map of three axes is told by its first row alone, so `z`
/// may be as well.
fn schema(has_z: bool) -> Result<TypePtr, ParquetError> {
    let field = |name: &str, physical: Physical, repetition: Repetition| {
        let is_text = physical == Physical::BYTE_ARRAY;
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(is_text.then_some(LogicalType::String))
            .build();
        field.map(Arc::new)
    };
    let (required, optional) = (Repetition::REQUIRED, Repetition::OPTIONAL);
    let mut fields = vec![
        field("id", Physical::INT64, required)?,
        field("title", Physical::BYTE_ARRAY, required)?,
        field("source", Physical::BYTE_ARRAY, required)?,
        field("tokens", Physical::INT64, required)?,
        field("cluster", Physical::INT64, optional)?,
        field("nearest", Physical::FLOAT, optional)?,
        field("outlier", Physical::FLOAT, required)?,
        field("x", Physical::FLOAT, required)?,
        field("y", Physical::FLOAT, required)?,
    ];
    if has_z {
        fields.push(field("z", Physical::FLOAT, optional)?);
    }
    fields.push(field("metadata", Physical::BYTE_ARRAY, required)?);
    let schema = Type::group_type_builder("documents").with_fields(fields);
    schema.build().map(Arc::new)
}

/// Writes the next column of the schema.
fn column<D: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    cells: impl Iterator<Item = Option<D::T>>,
) -> Result<(), ParquetError> {
    let mut values = Vec::new();
    let mut levels: Vec<i16> = Vec::new();
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General(
            "more columns than the schema has".into(),
        ));
    };
    // Required columns pass over the levels, which are all 1.
    column
        .typed::<D>()
        .write_batch(&values, Some(&levels), None)?;
    column.close()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    fn example(metadata: &BTreeMap<String, String>, z: Option<f32>) -> Vec<DocumentRow<'_>> {
        let row = |id: usize, cluster| DocumentRow {
            id,
            title: format!("Title “{id}”").into(),
            source: format!("a.csv, row {}", id + 1),
            tokens: 7,
            cluster,
            nearest: Some(0.75),
            outlier: 0.5,
            x: 0.5,
            y: -0.25,
            z,
            metadata,
        };
        vec![row(0, Some(3)), row(1, None)]
    }

    #[test]
    fn json_lines_hold_every_row() {
        let metadata = BTreeMap::from([("year".to_owned(), "1999".to_owned())]);
        let written = String::from_utf8(jsonl(&example(&metadata, None))).unwrap();
        let first = r#"{"id":0,"title":"Title “0”","source":"a.csv, row 1","tokens":7,"cluster":3,"nearest":0.75,"outlier":0.5,"x":0.5,"y":-0.25,"metadata":{"year":"1999"}}"#;
        assert_eq!(written.lines().next(), Some(first));
        assert!(
            written
                .lines()
                .nth(1)
                .unwrap()
                .contains(r#""cluster":null"#)
        );
        let with_z = String::from_utf8(jsonl(&example(&metadata, Some(2.0)))).unwrap();
        assert!(with_z.contains(r#""y":-0.25,"z":2.0,"#));
    }

    #[test]
    fn parquet_holds_every_row() {
        let metadata = BTreeMap::from([("year".to_owned(), "1999".to_owned())]);
        for (z, n_columns) in [(None, 10), (Some(2.0), 11)] {
            let written = parquet(&example(&metadata, z));
            let reader = SerializedFileReader::new(Bytes::from(written)).unwrap();
            let rows: Vec<_> = reader
                .get_row_iter(None)
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert_eq!((rows.len(), rows[0].len()), (2, n_columns));
            let text = rows[0].to_string();
            assert!(
                text.contains("title: \"Title “0”\"") && text.contains("cluster: 3"),
                "{text}"
            );
            assert!(rows[1].to_string().contains("cluster: null"));
        }
        assert!(!parquet(&[]).is_empty());
    }
}
