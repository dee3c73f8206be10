//! Vectors that came from elsewhere, in place of those that a model would make.
//!
//! Three stages then have another way of working: texts are read row by row, each is one passage,
//! and its vector is taken from the file. No model is opened, so what would embed something new,
//! that is searching for words and comparing sentences, is not to be had.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::Axis;
use sha2::{Digest as _, Sha256};

use super::Session;
use super::embedded::Embedded;
use super::file::Stored;
use crate::embed::Reuse;
use crate::message::{Level, Message, count};
use crate::progress::{Cancelled, Progress};
use crate::text::{Corpus, Document, Passages, Source, fields};
use crate::vectors::{Embeddings, ModelTag, VectorsError, is_id_column, read_vectors};

/// Why vectors and texts do not come together.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Stopped on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The vectors could not be read.
    #[error(transparent)]
    Vectors(#[from] VectorsError),
    /// The file system said no.
    #[error("could not read {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing tells which vector belongs to which text.
    #[error(
        "there are {} but {}, and no ids in both files that say which belongs to which. Give one vector for each line or row of the texts: {}",
        count(*n_vectors, "vector"), count(*n_texts, "text"), path.display()
    )]
    Count {
        /// Rows of the vectors.
        n_vectors: usize,
        /// Lines or rows of the texts, empty ones too.
        n_texts: usize,
        /// The file of vectors.
        path: PathBuf,
    },
    /// Two vectors claim to be the same.
    #[error("rows {first} and {second} of the vectors have the same id “{id}”; give each its own: {}", path.display())]
    TwiceTheSame {
        /// Number of a row, from 1.
        first: usize,
        /// Of the other.
        second: usize,
        /// What both are called.
        id: String,
        /// The file of vectors.
        path: PathBuf,
    },
    /// A text whose id no vector has.
    #[error(
        "{n} of {n_texts} texts have no vector with their id, the first of them “{id}”. Add those vectors, or leave the id column out of one file to match by order: {}",
        path.display()
    )]
    Missing {
        /// How many.
        n: usize,
        /// Of how many.
        n_texts: usize,
        /// Id of the first.
        id: String,
        /// The file of vectors.
        path: PathBuf,
    },
}

/// Each document as one passage. Words stand in for tokens, which only a model could count.
pub fn whole_documents(corpus: &Corpus) -> Passages {
    let mut passages = Passages::default();
    for document in &corpus.documents {
        let n_words = document.text.split_whitespace().count();
        passages.push_document([(0..document.text.len(), n_words)]);
    }
    passages
}

/// The documents with the vectors of the file at `path`: matched by id where every text and the
/// vectors have ids, else by order.
///
/// # Errors
/// [`ImportError::Vectors`] when they cannot be read, and a variant for each way in which they do
/// not fit the texts.
pub fn with_vectors(
    corpus: Arc<Corpus>,
    passages: Arc<Passages>,
    path: &Path,
    progress: &Progress,
) -> Result<Embedded, ImportError> {
    progress.step("Reading the vectors", 0);
    let found = read_vectors(path)?;
    progress.check()?;
    let mut notes = found.notes;
    let ids_of_texts: Option<Vec<&str>> = corpus.documents.iter().map(id).collect();
    let n_vectors = found.rows.nrows();
    let rows = if let (Some(ids), Some(wanted)) = (&found.ids, ids_of_texts) {
        notes.push("vectors and texts were matched by their ids".into());
        by_id(ids, &wanted, path)?
    } else {
        notes.push("vectors and texts were matched by their order".into());
        by_order(&corpus, n_vectors, path)?
    };
    if rows.len() < n_vectors {
        notes.push(format!(
            "{} of {n_vectors} vectors belong to no text and were left out",
            n_vectors - rows.len()
        ));
    }
    let vectors = Embeddings::normalized(found.rows.select(Axis(0), &rows));
    let tag = ModelTag::imported(name(path), hash(path)?, vectors.dim());
    Ok(embedded(corpus, passages, tag, vectors, notes))
}

/// Whether a workspace holds one vector for each document, as those with imported vectors do.
pub fn fits(stored: &Stored, corpus: &Corpus) -> bool {
    let rows = stored.vectors.rows();
    rows.nrows() == corpus.documents.len() && stored.corpus.documents == corpus.documents
}

/// The documents of a workspace with the vectors that were imported for them; the file that these
/// came from may be elsewhere.
pub fn with_stored(
    corpus: Arc<Corpus>,
    passages: Arc<Passages>,
    path: &Path,
    stored: &Stored,
) -> Embedded {
    let vectors = Embeddings::normalized(stored.vectors.rows().to_owned());
    let mut hasher = Sha256::new();
    for row in vectors.view().rows() {
        let bytes: Vec<u8> = row.iter().flat_map(|x| x.to_le_bytes()).collect();
        hasher.update(&bytes);
    }
    let tag = ModelTag::imported(name(path), short(&hasher.finalize()), vectors.dim());
    let notes = vec!["the vectors came with the workspace".into()];
    embedded(corpus, passages, tag, vectors, notes)
}

fn embedded(
    corpus: Arc<Corpus>,
    passages: Arc<Passages>,
    tag: ModelTag,
    vectors: Embeddings,
    mut notes: Vec<String>,
) -> Embedded {
    notes.push("words are counted in place of tokens, which only the model could count".into());
    Embedded {
        fields: fields(&corpus.documents),
        corpus,
        passages,
        tag,
        passage_vectors: vectors.clone(),
        document_vectors: vectors,
        reuse: Reuse::default(),
        notes,
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

impl Session {
    /// Where the vectors come from and what that means, once they are there.
    pub fn import_message(&self) -> Option<Message> {
        let path = self.own_vectors()?;
        let embedded = self.embedded.value()?;
        let summary = format!(
            "The vectors come from a file. Searching for words and comparing sentences need the model that made them, so both are off: {}",
            path.display()
        );
        Some(Message::new(Level::Info, summary).with_details(embedded.notes.clone()))
    }
}

/// What the table of texts calls a document.
fn id(document: &Document) -> Option<&str> {
    let mut cells = document.metadata.iter();
    let (_, id) = cells.find(|(column, _)| is_id_column(column))?;
    Some(id)
}

/// For each of `wanted` the row that has this id.
fn by_id(ids: &[String], wanted: &[&str], path: &Path) -> Result<Vec<usize>, ImportError> {
    let mut row_of: HashMap<&str, usize> = HashMap::new();
    for (row, id) in ids.iter().enumerate() {
        if let Some(first) = row_of.insert(id, row) {
            return Err(ImportError::TwiceTheSame {
                first: first + 1,
                second: row + 1,
                id: id.clone(),
                path: path.to_owned(),
            });
        }
    }
    let missing: Vec<&&str> = wanted
        .iter()
        .filter(|id| !row_of.contains_key(**id))
        .collect();
    if let Some(first) = missing.first() {
        return Err(ImportError::Missing {
            n: missing.len(),
            n_texts: wanted.len(),
            id: (**first).to_owned(),
            path: path.to_owned(),
        });
    }
    Ok(wanted.iter().map(|id| row_of[id]).collect())
}

/// For each document its place among all rows of its file, those without words included.
fn by_order(corpus: &Corpus, n_vectors: usize, path: &Path) -> Result<Vec<usize>, ImportError> {
    let row = |source: &Source| match source {
        Source::Row { row, .. } => Some(*row),
        _ => None,
    };
    let documents: Vec<usize> = corpus
        .documents
        .iter()
        .filter_map(|d| row(&d.source))
        .collect();
    let mut all: Vec<usize> = corpus
        .skipped
        .iter()
        .filter_map(|s| row(&s.source))
        .collect();
    all.extend(&documents);
    all.sort_unstable();
    if all.len() != n_vectors {
        return Err(ImportError::Count {
            n_vectors,
            n_texts: all.len(),
            path: path.to_owned(),
        });
    }
    let place = |row: &usize| all.partition_point(|other| other < row);
    Ok(documents.iter().map(place).collect())
}

/// First 16 hexadecimal digits of a file's SHA-256.
fn hash(path: &Path) -> Result<String, ImportError> {
    let bytes = fs::read(path).map_err(|source| ImportError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(short(&Sha256::digest(&bytes)))
}

fn short(digest: &[u8]) -> String {
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Command, Opened, Settings, Stage, Status, encode};
    use crate::text::Tools;

    /// The session after all that is due is done, or what went wrong.
    fn imported(vectors: &str, (name, texts): (&str, &str)) -> Result<Session, String> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("v.csv"), vectors).unwrap();
        fs::write(at(name), texts).unwrap();
        let mut session = Session::new(Settings::default(), Tools::default());
        session.apply(Command::Import {
            vectors: at("v.csv"),
            texts: at(name),
        });
        turned(session)
    }

    fn turned(mut session: Session) -> Result<Session, String> {
        while let Some(work) = session.due().into_iter().next() {
            session.begin(&work);
            let stage = work.stage;
            session.absorb(work.run(&Progress::new()));
            if let Status::Failed(_, message) = session.status(stage) {
                return Err(message.summary.clone());
            }
        }
        Ok(session)
    }

    /// The text and the first two numbers of each document.
    fn pairs(session: &Session) -> Vec<(String, [f32; 2])> {
        let items = session.items().unwrap();
        let row = |item: usize| items.embeddings().row(item).to_vec();
        (0..items.n())
            .map(|item| (items.text(item).to_owned(), [row(item)[0], row(item)[1]]))
            .collect()
    }

    const BY_ORDER: &str = "x,y\n1,0\n0,1\n-1,0\n";
    const BY_ID: &str = "id,x,y\nb,0,1\na,1,0\nc,-1,0\n";

    #[test]
    fn vectors_come_to_their_texts_by_order_or_by_id() {
        let tea = || ("Tea with milk".to_owned(), [1.0, 0.0]);
        let sea = || ("Low water".to_owned(), [0.0, 1.0]);
        let lines = imported(
            BY_ORDER,
            ("t.txt", "Tea with milk\nLow water\nA chess game\n"),
        );
        assert_eq!(pairs(&lines.unwrap())[..2], [tea(), sea()]);
        let gap = imported(BY_ORDER, ("t.txt", "Tea with milk\n\nA chess game\n")).unwrap();
        assert_eq!(pairs(&gap)[1], ("A chess game".to_owned(), [-1.0, 0.0]));
        let notes = &gap.items().unwrap().embedded().notes;
        assert!(
            notes
                .iter()
                .any(|note| note.starts_with("1 of 3 vectors belong to no text"))
        );
        let table = "id,text\na,Tea with milk\nb,Low water\n";
        assert_eq!(
            pairs(&imported(BY_ID, ("t.csv", table)).unwrap()),
            [tea(), sea()]
        );
    }

    #[track_caller]
    fn check_refused(vectors: &str, texts: (&str, &str), sentence: &str) {
        let Err(said) = imported(vectors, texts) else {
            panic!("it was taken");
        };
        assert!(said.starts_with(sentence), "{said}");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        check_refused(
            BY_ORDER,
            ("t.txt", "One\nTwo\n"),
            "There are 3 vectors but 2 texts",
        );
        check_refused(
            BY_ID,
            ("t.csv", "id,text\na,Tea with milk\nz,Low water\n"),
            "1 of 2 texts have no vector with their id, the first of them “z”",
        );
        let twice = "id,x,y\na,0,1\na,1,0\n";
        check_refused(
            twice,
            ("t.csv", "id,text\na,Tea with milk\n"),
            "Rows 1 and 2 of the vectors have the same id “a”",
        );
        check_refused(
            "x,y\n1,nan\n",
            ("t.txt", "One\n"),
            "Row 1 holds a value that is not finite",
        );
    }

    #[test]
    fn no_model_is_opened_and_nothing_new_is_embedded() {
        let mut session = imported(BY_ORDER, ("t.txt", "One\nTwo\nThree\n")).unwrap();
        assert!(session.model().is_none() && session.own_vectors().is_some());
        assert!(session.map().is_some() && session.clusters().is_some());
        let tag = session.items().unwrap().embedded().tag.to_string();
        assert!(
            tag.starts_with("imported/v.csv@") && tag.ends_with("/2d"),
            "{tag}"
        );
        session.apply(Command::Search("one".into()));
        session.apply(Command::Compare(0, 1));
        assert!(session.due().is_empty());
        // Other documents take the place of imported ones, with a model.
        session.apply(Command::AddPasted("Another text.".into()));
        assert_eq!((session.inputs().len(), session.own_vectors()), (1, None));
        assert!(session.due().iter().any(|work| work.stage == Stage::Model));
    }

    #[test]
    fn a_workspace_brings_imported_vectors_where_their_files_are_not() {
        // Equal texts, whose vectors differ all the same.
        let session = imported(BY_ORDER, ("t.txt", "Low water\nLow water\nA bee\n")).unwrap();
        let embedded = session.items().unwrap().embedded();
        let file = encode(&session.user_state("map"), Some(embedded)).unwrap();
        let mut again = Session::new(Settings::default(), Tools::default());
        again.restore(Opened::decode(&file).unwrap(), None);
        let mut again = turned(again).unwrap();
        assert_eq!(pairs(&again), pairs(&session));
        assert!(again.own_vectors().is_some() && again.model().is_none());
        // Read once more they would be missed, which is said.
        again.apply(Command::Refresh);
        let again = turned(again).unwrap();
        assert_eq!(again.corpus().unwrap().skipped[0].reason, "no longer there");
    }
}
