//! The model: T5's layers, positions of three levels, and attention that follows the document.
//!
//! After He, Flicke, Buchmann, Gurevych and Geiger 2024, "HDT: Hierarchical Document Transformer",
//! and the code published with it. There is no padding: nothing in the model looks at it.
//!
//! Rows are computed in blocks of fixed size, each by one thread, so the bits do not depend on the
//! number of threads, nor on whether a document has them to itself.

use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

use super::attention::{Heads, attention};
use super::config::Config;
use super::layout::{Group, Layout};
use super::product::product;
use crate::progress::{Cancelled, Progress};

/// Tokens that go through a linear layer together.
const BLOCK_ROWS: usize = 128;
/// The longest wave of a position, in units of 2π.
const LONGEST_WAVE: f64 = 10_000.0;

/// Who works on one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// The thread that asks: for many documents at a time.
    One,
    /// As many as there are.
    All,
}

impl Threads {
    /// Pieces of work that one thread takes at least.
    fn min_len(self) -> usize {
        match self {
            Self::One => usize::MAX,
            Self::All => 1,
        }
    }
}

/// A loaded model.
pub struct Model {
    /// Its sizes.
    pub config: Config,
    /// Vectors of the vocabulary, shape `(words, d)`.
    pub words: Array2<f32>,
    /// How much a position counts beside a word.
    pub position_scale: f32,
    /// Behind words and positions.
    pub embedding_norm: Norm,
    /// Bottom to top.
    pub layers: Vec<Layer>,
    /// Behind the last layer.
    pub final_norm: Norm,
    /// From the first token to the document's vector.
    pub pooler: Linear,
    /// The only bias there is.
    pub pooler_bias: Vec<f32>,
}

/// One layer: attention, then a feed-forward part, each behind its norm.
pub struct Layer {
    /// Before attention.
    pub attention_norm: Norm,
    /// To queries, keys and values.
    pub qkv: Linear,
    /// From all heads.
    pub output: Linear,
    /// Before the feed-forward part.
    pub forward_norm: Norm,
    /// Into it.
    pub widen: Linear,
    /// Out of it.
    pub narrow: Linear,
}

/// A linear layer without a bias: weights of shape `(n_out, n_in)`.
pub struct Linear(pub Array2<f32>);

/// T5's norm: it scales, but takes no mean away.
pub struct Norm {
    /// What each number is multiplied by.
    pub weight: Vec<f32>,
    /// Added to the mean square.
    pub epsilon: f64,
}

impl Model {
    /// Token vectors behind the last norm, shape `(tokens, d)`.
    ///
    /// Every id must be one of the vocabulary's.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped; checked once per layer.
    pub fn hidden(
        &self,
        layout: &Layout,
        threads: Threads,
        progress: &Progress,
    ) -> Result<Array2<f32>, Cancelled> {
        let groups = layout.groups();
        let mut x = self.embedding_norm.apply(&self.embedded(layout));
        for layer in &self.layers {
            progress.check()?;
            layer.apply(&mut x, &groups, self.config, threads);
        }
        let hidden = self.final_norm.apply(&x);
        let shape = (layout.n_tokens(), self.config.d);
        Ok(Array2::from_shape_vec(shape, hidden).expect("every layer keeps the shape"))
    }

    /// A document's vector, shape `(d,)`, from its token vectors.
    pub fn pooled(&self, hidden: &Array2<f32>) -> Array1<f32> {
        let first = hidden.row(0).to_vec();
        let sums = self.pooler.apply(&first);
        let numbers = sums.iter().zip(&self.pooler_bias);
        numbers.map(|(x, bias)| (x + bias).tanh()).collect()
    }

    /// Words and positions, shape `(tokens, d)`.
    fn embedded(&self, layout: &Layout) -> Vec<f32> {
        let d = self.config.d;
        let largest = layout.positions.iter().flatten().max();
        let waves = waves(1 + largest.copied().unwrap_or(0) as usize, d);
        let mut out = Vec::with_capacity(layout.n_tokens() * d);
        for (id, positions) in layout.ids.iter().zip(&layout.positions) {
            let [token, sentence, section] =
                positions.map(|position| &waves[position as usize * d..][..d]);
            for (i, word) in self.words.row(*id as usize).iter().enumerate() {
                out.push(word + self.position_scale * (token[i] + sentence[i] + section[i]));
            }
        }
        out
    }
}

/// Sines and cosines by turns, of ever slower waves, for each position: shape `(n, d)`.
fn waves(n: usize, d: usize) -> Vec<f32> {
    let lengths = (0..d / 2).map(|pair| LONGEST_WAVE.powf(2.0 * pair as f64 / d as f64));
    let lengths: Vec<f64> = lengths.collect();
    let mut out = Vec::with_capacity(n * d);
    for position in 0..n {
        for length in &lengths {
            let (sine, cosine) = (position as f64 / length).sin_cos();
            out.extend([sine as f32, cosine as f32]);
        }
    }
    out
}

impl Layer {
    /// Changes token vectors `x`, shape `(tokens, d)`, into those of the next layer.
    fn apply(&self, x: &mut [f32], groups: &[Group], config: Config, threads: Threads) {
        let (d, d_heads, d_head) = (config.d, config.d_heads(), config.d_head);
        let (n_tokens, min_len) = (x.len() / d, threads.min_len());
        let mut qkv = vec![0.0; n_tokens * 3 * d_heads];
        qkv.par_chunks_mut(BLOCK_ROWS * 3 * d_heads)
            .zip(x.par_chunks(BLOCK_ROWS * d))
            .with_min_len(min_len)
            .for_each(|(qkv, x)| self.qkv.apply_to(&self.attention_norm.apply(x), qkv));
        let heads = Heads {
            n: config.n_heads,
            d: d_head,
        };
        let attended = attention(rows(&qkv, 3 * d_heads), heads, groups, min_len);
        x.par_chunks_mut(BLOCK_ROWS * d)
            .enumerate()
            .with_min_len(min_len)
            .for_each(|(block, x)| {
                // Head by head before, token by token now.
                let mut taken = Vec::with_capacity(x.len() / d * d_heads);
                for token in block * BLOCK_ROWS..block * BLOCK_ROWS + x.len() / d {
                    for head in 0..config.n_heads {
                        let start = (head * n_tokens + token) * d_head;
                        taken.extend_from_slice(&attended[start..start + d_head]);
                    }
                }
                add(x, &self.output.apply(&taken));
                let mut inner = self.widen.apply(&self.forward_norm.apply(x));
                for x in &mut inner {
                    *x = x.max(0.0);
                }
                add(x, &self.narrow.apply(&inner));
            });
    }
}

impl Linear {
    /// Shape `(tokens, n_out)` for `x` of shape `(tokens, n_in)`.
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let (n_out, n_in) = self.0.dim();
        let mut out = vec![0.0; x.len() / n_in * n_out];
        self.apply_to(x, &mut out);
        out
    }

    fn apply_to(&self, x: &[f32], out: &mut [f32]) {
        product(rows(x, self.0.ncols()), self.0.t(), out);
    }
}

impl Norm {
    /// Gives each row of `x` a mean square of 1, times the weights.
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let d = self.weight.len();
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(d) {
            let squares: f64 = row.iter().map(|x| f64::from(*x).powi(2)).sum();
            let scale = 1.0 / (squares / d as f64 + self.epsilon).sqrt();
            let scaled = row.iter().zip(&self.weight);
            out.extend(scaled.map(|(x, weight)| weight * (x * scale as f32)));
        }
        out
    }
}

fn add(to: &mut [f32], numbers: &[f32]) {
    to.iter_mut().zip(numbers).for_each(|(x, y)| *x += y);
}

fn rows(numbers: &[f32], n_columns: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((numbers.len() / n_columns, n_columns), numbers)
        .expect("rows of that length fill the slice")
}
