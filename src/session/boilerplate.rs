//! Sentences that stand in many documents: letterheads, disclaimers, navigation. They make documents
//! look alike that are not; what is found here can be left out of the passages.

use std::ops::Range;

use crate::analysis::{RepeatedSentence, boilerplate};
use crate::progress::{Cancelled, Progress};
use crate::text::{Corpus, sentences};

/// What many documents share word for word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boilerplate {
    /// The sentences, those of most documents first.
    pub sentences: Vec<RepeatedSentence>,
    /// For each document where its own stand, as bytes of its text, in order.
    pub of_document: Vec<Vec<Range<usize>>>,
}

impl Boilerplate {
    /// Looks through all documents.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn find(corpus: &Corpus, progress: &Progress) -> Result<Self, Cancelled> {
        progress.step("Looking for repeated sentences", corpus.documents.len());
        let mut ranges = Vec::with_capacity(corpus.documents.len());
        for document in &corpus.documents {
            ranges.push(sentences(&document.text));
            progress.advance(1)?;
        }
        let texts: Vec<Vec<&str>> = corpus
            .documents
            .iter()
            .zip(&ranges)
            .map(|(document, ranges)| ranges.iter().map(|r| &document.text[r.clone()]).collect())
            .collect();
        let found = boilerplate(&texts);
        let own = |(document, places): (usize, &Vec<usize>)| {
            let ranges: &Vec<Range<usize>> = &ranges[document];
            places.iter().map(|at| ranges[*at].clone()).collect()
        };
        Ok(Self {
            of_document: found.of_document.iter().enumerate().map(own).collect(),
            sentences: found.sentences,
        })
    }

    /// Documents that hold any of it.
    pub fn n_documents(&self) -> usize {
        self.of_document
            .iter()
            .filter(|own| !own.is_empty())
            .count()
    }

    /// What is left of a document of `length` bytes; all of it when nothing would be left.
    pub fn kept(&self, document: usize, length: usize) -> Vec<Range<usize>> {
        let mut kept = Vec::new();
        let mut start = 0;
        for out in &self.of_document[document] {
            if start < out.start {
                kept.push(start..out.start);
            }
            start = out.end;
        }
        if start < length {
            kept.push(start..length);
        }
        if kept.is_empty() {
            kept.push(0..length);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_tiles_the_rest() {
        let found = Boilerplate {
            sentences: Vec::new(),
            of_document: vec![vec![0..4, 10..12], vec![], vec![0..9]],
        };
        let one = |range: Range<usize>| vec![range];
        assert_eq!(found.kept(0, 20), [4..10, 12..20]);
        assert_eq!(found.kept(0, 12), one(4..10));
        assert_eq!(found.kept(1, 5), one(0..5));
        assert_eq!(found.kept(2, 9), one(0..9));
        assert_eq!(found.n_documents(), 2);
    }
}
