//! Documents become passages.

use super::boilerplate::Boilerplate;
use crate::embed::Embedder;
use crate::progress::{Cancelled, Progress};
use crate::text::{Corpus, Passages, passages};

/// Splits every document into passages that the model can read at once, with `without` left out.
pub fn split(
    corpus: &Corpus,
    without: Option<&Boilerplate>,
    model: &dyn Embedder,
    progress: &Progress,
) -> Result<Passages, Cancelled> {
    progress.step("Splitting", corpus.documents.len());
    let mut out = Passages::default();
    let n_tokens = |text: &str| model.n_tokens(text);
    for (index, document) in corpus.documents.iter().enumerate() {
        let text = &document.text;
        let whole = || std::iter::once(0..text.len()).collect();
        let kept: Vec<_> = without.map_or_else(whole, |found| found.kept(index, text.len()));
        let mut found = Vec::new();
        for part in kept {
            let of_part = passages(&text[part.clone()], model.max_text_tokens(), &n_tokens);
            let shifted =
                |range: std::ops::Range<usize>| range.start + part.start..range.end + part.start;
            found.extend(of_part.into_iter().map(|(range, n)| (shifted(range), n)));
        }
        out.push_document(found);
        progress.advance(1)?;
    }
    Ok(out)
}
