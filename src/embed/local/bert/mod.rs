//! The fused encoder: BERT-family models on the processor, as fast as it can.
//!
//! Texts are packed behind each other without padding, and one thread takes a group of them through
//! all layers, so that nothing waits inside a layer. Weights are laid out once, for the instruction
//! set that runs ([`cpu`]). Bias, GELU, residual, layer norm and softmax happen in passes over
//! numbers that the product before has left in the cache.
//!
//! Read [`layer`] first, which is BERT top to bottom; then [`linear`] and [`attention`], which it
//! calls; then [`isa`], what differs between processors; [`encoder`] is the loop over layers and
//! [`weights`] what fills it.
//!
//! Why there is no 8-bit path: it is wrong. With one scale per token and per output channel the
//! lowest cosine over the golden texts is 0.980 (simulated), since a few channels carry numbers 20
//! times as large as the rest. What holds 0.999 keeps 32 channels and the last product in 16 bits
//! and would save 30 % of the products at best; these are about half of the time in 16 bits, so all
//! of it would be 1.2 times as fast at most, before any time for rounding to 8 bits.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

mod attention;
mod buffer;
pub mod cpu;
mod distances;
mod encoder;
mod isa;
mod layer;
mod linear;
mod math;
pub mod measuring;
mod plan;
mod table;
mod weights;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use self::cpu::InstructionSet;
use self::encoder::{Encoder, Group};
use self::isa::Isa;
use self::layer::Scratch;
pub use self::plan::Plan;
use self::weights::WeightsError;
use super::files::{FilesError, ModelFiles};
use super::tokenize::TextTokenizer;
use crate::embed::{Each, EmbedError, Embedder, TokenVectors};
use crate::progress::{Cancelled, Progress};
use crate::vectors::{ModelTag, Pooling, Precision, normalize};

/// Bytes of text that a thread takes at a time: some 450 tokens of English. With 16-bit weights twice
/// as many leave the second cache, 10 % slower.
const GROUP_BYTES: usize = 2048;
/// The same for 32-bit weights: half as many read them twice as often, 5 % slower.
const GROUP_BYTES_F32: usize = 4096;
/// What a text costs beyond its bytes, in bytes: it has two special tokens.
const TEXT_BYTES: usize = 8;

/// A loaded model.
pub struct FusedBert {
    tag: ModelTag,
    tokenizer: TextTokenizer,
    encoder: Box<dyn Encode>,
    set: InstructionSet,
    normalizes: bool,
}

impl FusedBert {
    /// Lays out the weights for an instruction set, which must be among
    /// [`InstructionSet::available`].
    ///
    /// # Errors
    /// [`FilesError::Invalid`] when the weights do not fit the configuration.
    pub fn new(files: ModelFiles, plan: &Plan, set: InstructionSet) -> Result<Self, FilesError> {
        assert!(
            InstructionSet::available().contains(&set),
            "{set} can run here"
        );
        let precision = if set.is_bf16() {
            Precision::Bf16
        } else {
            Precision::F32
        };
        let tag = files.tag(plan.shape.hidden_size, precision);
        // Neither needs the other.
        let (tokenizer, encoder) = rayon::join(
            || TextTokenizer::new(&files.tokenizer, files.max_tokens),
            || encode_on(set, files.weights, plan),
        );
        let encoder = encoder.map_err(|error| FilesError::Invalid {
            file: "model.safetensors",
            reason: error.to_string(),
        })?;
        Ok(Self {
            tag,
            tokenizer: tokenizer?,
            encoder,
            set,
            normalizes: files.normalizes,
        })
    }

    fn push(&self, group: &mut Group, ids: &[u32]) -> Result<(), EmbedError> {
        if ids.iter().any(|id| *id as usize >= self.encoder.n_words()) {
            return Err(EmbedError::Vocabulary);
        }
        group.push(ids);
        Ok(())
    }

    /// Takes texts from the queue and embeds them until none is left.
    fn work(
        &self,
        texts: &[&str],
        queue: &Queue,
        progress: &Progress,
        each: &Each<'_>,
    ) -> Result<(), EmbedError> {
        let d = self.tag.dimension;
        let mut worker = self.encoder.worker();
        let (mut group, mut rows) = (Group::default(), Vec::new());
        while let Some(batch) = queue.take(texts) {
            group.clear();
            for text in &texts[batch.clone()] {
                self.push(&mut group, &self.tokenizer.ids(text)?)?;
            }
            rows.resize(batch.len() * d, 0.0);
            worker.forward(&group, progress, &mut rows)?;
            if self.normalizes {
                rows.chunks_exact_mut(d)
                    .for_each(|row| normalize(row.into()));
            }
            let vectors = ArrayView2::from_shape((batch.len(), d), &rows);
            let indices: Vec<usize> = batch.collect();
            each(&indices, vectors.expect("rows were resized to this shape"));
            progress.advance(indices.len())?;
        }
        Ok(())
    }
}

impl Embedder for FusedBert {
    fn tag(&self) -> &ModelTag {
        &self.tag
    }

    fn summary(&self) -> String {
        let precision = if self.set.is_bf16() { "bf16" } else { "f32" };
        format!("{} · {}, {precision}", self.tag.model_id, self.set)
    }

    fn n_tokens(&self, text: &str) -> usize {
        self.tokenizer.n_tokens(text)
    }

    fn max_text_tokens(&self) -> usize {
        self.tag.max_tokens - self.tokenizer.n_special()
    }

    fn embed_each(
        &self,
        texts: &[&str],
        progress: &Progress,
        each: &Each<'_>,
    ) -> Result<(), EmbedError> {
        progress.step("Embedding", texts.len());
        let n_threads = rayon::current_num_threads();
        let group_bytes = if self.set.is_bf16() {
            GROUP_BYTES
        } else {
            GROUP_BYTES_F32
        };
        let queue = Queue::new(texts, n_threads, group_bytes);
        // While one thread tokenizes, the others encode.
        (0..n_threads).into_par_iter().try_for_each(|_| {
            let done = self.work(texts, &queue, progress, each);
            if done.is_err() {
                queue.end(texts);
            }
            done
        })
    }

    fn tokens(&self, text: &str, progress: &Progress) -> Result<Option<TokenVectors>, EmbedError> {
        if self.tag.pooling != Pooling::Mean {
            return Ok(None);
        }
        let (ids, ranges) = self.tokenizer.ids_and_ranges(text)?;
        let mut group = Group::default();
        self.push(&mut group, &ids)?;
        let mut worker = self.encoder.worker();
        let d = self.tag.dimension;
        worker.forward(&group, progress, &mut vec![0.0; d])?;
        let rows = worker.tokens()[..ids.len() * d].to_vec();
        let vectors = Array2::from_shape_vec((ids.len(), d), rows).expect("the slice is as long");
        Ok(Some(TokenVectors { vectors, ranges }))
    }
}

/// Texts still to be embedded, handed out in their order.
struct Queue {
    n_threads: usize,
    group_bytes: usize,
    /// The next text, and the bytes from there on.
    left: Mutex<(usize, usize)>,
}

impl Queue {
    fn new(texts: &[&str], n_threads: usize, group_bytes: usize) -> Self {
        let n_bytes = texts.iter().map(|text| text.len() + TEXT_BYTES).sum();
        Self {
            n_threads,
            group_bytes,
            left: Mutex::new((0, n_bytes)),
        }
    }

    /// Texts for one group: less and less towards the end, so that all threads end together. One
    /// thread alone waits for no other.
    fn take(&self, texts: &[&str]) -> Option<Range<usize>> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, n_bytes) = *left;
        let most = match self.n_threads {
            1 => self.group_bytes,
            n => self.group_bytes.min(n_bytes / (2 * n)),
        };
        let (mut end, mut taken) = (start, 0);
        while end < texts.len() && (end == start || taken + texts[end].len() + TEXT_BYTES <= most) {
            taken += texts[end].len() + TEXT_BYTES;
            end += 1;
        }
        *left = (end, n_bytes - taken);
        (start < end).then_some(start..end)
    }

    /// Leaves nothing for the others.
    fn end(&self, texts: &[&str]) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = (texts.len(), 0);
    }
}

/// An [`Encoder`] for whichever instruction set.
trait Encode: Send + Sync {
    /// Words that it has vectors for.
    fn n_words(&self) -> usize;

    /// One thread's share of it.
    fn worker(&self) -> Box<dyn Worker + '_>;
}

/// An encoder and the memory that a thread works in.
trait Worker {
    /// As [`Encoder::forward`].
    fn forward(
        &mut self,
        group: &Group,
        progress: &Progress,
        out: &mut [f32],
    ) -> Result<(), Cancelled>;

    /// The token vectors that the last group was pooled from, shape `(n, d)`; behind them lies
    /// what is left of larger groups.
    fn tokens(&self) -> &[f32];
}

impl<I: Isa> Encode for Encoder<I> {
    fn n_words(&self) -> usize {
        self.words.n_rows()
    }

    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new((self, Scratch::new()))
    }
}

impl<I: Isa> Worker for (&Encoder<I>, Scratch<I>) {
    fn forward(
        &mut self,
        group: &Group,
        progress: &Progress,
        out: &mut [f32],
    ) -> Result<(), Cancelled> {
        I::forward(self.0, group, &mut self.1, progress, out)
    }

    fn tokens(&self) -> &[f32] {
        &self.1.x
    }
}

/// The one place where an instruction set becomes its code.
fn encode_on(
    set: InstructionSet,
    weights: Cow<'static, [u8]>,
    plan: &Plan,
) -> Result<Box<dyn Encode>, WeightsError> {
    fn on<I: Isa>(
        weights: Cow<'static, [u8]>,
        plan: &Plan,
    ) -> Result<Box<dyn Encode>, WeightsError> {
        Ok(Box::new(weights::encoder::<I>(weights, plan)?))
    }
    match set {
        InstructionSet::Portable => on::<isa::portable::Portable>(weights, plan),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 => on::<isa::avx2::Avx2>(weights, plan),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 => on::<isa::avx512::Avx512>(weights, plan),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512Bf16 => on::<isa::avx512_bf16::Avx512Bf16>(weights, plan),
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        InstructionSet::Amx => on::<isa::amx::Amx>(weights, plan),
        #[expect(unreachable_patterns, reason = "on some systems it can be reached")]
        _ => unreachable!("{set} is not available here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_handed_out_once_in_order_and_the_last_ones_to_all_threads() {
        let texts: Vec<String> = (0..200).map(|i| "x".repeat(i * 37 % 900)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for n_threads in [1, 2, 16] {
            let queue = Queue::new(&texts, n_threads, GROUP_BYTES);
            let taken: Vec<_> = std::iter::from_fn(|| queue.take(&texts)).collect();
            let all: Vec<usize> = taken.iter().cloned().flatten().collect();
            assert_eq!(all, (0..200).collect::<Vec<_>>());
            let bytes = |range: &Range<usize>| {
                texts[range.clone()]
                    .iter()
                    .map(|text| text.len())
                    .sum::<usize>()
            };
            assert!(
                taken
                    .iter()
                    .all(|range| range.len() == 1 || bytes(range) <= GROUP_BYTES)
            );
            assert!(n_threads == 1 || taken.last().unwrap().len() == 1);
        }
        assert_eq!(Queue::new(&[], 2, GROUP_BYTES).take(&[]), None);
    }
}
