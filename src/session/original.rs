//! Which item of a group the others copy, as far as dates, lengths and paths can tell.

use std::cmp::Reverse;

use super::embedded::Items;
use crate::text::{FieldKind, Source, date, day};

/// Why one of a group is proposed as its original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginalBy {
    /// Its date, which is the oldest; all have one.
    Date(String),
    /// It has the most tokens.
    Length,
    /// It lies the least deep, or its path is the shortest.
    Path,
    /// The others are its like in all of that, and it comes first.
    Order,
}

impl OriginalBy {
    /// For people.
    pub fn told(&self) -> String {
        match self {
            Self::Date(date) => format!("oldest, {date}"),
            Self::Length => "longest".into(),
            Self::Path => "shortest path".into(),
            Self::Order => "first of equals".into(),
        }
    }
}

/// What is known of one of a group.
struct Candidate {
    item: usize,
    /// Days since 1970.
    day: Option<i64>,
    n_tokens: usize,
    /// Folders above it, and letters; nothing for pasted text.
    path: Option<(usize, usize)>,
}

/// The proposed original of the items of a group, and why it is. The oldest is, if all have a date;
/// of these the longest, of these the one of the shortest path, and of these the first.
pub(super) fn original(items: Items<'_>, group: &[usize]) -> (usize, OriginalBy) {
    let mut dates = items.embedded().fields.iter();
    let dates = dates.find(|field| field.kind == FieldKind::Date);
    let candidate = |item: &usize| {
        let document = items.document(*item);
        let written = dates.and_then(|field| document.metadata.get(&field.name));
        Candidate {
            item: *item,
            day: written.and_then(|written| day(written)),
            n_tokens: items.n_tokens(*item),
            path: path(&document.source),
        }
    };
    chosen(group.iter().map(candidate).collect())
}

fn path(source: &Source) -> Option<(usize, usize)> {
    let file = source.file()?;
    Some((file.components().count(), file.as_os_str().len()))
}

fn chosen(mut rest: Vec<Candidate>) -> (usize, OriginalBy) {
    let mut by = OriginalBy::Order;
    if let Some(days) = rest.iter().map(|c| c.day).collect::<Option<Vec<i64>>>()
        && let Some(oldest) = days.iter().min()
        && narrowed(&mut rest, |candidate| candidate.day)
    {
        by = OriginalBy::Date(date(*oldest));
    }
    if narrowed(&mut rest, |candidate| Reverse(candidate.n_tokens)) {
        by = OriginalBy::Length;
    }
    let have_paths = rest.iter().all(|candidate| candidate.path.is_some());
    if have_paths && narrowed(&mut rest, |candidate| candidate.path) {
        by = OriginalBy::Path;
    }
    let first = rest.first().map(|candidate| candidate.item);
    (first.expect("a group has items"), by)
}

/// Keeps those of the least key; tells whether any went.
fn narrowed<K: Ord>(rest: &mut Vec<Candidate>, key: impl Fn(&Candidate) -> K) -> bool {
    let n = rest.len();
    if let Some(least) = rest.iter().map(&key).min() {
        rest.retain(|candidate| key(candidate) == least);
    }
    rest.len() < n
}

#[cfg(test)]
mod tests {
    use super::*;

    type Known = (Option<i64>, usize, Option<(usize, usize)>);

    #[track_caller]
    fn check(known: &[Known], item: usize, by: &OriginalBy) {
        let candidate = |(item, (day, n_tokens, path)): (usize, &Known)| Candidate {
            item,
            day: *day,
            n_tokens: *n_tokens,
            path: *path,
        };
        let candidates = known.iter().enumerate().map(candidate).collect();
        let (found, found_by) = chosen(candidates);
        assert_eq!((found, &found_by), (item, by));
    }

    #[test]
    fn the_oldest_then_the_longest_then_the_shortest_path_is_the_original() {
        let (old, new) = (Some(0), Some(365));
        let day = OriginalBy::Date("1970-01-01".into());
        check(&[(new, 9, None), (old, 5, None)], 1, &day);
        check(&[(new, 5, None), (None, 9, None)], 1, &OriginalBy::Length);
        check(&[(old, 5, None), (old, 9, None)], 1, &OriginalBy::Length);
        let (deep, high) = (Some((4, 30)), Some((3, 40)));
        check(&[(None, 5, deep), (None, 5, high)], 1, &OriginalBy::Path);
        check(&[(None, 5, deep), (None, 5, None)], 0, &OriginalBy::Order);
        check(&[(old, 5, high); 3], 0, &OriginalBy::Order);
    }
}
