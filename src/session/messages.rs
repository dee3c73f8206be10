//! What a person should know: failures, what was not read, and oddities.

use super::Session;
use super::artifact::Status;
use super::changes::Changes;
use super::work::Stage;
use crate::cache::Cache;
use crate::embed::EmbedderChoice;
use crate::message::{Level, Message, Topic, count, grouped};
use crate::text::{Corpus, Document, Language, LeftOut};

/// From this share on, documents in other languages are a warning.
const FOREIGN_SHARE: f64 = 0.1;

/// A model of the same make for fifty languages, on the hub.
pub const MULTILINGUAL_MODEL: &str = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2";

/// What the messages were made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagesKey {
    corpus: Option<u64>,
    imported: Option<u64>,
    failed: Vec<bool>,
    n_notices: usize,
    with_hidden: bool,
    model: EmbedderChoice,
}

impl Session {
    /// All there is to know now, the gravest first.
    pub fn messages(&self) -> Vec<Message> {
        let notices = self.tools.cache.iter().flat_map(Cache::notices);
        let notices = notices.map(|notice| Message::new(Level::Warning, notice));
        self.problems()
            .chain(notices)
            .chain(self.reading_messages())
            .chain(self.import_message())
            .chain(self.other_model())
            .collect()
    }

    /// What stands in the way of seeing anything; cheap enough for every frame.
    pub fn problems(&self) -> impl Iterator<Item = Message> {
        let failed = Stage::ALL
            .iter()
            .filter_map(|stage| match self.status(*stage) {
                Status::Failed(_, message) => Some(message.clone()),
                _ => None,
            });
        failed.chain(self.nothing_read())
    }

    /// Differs when the messages do; to be compared every frame, as they are not to be made.
    pub fn messages_key(&self) -> MessagesKey {
        let failed = Stage::ALL
            .iter()
            .map(|stage| matches!(self.status(*stage), Status::Failed(..)));
        MessagesKey {
            corpus: self.revision(Stage::Corpus),
            imported: self
                .own_vectors()
                .and_then(|_| self.revision(Stage::Embedding)),
            failed: failed.collect(),
            n_notices: self
                .tools
                .cache
                .as_ref()
                .map_or(0, |cache| cache.notices().len()),
            with_hidden: self.settings.read.with_hidden,
            model: self.settings.model.clone(),
        }
    }

    /// That another model than the built-in one is in use, so that there is a way back.
    fn other_model(&self) -> Option<Message> {
        if self.own_vectors().is_some() {
            return None;
        }
        let name = match &self.settings.model {
            EmbedderChoice::Bundled => return None,
            EmbedderChoice::Folder(folder) => folder.display().to_string(),
            EmbedderChoice::Hub(name) => name.clone(),
            #[cfg(feature = "cloud")]
            EmbedderChoice::Remote(rule) => {
                let summary = format!("Texts are sent to {}", rule.destination);
                return Some(Message::new(Level::Warning, summary).about(Topic::Model));
            }
        };
        let summary = format!("The model is {name}");
        Some(Message::new(Level::Info, summary).about(Topic::Model))
    }

    /// Why there is nothing to see although something was opened.
    fn nothing_read(&self) -> Option<Message> {
        let corpus = self.corpus()?;
        if !corpus.documents.is_empty() || self.inputs().is_empty() || corpus.crowd.is_some() {
            return None;
        }
        let summary = if corpus.skipped.is_empty() {
            "There are no files here. Choose another folder, or drop files on the window."
        } else {
            "None of the files here could be read. The reasons are listed."
        };
        Some(Message::new(Level::Error, summary))
    }

    /// Whether the tokens that are counted are all there were, or what was left out on purpose.
    pub fn how_read(&self) -> String {
        match self.boilerplate() {
            Some(found) if self.settings.without_boilerplate => {
                let n = count(found.sentences.len(), "repeated sentence");
                format!("without {n}")
            }
            _ => "all read".into(),
        }
    }

    /// What there is to know of what was read: what was not, and why, first.
    pub fn reading_messages(&self) -> Vec<Message> {
        let Some(corpus) = self.corpus() else {
            return Vec::new();
        };
        [
            skipped(corpus),
            foreign_languages(corpus),
            notes(corpus),
            left_out(corpus.left_out),
            self.settings.read.with_hidden.then(hidden_read),
            copies(corpus),
            self.changes.as_ref().map(Changes::message),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn skipped(corpus: &Corpus) -> Option<Message> {
    let n = corpus.skipped.len();
    let lines = corpus.skipped.iter().map(ToString::to_string).collect();
    let summary = format!("{} could not be read", skipped_count(n));
    let message = Message::new(Level::Warning, summary).with_details(lines);
    (n > 0).then_some(message.about(Topic::Skipped))
}

/// The built-in model reads English.
fn foreign_languages(corpus: &Corpus) -> Option<Message> {
    let foreign = Foreign::of(corpus)?;
    let (level, advice) = if foreign.is_many {
        let advice = "; the built-in model was trained on English and places them badly";
        (Level::Warning, advice)
    } else {
        (Level::Info, "")
    };
    let summary = format!(
        "{} of {} are in other languages than English{advice}",
        grouped(foreign.n_documents),
        count(corpus.documents.len(), "document")
    );
    let line = |(name, n): &(&str, usize)| format!("{name}: {}", grouped(*n));
    let lines = foreign.languages.iter().map(line).collect();
    let message = Message::new(level, summary).with_details(lines);
    Some(message.about(Topic::Languages))
}

/// Documents in other languages than English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// How many.
    pub n_documents: usize,
    /// Whether they are so many that the model matters.
    pub is_many: bool,
    languages: Vec<(&'static str, usize)>,
}

impl Foreign {
    /// Those of a corpus, if there are any.
    pub(super) fn of(corpus: &Corpus) -> Option<Self> {
        let named = |(language, n): (Option<Language>, usize)| {
            Some((language.filter(|known| !known.is_english())?.name, n))
        };
        let languages: Vec<_> = corpus.languages().into_iter().filter_map(named).collect();
        let n_documents: usize = languages.iter().map(|(_, n)| n).sum();
        (n_documents > 0).then_some(Self {
            n_documents,
            is_many: n_documents as f64 >= FOREIGN_SHARE * corpus.documents.len() as f64,
            languages,
        })
    }
}

fn notes(corpus: &Corpus) -> Option<Message> {
    let summary = count(corpus.notes.len(), "note") + " about what was read";
    let message = Message::new(Level::Info, summary).with_details(corpus.notes.clone());
    (!corpus.notes.is_empty()).then_some(message)
}

fn left_out(left_out: LeftOut) -> Option<Message> {
    let parts = [
        (left_out.hidden, "hidden"),
        (
            left_out.ignored,
            "named by a .gitignore, or made by a package manager",
        ),
        (left_out.links, "links, which are not followed"),
    ];
    let n: usize = parts.iter().map(|(n, _)| n).sum();
    let told = parts.iter().filter(|(n, _)| *n > 0);
    let lines = told
        .map(|(n, why)| format!("{} {why}", grouped(*n)))
        .collect();
    let summary = match n {
        1 => "1 file or folder was left out".into(),
        n => format!("{} files and folders were left out", grouped(n)),
    };
    let message = Message::new(Level::Info, summary).with_details(lines);
    (n > 0).then_some(message.about(Topic::LeftOut))
}

fn hidden_read() -> Message {
    let summary = "Hidden and ignored files are read too";
    Message::new(Level::Info, summary).about(Topic::HiddenRead)
}

fn copies(corpus: &Corpus) -> Option<Message> {
    let summary = match corpus.n_copies() {
        0 => return None,
        1 => "1 file has exactly the text of another, and is shown as one with it".into(),
        n => format!(
            "{} files have exactly the text of another, and are shown as one with it",
            grouped(n)
        ),
    };
    let line = |document: &Document| {
        let same = [&document.source].into_iter().chain(&document.copies);
        same.map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" = ")
    };
    let with_copies = corpus
        .documents
        .iter()
        .filter(|document| !document.copies.is_empty());
    Some(Message::new(Level::Info, summary).with_details(with_copies.map(line).collect()))
}

/// `1 file or row`, `3 files or rows`.
pub fn skipped_count(n: usize) -> String {
    if n == 1 {
        "1 file or row".into()
    } else {
        format!("{} files or rows", grouped(n))
    }
}
