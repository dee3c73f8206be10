//! What was decided about duplicates, for spreadsheets and scripts.

use csv::Writer;

use crate::session::{Session, Standing};

/// `group, path, title, decision, similarity, suggested_original, suggested_because` of every item
/// that says the same as another; `None` before duplicates were looked for. Similarity is the cosine
/// to the suggested original. A decision is `keep`, `ignore`, `tag`, or `not duplicates` for a whole
/// group, and empty before there is one.
pub fn decisions(session: &Session) -> Option<Vec<u8>> {
    let (items, found) = (session.items()?, session.duplicates()?);
    let mut out = Writer::from_writer(Vec::new());
    let header = [
        "group",
        "path",
        "title",
        "decision",
        "similarity",
        "suggested_original",
        "suggested_because",
    ];
    out.write_record(header).expect("memory takes any bytes");
    for (number, group) in found.groups.iter().enumerate() {
        let are_apart = session.standing(group) == Standing::Apart;
        for item in &group.items {
            let is_original = *item == group.original;
            let decision = match session.decision(*item) {
                _ if are_apart => "not duplicates".to_owned(),
                Some(decision) => decision.name().to_lowercase(),
                None => String::new(),
            };
            let cosine = items.embeddings().cosine(group.original, *item);
            let because = is_original.then(|| group.original_by.told());
            let record = [
                (number + 1).to_string(),
                harmless(items.document(*item).source.to_string()),
                harmless(items.title(*item).into_owned()),
                decision,
                format!("{cosine:.6}"),
                is_original.to_string(),
                because.unwrap_or_default(),
            ];
            out.write_record(record).expect("memory takes any bytes");
        }
    }
    out.into_inner().ok()
}

/// A text that no spreadsheet takes for a formula: one that begins like it gets an apostrophe.
fn harmless(text: String) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(text.into()), format!("'{text}"));
        }
        for text in ["", "notes.txt", "/a/b-c.txt", "1=1"] {
            assert_eq!(harmless(text.into()), text);
        }
    }
}
