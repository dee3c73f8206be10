//! Colors of points by any column, and what they mean.

use std::collections::BTreeMap;

use crate::analysis::{MapQuality, scores};
use crate::export::N_GROUP_COLORS;
use crate::message::grouped;
use crate::session::{Cell, Column, Facts};
use crate::text::{FieldKind, date};

/// What colors the points.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum ColorBy {
    /// Its cluster; the legend is that of the clusters.
    #[default]
    Cluster,
    /// What stands in a column.
    Column(Column),
    /// Cosine to the item that is selected.
    Likeness,
    /// The same, less the mean of all.
    Difference,
    /// How many of its nearest lie near on the map.
    Trust,
}

impl ColorBy {
    /// What a person calls it.
    pub fn name(&self) -> &str {
        match self {
            Self::Cluster => Column::Cluster.name(),
            Self::Column(column) => column.name(),
            Self::Likeness => "Likeness to selected",
            Self::Difference => "Likeness, less the mean",
            Self::Trust => "Local trust",
        }
    }

    /// Its name in files.
    pub fn key(&self) -> String {
        match self {
            Self::Cluster => "cluster".into(),
            Self::Likeness => "likeness".into(),
            Self::Difference => "difference".into(),
            Self::Trust => "trust".into(),
            Self::Column(column) => format!("column {}", column.key()),
        }
    }

    /// What has that name; one that is not known is of a newer version.
    pub fn from_key(key: &str) -> Option<Self> {
        if let Some(key) = key.strip_prefix("column ") {
            return Column::from_key(key).map(Self::Column);
        }
        let named = [Self::Cluster, Self::Likeness, Self::Difference, Self::Trust];
        named.into_iter().find(|color_by| color_by.key() == key)
    }

    /// What it means.
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::Cluster => Column::Cluster.meaning(),
            Self::Column(column) => column.meaning(),
            Self::Likeness => "Cosine to the document that is selected",
            Self::Difference => {
                "Cosine to the selected document less the mean of all cosines to it: what is more \
                 like it than most, and what is less"
            }
            Self::Trust => {
                "Share of the ten nearest in meaning that are among the ten nearest on the map"
            }
        }
    }

    /// All that there is to choose from: of the columns not those in which all differ.
    pub fn all(facts: &Facts) -> Vec<Self> {
        let mut columns = facts.columns();
        columns.retain(|column| !matches!(column, Column::Title | Column::Source));
        let of_column = |column| match column {
            Column::Cluster => Self::Cluster,
            column => Self::Column(column),
        };
        let mut all: Vec<Self> = columns.into_iter().map(of_column).collect();
        all.extend([Self::Likeness, Self::Difference, Self::Trust]);
        all
    }
}

/// How a point is colored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shade {
    /// One of the groups; from the number of group colors on it is "other".
    Group(usize),
    /// A place between the lowest and the highest value, 0 to 1.
    Score(f32),
    /// A difference as a share of the largest there is, −1 to 1.
    Difference(f32),
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
    /// The farthest below, the middle, and as far above.
    Differences(String, String, String),
    /// Why there is nothing to see yet.
    Nothing(&'static str),
}

impl Coloring {
    fn nothing(n: usize, why: &'static str) -> Self {
        Self {
            of_item: vec![Shade::Missing; n],
            legend: Legend::Nothing(why),
        }
    }
}

/// Colors by cosine to an item, with all cosines to it given: as a scale from the least like to the
/// most, or around their mean. The item itself, which is like itself, stretches no scale.
pub fn likeness(cosines: &[f32], selected: Option<usize>, around_mean: bool) -> Coloring {
    let Some(selected) = selected.filter(|item| *item < cosines.len()) else {
        return Coloring::nothing(cosines.len(), "Select a document first");
    };
    let others = || cosines.iter().enumerate().filter(|(i, _)| *i != selected);
    let (low, high) = others().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), (_, x)| {
        (low.min(*x), high.max(*x))
    });
    if low > high {
        return Coloring::nothing(cosines.len(), "There is no other document");
    }
    if !around_mean {
        let span = (high - low).max(f32::MIN_POSITIVE);
        let shade = |cosine: &f32| Shade::Score(((cosine - low) / span).min(1.0));
        return Coloring {
            of_item: cosines.iter().map(shade).collect(),
            legend: Legend::Range(format!("{low:.2}"), format!("{high:.2}")),
        };
    }
    let sum: f64 = others().map(|(_, x)| f64::from(*x)).sum();
    let mean = (sum / (cosines.len() - 1) as f64) as f32;
    let farthest = (high - mean).max(mean - low).max(f32::MIN_POSITIVE);
    let shade = |cosine: &f32| Shade::Difference(((cosine - mean) / farthest).clamp(-1.0, 1.0));
    Coloring {
        of_item: cosines.iter().map(shade).collect(),
        legend: Legend::Differences(
            format!("{farthest:.2} less alike"),
            format!("mean {mean:.2}"),
            format!("{farthest:.2} more alike"),
        ),
    }
}

/// Cosines of all items to one; zeros where there is none.
pub fn cosines(facts: &Facts, item: Option<usize>) -> Vec<f32> {
    let embeddings = facts.items().embeddings();
    match item.filter(|item| *item < embeddings.n()) {
        Some(item) => scores(embeddings, embeddings.row(item)),
        None => vec![0.0; embeddings.n()],
    }
}

/// Colors by how well the map keeps each item's nearest together.
pub fn trust(n: usize, quality: Option<&MapQuality>) -> Coloring {
    match quality.filter(|quality| quality.k > 0) {
        Some(quality) => Coloring {
            of_item: quality
                .of_item
                .iter()
                .map(|point| Shade::Score(point.overlap))
                .collect(),
            legend: Legend::Range(
                format!("none of {} kept", quality.k),
                format!("all {} kept", quality.k),
            ),
        },
        None => Coloring::nothing(n, "Not measured yet, or too few documents"),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shades(cosines: &[f32], around_mean: bool) -> Vec<Shade> {
        likeness(cosines, Some(0), around_mean).of_item
    }

    #[test]
    fn what_is_selected_does_not_stretch_the_scale() {
        let of = shades(&[1.0, 0.25, 0.5, 0.0], false);
        assert_eq!(of, [1.0, 0.5, 1.0, 0.0].map(Shade::Score));
        let coloring = likeness(&[1.0, 0.25, 0.5, 0.0], Some(0), false);
        assert_eq!(coloring.legend, Legend::Range("0.00".into(), "0.50".into()));
    }

    #[test]
    fn differences_are_told_from_the_mean_of_the_others() {
        let of = shades(&[1.0, 0.25, 0.5, 0.0], true);
        assert_eq!(of, [1.0, 0.0, 1.0, -1.0].map(Shade::Difference));
    }

    #[test]
    fn where_nothing_can_be_told_that_is_said() {
        let none = likeness(&[0.0, 0.0], None, false);
        assert_eq!(none.legend, Legend::Nothing("Select a document first"));
        assert_eq!(none.of_item, [Shade::Missing; 2]);
        let alone = likeness(&[1.0], Some(0), true);
        assert!(matches!(alone.legend, Legend::Nothing(_)));
        // All the same: no division by nothing.
        assert_eq!(shades(&[1.0, 0.5, 0.5], true)[1], Shade::Difference(0.0));
        assert_eq!(shades(&[1.0, 0.5, 0.5], false)[1], Shade::Score(0.0));
        assert!(matches!(trust(3, None).legend, Legend::Nothing(_)));
    }
}
