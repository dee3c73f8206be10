//! Token ids become one vector per text.

use std::ops::Range;

use super::distances::Distances;
use super::isa::{Isa, Vector};
use super::layer::{Layer, Norm, Scratch, Shape, layer};
use super::math::add;
use super::table::Table;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Pooling;

/// A loaded model, laid out for one instruction set.
pub struct Encoder<I: Isa> {
    pub shape: Shape,
    pub pooling: Pooling,
    /// Vectors of the vocabulary, `(n_vocabulary, d)`.
    pub words: Table,
    /// Vectors of the places, `(n_places, d)`, that of the only token type added.
    pub places: Vec<f32>,
    pub norm: Norm,
    /// What distances add to scores, the same in all layers; in some models.
    pub distances: Option<Distances>,
    pub layers: Vec<Layer<I>>,
}

/// Texts that one thread takes through all layers together, as token ids behind each other.
#[derive(Debug, Clone, Default)]
pub struct Group {
    ids: Vec<u32>,
    ends: Vec<usize>,
}

impl Group {
    pub fn clear(&mut self) {
        self.ids.clear();
        self.ends.clear();
    }

    pub fn push(&mut self, ids: &[u32]) {
        self.ids.extend_from_slice(ids);
        self.ends.push(self.ids.len());
    }

    pub fn n_tokens(&self) -> usize {
        self.ids.len()
    }

    /// Where each text lies.
    #[inline(always)]
    pub fn texts(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| start..*end)
    }

    /// Tokens of the longest text.
    pub fn longest(&self) -> usize {
        self.texts().map(|text| text.len()).max().unwrap_or(0)
    }
}

impl<I: Isa> Encoder<I> {
    /// One row of `out` per text, shape `(n_texts, d)`, not normalized.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped, checked before each layer.
    #[inline(always)]
    pub fn forward(
        &self,
        group: &Group,
        scratch: &mut Scratch<I>,
        progress: &Progress,
        out: &mut [f32],
    ) -> Result<(), Cancelled> {
        let d = self.shape.hidden_size;
        scratch.fit(&self.shape, group);
        for text in group.texts() {
            let start = text.start;
            for token in text {
                let row = &mut scratch.x[token * d..][..d];
                self.words.read(group.ids[token], row);
                let place = &self.places[(token - start) * d..][..d];
                add::<I::Vector>(row, place);
            }
        }
        self.norm.apply::<I>(
            &self.shape,
            group.n_tokens(),
            &mut scratch.x,
            &mut scratch.x_read,
        );
        for weights in &self.layers {
            progress.check()?;
            layer(
                weights,
                &self.shape,
                self.distances.as_ref(),
                group,
                scratch,
            );
        }
        for (index, text) in group.texts().enumerate() {
            let tokens = &scratch.x[text.start * d..text.end * d];
            pool::<I>(tokens, self.pooling, &mut out[index * d..][..d]);
        }
        Ok(())
    }
}

/// Joins token vectors of shape `(tokens, d)` into `out`, shape `(d)`.
#[inline(always)]
fn pool<I: Isa>(tokens: &[f32], pooling: Pooling, out: &mut [f32]) {
    let (d, lanes) = (out.len(), I::Vector::LANES);
    let n = tokens.len() / d;
    if n == 0 {
        // A tokenizer without special tokens, and an empty text.
        return out.fill(0.0);
    }
    out.copy_from_slice(&tokens[..d]);
    match pooling {
        Pooling::Cls => {}
        Pooling::Mean => {
            for token in 1..n {
                add::<I::Vector>(out, &tokens[token * d..][..d]);
            }
            for x in out.iter_mut() {
                *x /= n as f32;
            }
        }
        Pooling::Max => {
            for token in 1..n {
                for part in 0..d / lanes {
                    let out = &mut out[part * lanes..];
                    let token = I::Vector::load(&tokens[token * d + part * lanes..]);
                    I::Vector::load(out).at_least(token).store(out);
                }
            }
        }
    }
}
