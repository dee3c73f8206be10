//! JSON: a list is a table with one document per entry, anything else one document; JSON Lines: one
//! entry per line.

use std::path::Path;

use serde_json::Value;

use super::super::document::{Skipped, Source};
use super::table::{self, Table};
use super::{Found, ReadRule, Reason};

/// Reads a whole file of JSON.
pub fn read(path: &Path, text: &str, rule: &ReadRule) -> Result<Found, Reason> {
    let value =
        serde_json::from_str(text).map_err(|error| Reason(format!("not valid JSON ({error})")))?;
    let entries = match value {
        Value::Array(entries) => entries,
        Value::Object(mut fields) => match sole_list(&fields) {
            Some(name) => match fields.remove(&name) {
                Some(Value::Array(entries)) => entries,
                _ => Vec::new(),
            },
            None => vec![Value::Object(fields)],
        },
        other => vec![other],
    };
    let rows = entries
        .into_iter()
        .enumerate()
        .map(|(i, entry)| (i + 1, entry));
    table::documents(path, &table(rows.collect()), rule)
}

/// Reads JSON Lines; a line that is not JSON is listed and the next one read.
pub fn read_lines(path: &Path, text: &str, rule: &ReadRule) -> Result<Found, Reason> {
    let mut entries = Vec::new();
    let mut skipped = Vec::new();
    for (i, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        match serde_json::from_str(line) {
            Ok(entry) => entries.push((i + 1, entry)),
            Err(error) => skipped.push(Skipped {
                source: Source::Row {
                    file: path.to_owned(),
                    row: i + 1,
                },
                reason: format!("not valid JSON ({error})"),
            }),
        }
    }
    if entries.is_empty() {
        return Err("no line of it is valid JSON".into());
    }
    let mut found = table::documents(path, &table(entries), rule)?;
    found.skipped.extend(skipped);
    Ok(found)
}

/// The name of the one field that holds a list of objects, as exports often wrap their rows.
fn sole_list(fields: &serde_json::Map<String, Value>) -> Option<String> {
    let is_list = |value: &Value| matches!(value, Value::Array(list) if list.first().is_some_and(Value::is_object));
    let mut lists = fields.iter().filter(|(_, value)| is_list(value));
    let (name, _) = lists.next()?;
    lists.next().is_none().then(|| name.clone())
}

fn table(entries: Vec<(usize, Value)>) -> Table {
    let mut table = Table::default();
    for (row, entry) in entries {
        let mut cells = Vec::new();
        let fields = match entry {
            Value::Object(fields) => fields,
            other => [("text".to_owned(), other)].into_iter().collect(),
        };
        for (name, value) in fields {
            let column = table
                .columns
                .iter()
                .position(|column| *column == name)
                .unwrap_or_else(|| {
                    table.columns.push(name);
                    table.columns.len() - 1
                });
            cells.resize(cells.len().max(column + 1), String::new());
            cells[column] = cell(value);
        }
        table.rows.push((row, cells));
    }
    table
}

fn cell(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(found: &Found) -> Vec<&str> {
        found
            .documents
            .iter()
            .map(|document| document.text.as_str())
            .collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = read(Path::new("t.json"), text, &ReadRule::default()).unwrap();
        assert_eq!(texts(&found), expected);
    }

    #[test]
    fn lists_are_rows_and_objects_are_documents() {
        check(
            r#"[{"a": 1, "t": "first text"}, {"t": "second", "b": true}]"#,
            &["first text", "second"],
        );
        check(r#"["one", "two"]"#, &["one", "two"]);
        check(
            r#"{"title": "x", "body": "only one text"}"#,
            &["only one text"],
        );
        check(
            r#"{"count": 2, "rows": [{"t": "first"}, {"t": "second"}]}"#,
            &["first", "second"],
        );
    }

    #[test]
    fn a_bad_line_is_listed_and_the_next_is_read() {
        let lines = "{\"t\": \"one\"}\n{broken\n\n{\"t\": \"two\"}\n";
        let found = read_lines(Path::new("t.jsonl"), lines, &ReadRule::default()).unwrap();
        assert_eq!(texts(&found), ["one", "two"]);
        assert_eq!(found.skipped[0].source.to_string(), "t.jsonl, row 2");
    }
}
