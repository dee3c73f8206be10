//! CSV and TSV: a number per cell, or a whole vector in one cell as "[0.1, 0.2]".

use csv::StringRecord;

use super::{Raw, VectorsProblem, is_id_column, matrix, row_name};

/// Reads a whole file. Without `delimiter` the first line tells whether commas, semicolons or tabs
/// part its cells.
pub fn read(bytes: &[u8], delimiter: Option<u8>) -> Result<Raw, VectorsProblem> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or_else(|| most_frequent(bytes)))
        .flexible(true)
        .has_headers(false)
        .from_reader(bytes);
    let mut records = reader.records();
    let mut next = || records.next().transpose().map_err(|error| damaged(&error));
    let first = next()?.ok_or(VectorsProblem::Nothing)?;
    let has_names = is_header(&first);
    let sample = if has_names {
        next()?.ok_or(VectorsProblem::Nothing)?
    } else {
        first.clone()
    };
    let mut columns = Columns::of(has_names.then_some(&first), &sample)?;
    let mut record = Some(sample);
    while let Some(row) = record {
        columns.push(&row)?;
        record = next()?;
    }
    Ok(columns.into_raw())
}

fn damaged(error: &csv::Error) -> VectorsProblem {
    VectorsProblem::Damaged {
        format: "CSV",
        reason: error.to_string(),
    }
}

fn most_frequent(bytes: &[u8]) -> u8 {
    let first_line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let n = |mark: u8| first_line.split(|b| *b == mark).count();
    // The last of equals wins, so a comma is the default.
    let candidates = [b'\t', b';', b','];
    candidates
        .into_iter()
        .max_by_key(|mark| n(*mark))
        .unwrap_or(b',')
}

/// Whether a row names columns: no cell is a number or a vector, one is called as ids are, or they
/// count from 0, as pandas names what has no name. Two that do so may as well be a vector.
fn is_header(row: &StringRecord) -> bool {
    let cells: Vec<&str> = row.iter().map(str::trim).collect();
    let is_value = |cell: &&&str| number(cell).is_some() || vector(cell).is_some();
    let numbered = cells.iter().skip_while(|cell| !is_value(cell));
    let n_counted = numbered
        .enumerate()
        .take_while(|(i, cell)| **cell == i.to_string())
        .count();
    let n_values = cells.iter().filter(is_value).count();
    n_values == 0
        || cells.iter().any(|cell| is_id_column(cell))
        || (n_counted == n_values && n_values > 2)
}

fn number(cell: &str) -> Option<f32> {
    cell.trim().parse().ok()
}

/// The numbers of "[0.1, 0.2]"; also without commas, as numpy prints them.
fn vector(cell: &str) -> Option<Vec<f32>> {
    let inside = cell.trim().strip_prefix('[')?.strip_suffix(']')?;
    let words = inside.split(|c: char| c == ',' || c.is_whitespace());
    words.filter(|word| !word.is_empty()).map(number).collect()
}

enum Shape {
    /// These columns hold a number each.
    Numbers(Vec<usize>),
    /// This column holds whole vectors.
    Lists(usize),
}

struct Columns {
    names: Vec<String>,
    id: Option<usize>,
    shape: Shape,
    values: Vec<f32>,
    ids: Vec<String>,
    /// Rows so far, and the length of each.
    n: usize,
    d: usize,
}

impl Columns {
    /// Which columns hold what, by their names and the first row of values.
    fn of(header: Option<&StringRecord>, sample: &StringRecord) -> Result<Self, VectorsProblem> {
        let width = header.map_or(0, StringRecord::len).max(sample.len());
        let name = |column: usize| {
            let name = header.and_then(|header| header.get(column));
            name.map_or_else(|| format!("column {}", column + 1), str::to_owned)
        };
        let names: Vec<String> = (0..width).map(name).collect();
        // pandas writes its row numbers into a first column without a name.
        let is_index =
            |column: usize| column == 0 && header.is_some() && names[0].trim().is_empty();
        let id = (0..width).find(|column| is_id_column(&names[*column]) || is_index(*column));
        let cell = |column: usize| sample.get(column).unwrap_or_default();
        let others = || (0..width).filter(|column| Some(*column) != id);
        let shape = if let Some(column) = others().find(|column| vector(cell(*column)).is_some()) {
            Shape::Lists(column)
        } else {
            Shape::Numbers(
                others()
                    .filter(|column| number(cell(*column)).is_some())
                    .collect(),
            )
        };
        if matches!(&shape, Shape::Numbers(columns) if columns.is_empty()) {
            return Err(VectorsProblem::Unsupported(
                "no column of it holds numbers, and none holds vectors such as [0.1, 0.2]".into(),
            ));
        }
        Ok(Self {
            names,
            id,
            shape,
            values: Vec::new(),
            ids: Vec::new(),
            n: 0,
            d: 0,
        })
    }

    fn push(&mut self, record: &StringRecord) -> Result<(), VectorsProblem> {
        let id = self
            .id
            .map(|id| record.get(id).unwrap_or_default().trim().to_owned());
        self.ids.extend(id);
        let before = self.values.len();
        match &self.shape {
            Shape::Lists(column) => {
                let cell = record.get(*column).unwrap_or_default();
                let found = vector(cell).ok_or_else(|| self.not_a_number(*column, cell))?;
                self.values.extend(found);
            }
            Shape::Numbers(columns) => {
                let is_there = |column: &&usize| **column < record.len();
                let missing = columns.len() - columns.iter().filter(is_there).count();
                let beyond = record.len().saturating_sub(self.names.len());
                let found = columns.len() + beyond - missing;
                if found != columns.len() {
                    return Err(self.ragged(found, columns.len()));
                }
                for column in columns {
                    let cell = &record[*column];
                    let value = number(cell).ok_or_else(|| self.not_a_number(*column, cell))?;
                    self.values.push(value);
                }
            }
        }
        let found = self.values.len() - before;
        if self.n == 0 {
            self.d = found;
        } else if found != self.d {
            return Err(self.ragged(found, self.d));
        }
        self.n += 1;
        Ok(())
    }

    fn ragged(&self, found: usize, expected: usize) -> VectorsProblem {
        VectorsProblem::Ragged {
            row: row_name(self.n, Some(&self.ids)),
            found,
            expected,
        }
    }

    fn not_a_number(&self, column: usize, cell: &str) -> VectorsProblem {
        VectorsProblem::NotANumber {
            row: row_name(self.n, Some(&self.ids)),
            column: self.names[column].clone(),
            cell: cell.trim().chars().take(40).collect(),
        }
    }

    fn into_raw(self) -> Raw {
        let name = |column: &usize| self.names[*column].as_str();
        let note = match &self.shape {
            Shape::Lists(column) => format!("column “{}” was read as the vectors", name(column)),
            Shape::Numbers(columns) => match &columns[..] {
                [only] => format!("column “{}” was read as the vectors", name(only)),
                [first, .., last] => format!(
                    "{} columns of numbers, from “{}” to “{}”, were read as the vectors",
                    columns.len(),
                    name(first),
                    name(last)
                ),
                [] => String::new(),
            },
        };
        Raw {
            rows: matrix(self.values, self.n, self.d),
            ids: self.id.map(|_| self.ids),
            notes: vec![note],
        }
    }
}
