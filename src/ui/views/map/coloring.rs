//! Colors of points by any column, and what they mean.

use std::collections::BTreeMap;

use crate::export::N_GROUP_COLORS;
use crate::message::grouped;
use crate::session::{Cell, Column, Facts};
use crate::text::{FieldKind, date};

/// How a point is colored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shade {
    /// One of the groups; from the number of group colors on it is "other".
    Group(usize),
    /// A place between the lowest and the highest value, 0 to 1.
    Score(f32),
    /// Nothing stands there.
    Missing,
}

/// The colors of all points by one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Coloring {
    /// One for each item.
    pub of_item: Vec<Shade>,
    /// What they mean.
    pub legend: Legend,
}

/// What colors mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Legend {
    /// Each group with how many it has, the largest first; the last may be "other".
    Groups(Vec<(String, usize)>),
    /// The lowest value and the highest.
    Range(String, String),
}

/// Columns that colors can show: not those in which all differ.
pub fn columns(facts: &Facts) -> Vec<Column> {
    let mut columns = facts.columns();
    columns.retain(|column| !matches!(column, Column::Title | Column::Source));
    columns
}

/// The colors by a column: a scale for numbers and days, groups for words.
pub fn coloring(facts: &Facts, column: &Column) -> Coloring {
    if facts.kind(column) == FieldKind::Text {
        groups(facts, column)
    } else {
        scale(facts, column)
    }
}

fn groups(facts: &Facts, column: &Column) -> Coloring {
    let n = facts.items().n();
    let name = |item: usize| match facts.cell(column, item) {
        Cell::Missing => None,
        cell => Some(cell.to_string()),
    };
    let names: Vec<Option<String>> = (0..n).map(name).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names.iter().flatten() {
        *counts.entry(name).or_default() += 1;
    }
    let mut order: Vec<(&str, usize)> = counts.into_iter().collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let rank: BTreeMap<&str, usize> = order
        .iter()
        .enumerate()
        .map(|(i, (name, _))| (*name, i))
        .collect();
    let shade = |name: &Option<String>| match name {
        Some(name) => Shade::Group(rank[name.as_str()].min(N_GROUP_COLORS)),
        None => Shade::Missing,
    };
    let of_item = names.iter().map(shade).collect();
    let (named, rest) = order.split_at(order.len().min(N_GROUP_COLORS));
    let mut lines: Vec<(String, usize)> = named
        .iter()
        .map(|(name, n)| ((*name).to_owned(), *n))
        .collect();
    if !rest.is_empty() {
        let n = rest.iter().map(|(_, n)| n).sum();
        lines.push((format!("other ({})", grouped(rest.len())), n));
    }
    Coloring {
        of_item,
        legend: Legend::Groups(lines),
    }
}

fn scale(facts: &Facts, column: &Column) -> Coloring {
    let values = (0..facts.items().n()).map(|item| facts.cell(column, item).number());
    let values: Vec<Option<f64>> = values.collect();
    let known = values.iter().flatten();
    let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(*value), high.max(*value))
    });
    let span = if high > low { high - low } else { 1.0 };
    let shade = |value: &Option<f64>| match value {
        Some(value) => Shade::Score(((value - low) / span) as f32),
        None => Shade::Missing,
    };
    let told = |value: f64| match (facts.kind(column), column) {
        _ if !value.is_finite() => "–".to_owned(),
        (FieldKind::Date, _) => date(value as i64),
        (_, Column::Alone | Column::Nearest | Column::Found | Column::Saved(_)) => {
            format!("{value:.2}")
        }
        _ => format!("{value}"),
    };
    Coloring {
        of_item: values.iter().map(shade).collect(),
        legend: Legend::Range(told(low), told(high)),
    }
}
