//! CSV and TSV: one document per row; and what every format with rows shares.

use std::path::Path;

use super::super::document::{Document, Place, Skipped, Source};
use super::super::language::language;
use super::draft::Draft;
use super::foreign::Sheet;
use super::{Found, ReadRule, Reason, plain};
use crate::message::count;

/// Rows with named columns. A row may lack cells at its end.
#[derive(Debug, Default)]
pub struct Table {
    /// Column names.
    pub columns: Vec<String>,
    /// Row number, counted from 1, and its cells.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// Reads a table whose cells are parted by commas, semicolons, tabs or bars, whichever its first line
/// has most of.
pub fn read(path: &Path, text: &str, rule: &ReadRule) -> Result<Found, Reason> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Reason(format!("not a readable table ({error})")))?;
        records.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
    }
    let mut notes = Vec::new();
    let table = with_header(records, path, &mut notes);
    let mut found = documents(path, &table, rule)?;
    found.notes.splice(0..0, notes);
    Ok(found)
}

fn delimiter(text: &str) -> u8 {
    let first_line = text.lines().next().unwrap_or_default().as_bytes();
    let candidates = [b',', b';', b'\t', b'|'];
    let n = |mark: u8| first_line.split(|b| *b == mark).count();
    // The first of equals wins, so a comma is the default.
    candidates
        .into_iter()
        .rev()
        .max_by_key(|mark| n(*mark))
        .unwrap_or(b',')
}

/// Takes the first row as names, if it looks like names, and gives names to cells beyond it.
fn with_header(mut records: Vec<Vec<String>>, path: &Path, notes: &mut Vec<String>) -> Table {
    let width = records.iter().map(Vec::len).max().unwrap_or(0);
    let has_header = records.first().is_some_and(|row| looks_like_names(row));
    let mut columns = if has_header {
        records.remove(0)
    } else {
        Vec::new()
    };
    let named = columns.len();
    columns.extend((named..width).map(|i| format!("column {}", i + 1)));
    if has_header {
        let n_ragged = records.iter().filter(|row| row.len() != named).count();
        if n_ragged > 0 {
            let rows = count(n_ragged, "row");
            notes.push(format!(
                "{rows} longer or shorter than the header, read all the same: {}",
                path.display()
            ));
        }
    } else {
        notes.push(format!(
            "no row of column names, so every row was read: {}",
            path.display()
        ));
    }
    let rows = records
        .into_iter()
        .enumerate()
        .map(|(i, row)| (i + 1, row))
        .collect();
    Table { columns, rows }
}

fn looks_like_names(row: &[String]) -> bool {
    let is_name = |cell: &String| {
        !cell.trim().is_empty() && cell.chars().count() <= 64 && cell.trim().parse::<f64>().is_err()
    };
    let mut sorted: Vec<&String> = row.iter().collect();
    sorted.sort();
    sorted.dedup();
    row.iter().all(is_name) && sorted.len() == row.len()
}

/// Texts in one column of this length on average, and a sheet is a table of texts.
const MIN_MEAN_CHARS: usize = 30;
/// Fewer rows are no table of texts.
const MIN_ROWS: usize = 3;

/// Whether the rows of a sheet are documents of their own, as those of a survey or a catalog are:
/// names in the first row, and a column of texts.
pub fn is_table_of_texts(rows: &[Vec<String>]) -> bool {
    let [header, rows @ ..] = rows else {
        return false;
    };
    if !looks_like_names(header) || rows.len() < MIN_ROWS {
        return false;
    }
    let n_chars = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.trim().chars().count()).sum::<usize>()
    };
    let longest = (0..header.len()).map(n_chars).max();
    longest.is_some_and(|n| n >= MIN_MEAN_CHARS * rows.len())
}

/// A workbook: each sheet that is a table of texts gives a document per row, and all others together
/// one document.
pub fn workbook(path: &Path, sheets: Vec<Sheet>, rule: &ReadRule) -> Result<Found, Reason> {
    let mut found = Found::default();
    let mut rest = Draft::default();
    let is_one = sheets.len() == 1;
    for sheet in sheets {
        if is_table_of_texts(&sheet.rows) {
            let mut rows = documents(path, &named(sheet.rows), rule)?;
            if !is_one {
                for document in &mut rows.documents {
                    document.metadata.insert("sheet".into(), sheet.name.clone());
                }
            }
            found.documents.extend(rows.documents);
            found.skipped.extend(rows.skipped);
            found.notes.extend(rows.notes);
            continue;
        }
        if !is_one {
            rest.mark(Place::Sheet(sheet.name));
        }
        for row in sheet.rows {
            let cells = row
                .iter()
                .map(|cell| cell.trim())
                .filter(|cell| !cell.is_empty());
            rest.end_line();
            rest.push_words(&cells.collect::<Vec<_>>().join(" "));
        }
    }
    if rest.text.chars().any(char::is_alphanumeric) {
        found
            .documents
            .push(rest.into_document(Source::File(path.to_owned()), path)?);
    }
    if found.documents.is_empty() && found.skipped.is_empty() {
        return Err("a workbook without words".into());
    }
    Ok(found)
}

/// The table in rows of which the first holds names.
pub fn named(mut rows: Vec<Vec<String>>) -> Table {
    if rows.is_empty() {
        return Table::default();
    }
    let mut columns = rows.remove(0);
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    columns.extend((columns.len()..width).map(|i| format!("column {}", i + 1)));
    let rows = rows
        .into_iter()
        .enumerate()
        .map(|(i, row)| (i + 1, row))
        .collect();
    Table { columns, rows }
}

/// One document per row; rows without text are listed.
pub fn documents(path: &Path, table: &Table, rule: &ReadRule) -> Result<Found, Reason> {
    if table.rows.is_empty() {
        return Err("a table without rows".into());
    }
    let text_column = text_column(table, rule)?;
    let title_column = title_column(table, text_column);
    let mut found = Found::default();
    for (row, cells) in &table.rows {
        let source = Source::Row {
            file: path.to_owned(),
            row: *row,
        };
        let cell = |column: usize| cells.get(column).map_or("", |cell| cell.trim());
        let text = cell(text_column);
        let title = title_column
            .map(cell)
            .filter(|title| !title.is_empty())
            .unwrap_or(text);
        let named = table.columns.iter().zip(cells).enumerate();
        let metadata = named
            .filter(|(column, (_, cell))| *column != text_column && !cell.trim().is_empty())
            .map(|(_, (name, cell))| (name.clone(), cell.trim().to_owned()))
            .collect();
        match plain::titled(
            plain::opening(title),
            text.to_owned(),
            source.clone(),
            metadata,
        ) {
            Ok(document) => found.documents.push(Document {
                language: language(&document.text),
                ..document
            }),
            Err(_) => found.skipped.push(Skipped {
                source,
                reason: "no text in this row".into(),
            }),
        }
    }
    // Said even of a single column: its name may have been meant as a text.
    let name = &table.columns[text_column];
    found.notes.push(format!(
        "column “{name}” was read as the text: {}",
        path.display()
    ));
    Ok(found)
}

/// The named column, or the one that is longest on average.
fn text_column(table: &Table, rule: &ReadRule) -> Result<usize, Reason> {
    if let Some(name) = &rule.text_column {
        let wanted = name.to_lowercase();
        let found = table
            .columns
            .iter()
            .position(|column| column.to_lowercase() == wanted);
        let columns = table.columns.join(", ");
        return found.ok_or_else(|| Reason(format!("no column “{name}”; it has: {columns}")));
    }
    let length = |column: usize| {
        let cells = table.rows.iter().filter_map(|(_, cells)| cells.get(column));
        let texts = cells.filter(|cell| !is_numbers(cell));
        texts.map(|cell| cell.chars().count()).sum::<usize>()
    };
    // Reversed, so that the first of equally long columns wins.
    let columns = (0..table.columns.len()).rev();
    columns
        .max_by_key(|column| length(*column))
        .ok_or_else(|| "a table without columns".into())
}

/// Whether a cell holds several numbers, as of a vector, which is longer than most texts and is none.
pub fn is_numbers(cell: &str) -> bool {
    let inside = cell.trim().trim_start_matches('[').trim_end_matches(']');
    let words = || {
        let words = inside.split(|c: char| c == ',' || c.is_whitespace());
        words.filter(|word| !word.is_empty())
    };
    words().nth(1).is_some() && words().all(|word| word.parse::<f32>().is_ok())
}

fn title_column(table: &Table, text_column: usize) -> Option<usize> {
    const NAMES: [&str; 4] = ["title", "name", "subject", "headline"];
    let at = |name: &str| {
        table
            .columns
            .iter()
            .position(|column| column.to_lowercase() == name)
    };
    NAMES
        .iter()
        .find_map(|name| at(name))
        .filter(|column| *column != text_column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Found {
        read(Path::new("t.csv"), text, &ReadRule::default()).unwrap()
    }

    #[test]
    fn the_longest_column_is_the_text_and_the_rest_is_metadata() {
        let found = found("id;title;body\n1;Tea;\"Hot; with milk, please\"\n2;;Cold water now\n");
        let first = &found.documents[0];
        assert_eq!(
            (first.title.as_str(), first.text.as_str()),
            ("Tea", "Hot; with milk, please")
        );
        assert_eq!(first.metadata["id"], "1");
        assert_eq!(found.documents[1].title, "Cold water now");
        assert!(found.notes[0].contains("“body”"));
    }

    #[test]
    fn the_text_column_can_be_named() {
        let rule = |name: &str| ReadRule {
            text_column: Some(name.into()),
            ..ReadRule::default()
        };
        let table = "note,long\nshort,a much longer text\n";
        let found = read(Path::new("t.csv"), table, &rule("Note")).unwrap();
        assert_eq!(found.documents[0].text, "short");
        let Reason(reason) = read(Path::new("t.csv"), table, &rule("body")).unwrap_err();
        assert_eq!(reason, "no column “body”; it has: note, long");
    }

    #[test]
    fn ragged_rows_lose_nothing_and_are_counted() {
        let found = found("text,mark\nOne longer text\nTwo longer texts,2,more\n");
        assert_eq!(found.documents.len(), 2);
        assert_eq!(found.documents[1].metadata["column 3"], "more");
        assert!(found.notes[0].starts_with("2 rows longer or shorter"));
    }

    #[test]
    fn numbers_are_no_header() {
        assert_eq!(found("1,Some text\n2,More text\n").documents.len(), 2);
    }
}
