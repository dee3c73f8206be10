//! What is known of each item, as columns: to sort by, to filter by, to color by.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Session;
use super::embedded::{Embedded, Items};
use super::neighborhood::Neighborhood;
use super::saved_searches::{SavedScores, SavedSearch};
use super::search::SearchHits;
use super::settings::Level;
use super::work::Clusters;
use crate::text::{Field, FieldKind, Source, day, number};

/// One thing that is known of items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// What it is called.
    Title,
    /// The file, and the place in it.
    Source,
    /// The folder or the table that holds it.
    Folder,
    /// The ending of its file.
    FileType,
    /// The words of its cluster.
    Cluster,
    /// What the user wrote on its document.
    Tags,
    /// What it is written in.
    Language,
    /// How many tokens the model read of it.
    Tokens,
    /// In how many passages.
    Passages,
    /// One minus the mean cosine to its nearest few: high for what stands alone.
    Alone,
    /// Cosine to its nearest.
    Nearest,
    /// Cosine to what is searched for.
    Found,
    /// A column of its table, or what its file says about itself.
    Field(String),
    /// Cosine to a saved search, by what that is called as a column: `Search: harbor`.
    Saved(String),
}

impl Column {
    /// Those that every item has.
    const FIXED: [Self; 12] = [
        Self::Title,
        Self::Cluster,
        Self::Tags,
        Self::Found,
        Self::Nearest,
        Self::Alone,
        Self::Tokens,
        Self::Passages,
        Self::Language,
        Self::FileType,
        Self::Folder,
        Self::Source,
    ];

    /// What a person calls it.
    pub fn name(&self) -> &str {
        match self {
            Self::Title => "Title",
            Self::Source => "File",
            Self::Folder => "Folder",
            Self::FileType => "Type",
            Self::Cluster => "Cluster",
            Self::Tags => "Tags",
            Self::Language => "Language",
            Self::Tokens => "Tokens",
            Self::Passages => "Passages",
            Self::Alone => "Stands alone",
            Self::Nearest => "Nearest",
            Self::Found => "Search",
            Self::Field(name) | Self::Saved(name) => name,
        }
    }

    /// Its name in files.
    pub fn key(&self) -> String {
        match self {
            Self::Field(name) => format!("field {name}"),
            Self::Saved(name) => format!("saved {name}"),
            fixed => fixed.name().to_lowercase(),
        }
    }

    /// The column of that name; one that is not known is of a newer version.
    pub fn from_key(key: &str) -> Option<Self> {
        if let Some(name) = key.strip_prefix("field ") {
            return Some(Self::Field(name.to_owned()));
        }
        match key.strip_prefix("saved ") {
            Some(name) => Some(Self::Saved(name.to_owned())),
            None => Self::FIXED.into_iter().find(|column| column.key() == key),
        }
    }

    /// What it means.
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::Title => "The first heading or line, or the name of the file",
            Self::Source => "Where it was read from",
            Self::Folder => "The folder, table or mailbox that holds it",
            Self::FileType => "The ending of its file's name",
            Self::Cluster => "The words that set its cluster apart",
            Self::Tags => "Words that you wrote on it",
            Self::Language => "What it is written in, as far as that can be told",
            Self::Tokens => "Pieces of words that the model read: all of them",
            Self::Passages => "Stretches that the model read at once",
            Self::Alone => {
                "One minus the mean cosine to its nearest: high for what is like nothing else"
            }
            Self::Nearest => "Cosine to the document that is nearest to it",
            Self::Found => "Cosine of its best passage to what is searched for",
            Self::Saved(_) => "Cosine of its best passage to a search that you saved",
            Self::Field(_) => "From its table, or from what its file says about itself",
        }
    }
}

/// What stands in a column for one item.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Words.
    Text(Cow<'a, str>),
    /// A count, or a number that came with the item.
    Number(f64),
    /// A cosine, or what is made of one.
    Score(f32),
    /// Days since 1970, and the date as it is written.
    Day(i64, &'a str),
    /// Nothing.
    Missing,
}

impl Cell<'_> {
    /// The value on an axis, if it has one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Score(score) => Some(f64::from(*score)),
            Self::Day(day, _) => Some(*day as f64),
            Self::Text(_) | Self::Missing => None,
        }
    }

    /// Numbers by size, words by letters whatever their case. What is missing comes last.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Missing, Self::Missing) => Ordering::Equal,
            (Self::Missing, _) => Ordering::Greater,
            (_, Self::Missing) => Ordering::Less,
            (Self::Text(a), Self::Text(b)) => {
                let (low_a, low_b) = (lower(a), lower(b));
                low_a.cmp(low_b).then_with(|| a.cmp(b))
            }
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                // A column has one kind, so this does not happen.
                (a, b) => a.is_none().cmp(&b.is_none()),
            },
        }
    }
}

fn lower(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Score(score) => write!(f, "{score:.2}"),
            Self::Day(_, written) => f.write_str(&written[..10.min(written.len())]),
            Self::Missing => Ok(()),
        }
    }
}

/// What is known at one moment; cheap to clone, and to hand to another thread.
#[derive(Clone)]
pub struct Facts {
    embedded: Arc<Embedded>,
    level: Level,
    clusters: Option<Arc<Clusters>>,
    neighborhood: Option<Arc<Neighborhood>>,
    hits: Option<Arc<SearchHits>>,
    saved: Arc<Vec<SavedSearch>>,
    saved_scores: Option<Arc<SavedScores>>,
    tags: Arc<BTreeMap<String, String>>,
}

impl Session {
    /// What is known of the present items now.
    pub fn facts(&self) -> Option<Facts> {
        Some(Facts {
            embedded: self.items()?.embedded().clone(),
            level: self.settings.level,
            clusters: self.clusters().cloned(),
            neighborhood: self.neighborhood().cloned(),
            hits: self.shown_hits().cloned(),
            saved: self.saved.clone(),
            saved_scores: self.saved_scores().cloned(),
            tags: self.tags.clone(),
        })
    }
}

impl Facts {
    /// The items.
    pub fn items(&self) -> Items<'_> {
        Items::new(&self.embedded, self.level)
    }

    /// What the search found, if anything is searched for.
    pub fn hits(&self) -> Option<&SearchHits> {
        self.hits.as_deref()
    }

    /// Cluster of an item; `None` for one in none, or without clusters.
    pub fn cluster(&self, item: usize) -> Option<usize> {
        self.clusters.as_ref()?.clustering.labels[item]
    }

    /// All columns in which anything stands.
    pub fn columns(&self) -> Vec<Column> {
        let fixed = Column::FIXED.into_iter().filter(|column| match column {
            Column::Cluster => self.clusters.is_some(),
            Column::Nearest | Column::Alone => {
                let graph = self.neighborhood.as_ref().map(|near| &near.graph);
                graph.is_some_and(|graph| graph.k() > 0)
            }
            Column::Found => self.hits().is_some_and(SearchHits::is_ranked),
            _ => true,
        });
        let fields = self.embedded.fields.iter();
        let saved = self.saved.iter().filter_map(SavedSearch::column);
        fixed
            .chain(saved.filter(|column| self.scores(column).is_some()))
            .chain(fields.map(|field| Column::Field(field.name.clone())))
            .collect()
    }

    /// The cosine of each item to the saved search that a column stands for.
    fn scores(&self, column: &Column) -> Option<&[Option<f32>]> {
        self.saved_scores.as_ref()?.of(column)
    }

    /// What the values of a column are.
    pub fn kind(&self, column: &Column) -> FieldKind {
        match column {
            Column::Tokens
            | Column::Passages
            | Column::Alone
            | Column::Nearest
            | Column::Found
            | Column::Saved(_) => FieldKind::Number,
            Column::Field(name) => self.field(name).map_or(FieldKind::Text, |field| field.kind),
            _ => FieldKind::Text,
        }
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.embedded.fields.iter().find(|field| field.name == name)
    }

    /// What stands in a column for an item.
    pub fn cell<'a>(&'a self, column: &Column, item: usize) -> Cell<'a> {
        let items = self.items();
        let document = items.document(item);
        let text =
            |text: Option<String>| text.map_or(Cell::Missing, |text| Cell::Text(text.into()));
        match column {
            Column::Title => Cell::Text(items.title(item)),
            Column::Source => text(Some(document.source.to_string())),
            Column::Folder => text(document.source.folder()),
            Column::FileType => text(file_type(&document.source)),
            Column::Cluster => {
                let clusters = self.clusters.as_ref();
                text(clusters.map(|found| found.label(found.clustering.labels[item])))
            }
            Column::Tags => match self.tags.get(&document.source.to_string()) {
                Some(tags) => Cell::Text(tags.into()),
                None => Cell::Missing,
            },
            Column::Language => match document.language {
                Some(language) => Cell::Text(language.name.into()),
                None => Cell::Missing,
            },
            Column::Tokens => Cell::Number(items.n_tokens(item) as f64),
            Column::Passages => Cell::Number(items.passages_of(item).len() as f64),
            Column::Alone => match &self.neighborhood {
                Some(near) => Cell::Score(near.outlier_scores[item]),
                None => Cell::Missing,
            },
            Column::Nearest => {
                let near = self.neighborhood.as_ref();
                let nearest = near.and_then(|near| near.graph.of(item).first());
                nearest.map_or(Cell::Missing, |nearest| Cell::Score(nearest.cosine))
            }
            Column::Found => {
                let found = self.hits().filter(|hits| hits.is_ranked());
                let cosine = found.and_then(|hits| hits.of_item[item]);
                cosine.map_or(Cell::Missing, Cell::Score)
            }
            Column::Saved(_) => {
                let cosine = self.scores(column).and_then(|scores| scores[item]);
                cosine.map_or(Cell::Missing, Cell::Score)
            }
            Column::Field(name) => match document.metadata.get(name) {
                Some(value) => self.value(column, value),
                None => Cell::Missing,
            },
        }
    }

    fn value<'a>(&self, column: &Column, value: &'a str) -> Cell<'a> {
        let found = match self.kind(column) {
            FieldKind::Number => number(value).map(Cell::Number),
            FieldKind::Date => day(value).map(|day| Cell::Day(day, value.trim())),
            FieldKind::Text => Some(Cell::Text(value.into())).filter(|_| !value.trim().is_empty()),
        };
        found.unwrap_or(Cell::Missing)
    }
}

fn file_type(source: &Source) -> Option<String> {
    let ending = source.file()?.extension()?;
    Some(ending.to_string_lossy().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_their_keys() {
        let fields = ["stars", "title", "field x", ""].map(|name| Column::Field(name.into()));
        let saved = ["Search: tide", "field x"].map(|name| Column::Saved(name.into()));
        for column in Column::FIXED.into_iter().chain(fields).chain(saved) {
            assert_eq!(Column::from_key(&column.key()), Some(column));
        }
        assert_eq!(Column::from_key("made up"), None);
    }

    #[test]
    fn cells_have_an_order() {
        let text = |text: &'static str| Cell::Text(text.into());
        let mut cells = [text("b"), Cell::Missing, text("A"), text("ä"), text("a")];
        cells.sort_by(Cell::compare);
        assert_eq!(
            cells,
            [text("A"), text("a"), text("b"), text("ä"), Cell::Missing]
        );
        let mut cells = [Cell::Number(3.0), Cell::Missing, Cell::Number(-1.0)];
        cells.sort_by(Cell::compare);
        assert_eq!(
            cells,
            [Cell::Number(-1.0), Cell::Number(3.0), Cell::Missing]
        );
        assert_eq!(
            Cell::Day(20_781, "2026-11-24T09:00").to_string(),
            "2026-11-24"
        );
        assert_eq!(Cell::Score(0.876).to_string(), "0.88");
    }
}
