//! The documents with their vectors, and the items that views show of them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, Axis};

use super::settings::Level;
use crate::embed::{EmbedError, Embedder, Known, Reuse, embed_cached};
use crate::progress::Progress;
use crate::text::{Corpus, Document, Field, Passages, fields};
use crate::vectors::{Embeddings, ModelTag};

/// A corpus and the vectors of its passages and documents: rows and texts that belong together.
#[derive(Debug)]
pub struct Embedded {
    /// The documents.
    pub corpus: Arc<Corpus>,
    /// Their passages.
    pub passages: Arc<Passages>,
    /// Which model made the vectors.
    pub tag: ModelTag,
    /// One row per passage.
    pub passage_vectors: Embeddings,
    /// One row per document.
    pub document_vectors: Embeddings,
    /// How many texts the model had to read.
    pub reuse: Reuse,
    /// What was found odd about vectors that came from elsewhere, one phrase each.
    pub notes: Vec<String>,
    /// Columns that documents have besides their text.
    pub fields: Vec<Field>,
}

impl Embedded {
    /// Embeds every passage, and joins them into document vectors.
    ///
    /// # Errors
    /// As [`Embedder::embed`].
    pub fn new(
        corpus: Arc<Corpus>,
        passages: Arc<Passages>,
        embedder: &dyn Embedder,
        known: Known<'_>,
        progress: &Progress,
    ) -> Result<Self, EmbedError> {
        let texts: Vec<&str> = passages
            .list
            .iter()
            .map(|passage| &corpus.documents[passage.document].text[passage.range.clone()])
            .collect();
        let (rows, reuse) = embed_cached(embedder, known, &texts, progress)?;
        let passage_vectors = Embeddings::normalized(rows);
        let document_vectors = document_vectors(&passages, &passage_vectors);
        Ok(Self {
            fields: fields(&corpus.documents),
            corpus,
            passages,
            tag: embedder.tag().clone(),
            passage_vectors,
            document_vectors,
            reuse,
            notes: Vec::new(),
        })
    }
}

/// The length-1 sum of each document's passage vectors weighted by their token counts, so that a
/// document's vector is linear in its passages and the reasons for a score add up.
pub fn document_vectors(passages: &Passages, vectors: &Embeddings) -> Embeddings {
    let mut rows = Array2::zeros((passages.of_document.len(), vectors.dim()));
    for (mut row, of_document) in rows.axis_iter_mut(Axis(0)).zip(&passages.of_document) {
        for passage in of_document.clone() {
            let weight = passages.list[passage].n_tokens.max(1) as f32;
            row.scaled_add(weight, &vectors.row(passage));
        }
    }
    Embeddings::normalized(rows)
}

/// Documents or passages, as the level says: what rows of matrices and points on maps stand for.
#[derive(Clone, Copy)]
pub struct Items<'a> {
    embedded: &'a Arc<Embedded>,
    level: Level,
}

impl<'a> Items<'a> {
    /// The items of a level.
    pub fn new(embedded: &'a Arc<Embedded>, level: Level) -> Self {
        Self { embedded, level }
    }

    /// What they are items of.
    pub fn embedded(&self) -> &'a Arc<Embedded> {
        self.embedded
    }

    /// Documents or passages.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Number of items.
    pub fn n(&self) -> usize {
        self.embeddings().n()
    }

    /// One row per item.
    pub fn embeddings(&self) -> &'a Embeddings {
        match self.level {
            Level::Documents => &self.embedded.document_vectors,
            Level::Passages => &self.embedded.passage_vectors,
        }
    }

    /// The document that an item is, or is part of.
    pub fn document(&self, item: usize) -> &'a Document {
        &self.embedded.corpus.documents[self.document_index(item)]
    }

    fn document_index(&self, item: usize) -> usize {
        match self.level {
            Level::Documents => item,
            Level::Passages => self.embedded.passages.list[item].document,
        }
    }

    /// The passages that an item consists of.
    pub fn passages_of(&self, item: usize) -> Range<usize> {
        match self.level {
            Level::Documents => self.embedded.passages.of_document[item].clone(),
            Level::Passages => item..item + 1,
        }
    }

    /// The item that a passage is, or is part of.
    pub fn item_of_passage(&self, passage: usize) -> usize {
        match self.level {
            Level::Documents => self.embedded.passages.list[passage].document,
            Level::Passages => passage,
        }
    }

    /// A name for people; a passage is numbered within its document.
    pub fn title(&self, item: usize) -> Cow<'a, str> {
        let title = &self.document(item).title;
        match self.level {
            Level::Documents => Cow::Borrowed(title),
            Level::Passages => {
                let of_document = &self.embedded.passages.of_document[self.document_index(item)];
                let (at, n) = (item - of_document.start + 1, of_document.len());
                if n == 1 {
                    Cow::Borrowed(title)
                } else {
                    Cow::Owned(format!("{title} · {at} of {n}"))
                }
            }
        }
    }

    /// The text of an item.
    pub fn text(&self, item: usize) -> &'a str {
        let text = &self.document(item).text;
        match self.level {
            Level::Documents => text,
            Level::Passages => &text[self.embedded.passages.list[item].range.clone()],
        }
    }

    /// Tokens of an item's text; all of them were read.
    pub fn n_tokens(&self, item: usize) -> usize {
        self.passages_of(item)
            .map(|passage| self.embedded.passages.list[passage].n_tokens)
            .sum()
    }
}
