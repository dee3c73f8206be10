//! Jupyter notebooks: the words and the code of all cells, without their output.

use serde_json::Value;

use super::draft::Draft;
use super::{Reason, markdown};
use crate::message::count;

/// Reads a notebook.
pub fn read(text: &str) -> Result<Draft, Reason> {
    let notebook: Value =
        serde_json::from_str(text).map_err(|error| Reason(format!("not valid JSON ({error})")))?;
    // The third version of the format keeps its cells on sheets.
    let cells = notebook["cells"]
        .as_array()
        .or_else(|| notebook["worksheets"][0]["cells"].as_array());
    let cells = cells.ok_or("JSON, but without the cells of a notebook")?;
    let mut draft = Draft::default();
    let mut n_outputs = 0;
    for cell in cells {
        let source = ["source", "input"]
            .iter()
            .find_map(|key| words(&cell[*key]))
            .unwrap_or_default();
        match cell["cell_type"].as_str() {
            Some("markdown" | "heading") => {
                let found = markdown::draft(&source);
                if draft.title.is_none() {
                    draft.title.clone_from(&found.title);
                }
                draft.append(&found);
            }
            _ => draft.lines(&source),
        }
        n_outputs += cell["outputs"].as_array().map_or(0, Vec::len);
    }
    if n_outputs > 0 {
        draft.notes.push(format!(
            "{} of a notebook left out",
            count(n_outputs, "output")
        ));
    }
    Ok(draft)
}

/// Text is one string or a list of lines.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(lines) => Some(lines.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_code_are_read_and_outputs_counted() {
        let notebook = r##"{"cells": [
            {"cell_type": "markdown", "source": ["# Tides\n", "Some *words*."]},
            {"cell_type": "code", "source": "x = 1\n  y", "outputs": [{"text": "noise"}]},
            {"cell_type": "raw", "source": []}]}"##;
        let draft = read(notebook).unwrap();
        assert_eq!(draft.text.trim(), "Tides\n\nSome words.\n\nx = 1\n  y");
        assert_eq!(draft.title.as_deref(), Some("Tides"));
        assert_eq!(draft.notes, ["1 output of a notebook left out"]);
        assert!(read("[1, 2]").is_err());
    }
}
