//! Vectors as answers: JSON, JSON Lines, OpenAI's form, base64 and raw floats.
//!
//! JSON has the shortest digits that give the same 32-bit float back: some 5 kB a vector of 384,
//! where the raw floats take 1.5 kB and their base64 2 kB.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ndarray::ArrayView2;
use serde_json::Value;

/// `[[…], …]`, one list a row.
pub fn json_rows(rows: ArrayView2<'_, f32>, in_base64: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() * 13);
    list(&mut out, rows, in_base64);
    out
}

/// OpenAI's answer: every row with its index, the model's name and the tokens that were read.
pub fn openai_answer(
    rows: ArrayView2<'_, f32>,
    in_base64: bool,
    model: &str,
    n_tokens: usize,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() * 13);
    out.extend_from_slice(b"{\"object\":\"list\",\"data\":[");
    for (index, row) in rows.outer_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"object\":\"embedding\",\"index\":");
        out.extend_from_slice(index.to_string().as_bytes());
        out.extend_from_slice(b",\"embedding\":");
        vector(&mut out, row.as_slice().unwrap_or_default(), in_base64);
        out.push(b'}');
    }
    out.extend_from_slice(b"],\"model\":");
    json(&mut out, &model);
    let usage =
        format!(",\"usage\":{{\"prompt_tokens\":{n_tokens},\"total_tokens\":{n_tokens}}}}}");
    out.extend_from_slice(usage.as_bytes());
    out
}

/// One line for every line asked: the vector, or `{"id": …, "embedding": […]}` where the line had a
/// name.
pub fn line_answers(rows: ArrayView2<'_, f32>, ids: &[Option<Value>], in_base64: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() * 13);
    for (row, id) in rows.outer_iter().zip(ids) {
        let row = row.to_slice().unwrap_or_default();
        if let Some(id) = id {
            out.extend_from_slice(b"{\"id\":");
            json(&mut out, id);
            out.extend_from_slice(b",\"embedding\":");
            vector(&mut out, row, in_base64);
            out.push(b'}');
        } else {
            vector(&mut out, row, in_base64);
        }
        out.push(b'\n');
    }
    out
}

/// The floats of all rows behind each other, 4 bytes each, the lowest byte first.
pub fn little_endian(rows: ArrayView2<'_, f32>) -> Vec<u8> {
    rows.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// The floats that a base64 text stands for; `None` if it is none.
pub fn base64_floats(text: &str) -> Option<Vec<f32>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (floats, rest) = bytes.as_chunks::<4>();
    rest.is_empty()
        .then(|| floats.iter().map(|x| f32::from_le_bytes(*x)).collect())
}

fn list(out: &mut Vec<u8>, rows: ArrayView2<'_, f32>, in_base64: bool) {
    out.push(b'[');
    for (at, row) in rows.outer_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        vector(out, row.as_slice().unwrap_or_default(), in_base64);
    }
    out.push(b']');
}

fn vector(out: &mut Vec<u8>, row: &[f32], in_base64: bool) {
    if in_base64 {
        let bytes: Vec<u8> = row.iter().flat_map(|x| x.to_le_bytes()).collect();
        json(out, &STANDARD.encode(bytes));
    } else {
        json(out, &row);
    }
}

fn json(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    serde_json::to_writer(out, value).expect("strings, numbers and lists of them can be written");
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn rows() -> Array2<f32> {
        array![[0.1, -2.5e-8], [1.0 / 3.0, f32::MIN_POSITIVE]]
    }

    #[test]
    fn floats_come_back_to_the_bit() {
        let json: Vec<Vec<f32>> = serde_json::from_slice(&json_rows(rows().view(), false)).unwrap();
        assert_eq!(json, [rows().row(0).to_vec(), rows().row(1).to_vec()]);
        let base64: Vec<String> = serde_json::from_slice(&json_rows(rows().view(), true)).unwrap();
        assert_eq!(base64_floats(&base64[1]), Some(rows().row(1).to_vec()));
        assert_eq!(base64_floats("AAA"), None);
        assert_eq!(base64_floats("AAAA"), None);
        let raw = little_endian(rows().view());
        assert_eq!(raw.len(), 16);
        assert_eq!(raw[..4], 0.1f32.to_le_bytes());
    }

    #[test]
    fn lines_keep_their_names_and_their_number() {
        let ids = [Some(Value::from("a \"quoted\" name")), None];
        let lines = String::from_utf8(line_answers(rows().view(), &ids, false)).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 2);
        let first: Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(first["id"], "a \"quoted\" name");
        assert_eq!(first["embedding"].as_array().unwrap().len(), 2);
        assert!(serde_json::from_str::<Vec<f32>>(lines[1]).is_ok());
    }

    #[test]
    fn the_form_of_openai_is_complete() {
        let answer = openai_answer(rows().view(), false, "a \"model\"", 7);
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["data"][1]["index"], 1);
        assert_eq!(answer["data"][1]["embedding"].as_array().unwrap().len(), 2);
        assert_eq!(answer["model"], "a \"model\"");
        assert_eq!(answer["usage"]["total_tokens"], 7);
    }
}
