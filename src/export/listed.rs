//! The table as it is listed.

use csv::Writer;

use crate::session::{Cell, Column, Session};

/// All columns of the items that pass the filters, in the order of the table, or of the chosen ones
/// among them if any are; `None` before there are any. Scores are written in full.
pub fn listed(session: &Session) -> Option<Vec<u8>> {
    let (facts, rows) = (session.facts()?, session.rows()?);
    let chosen = &session.selection.chosen;
    let columns = facts.columns();
    let mut out = Writer::from_writer(Vec::new());
    let names = columns.iter().map(Column::name);
    out.write_record(names).expect("memory takes any bytes");
    let is_wanted = |item: &&usize| chosen.is_empty() || chosen.contains(**item);
    for item in rows.order.iter().filter(is_wanted) {
        let cells = columns
            .iter()
            .map(|column| match facts.cell(column, *item) {
                Cell::Score(score) => score.to_string(),
                cell => cell.to_string(),
            });
        out.write_record(cells).expect("memory takes any bytes");
    }
    out.into_inner().ok()
}
