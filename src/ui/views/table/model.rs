//! Columns and rows of the table: which are shown, how wide, and what a click with a key means.

use std::collections::BTreeSet;

use crate::message::{count, grouped};
use crate::session::{Column, Rows, Sorting};
use crate::text::FieldKind;

/// The columns that are shown.
pub fn shown(all: Vec<Column>, hidden: &BTreeSet<Column>) -> Vec<Column> {
    let mut shown = all;
    shown.retain(|column| !hidden.contains(column));
    shown
}

/// How wide a column begins.
pub fn width(column: &Column, kind: FieldKind) -> f32 {
    match column {
        Column::Title => 260.0,
        Column::Source => 220.0,
        Column::Cluster => 180.0,
        Column::Tags | Column::Folder => 120.0,
        Column::FileType => 56.0,
        _ if kind == FieldKind::Text => 120.0,
        _ => 88.0,
    }
}

/// Its name, with a sign when the table is sorted by it.
pub fn heading(column: &Column, sorting: Option<&Sorting>) -> String {
    let name = column.name();
    match sorting.filter(|sorting| sorting.column == *column) {
        Some(sorting) if sorting.is_descending => format!("{name} ↓"),
        Some(_) => format!("{name} ↑"),
        None => name.to_owned(),
    }
}

/// What a click on a heading asks for: up, then down, then no order of its own. Numbers begin with the
/// greatest.
pub fn next_sorting(column: &Column, kind: FieldKind, now: Option<&Sorting>) -> Option<Sorting> {
    let first = kind == FieldKind::Number;
    let is_descending = match now.filter(|now| now.column == *column) {
        None => first,
        Some(now) if now.is_descending == first => !first,
        Some(_) => return None,
    };
    Some(Sorting {
        column: column.clone(),
        is_descending,
    })
}

/// The items from one to another as the table lists them, both included; empty if one is not listed.
pub fn stretch(order: &[usize], from: usize, to: usize) -> Vec<usize> {
    let place = |item: usize| order.iter().position(|other| *other == item);
    let (Some(a), Some(b)) = (place(from), place(to)) else {
        return Vec::new();
    };
    order[a.min(b)..=a.max(b)].to_vec()
}

/// The item that is so many rows below another; the first without one, and never beyond the ends.
pub fn moved(order: &[usize], from: Option<usize>, by: isize) -> Option<usize> {
    let place = from.and_then(|item| order.iter().position(|other| *other == item));
    let place = match place {
        Some(place) => place
            .saturating_add_signed(by)
            .min(order.len().checked_sub(1)?),
        None => 0,
    };
    order.get(place).copied()
}

/// How many are listed, and how many are not.
pub fn told(rows: &Rows, n_chosen: usize) -> String {
    let listed = match rows.n_left_out {
        0 => count(rows.order.len(), "row"),
        n => format!(
            "{} of {}",
            grouped(rows.order.len()),
            count(rows.order.len() + n, "row")
        ),
    };
    match n_chosen {
        0 => listed,
        n => format!("{listed} · {} chosen", grouped(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ItemSet;

    fn sorting(column: Column, is_descending: bool) -> Sorting {
        Sorting {
            column,
            is_descending,
        }
    }

    #[test]
    fn a_heading_is_clicked_through() {
        let next =
            |column: &Column, kind, now: Option<Sorting>| next_sorting(column, kind, now.as_ref());
        let title = Column::Title;
        let first = next(&title, FieldKind::Text, None);
        assert_eq!(first, Some(sorting(Column::Title, false)));
        let second = next(&title, FieldKind::Text, first);
        assert_eq!(second, Some(sorting(Column::Title, true)));
        assert_eq!(heading(&title, second.as_ref()), "Title ↓");
        assert_eq!(next(&title, FieldKind::Text, second), None);
        // Of numbers the greatest are wanted first.
        let other = Some(sorting(Column::Title, true));
        let numbers = next(&Column::Tokens, FieldKind::Number, other);
        assert_eq!(numbers, Some(sorting(Column::Tokens, true)));
        assert_eq!(
            next(&Column::Tokens, FieldKind::Number, numbers),
            Some(sorting(Column::Tokens, false))
        );
        assert_eq!(heading(&title, None), "Title");
    }

    #[test]
    fn a_stretch_is_as_the_table_lists_it() {
        let order = [4, 2, 7, 1];
        assert_eq!(stretch(&order, 1, 2), [2, 7, 1]);
        assert_eq!(stretch(&order, 7, 7), [7]);
        assert!(stretch(&order, 7, 3).is_empty());
    }

    #[test]
    fn keys_move_by_rows_and_stop_at_the_ends() {
        let order = [4, 2, 7];
        assert_eq!(moved(&order, None, 1), Some(4));
        assert_eq!(moved(&order, Some(4), 1), Some(2));
        assert_eq!(moved(&order, Some(2), -5), Some(4));
        assert_eq!(moved(&order, Some(2), 5), Some(7));
        // What is not listed is left for the first.
        assert_eq!(moved(&order, Some(9), 1), Some(4));
        assert_eq!(moved(&[], Some(9), 1), None);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut rows = Rows {
            order: vec![0, 1],
            passing: ItemSet::all(2),
            n_left_out: 0,
        };
        assert_eq!(told(&rows, 0), "2 rows");
        rows.n_left_out = 1_200;
        assert_eq!(told(&rows, 1), "2 of 1,202 rows · 1 chosen");
    }
}
