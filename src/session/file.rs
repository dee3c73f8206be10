//! The workspace file: a zip of `workspace.json` and, if wanted, the documents and their vectors, so
//! that it opens where the documents are not.
//!
//! It has types of its own, with a version: what the program works with may change, and files of
//! every earlier version must open. Fields that a newer version added are passed over; such a file
//! opens, but is not written over.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Session;
use super::embedded::Embedded;
use super::facts::Column;
use super::rows::{Sorting, Wanted};
use super::saved_searches::SavedSearch;
use super::saved_settings::SettingsV1;
use super::search::Query;
use super::settings::Level;
use super::triage::{Decision, Decisions};
use crate::cache::{Key, key};
use crate::embed::StoredVectors;
use crate::text::{Corpus, Document, Input, Language, Mark, Place, Source};
use crate::vectors::{read_npy, write_npy};

/// The version that this program writes.
const VERSION: u32 = 1;

/// No part of a workspace is larger once unpacked; what claims to be is no workspace.
const MAX_PART_BYTES: u64 = 16 << 30;

/// Why a workspace could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is something else, or damaged.
    #[error(
        "this is not a workspace, or it is damaged. Open one of its backups, which lie beside it as .bak1 to .bak3"
    )]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It could not be put together.
    #[error("the workspace could not be written")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a workspace holds.
#[derive(Debug)]
pub struct Opened {
    saved: Saved,
    stored: Option<Stored>,
    /// Whether a newer version wrote it; saving would lose what that one added.
    pub is_newer: bool,
}

/// Documents and vectors that came with a workspace.
#[derive(Debug, Default)]
pub struct Stored {
    /// The documents.
    pub corpus: Corpus,
    /// Vectors of their passages.
    pub vectors: StoredVectors,
}

/// What was selected in documents that are yet to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PendingSelection {
    selected: Option<String>,
    compared: Option<(String, String)>,
}

/// All that a person did, without the documents: small, and quickly compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserState(Saved);

impl UserState {
    /// Whether nothing was opened.
    pub fn is_empty(&self) -> bool {
        self.0.inputs.is_empty()
    }

    /// The view that was in front.
    pub fn view(&self) -> &str {
        &self.0.view
    }

    /// Together with how the window is arranged.
    pub fn with_layout(mut self, layout: Option<serde_json::Value>) -> Self {
        self.0.layout = layout;
        self
    }

    /// How the window was arranged; `None` if nobody said.
    pub fn layout(&self) -> Option<&serde_json::Value> {
        self.0.layout.as_ref()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    version: u32,
    program: String,
    inputs: Vec<InputV1>,
    /// The file of vectors that were imported with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    vectors: Option<PathV1>,
    settings: SettingsV1,
    selected: Option<String>,
    compared: Option<(String, String)>,
    query: String,
    filter: String,
    /// What must stand in columns, by the names of these.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    wanted: BTreeMap<String, WantedV1>,
    /// The column that the table is sorted by, and whether the greatest come first.
    #[serde(skip_serializing_if = "Option::is_none")]
    sorting: Option<(String, bool)>,
    tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    searches: Vec<SearchV1>,
    /// What was decided about duplicates, by the names of items.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    decisions: BTreeMap<String, DecisionV1>,
    /// Items that look like duplicates and are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    apart: Vec<Vec<String>>,
    view: String,
    /// How the window is arranged, in the window's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    layout: Option<serde_json::Value>,
}

/// A saved search; examples by the names of items.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct SearchV1 {
    name: String,
    words: String,
    filter: String,
    plus: Vec<String>,
    minus: Vec<String>,
}

impl From<&SavedSearch> for SearchV1 {
    fn from(search: &SavedSearch) -> Self {
        let SavedSearch {
            name,
            words,
            filter,
            plus,
            minus,
        } = search.clone();
        Self {
            name,
            words,
            filter,
            plus,
            minus,
        }
    }
}

impl From<SearchV1> for SavedSearch {
    fn from(search: SearchV1) -> Self {
        Self {
            name: search.name,
            words: search.words,
            filter: search.filter,
            plus: search.plus,
            minus: search.minus,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DecisionV1 {
    Keep,
    Ignore,
    Tag,
}

impl From<Decision> for DecisionV1 {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Keep => Self::Keep,
            Decision::Ignore => Self::Ignore,
            Decision::Tag => Self::Tag,
        }
    }
}

impl From<DecisionV1> for Decision {
    fn from(decision: DecisionV1) -> Self {
        match decision {
            DecisionV1::Keep => Self::Keep,
            DecisionV1::Ignore => Self::Ignore,
            DecisionV1::Tag => Self::Tag,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WantedV1 {
    Letters(String),
    Between(f64, f64),
}

impl From<&Wanted> for WantedV1 {
    fn from(wanted: &Wanted) -> Self {
        match wanted {
            Wanted::Letters(letters) => Self::Letters(letters.clone()),
            Wanted::Between(from, to) => Self::Between(*from, *to),
        }
    }
}

impl From<WantedV1> for Wanted {
    fn from(wanted: WantedV1) -> Self {
        match wanted {
            WantedV1::Letters(letters) => Self::Letters(letters),
            WantedV1::Between(from, to) => Self::Between(from, to),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum InputV1 {
    Path(PathV1),
    Pasted(String),
    Sample,
}

/// A path as text, and as bytes where text cannot say it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum PathV1 {
    Text(String),
    Bytes { bytes: Vec<u8> },
}

#[derive(Debug, Serialize, Deserialize)]
struct DocumentV1 {
    title: String,
    text: String,
    source: SourceV1,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    marks: Vec<(usize, PlaceV1)>,
    #[serde(default)]
    copies: Vec<SourceV1>,
    #[serde(default)]
    language: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SourceV1 {
    File(PathV1),
    Row(PathV1, usize),
    Message(PathV1, usize),
    Pasted(usize),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlaceV1 {
    Page(usize),
    Slide(usize),
    Sheet(String),
    Heading(String),
}

/// The bytes of a workspace file. `embedded` puts the documents and their vectors into it.
///
/// # Errors
/// [`FileError::Encode`], for want of memory at most.
pub fn encode(state: &UserState, embedded: Option<&Embedded>) -> Result<Vec<u8>, FileError> {
    zipped(state, embedded).map_err(FileError::Encode)
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

fn zipped(state: &UserState, embedded: Option<&Embedded>) -> Result<Vec<u8>, AnyError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let plain = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(true);
    zip.start_file("workspace.json", packed)?;
    serde_json::to_writer_pretty(&mut zip, state)?;
    if let Some(embedded) = embedded {
        zip.start_file("documents.json", packed.large_file(true))?;
        let documents: Vec<DocumentV1> = embedded
            .corpus
            .documents
            .iter()
            .map(DocumentV1::from)
            .collect();
        serde_json::to_writer(&mut zip, &documents)?;
        zip.start_file("keys.bin", plain)?;
        let tag = embedded.tag.to_string();
        for passage in &embedded.passages.list {
            let text = &embedded.corpus.documents[passage.document].text[passage.range.clone()];
            zip.write_all(&key(&tag, text))?;
        }
        zip.start_file("vectors.npy", plain)?;
        write_npy(&mut zip, embedded.passage_vectors.view())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn unzipped(bytes: &[u8]) -> Result<Opened, AnyError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes))?;
    let mut part = |name: &str| -> Result<Option<Vec<u8>>, AnyError> {
        let Some(index) = zip.index_for_name(name) else {
            return Ok(None);
        };
        let mut content = Vec::new();
        zip.by_index(index)?
            .take(MAX_PART_BYTES)
            .read_to_end(&mut content)?;
        Ok(Some(content))
    };
    let saved: Saved =
        serde_json::from_slice(&part("workspace.json")?.ok_or("it has no workspace.json")?)?;
    let stored = match (
        part("documents.json")?,
        part("keys.bin")?,
        part("vectors.npy")?,
    ) {
        (Some(documents), Some(keys), Some(vectors)) => Some(stored(&documents, &keys, &vectors)?),
        _ => None,
    };
    Ok(Opened {
        is_newer: saved.version > VERSION,
        saved,
        stored,
    })
}

fn stored(documents: &[u8], keys: &[u8], vectors: &[u8]) -> Result<Stored, AnyError> {
    let documents: Vec<DocumentV1> = serde_json::from_slice(documents)?;
    let (keys, []) = keys.as_chunks::<{ size_of::<Key>() }>() else {
        return Err("its keys are cut off".into());
    };
    let vectors = StoredVectors::new(keys, read_npy(vectors)?);
    Ok(Stored {
        corpus: Corpus {
            documents: documents
                .into_iter()
                .map(Document::try_from)
                .collect::<Result<_, _>>()?,
            ..Corpus::default()
        },
        vectors: vectors.ok_or("its keys and vectors differ in number")?,
    })
}

impl Opened {
    /// What the bytes of a workspace file hold.
    ///
    /// # Errors
    /// [`FileError::Damaged`] when they are no workspace, or are not whole.
    pub fn decode(bytes: &[u8]) -> Result<Self, FileError> {
        unzipped(bytes).map_err(FileError::Damaged)
    }

    /// Whether the documents and their vectors came with it.
    pub fn has_documents(&self) -> bool {
        self.stored.is_some()
    }

    /// Which view was in front.
    pub fn view(&self) -> &str {
        &self.saved.view
    }

    /// How the window was arranged; `None` if nobody said.
    pub fn layout(&self) -> Option<&serde_json::Value> {
        self.saved.layout.as_ref()
    }
}

impl Session {
    /// Begins anew with what a workspace holds, or with the `state` in which a window left it.
    /// Documents that came with it are shown as they were; otherwise they are read from where they
    /// were.
    pub fn restore(&mut self, opened: Opened, state: Option<UserState>) {
        self.restore_state(state.unwrap_or(UserState(opened.saved)));
        self.stored = opened.stored.map(Arc::new);
        self.shows_stored = self.stored.is_some();
    }

    /// Begins anew where a window was left.
    pub fn restore_state(&mut self, state: UserState) {
        self.apply(super::Command::CloseAll);
        let Saved {
            inputs,
            vectors,
            settings,
            selected,
            compared,
            query,
            filter,
            wanted,
            sorting,
            tags,
            searches,
            decisions,
            apart,
            ..
        } = state.0;
        self.inputs = inputs.into_iter().map(Input::from).collect();
        self.vectors = vectors.map(PathBuf::from);
        settings.restore(&mut self.settings);
        self.query = Query::of_words(query, filter);
        let wanted = wanted.into_iter();
        self.narrowing.wanted = wanted
            .filter_map(|(key, wanted)| Some((Column::from_key(&key)?, wanted.into())))
            .collect();
        self.sorting = sorting.and_then(|(key, is_descending)| {
            let column = Column::from_key(&key)?;
            Some(Sorting {
                column,
                is_descending,
            })
        });
        self.tags = Arc::new(tags);
        self.tags_revision += 1;
        self.saved = Arc::new(searches.into_iter().map(SavedSearch::from).collect());
        let decisions = decisions.into_iter();
        self.set_decisions(Arc::new(Decisions {
            of_item: decisions.map(|(name, what)| (name, what.into())).collect(),
            apart: apart.into_iter().collect(),
        }));
        self.pending = Some(PendingSelection { selected, compared });
        self.inputs_revision += 1;
    }

    /// All that a person did so far. `view` is the view in front.
    pub fn user_state(&self, view: &str) -> UserState {
        UserState(saved(self, view))
    }

    /// Selects what was selected, now that the documents are there.
    pub(super) fn select_pending(&mut self) {
        let (Some(pending), Some(items)) = (self.pending.take(), self.items()) else {
            return;
        };
        let named = |name: &str| (0..items.n()).find(|item| item_name(items, *item) == name);
        let selected = pending.selected.as_deref().and_then(named);
        let compared = pending
            .compared
            .and_then(|(left, right)| named(&left).zip(named(&right)));
        self.selection.selected = selected;
        self.selection.compared = compared;
    }
}

/// What an item is known by in a file: its source, and for a passage its number.
pub(super) fn item_name(items: super::Items<'_>, item: usize) -> String {
    let source = items.document(item).source.to_string();
    match items.level() {
        Level::Documents => source,
        Level::Passages => {
            let document = items.embedded().passages.list[item].document;
            format!(
                "{source} passage {}",
                item - items.embedded().passages.of_document[document].start
            )
        }
    }
}

fn saved(session: &Session, view: &str) -> Saved {
    let name = |item: usize| session.items().map(|items| item_name(items, item));
    let pending = session.pending.clone().unwrap_or_default();
    // Of an item beside text that was pasted there is no pair to find again.
    let pair = session.selection.compared;
    let compared = pair
        .filter(|(left, right)| left != right)
        .and_then(|(left, right)| name(left).zip(name(right)));
    Saved {
        version: VERSION,
        program: concat!("Semascope ", env!("CARGO_PKG_VERSION")).into(),
        inputs: session.inputs.iter().map(InputV1::from).collect(),
        vectors: session
            .vectors
            .as_deref()
            .map(|path| whole(path).as_path().into()),
        settings: SettingsV1::from(&session.settings),
        selected: session
            .selection
            .selected
            .and_then(name)
            .or(pending.selected),
        compared: compared.or(pending.compared),
        query: session.query.words.clone(),
        filter: session.query.filter.clone(),
        wanted: session
            .narrowing
            .wanted
            .iter()
            .map(|(column, wanted)| (column.key(), wanted.into()))
            .collect(),
        sorting: session
            .sorting
            .as_ref()
            .map(|sorting| (sorting.column.key(), sorting.is_descending)),
        tags: (*session.tags).clone(),
        searches: session.saved.iter().map(SearchV1::from).collect(),
        decisions: {
            let of_item = session.decisions.of_item.iter();
            of_item
                .map(|(name, what)| (name.clone(), (*what).into()))
                .collect()
        },
        apart: session.decisions.apart.iter().cloned().collect(),
        view: view.to_owned(),
        layout: None,
    }
}

impl From<&Path> for PathV1 {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes {
                bytes: path.as_os_str().as_encoded_bytes().to_vec(),
            },
        }
    }
}

impl From<PathV1> for PathBuf {
    fn from(path: PathV1) -> Self {
        match path {
            PathV1::Text(text) => text.into(),
            #[cfg(unix)]
            PathV1::Bytes { bytes } => {
                use std::os::unix::ffi::OsStringExt as _;
                std::ffi::OsString::from_vec(bytes).into()
            }
            #[cfg(not(unix))]
            PathV1::Bytes { bytes } => String::from_utf8_lossy(&bytes).into_owned().into(),
        }
    }
}

/// Another program, or this one started elsewhere, has another present folder.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

impl From<&Input> for InputV1 {
    fn from(input: &Input) -> Self {
        match input {
            Input::Path(path) => Self::Path(whole(path).as_path().into()),
            Input::Pasted(text) => Self::Pasted(text.clone()),
            Input::Sample => Self::Sample,
        }
    }
}

impl From<InputV1> for Input {
    fn from(input: InputV1) -> Self {
        match input {
            InputV1::Path(path) => Self::Path(path.into()),
            InputV1::Pasted(text) => Self::Pasted(text),
            InputV1::Sample => Self::Sample,
        }
    }
}

impl From<&Source> for SourceV1 {
    fn from(source: &Source) -> Self {
        match source {
            Source::File(path) => Self::File(path.as_path().into()),
            Source::Row { file, row } => Self::Row(file.as_path().into(), *row),
            Source::Message { file, number } => Self::Message(file.as_path().into(), *number),
            Source::Pasted(n) => Self::Pasted(*n),
        }
    }
}

impl From<SourceV1> for Source {
    fn from(source: SourceV1) -> Self {
        match source {
            SourceV1::File(path) => Self::File(path.into()),
            SourceV1::Row(file, row) => Self::Row {
                file: file.into(),
                row,
            },
            SourceV1::Message(file, number) => Self::Message {
                file: file.into(),
                number,
            },
            SourceV1::Pasted(n) => Self::Pasted(n),
        }
    }
}

impl From<&Document> for DocumentV1 {
    fn from(document: &Document) -> Self {
        let place = |place: &Place| match place {
            Place::Page(n) => PlaceV1::Page(*n),
            Place::Slide(n) => PlaceV1::Slide(*n),
            Place::Sheet(name) => PlaceV1::Sheet(name.clone()),
            Place::Heading(name) => PlaceV1::Heading(name.clone()),
        };
        Self {
            title: document.title.clone(),
            text: document.text.clone(),
            source: (&document.source).into(),
            metadata: document.metadata.clone(),
            marks: document
                .marks
                .iter()
                .map(|mark| (mark.at, place(&mark.place)))
                .collect(),
            copies: document.copies.iter().map(SourceV1::from).collect(),
            language: document.language.map(|language| language.code.to_owned()),
        }
    }
}

impl TryFrom<DocumentV1> for Document {
    type Error = &'static str;

    fn try_from(document: DocumentV1) -> Result<Self, &'static str> {
        let place = |place: PlaceV1| match place {
            PlaceV1::Page(n) => Place::Page(n),
            PlaceV1::Slide(n) => Place::Slide(n),
            PlaceV1::Sheet(name) => Place::Sheet(name),
            PlaceV1::Heading(name) => Place::Heading(name),
        };
        if document
            .marks
            .iter()
            .any(|(at, _)| !document.text.is_char_boundary(*at))
        {
            return Err("a place lies outside its text");
        }
        Ok(Self {
            title: document.title,
            text: document.text,
            source: document.source.into(),
            metadata: document.metadata,
            marks: document
                .marks
                .into_iter()
                .map(|(at, found)| Mark {
                    at,
                    place: place(found),
                })
                .collect(),
            copies: document.copies.into_iter().map(Source::from).collect(),
            language: document.language.as_deref().and_then(Language::from_code),
        })
    }
}
